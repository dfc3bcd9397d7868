/* Pool use by tag, as debuggers read it: PoolTrackTable, hashed by tag; what finds no room is counted in the last entry. */
#include "ke.h"
#include "mi.h"
#include "rtl.h"

#define TRACK_TABLE_SIZE 1024
#define OVERFLOW_TAG     0x6C66764Fu /* "Ovfl" */

typedef struct _POOL_TRACKER_TABLE {
	LONG Key;
	SIZE_T NonPagedBytes;
	SIZE_T NonPagedAllocs;
	SIZE_T NonPagedFrees;
	SIZE_T PagedBytes;
	SIZE_T PagedAllocs;
	SIZE_T PagedFrees;
	LONG64 AvailableLimit[2];
	PVOID LimitInfo;
} POOL_TRACKER_TABLE, *PPOOL_TRACKER_TABLE;
_Static_assert(sizeof(POOL_TRACKER_TABLE) == 0x50, "POOL_TRACKER_TABLE of build 22621");

static POOL_TRACKER_TABLE MiTrackTable[TRACK_TABLE_SIZE];
PPOOL_TRACKER_TABLE PoolTrackTable = MiTrackTable;
SIZE_T PoolTrackTableSize = TRACK_TABLE_SIZE;

static PPOOL_TRACKER_TABLE MiFindTag(ULONG Tag)
{
	ULONG Index = Tag * 0x9E3779B1u >> 22;

	for (ULONG i = 0; i < TRACK_TABLE_SIZE - 1; i++, Index++) {
		PPOOL_TRACKER_TABLE Entry = &PoolTrackTable[Index % (TRACK_TABLE_SIZE - 1)];

		if (!Entry->Key)
			Entry->Key = (LONG)Tag;
		if ((ULONG)Entry->Key == Tag)
			return Entry;
	}
	PoolTrackTable[TRACK_TABLE_SIZE - 1].Key = OVERFLOW_TAG;
	return &PoolTrackTable[TRACK_TABLE_SIZE - 1];
}

VOID MiTrackPool(ULONG Tag, MI_POOL_KIND Kind, LONG64 Bytes)
{
	PPOOL_TRACKER_TABLE Entry = MiFindTag(Tag & ~PROTECTED_POOL);
	SIZE_T *Counts = Kind == MiPagedPool ? &Entry->PagedBytes : &Entry->NonPagedBytes;

	Counts[0] += (SIZE_T)Bytes;
	Counts[Bytes < 0 ? 2 : 1]++;
	MiPoolUsage.Bytes[Kind] += (ULONG64)Bytes;
	if (Bytes < 0)
		MiPoolUsage.Frees[Kind]++;
	else
		MiPoolUsage.Allocations[Kind]++;
}

VOID MmQueryPoolUsage(PMM_POOL_USAGE Usage)
{
	KIRQL OldIrql;

	KeAcquireSpinLock(&NonPagedPoolLock, &OldIrql);
	*Usage = MiPoolUsage;
	KeReleaseSpinLock(&NonPagedPoolLock, OldIrql);
}

ULONG64 MmQueryPoolTagUsage(ULONG Tag)
{
	PPOOL_TRACKER_TABLE Entry;
	ULONG64 Bytes;
	KIRQL OldIrql;

	KeAcquireSpinLock(&NonPagedPoolLock, &OldIrql);
	Entry = MiFindTag(Tag & ~PROTECTED_POOL);
	Bytes = Entry->NonPagedBytes + Entry->PagedBytes;
	KeReleaseSpinLock(&NonPagedPoolLock, OldIrql);
	return Bytes;
}
