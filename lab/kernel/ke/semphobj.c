/* Semaphore objects: a count between 0 and a limit; each satisfied wait takes one. */

#include "ex.h"
#include "ki.h"
#include "seh.h"

NTKERNELAPI VOID KeInitializeSemaphore(PKSEMAPHORE Semaphore, LONG Count, LONG Limit)
{
	Semaphore->Header.Lock = 0;
	Semaphore->Header.Type = SemaphoreObject;
	Semaphore->Header.Size = sizeof(KSEMAPHORE) / sizeof(LONG);
	Semaphore->Header.SignalState = Count;
	Semaphore->Limit = Limit;
	InitializeListHead(&Semaphore->Header.WaitListHead);
}

/* Raises STATUS_SEMAPHORE_LIMIT_EXCEEDED when the count would pass the limit. */
NTKERNELAPI LONG KeReleaseSemaphore(PKSEMAPHORE Semaphore, KPRIORITY Increment, LONG Adjustment, BOOLEAN Wait)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	PKTHREAD Thread = KeGetCurrentThread();
	LONG OldState = Semaphore->Header.SignalState;
	LONG NewState;

	if (__builtin_add_overflow(OldState, Adjustment, &NewState) || NewState > Semaphore->Limit || NewState < OldState) {
		KiExitDispatcher(OldIrql);
		ExRaiseStatus(STATUS_SEMAPHORE_LIMIT_EXCEEDED);
		return OldState;
	}
	if (KiSeeded)
		KiSeedSignal(&Semaphore->Header);
	Semaphore->Header.SignalState = NewState;
	if (!OldState && !IsListEmpty(&Semaphore->Header.WaitListHead))
		KiWaitTest(Semaphore, Increment);
	if (!Wait) {
		KiExitDispatcher(OldIrql);
		return OldState;
	}
	Thread->WaitNext = 1;
	Thread->WaitIrql = OldIrql;
	KiReleaseSpinLock(&KiDispatcherLock);
	return OldState;
}

NTKERNELAPI LONG KeReadStateSemaphore(PKSEMAPHORE Semaphore)
{
	return __atomic_load_n(&Semaphore->Header.SignalState, __ATOMIC_ACQUIRE);
}
