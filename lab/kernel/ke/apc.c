/* Asynchronous procedure calls: routines that run in a given thread. Kernel mode only; user APCs are queued and end waits. */

#include "hal.h"
#include "ki.h"

NTKERNELAPI VOID KeInitializeApc(PKAPC Apc, PKTHREAD Thread, KAPC_ENVIRONMENT Environment, PKKERNEL_ROUTINE KernelRoutine,
				 PKRUNDOWN_ROUTINE RundownRoutine, PKNORMAL_ROUTINE NormalRoutine, KPROCESSOR_MODE ApcMode, PVOID NormalContext)
{
	__builtin_memset(Apc, 0, sizeof(*Apc));
	Apc->Type = ApcObject;
	Apc->Size = sizeof(KAPC);
	Apc->Thread = Thread;
	Apc->ApcStateIndex = (CHAR)(Environment == CurrentApcEnvironment ? Thread->ApcStateIndex : Environment);
	Apc->KernelRoutine = KernelRoutine;
	Apc->RundownRoutine = RundownRoutine;
	Apc->NormalRoutine = NormalRoutine;
	Apc->ApcMode = NormalRoutine ? ApcMode : KernelMode;
	Apc->NormalContext = NormalRoutine ? NormalContext : NULL;
}

/* Special kernel APCs (no normal routine) stand before the others, among themselves in order. */
static VOID KiInsertApcList(PLIST_ENTRY Head, PKAPC Apc)
{
	PLIST_ENTRY Entry = Head;

	if (!Apc->NormalRoutine)
		while (Entry->Flink != Head && !CONTAINING_RECORD(Entry->Flink, KAPC, ApcListEntry)->NormalRoutine)
			Entry = Entry->Flink;
	else
		Entry = Head->Blink;
	InsertHeadList(Entry, &Apc->ApcListEntry);
}

static VOID KiSignalThreadForApc(PKAPC Apc, KPRIORITY Increment)
{
	PKTHREAD Thread = Apc->Thread;

	if (Apc->ApcMode == KernelMode) {
		Thread->ApcState.KernelApcPending = TRUE;
		if (Thread == KeGetCurrentThread())
			HalRequestSoftwareInterrupt(APC_LEVEL);
		else if (Thread->State == Running)
			KiIpiRequest(KiProcessorBlock[Thread->NextProcessor], APC_LEVEL);
		else if (Thread->State == Waiting && Thread->WaitIrql == PASSIVE_LEVEL && !Thread->SpecialApcDisable &&
			 (!Apc->NormalRoutine || (!Thread->KernelApcDisable && !Thread->ApcState.KernelApcInProgress)))
			KiUnwaitThread(Thread, STATUS_KERNEL_APC, Increment);
		return;
	}
	if (Thread->State == Waiting && Thread->WaitMode == UserMode && Thread->Alertable) {
		Thread->ApcState.UserApcPending = 1;
		KiUnwaitThread(Thread, STATUS_USER_APC, Increment);
	}
}

NTKERNELAPI BOOLEAN KeInsertQueueApc(PKAPC Apc, PVOID SystemArgument1, PVOID SystemArgument2, KPRIORITY Increment)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	PKTHREAD Thread = Apc->Thread;
	BOOLEAN Inserted = Thread->ApcQueueable && !Apc->Inserted;

	if (Inserted) {
		Apc->SystemArgument1 = SystemArgument1;
		Apc->SystemArgument2 = SystemArgument2;
		Apc->Inserted = TRUE;
		KiInsertApcList(&Thread->ApcState.ApcListHead[(UCHAR)Apc->ApcMode], Apc);
		KiSignalThreadForApc(Apc, Increment);
	}
	KiExitDispatcher(OldIrql);
	return Inserted;
}

NTKERNELAPI BOOLEAN KeRemoveQueueApc(PKAPC Apc)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	BOOLEAN WasInserted = Apc->Inserted;

	if (WasInserted) {
		RemoveEntryList(&Apc->ApcListEntry);
		Apc->Inserted = FALSE;
	}
	KiExitDispatcher(OldIrql);
	return WasInserted;
}

/* The first kernel APC that may run now, off its list. A normal one needs that none is running and no critical region holds. */
static PKAPC KiRemoveKernelApc(PKTHREAD Thread)
{
	PLIST_ENTRY Head = &Thread->ApcState.ApcListHead[KernelMode];
	KIRQL OldIrql = KiLockDispatcherDatabase();
	PKAPC Apc = NULL;

	if (!IsListEmpty(Head)) {
		Apc = CONTAINING_RECORD(Head->Flink, KAPC, ApcListEntry);
		if (Apc->NormalRoutine && (Thread->KernelApcDisable || Thread->ApcState.KernelApcInProgress))
			Apc = NULL;
	}
	if (Apc) {
		RemoveEntryList(&Apc->ApcListEntry);
		Apc->Inserted = FALSE;
	}
	KiReleaseSpinLock(&KiDispatcherLock);
	KfLowerIrql(OldIrql);
	return Apc;
}

VOID KiDeliverApc(KPROCESSOR_MODE DeliveryMode, PVOID ExceptionFrame, PKTRAP_FRAME TrapFrame)
{
	PKTHREAD Thread = KeGetCurrentThread();
	PKTRAP_FRAME OldTrapFrame = Thread->TrapFrame;
	PKAPC Apc;

	UNREFERENCED_PARAMETER(DeliveryMode);
	UNREFERENCED_PARAMETER(ExceptionFrame);
	if (Thread->SpecialApcDisable)
		return;
	Thread->TrapFrame = TrapFrame;
	Thread->ApcState.KernelApcPending = FALSE;
	while ((Apc = KiRemoveKernelApc(Thread)) != NULL) {
		PKKERNEL_ROUTINE KernelRoutine = Apc->KernelRoutine;
		PKNORMAL_ROUTINE NormalRoutine = Apc->NormalRoutine;
		PVOID NormalContext = Apc->NormalContext;
		PVOID Argument1 = Apc->SystemArgument1, Argument2 = Apc->SystemArgument2;

		/* The kernel routine may free the APC, and may withdraw the normal routine. */
		KernelRoutine(Apc, &NormalRoutine, &NormalContext, &Argument1, &Argument2);
		if (!NormalRoutine)
			continue;
		Thread->ApcState.KernelApcInProgress = 1;
		KfLowerIrql(PASSIVE_LEVEL);
		NormalRoutine(NormalContext, Argument1, Argument2);
		KfRaiseIrql(APC_LEVEL);
		Thread->ApcState.KernelApcInProgress = 0;
	}
	Thread->TrapFrame = OldTrapFrame;
}

NTKERNELAPI BOOLEAN KeAlertThread(PKTHREAD Thread, KPROCESSOR_MODE AlertMode)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	BOOLEAN WasAlerted = Thread->Alerted[(UCHAR)AlertMode];

	if (!WasAlerted) {
		if (Thread->State == Waiting && Thread->Alertable && AlertMode <= Thread->WaitMode)
			KiUnwaitThread(Thread, STATUS_ALERTED, 1);
		else
			Thread->Alerted[(UCHAR)AlertMode] = TRUE;
	}
	KiExitDispatcher(OldIrql);
	return WasAlerted;
}

NTKERNELAPI BOOLEAN KeTestAlertThread(KPROCESSOR_MODE AlertMode)
{
	PKTHREAD Thread = KeGetCurrentThread();
	KIRQL OldIrql = KiLockDispatcherDatabase();
	BOOLEAN WasAlerted = Thread->Alerted[(UCHAR)AlertMode];

	if (WasAlerted)
		Thread->Alerted[(UCHAR)AlertMode] = FALSE;
	else if (AlertMode == UserMode && !IsListEmpty(&Thread->ApcState.ApcListHead[UserMode]))
		Thread->ApcState.UserApcPending = 1;
	KiExitDispatcher(OldIrql);
	return WasAlerted;
}
