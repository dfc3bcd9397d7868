/* Kernel stacks: KERNEL_STACK_SIZE bytes, committed whole, above a page that is never mapped, so that an overflow faults. */
#include "mi.h"

#define STACK_PAGES (KERNEL_STACK_SIZE / PAGE_SIZE)
#define GUARD_PAGES 1

PVOID MmCreateKernelStack(VOID)
{
	PUCHAR Range = MiReserveRange(&MiSystemPteRegion, STACK_PAGES + GUARD_PAGES);

	if (!Range)
		return NULL;
	if (!MiMapFreshPages(Range + GUARD_PAGES * PAGE_SIZE, STACK_PAGES, PAGE_READWRITE)) {
		MiReleaseRange(&MiSystemPteRegion, Range, STACK_PAGES + GUARD_PAGES);
		return NULL;
	}
	return Range + (STACK_PAGES + GUARD_PAGES) * PAGE_SIZE;
}

VOID MmDeleteKernelStack(PVOID StackBase)
{
	PUCHAR Range = (PUCHAR)StackBase - (STACK_PAGES + GUARD_PAGES) * PAGE_SIZE;

	MiUnmapFreePages(Range + GUARD_PAGES * PAGE_SIZE, STACK_PAGES);
	MiReleaseRange(&MiSystemPteRegion, Range, STACK_PAGES + GUARD_PAGES);
}
