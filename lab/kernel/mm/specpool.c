/*
 * Special pool: each block has pages of its own and ends where they end (a block of a page and more begins where they begin), the next
 * page is never mapped, and a freed block's pages go at once, their addresses not used again before the region's rest was. So an access
 * behind a block, or to a freed one, faults where it is made; what a write spoils of a block's own pages is found when it is freed.
 */
#include "kd.h"
#include "ke.h"
#include "mi.h"
#include "rtl.h"

#define OPTION      "impasse.special_pool" /* on the command line */
#define GUARD_PAGES 1
#define ALIGNMENT   16

/* First parameters of BAD_POOL_HEADER and KERNEL_MODE_HEAP_CORRUPTION, as debuggers explain them. */
#define POOL_DATA_BEHIND_BLOCK      0x21
#define HEAP_BUFFER_UNDERRUN        7
#define HEAP_BLOCK_NOT_BUSY         8
#define HEAP_INVALID_ARGUMENT       9
#define KERNEL_MODE_HEAP_CORRUPTION 0x13A

static BOOLEAN MiSpecialPool;

BOOLEAN MmIsSpecialPoolOn(VOID)
{
	return MiSpecialPool;
}

BOOLEAN MmIsSpecialPoolAddress(PVOID Address)
{
	return (ULONG64)Address - MI_SPECIAL_POOL_START < MI_SPECIAL_POOL_PAGES * PAGE_SIZE;
}

/* What fills a block's pages: new memory is not zero, and differs from page to page. */
static UCHAR MiPattern(PVOID Range)
{
	return (UCHAR)((ULONG64)Range >> PAGE_SHIFT | 1);
}

static PUCHAR MiBlockInRange(PUCHAR Range, ULONG PoolType, SIZE_T NumberOfBytes)
{
	if (NumberOfBytes >= PAGE_SIZE || (PoolType & POOL_TYPE_CACHE_ALIGNED))
		return Range;
	return Range + PAGE_SIZE - (NumberOfBytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

PVOID MiAllocateSpecialPool(MI_POOL_KIND Kind, ULONG PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
	SIZE_T Bytes = NumberOfBytes ? NumberOfBytes : 1, PageCount = BYTES_TO_PAGES(Bytes);
	PUCHAR Range = MiReserveRange(&MiSpecialPoolRegion, PageCount + GUARD_PAGES);

	if (!Range)
		return NULL;
	if (!MiMapFreshPages(Range, PageCount, PAGE_READWRITE)) {
		MiReleaseRange(&MiSpecialPoolRegion, Range, PageCount + GUARD_PAGES);
		return NULL;
	}
	memset(Range, MiPattern(Range), PageCount * PAGE_SIZE);
	if (!MiEnterBigPage(Kind, Range, PoolType, Bytes, Tag)) {
		MiUnmapFreePages(Range, PageCount);
		MiReleaseRange(&MiSpecialPoolRegion, Range, PageCount + GUARD_PAGES);
		return NULL;
	}
	return MiBlockInRange(Range, PoolType, Bytes);
}

/* The first byte of [From, To) that is not the pattern; NULL: all are. */
static PUCHAR MiFindSpoiled(PUCHAR From, PUCHAR To, UCHAR Pattern)
{
	for (; From < To; From++) {
		if (*From != Pattern)
			return From;
	}
	return NULL;
}

VOID MiFreeSpecialPool(PVOID P, ULONG Tag)
{
	PUCHAR Range = PAGE_ALIGN(P), Block, End, Spoiled;
	POOL_TRACKER_BIG_PAGES Entry;
	SIZE_T PageCount;

	if (!MiRemoveBigPage(Range, P, Tag, &Entry))
		KeBugCheckEx(KERNEL_MODE_HEAP_CORRUPTION, MmIsAddressValid(P) ? HEAP_INVALID_ARGUMENT : HEAP_BLOCK_NOT_BUSY, 0, (ULONG_PTR)P, 0);
	PageCount = BYTES_TO_PAGES(Entry.NumberOfBytes);
	Block = MiBlockInRange(Range, Entry.PoolType, Entry.NumberOfBytes);
	End = Block + Entry.NumberOfBytes;
	if (P != Block)
		KeBugCheckEx(KERNEL_MODE_HEAP_CORRUPTION, HEAP_INVALID_ARGUMENT, 0, (ULONG_PTR)P, (ULONG_PTR)Block);
	Spoiled = MiFindSpoiled(End, Range + PageCount * PAGE_SIZE, MiPattern(Range));
	if (Spoiled)
		KeBugCheckEx(BAD_POOL_HEADER, POOL_DATA_BEHIND_BLOCK, (ULONG_PTR)P, Entry.NumberOfBytes, *Spoiled);
	Spoiled = MiFindSpoiled(Range, Block, MiPattern(Range));
	if (Spoiled)
		KeBugCheckEx(KERNEL_MODE_HEAP_CORRUPTION, HEAP_BUFFER_UNDERRUN, 0, (ULONG_PTR)P, (ULONG_PTR)Spoiled);
	MiUnmapFreePages(Range, PageCount);
	MiReleaseRange(&MiSpecialPoolRegion, Range, PageCount + GUARD_PAGES);
}

VOID MiInitializeSpecialPool(VOID)
{
	MiSpecialPool = strstr(KeLoaderBlock->LoadOptions, OPTION) != NULL;
}
