/*
 * Pool allocations that start a page: the tracking table PoolBigPageTable (POOL_TRACKER_BIG_PAGES, an entry is unused while bit 0 of
 * Va is set) says what a page-aligned pool address is. Hashed by address, open addressing, doubled when three quarters full.
 */
#include "kd.h"
#include "ke.h"
#include "mi.h"
#include "rtl.h"

#define FIRST_TABLE_SIZE 1024
#define VA_FREE          1ULL

PPOOL_TRACKER_BIG_PAGES PoolBigPageTable;
SIZE_T PoolBigPageTableSize;
static SIZE_T MiBigPagesLive, MiBigPagesTouched; /* entries in use; entries that ever were */

static SIZE_T MiHashBigPage(ULONG64 Va)
{
	return ((Va >> PAGE_SHIFT) * 0x9E3779B97F4A7C15ULL >> 32) & (PoolBigPageTableSize - 1);
}

static PVOID MiMapBig(SIZE_T PageCount)
{
	PVOID Range = MiReserveRange(&MiNonPagedPoolRegion, PageCount);

	if (Range && !MiMapFreshPages(Range, PageCount, PAGE_READWRITE)) {
		MiReleaseRange(&MiNonPagedPoolRegion, Range, PageCount);
		Range = NULL;
	}
	return Range;
}

static VOID MiUnmapBig(PVOID Range, SIZE_T PageCount)
{
	MiUnmapFreePages(Range, PageCount);
	MiReleaseRange(&MiNonPagedPoolRegion, Range, PageCount);
}

/* The lock is held. Entries that a probe must pass over once held something: they are rehashed away when the table grows. */
static PPOOL_TRACKER_BIG_PAGES MiFindBigPage(ULONG64 Va)
{
	SIZE_T Index = MiHashBigPage(Va);

	for (SIZE_T i = 0; i < PoolBigPageTableSize; i++) {
		PPOOL_TRACKER_BIG_PAGES Entry = &PoolBigPageTable[(Index + i) & (PoolBigPageTableSize - 1)];

		if (Entry->Va == Va)
			return Entry;
		if (Entry->Va == VA_FREE)
			return NULL;
	}
	return NULL;
}

static VOID MiInsertBigPage(const POOL_TRACKER_BIG_PAGES *New)
{
	SIZE_T Index = MiHashBigPage(New->Va);

	while (!(PoolBigPageTable[Index].Va & VA_FREE))
		Index = (Index + 1) & (PoolBigPageTableSize - 1);
	if (PoolBigPageTable[Index].Va == VA_FREE)
		MiBigPagesTouched++;
	MiBigPagesLive++;
	PoolBigPageTable[Index] = *New;
}

static VOID MiClearTable(PPOOL_TRACKER_BIG_PAGES Table, SIZE_T Size)
{
	for (SIZE_T i = 0; i < Size; i++)
		Table[i].Va = VA_FREE;
}

/* Replaces the table by New (Size entries), which the caller mapped; returns the old one for unmapping. */
static PVOID MiReplaceTable(PPOOL_TRACKER_BIG_PAGES New, SIZE_T Size, SIZE_T *OldSize)
{
	PPOOL_TRACKER_BIG_PAGES Old = PoolBigPageTable;

	*OldSize = PoolBigPageTableSize;
	MiClearTable(New, Size);
	PoolBigPageTable = New;
	PoolBigPageTableSize = Size;
	MiBigPagesLive = MiBigPagesTouched = 0;
	for (SIZE_T i = 0; i < *OldSize; i++) {
		if (!(Old[i].Va & VA_FREE))
			MiInsertBigPage(&Old[i]);
	}
	return Old;
}

/* Twice the size, or the same when most entries are only remains of freed blocks. */
static BOOLEAN MiGrowTable(VOID)
{
	SIZE_T Size = MiBigPagesLive > PoolBigPageTableSize / 2 ? PoolBigPageTableSize * 2 : PoolBigPageTableSize, OldSize;
	PPOOL_TRACKER_BIG_PAGES New = MiMapBig(BYTES_TO_PAGES(Size * sizeof(*New)));
	PVOID Old;
	KIRQL OldIrql;

	if (!New)
		return FALSE;
	KeAcquireSpinLock(&NonPagedPoolLock, &OldIrql);
	if (MiBigPagesLive >= Size / 4 * 3) {
		/* Others filled it meanwhile, and grew it too: their table has room. */
		Old = New;
		OldSize = Size;
	} else {
		Old = MiReplaceTable(New, Size, &OldSize);
	}
	KeReleaseSpinLock(&NonPagedPoolLock, OldIrql);
	MiUnmapBig(Old, BYTES_TO_PAGES(OldSize * sizeof(*New)));
	return TRUE;
}

BOOLEAN MiEnterBigPage(MI_POOL_KIND Kind, PVOID Range, ULONG PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
	POOL_TRACKER_BIG_PAGES Entry = { .Va = (ULONG64)Range, .Key = Tag, .PoolType = PoolType & 0xFFF, .NumberOfBytes = NumberOfBytes };
	SIZE_T PageCount = BYTES_TO_PAGES(NumberOfBytes);
	BOOLEAN Enabled;

	if (MiBigPagesTouched >= PoolBigPageTableSize / 4 * 3 && !MiGrowTable())
		return FALSE;
	Enabled = KiLockBriefly(&NonPagedPoolLock);
	MiInsertBigPage(&Entry);
	MiPoolUsage.Pages += PageCount;
	MiTrackPool(Tag, Kind, (LONG64)(PageCount * PAGE_SIZE));
	KiUnlockBriefly(&NonPagedPoolLock, Enabled);
	return TRUE;
}

BOOLEAN MiRemoveBigPage(PVOID Range, PVOID P, ULONG Tag, PPOOL_TRACKER_BIG_PAGES Removed)
{
	PPOOL_TRACKER_BIG_PAGES Entry;
	SIZE_T PageCount;
	BOOLEAN Enabled;

	Enabled = KiLockBriefly(&NonPagedPoolLock);
	Entry = MiFindBigPage((ULONG64)Range);
	if (!Entry) {
		KiUnlockBriefly(&NonPagedPoolLock, Enabled);
		return FALSE;
	}
	if ((Entry->Key & PROTECTED_POOL) && Tag && Tag != Entry->Key)
		KeBugCheckEx(BAD_POOL_CALLER, 0x0A, (ULONG_PTR)P, Entry->Key, Tag);
	*Removed = *Entry;
	PageCount = BYTES_TO_PAGES(Entry->NumberOfBytes);
	Entry->Va |= VA_FREE;
	MiBigPagesLive--;
	MiPoolUsage.Pages -= PageCount;
	MiTrackPool(Entry->Key, Entry->PoolType & POOL_TYPE_PAGED ? MiPagedPool : MiNonPagedPool, -(LONG64)(PageCount * PAGE_SIZE));
	KiUnlockBriefly(&NonPagedPoolLock, Enabled);
	return TRUE;
}

PVOID MiAllocateBigPool(MI_POOL_KIND Kind, ULONG PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
	SIZE_T Bytes = NumberOfBytes ? NumberOfBytes : 1;
	PVOID Range;

	if (NumberOfBytes > MI_NONPAGED_POOL_PAGES * PAGE_SIZE)
		return NULL;
	Range = MiMapBig(BYTES_TO_PAGES(Bytes));
	if (!Range)
		return NULL;
	if (!MiEnterBigPage(Kind, Range, PoolType, Bytes, Tag)) {
		MiUnmapBig(Range, BYTES_TO_PAGES(Bytes));
		return NULL;
	}
	return Range;
}

VOID MiFreeBigPool(PVOID P, ULONG Tag)
{
	POOL_TRACKER_BIG_PAGES Entry;

	if (!MiRemoveBigPage(P, P, Tag, &Entry))
		KeBugCheckEx(BAD_POOL_CALLER, 0x46, (ULONG_PTR)P, 0, 0);
	MiUnmapBig(P, BYTES_TO_PAGES(Entry.NumberOfBytes));
}

VOID MiInitializeBigPool(VOID)
{
	PPOOL_TRACKER_BIG_PAGES Table = MiMapBig(BYTES_TO_PAGES(FIRST_TABLE_SIZE * sizeof(*Table)));

	if (!Table)
		KeBugCheckEx(MEMORY_MANAGEMENT, 0x1016, 0, 0, 0);
	MiClearTable(Table, FIRST_TABLE_SIZE);
	PoolBigPageTable = Table;
	PoolBigPageTableSize = FIRST_TABLE_SIZE;
}
