/*
 * Push locks: one pointer-sized word, shared or exclusive, for data that lives as long as a name space. The uncontended ways are one
 * compare-exchange and leave the word as NT does. Waiters form a chain of blocks on their own stacks, newest first; while there is
 * one, every change of the word is made under one spin lock, and a release hands the lock to the oldest waiter.
 */
#include "ex.h"
#include "ke.h"

#define EX_PUSH_LOCK_LOCKED          0x1ULL
#define EX_PUSH_LOCK_WAITING         0x2ULL
#define EX_PUSH_LOCK_MULTIPLE_SHARED 0x8ULL
#define EX_PUSH_LOCK_SHARE_INC       0x10ULL
#define EX_PUSH_LOCK_PTR_BITS        0xfULL

/* The word points to the newest; alignment keeps its low bits free. */
typedef struct DECLSPEC_ALIGN(16) _EX_PUSH_LOCK_WAIT_BLOCK {
	KEVENT WakeEvent;
	struct _EX_PUSH_LOCK_WAIT_BLOCK *Next; /* the one that came before */
	ULONG64 ShareCount;                    /* of the newest block: how many hold the lock shared, 0: exclusive */
	BOOLEAN Exclusive;
} EX_PUSH_LOCK_WAIT_BLOCK, *PEX_PUSH_LOCK_WAIT_BLOCK;

static KSPIN_LOCK ExpPushLockWaitLock;

static BOOLEAN ExpExchange(PEX_PUSH_LOCK lock, ULONG64 old, ULONG64 value)
{
	return __atomic_compare_exchange_n(&lock->Value, &old, value, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static ULONG64 ExpRead(PEX_PUSH_LOCK lock)
{
	return __atomic_load_n(&lock->Value, __ATOMIC_ACQUIRE);
}

static PEX_PUSH_LOCK_WAIT_BLOCK ExpNewestWaiter(ULONG64 value)
{
	return (value & EX_PUSH_LOCK_WAITING) ? (PVOID)(value & ~EX_PUSH_LOCK_PTR_BITS) : NULL;
}

/* The word with waiters: the newest block takes over the share count. */
static ULONG64 ExpWaitingValue(PEX_PUSH_LOCK_WAIT_BLOCK newest, ULONG64 share_count)
{
	newest->ShareCount = share_count;
	return (ULONG64)newest | EX_PUSH_LOCK_LOCKED | EX_PUSH_LOCK_WAITING | (share_count > 1 ? EX_PUSH_LOCK_MULTIPLE_SHARED : 0);
}

/* One try without waiting. FALSE: it must wait. */
BOOLEAN ExpTryAcquirePushLock(PEX_PUSH_LOCK lock, BOOLEAN exclusive)
{
	ULONG64 value = ExpRead(lock);

	while (!(value & EX_PUSH_LOCK_WAITING)) {
		ULONG64 taken = exclusive ? EX_PUSH_LOCK_LOCKED : (value | EX_PUSH_LOCK_LOCKED) + EX_PUSH_LOCK_SHARE_INC;

		if (value == EX_PUSH_LOCK_LOCKED || (value != 0 && exclusive))
			return FALSE;
		if (ExpExchange(lock, value, taken))
			return TRUE;
		value = ExpRead(lock);
	}
	return FALSE;
}

static VOID ExpAcquirePushLock(PEX_PUSH_LOCK lock, BOOLEAN exclusive)
{
	EX_PUSH_LOCK_WAIT_BLOCK block;
	KIRQL irql;

	if (ExpTryAcquirePushLock(lock, exclusive))
		return;
	KeInitializeEvent(&block.WakeEvent, SynchronizationEvent, FALSE);
	block.Exclusive = exclusive;
	KeAcquireSpinLock(&ExpPushLockWaitLock, &irql);
	for (;;) {
		ULONG64 value = ExpRead(lock);
		PEX_PUSH_LOCK_WAIT_BLOCK newest = ExpNewestWaiter(value);

		if (newest == NULL && ExpTryAcquirePushLock(lock, exclusive)) {
			KeReleaseSpinLock(&ExpPushLockWaitLock, irql);
			return;
		}
		/* Only behind a holder: a lock that was free for a moment has nobody who would hand it over. */
		if (value == 0)
			continue;
		block.Next = newest;
		/* Free with waiters is a lock whose holder has cleared the bit and is about to call ExfTryToWakePushLock. */
		if (ExpExchange(lock, value,
				ExpWaitingValue(&block, newest != NULL ? newest->ShareCount : value / EX_PUSH_LOCK_SHARE_INC) -
					(value & EX_PUSH_LOCK_LOCKED ? 0 : EX_PUSH_LOCK_LOCKED)))
			break;
	}
	KeReleaseSpinLock(&ExpPushLockWaitLock, irql);
	/* Whoever sets the event has made this thread a holder. */
	KeWaitForSingleObject(&block.WakeEvent, WrPushLock, KernelMode, FALSE, NULL);
}

/*
 * Gives the free lock to the oldest waiter, or to all waiting readers when the oldest is one. Called under ExpPushLockWaitLock, on a
 * word that only its holder changes. A block is gone as soon as its event is set.
 */
static VOID ExpHandOver(PEX_PUSH_LOCK lock, PEX_PUSH_LOCK_WAIT_BLOCK newest)
{
	PEX_PUSH_LOCK_WAIT_BLOCK oldest = newest;
	PEX_PUSH_LOCK_WAIT_BLOCK wake = NULL;
	PEX_PUSH_LOCK_WAIT_BLOCK *link = &newest;
	ULONG64 shares = 0;

	while (oldest->Next != NULL)
		oldest = oldest->Next;
	while (*link != NULL) {
		PEX_PUSH_LOCK_WAIT_BLOCK block = *link;

		if (oldest->Exclusive ? block != oldest : block->Exclusive) {
			link = &block->Next;
			continue;
		}
		*link = block->Next;
		block->Next = wake;
		wake = block;
		if (!block->Exclusive)
			shares++;
	}
	__atomic_store_n(&lock->Value, newest != NULL ? ExpWaitingValue(newest, shares) : shares * EX_PUSH_LOCK_SHARE_INC + EX_PUSH_LOCK_LOCKED,
			 __ATOMIC_RELEASE);
	while (wake != NULL) {
		PEX_PUSH_LOCK_WAIT_BLOCK next = wake->Next;

		KeSetEvent(&wake->WakeEvent, 0, FALSE);
		wake = next;
	}
}

static VOID ExpReleasePushLock(PEX_PUSH_LOCK lock)
{
	KIRQL irql;

	for (;;) {
		ULONG64 value = ExpRead(lock);
		PEX_PUSH_LOCK_WAIT_BLOCK newest;

		if (!(value & EX_PUSH_LOCK_WAITING)) {
			ULONG64 left = value < 2 * EX_PUSH_LOCK_SHARE_INC ? 0 : value - EX_PUSH_LOCK_SHARE_INC;

			if (ExpExchange(lock, value, left))
				return;
			continue;
		}
		KeAcquireSpinLock(&ExpPushLockWaitLock, &irql);
		newest = ExpNewestWaiter(ExpRead(lock));
		if (newest->ShareCount > 1)
			__atomic_store_n(&lock->Value, ExpWaitingValue(newest, newest->ShareCount - 1), __ATOMIC_RELEASE);
		else
			ExpHandOver(lock, newest);
		KeReleaseSpinLock(&ExpPushLockWaitLock, irql);
		return;
	}
}

VOID ExInitializePushLock(PEX_PUSH_LOCK PushLock)
{
	PushLock->Value = 0;
}

VOID ExfAcquirePushLockExclusive(PEX_PUSH_LOCK PushLock)
{
	ExpAcquirePushLock(PushLock, TRUE);
}

VOID ExfAcquirePushLockShared(PEX_PUSH_LOCK PushLock)
{
	ExpAcquirePushLock(PushLock, FALSE);
}

VOID ExfReleasePushLock(PEX_PUSH_LOCK PushLock)
{
	ExpReleasePushLock(PushLock);
}

VOID ExfReleasePushLockExclusive(PEX_PUSH_LOCK PushLock)
{
	ExpReleasePushLock(PushLock);
}

VOID ExfReleasePushLockShared(PEX_PUSH_LOCK PushLock)
{
	ExpReleasePushLock(PushLock);
}

BOOLEAN ExfTryAcquirePushLockShared(PEX_PUSH_LOCK PushLock)
{
	return ExpTryAcquirePushLock(PushLock, FALSE);
}

/* After a release that a driver has inlined: the lock bit is clear, and who waits has to be given the lock. */
VOID ExfTryToWakePushLock(PEX_PUSH_LOCK PushLock)
{
	KIRQL irql;
	ULONG64 value;

	KeAcquireSpinLock(&ExpPushLockWaitLock, &irql);
	value = ExpRead(PushLock);
	if ((value & EX_PUSH_LOCK_WAITING) && !(value & EX_PUSH_LOCK_LOCKED))
		ExpHandOver(PushLock, ExpNewestWaiter(value));
	KeReleaseSpinLock(&ExpPushLockWaitLock, irql);
}
