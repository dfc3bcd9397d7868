/* Ranges of system addresses: one bitmap a region, a bit a page. What is mapped there is the callers' business. */
#include "kd.h"
#include "ke.h"
#include "mi.h"
#include "rtl.h"

static ULONG MiNonPagedPoolBitmap[MI_NONPAGED_POOL_PAGES / 32];
static ULONG MiSystemPteBitmap[MI_SYSTEM_PTE_PAGES / 32];
static ULONG MiDriverBitmap[MI_DRIVER_PAGES / 32];
static ULONG MiSpecialPoolBitmap[MI_SPECIAL_POOL_PAGES / 32];

MI_REGION MiNonPagedPoolRegion = {
	.Start = MI_NONPAGED_POOL_START,
	.PageCount = MI_NONPAGED_POOL_PAGES,
	.Bitmap = MiNonPagedPoolBitmap,
};
MI_REGION MiSystemPteRegion = {
	.Start = MI_SYSTEM_PTE_START,
	.PageCount = MI_SYSTEM_PTE_PAGES,
	.Bitmap = MiSystemPteBitmap,
};
MI_REGION MiDriverRegion = {
	.Start = MI_DRIVER_START,
	.PageCount = MI_DRIVER_PAGES,
	.NextFit = TRUE,
	.Bitmap = MiDriverBitmap,
};
MI_REGION MiSpecialPoolRegion = {
	.Start = MI_SPECIAL_POOL_START,
	.PageCount = MI_SPECIAL_POOL_PAGES,
	.NextFit = TRUE,
	.Bitmap = MiSpecialPoolBitmap,
};

PVOID MiReserveRange(PMI_REGION Region, SIZE_T PageCount)
{
	RTL_BITMAP Bitmap;
	ULONG Index = ~0u;
	KIRQL OldIrql;

	if (!PageCount || PageCount > Region->PageCount)
		return NULL;
	RtlInitializeBitMap(&Bitmap, Region->Bitmap, Region->PageCount);
	KeAcquireSpinLock(&Region->Lock, &OldIrql);
	Index = RtlFindClearBitsAndSet(&Bitmap, (ULONG)PageCount, Region->Hint);
	if (Index != ~0u) {
		Region->PagesInUse += (ULONG)PageCount;
		if (Region->NextFit || PageCount == 1)
			Region->Hint = Index + (ULONG)PageCount;
	}
	KeReleaseSpinLock(&Region->Lock, OldIrql);
	return Index == ~0u ? NULL : (PVOID)(Region->Start + (ULONG64)Index * PAGE_SIZE);
}

VOID MiReleaseRange(PMI_REGION Region, PVOID Address, SIZE_T PageCount)
{
	ULONG Index = (ULONG)(((ULONG64)Address - Region->Start) >> PAGE_SHIFT);
	RTL_BITMAP Bitmap;
	KIRQL OldIrql;

	RtlInitializeBitMap(&Bitmap, Region->Bitmap, Region->PageCount);
	KeAcquireSpinLock(&Region->Lock, &OldIrql);
	if (Index >= Region->PageCount || PageCount > Region->PageCount - Index || !RtlAreBitsSet(&Bitmap, Index, (ULONG)PageCount))
		KeBugCheckEx(MEMORY_MANAGEMENT, 0x1013, (ULONG_PTR)Address, PageCount, 0);
	RtlClearBits(&Bitmap, Index, (ULONG)PageCount);
	Region->PagesInUse -= (ULONG)PageCount;
	if (!Region->NextFit && Index < Region->Hint)
		Region->Hint = Index;
	KeReleaseSpinLock(&Region->Lock, OldIrql);
}
