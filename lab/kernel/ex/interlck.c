/* Lists and sums under a spin lock that the caller names; usable at any IRQL, because interrupts are off while it is held. */
#include "ex.h"
#include "ke.h"

/* The former first entry, NULL when the list was empty. */
PLIST_ENTRY ExInterlockedInsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
	BOOLEAN enabled = KiLockBriefly(Lock);
	PLIST_ENTRY first = ListHead->Flink;

	InsertHeadList(ListHead, ListEntry);
	KiUnlockBriefly(Lock, enabled);
	return first == ListHead ? NULL : first;
}

/* The former last entry, NULL when the list was empty. */
PLIST_ENTRY ExInterlockedInsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
	BOOLEAN enabled = KiLockBriefly(Lock);
	PLIST_ENTRY last = ListHead->Blink;

	InsertTailList(ListHead, ListEntry);
	KiUnlockBriefly(Lock, enabled);
	return last == ListHead ? NULL : last;
}

PLIST_ENTRY ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock)
{
	BOOLEAN enabled = KiLockBriefly(Lock);
	PLIST_ENTRY first = IsListEmpty(ListHead) ? NULL : RemoveHeadList(ListHead);

	KiUnlockBriefly(Lock, enabled);
	return first;
}

/* The former first entry. */
PSINGLE_LIST_ENTRY ExInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead, PSINGLE_LIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
	BOOLEAN enabled = KiLockBriefly(Lock);
	PSINGLE_LIST_ENTRY first = ListHead->Next;

	PushEntryList(ListHead, ListEntry);
	KiUnlockBriefly(Lock, enabled);
	return first;
}

PSINGLE_LIST_ENTRY ExInterlockedPopEntryList(PSINGLE_LIST_ENTRY ListHead, PKSPIN_LOCK Lock)
{
	BOOLEAN enabled = KiLockBriefly(Lock);
	PSINGLE_LIST_ENTRY first = PopEntryList(ListHead);

	KiUnlockBriefly(Lock, enabled);
	return first;
}

/* The value before the addition. */
LARGE_INTEGER ExInterlockedAddLargeInteger(PLARGE_INTEGER Addend, LARGE_INTEGER Increment, PKSPIN_LOCK Lock)
{
	BOOLEAN enabled = KiLockBriefly(Lock);
	LARGE_INTEGER before = *Addend;

	Addend->QuadPart += Increment.QuadPart;
	KiUnlockBriefly(Lock, enabled);
	return before;
}

ULONG ExInterlockedAddUlong(PULONG Addend, ULONG Increment, PKSPIN_LOCK Lock)
{
	BOOLEAN enabled = KiLockBriefly(Lock);
	ULONG before = *Addend;

	*Addend += Increment;
	KiUnlockBriefly(Lock, enabled);
	return before;
}
