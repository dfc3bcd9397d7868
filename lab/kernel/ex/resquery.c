/* Executive resources: what may be asked about one, and the calls that enter a critical region with it. */
#include "resource.h"

/* How often the current thread holds it, shared or exclusive. */
static ULONG ExpOwnerCount(PERESOURCE resource, BOOLEAN exclusive_only)
{
	BOOLEAN enabled = KiLockBriefly(&resource->SpinLock);
	POWNER_ENTRY entry = resource->ActiveCount != 0 ? ExpFindOwner(resource, (ERESOURCE_THREAD)KeGetCurrentThread()) : NULL;
	ULONG count = entry != NULL ? entry->OwnerCount : 0;

	if (exclusive_only && !(resource->Flag & ResourceOwnedExclusive))
		count = 0;
	KiUnlockBriefly(&resource->SpinLock, enabled);
	return count;
}

NTKERNELAPI BOOLEAN ExIsResourceAcquiredExclusiveLite(PERESOURCE Resource)
{
	return ExpOwnerCount(Resource, TRUE) != 0;
}

NTKERNELAPI ULONG ExIsResourceAcquiredSharedLite(PERESOURCE Resource)
{
	return ExpOwnerCount(Resource, FALSE);
}

NTKERNELAPI ULONG ExGetExclusiveWaiterCount(PERESOURCE Resource)
{
	return __atomic_load_n(&Resource->NumberOfExclusiveWaiters, __ATOMIC_RELAXED);
}

NTKERNELAPI ULONG ExGetSharedWaiterCount(PERESOURCE Resource)
{
	return __atomic_load_n(&Resource->NumberOfSharedWaiters, __ATOMIC_RELAXED);
}

/* Owners are never boosted here; the flag is kept for who reads it. */
NTKERNELAPI VOID ExDisableResourceBoostLite(PERESOURCE Resource)
{
	__atomic_or_fetch(&Resource->Flag, ResourceDisableBoost, __ATOMIC_RELAXED);
}

NTKERNELAPI PVOID ExEnterCriticalRegionAndAcquireResourceExclusive(PERESOURCE Resource)
{
	KeEnterCriticalRegion();
	ExAcquireResourceExclusiveLite(Resource, TRUE);
	return KeGetCurrentThread()->Win32Thread;
}

NTKERNELAPI PVOID ExEnterCriticalRegionAndAcquireResourceShared(PERESOURCE Resource)
{
	KeEnterCriticalRegion();
	ExAcquireResourceSharedLite(Resource, TRUE);
	return KeGetCurrentThread()->Win32Thread;
}

NTKERNELAPI PVOID ExEnterCriticalRegionAndAcquireSharedWaitForExclusive(PERESOURCE Resource)
{
	KeEnterCriticalRegion();
	ExAcquireSharedWaitForExclusive(Resource, TRUE);
	return KeGetCurrentThread()->Win32Thread;
}

NTKERNELAPI VOID ExReleaseResourceAndLeaveCriticalRegion(PERESOURCE Resource)
{
	ExReleaseResourceLite(Resource);
	KeLeaveCriticalRegion();
}
