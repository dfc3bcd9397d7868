/* Lookaside lists: set-up and deletion. Allocating and freeing are inline in the DDK's headers, over L.ListHead, L.Depth and L's counters. */
#include "ex.h"
#include "ke.h"
#include "mm.h"
#include "rtl.h"

/* How many free blocks a list keeps. NT tunes this by use; a fixed depth keeps what small drivers free and bounds the rest. */
#define EX_LOOKASIDE_DEPTH         4
#define EX_LOOKASIDE_MAXIMUM_DEPTH 256

/* Every list of the system, as !lookaside finds them. */
LIST_ENTRY ExNPagedLookasideListHead = { &ExNPagedLookasideListHead, &ExNPagedLookasideListHead };
LIST_ENTRY ExPagedLookasideListHead = { &ExPagedLookasideListHead, &ExPagedLookasideListHead };
static KSPIN_LOCK ExpLookasideListLock;

static VOID ExpInitializeLookaside(PGENERAL_LOOKASIDE list, PALLOCATE_FUNCTION allocate, PFREE_FUNCTION release, POOL_TYPE type, SIZE_T size,
				   ULONG tag, PLIST_ENTRY lists)
{
	memset(list, 0, sizeof(*list));
	InitializeSListHead(&list->ListHead);
	/* Entries that are kept for the next caller would hide who uses a freed one. */
	list->Depth = MmIsSpecialPoolOn() ? 0 : EX_LOOKASIDE_DEPTH;
	list->MaximumDepth = EX_LOOKASIDE_MAXIMUM_DEPTH;
	list->Type = type;
	list->Tag = tag;
	list->Size = size < sizeof(SLIST_ENTRY) ? (ULONG)sizeof(SLIST_ENTRY) : (ULONG)size;
	list->Allocate = allocate != NULL ? allocate : ExAllocatePoolWithTag;
	list->Free = release != NULL ? release : ExFreePool;
	ExInterlockedInsertTailList(lists, &list->ListEntry, &ExpLookasideListLock);
}

static VOID ExpDeleteLookaside(PGENERAL_LOOKASIDE list)
{
	PSLIST_ENTRY entry;
	KIRQL irql;

	KeAcquireSpinLock(&ExpLookasideListLock, &irql);
	RemoveEntryList(&list->ListEntry);
	KeReleaseSpinLock(&ExpLookasideListLock, irql);
	while ((entry = ExpInterlockedPopEntrySList(&list->ListHead)) != NULL)
		list->Free(entry);
}

VOID ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate, PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size,
				     ULONG Tag, USHORT Depth)
{
	UNREFERENCED_PARAMETER(Depth); /* documented as reserved */
	ExpInitializeLookaside(&Lookaside->L, Allocate, Free, NonPagedPool | (POOL_TYPE)Flags, Size, Tag, &ExNPagedLookasideListHead);
}

VOID ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside)
{
	ExpDeleteLookaside(&Lookaside->L);
}

VOID ExInitializePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate, PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size,
				    ULONG Tag, USHORT Depth)
{
	UNREFERENCED_PARAMETER(Depth);
	ExpInitializeLookaside(&Lookaside->L, Allocate, Free, PagedPool | (POOL_TYPE)Flags, Size, Tag, &ExPagedLookasideListHead);
}

VOID ExDeletePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside)
{
	ExpDeleteLookaside(&Lookaside->L);
}
