/*
 * Many threads at once for about two seconds: random waits, signals, timers, DPCs, pool blocks of all sizes, sequenced lists, handles and
 * names, threads that come and go. What must hold meanwhile is checked, and afterwards the kernel has as many objects as before.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;

#define MILLISECONDS(n) (-(LONGLONG)(n) * 10000)
#define DURATION        1500 /* milliseconds */
#define WORKERS         10
#define EVENTS          6
#define BLOCKS          24
#define TAG             0x72745349 /* "IStr" */

typedef struct _BLOCK {
	PUCHAR Bytes;
	SIZE_T Size;
	UCHAR Fill;
} BLOCK;

typedef struct _WORKER {
	ULONG Random;
	PVOID Thread;
	BLOCK Blocks[BLOCKS];
} WORKER;

typedef struct _NODE {
	SLIST_ENTRY Link; /* 16-byte aligned, as pool blocks are */
	ULONG64 Filler[60];
} NODE;

/* The documented head of OBJECT_TYPE since Vista, as debuggers print it. */
typedef struct _TYPE_COUNTS {
	LIST_ENTRY TypeList;
	UNICODE_STRING Name;
	PVOID DefaultObject;
	UCHAR Index;
	ULONG Objects;
	ULONG Handles;
} TYPE_COUNTS;

static WORKER Workers[WORKERS];
static KEVENT Events[EVENTS]; /* even ones reset themselves */
static KSEMAPHORE Semaphore;
static KMUTEX Mutex;
static FAST_MUTEX FastMutex;
static KGUARDED_MUTEX GuardedMutex;
static KSPIN_LOCK Lock;
static KTIMER Timer;
static KDPC TimerDpc, WorkerDpc;
static SLIST_HEADER List;
static NPAGED_LOOKASIDE_LIST Lookaside;
static volatile LONG InMutex, InFastMutex, InGuardedMutex, InLock, DpcsRun, DpcsQueued, TimerDpcs, ListDepth, Born, Died;
static volatile BOOLEAN Stop;

/* The rounding control of MXCSR, 0 to 3. A new thread rounds to the nearest (0), and keeps what it sets whoever runs in between. */
static ULONG GetRounding(VOID)
{
	ULONG Mxcsr;

	__asm__ volatile("stmxcsr %0" : "=m"(Mxcsr));
	return Mxcsr >> 13 & 3;
}

static VOID SetRounding(ULONG Rounding)
{
	ULONG Mxcsr = 0x1F80 | Rounding << 13;

	__asm__ volatile("ldmxcsr %0" : : "m"(Mxcsr));
}

static ULONG Random(WORKER *Worker)
{
	Worker->Random = Worker->Random * 1664525 + 1013904223;
	return Worker->Random >> 8;
}

static VOID CountDpc(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	CHECK(KeGetCurrentIrql() == DISPATCH_LEVEL);
	InterlockedIncrement(Context);
	KeSetEvent(&Events[DpcsRun % EVENTS], IO_NO_INCREMENT, FALSE);
}

static VOID WaitAwhile(WORKER *Worker)
{
	PVOID Objects[3];
	LARGE_INTEGER Timeout;
	ULONG Count = 1 + Random(Worker) % 3;
	NTSTATUS Status;

	/* Distinct objects: where all are waited for none may be named twice. */
	for (ULONG i = 0, First = Random(Worker); i < Count; i++)
		Objects[i] = &Events[(First + i) % EVENTS];
	Timeout.QuadPart = -(LONGLONG)(Random(Worker) % 400000);
	Status = KeWaitForMultipleObjects(Count, Objects, Random(Worker) % 3 ? WaitAny : WaitAll, Executive, KernelMode, FALSE, &Timeout, NULL);
	CHECK(Status == STATUS_TIMEOUT || (ULONG)Status < Count);
	CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
}

static VOID Signal(WORKER *Worker)
{
	PKEVENT Event = &Events[Random(Worker) % EVENTS];

	switch (Random(Worker) % 4) {
	case 0:
		KeResetEvent(Event);
		break;
	case 1:
		KePulseEvent(Event, IO_NO_INCREMENT, FALSE);
		break;
	default:
		KeSetEvent(Event, (KPRIORITY)(Random(Worker) % 3), FALSE);
	}
}

/* Each lock admits one at a time, whatever interrupts, preempts or waits meanwhile. */
static VOID UseLocks(WORKER *Worker)
{
	KIRQL Irql;

	switch (Random(Worker) % 5) {
	case 0:
		CHECK_STATUS(KeWaitForSingleObject(&Mutex, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
		CHECK(InterlockedIncrement(&InMutex) == 1);
		Signal(Worker);
		InterlockedDecrement(&InMutex);
		KeReleaseMutex(&Mutex, FALSE);
		break;
	case 1:
		ExAcquireFastMutex(&FastMutex);
		CHECK(InterlockedIncrement(&InFastMutex) == 1);
		Signal(Worker);
		InterlockedDecrement(&InFastMutex);
		ExReleaseFastMutex(&FastMutex);
		break;
	case 2:
		if (Random(Worker) % 2)
			KeAcquireGuardedMutex(&GuardedMutex);
		else if (!KeTryToAcquireGuardedMutex(&GuardedMutex))
			break;
		CHECK(KeAreAllApcsDisabled());
		CHECK(InterlockedIncrement(&InGuardedMutex) == 1);
		Signal(Worker);
		InterlockedDecrement(&InGuardedMutex);
		KeReleaseGuardedMutex(&GuardedMutex);
		break;
	case 3:
		KeAcquireSpinLock(&Lock, &Irql);
		CHECK(InterlockedIncrement(&InLock) == 1);
		Signal(Worker);
		InterlockedDecrement(&InLock);
		KeReleaseSpinLock(&Lock, Irql);
		break;
	default:
		CHECK_STATUS(KeWaitForSingleObject(&Semaphore, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
		Signal(Worker);
		KeReleaseSemaphore(&Semaphore, IO_NO_INCREMENT, 1, FALSE);
	}
}

static VOID FreeBlock(BLOCK *Block)
{
	SIZE_T Bad = 0;

	for (SIZE_T i = 0; i < Block->Size; i++)
		Bad += Block->Bytes[i] != Block->Fill;
	CHECK(Bad == 0);
	ExFreePoolWithTag(Block->Bytes, TAG);
	Block->Bytes = NULL;
}

/* Blocks of a page and more, around a page, and small ones; nobody else may write into them. */
static VOID UsePool(WORKER *Worker)
{
	BLOCK *Block = &Worker->Blocks[Random(Worker) % BLOCKS];
	ULONG Kind = Random(Worker) % 8;

	if (Block->Bytes) {
		FreeBlock(Block);
		return;
	}
	Block->Size = Kind == 0 ? Random(Worker) % 40000 : Kind == 1 ? 4000 + Random(Worker) % 200 : Random(Worker) % 600;
	Block->Fill = (UCHAR)Random(Worker);
	Block->Bytes = ExAllocatePoolWithTag(Kind % 2 ? PagedPool : NonPagedPoolNx, Block->Size, TAG);
	CHECK(Block->Bytes != NULL);
	if (Block->Bytes)
		RtlFillMemory(Block->Bytes, Block->Size, Block->Fill);
}

/* Entries go back to pool as soon as they are popped, so that a pop may meet one whose page is gone. */
static VOID UseLists(WORKER *Worker)
{
	NODE *Node;

	if (Random(Worker) % 2 && ListDepth < 1000) {
		Node = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*Node), TAG);
		CHECK(Node != NULL);
		if (!Node)
			return;
		InterlockedIncrement(&ListDepth);
		ExInterlockedPushEntrySList(&List, &Node->Link, NULL);
	} else {
		Node = (NODE *)ExInterlockedPopEntrySList(&List, NULL);
		if (Node) {
			InterlockedDecrement(&ListDepth);
			ExFreePoolWithTag(Node, TAG);
		}
	}
	Node = ExAllocateFromNPagedLookasideList(&Lookaside);
	CHECK(Node != NULL);
	if (Node)
		ExFreeToNPagedLookasideList(&Lookaside, Node);
}

static VOID UseTimers(WORKER *Worker)
{
	LARGE_INTEGER DueTime;
	KTIMER Own;

	DueTime.QuadPart = -(LONGLONG)(Random(Worker) % 200000);
	switch (Random(Worker) % 4) {
	case 0:
		KeSetTimerEx(&Timer, DueTime, (LONG)(Random(Worker) % 20), &TimerDpc);
		break;
	case 1:
		KeCancelTimer(&Timer);
		break;
	case 2:
		if (KeInsertQueueDpc(&WorkerDpc, NULL, NULL))
			InterlockedIncrement(&DpcsQueued);
		break;
	default:
		KeInitializeTimerEx(&Own, Random(Worker) % 2 ? SynchronizationTimer : NotificationTimer);
		KeSetTimer(&Own, DueTime, NULL);
		CHECK_STATUS(KeWaitForSingleObject(&Own, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
		CHECK(!KeCancelTimer(&Own));
	}
}

static VOID UseHandles(WORKER *Worker)
{
	OBJECT_ATTRIBUTES Attributes;
	UNICODE_STRING Name;
	WCHAR Text[] = L"\\BaseNamedObjects\\Stress0";
	HANDLE Handle;
	PVOID Event;
	NTSTATUS Status;

	Text[RTL_NUMBER_OF(Text) - 2] += (WCHAR)(Random(Worker) % 3);
	RtlInitUnicodeString(&Name, Text);
	InitializeObjectAttributes(&Attributes, Random(Worker) % 2 ? &Name : NULL, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE | OBJ_OPENIF, NULL, NULL);
	Status = ZwCreateEvent(&Handle, EVENT_ALL_ACCESS, &Attributes, SynchronizationEvent, TRUE);
	CHECK(Status == STATUS_SUCCESS || Status == STATUS_OBJECT_NAME_EXISTS);
	if (!NT_SUCCESS(Status))
		return;
	CHECK_STATUS(ObReferenceObjectByHandle(Handle, SYNCHRONIZE, *ExEventObjectType, KernelMode, &Event, NULL), STATUS_SUCCESS);
	CHECK_STATUS(ZwSetEvent(Handle, NULL), STATUS_SUCCESS);
	CHECK_STATUS(ZwClose(Handle), STATUS_SUCCESS);
	if (Event)
		ObDereferenceObject(Event);
}

static VOID ShortThread(PVOID Context)
{
	LARGE_INTEGER Interval;

	CHECK(GetRounding() == 0);
	Interval.QuadPart = -(LONGLONG)((ULONG_PTR)Context % 100000);
	if ((ULONG_PTR)Context % 2)
		KeDelayExecutionThread(KernelMode, FALSE, &Interval);
	InterlockedIncrement(&Died);
}

/* A thread whose handle closes before, while or after it runs. */
static VOID UseThreads(WORKER *Worker)
{
	HANDLE Handle;

	if (Born - Died > 20)
		return;
	InterlockedIncrement(&Born);
	if (!NT_SUCCESS(PsCreateSystemThread(&Handle, SYNCHRONIZE, NULL, NULL, NULL, ShortThread, (PVOID)(ULONG_PTR)Random(Worker)))) {
		CHECK(FALSE);
		InterlockedIncrement(&Died);
		return;
	}
	if (Random(Worker) % 2)
		CHECK_STATUS(ZwWaitForSingleObject(Handle, FALSE, NULL), STATUS_SUCCESS);
	ZwClose(Handle);
}

/* What a worker may do next, and how often at most in a row: waits are slow, and races want many of the quick ones in between. */
static const struct {
	VOID (*Use)(WORKER *);
	ULONG Repeat;
} Uses[] = {
	{ WaitAwhile, 1 }, { Signal, 4 },    { UseLocks, 20 },   { UsePool, 100 },
	{ UseLists, 100 }, { UseTimers, 2 }, { UseHandles, 30 }, { UseThreads, 4 },
};

static VOID WorkerThread(PVOID Context)
{
	WORKER *Worker = Context;
	ULONG Rounding = Random(Worker) & 3;

	CHECK(GetRounding() == 0);
	SetRounding(Rounding);
	KeSetPriorityThread(KeGetCurrentThread(), (KPRIORITY)(6 + Random(Worker) % 6));
	while (!Stop) {
		ULONG Index = Random(Worker) % RTL_NUMBER_OF(Uses);

		for (ULONG i = Random(Worker) % Uses[Index].Repeat + 1; i > 0; i--)
			Uses[Index].Use(Worker);
		CHECK(GetRounding() == Rounding);
	}
	for (ULONG i = 0; i < BLOCKS; i++)
		if (Worker->Blocks[i].Bytes)
			FreeBlock(&Worker->Blocks[i]);
}

static VOID Initialize(VOID)
{
	for (ULONG i = 0; i < EVENTS; i++)
		KeInitializeEvent(&Events[i], i % 2 ? NotificationEvent : SynchronizationEvent, FALSE);
	KeInitializeSemaphore(&Semaphore, 3, 3);
	KeInitializeMutex(&Mutex, 0);
	ExInitializeFastMutex(&FastMutex);
	KeInitializeGuardedMutex(&GuardedMutex);
	KeInitializeSpinLock(&Lock);
	KeInitializeTimer(&Timer);
	KeInitializeDpc(&TimerDpc, CountDpc, (PVOID)&TimerDpcs);
	KeInitializeDpc(&WorkerDpc, CountDpc, (PVOID)&DpcsRun);
	InitializeSListHead(&List);
	ExInitializeNPagedLookasideList(&Lookaside, NULL, NULL, 0, sizeof(NODE), TAG, 0);
}

static VOID Sleep(LONG Milliseconds)
{
	LARGE_INTEGER Interval;

	Interval.QuadPart = MILLISECONDS(Milliseconds);
	KeDelayExecutionThread(KernelMode, FALSE, &Interval);
}

static VOID StartWorkers(ULONG Seed)
{
	HANDLE Handle;

	for (ULONG i = 0; i < WORKERS; i++) {
		Workers[i].Random = Seed + i;
		CHECK_STATUS(PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, WorkerThread, &Workers[i]), STATUS_SUCCESS);
		CHECK_STATUS(ObReferenceObjectByHandle(Handle, SYNCHRONIZE, *PsThreadType, KernelMode, &Workers[i].Thread, NULL), STATUS_SUCCESS);
		ZwClose(Handle);
	}
}

/* A worker may wait for long only for what the others give back before they end. */
static VOID JoinWorkers(VOID)
{
	LARGE_INTEGER Timeout;

	Timeout.QuadPart = MILLISECONDS(5000);
	for (ULONG i = 0; i < WORKERS; i++) {
		CHECK_STATUS(KeWaitForSingleObject(Workers[i].Thread, Executive, KernelMode, FALSE, &Timeout), STATUS_SUCCESS);
		ObDereferenceObject(Workers[i].Thread);
	}
}

static VOID Finish(VOID)
{
	PSLIST_ENTRY Entry;

	KeCancelTimer(&Timer);
	KeFlushQueuedDpcs();
	while ((Entry = ExInterlockedPopEntrySList(&List, NULL)) != NULL) {
		InterlockedDecrement(&ListDepth);
		ExFreePoolWithTag(Entry, TAG);
	}
	ExDeleteNPagedLookasideList(&Lookaside);
	CHECK(ListDepth == 0);
	CHECK(DpcsRun == DpcsQueued);
	CHECK(KeReadStateMutex(&Mutex) == 1);
	CHECK(KeReadStateSemaphore(&Semaphore) == 3);
	CHECK(FastMutex.Count == 1);
	CHECK(GuardedMutex.Count == 1);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	const TYPE_COUNTS *Threads = (PVOID)*PsThreadType, *EventObjects = (PVOID)*ExEventObjectType;
	ULONG ThreadsBefore = Threads->Objects, EventsBefore = EventObjects->Objects, HandlesBefore = Threads->Handles + EventObjects->Handles;
	LARGE_INTEGER Seed;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = CheckUnload;
	Seed = KeQueryPerformanceCounter(NULL);
	Initialize();
	StartWorkers(Seed.LowPart);
	Sleep(DURATION);
	Stop = TRUE;
	JoinWorkers();
	Finish();
	/* Short threads end, and the reaper works, on their own time. */
	for (ULONG i = 0; i < 100 && (Threads->Objects != ThreadsBefore || Died != Born); i++)
		Sleep(10);
	CHECK(Died == Born);
	CHECK(Threads->Objects == ThreadsBefore);
	CHECK(EventObjects->Objects == EventsBefore);
	CHECK(Threads->Handles + EventObjects->Handles == HandlesBefore);
	DbgPrint("stress: seed %lu, %ld threads, %ld DPCs, %ld of timers\n", Seed.LowPart, Born, DpcsRun, TimerDpcs);
	return CheckResult("stress");
}
