/*
 * What the dispatcher's files share. Everything that waits, signals or schedules happens under KiDispatcherLock at DISPATCH_LEVEL; the
 * queues of a processor's DPCs have their own lock, because interrupt routines fill them.
 */
#ifndef KI_H
#define KI_H

#include "ke.h"
#include "kd.h"

#define TIMER_WAIT_BLOCK 3      /* KTHREAD.WaitBlock[] of the time-out */
#define CLOCK_QUANTUM_DECREMENT 3 /* units of KTHREAD.QuantumReset in a clock interval */
#define THREAD_QUANTUM 6        /* two clock intervals: a workstation's background quantum */
#define NORMAL_BASE_PRIORITY 8

/*
 * The thread that each processor runs, or is on its way to: changed with the decision, under the dispatcher lock, whereas
 * KPRCB.CurrentThread changes with the stack, when the lock is already free.
 */
extern PKTHREAD KiScheduledThread[KI_MAXIMUM_PROCESSORS];

/* spinlock.c: at DISPATCH_LEVEL or above. */
VOID KiAcquireSpinLock(PKSPIN_LOCK SpinLock);
VOID KiReleaseSpinLock(PKSPIN_LOCK SpinLock);

static inline KIRQL KiLockDispatcherDatabase(VOID)
{
	KIRQL OldIrql = KfRaiseIrql(DISPATCH_LEVEL);

	KiAcquireSpinLock(&KiDispatcherLock);
	return OldIrql;
}

/* waitsup.c, under the dispatcher lock. */
/* Ends the wait of a waiting thread with WaitStatus and readies it, with a boost of Increment over its base priority. */
VOID KiUnwaitThread(PKTHREAD Thread, LONG_PTR WaitStatus, KPRIORITY Increment);
/* Object is signalled: wakes whom it satisfies, until it is signalled no more. */
VOID KiWaitTest(PVOID Object, KPRIORITY Increment);
/* May Thread take Object now? */
BOOLEAN KiIsObjectSignalled(const DISPATCHER_HEADER *Object, const KTHREAD *Thread);
/* Thread takes it; STATUS_ABANDONED for a mutant whose owner ended, else 0. */
NTSTATUS KiSatisfyObject(PDISPATCHER_HEADER Object, PKTHREAD Thread);
VOID KiLinkWaitBlock(PKWAIT_BLOCK WaitBlock, PKTHREAD Thread, PVOID Object, WAIT_TYPE WaitType, USHORT WaitKey);

/* How a wait begins and ends (wait.c). */
typedef struct _KI_WAIT {
	PKTHREAD Thread;
	PLARGE_INTEGER Timeout; /* as the caller gave it: NULL, relative or absolute */
	ULONGLONG DueTime;      /* interrupt time at which it ends; valid when Timeout is not NULL */
	KWAIT_REASON WaitReason;
	KPROCESSOR_MODE WaitMode;
	BOOLEAN Alertable;
	BOOLEAN ForQueue; /* the thread waits for work: it has already left its queue's count of running threads */
} KI_WAIT, *PKI_WAIT;

VOID KiInitializeWait(PKI_WAIT Wait, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Timeout);
/* Locks the dispatcher. FALSE: a kernel APC had to run first and the lock is not held; begin again. */
BOOLEAN KiBeginThreadWait(PKI_WAIT Wait);
/* Unlocks; for waits that end without waiting. */
VOID KiEndThreadWait(PKI_WAIT Wait);
/* An alert, a user APC or an expired time-out ends the wait before it begins: its status; STATUS_PENDING: wait. */
NTSTATUS KiTestWaitAbort(PKI_WAIT Wait);
/* Waits on WaitBlocks[0..Count), which are linked. Unlocks. STATUS_KERNEL_APC: an APC ran; begin again. */
NTSTATUS KiCommitThreadWait(PKI_WAIT Wait, PKWAIT_BLOCK WaitBlocks, ULONG Count);

/* thredsch.c, under the dispatcher lock unless said otherwise. */
VOID KiReadyThread(PKTHREAD Thread);
VOID KiRemoveReadyThread(PKTHREAD Thread);
/* The current thread gives its processor away; returns its wait status when it runs again, at WaitIrql. Unlocks. */
LONG_PTR KiSwapThread(PKTHREAD Thread, PKPRCB Prcb);
/* Unlocks and goes to OldIrql, or to a thread that is to run instead of the current one. */
VOID KiExitDispatcher(KIRQL OldIrql);
VOID KiSetPriorityThread(PKTHREAD Thread, KPRIORITY Priority);
/* Thread's affinity has changed: it leaves the processor where it runs or waits to run if it may not be there. */
VOID KiLeaveForbiddenProcessor(PKTHREAD Thread);
/* Lock not held, at DISPATCH_LEVEL. */
VOID KiQuantumEnd(VOID);
VOID KiSwapToNextThread(PKPRCB Prcb);
ULONG64 KiCyclesPerClockQuantum(const KPRCB *Prcb);
/* Charges the time since the last charge to Thread. */
VOID KiUpdateThreadCycles(PKPRCB Prcb, PKTHREAD Thread);

/* ctxswap.S: saves the nonvolatile state on OldThread's stack and goes on where NewThread left off. */
VOID KiSwapContext(PKTHREAD OldThread, PKTHREAD NewThread);
/* Where a new thread's first switch frame returns to, with rsp at its KSTART_FRAME: inside KiStartSystemThread, past its prologue. */
extern const ULONG64 KiStartSystemThreadAddress;

/* timerobj.c, under the dispatcher lock unless said otherwise. */
VOID KiInitializeTimerTable(PKPRCB Prcb);
VOID KiInsertTimer(PKTIMER Timer, ULONGLONG DueTime);
VOID KiRemoveTimer(PKTIMER Timer);
/* Any IRQL, no lock: has a timer of this processor's table come due? */
BOOLEAN KiIsTimerDue(PKPRCB Prcb, ULONGLONG InterruptTime);
/* Lock not held, at DISPATCH_LEVEL. */
VOID KiTimerExpiration(PKPRCB Prcb);
/* A time-out or due time in interrupt time: relative (negative) from now, absolute (system time) translated. */
ULONGLONG KiComputeDueTime(LARGE_INTEGER Time);

/* dpc.c. At DISPATCH_LEVEL: runs what is queued, until nothing is. */
VOID KiRetireDpcList(PKPRCB Prcb);
BOOLEAN KiAreDpcsPending(const KPRCB *Prcb);
/* From the clock interrupt: KiTimerExpiration is to run. */
VOID KiRequestTimerExpiration(PKPRCB Prcb);

/* queueobj.c, under the dispatcher lock: a thread that serves Thread->Queue blocks, runs again, or ends. */
VOID KiSuspendQueueThread(PKTHREAD Thread);
VOID KiResumeQueueThread(PKTHREAD Thread);
VOID KiRundownQueueThread(PKTHREAD Thread);

/* thredobj.c: all of a zeroed thread but its first frame. KernelStack is the top of its stack. */
VOID KiInitializeThread(PKTHREAD Thread, PVOID KernelStack, PKPROCESS Process);

/* kernlini.c: a processor's queues and its idle thread, which runs on KernelStack. Number and GroupSetMember of Prcb are set. */
VOID KiInitializeProcessorState(PKPRCB Prcb, PKTHREAD IdleThread, PVOID KernelStack);

/* procobj.c and affinity.c: an affinity of one group; those of all masks of so many processors. FALSE: no memory. */
VOID KiInitializeAffinity(PKAFFINITY_EX Affinity, KAFFINITY Mask);
BOOLEAN KiInitializeAffinityMasks(ULONG Processors);

/*
 * seed.c: the schedule that a seed makes. All but the first under the dispatcher lock, and only where KiSeeded.
 */
extern BOOLEAN KiSeeded;
extern PKTHREAD KiScheduleHolder; /* runs alone; NULL: nobody does */
VOID KiInitializeSeed(VOID);
/* Thread has waited without having to, or signalled: is that the end of its slice? */
BOOLEAN KiSeedEndsSlice(PKTHREAD Thread);
/* The clock's quantum is over: does Thread go on all the same? */
BOOLEAN KiSeedIgnoresQuantum(PKTHREAD Thread);
/* NewThread, of higher priority, runs in place of Thread. */
VOID KiSeedInterrupts(PKTHREAD Thread, PKTHREAD NewThread);
/* Of the threads that are ready at one priority, Head's list, the one to run. */
PKTHREAD KiSeedChooseThread(PLIST_ENTRY Head);
/* Object is about to be signalled: puts the waiter to be woken first in its list. */
VOID KiSeedSignal(PDISPATCHER_HEADER Object);
/* A line on the console, if Thread is a driver's: T<thread> <verb> <object>. Object may be NULL. */
VOID KiSeedTrace(PKTHREAD Thread, PCSTR Verb, PDISPATCHER_HEADER Object);

/* The ready threads' first takes the processor from Thread, which runs, if it outranks it. */
VOID KiPreferReadyThread(PKTHREAD Thread);

/* autobst.c */
VOID KiInitializeLockEntries(PKTHREAD Thread);

/* region.c: kernel APCs that were held back get their interrupt, if nothing holds them back any more. */
VOID KiCheckForKernelApcDelivery(VOID);

/* mutntobj.c: a thread that ends owns mutants no more. Under the dispatcher lock. */
VOID KiAbandonMutants(PKTHREAD Thread);

/* Would an APC interrupt run a kernel APC of Thread, if it ran at Irql? */
static inline BOOLEAN KiIsKernelApcDeliverable(const KTHREAD *Thread, KIRQL Irql)
{
	return Thread->ApcState.KernelApcPending && !Thread->SpecialApcDisable && Irql < APC_LEVEL;
}

#endif
