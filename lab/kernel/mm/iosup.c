/* Address translation, device memory, and physically contiguous or uncached memory for drivers. */
#include "kd.h"
#include "ke.h"
#include "mi.h"
#include "rtl.h"

NTKERNELAPI BOOLEAN MmIsAddressValid(PVOID VirtualAddress)
{
	LONG64 Address = (LONG64)VirtualAddress;
	PMMPTE Entry;

	if (Address << 16 >> 16 != Address)
		return FALSE;
	if (!MiGetPxeAddress(Address)->u.Hard.Valid)
		return FALSE;
	Entry = MiGetPpeAddress(Address);
	if (!Entry->u.Hard.Valid || Entry->u.Hard.LargePage)
		return (BOOLEAN)Entry->u.Hard.Valid;
	Entry = MiGetPdeAddress(Address);
	if (!Entry->u.Hard.Valid || Entry->u.Hard.LargePage)
		return (BOOLEAN)Entry->u.Hard.Valid;
	return (BOOLEAN)MiGetPteAddress(Address)->u.Hard.Valid;
}

/* 0: not mapped. The kernel itself maps in 4 KiB pages only. */
NTKERNELAPI PHYSICAL_ADDRESS MmGetPhysicalAddress(PVOID BaseAddress)
{
	PHYSICAL_ADDRESS Physical = { .QuadPart = 0 };

	if (MmIsAddressValid(BaseAddress))
		Physical.QuadPart = (LONGLONG)((MiGetPteAddress(BaseAddress)->u.Long & PTE_ADDRESS_MASK) | BYTE_OFFSET(BaseAddress));
	return Physical;
}

NTKERNELAPI PVOID MmGetVirtualForPhysical(PHYSICAL_ADDRESS PhysicalAddress)
{
	PFN_NUMBER Page = (ULONG64)PhysicalAddress.QuadPart >> PAGE_SHIFT;

	if (!MiIsPhysicalMemory(Page) || !MiPfnElement(Page)->PteAddress || MiPfnElement(Page)->u3.e1.PageLocation != ActiveAndValid)
		return NULL;
	return (PUCHAR)MiGetAddressMappedByPte(MiPfnElement(Page)->PteAddress) + BYTE_OFFSET(PhysicalAddress.QuadPart);
}

static ULONG MiCacheProtection(MEMORY_CACHING_TYPE CacheType)
{
	return CacheType == MmCached ? PAGE_READWRITE : PAGE_READWRITE | PAGE_NOCACHE;
}

NTKERNELAPI PVOID MmMapIoSpace(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes, MEMORY_CACHING_TYPE CacheType)
{
	ULONG Offset = BYTE_OFFSET(PhysicalAddress.QuadPart);
	SIZE_T PageCount = BYTES_TO_PAGES(Offset + NumberOfBytes);
	PFN_NUMBER Page = (ULONG64)PhysicalAddress.QuadPart >> PAGE_SHIFT;
	PUCHAR Range;

	if (!NumberOfBytes || NumberOfBytes > MI_SYSTEM_PTE_PAGES * PAGE_SIZE)
		return NULL;
	Range = MiReserveRange(&MiSystemPteRegion, PageCount);
	if (!Range)
		return NULL;
	if (!MiMakePageTables(Range, PageCount)) {
		MiReleaseRange(&MiSystemPteRegion, Range, PageCount);
		return NULL;
	}
	for (SIZE_T i = 0; i < PageCount; i++)
		MiMapPage(Range + i * PAGE_SIZE, Page + i, MiCacheProtection(CacheType));
	return Range + Offset;
}

NTKERNELAPI PVOID MmMapIoSpaceEx(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes, ULONG Protect)
{
	return MmMapIoSpace(PhysicalAddress, NumberOfBytes, Protect & (PAGE_NOCACHE | PAGE_WRITECOMBINE) ? MmNonCached : MmCached);
}

NTKERNELAPI VOID MmUnmapIoSpace(PVOID BaseAddress, SIZE_T NumberOfBytes)
{
	PUCHAR Range = PAGE_ALIGN(BaseAddress);
	SIZE_T PageCount = BYTES_TO_PAGES(BYTE_OFFSET(BaseAddress) + NumberOfBytes);

	MiUnmapPages(Range, PageCount);
	MiReleaseRange(&MiSystemPteRegion, Range, PageCount);
}

NTKERNELAPI PVOID MmAllocateContiguousMemorySpecifyCache(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS LowestAcceptableAddress,
							 PHYSICAL_ADDRESS HighestAcceptableAddress, PHYSICAL_ADDRESS BoundaryAddressMultiple,
							 MEMORY_CACHING_TYPE CacheType)
{
	SIZE_T PageCount = BYTES_TO_PAGES(NumberOfBytes);
	PHYSICAL_ADDRESS Physical;
	PFN_NUMBER First;
	PVOID Address;

	First = MiAllocateContiguousPages(PageCount, BYTES_TO_PAGES(LowestAcceptableAddress.QuadPart),
					  (ULONG64)HighestAcceptableAddress.QuadPart >> PAGE_SHIFT,
					  (ULONG64)BoundaryAddressMultiple.QuadPart >> PAGE_SHIFT);
	if (!First)
		return NULL;
	Physical.QuadPart = (LONGLONG)(First << PAGE_SHIFT);
	Address = MmMapIoSpace(Physical, PageCount * PAGE_SIZE, CacheType);
	if (!Address) {
		MiFreeContiguousPages(First, PageCount);
		return NULL;
	}
	for (SIZE_T i = 0; i < PageCount; i++)
		MiSetPfnPte(First + i, MiGetPteAddress((PUCHAR)Address + i * PAGE_SIZE));
	/* MmFreeContiguousMemory is not told the size: the first page's entry keeps it. */
	MiPfnElement(First)->u1.Active.EntireActiveField = PageCount;
	return Address;
}

NTKERNELAPI PVOID MmAllocateContiguousMemory(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS HighestAcceptableAddress)
{
	PHYSICAL_ADDRESS None = { .QuadPart = 0 };

	return MmAllocateContiguousMemorySpecifyCache(NumberOfBytes, None, HighestAcceptableAddress, None, MmCached);
}

NTKERNELAPI VOID MmFreeContiguousMemory(PVOID BaseAddress)
{
	PFN_NUMBER First = (ULONG64)MmGetPhysicalAddress(BaseAddress).QuadPart >> PAGE_SHIFT;
	SIZE_T PageCount = First ? MiPfnElement(First)->u1.Active.EntireActiveField : 0;

	if (BYTE_OFFSET(BaseAddress) || !PageCount)
		KeBugCheckEx(MEMORY_MANAGEMENT, 0x1014, (ULONG_PTR)BaseAddress, First, 0);
	MmUnmapIoSpace(BaseAddress, PageCount * PAGE_SIZE);
	MiFreeContiguousPages(First, PageCount);
}

NTKERNELAPI VOID MmFreeContiguousMemorySpecifyCache(PVOID BaseAddress, SIZE_T NumberOfBytes, MEMORY_CACHING_TYPE CacheType)
{
	UNREFERENCED_PARAMETER(NumberOfBytes);
	UNREFERENCED_PARAMETER(CacheType);
	MmFreeContiguousMemory(BaseAddress);
}

NTKERNELAPI PVOID MmAllocateNonCachedMemory(SIZE_T NumberOfBytes)
{
	PHYSICAL_ADDRESS None = { .QuadPart = 0 }, Highest = { .QuadPart = -1 };

	return MmAllocateContiguousMemorySpecifyCache(NumberOfBytes, None, Highest, None, MmNonCached);
}

NTKERNELAPI VOID MmFreeNonCachedMemory(PVOID BaseAddress, SIZE_T NumberOfBytes)
{
	UNREFERENCED_PARAMETER(NumberOfBytes);
	MmFreeContiguousMemory(BaseAddress);
}
