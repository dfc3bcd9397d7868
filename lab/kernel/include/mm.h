/*
 * The memory manager: physical pages, the system address space, pool, kernel stacks, driver images. Address map: docs/lab-memory.md.
 * Loading driver images is mm/sysload.c's (io.h).
 */
#ifndef MM_H
#define MM_H

#include "nt.h"
#include "arc.h"

/* Regions of the system address space. */
#define MI_PTE_BASE 0xFFFFF68000000000ULL          /* the page tables, mapped by themselves */
#define MI_PDE_BASE 0xFFFFF6FB40000000ULL
#define MI_PPE_BASE 0xFFFFF6FB7DA00000ULL
#define MI_PXE_BASE 0xFFFFF6FB7DBED000ULL
#define MI_PFN_DATABASE 0xFFFFFA8000000000ULL
#define MI_NONPAGED_POOL_START 0xFFFF800400000000ULL
#define MI_NONPAGED_POOL_PAGES 0x80000ULL          /* 2 GiB of addresses */
#define MI_SYSTEM_PTE_START 0xFFFFCF0110000000ULL  /* kernel stacks, I/O mappings, contiguous memory */
#define MI_SYSTEM_PTE_PAGES 0x40000ULL
#define MI_DRIVER_START 0xFFFFF80350000000ULL      /* loaded drivers */
#define MI_DRIVER_PAGES 0x40000ULL

#define MI_SPECIAL_POOL_START 0xFFFF8E0100000000ULL /* blocks of special pool, each with pages of its own */
#define MI_SPECIAL_POOL_PAGES 0x80000ULL

#define KERNEL_STACK_SIZE 0x6000                   /* as NT's x64 default; one guard page below */

/* mm/init.c. Before it nothing can be allocated; after it the loader block is KeLoaderBlock and low addresses are unmapped. */
VOID MmInitSystem(PLOADER_PARAMETER_BLOCK LoaderBlock);
extern NTKERNELAPI PLOADER_PARAMETER_BLOCK KeLoaderBlock;
extern NTKERNELAPI PVOID MmBadPointer; /* the page there is never mapped */

/* mm/pfn.c: physical pages. A PFN of 0 means that memory is exhausted. */
VOID MiInitializePfnDatabase(PLOADER_PARAMETER_BLOCK LoaderBlock);
VOID MiReleaseLoaderMemory(PLOADER_PARAMETER_BLOCK LoaderBlock);
PFN_NUMBER MiAllocatePage(VOID);
VOID MiFreePage(PFN_NUMBER Page);
PFN_NUMBER MiAllocateContiguousPages(SIZE_T PageCount, PFN_NUMBER Lowest, PFN_NUMBER Highest, PFN_NUMBER BoundaryPages);
VOID MiFreeContiguousPages(PFN_NUMBER First, SIZE_T PageCount);
BOOLEAN MiIsPhysicalMemory(PFN_NUMBER Page);

/* mm/pte.c: mappings. Protect is PAGE_READONLY, PAGE_READWRITE, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE, | PAGE_NOCACHE. */
ULONG64 MiMakeProtection(ULONG Protect);
BOOLEAN MiMakePageTables(PVOID VirtualAddress, SIZE_T PageCount);
VOID MiMapPage(PVOID VirtualAddress, PFN_NUMBER Page, ULONG Protect);
PFN_NUMBER MiUnmapPage(PVOID VirtualAddress);
VOID MiUnmapPages(PVOID VirtualAddress, SIZE_T PageCount);
/* Maps PageCount fresh zeroed pages; all or nothing. */
BOOLEAN MiMapFreshPages(PVOID VirtualAddress, SIZE_T PageCount, ULONG Protect);
VOID MiUnmapFreePages(PVOID VirtualAddress, SIZE_T PageCount);
VOID MiFlushTb(PVOID VirtualAddress);

/*
 * mm/region.c: ranges of addresses. NULL: none left. With NextFit, freed ranges come back only after the rest of the region was used.
 */
typedef struct _MI_REGION {
	ULONG64 Start;
	ULONG PageCount;
	ULONG Hint;
	ULONG PagesInUse;
	BOOLEAN NextFit;
	ULONG *Bitmap;
	KSPIN_LOCK Lock;
} MI_REGION, *PMI_REGION;
extern MI_REGION MiNonPagedPoolRegion, MiSystemPteRegion, MiDriverRegion, MiSpecialPoolRegion;
PVOID MiReserveRange(PMI_REGION Region, SIZE_T PageCount);
VOID MiReleaseRange(PMI_REGION Region, PVOID Address, SIZE_T PageCount);

/* mm/stack.c: stacks of KERNEL_STACK_SIZE bytes above a guard page. Returns the top (KTHREAD.StackBase); NULL: no memory. */
PVOID MmCreateKernelStack(VOID);
VOID MmDeleteKernelStack(PVOID StackBase);

/* mm/driver.c: page-aligned, zeroed, read-write memory for a driver image; MiProtectDriverImage takes PAGE_* for whole pages. */
PVOID MiAllocateDriverImage(SIZE_T Size);
VOID MiProtectDriverImage(PVOID Address, SIZE_T Size, ULONG Protect);
VOID MiFreeDriverImage(PVOID Base, SIZE_T Size);

/* mm/pool.c, mm/bigpool.c, mm/pooltag.c */
typedef enum _MI_POOL_KIND { MiNonPagedPool, MiPagedPool, MiPoolKinds } MI_POOL_KIND;
typedef struct _MM_POOL_USAGE {
	ULONG64 Allocations[MiPoolKinds]; /* ever made */
	ULONG64 Frees[MiPoolKinds];
	ULONG64 Bytes[MiPoolKinds];       /* in use now, headers included */
	ULONG64 Pages;                    /* mapped for pool now */
} MM_POOL_USAGE, *PMM_POOL_USAGE;
VOID MiInitializePool(VOID);
VOID MmQueryPoolUsage(PMM_POOL_USAGE Usage);
/* Bytes in use under Tag, small and big blocks, both kinds. */
ULONG64 MmQueryPoolTagUsage(ULONG Tag);

/* mm/specpool.c: is every block checked? Is the address one of theirs, in use, freed, or between them? */
BOOLEAN MmIsSpecialPoolOn(VOID);
BOOLEAN MmIsSpecialPoolAddress(PVOID Address);

NTKERNELAPI PVOID ExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes);
NTKERNELAPI PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
NTKERNELAPI PVOID ExAllocatePoolWithQuotaTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
NTKERNELAPI PVOID ExAllocatePoolWithTagPriority(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag, ULONG Priority);
NTKERNELAPI PVOID ExAllocatePool2(ULONG64 Flags, SIZE_T NumberOfBytes, ULONG Tag);
NTKERNELAPI VOID ExFreePool(PVOID P);
NTKERNELAPI VOID ExFreePoolWithTag(PVOID P, ULONG Tag);
NTKERNELAPI VOID ExFreePool2(PVOID P, ULONG Tag, PVOID ExtendedParameters, ULONG ExtendedParametersCount);

/* mm/iosup.c */
NTKERNELAPI PHYSICAL_ADDRESS MmGetPhysicalAddress(PVOID BaseAddress);
NTKERNELAPI PVOID MmGetVirtualForPhysical(PHYSICAL_ADDRESS PhysicalAddress);
NTKERNELAPI BOOLEAN MmIsAddressValid(PVOID VirtualAddress);
NTKERNELAPI PVOID MmMapIoSpace(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes, MEMORY_CACHING_TYPE CacheType);
NTKERNELAPI PVOID MmMapIoSpaceEx(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes, ULONG Protect);
NTKERNELAPI VOID MmUnmapIoSpace(PVOID BaseAddress, SIZE_T NumberOfBytes);
NTKERNELAPI PVOID MmAllocateContiguousMemory(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS HighestAcceptableAddress);
NTKERNELAPI PVOID MmAllocateContiguousMemorySpecifyCache(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS LowestAcceptableAddress,
	PHYSICAL_ADDRESS HighestAcceptableAddress, PHYSICAL_ADDRESS BoundaryAddressMultiple, MEMORY_CACHING_TYPE CacheType);
NTKERNELAPI VOID MmFreeContiguousMemory(PVOID BaseAddress);
NTKERNELAPI VOID MmFreeContiguousMemorySpecifyCache(PVOID BaseAddress, SIZE_T NumberOfBytes, MEMORY_CACHING_TYPE CacheType);
NTKERNELAPI PVOID MmAllocateNonCachedMemory(SIZE_T NumberOfBytes);
NTKERNELAPI VOID MmFreeNonCachedMemory(PVOID BaseAddress, SIZE_T NumberOfBytes);

extern PPHYSICAL_MEMORY_DESCRIPTOR MmPhysicalMemoryBlock;
extern PMMPFN MmPfnDatabase;
extern PFN_NUMBER MmLowestPhysicalPage, MmHighestPhysicalPage, MmNumberOfPhysicalPages, MmAvailablePages;

#endif
