/* Several processors: that threads, DPCs and calls run where they are told to, that translations are gone everywhere once a page is unmapped, and that no lock
 * loses an update under 64 threads. How many processors the machine has is printed, for the test that started it to compare.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;

#define TAG         'corP'
#define THREADS     64
#define ROUNDS      100 /* of each thread, with each lock */
#define LIMIT_100NS (-600LL * 10000000)

/* By drivers that are no minifilters they are declared by hand. */
NTKERNELAPI VOID ExfAcquirePushLockExclusive(PULONG_PTR PushLock);
NTKERNELAPI VOID ExfReleasePushLockExclusive(PULONG_PTR PushLock);

static ULONG Processors;

/* --- affinity ---------------------------------------------------------------------------------------------------------------------------------------- */

static VOID TestAffinity(VOID)
{
	PROCESSOR_NUMBER Number;

	CHECK(KeSetSystemAffinityThreadEx(0) == 0);
	for (ULONG i = 0; i < Processors; i++) {
		KAFFINITY Before = KeSetSystemAffinityThreadEx((KAFFINITY)1 << i);

		CHECK(Before == (i ? (KAFFINITY)1 << (i - 1) : 0));
		CHECK(KeGetCurrentProcessorNumberEx(&Number) == i);
		CHECK(Number.Group == 0 && Number.Number == i);
		CHECK(KeGetCurrentProcessorNumber() == i);
	}
	KeRevertToUserAffinityThreadEx(0);
	/* Processors that do not exist change nothing. */
	CHECK(KeSetSystemAffinityThreadEx((KAFFINITY)1 << 63) == 0);
	CHECK(KeQueryActiveProcessors() == ((KAFFINITY)1 << Processors) - 1);
}

/* --- a routine on all processors --------------------------------------------------------------------------------------------------------------------- */

static volatile LONG Seen, Inside, Together;

static ULONG_PTR Broadcast(ULONG_PTR Argument)
{
	CHECK(KeGetCurrentIrql() == IPI_LEVEL);
	InterlockedOr(&Seen, 1 << KeGetCurrentProcessorNumberEx(NULL));
	/* All are here at the same time: each waits until the last has come. */
	InterlockedIncrement(&Inside);
	while ((ULONG)Inside < Processors)
		YieldProcessor();
	InterlockedIncrement(&Together);
	return Argument + KeGetCurrentProcessorNumberEx(NULL);
}

static VOID TestBroadcast(VOID)
{
	for (ULONG i = 0; i < Processors; i++) {
		Seen = Inside = Together = 0;
		KeSetSystemAffinityThreadEx((KAFFINITY)1 << i);
		CHECK(KeIpiGenericCall(Broadcast, 100) == 100 + i);
		CHECK((ULONG)Seen == (1u << Processors) - 1 && (ULONG)Together == Processors);
	}
	KeRevertToUserAffinityThreadEx(0);
}

/* --- DPCs -------------------------------------------------------------------------------------------------------------------------------------------- */

static volatile LONG RanOn[8], Wrong;

static VOID Deferred(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	ULONG Number = KeGetCurrentProcessorNumberEx(NULL);

	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	if (Number != (ULONG)(ULONG_PTR)Context)
		InterlockedIncrement(&Wrong);
	InterlockedIncrement(&RanOn[Number]);
}

static VOID TestDpcs(VOID)
{
	static const KDPC_IMPORTANCE Importances[] = { LowImportance, MediumImportance, HighImportance };
	static KDPC Dpcs[8][3];

	for (ULONG i = 0; i < Processors; i++) {
		for (ULONG j = 0; j < 3; j++) {
			KeInitializeDpc(&Dpcs[i][j], Deferred, (PVOID)(ULONG_PTR)i);
			KeSetTargetProcessorDpc(&Dpcs[i][j], (CCHAR)i);
			KeSetImportanceDpc(&Dpcs[i][j], Importances[j]);
		}
	}
	for (ULONG Round = 1; Round <= 20; Round++) {
		for (ULONG i = 0; i < Processors; i++)
			for (ULONG j = 0; j < 3; j++)
				CHECK(KeInsertQueueDpc(&Dpcs[i][j], NULL, NULL));
		KeFlushQueuedDpcs();
		for (ULONG i = 0; i < Processors; i++)
			CHECK(RanOn[i] == (LONG)(3 * Round));
	}
	CHECK(Wrong == 0);
}

/* --- translations ------------------------------------------------------------------------------------------------------------------------------------ */

static volatile ULONG *Window;

static ULONG_PTR ReadWindow(ULONG_PTR Expected)
{
	if (*Window != (ULONG)Expected)
		InterlockedIncrement(&Wrong);
	return 0;
}

/* Two pages of memory in turn at one address: a processor that still has the old translation reads the wrong one. */
static VOID TestTranslations(VOID)
{
	PHYSICAL_ADDRESS Highest = { .QuadPart = -1 };
	PULONG Pages[2];
	PVOID Before = NULL;
	ULONG Same = 0;

	Wrong = 0;
	for (ULONG i = 0; i < 2; i++) {
		Pages[i] = MmAllocateContiguousMemory(PAGE_SIZE, Highest);
		CHECK(Pages[i] != NULL);
		if (!Pages[i])
			return;
		*Pages[i] = 0x1000 + i;
	}
	for (ULONG i = 0; i < 200; i++) {
		Window = MmMapIoSpace(MmGetPhysicalAddress(Pages[i % 2]), PAGE_SIZE, MmCached);
		CHECK(Window != NULL);
		if (!Window)
			break;
		Same += Window == Before;
		Before = (PVOID)Window;
		KeIpiGenericCall(ReadWindow, 0x1000 + i % 2);
		MmUnmapIoSpace((PVOID)Window, PAGE_SIZE);
	}
	CHECK(Wrong == 0);
	/* Or nothing was tested. */
	CHECK(Same > 100);
	MmFreeContiguousMemory(Pages[0]);
	MmFreeContiguousMemory(Pages[1]);
}

/* --- locks ------------------------------------------------------------------------------------------------------------------------------------------- */

static KSPIN_LOCK SpinLock, QueuedLock, BriefLock;
static KMUTEX Mutex;
static KSEMAPHORE Semaphore;
static KEVENT Event;
static FAST_MUTEX FastMutex;
static KGUARDED_MUTEX GuardedMutex;
static ULONG_PTR PushLock;
static ERESOURCE Resource;

/* What a lock guards; on purpose without interlocked operations. */
static volatile ULONG64 Guarded;
static volatile LONG Owners;

static VOID Update(VOID)
{
	ULONG64 Value = Guarded;
	LARGE_INTEGER None = { .QuadPart = 0 };

	CHECK(InterlockedIncrement(&Owners) == 1);
	YieldProcessor();
	/* An owner that gives its processor away: others of the processor come to wait, too. */
	if (KeGetCurrentIrql() < DISPATCH_LEVEL && Value % 4 == 0)
		KeDelayExecutionThread(KernelMode, FALSE, &None);
	Guarded = Value + 1;
	InterlockedDecrement(&Owners);
}

static VOID WithSpinLock(VOID)
{
	KIRQL Irql;

	KeAcquireSpinLock(&SpinLock, &Irql);
	Update();
	KeReleaseSpinLock(&SpinLock, Irql);
}

static VOID WithQueuedLock(VOID)
{
	KLOCK_QUEUE_HANDLE Handle;

	KeAcquireInStackQueuedSpinLock(&QueuedLock, &Handle);
	Update();
	KeReleaseInStackQueuedSpinLock(&Handle);
}

static VOID WithMutex(VOID)
{
	KeWaitForSingleObject(&Mutex, Executive, KernelMode, FALSE, NULL);
	Update();
	KeReleaseMutex(&Mutex, FALSE);
}

static VOID WithSemaphore(VOID)
{
	KeWaitForSingleObject(&Semaphore, Executive, KernelMode, FALSE, NULL);
	Update();
	KeReleaseSemaphore(&Semaphore, IO_NO_INCREMENT, 1, FALSE);
}

static VOID WithEvent(VOID)
{
	KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL);
	Update();
	KeSetEvent(&Event, IO_NO_INCREMENT, FALSE);
}

static VOID WithFastMutex(VOID)
{
	ExAcquireFastMutex(&FastMutex);
	Update();
	ExReleaseFastMutex(&FastMutex);
}

static VOID WithGuardedMutex(VOID)
{
	KeAcquireGuardedMutex(&GuardedMutex);
	Update();
	KeReleaseGuardedMutex(&GuardedMutex);
}

static VOID WithPushLock(VOID)
{
	KeEnterCriticalRegion();
	ExfAcquirePushLockExclusive(&PushLock);
	Update();
	ExfReleasePushLockExclusive(&PushLock);
	KeLeaveCriticalRegion();
}

static VOID WithResource(VOID)
{
	KeEnterCriticalRegion();
	ExAcquireResourceExclusiveLite(&Resource, TRUE);
	Update();
	ExReleaseResourceLite(&Resource);
	KeLeaveCriticalRegion();
}

/* ExInterlockedAddUlong locks for itself. */
static VOID WithInterlockedRoutine(VOID)
{
	static ULONG Sum;

	Guarded = ExInterlockedAddUlong(&Sum, 1, &BriefLock) + 1 > Guarded ? Sum : Guarded;
}

static const struct {
	PCSTR Name;
	VOID (*Use)(VOID);
	BOOLEAN Exact; /* the guarded value is the number of rounds */
} Locks[] = {
	{ "spin lock", WithSpinLock, TRUE },
	{ "queued spin lock", WithQueuedLock, TRUE },
	{ "mutex", WithMutex, TRUE },
	{ "semaphore", WithSemaphore, TRUE },
	{ "event", WithEvent, TRUE },
	{ "fast mutex", WithFastMutex, TRUE },
	{ "guarded mutex", WithGuardedMutex, TRUE },
	{ "push lock", WithPushLock, TRUE },
	{ "resource", WithResource, TRUE },
	{ "interlocked routine", WithInterlockedRoutine, FALSE },
};

static KEVENT Go;
static ULONG Current;
static volatile LONG ThreadsOn[8];

/* Every second thread keeps to one processor, so that they meet across processors however the host runs these. */
static VOID Worker(PVOID Context)
{
	ULONG Index = (ULONG)(ULONG_PTR)Context;

	if (Index % 2)
		KeSetSystemAffinityThreadEx((KAFFINITY)1 << Index / 2 % Processors);
	KeWaitForSingleObject(&Go, Executive, KernelMode, FALSE, NULL);
	for (ULONG i = 0; i < ROUNDS; i++) {
		Locks[Current].Use();
		InterlockedIncrement(&ThreadsOn[KeGetCurrentProcessorNumberEx(NULL)]);
	}
}

static VOID RunThreads(VOID)
{
	static PVOID Threads[THREADS];
	LARGE_INTEGER Limit = { .QuadPart = LIMIT_100NS };
	ULONG Count = 0;

	KeInitializeEvent(&Go, NotificationEvent, FALSE);
	Guarded = 0;
	for (; Count < THREADS; Count++) {
		HANDLE Handle;

		if (!NT_SUCCESS(PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, Worker, (PVOID)(ULONG_PTR)Count)))
			break;
		CHECK_STATUS(ObReferenceObjectByHandle(Handle, THREAD_ALL_ACCESS, NULL, KernelMode, &Threads[Count], NULL), STATUS_SUCCESS);
		ZwClose(Handle);
	}
	CHECK(Count == THREADS);
	KeSetEvent(&Go, IO_NO_INCREMENT, FALSE);
	for (ULONG i = 0; i < Count; i++) {
		CHECK_STATUS(KeWaitForSingleObject(Threads[i], Executive, KernelMode, FALSE, &Limit), STATUS_SUCCESS);
		ObDereferenceObject(Threads[i]);
	}
	if (Locks[Current].Exact && Guarded != (ULONG64)Count * ROUNDS)
		DbgPrint("%s: %I64u updates, expected %lu\n", Locks[Current].Name, Guarded, Count * ROUNDS);
	CHECK(!Locks[Current].Exact || Guarded == (ULONG64)Count * ROUNDS);
	CHECK(Owners == 0);
}

static VOID TestLocks(VOID)
{
	ULONG Used = 0;

	KeInitializeSpinLock(&SpinLock);
	KeInitializeSpinLock(&QueuedLock);
	KeInitializeSpinLock(&BriefLock);
	KeInitializeMutex(&Mutex, 0);
	KeInitializeSemaphore(&Semaphore, 1, 1);
	KeInitializeEvent(&Event, SynchronizationEvent, TRUE);
	ExInitializeFastMutex(&FastMutex);
	KeInitializeGuardedMutex(&GuardedMutex);
	ExInitializeResourceLite(&Resource);
	for (Current = 0; Current < RTL_NUMBER_OF(Locks); Current++)
		RunThreads();
	ExDeleteResourceLite(&Resource);
	for (ULONG i = 0; i < Processors; i++)
		Used += ThreadsOn[i] > 0;
	CHECK(Used == Processors);
	DbgPrint("threads ran on %lu processors: %ld %ld %ld %ld %ld %ld %ld %ld\n", Used, ThreadsOn[0], ThreadsOn[1], ThreadsOn[2], ThreadsOn[3],
		 ThreadsOn[4], ThreadsOn[5], ThreadsOn[6], ThreadsOn[7]);
}

/* --- memory ------------------------------------------------------------------------------------------------------------------------------------------ */

static NPAGED_LOOKASIDE_LIST Lookaside;

static VOID Allocate(PVOID Context)
{
	ULONG Random = (ULONG)(ULONG_PTR)Context;

	for (ULONG i = 0; i < ROUNDS; i++) {
		SIZE_T Size = 16 + (Random = Random * 1664525 + 1013904223) % 12000;
		PUCHAR Block = ExAllocatePoolWithTag(NonPagedPool, Size, TAG);
		PULONG Small = ExAllocateFromNPagedLookasideList(&Lookaside);

		CHECK(Block != NULL && Small != NULL);
		if (Block) {
			RtlFillMemory(Block, Size, (UCHAR)i);
			CHECK(Block[0] == (UCHAR)i && Block[Size - 1] == (UCHAR)i);
			ExFreePoolWithTag(Block, TAG);
		}
		if (Small) {
			*Small = Random;
			YieldProcessor();
			CHECK(*Small == Random);
			ExFreeToNPagedLookasideList(&Lookaside, Small);
		}
	}
}

static VOID TestMemory(VOID)
{
	static PVOID Threads[16];

	ExInitializeNPagedLookasideList(&Lookaside, NULL, NULL, 0, 64, TAG, 0);
	for (ULONG i = 0; i < RTL_NUMBER_OF(Threads); i++) {
		HANDLE Handle;

		CHECK_STATUS(PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, Allocate, (PVOID)(ULONG_PTR)i), STATUS_SUCCESS);
		CHECK_STATUS(ObReferenceObjectByHandle(Handle, THREAD_ALL_ACCESS, NULL, KernelMode, &Threads[i], NULL), STATUS_SUCCESS);
		ZwClose(Handle);
	}
	for (ULONG i = 0; i < RTL_NUMBER_OF(Threads); i++) {
		KeWaitForSingleObject(Threads[i], Executive, KernelMode, FALSE, NULL);
		ObDereferenceObject(Threads[i]);
	}
	ExDeleteNPagedLookasideList(&Lookaside);
}

static const struct {
	PCSTR Name;
	VOID (*Test)(VOID);
} Parts[] = {
	{ "affinity", TestAffinity },         { "broadcast", TestBroadcast }, { "DPCs", TestDpcs },
	{ "translations", TestTranslations }, { "locks", TestLocks },         { "memory", TestMemory },
};

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = CheckUnload;
	Processors = KeQueryActiveProcessorCount(NULL);
	DbgPrint("%lu processors\n", Processors);
	for (ULONG i = 0; i < RTL_NUMBER_OF(Parts); i++) {
		ULONGLONG Start = KeQueryInterruptTime();

		Parts[i].Test();
		DbgPrint("%s: %I64u ms\n", Parts[i].Name, (KeQueryInterruptTime() - Start) / 10000);
	}
	return CheckResult("processors");
}
