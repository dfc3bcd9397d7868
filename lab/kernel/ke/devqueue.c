/* Device queues: a device is busy or not, and what comes while it is waits in a list. */

#include "ki.h"

NTKERNELAPI VOID KeInitializeDeviceQueue(PKDEVICE_QUEUE DeviceQueue)
{
	DeviceQueue->Type = DeviceQueueObject;
	DeviceQueue->Size = sizeof(KDEVICE_QUEUE);
	InitializeListHead(&DeviceQueue->DeviceListHead);
	DeviceQueue->Lock = 0;
	DeviceQueue->Busy = FALSE;
}

/* FALSE: the device was idle and is busy now; the entry is not in the list and its owner starts it. At DISPATCH_LEVEL. */
static BOOLEAN KiInsertDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY Entry, PLIST_ENTRY Before)
{
	Entry->Inserted = DeviceQueue->Busy;
	if (DeviceQueue->Busy)
		InsertTailList(Before, &Entry->DeviceListEntry);
	DeviceQueue->Busy = TRUE;
	return Entry->Inserted;
}

NTKERNELAPI BOOLEAN KeInsertDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry)
{
	BOOLEAN Inserted;

	KiAcquireSpinLock(&DeviceQueue->Lock);
	Inserted = KiInsertDeviceQueue(DeviceQueue, DeviceQueueEntry, &DeviceQueue->DeviceListHead);
	KiReleaseSpinLock(&DeviceQueue->Lock);
	return Inserted;
}

/* The first entry whose sort key is at least SortKey, or above it; the list's head when there is none. */
static PLIST_ENTRY KiFindDeviceQueueKey(PKDEVICE_QUEUE DeviceQueue, ULONG SortKey, BOOLEAN Above)
{
	PLIST_ENTRY Entry;

	for (Entry = DeviceQueue->DeviceListHead.Flink; Entry != &DeviceQueue->DeviceListHead; Entry = Entry->Flink) {
		ULONG Key = CONTAINING_RECORD(Entry, KDEVICE_QUEUE_ENTRY, DeviceListEntry)->SortKey;

		if (Key > SortKey || (Key == SortKey && !Above))
			break;
	}
	return Entry;
}

NTKERNELAPI BOOLEAN KeInsertByKeyDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry, ULONG SortKey)
{
	BOOLEAN Inserted;

	KiAcquireSpinLock(&DeviceQueue->Lock);
	DeviceQueueEntry->SortKey = SortKey;
	Inserted = KiInsertDeviceQueue(DeviceQueue, DeviceQueueEntry, KiFindDeviceQueueKey(DeviceQueue, SortKey, TRUE));
	KiReleaseSpinLock(&DeviceQueue->Lock);
	return Inserted;
}

/* NULL: nothing waits, and the device is idle from now on. */
static PKDEVICE_QUEUE_ENTRY KiRemoveDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PLIST_ENTRY Entry)
{
	PKDEVICE_QUEUE_ENTRY Found;

	if (IsListEmpty(&DeviceQueue->DeviceListHead)) {
		DeviceQueue->Busy = FALSE;
		return NULL;
	}
	if (Entry == &DeviceQueue->DeviceListHead)
		Entry = Entry->Flink;
	RemoveEntryList(Entry);
	Found = CONTAINING_RECORD(Entry, KDEVICE_QUEUE_ENTRY, DeviceListEntry);
	Found->Inserted = FALSE;
	return Found;
}

NTKERNELAPI PKDEVICE_QUEUE_ENTRY KeRemoveDeviceQueue(PKDEVICE_QUEUE DeviceQueue)
{
	PKDEVICE_QUEUE_ENTRY Entry;

	KiAcquireSpinLock(&DeviceQueue->Lock);
	Entry = KiRemoveDeviceQueue(DeviceQueue, DeviceQueue->DeviceListHead.Flink);
	KiReleaseSpinLock(&DeviceQueue->Lock);
	return Entry;
}

/* The elevator's next: the first key not below SortKey, or the lowest again. */
NTKERNELAPI PKDEVICE_QUEUE_ENTRY KeRemoveByKeyDeviceQueue(PKDEVICE_QUEUE DeviceQueue, ULONG SortKey)
{
	PKDEVICE_QUEUE_ENTRY Entry;

	KiAcquireSpinLock(&DeviceQueue->Lock);
	Entry = KiRemoveDeviceQueue(DeviceQueue, KiFindDeviceQueueKey(DeviceQueue, SortKey, FALSE));
	KiReleaseSpinLock(&DeviceQueue->Lock);
	return Entry;
}

NTKERNELAPI BOOLEAN KeRemoveEntryDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry)
{
	KIRQL OldIrql = KeAcquireSpinLockRaiseToDpc(&DeviceQueue->Lock);
	BOOLEAN WasInserted = DeviceQueueEntry->Inserted;

	if (WasInserted) {
		RemoveEntryList(&DeviceQueueEntry->DeviceListEntry);
		DeviceQueueEntry->Inserted = FALSE;
	}
	KeReleaseSpinLock(&DeviceQueue->Lock, OldIrql);
	return WasInserted;
}
