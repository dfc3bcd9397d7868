/* The two ends of a wait: who may take an object, and how a waiting thread is taken off its objects and made ready. */

#include "ki.h"

VOID KiLinkWaitBlock(PKWAIT_BLOCK WaitBlock, PKTHREAD Thread, PVOID Object, WAIT_TYPE WaitType, USHORT WaitKey)
{
	PDISPATCHER_HEADER Header = Object;

	/* Field by field: in KTHREAD.WaitBlock the spare fields hold other members of the thread. */
	WaitBlock->WaitType = (UCHAR)WaitType;
	WaitBlock->BlockState = WaitBlockActive;
	WaitBlock->WaitKey = WaitKey;
	WaitBlock->Thread = Thread;
	WaitBlock->Object = Object;
	InsertTailList(&Header->WaitListHead, &WaitBlock->WaitListEntry);
}

static VOID KiUnlinkWaitBlock(PKWAIT_BLOCK WaitBlock)
{
	if (WaitBlock->BlockState != WaitBlockActive)
		return;
	RemoveEntryList(&WaitBlock->WaitListEntry);
	WaitBlock->BlockState = WaitBlockInactive;
}

/* A wait satisfied with an increment runs the thread above its base priority until it has used its quantum. */
static VOID KiBoostThread(PKTHREAD Thread, KPRIORITY Increment)
{
	KPRIORITY Priority;

	if (Thread->Priority >= LOW_REALTIME_PRIORITY || Thread->DisableBoost || Increment <= 0)
		return;
	Priority = Thread->BasePriority + Increment;
	if (Priority > LOW_REALTIME_PRIORITY - 1)
		Priority = LOW_REALTIME_PRIORITY - 1;
	if (Priority > Thread->Priority)
		Thread->Priority = (CHAR)Priority;
}

VOID KiUnwaitThread(PKTHREAD Thread, LONG_PTR WaitStatus, KPRIORITY Increment)
{
	for (ULONG i = 0; i < Thread->WaitBlockCount; i++)
		KiUnlinkWaitBlock(&Thread->WaitBlockList[i]);
	if (Thread->TimerActive) {
		KiUnlinkWaitBlock(&Thread->WaitBlock[TIMER_WAIT_BLOCK]);
		KiRemoveTimer(&Thread->Timer);
		Thread->TimerActive = 0;
	}
	if (Thread->Queue)
		KiResumeQueueThread(Thread);
	Thread->WaitStatus = WaitStatus;
	Thread->WaitRegister.State = WaitInProgress;
	if (KiSeeded)
		KiSeedTrace(Thread, "is woken", NULL);
	KiBoostThread(Thread, Increment);
	KiReadyThread(Thread);
}

BOOLEAN KiIsObjectSignalled(const DISPATCHER_HEADER *Object, const KTHREAD *Thread)
{
	if (Object->SignalState > 0)
		return TRUE;
	return Object->Type == MutantObject && ((const KMUTANT *)Object)->OwnerThread == Thread;
}

static NTSTATUS KiSatisfyMutant(PKMUTANT Mutant, PKTHREAD Thread)
{
	NTSTATUS Status = STATUS_SUCCESS;

	if (--Mutant->Header.SignalState)
		return Status;
	Thread->KernelApcDisable -= Mutant->ApcDisable;
	Mutant->OwnerThread = Thread;
	InsertTailList(&Thread->MutantListHead, &Mutant->MutantListEntry);
	if (Mutant->Abandoned) {
		Mutant->Abandoned = 0;
		Status = STATUS_ABANDONED;
	}
	return Status;
}

NTSTATUS KiSatisfyObject(PDISPATCHER_HEADER Object, PKTHREAD Thread)
{
	switch (Object->Type) {
	case MutantObject:
		return KiSatisfyMutant(CONTAINING_RECORD(Object, KMUTANT, Header), Thread);
	case EventSynchronizationObject:
	case TimerSynchronizationObject:
		Object->SignalState = 0;
		break;
	case SemaphoreObject:
		Object->SignalState--;
		break;
	}
	return STATUS_SUCCESS;
}

static BOOLEAN KiAreAllSignalled(PKTHREAD Thread)
{
	for (ULONG i = 0; i < Thread->WaitBlockCount; i++)
		if (!KiIsObjectSignalled(Thread->WaitBlockList[i].Object, Thread))
			return FALSE;
	return TRUE;
}

/* Takes every object of a wait for all; STATUS_ABANDONED when one of them was. */
static NTSTATUS KiSatisfyAll(PKTHREAD Thread)
{
	NTSTATUS Status = STATUS_SUCCESS;

	for (ULONG i = 0; i < Thread->WaitBlockCount; i++)
		Status |= KiSatisfyObject(Thread->WaitBlockList[i].Object, Thread);
	return Status;
}

VOID KiWaitTest(PVOID Object, KPRIORITY Increment)
{
	PDISPATCHER_HEADER Header = Object;
	PLIST_ENTRY Entry = Header->WaitListHead.Flink;

	while (Entry != &Header->WaitListHead && Header->SignalState > 0) {
		PKWAIT_BLOCK WaitBlock = CONTAINING_RECORD(Entry, KWAIT_BLOCK, WaitListEntry);
		PKTHREAD Thread = WaitBlock->Thread;

		if (WaitBlock->WaitType == WaitAny) {
			NTSTATUS Status = KiSatisfyObject(Header, Thread);

			KiUnwaitThread(Thread, WaitBlock->WaitKey | Status, Increment);
		} else if (KiAreAllSignalled(Thread)) {
			NTSTATUS Status = KiSatisfyAll(Thread);

			KiUnwaitThread(Thread, Status, Increment);
		} else {
			Entry = Entry->Flink;
			continue;
		}
		/* The thread may have waited on this object with several blocks: none of the old links is safe. */
		Entry = Header->WaitListHead.Flink;
	}
}
