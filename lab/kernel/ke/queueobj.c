/*
 * Queues that feed worker threads: KQUEUE, and KPRIQUEUE with one list a priority. At most MaximumCount of the threads that serve a
 * queue run at a time; one that blocks on something else lets another in.
 */

#include "ki.h"

/* What the two kinds have in common, so that one set of routines serves both. */
static LONG KiRunningThreads(PDISPATCHER_HEADER Header)
{
	LONG Count = 0;

	if (Header->Type == QueueObject)
		return (LONG)CONTAINING_RECORD(Header, KQUEUE, Header)->CurrentCount;
	for (ULONG i = 0; i < MAXIMUM_PRIORITY; i++)
		Count += CONTAINING_RECORD(Header, KPRIQUEUE, Header)->CurrentCount[i];
	return Count;
}

static BOOLEAN KiMayRunMore(PDISPATCHER_HEADER Header)
{
	ULONG Maximum = Header->Type == QueueObject ? CONTAINING_RECORD(Header, KQUEUE, Header)->MaximumCount
						    : CONTAINING_RECORD(Header, KPRIQUEUE, Header)->MaximumCount;

	return (ULONG)KiRunningThreads(Header) < Maximum;
}

static VOID KiCountThread(PDISPATCHER_HEADER Header, PKTHREAD Thread, LONG Change)
{
	if (Header->Type == QueueObject)
		CONTAINING_RECORD(Header, KQUEUE, Header)->CurrentCount += (ULONG)Change;
	else
		CONTAINING_RECORD(Header, KPRIQUEUE, Header)->CurrentCount[Thread->QueuePriority] += Change;
}

/* The next entry of highest priority, off its list. The caller has seen that SignalState is not 0. */
static PLIST_ENTRY KiRemoveQueueEntry(PDISPATCHER_HEADER Header, PKTHREAD Thread)
{
	PKPRIQUEUE PriQueue;
	ULONG Priority = MAXIMUM_PRIORITY - 1;

	Header->SignalState--;
	if (Header->Type == QueueObject)
		return RemoveHeadList(&CONTAINING_RECORD(Header, KQUEUE, Header)->EntryListHead);
	PriQueue = CONTAINING_RECORD(Header, KPRIQUEUE, Header);
	while (Priority && IsListEmpty(&PriQueue->EntryListHead[Priority]))
		Priority--;
	Thread->QueuePriority = (LONG)Priority;
	return RemoveHeadList(&PriQueue->EntryListHead[Priority]);
}

/* Gives waiting threads work, as long as there is some and one more may run. */
static VOID KiActivateQueueWaiters(PDISPATCHER_HEADER Header)
{
	while (Header->SignalState && !IsListEmpty(&Header->WaitListHead) && KiMayRunMore(Header)) {
		/* The last to come is the first to go: its stack is still in the cache. */
		PKWAIT_BLOCK WaitBlock = CONTAINING_RECORD(Header->WaitListHead.Blink, KWAIT_BLOCK, WaitListEntry);
		PLIST_ENTRY Entry = KiRemoveQueueEntry(Header, WaitBlock->Thread);

		KiUnwaitThread(WaitBlock->Thread, (LONG_PTR)Entry, 0);
	}
}

VOID KiSuspendQueueThread(PKTHREAD Thread)
{
	KiCountThread(Thread->Queue, Thread, -1);
	KiActivateQueueWaiters(Thread->Queue);
}

VOID KiResumeQueueThread(PKTHREAD Thread)
{
	KiCountThread(Thread->Queue, Thread, 1);
}

VOID KiRundownQueueThread(PKTHREAD Thread)
{
	PDISPATCHER_HEADER Header = Thread->Queue;

	RemoveEntryList(&Thread->QueueListEntry);
	Thread->Queue = NULL;
	KiCountThread(Header, Thread, -1);
	KiActivateQueueWaiters(Header);
}

/* The thread comes for work: it belongs to this queue from now on, and counts as running only when it gets some. */
static VOID KiEnterQueue(PDISPATCHER_HEADER Header, PLIST_ENTRY ThreadListHead, PKTHREAD Thread)
{
	if (Thread->Queue == Header) {
		KiCountThread(Header, Thread, -1);
		return;
	}
	if (Thread->Queue)
		KiRundownQueueThread(Thread);
	Thread->Queue = Header;
	Thread->QueuePriority = 0;
	InsertTailList(ThreadListHead, &Thread->QueueListEntry);
}

/* Inlined, so that a worker's stack reads KiCommitThreadWait < KeRemovePriQueue, as in NT. */
FORCEINLINE PLIST_ENTRY KiRemoveFromQueue(PDISPATCHER_HEADER Header, PLIST_ENTRY ThreadListHead, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
					  PLARGE_INTEGER Timeout)
{
	PKTHREAD Thread;
	LONG_PTR Result;
	KI_WAIT Wait;

	KiInitializeWait(&Wait, WrQueue, WaitMode, Alertable, Timeout);
	Wait.ForQueue = TRUE;
	Thread = Wait.Thread;
	for (;;) {
		if (!KiBeginThreadWait(&Wait))
			continue;
		KiEnterQueue(Header, ThreadListHead, Thread);
		if (Header->SignalState && KiMayRunMore(Header)) {
			Result = (LONG_PTR)KiRemoveQueueEntry(Header, Thread);
			break;
		}
		Result = KiTestWaitAbort(&Wait);
		if (Result != STATUS_PENDING)
			break;
		KiLinkWaitBlock(&Thread->WaitBlock[0], Thread, Header, WaitDequeue, 0);
		KiCommitThreadWait(&Wait, &Thread->WaitBlock[0], 1);
		/* The status is an entry's address when there was one: all 64 bits count. */
		if (Thread->WaitStatus != STATUS_KERNEL_APC)
			return (PLIST_ENTRY)Thread->WaitStatus;
	}
	KiCountThread(Header, Thread, 1);
	KiEndThreadWait(&Wait);
	return (PLIST_ENTRY)Result;
}

NTKERNELAPI VOID KeInitializeQueue(PKQUEUE Queue, ULONG Count)
{
	Queue->Header.Lock = 0;
	Queue->Header.Type = QueueObject;
	Queue->Header.Size = sizeof(KQUEUE) / sizeof(LONG);
	Queue->Header.SignalState = 0;
	InitializeListHead(&Queue->Header.WaitListHead);
	InitializeListHead(&Queue->EntryListHead);
	InitializeListHead(&Queue->ThreadListHead);
	Queue->CurrentCount = 0;
	Queue->MaximumCount = Count ? Count : (ULONG)KeNumberProcessors;
}

static LONG KiInsertQueue(PKQUEUE Queue, PLIST_ENTRY Entry, BOOLEAN AtHead)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	LONG OldState = Queue->Header.SignalState++;

	if (AtHead)
		InsertHeadList(&Queue->EntryListHead, Entry);
	else
		InsertTailList(&Queue->EntryListHead, Entry);
	KiActivateQueueWaiters(&Queue->Header);
	KiExitDispatcher(OldIrql);
	return OldState;
}

NTKERNELAPI LONG KeInsertQueue(PKQUEUE Queue, PLIST_ENTRY Entry)
{
	return KiInsertQueue(Queue, Entry, FALSE);
}

NTKERNELAPI LONG KeInsertHeadQueue(PKQUEUE Queue, PLIST_ENTRY Entry)
{
	return KiInsertQueue(Queue, Entry, TRUE);
}

DECLSPEC_NOINLINE NTKERNELAPI PLIST_ENTRY KeRemoveQueue(PKQUEUE Queue, KPROCESSOR_MODE WaitMode, PLARGE_INTEGER Timeout)
{
	return KiRemoveFromQueue(&Queue->Header, &Queue->ThreadListHead, WaitMode, FALSE, Timeout);
}

/* Waits for one entry, and takes what else is there, up to Count. How many; or the status that ended the wait, which no count can be. */
DECLSPEC_NOINLINE NTKERNELAPI ULONG KeRemoveQueueEx(PKQUEUE Queue, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
						    PLIST_ENTRY *EntryArray, ULONG Count)
{
	PLIST_ENTRY First = KiRemoveFromQueue(&Queue->Header, &Queue->ThreadListHead, WaitMode, Alertable, Timeout);
	ULONG Removed = 1;
	KIRQL OldIrql;

	if ((LONG_PTR)First == STATUS_TIMEOUT || (LONG_PTR)First == STATUS_USER_APC || (LONG_PTR)First == STATUS_ALERTED ||
	    (LONG_PTR)First == STATUS_ABANDONED)
		return (ULONG)(ULONG_PTR)First;
	EntryArray[0] = First;
	OldIrql = KiLockDispatcherDatabase();
	for (; Removed < Count && Queue->Header.SignalState; Removed++)
		EntryArray[Removed] = KiRemoveQueueEntry(&Queue->Header, KeGetCurrentThread());
	KiExitDispatcher(OldIrql);
	return Removed;
}

NTKERNELAPI LONG KeReadStateQueue(PKQUEUE Queue)
{
	return Queue->Header.SignalState;
}

/* Nobody serves it any more; what is left comes back as a list without a head, NULL when nothing is. */
NTKERNELAPI PLIST_ENTRY KeRundownQueue(PKQUEUE Queue)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	PLIST_ENTRY First = NULL;

	if (!IsListEmpty(&Queue->EntryListHead)) {
		First = Queue->EntryListHead.Flink;
		RemoveEntryList(&Queue->EntryListHead);
		InitializeListHead(&Queue->EntryListHead);
	}
	Queue->Header.SignalState = 0;
	while (!IsListEmpty(&Queue->ThreadListHead)) {
		PKTHREAD Thread = CONTAINING_RECORD(RemoveHeadList(&Queue->ThreadListHead), KTHREAD, QueueListEntry);

		Thread->Queue = NULL;
	}
	KiExitDispatcher(OldIrql);
	return First;
}

VOID KeInitializePriQueue(PKPRIQUEUE Queue, ULONG MaximumCount)
{
	Queue->Header.Lock = 0;
	Queue->Header.Type = PriQueueObject;
	Queue->Header.Size = (UCHAR)(sizeof(KPRIQUEUE) / sizeof(LONG));
	Queue->Header.SignalState = 0;
	InitializeListHead(&Queue->Header.WaitListHead);
	for (ULONG i = 0; i < MAXIMUM_PRIORITY; i++) {
		InitializeListHead(&Queue->EntryListHead[i]);
		Queue->CurrentCount[i] = 0;
	}
	InitializeListHead(&Queue->ThreadListHead);
	Queue->MaximumCount = MaximumCount ? MaximumCount : (ULONG)KeNumberProcessors;
}

LONG KeInsertPriQueue(PKPRIQUEUE Queue, PLIST_ENTRY Entry, KPRIORITY Priority)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	LONG OldState = Queue->Header.SignalState++;

	InsertTailList(&Queue->EntryListHead[Priority], Entry);
	KiActivateQueueWaiters(&Queue->Header);
	KiExitDispatcher(OldIrql);
	return OldState;
}

DECLSPEC_NOINLINE PLIST_ENTRY KeRemovePriQueue(PKPRIQUEUE Queue, KPROCESSOR_MODE WaitMode, PLARGE_INTEGER Timeout)
{
	return KiRemoveFromQueue(&Queue->Header, &Queue->ThreadListHead, WaitMode, FALSE, Timeout);
}
