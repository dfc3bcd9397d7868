/*
 * System worker threads: one queue ordered by priority, threads that take items from it, and a manager that adds a thread when the
 * existing ones are all stuck in their items.
 */
#include "ex.h"
#include "exp.h"
#include "kd.h"
#include "ke.h"
#include "ob.h"
#include "ps.h"
#include "rtl.h"

#define EX_MIN_WORKERS      4
#define EX_MAX_WORKERS      32
#define EX_WORKER_PRIORITY  13
#define EX_MANAGER_PRIORITY 22
#define EX_MANAGER_PERIOD   (-10 * 1000 * 1000LL) /* one second, in 100-ns units */

static EX_WORK_QUEUE ExpWorkQueue;

/* Where items of each WORK_QUEUE_TYPE stand in the queue. */
static const UCHAR ExpTypePriority[MaximumWorkQueue] = {
	[CriticalWorkQueue] = 13,  [DelayedWorkQueue] = 12,  [HyperCriticalWorkQueue] = 15, [NormalWorkQueue] = 8,
	[BackgroundWorkQueue] = 7, [RealTimeWorkQueue] = 18, [SuperCriticalWorkQueue] = 14,
};

static DECLSPEC_NOINLINE VOID ExpWorkerThread(PVOID context)
{
	PEX_WORK_QUEUE queue = context;

	/* The base priority: one above it would fade with every quantum. */
	KeSetBasePriorityThread(KeGetCurrentThread(), EX_WORKER_PRIORITY - KeGetCurrentThread()->Process->BasePriority);
	PsGetCurrentThread()->ActiveExWorker = 1;
	for (;;) {
		PLIST_ENTRY entry = KeRemovePriQueue(&queue->WorkPriQueue, KernelMode, NULL);
		PWORK_QUEUE_ITEM item = CONTAINING_RECORD(entry, WORK_QUEUE_ITEM, List);
		PWORKER_THREAD_ROUTINE routine = item->WorkerRoutine;
		PVOID parameter = item->Parameter;

		/* The item may be freed or queued again from here on. */
		item->List.Flink = NULL;
		routine(parameter);
		if (!IsListEmpty(&KeGetCurrentThread()->MutantListHead))
			KeBugCheckEx(SYSTEM_EXIT_OWNED_MUTEX, (ULONG_PTR)routine, (ULONG_PTR)parameter, (ULONG_PTR)item, 0);
		if (KeGetCurrentIrql() != PASSIVE_LEVEL || KeGetCurrentThread()->CombinedApcDisable != 0)
			KeBugCheckEx(WORKER_THREAD_RETURNED_AT_BAD_IRQL, (ULONG_PTR)routine, KeGetCurrentIrql(), (ULONG_PTR)parameter,
				     (ULONG_PTR)item);
		__atomic_add_fetch(&queue->WorkItemsProcessed, 1, __ATOMIC_RELAXED);
	}
}

static BOOLEAN ExpCreateWorkerThread(PEX_WORK_QUEUE queue)
{
	HANDLE handle;

	if (!NT_SUCCESS(PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, ExpWorkerThread, queue))) {
		queue->TryFailed = 1;
		return FALSE;
	}
	ZwClose(handle);
	queue->TryFailed = 0;
	queue->ThreadCount++;
	return TRUE;
}

/*
 * A second without one finished item while some are waiting: every worker is blocked, perhaps on work that nobody is left to do. Each
 * waiting item gets a thread, up to the limit.
 */
static VOID ExpWorkQueueManagerThread(PVOID context)
{
	PEX_WORK_QUEUE queue = context;
	LARGE_INTEGER period = { .QuadPart = EX_MANAGER_PERIOD };

	KeSetPriorityThread(KeGetCurrentThread(), EX_MANAGER_PRIORITY);
	for (;;) {
		ULONG processed;

		KeDelayExecutionThread(KernelMode, FALSE, &period);
		processed = __atomic_load_n(&queue->WorkItemsProcessed, __ATOMIC_RELAXED);
		if (processed == queue->WorkItemsProcessedLastPass) {
			for (LONG waiting = queue->WorkPriQueue.Header.SignalState; waiting > 0 && queue->ThreadCount < queue->MaxThreads; waiting--)
				if (!ExpCreateWorkerThread(queue))
					break;
		}
		queue->WorkItemsProcessedLastPass = processed;
	}
}

/* Before the first item is queued; threads come with ExpInitializeWorkers. */
VOID ExpInitializeWorkQueue(VOID)
{
	/* As many workers run at a time as want to: items may block, and one processor shares itself. */
	KeInitializePriQueue(&ExpWorkQueue.WorkPriQueue, EX_MAX_WORKERS);
	ExpWorkQueue.MinThreads = EX_MIN_WORKERS;
	ExpWorkQueue.MaxThreads = EX_MAX_WORKERS;
	ExpWorkQueue.QueueIndex = ExPoolUntrusted;
}

BOOLEAN ExpInitializeWorkers(VOID)
{
	HANDLE handle;

	for (ULONG i = 0; i < EX_MIN_WORKERS; i++) {
		if (!ExpCreateWorkerThread(&ExpWorkQueue))
			return FALSE;
	}
	if (!NT_SUCCESS(PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, ExpWorkQueueManagerThread, &ExpWorkQueue)))
		return FALSE;
	ZwClose(handle);
	return TRUE;
}

/* Any IRQL up to DISPATCH_LEVEL. Types from CustomPriorityWorkQueue on carry the priority itself. */
VOID ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType)
{
	KPRIORITY priority = ExpTypePriority[DelayedWorkQueue];

	if (QueueType < MaximumWorkQueue)
		priority = ExpTypePriority[QueueType];
	else if (QueueType >= CustomPriorityWorkQueue && QueueType < CustomPriorityWorkQueue + MAXIMUM_PRIORITY)
		priority = (KPRIORITY)QueueType - CustomPriorityWorkQueue;
	KeInsertPriQueue(&ExpWorkQueue.WorkPriQueue, &WorkItem->List, priority);
}
