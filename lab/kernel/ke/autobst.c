/*
 * Lock entries (AutoBoost): which push locks and fast mutexes a thread holds or waits for, kept in ETHREAD.LockEntries as since Windows 8. Only
 * here can a debugger read who owns a push lock. This kernel boosts nobody; it keeps the books, and stops the machine where they do not add up.
 *
 * An entry holds the lock's address without its highest bit (which says whether the entry is in a tree) and its two lowest.
 */

#include "ki.h"

#define LOCK_POINTER_BITS 0x7ffffffffffffffcULL
#define LOCK_ENTRIES      (CONTAINING_RECORD(Thread, ETHREAD, Tcb)->LockEntries)
#define ALL_ENTRIES       ((1u << RTL_NUMBER_OF(((PETHREAD)0)->LockEntries)) - 1)

/* A thread that holds more locks than it has entries for counts the rest, here. */
static PULONG KiUntrackedLocks(PKTHREAD Thread)
{
	return &LOCK_ENTRIES[0].SpareFlags;
}

VOID KiInitializeLockEntries(PKTHREAD Thread)
{
	Thread->AbEntrySummary = (UCHAR)ALL_ENTRIES;
	for (UCHAR i = 0; i < RTL_NUMBER_OF(LOCK_ENTRIES); i++)
		LOCK_ENTRIES[i].EntryIndex = i;
}

/* The entry is the caller's until KeAbPostAcquire; NULL: none is free. An APC that comes in between gives back what it takes. */
PKLOCK_ENTRY KeAbPreAcquire(PVOID Lock)
{
	PKTHREAD Thread = KeGetCurrentThread();
	PKLOCK_ENTRY Entry;

	if (!Thread->AbEntrySummary)
		return NULL;
	Entry = &LOCK_ENTRIES[__builtin_ctz(Thread->AbEntrySummary)];
	Thread->AbEntrySummary &= (UCHAR) ~(1u << Entry->EntryIndex);
	Entry->LockState.LockState = (PVOID)((ULONG_PTR)Lock & LOCK_POINTER_BITS);
	return Entry;
}

VOID KeAbPostAcquire(PKLOCK_ENTRY Entry)
{
	if (!Entry) {
		++*KiUntrackedLocks(KeGetCurrentThread());
		return;
	}
	Entry->WaitingByte = FALSE;
	Entry->AcquiredByte = TRUE;
}

/* Before the lock is released: a thread that does not hold it stops the machine. */
VOID KeAbPostRelease(PVOID Lock)
{
	PKTHREAD Thread = KeGetCurrentThread();

	for (ULONG i = 0; i < RTL_NUMBER_OF(LOCK_ENTRIES); i++) {
		PKLOCK_ENTRY Entry = &LOCK_ENTRIES[i];

		if (!Entry->AcquiredByte || (ULONG_PTR)Entry->LockState.LockState != ((ULONG_PTR)Lock & LOCK_POINTER_BITS))
			continue;
		Entry->AcquiredByte = FALSE;
		Entry->LockState.LockState = NULL;
		Thread->AbEntrySummary |= (UCHAR)(1u << i);
		return;
	}
	if (!*KiUntrackedLocks(Thread))
		KeBugCheckEx(KERNEL_AUTO_BOOST_INVALID_LOCK_RELEASE, (ULONG_PTR)Thread, (ULONG_PTR)Lock, 0, 0);
	--*KiUntrackedLocks(Thread);
}

VOID KeAbCheckThreadExit(PKTHREAD Thread)
{
	ULONG Held = ALL_ENTRIES & ~Thread->AbEntrySummary;

	if (Held)
		KeBugCheckEx(KERNEL_LOCK_ENTRY_LEAKED_ON_THREAD_TERMINATION, (ULONG_PTR)Thread, (ULONG_PTR)&LOCK_ENTRIES[__builtin_ctz(Held)], 0, 0);
}
