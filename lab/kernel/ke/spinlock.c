/* Spin locks: one bit that its owner sets, and queued locks where each waiter spins on its own handle. */

#include "ki.h"

KSPIN_LOCK KiDispatcherLock;

VOID KiAcquireSpinLock(PKSPIN_LOCK SpinLock)
{
	while (__atomic_exchange_n(SpinLock, 1, __ATOMIC_ACQUIRE))
		while (__atomic_load_n(SpinLock, __ATOMIC_RELAXED))
			KeYieldProcessor();
}

VOID KiReleaseSpinLock(PKSPIN_LOCK SpinLock)
{
	__atomic_store_n(SpinLock, 0, __ATOMIC_RELEASE);
}

/* Whoever waits stays open to interrupts: the holder may itself be waiting for this processor to answer one. */
DECLSPEC_NOINLINE VOID KiWaitBriefly(PKSPIN_LOCK SpinLock, BOOLEAN Enabled)
{
	do {
		KeEnableInterrupts(Enabled);
		while (__atomic_load_n(SpinLock, __ATOMIC_RELAXED))
			KeYieldProcessor();
		(void)KeDisableInterrupts();
	} while (__atomic_exchange_n(SpinLock, 1, __ATOMIC_ACQUIRE));
}

NTKERNELAPI VOID KeInitializeSpinLock(PKSPIN_LOCK SpinLock)
{
	*SpinLock = 0;
}

NTKERNELAPI KIRQL KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock)
{
	KIRQL OldIrql = KfRaiseIrql(DISPATCH_LEVEL);

	KiAcquireSpinLock(SpinLock);
	return OldIrql;
}

NTKERNELAPI KIRQL KeAcquireSpinLockRaiseToSynch(PKSPIN_LOCK SpinLock)
{
	KIRQL OldIrql = KfRaiseIrql(SYNCH_LEVEL);

	KiAcquireSpinLock(SpinLock);
	return OldIrql;
}

NTKERNELAPI VOID KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql)
{
	KiReleaseSpinLock(SpinLock);
	KfLowerIrql(NewIrql);
}

NTKERNELAPI VOID KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
	KiAcquireSpinLock(SpinLock);
}

NTKERNELAPI VOID KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock)
{
	KiReleaseSpinLock(SpinLock);
}

NTKERNELAPI BOOLEAN KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
	return !__atomic_exchange_n(SpinLock, 1, __ATOMIC_ACQUIRE);
}

NTKERNELAPI BOOLEAN KeTestSpinLock(PKSPIN_LOCK SpinLock)
{
	return !__atomic_load_n(SpinLock, __ATOMIC_RELAXED);
}

/* A threaded DPC may run at PASSIVE_LEVEL; ours never do, yet callers use this pair for both kinds. */
NTKERNELAPI KIRQL KeAcquireSpinLockForDpc(PKSPIN_LOCK SpinLock)
{
	return KeAcquireSpinLockRaiseToDpc(SpinLock);
}

NTKERNELAPI VOID KeReleaseSpinLockForDpc(PKSPIN_LOCK SpinLock, KIRQL OldIrql)
{
	KeReleaseSpinLock(SpinLock, OldIrql);
}

/* A queued lock is the tail of a chain of handles. The low bit of a handle's Lock says that it still waits. */
#define LOCK_QUEUE_WAIT 1ULL

NTKERNELAPI VOID KeAcquireInStackQueuedSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle)
{
	PKSPIN_LOCK_QUEUE Queue = &LockHandle->LockQueue;
	PKSPIN_LOCK_QUEUE Previous;
	ULONG_PTR *Word = (ULONG_PTR *)&Queue->Lock;

	Queue->Next = NULL;
	*Word = (ULONG_PTR)SpinLock | LOCK_QUEUE_WAIT;
	Previous = (PKSPIN_LOCK_QUEUE)__atomic_exchange_n(SpinLock, (ULONG_PTR)Queue, __ATOMIC_ACQ_REL);
	if (!Previous) {
		*Word = (ULONG_PTR)SpinLock;
		return;
	}
	__atomic_store_n(&Previous->Next, Queue, __ATOMIC_RELEASE);
	while (__atomic_load_n(Word, __ATOMIC_ACQUIRE) & LOCK_QUEUE_WAIT)
		KeYieldProcessor();
}

NTKERNELAPI VOID KeReleaseInStackQueuedSpinLockFromDpcLevel(PKLOCK_QUEUE_HANDLE LockHandle)
{
	PKSPIN_LOCK_QUEUE Queue = &LockHandle->LockQueue;
	PKSPIN_LOCK_QUEUE Next = __atomic_load_n(&Queue->Next, __ATOMIC_ACQUIRE);
	PKSPIN_LOCK SpinLock = (PKSPIN_LOCK)Queue->Lock;

	if (!Next) {
		ULONG_PTR Expected = (ULONG_PTR)Queue;

		if (__atomic_compare_exchange_n(SpinLock, &Expected, 0, FALSE, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
			return;
		/* Somebody has entered the chain and is about to say so. */
		while (!(Next = __atomic_load_n(&Queue->Next, __ATOMIC_ACQUIRE)))
			KeYieldProcessor();
	}
	__atomic_store_n((ULONG_PTR *)&Next->Lock, (ULONG_PTR)SpinLock, __ATOMIC_RELEASE);
}

NTKERNELAPI VOID KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle)
{
	LockHandle->OldIrql = KfRaiseIrql(DISPATCH_LEVEL);
	KeAcquireInStackQueuedSpinLockAtDpcLevel(SpinLock, LockHandle);
}

NTKERNELAPI VOID KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle)
{
	KIRQL OldIrql = LockHandle->OldIrql;

	KeReleaseInStackQueuedSpinLockFromDpcLevel(LockHandle);
	KfLowerIrql(OldIrql);
}
