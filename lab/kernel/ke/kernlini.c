/* The first state of the dispatcher: this processor's queues, the Idle process, and the idle thread that the boot code turns into. */

#include "hal.h"
#include "ki.h"
#include "mm.h"

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
	Prcb->StartCycles = KeReadTsc();
}

/* The boot stack is the idle thread's, which runs already. */
static VOID KiInitializeIdleThread(PKPRCB Prcb, PKTHREAD Thread, PKPROCESS Process)
{
	KiInitializeThread(Thread, (PVOID)KeLoaderBlock->KernelStack, Process);
	Thread->State = Running;
	Thread->Running = TRUE;
	Thread->WaitIrql = DISPATCH_LEVEL;
	Thread->NextProcessor = Thread->IdealProcessor = Prcb->Number;
	Thread->QuantumReset = THREAD_QUANTUM;
	Thread->ApcQueueable = 1;
	InsertTailList(&Process->ThreadListHead, &Thread->ThreadListEntry);
	Process->StackCount.StackCount++;
	Process->ActiveProcessors.Bitmap[0] |= Prcb->GroupSetMember;
	Prcb->RspBase = KeLoaderBlock->KernelStack;
}

VOID KiInitSystem(VOID)
{
	PKPRCB Prcb = KeGetCurrentPrcb();
	PKPROCESS Process = &KiInitialProcess.Pcb;

	KiInitializePrcb(Prcb, &KiInitialThread.Tcb);
	KeInitializeProcess(Process, LOW_PRIORITY, ~0ULL, KeLoaderBlock->DirectoryTable, FALSE);
	Process->QuantumReset = (CHAR)0x7f;
	KiInitializeIdleThread(Prcb, &KiInitialThread.Tcb, Process);
}
