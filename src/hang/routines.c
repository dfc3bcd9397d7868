/* The table behind routines.h, and where its routines lie in the kernel of the dump. */
#include "hang/routines.h"

#include <stdlib.h>
#include <string.h>
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define NONE IMP_NO_ARGUMENT

static const struct imp_routine table[] = {
	{ "KeSetEvent", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "KeSetEventBoostPriority", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "KePulseEvent", IMP_DEED_PULSES, 0, NONE, NONE },
	{ "KeReleaseSemaphore", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "KeReleaseMutex", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "KeReleaseMutant", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "ExReleaseFastMutex", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "ExReleaseFastMutexUnsafe", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "ExReleaseFastMutexUnsafeAndLeaveCriticalRegion", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "KeReleaseGuardedMutex", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "KeReleaseGuardedMutexUnsafe", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "ExReleaseResourceLite", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "ExReleaseResourceForThreadLite", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "ExReleaseResourceAndLeaveCriticalRegion", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "ExConvertExclusiveToSharedLite", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "ExfReleasePushLock", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "ExfReleasePushLockExclusive", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "ExfReleasePushLockShared", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "ExReleasePushLockEx", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "ExReleasePushLockExclusiveEx", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "ExReleasePushLockSharedEx", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "FltReleasePushLock", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "FltReleasePushLockEx", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "ExReleaseRundownProtection", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "ExReleaseRundownProtectionEx", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "IoReleaseRemoveLockEx", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "KeInsertQueue", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "KeInsertHeadQueue", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "KeReleaseSpinLock", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "KeReleaseSpinLockFromDpcLevel", IMP_DEED_SIGNALS, 0, NONE, NONE },
	{ "KeWaitForSingleObject", IMP_DEED_WAITS, 0, NONE, NONE },
	{ "KeWaitForMutexObject", IMP_DEED_WAITS, 0, NONE, NONE },
	{ "KeWaitForMultipleObjects", IMP_DEED_WAITS_MANY, 1, NONE, NONE },
	{ "KeRemoveQueue", IMP_DEED_WAITS, 0, NONE, NONE },
	{ "ExWaitForRundownProtectionRelease", IMP_DEED_WAITS, 0, NONE, NONE },
	{ "IoReleaseRemoveLockAndWaitEx", IMP_DEED_WAITS, 0, NONE, NONE },
	{ "ExAcquireFastMutex", IMP_DEED_TAKES, 0, NONE, NONE },
	{ "ExAcquireFastMutexUnsafe", IMP_DEED_TAKES, 0, NONE, NONE },
	{ "ExEnterCriticalRegionAndAcquireFastMutexUnsafe", IMP_DEED_TAKES, 0, NONE, NONE },
	{ "KeAcquireGuardedMutex", IMP_DEED_TAKES, 0, NONE, NONE },
	{ "KeAcquireGuardedMutexUnsafe", IMP_DEED_TAKES, 0, NONE, NONE },
	{ "ExAcquireResourceExclusiveLite", IMP_DEED_TAKES, 0, NONE, NONE },
	{ "ExEnterCriticalRegionAndAcquireResourceExclusive", IMP_DEED_TAKES, 0, NONE, NONE },
	{ "ExAcquireResourceSharedLite", IMP_DEED_TAKES_SHARED, 0, NONE, NONE },
	{ "ExAcquireSharedStarveExclusive", IMP_DEED_TAKES_SHARED, 0, NONE, NONE },
	{ "ExAcquireSharedWaitForExclusive", IMP_DEED_TAKES_SHARED, 0, NONE, NONE },
	{ "ExEnterCriticalRegionAndAcquireResourceShared", IMP_DEED_TAKES_SHARED, 0, NONE, NONE },
	{ "ExfAcquirePushLockExclusive", IMP_DEED_TAKES, 0, NONE, NONE },
	{ "ExAcquirePushLockExclusiveEx", IMP_DEED_TAKES, 0, NONE, NONE },
	{ "FltAcquirePushLockExclusive", IMP_DEED_TAKES, 0, NONE, NONE },
	{ "FltAcquirePushLockExclusiveEx", IMP_DEED_TAKES, 0, NONE, NONE },
	{ "ExfAcquirePushLockShared", IMP_DEED_TAKES_SHARED, 0, NONE, NONE },
	{ "ExAcquirePushLockSharedEx", IMP_DEED_TAKES_SHARED, 0, NONE, NONE },
	{ "FltAcquirePushLockShared", IMP_DEED_TAKES_SHARED, 0, NONE, NONE },
	{ "FltAcquirePushLockSharedEx", IMP_DEED_TAKES_SHARED, 0, NONE, NONE },
	{ "KeAcquireSpinLockRaiseToDpc", IMP_DEED_TAKES, 0, NONE, NONE },
	{ "KeAcquireSpinLockAtDpcLevel", IMP_DEED_TAKES, 0, NONE, NONE },
	{ "IofCompleteRequest", IMP_DEED_COMPLETES, 0, NONE, NONE },
	{ "PsCreateSystemThread", IMP_DEED_CREATES_THREAD, NONE, 5, 6 },
	{ "IoCreateSystemThread", IMP_DEED_CREATES_THREAD, NONE, 6, 7 },
	{ "KeInitializeDpc", IMP_DEED_PREPARES_DPC, 0, 1, 2 },
	{ "KeInitializeThreadedDpc", IMP_DEED_PREPARES_DPC, 0, 1, 2 },
	{ "KeInsertQueueDpc", IMP_DEED_QUEUES_DPC, 0, NONE, NONE },
	{ "KeSetTimer", IMP_DEED_QUEUES_DPC, 2, NONE, NONE },
	{ "KeSetTimerEx", IMP_DEED_QUEUES_DPC, 3, NONE, NONE },
	{ "KeSetCoalescableTimer", IMP_DEED_QUEUES_DPC, 4, NONE, NONE },
	{ "IoQueueWorkItem", IMP_DEED_QUEUES_WORK, 0, 1, 3 },
	{ "IoQueueWorkItemEx", IMP_DEED_QUEUES_WORK, 0, 1, 3 },
	{ "ExQueueWorkItem", IMP_DEED_QUEUES_WORK, 0, NONE, NONE },
	{ "_guard_dispatch_icall", IMP_DEED_CALLS_REGISTER, NONE, NONE, NONE },
	{ "guard_dispatch_icall", IMP_DEED_CALLS_REGISTER, NONE, NONE, NONE },
	{ "PsTerminateSystemThread", IMP_DEED_ENDS, NONE, NONE, NONE },
	{ "KeBugCheck", IMP_DEED_ENDS, NONE, NONE, NONE },
	{ "KeBugCheckEx", IMP_DEED_ENDS, NONE, NONE, NONE },
	{ "ExRaiseStatus", IMP_DEED_ENDS, NONE, NONE, NONE },
};
enum { TABLE_SIZE = sizeof(table) / sizeof(table[0]) };

struct placed {
	uint64_t address;
	const struct imp_routine *routine;
	UT_hash_handle hh;
};

struct imp_routines {
	struct placed *by_address;
	struct placed rows[TABLE_SIZE];
};

struct imp_error *imp_routines_new(struct imp_kernel *kernel, struct imp_routines **routines)
{
	struct imp_routines *made = calloc(1, sizeof(*made));

	*routines = made;
	for (size_t i = 0; made && i < TABLE_SIZE; i++) {
		struct placed *row = &made->rows[i];
		IMP_CLEANUP_ERROR struct imp_error *err = imp_kernel_symbol(kernel, table[i].name, &row->address);

		if (err || imp_routine_at(made, row->address))
			continue;
		row->routine = &table[i];
		HASH_ADD(hh, made->by_address, address, sizeof(row->address), row);
	}
	return made ? NULL : imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for the table of the kernel's routines");
}

void imp_routines_free(struct imp_routines *routines)
{
	if (routines)
		HASH_CLEAR(hh, routines->by_address);
	free(routines);
}

const struct imp_routine *imp_routine_at(const struct imp_routines *routines, uint64_t address)
{
	const struct placed *row;

	HASH_FIND(hh, routines->by_address, &address, sizeof(address), row);
	return row ? row->routine : NULL;
}

const struct imp_routine *imp_routine_named(const char *name)
{
	for (size_t i = 0; i < TABLE_SIZE; i++) {
		if (!strcmp(table[i].name, name))
			return &table[i];
	}
	return NULL;
}
