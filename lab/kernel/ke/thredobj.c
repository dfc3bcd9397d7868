/* Thread objects: how a kernel thread is made, started, ended, and what may be asked and changed about it. */

#include "ki.h"
#include "mm.h"

#define SATURATION_INCREMENT ((HIGH_PRIORITY + 1) / 2)

/* So that the first switch to the thread comes out in KiStartSystemThread. */
static VOID KiInitializeContextThread(PKTHREAD Thread, PKSYSTEM_ROUTINE SystemRoutine, PKSTART_ROUTINE StartRoutine, PVOID StartContext)
{
	PKSTART_FRAME Start = (PKSTART_FRAME)Thread->InitialStack - 1;
	PKSWITCH_FRAME Switch = (PKSWITCH_FRAME)Start - 1;

	__builtin_memset(Switch, 0, sizeof(*Switch) + sizeof(*Start));
	Start->P1Home = (ULONG64)SystemRoutine;
	Start->P2Home = (ULONG64)StartRoutine;
	Start->P3Home = (ULONG64)StartContext;
	Switch->Return = KiStartSystemThreadAddress;
	Thread->KernelStack = Switch;
}

VOID KiInitializeThread(PKTHREAD Thread, PVOID KernelStack, PKPROCESS Process)
{
	Thread->Header.Type = ThreadObject;
	InitializeListHead(&Thread->Header.WaitListHead);
	InitializeListHead(&Thread->MutantListHead);
	for (ULONG i = 0; i < RTL_NUMBER_OF(Thread->WaitBlock); i++) {
		Thread->WaitBlock[i].Thread = Thread;
		Thread->WaitBlock[i].BlockState = WaitBlockInactive;
	}
	Thread->EnableStackSwap = 1;
	Thread->SystemThread = 1;
	Thread->AutoAlignment = 1;
	Thread->KernelStackResident = 1;
	Thread->PreviousMode = KernelMode;
	Thread->Process = Thread->ApcState.Process = Process;
	for (ULONG Mode = KernelMode; Mode < MaximumMode; Mode++) {
		InitializeListHead(&Thread->ApcState.ApcListHead[Mode]);
		InitializeListHead(&Thread->SavedApcState.ApcListHead[Mode]);
	}
	KeInitializeEvent(&Thread->SuspendEvent, NotificationEvent, TRUE);
	KeInitializeTimer(&Thread->Timer);
	Thread->Affinity = Thread->UserAffinity = &Process->Affinity;
	Thread->InitialStack = Thread->StackBase = KernelStack;
	Thread->StackLimit = (PUCHAR)KernelStack - KERNEL_STACK_SIZE;
	KiInitializeLockEntries(Thread);
	Thread->State = Initialized;
}

NTSTATUS KeInitThread(PKTHREAD Thread, PVOID KernelStack, PKSYSTEM_ROUTINE SystemRoutine, PKSTART_ROUTINE StartRoutine, PVOID StartContext,
		      PCONTEXT Context, PVOID Teb, PKPROCESS Process)
{
	UNREFERENCED_PARAMETER(Context); /* of user threads, of which this kernel has none */
	if (!KernelStack)
		KernelStack = MmCreateKernelStack();
	if (!KernelStack)
		return STATUS_INSUFFICIENT_RESOURCES;
	KiInitializeThread(Thread, KernelStack, Process);
	Thread->Teb = Teb;
	KiInitializeContextThread(Thread, SystemRoutine, StartRoutine, StartContext);
	return STATUS_SUCCESS;
}

VOID KeUninitThread(PKTHREAD Thread)
{
	MmDeleteKernelStack(Thread->StackBase);
	Thread->InitialStack = Thread->StackBase = Thread->StackLimit = Thread->KernelStack = NULL;
}

VOID KeStartThread(PKTHREAD Thread)
{
	PKPROCESS Process = Thread->Process;
	KIRQL OldIrql = KiLockDispatcherDatabase();

	Thread->BasePriority = Thread->Priority = Process->BasePriority;
	Thread->QuantumReset = (UCHAR)Process->QuantumReset;
	Thread->QuantumTarget = Thread->QuantumReset * KiCyclesPerClockQuantum(KeGetCurrentPrcb());
	Thread->DisableBoost = Process->DisableBoost;
	/* Process by process its threads are spread over the processors. */
	Thread->NextProcessor = Thread->IdealProcessor = Thread->UserIdealProcessor = Process->ThreadSeed[0]++ % (ULONG)KeNumberProcessors;
	Thread->ApcQueueable = 1;
	InsertTailList(&Process->ThreadListHead, &Thread->ThreadListEntry);
	Process->StackCount.StackCount++;
	KiReadyThread(Thread);
	KiExitDispatcher(OldIrql);
}

DECLSPEC_NORETURN VOID KeTerminateThread(KPRIORITY Increment)
{
	PKTHREAD Thread = KeGetCurrentThread();
	PKPRCB Prcb;

	Thread->WaitIrql = KiLockDispatcherDatabase();
	Prcb = KeGetCurrentPrcb();
	Thread->ApcQueueable = 0;
	if (!IsListEmpty(&Thread->ApcState.ApcListHead[KernelMode]))
		KeBugCheckEx(KERNEL_APC_PENDING_DURING_EXIT, (ULONG_PTR)Thread->ApcState.ApcListHead[KernelMode].Flink,
			     (ULONG_PTR)(LONG_PTR)Thread->CombinedApcDisable, Thread->WaitIrql, 0);
	if (KiSeeded)
		KiSeedTrace(Thread, "ends", NULL);
	KiUpdateThreadCycles(Prcb, Thread);
	Thread->Process->CycleTime += Thread->CycleTime;
	KiAbandonMutants(Thread);
	if (Thread->Queue)
		KiRundownQueueThread(Thread);
	RemoveEntryList(&Thread->ThreadListEntry);
	Thread->Process->StackCount.StackCount--;
	Thread->Header.SignalState = 1;
	Thread->State = Terminated;
	KiWaitTest(Thread, Increment);
	KiSwapThread(Thread, Prcb);
	__builtin_unreachable();
}

/* The run-time priority only; what a thread falls back to is its base priority. */
NTKERNELAPI KPRIORITY KeSetPriorityThread(PKTHREAD Thread, KPRIORITY Priority)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	KPRIORITY OldPriority = Thread->Priority;

	/* 0 is the zero-page thread's alone. */
	if (!Priority)
		Priority = LOW_PRIORITY + 1;
	Thread->PriorityDecrement = 0;
	if (Priority != OldPriority && Priority > 0 && Priority < MAXIMUM_PRIORITY)
		KiSetPriorityThread(Thread, Priority);
	KiExitDispatcher(OldIrql);
	return OldPriority;
}

/* Increment is relative to the process; one of plus or minus SATURATION_INCREMENT goes to the end of the process's class. */
NTKERNELAPI LONG KeSetBasePriorityThread(PKTHREAD Thread, LONG Increment)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	KPRIORITY ProcessBase = Thread->Process->BasePriority;
	LONG OldIncrement = Thread->Saturation ? Thread->Saturation * SATURATION_INCREMENT : Thread->BasePriority - ProcessBase;
	BOOLEAN Realtime = ProcessBase >= LOW_REALTIME_PRIORITY;
	KPRIORITY Lowest = Realtime ? LOW_REALTIME_PRIORITY : LOW_PRIORITY + 1;
	KPRIORITY Highest = Realtime ? HIGH_PRIORITY : LOW_REALTIME_PRIORITY - 1;
	KPRIORITY Base = ProcessBase + Increment;

	Thread->Saturation = Increment >= SATURATION_INCREMENT ? 1 : Increment <= -SATURATION_INCREMENT ? -1 : 0;
	if (Base < Lowest || Thread->Saturation < 0)
		Base = Lowest;
	if (Base > Highest || Thread->Saturation > 0)
		Base = Highest;
	Thread->BasePriority = (CHAR)Base;
	Thread->PriorityDecrement = 0;
	if (Thread->Priority != Base)
		KiSetPriorityThread(Thread, Base);
	KiExitDispatcher(OldIrql);
	return OldIncrement;
}

NTKERNELAPI KPRIORITY KeQueryPriorityThread(PKTHREAD Thread)
{
	return Thread->Priority;
}

NTKERNELAPI ULONG KeQueryRuntimeThread(PKTHREAD Thread, PULONG UserTime)
{
	*UserTime = Thread->UserTime;
	return Thread->KernelTime;
}
