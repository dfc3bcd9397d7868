/*
 * Pool blocks smaller than a page: a POOL_HEADER in front of each, sizes in 16-byte units, blocks of a page chained by PreviousSize
 * and BlockSize as debuggers walk them. The lab pages nothing out, so paged pool differs by its type bit and its counts only.
 */
#include "hal.h"
#include "kd.h"
#include "ke.h"
#include "mi.h"
#include "rtl.h"

#define POOL_UNIT      16
#define PAGE_UNITS     (PAGE_SIZE / POOL_UNIT)
#define SMALLEST_BLOCK 2 /* a header and the links of a free block */
#define LARGEST_BLOCK  (PAGE_UNITS - SMALLEST_BLOCK)
#define FREE_TAG       0x65657246u /* "Free" */
#define KEPT_PAGES     64          /* wholly free pages that stay mapped */

KSPIN_LOCK NonPagedPoolLock;
MM_POOL_USAGE MiPoolUsage;

/* Free blocks by size in units; list 0 has the wholly free pages, whose size would not fit BlockSize. */
static LIST_ENTRY MiFreeBlocks[PAGE_UNITS];
static ULONG64 MiFreeSizes[PAGE_UNITS / 64];
static ULONG MiKeptPages;

#define BLOCK_LINKS(Header)   ((PLIST_ENTRY)((Header) + 1))
#define BLOCK_OF_LINKS(Links) ((PPOOL_HEADER)(Links) - 1)

static PPOOL_HEADER MiNextBlock(PPOOL_HEADER Header)
{
	PPOOL_HEADER Next = Header + Header->BlockSize;

	return BYTE_OFFSET(Next) ? Next : NULL;
}

static VOID MiInsertFreeBlock(PPOOL_HEADER Header)
{
	Header->PoolType = 0;
	Header->PoolTag = FREE_TAG;
	Header->ProcessBilled = NULL;
	InsertHeadList(&MiFreeBlocks[Header->BlockSize], BLOCK_LINKS(Header));
	MiFreeSizes[Header->BlockSize / 64] |= 1ULL << Header->BlockSize % 64;
}

static VOID MiRemoveFreeBlock(PPOOL_HEADER Header)
{
	PLIST_ENTRY Links = BLOCK_LINKS(Header);

	if (Links->Flink->Blink != Links || Links->Blink->Flink != Links)
		KeBugCheckEx(BAD_POOL_HEADER, 3, (ULONG_PTR)Links, (ULONG_PTR)Links->Flink, (ULONG_PTR)Links->Blink);
	RemoveEntryList(Links);
	if (IsListEmpty(&MiFreeBlocks[Header->BlockSize]))
		MiFreeSizes[Header->BlockSize / 64] &= ~(1ULL << Header->BlockSize % 64);
}

/* The smallest size of at least Units that has a free block; 0: none. */
static ULONG MiFindFreeSize(ULONG Units)
{
	ULONG64 Word = MiFreeSizes[Units / 64] & ~0ULL << Units % 64;

	for (ULONG i = Units / 64;; Word = MiFreeSizes[i]) {
		if (Word)
			return i * 64 + (ULONG)__builtin_ctzll(Word);
		if (++i == RTL_NUMBER_OF(MiFreeSizes))
			return 0;
	}
}

/* Cuts Header (Available units, free, on no list) to Units; what is left becomes a free block, or stays if too small for one. */
static VOID MiCutBlock(PPOOL_HEADER Header, ULONG Available, ULONG Units)
{
	PPOOL_HEADER Rest, After;

	if (Available - Units < SMALLEST_BLOCK)
		Units = Available;
	Header->BlockSize = (USHORT)Units;
	if (Units == Available)
		return;
	Rest = Header + Units;
	Rest->Ulong1 = 0;
	Rest->PreviousSize = (USHORT)Units;
	Rest->BlockSize = (USHORT)(Available - Units);
	After = MiNextBlock(Rest);
	if (After)
		After->PreviousSize = Rest->BlockSize;
	MiInsertFreeBlock(Rest);
}

static PVOID MiMapPoolPage(VOID)
{
	PVOID Page = MiReserveRange(&MiNonPagedPoolRegion, 1);

	if (Page && !MiMapFreshPages(Page, 1, PAGE_READWRITE)) {
		MiReleaseRange(&MiNonPagedPoolRegion, Page, 1);
		Page = NULL;
	}
	return Page;
}

/* The caller holds the pool lock. NULL: no free block is big enough. */
static PPOOL_HEADER MiTakeBlock(ULONG Units)
{
	ULONG Size = MiFindFreeSize(Units);
	PPOOL_HEADER Header;

	if (Size) {
		Header = BLOCK_OF_LINKS(MiFreeBlocks[Size].Flink);
		MiRemoveFreeBlock(Header);
		MiCutBlock(Header, Size, Units);
		return Header;
	}
	if (IsListEmpty(&MiFreeBlocks[0]))
		return NULL;
	Header = BLOCK_OF_LINKS(RemoveHeadList(&MiFreeBlocks[0]));
	MiKeptPages--;
	Header->Ulong1 = 0;
	MiCutBlock(Header, PAGE_UNITS, Units);
	return Header;
}

/* Returns with the pool lock held, unless with NULL. */
static PPOOL_HEADER MiGetBlock(ULONG Units, BOOLEAN *Enabled)
{
	PPOOL_HEADER Header;

	*Enabled = KiLockBriefly(&NonPagedPoolLock);
	Header = MiTakeBlock(Units);
	if (Header)
		return Header;
	KiUnlockBriefly(&NonPagedPoolLock, *Enabled);
	Header = MiMapPoolPage();
	if (!Header)
		return NULL;
	*Enabled = KiLockBriefly(&NonPagedPoolLock);
	MiPoolUsage.Pages++;
	MiCutBlock(Header, PAGE_UNITS, Units);
	return Header;
}

static PVOID MiAllocatePool(ULONG PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
	MI_POOL_KIND Kind = PoolType & POOL_TYPE_PAGED ? MiPagedPool : MiNonPagedPool;
	ULONG Units = (ULONG)((NumberOfBytes + sizeof(POOL_HEADER) + POOL_UNIT - 1) / POOL_UNIT);
	PPOOL_HEADER Header;
	BOOLEAN Enabled;

	if (KeGetCurrentIrql() > DISPATCH_LEVEL)
		KeBugCheckEx(BAD_POOL_CALLER, 8, KeGetCurrentIrql(), PoolType, NumberOfBytes);
	if (MmIsSpecialPoolOn()) {
		PVOID P = MiAllocateSpecialPool(Kind, PoolType, NumberOfBytes, Tag);

		if (P)
			return P;
	}
	/* Cache alignment comes with page alignment: rare enough to spend a page on. */
	if (NumberOfBytes > LARGEST_BLOCK * POOL_UNIT - sizeof(POOL_HEADER) || (PoolType & POOL_TYPE_CACHE_ALIGNED))
		return MiAllocateBigPool(Kind, PoolType, NumberOfBytes, Tag);
	if (Units < SMALLEST_BLOCK)
		Units = SMALLEST_BLOCK;
	Header = MiGetBlock(Units, &Enabled);
	if (!Header)
		return NULL;
	/* NT keeps in the header: in use, paged, cache aligned, quota; the nonexecutable bit (0x200) does not fit. */
	Header->PoolType = (USHORT)(POOL_TYPE_IN_USE | (PoolType & 0x0D));
	Header->PoolTag = Tag;
	Header->ProcessBilled = NULL;
	MiTrackPool(Tag, Kind, Header->BlockSize * POOL_UNIT);
	KiUnlockBriefly(&NonPagedPoolLock, Enabled);
	return Header + 1;
}

/* Ends with the bugcheck that NT has for the caller's mistake; the caller holds the pool lock. */
static VOID MiCheckBlock(PPOOL_HEADER Header, ULONG Tag)
{
	PPOOL_HEADER Next;
	PPOOL_HEADER Previous = Header - Header->PreviousSize;

	if (!(Header->PoolType & POOL_TYPE_IN_USE))
		KeBugCheckEx(BAD_POOL_CALLER, 7, Header->PoolTag, Header->Ulong1, (ULONG_PTR)(Header + 1));
	if (Header->BlockSize < SMALLEST_BLOCK || BYTE_OFFSET(Header) + Header->BlockSize * POOL_UNIT > PAGE_SIZE ||
	    !Header->PreviousSize != !BYTE_OFFSET(Header) || PAGE_ALIGN(Previous) != PAGE_ALIGN(Header))
		KeBugCheckEx(BAD_POOL_HEADER, 0x20, (ULONG_PTR)Header, (ULONG_PTR)(Header + Header->BlockSize), Header->Ulong1);
	Next = MiNextBlock(Header);
	if ((Next && Next->PreviousSize != Header->BlockSize) || (Header->PreviousSize && Previous->BlockSize != Header->PreviousSize))
		KeBugCheckEx(BAD_POOL_HEADER, 0x20, (ULONG_PTR)Header, (ULONG_PTR)(Header + Header->BlockSize), Header->Ulong1);
	if ((Header->PoolTag & PROTECTED_POOL) && Tag && Tag != Header->PoolTag)
		KeBugCheckEx(BAD_POOL_CALLER, 0x0A, (ULONG_PTR)(Header + 1), Header->PoolTag, Tag);
}

/* Merges with free neighbours of the page. A page that is free as a whole is kept or, when enough are, returned for unmapping. */
static PVOID MiReturnBlock(PPOOL_HEADER Header)
{
	PPOOL_HEADER Next = MiNextBlock(Header);
	ULONG Units = Header->BlockSize;

	if (Next && !(Next->PoolType & POOL_TYPE_IN_USE)) {
		MiRemoveFreeBlock(Next);
		Units += Next->BlockSize;
	}
	if (Header->PreviousSize) {
		PPOOL_HEADER Previous = Header - Header->PreviousSize;

		if (!(Previous->PoolType & POOL_TYPE_IN_USE)) {
			MiRemoveFreeBlock(Previous);
			Header->PoolType = 0; /* the merged block's inside says free to who frees it again */
			Header->PoolTag = FREE_TAG;
			Units += Previous->BlockSize;
			Header = Previous;
		}
	}
	if (Units == PAGE_UNITS) {
		Header->Ulong1 = 0;
		Header->PoolTag = FREE_TAG;
		if (MiKeptPages == KEPT_PAGES) {
			MiPoolUsage.Pages--;
			return Header;
		}
		MiKeptPages++;
		InsertHeadList(&MiFreeBlocks[0], BLOCK_LINKS(Header));
		return NULL;
	}
	Header->BlockSize = (USHORT)Units;
	Next = MiNextBlock(Header);
	if (Next)
		Next->PreviousSize = (USHORT)Units;
	MiInsertFreeBlock(Header);
	return NULL;
}

NTKERNELAPI VOID ExFreePoolWithTag(PVOID P, ULONG Tag)
{
	PPOOL_HEADER Header = (PPOOL_HEADER)P - 1;
	PVOID FreePage;
	BOOLEAN Enabled;

	if (KeGetCurrentIrql() > DISPATCH_LEVEL)
		KeBugCheckEx(BAD_POOL_CALLER, 9, KeGetCurrentIrql(), 0, (ULONG_PTR)P);
	if (MmIsSpecialPoolAddress(P)) {
		MiFreeSpecialPool(P, Tag);
		return;
	}
	if ((ULONG64)P - MI_NONPAGED_POOL_START >= MI_NONPAGED_POOL_PAGES * PAGE_SIZE || (ULONG64)P % POOL_UNIT ||
	    (BYTE_OFFSET(P) && !MmIsAddressValid(P)))
		KeBugCheckEx(BAD_POOL_CALLER, 0x46, (ULONG_PTR)P, 0, 0);
	if (!BYTE_OFFSET(P)) {
		MiFreeBigPool(P, Tag);
		return;
	}
	Enabled = KiLockBriefly(&NonPagedPoolLock);
	MiCheckBlock(Header, Tag);
	MiTrackPool(Header->PoolTag, Header->PoolType & POOL_TYPE_PAGED ? MiPagedPool : MiNonPagedPool, -(LONG64)(Header->BlockSize * POOL_UNIT));
	FreePage = MiReturnBlock(Header);
	KiUnlockBriefly(&NonPagedPoolLock, Enabled);
	if (FreePage) {
		MiUnmapFreePages(FreePage, 1);
		MiReleaseRange(&MiNonPagedPoolRegion, FreePage, 1);
	}
}

NTKERNELAPI PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
	/* Documented to end so: a block without a tag could not be tracked. */
	if (!(Tag & ~PROTECTED_POOL))
		KeBugCheckEx(BAD_POOL_CALLER, 0x9B, PoolType, NumberOfBytes, (ULONG_PTR)__builtin_return_address(0));
	return MiAllocatePool(PoolType, NumberOfBytes, Tag);
}

VOID MiInitializePool(VOID)
{
	for (ULONG i = 0; i < PAGE_UNITS; i++)
		InitializeListHead(&MiFreeBlocks[i]);
	MiInitializeBigPool();
	MiInitializeSpecialPool();
}
