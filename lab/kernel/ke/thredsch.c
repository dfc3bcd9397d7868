/* Which thread runs: ready queues, preemption, the end of a quantum, and the ways to the context switch. */

#include "hal.h"
#include "ki.h"

/* KeUpdateRunTime compares a thread's cycles with its target; this is what a third of a clock interval is worth in cycles. */
ULONG64 KiCyclesPerClockQuantum(const KPRCB *Prcb)
{
	return (ULONG64)Prcb->MHz * KeMaximumIncrement / (10 * CLOCK_QUANTUM_DECREMENT);
}

VOID KiUpdateThreadCycles(PKPRCB Prcb, PKTHREAD Thread)
{
	ULONG64 Now = KeReadTsc();

	Thread->CycleTime += Now - Prcb->StartCycles;
	Prcb->StartCycles = Now;
}

static VOID KiInsertReadyThread(PKPRCB Prcb, PKTHREAD Thread, BOOLEAN AtHead)
{
	PLIST_ENTRY Head = &Prcb->DispatcherReadyListHead[(UCHAR)Thread->Priority];

	Thread->State = Ready;
	Thread->ReadyTime = KeTickCount.LowPart;
	if (AtHead)
		InsertHeadList(Head, &Thread->WaitListEntry);
	else
		InsertTailList(Head, &Thread->WaitListEntry);
	Prcb->ReadySummary |= 1u << Thread->Priority;
	Prcb->ReadyThreadCount++;
}

VOID KiRemoveReadyThread(PKTHREAD Thread)
{
	PKPRCB Prcb = KiProcessorBlock[Thread->NextProcessor];

	if (RemoveEntryList(&Thread->WaitListEntry))
		Prcb->ReadySummary &= ~(1u << Thread->Priority);
	Prcb->ReadyThreadCount--;
}

/* The first ready thread of at least LowPriority, off its queue; NULL: there is none. */
static PKTHREAD KiSelectReadyThread(PKPRCB Prcb, KPRIORITY LowPriority)
{
	ULONG Candidates = Prcb->ReadySummary >> LowPriority << LowPriority;
	PKTHREAD Thread;

	if (!Candidates)
		return NULL;
	Thread = CONTAINING_RECORD(Prcb->DispatcherReadyListHead[31 - __builtin_clz(Candidates)].Flink, KTHREAD, WaitListEntry);
	KiRemoveReadyThread(Thread);
	return Thread;
}

static VOID KiSetStandby(PKPRCB Prcb, PKTHREAD Thread)
{
	Thread->State = Standby;
	Prcb->NextThread = Thread;
}

/* Thread may run: at once on an idle processor, next where it outranks the current thread, else when its turn comes. */
VOID KiReadyThread(PKTHREAD Thread)
{
	PKPRCB Prcb = KiProcessorBlock[Thread->NextProcessor];
	PKTHREAD Current = Prcb->CurrentThread, Next = Prcb->NextThread;
	BOOLEAN Preempted = Thread->Preempted;

	Thread->Preempted = FALSE;
	if (Next) {
		if (Thread->Priority > Next->Priority) {
			KiSetStandby(Prcb, Thread);
			KiInsertReadyThread(Prcb, Next, TRUE);
			return;
		}
	} else if (Current == Prcb->IdleThread) {
		KiSetStandby(Prcb, Thread);
		return;
	} else if (Current != Thread && Thread->Priority > Current->Priority) {
		if (Current->State == Running)
			Current->Preempted = TRUE;
		KiSetStandby(Prcb, Thread);
		return;
	}
	KiInsertReadyThread(Prcb, Thread, Preempted);
}

static PKTHREAD KiSelectNextThread(PKPRCB Prcb)
{
	PKTHREAD Thread = Prcb->NextThread;

	if (Thread)
		Prcb->NextThread = NULL;
	else
		Thread = KiSelectReadyThread(Prcb, 0);
	return Thread ? Thread : Prcb->IdleThread;
}

/*
 * Everything around a switch but the frame it leaves: the callers inline it, because their own frame has to be the one that debuggers
 * find above KiSwapContext. Unlocks the dispatcher; another processor that picks up OldThread meanwhile waits for its Running flag.
 */
FORCEINLINE VOID KiSwitchTo(PKPRCB Prcb, PKTHREAD OldThread, PKTHREAD NewThread)
{
	KiUpdateThreadCycles(Prcb, OldThread);
	Prcb->KeContextSwitches++;
	NewThread->State = Running;
	NewThread->ContextSwitches++;
	NewThread->Process->ContextSwitches++;
	Prcb->QuantumEnd = 0;
	/* Delivered when the new thread lowers its IRQL: a thread that never ran does so in KiStartSystemThread. */
	if (NewThread->ApcState.KernelApcPending && !NewThread->SpecialApcDisable)
		HalRequestSoftwareInterrupt(APC_LEVEL);
	KiReleaseSpinLock(&KiDispatcherLock);
	KiSwapContext(OldThread, NewThread);
}

DECLSPEC_NOINLINE LONG_PTR KiSwapThread(PKTHREAD Thread, PKPRCB Prcb)
{
	PKTHREAD NewThread = KiSelectNextThread(Prcb);
	LONG_PTR WaitStatus;

	KiSwitchTo(Prcb, Thread, NewThread);
	WaitStatus = Thread->WaitStatus;
	KfLowerIrql(Thread->WaitIrql);
	return WaitStatus;
}

/* The current thread, able to go on, makes room for NextThread. At DISPATCH_LEVEL under the lock; returns there when it runs again. */
FORCEINLINE VOID KiYieldToNextThread(PKPRCB Prcb, PKTHREAD Thread, KWAIT_REASON Reason)
{
	PKTHREAD NewThread = Prcb->NextThread;

	Prcb->NextThread = NULL;
	if (Thread != Prcb->IdleThread) {
		Thread->WaitReason = (UCHAR)Reason;
		KiInsertReadyThread(Prcb, Thread, Thread->Preempted);
		Thread->Preempted = FALSE;
	}
	KiSwitchTo(Prcb, Thread, NewThread);
}

DECLSPEC_NOINLINE VOID KiExitDispatcher(KIRQL OldIrql)
{
	PKPRCB Prcb = KeGetCurrentPrcb();
	PKTHREAD Thread = Prcb->CurrentThread;

	if (!Prcb->NextThread || Prcb->DpcRoutineActive || Thread == Prcb->IdleThread) {
		KiReleaseSpinLock(&KiDispatcherLock);
	} else if (OldIrql >= DISPATCH_LEVEL) {
		KiReleaseSpinLock(&KiDispatcherLock);
		HalRequestSoftwareInterrupt(DISPATCH_LEVEL);
	} else {
		Thread->WaitIrql = OldIrql;
		KiYieldToNextThread(Prcb, Thread, WrPreempted);
	}
	KfLowerIrql(OldIrql);
}

DECLSPEC_NOINLINE VOID KiSwapToNextThread(PKPRCB Prcb)
{
	PKTHREAD Thread = Prcb->CurrentThread;

	KiAcquireSpinLock(&KiDispatcherLock);
	if (Prcb->NextThread)
		KiYieldToNextThread(Prcb, Thread, WrDispatchInt);
	else
		KiReleaseSpinLock(&KiDispatcherLock);
}

/* One step down from a boost, never below the base priority. */
static VOID KiDecayPriority(PKTHREAD Thread)
{
	KPRIORITY Priority = Thread->Priority - Thread->PriorityDecrement - 1;

	if (Thread->Priority >= LOW_REALTIME_PRIORITY)
		return;
	if (Priority < Thread->BasePriority)
		Priority = Thread->BasePriority;
	Thread->Priority = (CHAR)Priority;
	Thread->PriorityDecrement = 0;
}

DECLSPEC_NOINLINE VOID KiQuantumEnd(VOID)
{
	PKPRCB Prcb = KeGetCurrentPrcb();
	PKTHREAD Thread = Prcb->CurrentThread;

	KiAcquireSpinLock(&KiDispatcherLock);
	KiUpdateThreadCycles(Prcb, Thread);
	if (Thread->CycleTime >= Thread->QuantumTarget) {
		Thread->QuantumTarget = Thread->CycleTime + Thread->QuantumReset * KiCyclesPerClockQuantum(Prcb);
		KiDecayPriority(Thread);
		if (!Prcb->NextThread) {
			PKTHREAD Next = KiSelectReadyThread(Prcb, Thread->Priority);

			if (Next)
				KiSetStandby(Prcb, Next);
		}
		Thread->Preempted = FALSE;
	}
	if (Prcb->NextThread)
		KiYieldToNextThread(Prcb, Thread, WrQuantumEnd);
	else
		KiReleaseSpinLock(&KiDispatcherLock);
}

/* Lowering a thread that runs or is about to run may make a ready one the better choice. */
VOID KiSetPriorityThread(PKTHREAD Thread, KPRIORITY Priority)
{
	PKPRCB Prcb = KiProcessorBlock[Thread->NextProcessor];
	KPRIORITY OldPriority = Thread->Priority;
	PKTHREAD Better;

	if (Thread->State == Ready) {
		KiRemoveReadyThread(Thread);
		Thread->Priority = (CHAR)Priority;
		KiReadyThread(Thread);
		return;
	}
	Thread->Priority = (CHAR)Priority;
	if (Priority >= OldPriority)
		return;
	if (Thread->State == Standby) {
		Better = KiSelectReadyThread(Prcb, Priority + 1);
		if (Better) {
			KiSetStandby(Prcb, Better);
			KiInsertReadyThread(Prcb, Thread, FALSE);
		}
	} else if (Thread->State == Running && !Prcb->NextThread) {
		Better = KiSelectReadyThread(Prcb, Priority + 1);
		if (Better)
			KiSetStandby(Prcb, Better);
	}
}

NTKERNELAPI NTSTATUS ZwYieldExecution(VOID)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	PKPRCB Prcb = KeGetCurrentPrcb();
	PKTHREAD Thread = Prcb->CurrentThread;
	NTSTATUS Status = STATUS_NO_YIELD_PERFORMED;

	if (!Prcb->NextThread && OldIrql < DISPATCH_LEVEL && Thread != Prcb->IdleThread) {
		PKTHREAD Next = KiSelectReadyThread(Prcb, Thread->Priority);

		if (Next) {
			KiSetStandby(Prcb, Next);
			Thread->Preempted = FALSE;
			Status = STATUS_SUCCESS;
		}
	}
	KiExitDispatcher(OldIrql);
	return Status;
}
