/* Deferred procedure calls: the queue that interrupt routines fill and that runs when IRQL falls to DISPATCH_LEVEL. */

#include "hal.h"
#include "ki.h"
#include "seh.h"

/* Bits of KPRCB.DpcRequestSummary, the public DpcNormal... flags; set by interrupt routines, hence by interlocked operations. */
#define DPC_PROCESSING_ACTIVE    0x1
#define DPC_PROCESSING_REQUESTED 0x2
#define DPC_TIMER_EXPIRATION     0x8

/* KDPC.Number from here on names a target processor; below, the last one that queued it. */
#define MAXIMUM_PROCESSORS 0x800

NTKERNELAPI VOID KeInitializeDpc(PKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext)
{
	Dpc->TargetInfoAsUlong = 0;
	Dpc->Type = DpcObject;
	Dpc->Importance = MediumImportance;
	Dpc->DpcListEntry.Next = NULL;
	Dpc->ProcessorHistory = 0;
	Dpc->DeferredRoutine = DeferredRoutine;
	Dpc->DeferredContext = DeferredContext;
	Dpc->SystemArgument1 = Dpc->SystemArgument2 = NULL;
	Dpc->DpcData = NULL;
}

NTKERNELAPI VOID KeInitializeThreadedDpc(PKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext)
{
	KeInitializeDpc(Dpc, DeferredRoutine, DeferredContext);
	Dpc->Type = ThreadedDpcObject;
}

NTKERNELAPI VOID KeSetImportanceDpc(PKDPC Dpc, KDPC_IMPORTANCE Importance)
{
	Dpc->Importance = (UCHAR)Importance;
}

NTKERNELAPI VOID KeSetTargetProcessorDpc(PKDPC Dpc, CCHAR Number)
{
	Dpc->Number = (USHORT)(MAXIMUM_PROCESSORS + (UCHAR)Number);
}

NTKERNELAPI NTSTATUS KeSetTargetProcessorDpcEx(PKDPC Dpc, PPROCESSOR_NUMBER ProcNumber)
{
	ULONG Index = KeGetProcessorIndexFromNumber(ProcNumber);

	if (Index >= (ULONG)KeNumberProcessors)
		return STATUS_INVALID_PARAMETER;
	Dpc->Number = (USHORT)(MAXIMUM_PROCESSORS + Index);
	return STATUS_SUCCESS;
}

/* Where a DPC is to run: where it is queued, unless it has a target. */
static PKPRCB KiDpcTarget(PKDPC Dpc)
{
	ULONG Number = (ULONG)Dpc->Number - MAXIMUM_PROCESSORS;

	if (Dpc->Number < MAXIMUM_PROCESSORS) {
		Dpc->Number = (USHORT)KeGetCurrentPrcb()->Number;
		return KeGetCurrentPrcb();
	}
	return Number < (ULONG)KeNumberProcessors ? KiProcessorBlock[Number] : KeGetCurrentPrcb();
}

static VOID KiInsertDpcList(PKDPC_DATA DpcData, PKDPC Dpc)
{
	PKDPC_LIST List = &DpcData->DpcList;

	if (Dpc->Importance == HighImportance || !List->ListHead.Next) {
		if (!List->ListHead.Next)
			List->LastEntry = &Dpc->DpcListEntry;
		PushEntryList(&List->ListHead, &Dpc->DpcListEntry);
	} else {
		Dpc->DpcListEntry.Next = NULL;
		List->LastEntry->Next = &Dpc->DpcListEntry;
		List->LastEntry = &Dpc->DpcListEntry;
	}
	DpcData->DpcQueueDepth++;
	DpcData->DpcCount++;
}

/*
 * A DPC for another processor interrupts it when it is important, the processor idle, or its queue long; else the processor finds it with the
 * next DPC of its own or the next clock interrupt, as documented for KeSetImportanceDpc.
 */
static VOID KiRequestRemoteDpc(PKPRCB Prcb, PKDPC_DATA DpcData, UCHAR Importance)
{
	__atomic_or_fetch(&Prcb->DpcRequestSummary, DPC_PROCESSING_REQUESTED, __ATOMIC_SEQ_CST);
	if (Importance >= HighImportance || Prcb->CurrentThread == Prcb->IdleThread || DpcData->DpcQueueDepth >= Prcb->MaximumDpcQueueDepth)
		KiIpiRequest(Prcb, DISPATCH_LEVEL);
}

NTKERNELAPI BOOLEAN KeInsertQueueDpc(PKDPC Dpc, PVOID SystemArgument1, PVOID SystemArgument2)
{
	BOOLEAN Enabled = KeDisableInterrupts();
	PKPRCB Prcb = KiDpcTarget(Dpc);
	PKDPC_DATA DpcData = &Prcb->DpcData[0];
	PVOID NotQueued = NULL;
	BOOLEAN Inserted = FALSE;

	KiAcquireSpinLock(&DpcData->DpcLock);
	/* Another processor may be queueing it at the same time, under the lock of its own queue. */
	if (__atomic_compare_exchange_n(&Dpc->DpcData, &NotQueued, DpcData, FALSE, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
		Dpc->SystemArgument1 = SystemArgument1;
		Dpc->SystemArgument2 = SystemArgument2;
		KiInsertDpcList(DpcData, Dpc);
		Inserted = TRUE;
	}
	KiReleaseSpinLock(&DpcData->DpcLock);
	if (Inserted && Prcb != KeGetCurrentPrcb()) {
		KiRequestRemoteDpc(Prcb, DpcData, Dpc->Importance);
	} else if (Inserted && !Prcb->DpcRoutineActive) {
		__atomic_or_fetch(&Prcb->DpcRequestSummary, DPC_PROCESSING_REQUESTED, __ATOMIC_SEQ_CST);
		HalRequestSoftwareInterrupt(DISPATCH_LEVEL);
	}
	KeEnableInterrupts(Enabled);
	/* With interrupts off nothing was delivered; a caller below DISPATCH_LEVEL expects its DPC to have run. */
	if (Inserted && Enabled && KeGetCurrentIrql() < DISPATCH_LEVEL)
		KfLowerIrql(KeGetCurrentIrql());
	return Inserted;
}

NTKERNELAPI BOOLEAN KeRemoveQueueDpc(PKDPC Dpc)
{
	BOOLEAN Enabled = KeDisableInterrupts();
	PKDPC_DATA DpcData = Dpc->DpcData;
	PSINGLE_LIST_ENTRY Previous;
	BOOLEAN Removed = FALSE;

	if (!DpcData) {
		KeEnableInterrupts(Enabled);
		return FALSE;
	}
	KiAcquireSpinLock(&DpcData->DpcLock);
	for (Previous = &DpcData->DpcList.ListHead; Previous->Next; Previous = Previous->Next) {
		if (Previous->Next != &Dpc->DpcListEntry)
			continue;
		Previous->Next = Dpc->DpcListEntry.Next;
		if (DpcData->DpcList.LastEntry == &Dpc->DpcListEntry)
			DpcData->DpcList.LastEntry = Previous;
		DpcData->DpcQueueDepth--;
		Dpc->DpcData = NULL;
		Removed = TRUE;
		break;
	}
	KiReleaseSpinLock(&DpcData->DpcLock);
	KeEnableInterrupts(Enabled);
	return Removed;
}

/*
 * A processor that runs this thread below DISPATCH_LEVEL runs no DPC; what a held-back request left in its queue runs now. At
 * PASSIVE_LEVEL.
 */
NTKERNELAPI VOID KeFlushQueuedDpcs(VOID)
{
	KAFFINITY Old;

	if (KeNumberProcessors == 1) {
		HalRequestSoftwareInterrupt(DISPATCH_LEVEL);
		return;
	}
	Old = KeSetSystemAffinityThreadEx(1);
	for (ULONG i = 0; i < (ULONG)KeNumberProcessors; i++) {
		KeSetSystemAffinityThreadEx(1ULL << i);
		HalRequestSoftwareInterrupt(DISPATCH_LEVEL);
	}
	KeRevertToUserAffinityThreadEx(Old);
}

BOOLEAN KiAreDpcsPending(const KPRCB *Prcb)
{
	return __atomic_load_n(&Prcb->DpcData[0].DpcQueueDepth, __ATOMIC_RELAXED) ||
	       (__atomic_load_n(&Prcb->DpcRequestSummary, __ATOMIC_RELAXED) & DPC_TIMER_EXPIRATION);
}

/* The next DPC with what it needs, off the queue before it runs, so that it may be queued again meanwhile. */
static BOOLEAN KiRemoveHeadDpc(PKDPC_DATA DpcData, KDPC *Copy, PKDPC *Dpc)
{
	BOOLEAN Enabled = KeDisableInterrupts();
	PSINGLE_LIST_ENTRY Entry;

	KiAcquireSpinLock(&DpcData->DpcLock);
	Entry = PopEntryList(&DpcData->DpcList.ListHead);
	if (Entry) {
		*Dpc = CONTAINING_RECORD(Entry, KDPC, DpcListEntry);
		*Copy = **Dpc;
		DpcData->DpcQueueDepth--;
		DpcData->ActiveDpc = *Dpc;
		__atomic_store_n(&(*Dpc)->DpcData, NULL, __ATOMIC_RELEASE);
	}
	KiReleaseSpinLock(&DpcData->DpcLock);
	KeEnableInterrupts(Enabled);
	return Entry != NULL;
}

static VOID KiCallDeferredRoutine(const KDPC *Copy, PKDPC Dpc)
{
	__try {
		Copy->DeferredRoutine(Dpc, Copy->DeferredContext, Copy->SystemArgument1, Copy->SystemArgument2);
	} __except (KiUnhandledDpcException(GetExceptionInformation())) {
		__builtin_unreachable();
	}
}

static VOID KiRunDpcs(PKPRCB Prcb)
{
	PKDPC_DATA DpcData = &Prcb->DpcData[0];
	PKDPC Dpc;
	KDPC Copy;

	while (KiRemoveHeadDpc(DpcData, &Copy, &Dpc)) {
		Prcb->CurrentDpcRoutine = Copy.DeferredRoutine;
		KiCallDeferredRoutine(&Copy, Dpc);
		Prcb->CurrentDpcRoutine = NULL;
		DpcData->ActiveDpc = NULL;
	}
}

DECLSPEC_NOINLINE VOID KiRetireDpcList(PKPRCB Prcb)
{
	/* The interrupted thread does not pay for other people's work. */
	KiUpdateThreadCycles(Prcb, Prcb->CurrentThread);
	Prcb->DpcRoutineActive = TRUE;
	do {
		LONG Requests = __atomic_fetch_and(&Prcb->DpcRequestSummary, ~(DPC_PROCESSING_REQUESTED | DPC_TIMER_EXPIRATION), __ATOMIC_SEQ_CST);

		if (Requests & DPC_TIMER_EXPIRATION)
			KiTimerExpiration(Prcb);
		KiRunDpcs(Prcb);
		/* Not atomic with the check: a DPC queued in between finds the flag and is seen by the next look. */
		__atomic_store_n(&Prcb->DpcRoutineActive, FALSE, __ATOMIC_SEQ_CST);
		if (!KiAreDpcsPending(Prcb))
			break;
		Prcb->DpcRoutineActive = TRUE;
	} while (TRUE);
	Prcb->StartCycles = KeReadTsc();
}

VOID KiDispatchInterrupt(VOID)
{
	PKPRCB Prcb = KeGetCurrentPrcb();

	if (Prcb->DpcRoutineActive)
		return;
	if (KiAreDpcsPending(Prcb))
		KiRetireDpcList(Prcb);
	/* The idle thread looks for work itself. */
	if (Prcb->CurrentThread == Prcb->IdleThread)
		return;
	if (Prcb->QuantumEnd) {
		Prcb->QuantumEnd = FALSE;
		KiQuantumEnd();
	} else if (Prcb->NextThread) {
		KiSwapToNextThread(Prcb);
	}
}

/* The clock interrupt has seen a timer come due. */
VOID KiRequestTimerExpiration(PKPRCB Prcb)
{
	__atomic_or_fetch(&Prcb->DpcRequestSummary, DPC_TIMER_EXPIRATION, __ATOMIC_SEQ_CST);
	HalRequestSoftwareInterrupt(DISPATCH_LEVEL);
}
