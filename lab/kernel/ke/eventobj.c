/* Event objects: notification events stay signalled until reset, synchronization events wake one waiter and reset themselves. */

#include "ki.h"

NTKERNELAPI VOID KeInitializeEvent(PKEVENT Event, EVENT_TYPE Type, BOOLEAN State)
{
	Event->Header.Lock = 0;
	Event->Header.Type = (UCHAR)(Type == NotificationEvent ? EventNotificationObject : EventSynchronizationObject);
	Event->Header.Size = sizeof(KEVENT) / sizeof(LONG);
	Event->Header.SignalState = State != FALSE;
	InitializeListHead(&Event->Header.WaitListHead);
}

/* Signals it under the dispatcher lock. The one thread a synchronization event wakes takes the signal before anybody can see it. */
static VOID KiSetEvent(PKEVENT Event, KPRIORITY Increment)
{
	PKWAIT_BLOCK WaitBlock;

	if (KiSeeded)
		KiSeedSignal(&Event->Header);
	if (Event->Header.SignalState || IsListEmpty(&Event->Header.WaitListHead)) {
		Event->Header.SignalState = 1;
		return;
	}
	WaitBlock = CONTAINING_RECORD(Event->Header.WaitListHead.Flink, KWAIT_BLOCK, WaitListEntry);
	if (Event->Header.Type == EventSynchronizationObject && WaitBlock->WaitType == WaitAny) {
		KiUnwaitThread(WaitBlock->Thread, WaitBlock->WaitKey, Increment);
		return;
	}
	Event->Header.SignalState = 1;
	KiWaitTest(Event, Increment);
}

/* Wait: the caller's next call is a wait, entered without giving up the processor in between. */
static VOID KiExitEvent(KIRQL OldIrql, BOOLEAN Wait)
{
	PKTHREAD Thread = KeGetCurrentThread();

	if (!Wait) {
		KiExitDispatcher(OldIrql);
		return;
	}
	Thread->WaitNext = 1;
	Thread->WaitIrql = OldIrql;
	KiReleaseSpinLock(&KiDispatcherLock);
}

/* Changes the state of an event for which nobody waits. FALSE: somebody does, and the dispatcher has to act. */
static BOOLEAN KiSetUnawaited(PKEVENT Event, LONG State, LONG *OldState)
{
	BOOLEAN Enabled = KiLockBriefly(&KiDispatcherLock);
	BOOLEAN Unawaited = IsListEmpty(&Event->Header.WaitListHead);

	*OldState = Event->Header.SignalState;
	if (Unawaited)
		Event->Header.SignalState = State;
	KiUnlockBriefly(&KiDispatcherLock, Enabled);
	return Unawaited;
}

NTKERNELAPI LONG KeSetEvent(PKEVENT Event, KPRIORITY Increment, BOOLEAN Wait)
{
	KIRQL OldIrql;
	LONG OldState;

	if (!Wait && !KiSeeded && KiSetUnawaited(Event, 1, &OldState))
		return OldState;
	OldIrql = KiLockDispatcherDatabase();
	OldState = Event->Header.SignalState;
	KiSetEvent(Event, Increment);
	KiExitEvent(OldIrql, Wait);
	return OldState;
}

NTKERNELAPI LONG KePulseEvent(PKEVENT Event, KPRIORITY Increment, BOOLEAN Wait)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	LONG OldState = Event->Header.SignalState;

	KiSetEvent(Event, Increment);
	Event->Header.SignalState = 0;
	KiExitEvent(OldIrql, Wait);
	return OldState;
}

NTKERNELAPI LONG KeResetEvent(PKEVENT Event)
{
	BOOLEAN Enabled = KiLockBriefly(&KiDispatcherLock);
	LONG OldState = Event->Header.SignalState;

	Event->Header.SignalState = 0;
	KiUnlockBriefly(&KiDispatcherLock, Enabled);
	return OldState;
}

NTKERNELAPI VOID KeClearEvent(PKEVENT Event)
{
	__atomic_store_n(&Event->Header.SignalState, 0, __ATOMIC_SEQ_CST);
}

NTKERNELAPI LONG KeReadStateEvent(PKEVENT Event)
{
	return __atomic_load_n(&Event->Header.SignalState, __ATOMIC_ACQUIRE);
}
