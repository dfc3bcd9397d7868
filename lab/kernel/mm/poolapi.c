/* The pool routines that drivers call besides ExAllocatePoolWithTag and ExFreePoolWithTag: older, newer, and with options. */
#include "ex.h"
#include "ke.h"
#include "mi.h"
#include "rtl.h"
#include "seh.h"

#define NONE_TAG 0x656E6F4Eu /* "None" */

NTKERNELAPI PVOID ExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes)
{
	return ExAllocatePoolWithTag(PoolType, NumberOfBytes, NONE_TAG);
}

NTKERNELAPI PVOID ExAllocatePoolWithTagPriority(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag, ULONG Priority)
{
	UNREFERENCED_PARAMETER(Priority);
	return ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
}

/* System threads have no quota to charge; a failure is returned to who asked for that, else it is an exception. */
NTKERNELAPI PVOID ExAllocatePoolWithQuotaTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
	PVOID P = ExAllocatePoolWithTag(PoolType & ~(POOL_QUOTA_FAIL_INSTEAD_OF_RAISE | POOL_RAISE_IF_ALLOCATION_FAILURE), NumberOfBytes, Tag);

	if (!P && !(PoolType & POOL_QUOTA_FAIL_INSTEAD_OF_RAISE))
		ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
	return P;
}

/* Zeroed unless asked otherwise. A size of zero, or no pool named, gives NULL. */
NTKERNELAPI PVOID ExAllocatePool2(ULONG64 Flags, SIZE_T NumberOfBytes, ULONG Tag)
{
	POOL_TYPE PoolType = NonPagedPoolNx;
	PVOID P;

	if (!NumberOfBytes || !Tag || !(Flags & (POOL_FLAG_NON_PAGED | POOL_FLAG_NON_PAGED_EXECUTE | POOL_FLAG_PAGED)))
		return NULL;
	if (Flags & POOL_FLAG_PAGED)
		PoolType = PagedPool;
	else if (Flags & POOL_FLAG_NON_PAGED_EXECUTE)
		PoolType = NonPagedPool;
	if (Flags & POOL_FLAG_CACHE_ALIGNED)
		PoolType |= POOL_TYPE_CACHE_ALIGNED;
	P = ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
	if (P && !(Flags & POOL_FLAG_UNINITIALIZED))
		memset(P, 0, NumberOfBytes);
	if (!P && (Flags & POOL_FLAG_RAISE_ON_FAILURE))
		ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
	return P;
}

NTKERNELAPI VOID ExFreePool(PVOID P)
{
	ExFreePoolWithTag(P, 0);
}

NTKERNELAPI VOID ExFreePool2(PVOID P, ULONG Tag, PVOID ExtendedParameters, ULONG ExtendedParametersCount)
{
	UNREFERENCED_PARAMETER(ExtendedParameters);
	UNREFERENCED_PARAMETER(ExtendedParametersCount);
	ExFreePoolWithTag(P, Tag);
}
