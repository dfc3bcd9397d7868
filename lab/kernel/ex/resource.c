/*
 * Executive resources: readers-writer locks that know their owners. Who may have one, who waits, and who is next; what may be asked about one is
 * resquery.c's. Flag bits are those of wdm.h.
 *
 * A resource is handed over: whoever releases it enters the next owners in the table before they run. So that this never needs memory, the
 * table has room for every thread that waits for shared access before that thread waits.
 */
#include "resource.h"
#include "mm.h"
#include "rtl.h"

LIST_ENTRY ExpSystemResourcesList = { &ExpSystemResourcesList, &ExpSystemResourcesList };
static KSPIN_LOCK ExpResourceSpinLock;

POWNER_ENTRY ExpFindOwner(PERESOURCE resource, ERESOURCE_THREAD thread)
{
	ULONG size = resource->OwnerTable != NULL ? resource->OwnerTable->TableSize : 0;

	if (resource->OwnerEntry.OwnerThread == thread)
		return &resource->OwnerEntry;
	for (ULONG i = 1; i < size; i++) {
		if (resource->OwnerTable[i].OwnerThread == thread)
			return &resource->OwnerTable[i];
	}
	return NULL;
}

static ULONG ExpRoom(PERESOURCE resource)
{
	return 1 + (resource->OwnerTable != NULL ? resource->OwnerTable->TableSize - 1 : 0);
}

/*
 * Makes room for one more owner or waiter than there are. Under the lock; when it has to allocate, it lets go of the lock and returns FALSE:
 * everything may have changed, begin again.
 */
static BOOLEAN ExpReserveOwner(PERESOURCE resource, PBOOLEAN enabled)
{
	ULONG needed = resource->ActiveEntries + resource->NumberOfSharedWaiters + 1;
	ULONG size = 4;
	POWNER_ENTRY table, old;

	if (needed <= ExpRoom(resource))
		return TRUE;
	while (size < needed)
		size *= 2;
	KiUnlockBriefly(&resource->SpinLock, *enabled);
	table = ExAllocatePoolWithTag(NonPagedPoolNx, size * sizeof(*table), EXP_RESOURCE_TAG);
	if (table == NULL)
		ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
	memset(table, 0, size * sizeof(*table));
	*enabled = KiLockBriefly(&resource->SpinLock);
	old = resource->OwnerTable;
	if (old == NULL || old->TableSize < size) {
		if (old != NULL)
			memcpy(table, old, old->TableSize * sizeof(*table));
		table->TableSize = size;
		resource->OwnerTable = table;
	} else {
		old = table;
	}
	KiUnlockBriefly(&resource->SpinLock, *enabled);
	if (old != NULL)
		ExFreePoolWithTag(old, EXP_RESOURCE_TAG);
	return FALSE;
}

/* Thread comes to own it, or owns it once more. There is room. */
static VOID ExpAddOwner(PERESOURCE resource, ERESOURCE_THREAD thread)
{
	POWNER_ENTRY entry = ExpFindOwner(resource, thread);

	if (entry == NULL) {
		entry = ExpFindOwner(resource, 0);
		entry->OwnerThread = thread;
		entry->OwnerCount = 0;
		resource->ActiveEntries++;
	}
	entry->OwnerCount++;
	resource->ActiveCount = 1;
}

/*
 * SharedWaiters and ExclusiveWaiters are chains (KWAIT_CHAIN): a pointer to the first to come, whose links go round through all who wait.
 * Their entries are on the waiting threads' stacks.
 */
static PKWAIT_CHAIN_ENTRY ExpFirstWaiter(PVOID chain)
{
	return CONTAINING_RECORD(chain, KWAIT_CHAIN_ENTRY, ListEntry);
}

static VOID ExpAppendWaiter(PVOID *chain, PKWAIT_CHAIN_ENTRY entry)
{
	if (*chain == NULL) {
		InitializeListHead(&entry->ListEntry);
		*chain = &entry->ListEntry;
	} else {
		InsertTailList(*chain, &entry->ListEntry);
	}
}

static PKWAIT_CHAIN_ENTRY ExpRemoveFirstWaiter(PVOID *chain)
{
	PKWAIT_CHAIN_ENTRY entry = ExpFirstWaiter(*chain);

	*chain = IsListEmpty(&entry->ListEntry) ? NULL : entry->ListEntry.Flink;
	RemoveEntryList(&entry->ListEntry);
	return entry;
}

/* Free, it goes to all who wait to share it. They come back as a chain, to be woken without the lock. */
static PVOID ExpGrantShared(PERESOURCE resource)
{
	PVOID chain = resource->SharedWaiters;
	PLIST_ENTRY link = chain;

	for (; resource->NumberOfSharedWaiters > 0; resource->NumberOfSharedWaiters--, link = link->Flink)
		ExpAddOwner(resource, (ERESOURCE_THREAD)ExpFirstWaiter(link)->Thread);
	resource->SharedWaiters = NULL;
	return chain;
}

static PVOID ExpGrantExclusive(PERESOURCE resource)
{
	PKWAIT_CHAIN_ENTRY entry = ExpRemoveFirstWaiter(&resource->ExclusiveWaiters);

	resource->NumberOfExclusiveWaiters--;
	resource->Flag |= ResourceOwnedExclusive;
	ExpAddOwner(resource, (ERESOURCE_THREAD)entry->Thread);
	InitializeListHead(&entry->ListEntry);
	return &entry->ListEntry;
}

/* Readers and writers take turns: after a writer those who want to share, after readers the first writer. */
static PVOID ExpGrantNext(PERESOURCE resource, BOOLEAN after_exclusive)
{
	if (resource->SharedWaiters != NULL && (after_exclusive || resource->ExclusiveWaiters == NULL))
		return ExpGrantShared(resource);
	return resource->ExclusiveWaiters != NULL ? ExpGrantExclusive(resource) : NULL;
}

/* An entry is gone as soon as its event is set. */
static VOID ExpWakeWaiters(PVOID chain)
{
	while (chain != NULL)
		KeSetEvent(&ExpRemoveFirstWaiter(&chain)->Event, 0, FALSE);
}

/* Unlocks, and waits until a release has made the thread an owner. */
static DECLSPEC_NOINLINE VOID ExpWaitForResource(PERESOURCE resource, BOOLEAN exclusive, BOOLEAN enabled)
{
	KWAIT_CHAIN_ENTRY entry;

	entry.Thread = KeGetCurrentThread();
	KeInitializeEvent(&entry.Event, SynchronizationEvent, FALSE);
	ExpAppendWaiter(exclusive ? &resource->ExclusiveWaiters : &resource->SharedWaiters, &entry);
	if (exclusive)
		resource->NumberOfExclusiveWaiters++;
	else
		resource->NumberOfSharedWaiters++;
	resource->ContentionCount++;
	KiUnlockBriefly(&resource->SpinLock, enabled);
	KeWaitForSingleObject(&entry.Event, WrResource, KernelMode, FALSE, NULL);
}

static BOOLEAN ExpOwnsExclusive(PERESOURCE resource, ERESOURCE_THREAD thread)
{
	return (resource->Flag & ResourceOwnedExclusive) && resource->OwnerEntry.OwnerThread == thread;
}

NTKERNELAPI DECLSPEC_NOINLINE BOOLEAN ExAcquireResourceExclusiveLite(PERESOURCE Resource, BOOLEAN Wait)
{
	ERESOURCE_THREAD thread = (ERESOURCE_THREAD)KeGetCurrentThread();
	BOOLEAN enabled = KiLockBriefly(&Resource->SpinLock);

	if (Resource->ActiveCount == 0 || ExpOwnsExclusive(Resource, thread)) {
		Resource->Flag |= ResourceOwnedExclusive;
		ExpAddOwner(Resource, thread);
	} else if (Wait) {
		ExpWaitForResource(Resource, TRUE, enabled);
		return TRUE;
	} else {
		KiUnlockBriefly(&Resource->SpinLock, enabled);
		return FALSE;
	}
	KiUnlockBriefly(&Resource->SpinLock, enabled);
	return TRUE;
}

/* May it be shared with Thread now? What the three ways to ask differ in is how they treat writers who wait. */
static BOOLEAN ExpMayShare(PERESOURCE resource, ERESOURCE_THREAD thread, EX_SHARED_ACCESS access)
{
	if (resource->ActiveCount == 0 || ExpOwnsExclusive(resource, thread))
		return TRUE;
	if (resource->Flag & ResourceOwnedExclusive)
		return FALSE;
	if (resource->ExclusiveWaiters == NULL || access == ExpStarveExclusive)
		return TRUE;
	return access == ExpShared && ExpFindOwner(resource, thread) != NULL;
}

FORCEINLINE BOOLEAN ExpAcquireShared(PERESOURCE resource, BOOLEAN wait, EX_SHARED_ACCESS access)
{
	ERESOURCE_THREAD thread = (ERESOURCE_THREAD)KeGetCurrentThread();
	BOOLEAN enabled, may;

	do
		enabled = KiLockBriefly(&resource->SpinLock);
	while (!ExpReserveOwner(resource, &enabled));
	may = ExpMayShare(resource, thread, access);
	if (!may && wait) {
		ExpWaitForResource(resource, FALSE, enabled);
		return TRUE;
	}
	if (may)
		ExpAddOwner(resource, thread);
	KiUnlockBriefly(&resource->SpinLock, enabled);
	return may;
}

NTKERNELAPI DECLSPEC_NOINLINE BOOLEAN ExAcquireResourceSharedLite(PERESOURCE Resource, BOOLEAN Wait)
{
	return ExpAcquireShared(Resource, Wait, ExpShared);
}

NTKERNELAPI DECLSPEC_NOINLINE BOOLEAN ExAcquireSharedStarveExclusive(PERESOURCE Resource, BOOLEAN Wait)
{
	return ExpAcquireShared(Resource, Wait, ExpStarveExclusive);
}

NTKERNELAPI DECLSPEC_NOINLINE BOOLEAN ExAcquireSharedWaitForExclusive(PERESOURCE Resource, BOOLEAN Wait)
{
	return ExpAcquireShared(Resource, Wait, ExpWaitForExclusive);
}

/* Stops the machine where Thread owns nothing: the lock was released twice, or by the wrong thread. */
static VOID ExpReleaseResource(PERESOURCE resource, ERESOURCE_THREAD thread)
{
	PVOID wake = NULL;
	BOOLEAN enabled = KiLockBriefly(&resource->SpinLock);
	BOOLEAN exclusive = (resource->Flag & ResourceOwnedExclusive) != 0;
	POWNER_ENTRY entry = resource->ActiveCount != 0 ? ExpFindOwner(resource, thread) : NULL;

	if (entry == NULL)
		KeBugCheckEx(RESOURCE_NOT_OWNED, (ULONG_PTR)resource, thread, (ULONG_PTR)resource->OwnerTable, 0);
	if (--entry->OwnerCount == 0) {
		entry->OwnerThread = 0;
		if (--resource->ActiveEntries == 0) {
			resource->ActiveCount = 0;
			resource->Flag &= (USHORT)~ResourceOwnedExclusive;
			wake = ExpGrantNext(resource, exclusive);
		}
	}
	KiUnlockBriefly(&resource->SpinLock, enabled);
	ExpWakeWaiters(wake);
}

NTKERNELAPI VOID ExReleaseResourceLite(PERESOURCE Resource)
{
	ExpReleaseResource(Resource, (ERESOURCE_THREAD)KeGetCurrentThread());
}

NTKERNELAPI VOID ExReleaseResourceForThreadLite(PERESOURCE Resource, ERESOURCE_THREAD ResourceThreadId)
{
	ExpReleaseResource(Resource, ResourceThreadId);
}

/* The writer becomes a reader, and all who wait to read join it. */
NTKERNELAPI VOID ExConvertExclusiveToSharedLite(PERESOURCE Resource)
{
	ERESOURCE_THREAD thread = (ERESOURCE_THREAD)KeGetCurrentThread();
	BOOLEAN enabled = KiLockBriefly(&Resource->SpinLock);
	PVOID wake;

	if (!(Resource->Flag & ResourceOwnedExclusive))
		KeBugCheckEx(RESOURCE_NOT_OWNED, (ULONG_PTR)Resource, thread, (ULONG_PTR)Resource->OwnerTable, 0);
	Resource->Flag &= (USHORT)~ResourceOwnedExclusive;
	wake = ExpGrantShared(Resource);
	KiUnlockBriefly(&Resource->SpinLock, enabled);
	ExpWakeWaiters(wake);
}

/* From now on the pointer, whose two low bits are set, owns what the current thread does: any thread may release it by that pointer. */
NTKERNELAPI VOID ExSetResourceOwnerPointer(PERESOURCE Resource, PVOID OwnerPointer)
{
	ERESOURCE_THREAD thread = (ERESOURCE_THREAD)KeGetCurrentThread();
	BOOLEAN enabled = KiLockBriefly(&Resource->SpinLock);
	POWNER_ENTRY entry = ExpFindOwner(Resource, thread);
	POWNER_ENTRY other = ExpFindOwner(Resource, (ERESOURCE_THREAD)OwnerPointer);

	if (entry == NULL)
		KeBugCheckEx(RESOURCE_NOT_OWNED, (ULONG_PTR)Resource, thread, (ULONG_PTR)Resource->OwnerTable, 0);
	entry->OwnerThread = (ERESOURCE_THREAD)OwnerPointer;
	if (other != NULL) {
		other->OwnerCount += entry->OwnerCount;
		entry->OwnerThread = 0;
		entry->OwnerCount = 0;
		Resource->ActiveEntries--;
	}
	KiUnlockBriefly(&Resource->SpinLock, enabled);
}

/* Flags: FLAG_OWNER_POINTER_IS_THREAD, the pointer is the thread which will release it. Its low bits stay clear then. */
NTKERNELAPI VOID ExSetResourceOwnerPointerEx(PERESOURCE Resource, PVOID OwnerPointer, ULONG Flags)
{
	UNREFERENCED_PARAMETER(Flags);
	ExSetResourceOwnerPointer(Resource, OwnerPointer);
}

NTKERNELAPI NTSTATUS ExInitializeResourceLite(PERESOURCE Resource)
{
	KIRQL irql;

	memset(Resource, 0, sizeof(*Resource));
	KeAcquireSpinLock(&ExpResourceSpinLock, &irql);
	InsertTailList(&ExpSystemResourcesList, &Resource->SystemResourcesList);
	KeReleaseSpinLock(&ExpResourceSpinLock, irql);
	return STATUS_SUCCESS;
}

/* As initialized, without a new place on the list; nobody may hold it or wait for it. */
NTKERNELAPI NTSTATUS ExReinitializeResourceLite(PERESOURCE Resource)
{
	LIST_ENTRY links = Resource->SystemResourcesList;
	POWNER_ENTRY table = Resource->OwnerTable;

	memset(Resource, 0, sizeof(*Resource));
	Resource->SystemResourcesList = links;
	Resource->OwnerTable = table;
	for (ULONG i = 1; table != NULL && i < table->TableSize; i++)
		memset(&table[i], 0, sizeof(*table));
	return STATUS_SUCCESS;
}

NTKERNELAPI NTSTATUS ExDeleteResourceLite(PERESOURCE Resource)
{
	KIRQL irql;

	KeAcquireSpinLock(&ExpResourceSpinLock, &irql);
	RemoveEntryList(&Resource->SystemResourcesList);
	KeReleaseSpinLock(&ExpResourceSpinLock, irql);
	if (Resource->OwnerTable != NULL)
		ExFreePoolWithTag(Resource->OwnerTable, EXP_RESOURCE_TAG);
	Resource->OwnerTable = NULL;
	return STATUS_SUCCESS;
}
