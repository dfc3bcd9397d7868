/*
 * Memory of driver images. An unloaded image's pages are gone at once and its addresses come back only after the rest of the region
 * was used, so that whoever still runs or points there is found out.
 */
#include "ke.h"
#include "mi.h"

#define GUARD_PAGES 1 /* between images */

PVOID MiAllocateDriverImage(SIZE_T Size)
{
	SIZE_T PageCount = BYTES_TO_PAGES(Size);
	PVOID Range = MiReserveRange(&MiDriverRegion, PageCount + GUARD_PAGES);

	if (!Range)
		return NULL;
	if (!MiMapFreshPages(Range, PageCount, PAGE_READWRITE)) {
		MiReleaseRange(&MiDriverRegion, Range, PageCount + GUARD_PAGES);
		return NULL;
	}
	return Range;
}

VOID MiProtectDriverImage(PVOID Address, SIZE_T Size, ULONG Protect)
{
	PUCHAR Start = PAGE_ALIGN(Address);
	PUCHAR End = (PUCHAR)Address + Size;

	for (PUCHAR Page = Start; Page < End; Page += PAGE_SIZE)
		MiMapPage(Page, MiGetPteAddress(Page)->u.Hard.PageFrameNumber, Protect);
	KeFlushRangeTb(Start, BYTES_TO_PAGES(End - Start));
}

VOID MiFreeDriverImage(PVOID Base, SIZE_T Size)
{
	SIZE_T PageCount = BYTES_TO_PAGES(Size);

	MiUnmapFreePages(Base, PageCount);
	MiReleaseRange(&MiDriverRegion, Base, PageCount + GUARD_PAGES);
}
