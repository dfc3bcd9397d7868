/* Which thread runs: ready queues, preemption, the end of a quantum, and the ways to the context switch. */

#include "hal.h"
#include "ki.h"

PKTHREAD KiScheduledThread[KI_MAXIMUM_PROCESSORS];

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
	Thread->NextProcessor = Prcb->Number;
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

/* The first thread that waits with at least LowPriority for another processor and may run on this one, off its queue. */
static PKTHREAD KiTakeReadyThread(PKPRCB Prcb, KPRIORITY LowPriority)
{
	ULONG Candidates = 0;

	for (ULONG i = 0; i < (ULONG)KeNumberProcessors; i++)
		if (KiProcessorBlock[i] != Prcb)
			Candidates |= KiProcessorBlock[i]->ReadySummary;
	for (Candidates = Candidates >> LowPriority << LowPriority; Candidates; Candidates &= ~(1u << (31 - __builtin_clz(Candidates)))) {
		for (ULONG i = 1; i < (ULONG)KeNumberProcessors; i++) {
			PKPRCB Other = KiProcessorBlock[(Prcb->Number + i) % (ULONG)KeNumberProcessors];
			PLIST_ENTRY Head = &Other->DispatcherReadyListHead[31 - __builtin_clz(Candidates)];

			for (PLIST_ENTRY Entry = Head->Flink; Entry != Head; Entry = Entry->Flink) {
				PKTHREAD Thread = CONTAINING_RECORD(Entry, KTHREAD, WaitListEntry);

				if (!(Thread->Affinity->Bitmap[0] & Prcb->GroupSetMember))
					continue;
				KiRemoveReadyThread(Thread);
				Thread->NextProcessor = Prcb->Number;
				return Thread;
			}
		}
	}
	return NULL;
}

/* The first ready thread of at least LowPriority, off its queue; NULL: there is none. Its own queue's are preferred among equals. */
static PKTHREAD KiSelectReadyThread(PKPRCB Prcb, KPRIORITY LowPriority)
{
	ULONG Candidates = Prcb->ReadySummary >> LowPriority << LowPriority;
	PKTHREAD Thread;

	if (KeNumberProcessors > 1) {
		Thread = KiTakeReadyThread(Prcb, Candidates ? 32 - __builtin_clz(Candidates) : LowPriority);
		if (Thread)
			return Thread;
	}
	if (!Candidates)
		return NULL;
	Thread = CONTAINING_RECORD(Prcb->DispatcherReadyListHead[31 - __builtin_clz(Candidates)].Flink, KTHREAD, WaitListEntry);
	if (KiSeeded)
		Thread = KiSeedChooseThread(&Prcb->DispatcherReadyListHead[31 - __builtin_clz(Candidates)]);
	KiRemoveReadyThread(Thread);
	return Thread;
}

/* Thread is the next that Prcb's processor runs, and gets it as soon as its IRQL allows. */
static VOID KiSetStandby(PKPRCB Prcb, PKTHREAD Thread)
{
	Thread->State = Standby;
	Thread->NextProcessor = Prcb->Number;
	Prcb->NextThread = Thread;
	if (Prcb != KeGetCurrentPrcb())
		KiIpiRequest(Prcb, DISPATCH_LEVEL);
}

/*
 * Where Thread, which becomes ready, is best run: on an idle processor, else on the one whose thread has the lowest priority; of several, on
 * the first counted from where it ran last.
 */
static PKPRCB KiChooseProcessor(PKTHREAD Thread)
{
	PKPRCB Best = KiProcessorBlock[Thread->NextProcessor];
	KPRIORITY Lowest = MAXIMUM_PRIORITY;

	for (ULONG i = 0; i < (ULONG)KeNumberProcessors; i++) {
		PKPRCB Prcb = KiProcessorBlock[(Thread->NextProcessor + i) % (ULONG)KeNumberProcessors];
		PKTHREAD Claim = Prcb->NextThread ? Prcb->NextThread : KiScheduledThread[Prcb->Number];
		KPRIORITY Priority = Claim == Prcb->IdleThread ? -1 : Claim->Priority;

		if (!(Thread->Affinity->Bitmap[0] & Prcb->GroupSetMember) || Priority >= Lowest)
			continue;
		Best = Prcb;
		Lowest = Priority;
	}
	/* Who has to wait does so where it ran last. */
	if (Lowest >= Thread->Priority && (Thread->Affinity->Bitmap[0] & KiProcessorBlock[Thread->NextProcessor]->GroupSetMember))
		return KiProcessorBlock[Thread->NextProcessor];
	return Best;
}

/* Thread may run: at once on an idle processor, next where it outranks the current thread, else when its turn comes. */
VOID KiReadyThread(PKTHREAD Thread)
{
	PKPRCB Prcb = KeNumberProcessors > 1 ? KiChooseProcessor(Thread) : KiProcessorBlock[0];
	PKTHREAD Current = KiScheduledThread[Prcb->Number], Next = Prcb->NextThread;
	BOOLEAN Preempted = Thread->Preempted;

	Thread->Preempted = FALSE;
	if (KiScheduleHolder && KiScheduleHolder != Thread) {
		KiInsertReadyThread(Prcb, Thread, Preempted);
		return;
	}
	if (Next && Next != Prcb->IdleThread) {
		if (Thread->Priority > Next->Priority) {
			KiSetStandby(Prcb, Thread);
			Next->Preempted = TRUE;
			KiReadyThread(Next);
			return;
		}
	} else if (Next || Current == Prcb->IdleThread) {
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
	else if (!KiScheduleHolder)
		Thread = KiSelectReadyThread(Prcb, 0);
	else if (KiScheduleHolder->State == Ready)
		KiRemoveReadyThread(Thread = KiScheduleHolder);
	return Thread ? Thread : Prcb->IdleThread;
}

/*
 * Everything around a switch but the frame it leaves: the callers inline it, because their own frame has to be the one that debuggers
 * find above KiSwapContext. Unlocks the dispatcher; another processor that picks up OldThread meanwhile waits for its Running flag.
 */
FORCEINLINE VOID KiSwitchTo(PKPRCB Prcb, PKTHREAD OldThread, PKTHREAD NewThread)
{
	KiScheduledThread[Prcb->Number] = NewThread;
	/* It became ready again on its way to wait, and nobody is before it. */
	if (NewThread == OldThread) {
		NewThread->State = Running;
		KiReleaseSpinLock(&KiDispatcherLock);
		return;
	}
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
	KiScheduledThread[Prcb->Number] = NewThread;
	if (Thread != Prcb->IdleThread) {
		Thread->WaitReason = (UCHAR)Reason;
		if (KiSeeded && Thread->Preempted)
			KiSeedInterrupts(Thread, NewThread);
		KiReadyThread(Thread);
	}
	KiSwitchTo(Prcb, Thread, NewThread);
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

VOID KiPreferReadyThread(PKTHREAD Thread)
{
	PKPRCB Prcb = KiProcessorBlock[Thread->NextProcessor];
	PKTHREAD Better = Prcb->NextThread ? NULL : KiSelectReadyThread(Prcb, Thread->Priority + 1);

	if (Better) {
		Thread->Preempted = TRUE;
		KiSetStandby(Prcb, Better);
	}
}

/* The current thread, which goes on unless a ready one of its priority is to. */
static VOID KiEndSeededSlice(PKPRCB Prcb, PKTHREAD Thread)
{
	PKTHREAD Next;

	if (Prcb->NextThread || Prcb->DpcRoutineActive || Thread == Prcb->IdleThread || KiScheduleHolder || !KiSeedEndsSlice(Thread))
		return;
	KiDecayPriority(Thread);
	Next = KiSelectReadyThread(Prcb, Thread->Priority);
	if (Next) {
		Thread->Preempted = FALSE;
		KiSetStandby(Prcb, Next);
	}
}

DECLSPEC_NOINLINE VOID KiExitDispatcher(KIRQL OldIrql)
{
	PKPRCB Prcb = KeGetCurrentPrcb();
	PKTHREAD Thread = Prcb->CurrentThread;

	if (KiSeeded && OldIrql < DISPATCH_LEVEL)
		KiEndSeededSlice(Prcb, Thread);
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

DECLSPEC_NOINLINE VOID KiQuantumEnd(VOID)
{
	PKPRCB Prcb = KeGetCurrentPrcb();
	PKTHREAD Thread = Prcb->CurrentThread;

	KiAcquireSpinLock(&KiDispatcherLock);
	KiUpdateThreadCycles(Prcb, Thread);
	if (Thread->CycleTime >= Thread->QuantumTarget && !KiScheduleHolder && !(KiSeeded && KiSeedIgnoresQuantum(Thread))) {
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
			KiReadyThread(Thread);
		}
	} else if (Thread->State == Running && !Prcb->NextThread) {
		Better = KiSelectReadyThread(Prcb, Priority + 1);
		if (Better)
			KiSetStandby(Prcb, Better);
	}
}

VOID KiLeaveForbiddenProcessor(PKTHREAD Thread)
{
	PKPRCB Prcb = KiProcessorBlock[Thread->NextProcessor];
	PKTHREAD Next;

	if (Thread->Affinity->Bitmap[0] & Prcb->GroupSetMember)
		return;
	if (Thread->State == Ready) {
		KiRemoveReadyThread(Thread);
		KiReadyThread(Thread);
	} else if (Thread->State == Standby || (Thread->State == Running && !Prcb->NextThread)) {
		Next = KiSelectReadyThread(Prcb, 0);
		KiSetStandby(Prcb, Next ? Next : Prcb->IdleThread);
		if (Thread->State == Standby)
			KiReadyThread(Thread);
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
