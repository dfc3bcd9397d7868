/*
 * Memory descriptor lists: a buffer and its physical pages. All of the lab's memory is resident and in one address space, so that
 * locking has nothing to do but to note it.
 */
#include "iop.h"
#include "seh.h"

/* MDL.MdlFlags (wdm.h). */
#define MDL_MAPPED_TO_SYSTEM_VA     0x0001
#define MDL_PAGES_LOCKED            0x0002
#define MDL_SOURCE_IS_NONPAGED_POOL 0x0004

NTKERNELAPI SIZE_T MmSizeOfMdl(PVOID Base, SIZE_T Length)
{
	return sizeof(MDL) + BYTES_TO_PAGES(BYTE_OFFSET(Base) + Length) * sizeof(PFN_NUMBER);
}

/* Describes Length bytes at VirtualAddress; attached to Irp when given (behind its MDLs if SecondaryBuffer). NULL: no memory. */
NTKERNELAPI PMDL IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota, PIRP Irp)
{
	SIZE_T size = MmSizeOfMdl(VirtualAddress, Length);
	PMDL mdl;

	UNREFERENCED_PARAMETER(ChargeQuota);
	/* MDL.Size is a signed 16-bit field: it bounds the pages that one MDL describes in NT as well. */
	if (Length > IOP_MAXIMUM_TRANSFER)
		return NULL;
	mdl = ExAllocatePoolWithTag(NonPagedPoolNx, size, IOP_TAG_BUFFER);
	if (!mdl)
		return NULL;
	RtlZeroMemory(mdl, sizeof(*mdl));
	mdl->Size = (CSHORT)size;
	mdl->StartVa = PAGE_ALIGN(VirtualAddress);
	mdl->ByteOffset = BYTE_OFFSET(VirtualAddress);
	mdl->ByteCount = Length;
	if (Irp && SecondaryBuffer) {
		PMDL *link = &Irp->MdlAddress;

		while (*link)
			link = &(*link)->Next;
		*link = mdl;
	} else if (Irp) {
		Irp->MdlAddress = mdl;
	}
	return mdl;
}

NTKERNELAPI VOID IoFreeMdl(PMDL Mdl)
{
	ExFreePoolWithTag(Mdl, IOP_TAG_BUFFER);
}

NTKERNELAPI VOID MmBuildMdlForNonPagedPool(PMDL Mdl)
{
	PUCHAR va = Mdl->StartVa;
	PPFN_NUMBER page = (PPFN_NUMBER)(Mdl + 1);
	SIZE_T count = BYTES_TO_PAGES(Mdl->ByteOffset + (SIZE_T)Mdl->ByteCount);

	for (SIZE_T i = 0; i < count; i++)
		page[i] = (PFN_NUMBER)MmGetPhysicalAddress(va + i * PAGE_SIZE).QuadPart >> PAGE_SHIFT;
	Mdl->MdlFlags |= MDL_SOURCE_IS_NONPAGED_POOL;
	Mdl->MappedSystemVa = va + Mdl->ByteOffset;
}

/* Raises STATUS_ACCESS_VIOLATION for a page that is not there. */
NTKERNELAPI VOID MmProbeAndLockPages(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode, ULONG Operation)
{
	PUCHAR va = MemoryDescriptorList->StartVa;
	SIZE_T count = BYTES_TO_PAGES(MemoryDescriptorList->ByteOffset + (SIZE_T)MemoryDescriptorList->ByteCount);

	UNREFERENCED_PARAMETER(AccessMode);
	UNREFERENCED_PARAMETER(Operation);
	for (SIZE_T i = 0; i < count; i++) {
		if (!MmIsAddressValid(va + i * PAGE_SIZE))
			ExRaiseAccessViolation();
	}
	MmBuildMdlForNonPagedPool(MemoryDescriptorList);
	MemoryDescriptorList->MdlFlags &= ~MDL_SOURCE_IS_NONPAGED_POOL;
	MemoryDescriptorList->MdlFlags |= MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA;
}

NTKERNELAPI VOID MmUnlockPages(PMDL MemoryDescriptorList)
{
	MemoryDescriptorList->MdlFlags &= ~(MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA);
}

/* The buffer is mapped where it always is. */
NTKERNELAPI PVOID MmMapLockedPagesSpecifyCache(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode, MEMORY_CACHING_TYPE CacheType,
					       PVOID RequestedAddress, ULONG BugCheckOnFailure, ULONG Priority)
{
	UNREFERENCED_PARAMETER(AccessMode);
	UNREFERENCED_PARAMETER(CacheType);
	UNREFERENCED_PARAMETER(RequestedAddress);
	UNREFERENCED_PARAMETER(BugCheckOnFailure);
	UNREFERENCED_PARAMETER(Priority);
	MemoryDescriptorList->MdlFlags |= MDL_MAPPED_TO_SYSTEM_VA;
	return MemoryDescriptorList->MappedSystemVa;
}

NTKERNELAPI VOID MmUnmapLockedPages(PVOID BaseAddress, PMDL MemoryDescriptorList)
{
	UNREFERENCED_PARAMETER(BaseAddress);
	MemoryDescriptorList->MdlFlags &= ~MDL_MAPPED_TO_SYSTEM_VA;
}
