/* Push locks, run-down protection, remove locks, cancel-safe queues, work items, timers with callbacks, queues, StartIo: their documented rules. */
#include "threads.h"

DRIVER_INITIALIZE DriverEntry;

/* Exported by ntoskrnl.exe, but in no header of MinGW's DDK. */
NTKERNELAPI VOID FASTCALL ExfAcquirePushLockExclusive(PEX_PUSH_LOCK PushLock);
NTKERNELAPI VOID FASTCALL ExfAcquirePushLockShared(PEX_PUSH_LOCK PushLock);
NTKERNELAPI VOID FASTCALL ExfReleasePushLock(PEX_PUSH_LOCK PushLock);
NTKERNELAPI VOID FASTCALL ExfTryToWakePushLock(PEX_PUSH_LOCK PushLock);
NTKERNELAPI BOOLEAN FASTCALL ExfTryAcquirePushLockShared(PEX_PUSH_LOCK PushLock);
NTKERNELAPI KIRQL NTAPI ExAcquireSpinLockShared(volatile LONG *SpinLock);
NTKERNELAPI VOID NTAPI ExAcquireSpinLockSharedAtDpcLevel(volatile LONG *SpinLock);
NTKERNELAPI VOID NTAPI ExReleaseSpinLockSharedFromDpcLevel(volatile LONG *SpinLock);
NTKERNELAPI ULONG NTAPI ExTryConvertSharedSpinLockExclusive(volatile LONG *SpinLock);
NTKERNELAPI VOID NTAPI ExReleaseSpinLockExclusive(volatile LONG *SpinLock, KIRQL OldIrql);
NTKERNELAPI VOID NTAPI ExAcquirePushLockExclusiveEx(PEX_PUSH_LOCK PushLock, ULONG Flags);
NTKERNELAPI VOID NTAPI ExAcquirePushLockSharedEx(PEX_PUSH_LOCK PushLock, ULONG Flags);
NTKERNELAPI VOID NTAPI ExReleasePushLockEx(PEX_PUSH_LOCK PushLock, ULONG Flags);
NTKERNELAPI BOOLEAN NTAPI ExTryAcquirePushLockExclusiveEx(PEX_PUSH_LOCK PushLock, ULONG Flags);

/* By fltmgr.sys. */
__declspec(dllimport) VOID NTAPI FltInitializePushLock(PEX_PUSH_LOCK PushLock);
__declspec(dllimport) VOID NTAPI FltAcquirePushLockExclusive(PEX_PUSH_LOCK PushLock);
__declspec(dllimport) VOID NTAPI FltAcquirePushLockShared(PEX_PUSH_LOCK PushLock);
__declspec(dllimport) VOID NTAPI FltReleasePushLock(PEX_PUSH_LOCK PushLock);
__declspec(dllimport) VOID NTAPI FltDeletePushLock(PEX_PUSH_LOCK PushLock);

#define TAG 0x74736554 /* "Test" */

static EX_PUSH_LOCK PushLock;
static volatile LONG Inside, Writes, Value, Order;

typedef struct _PARTY {
	BOOLEAN Exclusive;
	volatile LONG Done, Turn;
} PARTY;

static VOID PushThread(PVOID Context)
{
	PARTY *Party = Context;

	KeEnterCriticalRegion();
	if (Party->Exclusive)
		ExAcquirePushLockExclusiveEx(&PushLock, 0);
	else
		ExAcquirePushLockSharedEx(&PushLock, 0);
	Party->Turn = InterlockedIncrement(&Order);
	Party->Done = 1;
	ExReleasePushLockEx(&PushLock, 0);
	KeLeaveCriticalRegion();
}

/* The oldest waiter is next; who shares gets in with it only when the oldest shares, too. */
static VOID PushLocksAreFair(VOID)
{
	PARTY Parties[3] = { { .Exclusive = TRUE }, { .Exclusive = FALSE }, { .Exclusive = TRUE } };
	PVOID Threads[3];

	KeEnterCriticalRegion();
	ExAcquirePushLockExclusiveEx(&PushLock, 0);
	CHECK(!ExTryAcquirePushLockExclusiveEx(&PushLock, 0));
	CHECK(!ExfTryAcquirePushLockShared(&PushLock));
	for (ULONG i = 0; i < 3; i++) {
		Threads[i] = StartThread(PushThread, &Parties[i]);
		Sleep(40);
		CHECK(Parties[i].Done == 0);
	}
	ExReleasePushLockEx(&PushLock, 0);
	KeLeaveCriticalRegion();
	for (ULONG i = 0; i < 3; i++)
		JoinThread(Threads[i]);
	CHECK(Parties[0].Turn == 1 && Parties[1].Turn == 2 && Parties[2].Turn == 3);
	CHECK(PushLock == 0);
}

/* As the DDK's macros inline it: the bit is cleared, and whoever waits is woken by a call. */
static VOID InlinedReleaseWakes(VOID)
{
	PARTY Party = { .Exclusive = TRUE };
	PVOID Thread;

	KeEnterCriticalRegion();
	ExfAcquirePushLockExclusive(&PushLock);
	Thread = StartThread(PushThread, &Party);
	Sleep(40);
	InterlockedAnd64((LONG64 *)&PushLock, ~1LL);
	ExfTryToWakePushLock(&PushLock);
	KeLeaveCriticalRegion();
	JoinThread(Thread);
	CHECK(Party.Done == 1);
	CHECK(ExfTryAcquirePushLockShared(&PushLock));
	CHECK(ExfTryAcquirePushLockShared(&PushLock));
	ExfReleasePushLock(&PushLock);
	ExfReleasePushLock(&PushLock);
	CHECK(PushLock == 0);
}

/* More locks than a thread has entries to remember them by, released in the order they were taken. */
static VOID ManyLocksAtOnce(VOID)
{
	static EX_PUSH_LOCK Locks[9];

	KeEnterCriticalRegion();
	for (ULONG i = 0; i < RTL_NUMBER_OF(Locks); i++)
		ExAcquirePushLockExclusiveEx(&Locks[i], 0);
	for (ULONG i = 0; i < RTL_NUMBER_OF(Locks); i++)
		ExReleasePushLockEx(&Locks[i], 0);
	for (ULONG i = 0; i < RTL_NUMBER_OF(Locks); i++)
		CHECK(Locks[i] == 0);
	KeLeaveCriticalRegion();
}

/* The file systems' names enter a critical region, too. */
static VOID FilterManagersPushLocks(VOID)
{
	EX_PUSH_LOCK Lock = 1;

	FltInitializePushLock(&Lock);
	CHECK(Lock == 0);
	FltAcquirePushLockExclusive(&Lock);
	CHECK(KeAreApcsDisabled());
	CHECK(!ExfTryAcquirePushLockShared(&Lock));
	FltReleasePushLock(&Lock);
	CHECK(!KeAreApcsDisabled());
	FltAcquirePushLockShared(&Lock);
	FltAcquirePushLockShared(&Lock);
	FltReleasePushLock(&Lock);
	FltReleasePushLock(&Lock);
	CHECK(Lock == 0 && !KeAreApcsDisabled());
	FltDeletePushLock(&Lock);
}

static VOID PushContender(PVOID Context)
{
	ULONG Random = (ULONG)(ULONG_PTR)Context;

	for (ULONG i = 0; i < 400; i++) {
		BOOLEAN Exclusive;

		Random = Random * 1664525 + 1013904223;
		Exclusive = Random >> 31;
		KeEnterCriticalRegion();
		if (Exclusive) {
			LONG Before;

			ExAcquirePushLockExclusiveEx(&PushLock, 0);
			CHECK(InterlockedExchangeAdd(&Inside, 1000) == 0);
			Before = Value;
			ZwYieldExecution();
			Value = Before + 1;
			InterlockedExchangeAdd(&Inside, -1000);
			InterlockedIncrement(&Writes);
		} else {
			ExAcquirePushLockSharedEx(&PushLock, 0);
			CHECK(InterlockedIncrement(&Inside) < 1000);
			if (Random & 0x10000)
				ZwYieldExecution();
			InterlockedDecrement(&Inside);
		}
		ExReleasePushLockEx(&PushLock, 0);
		KeLeaveCriticalRegion();
	}
}

static VOID ManyContend(VOID)
{
	PVOID Threads[8];

	for (ULONG i = 0; i < RTL_NUMBER_OF(Threads); i++)
		Threads[i] = StartThread(PushContender, (PVOID)(ULONG_PTR)(i * 7919 + 1));
	for (ULONG i = 0; i < RTL_NUMBER_OF(Threads); i++)
		JoinThread(Threads[i]);
	CHECK(Value == Writes && Value > 0);
	CHECK(PushLock == 0);
}

static volatile LONG Done;

static VOID RundownThread(PVOID Context)
{
	ExWaitForRundownProtectionRelease(Context);
	Done = 1;
}

static VOID CacheAwareRundownThread(PVOID Context)
{
	ExWaitForRundownProtectionReleaseCacheAware(Context);
	Done = 1;
}

static VOID RundownWaitsForAll(VOID)
{
	PEX_RUNDOWN_REF_CACHE_AWARE Aware = ExAllocateCacheAwareRundownProtection(NonPagedPoolNx, TAG);
	EX_RUNDOWN_REF Rundown;
	PVOID Thread;

	ExInitializeRundownProtection(&Rundown);
	CHECK(ExAcquireRundownProtection(&Rundown));
	CHECK(ExAcquireRundownProtectionEx(&Rundown, 3));
	Done = 0;
	Thread = StartThread(RundownThread, &Rundown);
	Sleep(40);
	CHECK(!ExAcquireRundownProtection(&Rundown));
	ExReleaseRundownProtectionEx(&Rundown, 3);
	Sleep(40);
	CHECK(Done == 0);
	ExReleaseRundownProtection(&Rundown);
	JoinThread(Thread);
	CHECK(Done == 1);
	ExRundownCompleted(&Rundown);
	CHECK(!ExAcquireRundownProtection(&Rundown));
	ExReInitializeRundownProtection(&Rundown);
	CHECK(ExAcquireRundownProtection(&Rundown));

	CHECK(Aware != NULL);
	CHECK(ExAcquireRundownProtectionCacheAware(Aware));
	Done = 0;
	Thread = StartThread(CacheAwareRundownThread, Aware);
	Sleep(40);
	CHECK(Done == 0 && !ExAcquireRundownProtectionCacheAware(Aware));
	ExReleaseRundownProtectionCacheAware(Aware);
	JoinThread(Thread);
	ExFreeCacheAwareRundownProtection(Aware);
}

static IO_REMOVE_LOCK RemoveLock;

static VOID RemoveThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	CHECK_STATUS(IoAcquireRemoveLock(&RemoveLock, NULL), STATUS_SUCCESS);
	IoReleaseRemoveLockAndWait(&RemoveLock, NULL);
	Done = 1;
}

static VOID RemovalWaitsForHolders(VOID)
{
	PVOID Thread;

	IoInitializeRemoveLock(&RemoveLock, TAG, 0, 0);
	CHECK_STATUS(IoAcquireRemoveLock(&RemoveLock, NULL), STATUS_SUCCESS);
	Done = 0;
	Thread = StartThread(RemoveThread, NULL);
	Sleep(40);
	CHECK(Done == 0);
	CHECK_STATUS(IoAcquireRemoveLock(&RemoveLock, NULL), STATUS_DELETE_PENDING);
	CHECK(Done == 0);
	IoReleaseRemoveLock(&RemoveLock, NULL);
	JoinThread(Thread);
	CHECK(Done == 1);
}

static LIST_ENTRY Packets;
static KSPIN_LOCK PacketsLock;
static LONG Cancelled;

static VOID NTAPI InsertIrp(PIO_CSQ Csq, PIRP Irp)
{
	UNREFERENCED_PARAMETER(Csq);
	InsertTailList(&Packets, &Irp->Tail.Overlay.ListEntry);
}

static VOID NTAPI RemoveIrp(PIO_CSQ Csq, PIRP Irp)
{
	UNREFERENCED_PARAMETER(Csq);
	RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
}

static PIRP NTAPI PeekNextIrp(PIO_CSQ Csq, PIRP Irp, PVOID Context)
{
	PLIST_ENTRY Next = Irp ? Irp->Tail.Overlay.ListEntry.Flink : Packets.Flink;

	UNREFERENCED_PARAMETER(Csq);
	UNREFERENCED_PARAMETER(Context);
	return Next == &Packets ? NULL : CONTAINING_RECORD(Next, IRP, Tail.Overlay.ListEntry);
}

static VOID NTAPI AcquireQueue(PIO_CSQ Csq, PKIRQL Irql)
{
	UNREFERENCED_PARAMETER(Csq);
	KeAcquireSpinLock(&PacketsLock, Irql);
}

static VOID NTAPI ReleaseQueue(PIO_CSQ Csq, KIRQL Irql)
{
	UNREFERENCED_PARAMETER(Csq);
	KeReleaseSpinLock(&PacketsLock, Irql);
}

static VOID NTAPI CompleteCancelled(PIO_CSQ Csq, PIRP Irp)
{
	UNREFERENCED_PARAMETER(Csq);
	UNREFERENCED_PARAMETER(Irp);
	Cancelled++;
}

static VOID CancelledPacketsLeaveTheirQueue(VOID)
{
	IO_CSQ_IRP_CONTEXT Context;
	PIRP Irps[4];
	IO_CSQ Csq;

	InitializeListHead(&Packets);
	KeInitializeSpinLock(&PacketsLock);
	CHECK_STATUS(IoCsqInitialize(&Csq, InsertIrp, RemoveIrp, PeekNextIrp, AcquireQueue, ReleaseQueue, CompleteCancelled), STATUS_SUCCESS);
	for (ULONG i = 0; i < 4; i++) {
		Irps[i] = IoAllocateIrp(1, FALSE);
		IoSetNextIrpStackLocation(Irps[i]);
	}
	IoCsqInsertIrp(&Csq, Irps[0], NULL);
	IoCsqInsertIrp(&Csq, Irps[1], &Context);
	IoCsqInsertIrp(&Csq, Irps[2], NULL);
	CHECK(IoCancelIrp(Irps[0]));
	CHECK(Cancelled == 1);
	CHECK(IoCsqRemoveIrp(&Csq, &Context) == Irps[1]);
	CHECK(IoCsqRemoveIrp(&Csq, &Context) == NULL);
	CHECK(IoCsqRemoveNextIrp(&Csq, NULL) == Irps[2]);
	CHECK(IoCsqRemoveNextIrp(&Csq, NULL) == NULL);
	CHECK(!IoCancelIrp(Irps[3]));
	IoCsqInsertIrp(&Csq, Irps[3], &Context);
	CHECK(Cancelled == 2);
	CHECK(IoCsqRemoveIrp(&Csq, &Context) == NULL);
	CHECK(IsListEmpty(&Packets));
	for (ULONG i = 0; i < 4; i++)
		IoFreeIrp(Irps[i]);
}

static LONG Started[3], StartedCount;

static VOID NTAPI StartIo(PDEVICE_OBJECT Device, PIRP Irp)
{
	CHECK(KeGetCurrentIrql() == DISPATCH_LEVEL);
	CHECK(Device->CurrentIrp == Irp);
	Started[StartedCount++] = (LONG)Irp->IoStatus.Information;
}

static VOID OnePacketAtATime(PDEVICE_OBJECT Device)
{
	PIRP Irps[3];
	KIRQL Irql;

	Device->DriverObject->DriverStartIo = StartIo;
	for (LONG i = 0; i < 3; i++) {
		Irps[i] = IoAllocateIrp(1, FALSE);
		Irps[i]->IoStatus.Information = (ULONG_PTR)i + 1;
		IoStartPacket(Device, Irps[i], NULL, NULL);
		CHECK(StartedCount == 1);
	}
	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	IoStartNextPacket(Device, FALSE);
	CHECK(StartedCount == 2);
	IoStartNextPacket(Device, FALSE);
	IoStartNextPacket(Device, FALSE);
	KeLowerIrql(Irql);
	CHECK(StartedCount == 3 && Started[0] == 1 && Started[1] == 2 && Started[2] == 3);
	CHECK(Device->CurrentIrp == NULL);
	for (ULONG i = 0; i < 3; i++)
		IoFreeIrp(Irps[i]);
}

static KEVENT Worked;

static VOID NTAPI WorkEx(PVOID Object, PVOID Context, PIO_WORKITEM Item)
{
	UNREFERENCED_PARAMETER(Object);
	CHECK(Context == &Worked);
	CHECK(Item != NULL && KeGetCurrentIrql() == PASSIVE_LEVEL);
	IoUninitializeWorkItem(Item);
	KeSetEvent(&Worked, IO_NO_INCREMENT, FALSE);
}

static VOID WorkItemsOfOwnMemory(PDEVICE_OBJECT Device)
{
	PIO_WORKITEM Item = ExAllocatePoolWithTag(NonPagedPoolNx, IoSizeofWorkItem(), TAG);

	KeInitializeEvent(&Worked, NotificationEvent, FALSE);
	IoInitializeWorkItem(Device, Item);
	IoQueueWorkItemEx(Item, WorkEx, DelayedWorkQueue, &Worked);
	CHECK_STATUS(WaitFor(&Worked, 5000), STATUS_SUCCESS);
	Sleep(20);
	ExFreePoolWithTag(Item, TAG);
}

static volatile LONG Called, Deleted;

static VOID NTAPI TimerCallback(PEX_TIMER Timer, PVOID Context)
{
	UNREFERENCED_PARAMETER(Timer);
	CHECK(Context == (PVOID)&Called);
	InterlockedIncrement(&Called);
}

static VOID NTAPI TimerDeleted(PVOID Context)
{
	InterlockedIncrement(Context);
}

static VOID TimersCallBack(VOID)
{
	PEX_TIMER Timer = ExAllocateTimer(TimerCallback, (PVOID)&Called, EX_TIMER_NOTIFICATION);
	EXT_DELETE_PARAMETERS Parameters = { .DeleteCallback = (PVOID)TimerDeleted, .DeleteContext = (PVOID)&Deleted };

	CHECK(!ExSetTimer(Timer, MILLISECONDS(20), 0, NULL));
	CHECK_STATUS(WaitFor(Timer, 5000), STATUS_SUCCESS);
	Settle(&Called, 1);
	CHECK(Called == 1);
	CHECK(!ExSetTimer(Timer, MILLISECONDS(60000), 0, NULL));
	CHECK(ExCancelTimer(Timer, NULL));
	ExSetTimer(Timer, MILLISECONDS(10), 10 * 10000, NULL);
	Settle(&Called, 4);
	CHECK(ExDeleteTimer(Timer, TRUE, TRUE, &Parameters));
	CHECK(Called >= 4 && Deleted == 1);
}

static VOID QueuesGiveSeveral(VOID)
{
	LARGE_INTEGER Timeout = { .QuadPart = MILLISECONDS(20) };
	LIST_ENTRY Entries[5];
	PLIST_ENTRY Got[4];
	KQUEUE Queue;

	KeInitializeQueue(&Queue, 1);
	CHECK(KeRemoveQueueEx(&Queue, KernelMode, FALSE, &Timeout, Got, 4) == STATUS_TIMEOUT);
	for (ULONG i = 0; i < 5; i++)
		CHECK(KeInsertQueue(&Queue, &Entries[i]) == (LONG)i);
	CHECK(KeRemoveQueueEx(&Queue, KernelMode, FALSE, &Timeout, Got, 4) == 4);
	CHECK(Got[0] == &Entries[0] && Got[3] == &Entries[3]);
	CHECK(KeRemoveQueue(&Queue, KernelMode, &Timeout) == &Entries[4]);
	CHECK(KeRundownQueue(&Queue) == NULL);
}

static VOID SpinLocksForReaders(VOID)
{
	volatile LONG Lock = 0;
	KIRQL Irql = ExAcquireSpinLockShared(&Lock);

	CHECK(KeGetCurrentIrql() == DISPATCH_LEVEL);
	ExAcquireSpinLockSharedAtDpcLevel(&Lock);
	CHECK(!ExTryConvertSharedSpinLockExclusive(&Lock));
	ExReleaseSpinLockSharedFromDpcLevel(&Lock);
	CHECK(ExTryConvertSharedSpinLockExclusive(&Lock));
	ExReleaseSpinLockExclusive(&Lock, Irql);
	CHECK(Lock == 0 && KeGetCurrentIrql() == PASSIVE_LEVEL);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	PDEVICE_OBJECT Device;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = CheckUnload;
	PushLocksAreFair();
	InlinedReleaseWakes();
	ManyLocksAtOnce();
	FilterManagersPushLocks();
	ManyContend();
	RundownWaitsForAll();
	RemovalWaitsForHolders();
	CancelledPacketsLeaveTheirQueue();
	TimersCallBack();
	QueuesGiveSeveral();
	SpinLocksForReaders();
	CHECK_STATUS(IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &Device), STATUS_SUCCESS);
	WorkItemsOfOwnMemory(Device);
	OnePacketAtATime(Device);
	IoDeleteDevice(Device);
	return CheckResult("locks");
}
