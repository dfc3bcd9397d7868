/* Guarded mutexes: a count of 1 is free, 0 taken, less says how many wait; the owner runs in a guarded region. */

#include "ki.h"

NTKERNELAPI VOID KeInitializeGuardedMutex(PKGUARDED_MUTEX Mutex)
{
	Mutex->Count = 1;
	Mutex->Owner = NULL;
	Mutex->Contention = 0;
	KeInitializeEvent(&Mutex->Event, SynchronizationEvent, FALSE);
	Mutex->OldIrql = 0;
}

NTKERNELAPI VOID KeAcquireGuardedMutexUnsafe(PKGUARDED_MUTEX Mutex)
{
	if (__atomic_sub_fetch(&Mutex->Count, 1, __ATOMIC_ACQUIRE)) {
		__atomic_add_fetch(&Mutex->Contention, 1, __ATOMIC_RELAXED);
		KeWaitForSingleObject(&Mutex->Event, WrGuardedMutex, KernelMode, FALSE, NULL);
	}
	Mutex->Owner = KeGetCurrentThread();
}

/* The event hands the mutex to one waiter, whose decrement already counts it as taken. */
NTKERNELAPI VOID KeReleaseGuardedMutexUnsafe(PKGUARDED_MUTEX Mutex)
{
	Mutex->Owner = NULL;
	if (__atomic_add_fetch(&Mutex->Count, 1, __ATOMIC_RELEASE) <= 0)
		KeSetEvent(&Mutex->Event, 1, FALSE);
}

NTKERNELAPI VOID KeAcquireGuardedMutex(PKGUARDED_MUTEX Mutex)
{
	KeEnterGuardedRegion();
	KeAcquireGuardedMutexUnsafe(Mutex);
}

NTKERNELAPI VOID KeReleaseGuardedMutex(PKGUARDED_MUTEX Mutex)
{
	KeReleaseGuardedMutexUnsafe(Mutex);
	KeLeaveGuardedRegion();
}

NTKERNELAPI BOOLEAN KeTryToAcquireGuardedMutex(PKGUARDED_MUTEX Mutex)
{
	LONG Free = 1;

	KeEnterGuardedRegion();
	if (__atomic_compare_exchange_n(&Mutex->Count, &Free, 0, FALSE, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		Mutex->Owner = KeGetCurrentThread();
		return TRUE;
	}
	KeLeaveGuardedRegion();
	return FALSE;
}
