/* What the memory manager's own files share. */
#ifndef MM_MI_H
#define MM_MI_H

#include "mm.h"

#define MiGetPteAddress(Va) ((PMMPTE)(MI_PTE_BASE + ((ULONG64)(Va) >> 9 & 0x7FFFFFFFF8ULL)))
#define MiGetPdeAddress(Va) MiGetPteAddress(MiGetPteAddress(Va))
#define MiGetPpeAddress(Va) MiGetPteAddress(MiGetPdeAddress(Va))
#define MiGetPxeAddress(Va) MiGetPteAddress(MiGetPpeAddress(Va))
#define MiGetAddressMappedByPte(Pte) ((PVOID)((LONG64)((ULONG64)(Pte) << 25) >> 16))
#define PFN_LIST_CORRUPT 0x4E
#define MiPfnElement(Page) (&MmPfnDatabase[Page])

#define PTE_ADDRESS_MASK 0x000FFFFFFFFFF000ULL
#define PTE_CACHE_DISABLE 0x18ULL
#define PTE_ACCESSED 0x20ULL
#define PTE_DIRTY 0x40ULL
#define PTE_GLOBAL 0x100ULL
#define PTE_SOFTWARE_WRITE 0x800ULL /* MMPTE_HARDWARE.Write; the processor's own bit is Dirty1 */

/* End of a page list: MMPFN keeps 40 bits of a page frame number. */
#define MI_EMPTY_LIST 0xFFFFFFFFFFULL

typedef struct _MMPFNLIST {
	ULONG64 Total;
	MMLISTS ListName;
	ULONG64 Flink;
	ULONG64 Blink;
	LONG Lock;
	MMPFN EmbeddedPfn;
} MMPFNLIST, *PMMPFNLIST;

extern MMPFNLIST MmFreePageListHead;
extern KSPIN_LOCK MmPfnLock;

/* pfn.c: notes where an active page is mapped. */
VOID MiSetPfnPte(PFN_NUMBER Page, PMMPTE Pte);
/* pfn.c: enters the boot mappings in the PFN database. */
VOID MiDescribeBootMappings(VOID);

/* bigpool.c: allocations of a page and more. Callers hold no lock. */
VOID MiInitializeBigPool(VOID);
PVOID MiAllocateBigPool(MI_POOL_KIND Kind, ULONG PoolType, SIZE_T NumberOfBytes, ULONG Tag);
VOID MiFreeBigPool(PVOID P, ULONG Tag);

/* Pages of pool that the caller has mapped, as one allocation of the table. FALSE: the table cannot grow. */
BOOLEAN MiEnterBigPage(MI_POOL_KIND Kind, PVOID Range, ULONG PoolType, SIZE_T NumberOfBytes, ULONG Tag);
/* Takes it out again, for the free of P with Tag. FALSE: there is none. The pages are still mapped. */
BOOLEAN MiRemoveBigPage(PVOID Range, PVOID P, ULONG Tag, PPOOL_TRACKER_BIG_PAGES Removed);

/* specpool.c: with `impasse lab up --special-pool`. NULL: no memory for a page of its own; ordinary pool will do. */
VOID MiInitializeSpecialPool(VOID);
PVOID MiAllocateSpecialPool(MI_POOL_KIND Kind, ULONG PoolType, SIZE_T NumberOfBytes, ULONG Tag);
VOID MiFreeSpecialPool(PVOID P, ULONG Tag);

/* pooltag.c: counts by tag and kind. Bytes is negative for a free. The caller holds the pool lock. */
VOID MiTrackPool(ULONG Tag, MI_POOL_KIND Kind, LONG64 Bytes);

/* pool.c: one lock for pool structures and counts. */
extern KSPIN_LOCK NonPagedPoolLock;
extern MM_POOL_USAGE MiPoolUsage;
#define POOL_TYPE_IN_USE 2
#define POOL_TYPE_PAGED 1
#define POOL_TYPE_CACHE_ALIGNED 4
#define PROTECTED_POOL 0x80000000u

#endif
