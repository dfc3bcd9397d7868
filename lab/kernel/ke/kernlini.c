/* The first state of the dispatcher: the Idle process, and of each processor the queues and the idle thread that its start turns into. */

#include "hal.h"
#include "ki.h"
#include "mm.h"

#define MAXIMUM_DPC_QUEUE_DEPTH 4

EPROCESS KiInitialProcess;
ETHREAD KiInitialThread;

static VOID KiInitializePrcb(PKPRCB Prcb, PKTHREAD IdleThread)
{
	InitializeListHead(&Prcb->WaitListHead);
	for (ULONG i = 0; i < MAXIMUM_PRIORITY; i++)
		InitializeListHead(&Prcb->DispatcherReadyListHead[i]);
	for (ULONG i = 0; i < RTL_NUMBER_OF(Prcb->DpcData); i++)
		Prcb->DpcData[i].DpcList.LastEntry = &Prcb->DpcData[i].DpcList.ListHead;
	KiInitializeTimerTable(Prcb);
	Prcb->IdleThread = Prcb->CurrentThread = IdleThread;
	Prcb->NextThread = NULL;
	Prcb->MaximumDpcQueueDepth = MAXIMUM_DPC_QUEUE_DEPTH;
	Prcb->StartCycles = KeReadTsc();
}

static VOID KiInitializeIdleThread(PKPRCB Prcb, PKTHREAD Thread, PVOID KernelStack)
{
	PKPROCESS Process = &KiInitialProcess.Pcb;

	KiInitializeThread(Thread, KernelStack, Process);
	Thread->State = Running;
	Thread->Running = TRUE;
	Thread->WaitIrql = DISPATCH_LEVEL;
	Thread->NextProcessor = Thread->IdealProcessor = Prcb->Number;
	Thread->QuantumReset = THREAD_QUANTUM;
	Thread->ApcQueueable = 1;
	Process->StackCount.StackCount++;
	Prcb->RspBase = (ULONG64)KernelStack;
	KiScheduledThread[Prcb->Number] = Thread;
}

VOID KiInitializeProcessorState(PKPRCB Prcb, PKTHREAD IdleThread, PVOID KernelStack)
{
	PKPROCESS Process = &KiInitialProcess.Pcb;
	KIRQL OldIrql;

	KiInitializePrcb(Prcb, IdleThread);
	KiInitializeIdleThread(Prcb, IdleThread, KernelStack);
	OldIrql = KiLockDispatcherDatabase();
	InsertTailList(&Process->ThreadListHead, &IdleThread->ThreadListEntry);
	Process->ActiveProcessors.Bitmap[0] |= Prcb->GroupSetMember;
	KiReleaseSpinLock(&KiDispatcherLock);
	KfLowerIrql(OldIrql);
}

/* The boot stack is the first idle thread's, which runs already. */
VOID KiInitSystem(VOID)
{
	PKPROCESS Process = &KiInitialProcess.Pcb;

	KeInitializeProcess(Process, LOW_PRIORITY, ~0ULL, KeLoaderBlock->DirectoryTable, FALSE);
	Process->QuantumReset = (CHAR)0x7f;
	KiInitializeSeed();
	KiInitializeProcessorState(KeGetCurrentPrcb(), &KiInitialThread.Tcb, (PVOID)KeLoaderBlock->KernelStack);
}
