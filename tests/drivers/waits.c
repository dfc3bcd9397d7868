/* The documented rules of events, timers, threads and waits that are easy to get wrong, asserted inside the guest. */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;

/* Exported by ntoskrnl.exe, but in no header of the DDK. */
NTKERNELAPI BOOLEAN NTAPI KeAlertThread(PKTHREAD Thread, KPROCESSOR_MODE AlertMode);
NTKERNELAPI BOOLEAN NTAPI KeTestAlertThread(KPROCESSOR_MODE AlertMode);

#define MILLISECONDS(n) (-(LONGLONG)(n) * 10000)

typedef struct _WAITER {
	KEVENT Ready; /* set by the thread right before it waits */
	PVOID Object; /* what it waits for */
	volatile LONG *Woken;
	KPRIORITY Priority; /* its own, right after it was woken */
	PVOID Thread;
} WAITER;

static VOID WaiterThread(PVOID Context)
{
	WAITER *Waiter = Context;

	KeSetEvent(&Waiter->Ready, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(Waiter->Object, Executive, KernelMode, FALSE, NULL);
	Waiter->Priority = KeQueryPriorityThread(KeGetCurrentThread());
	InterlockedIncrement(Waiter->Woken);
	PsTerminateSystemThread(STATUS_SUCCESS);
}

static NTSTATUS WaitFor(PVOID Object, LONGLONG Time)
{
	LARGE_INTEGER Timeout;

	Timeout.QuadPart = Time;
	return KeWaitForSingleObject(Object, Executive, KernelMode, FALSE, &Timeout);
}

static VOID Sleep(LONG Milliseconds)
{
	LARGE_INTEGER Interval;

	Interval.QuadPart = MILLISECONDS(Milliseconds);
	KeDelayExecutionThread(KernelMode, FALSE, &Interval);
}

/* Waits until `*Count` is `Expected`, at most two seconds, and a little longer to see that it does not go past it. */
static VOID Settle(volatile LONG *Count, LONG Expected)
{
	for (ULONG i = 0; i < 200 && *Count < Expected; i++)
		Sleep(10);
	Sleep(30);
}

static VOID StartThread(WAITER *Waiter, PVOID Object, volatile LONG *Woken, PKSTART_ROUTINE Routine)
{
	HANDLE Handle;

	KeInitializeEvent(&Waiter->Ready, SynchronizationEvent, FALSE);
	Waiter->Object = Object;
	Waiter->Woken = Woken;
	CHECK_STATUS(PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, Routine, Waiter), STATUS_SUCCESS);
	CHECK_STATUS(ObReferenceObjectByHandle(Handle, SYNCHRONIZE, *PsThreadType, KernelMode, &Waiter->Thread, NULL), STATUS_SUCCESS);
	ZwClose(Handle);
	KeWaitForSingleObject(&Waiter->Ready, Executive, KernelMode, FALSE, NULL);
	Sleep(20);
}

static VOID StartWaiter(WAITER *Waiter, PVOID Object, volatile LONG *Woken)
{
	StartThread(Waiter, Object, Woken, WaiterThread);
}

static VOID FinishWaiter(WAITER *Waiter)
{
	CHECK_STATUS(WaitFor(Waiter->Thread, MILLISECONDS(2000)), STATUS_SUCCESS);
	ObDereferenceObject(Waiter->Thread);
}

static VOID SynchronizationEventWakesOne(VOID)
{
	KEVENT Event;
	WAITER Waiters[2];
	volatile LONG Woken = 0;

	KeInitializeEvent(&Event, SynchronizationEvent, FALSE);
	StartWaiter(&Waiters[0], &Event, &Woken);
	StartWaiter(&Waiters[1], &Event, &Woken);
	CHECK(KeSetEvent(&Event, IO_NO_INCREMENT, FALSE) == 0);
	Settle(&Woken, 1);
	CHECK(Woken == 1);
	CHECK(KeReadStateEvent(&Event) == 0);
	KeSetEvent(&Event, IO_NO_INCREMENT, FALSE);
	FinishWaiter(&Waiters[0]);
	FinishWaiter(&Waiters[1]);
	CHECK(Woken == 2);
	CHECK(KeReadStateEvent(&Event) == 0);
}

static VOID NotificationEventWakesAll(VOID)
{
	KEVENT Event;
	WAITER Waiters[3];
	volatile LONG Woken = 0;

	KeInitializeEvent(&Event, NotificationEvent, FALSE);
	for (ULONG i = 0; i < 3; i++)
		StartWaiter(&Waiters[i], &Event, &Woken);
	CHECK(KeSetEvent(&Event, IO_NO_INCREMENT, FALSE) == 0);
	for (ULONG i = 0; i < 3; i++)
		FinishWaiter(&Waiters[i]);
	CHECK(Woken == 3);
	CHECK(KeReadStateEvent(&Event) == 1);
	CHECK(KeSetEvent(&Event, IO_NO_INCREMENT, FALSE) == 1);
	CHECK(KeResetEvent(&Event) == 1);
	CHECK(KeResetEvent(&Event) == 0);
	KeSetEvent(&Event, IO_NO_INCREMENT, FALSE);
	KeClearEvent(&Event);
	CHECK(KeReadStateEvent(&Event) == 0);
}

static VOID PulseReachesOnlyWhoWaits(VOID)
{
	KEVENT Event;
	WAITER Waiters[2];
	volatile LONG Woken = 0;

	KeInitializeEvent(&Event, NotificationEvent, FALSE);
	StartWaiter(&Waiters[0], &Event, &Woken);
	StartWaiter(&Waiters[1], &Event, &Woken);
	CHECK(KePulseEvent(&Event, IO_NO_INCREMENT, FALSE) == 0);
	FinishWaiter(&Waiters[0]);
	FinishWaiter(&Waiters[1]);
	CHECK(Woken == 2);
	CHECK(KeReadStateEvent(&Event) == 0);
	CHECK_STATUS(WaitFor(&Event, 0), STATUS_TIMEOUT);
}

static VOID SignalBeforeTheWaitIsKept(VOID)
{
	KEVENT Event;

	KeInitializeEvent(&Event, SynchronizationEvent, TRUE);
	CHECK_STATUS(WaitFor(&Event, 0), STATUS_SUCCESS);
	CHECK_STATUS(WaitFor(&Event, 0), STATUS_TIMEOUT);
	KeSetEvent(&Event, IO_NO_INCREMENT, FALSE);
	KeSetEvent(&Event, IO_NO_INCREMENT, FALSE);
	CHECK_STATUS(KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
	CHECK_STATUS(WaitFor(&Event, 0), STATUS_TIMEOUT);
}

static VOID TimeoutsTakeTheirTime(VOID)
{
	KEVENT Event;
	ULONGLONG Start;
	LARGE_INTEGER Now;

	KeInitializeEvent(&Event, NotificationEvent, FALSE);
	Start = KeQueryInterruptTime();
	CHECK_STATUS(WaitFor(&Event, MILLISECONDS(40)), STATUS_TIMEOUT);
	CHECK(KeQueryInterruptTime() - Start >= 40 * 10000 - KeQueryTimeIncrement());
	CHECK(KeQueryInterruptTime() - Start < 2000 * 10000);
	KeQuerySystemTime(&Now);
	CHECK_STATUS(WaitFor(&Event, Now.QuadPart + 30 * 10000), STATUS_TIMEOUT);
	CHECK_STATUS(WaitFor(&Event, Now.QuadPart), STATUS_TIMEOUT);
	Start = KeQueryInterruptTime();
	Sleep(30);
	CHECK(KeQueryInterruptTime() - Start >= 30 * 10000 - KeQueryTimeIncrement());
}

static VOID AlertableThread(PVOID Context)
{
	WAITER *Waiter = Context;

	KeSetEvent(&Waiter->Ready, IO_NO_INCREMENT, FALSE);
	CHECK_STATUS(KeWaitForSingleObject(Waiter->Object, Executive, KernelMode, TRUE, NULL), STATUS_ALERTED);
	InterlockedIncrement(Waiter->Woken);
	PsTerminateSystemThread(STATUS_SUCCESS);
}

/* Only an alertable wait ends by an alert; for any other the alert stays until it is asked for. */
static VOID AlertsEndAlertableWaits(VOID)
{
	LARGE_INTEGER Interval = { .QuadPart = MILLISECONDS(2000) };
	volatile LONG Woken = 0;
	WAITER Alertable, Other;
	KEVENT Event;

	KeInitializeEvent(&Event, NotificationEvent, FALSE);
	StartThread(&Alertable, &Event, &Woken, AlertableThread);
	StartWaiter(&Other, &Event, &Woken);
	CHECK(!KeAlertThread(Other.Thread, KernelMode));
	CHECK(!KeAlertThread(Alertable.Thread, KernelMode));
	Settle(&Woken, 1);
	CHECK(Woken == 1);
	FinishWaiter(&Alertable);
	CHECK(KeAlertThread(Other.Thread, KernelMode));
	KeSetEvent(&Event, IO_NO_INCREMENT, FALSE);
	FinishWaiter(&Other);

	KeClearEvent(&Event);
	CHECK(!KeAlertThread(KeGetCurrentThread(), KernelMode));
	CHECK_STATUS(WaitFor(&Event, MILLISECONDS(1)), STATUS_TIMEOUT);
	CHECK(KeTestAlertThread(KernelMode));
	CHECK(!KeTestAlertThread(KernelMode));
	CHECK(!KeAlertThread(KeGetCurrentThread(), KernelMode));
	CHECK_STATUS(KeDelayExecutionThread(KernelMode, TRUE, &Interval), STATUS_ALERTED);
	CHECK(!KeTestAlertThread(KernelMode));
}

static VOID WaitAnyTakesOne(VOID)
{
	KEVENT First, Second;
	PVOID Objects[2] = { &First, &Second };
	LARGE_INTEGER Zero = { 0 };

	KeInitializeEvent(&First, SynchronizationEvent, TRUE);
	KeInitializeEvent(&Second, SynchronizationEvent, TRUE);
	CHECK_STATUS(KeWaitForMultipleObjects(2, Objects, WaitAny, Executive, KernelMode, FALSE, &Zero, NULL), STATUS_WAIT_0);
	CHECK(KeReadStateEvent(&First) == 0);
	CHECK(KeReadStateEvent(&Second) == 1);
	CHECK_STATUS(KeWaitForMultipleObjects(2, Objects, WaitAny, Executive, KernelMode, FALSE, &Zero, NULL), STATUS_WAIT_1);
	CHECK_STATUS(KeWaitForMultipleObjects(2, Objects, WaitAny, Executive, KernelMode, FALSE, &Zero, NULL), STATUS_TIMEOUT);
}

static VOID WaitAllTakesNothingUntilItCanTakeAll(VOID)
{
	KEVENT Events[5];
	PVOID Objects[5];
	KWAIT_BLOCK Blocks[5];
	LARGE_INTEGER Timeout;

	for (ULONG i = 0; i < 5; i++) {
		KeInitializeEvent(&Events[i], SynchronizationEvent, i != 3);
		Objects[i] = &Events[i];
	}
	Timeout.QuadPart = MILLISECONDS(20);
	CHECK_STATUS(KeWaitForMultipleObjects(5, Objects, WaitAll, Executive, KernelMode, FALSE, &Timeout, Blocks), STATUS_TIMEOUT);
	for (ULONG i = 0; i < 5; i++)
		CHECK(KeReadStateEvent(&Events[i]) == (i != 3));
	KeSetEvent(&Events[3], IO_NO_INCREMENT, FALSE);
	CHECK_STATUS(KeWaitForMultipleObjects(5, Objects, WaitAll, Executive, KernelMode, FALSE, &Timeout, Blocks), STATUS_SUCCESS);
	for (ULONG i = 0; i < 5; i++)
		CHECK(KeReadStateEvent(&Events[i]) == 0);
}

static VOID ManyObjects(VOID)
{
	static KEVENT Events[MAXIMUM_WAIT_OBJECTS];
	static PVOID Objects[MAXIMUM_WAIT_OBJECTS];
	static KWAIT_BLOCK Blocks[MAXIMUM_WAIT_OBJECTS];
	LARGE_INTEGER Timeout;

	for (ULONG i = 0; i < MAXIMUM_WAIT_OBJECTS; i++) {
		KeInitializeEvent(&Events[i], NotificationEvent, FALSE);
		Objects[i] = &Events[i];
	}
	Timeout.QuadPart = MILLISECONDS(5);
	CHECK_STATUS(KeWaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS, Objects, WaitAny, Executive, KernelMode, FALSE, &Timeout, Blocks),
		     STATUS_TIMEOUT);
	KeSetEvent(&Events[63], IO_NO_INCREMENT, FALSE);
	CHECK_STATUS(KeWaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS, Objects, WaitAny, Executive, KernelMode, FALSE, NULL, Blocks), STATUS_WAIT_63);
}

static VOID EventBoostRaisesTheWaiter(VOID)
{
	KEVENT Event;
	WAITER Waiter;
	volatile LONG Woken = 0;

	KeInitializeEvent(&Event, SynchronizationEvent, FALSE);
	StartWaiter(&Waiter, &Event, &Woken);
	KeSetEvent(&Event, EVENT_INCREMENT + 2, FALSE);
	FinishWaiter(&Waiter);
	CHECK(Waiter.Priority > 8 && Waiter.Priority < LOW_REALTIME_PRIORITY);
}

static volatile LONG DpcRuns;

static VOID CountingDpc(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	CHECK(Context == (PVOID)&DpcRuns);
	CHECK(KeGetCurrentIrql() == DISPATCH_LEVEL);
	InterlockedIncrement(&DpcRuns);
}

static VOID TimersFire(VOID)
{
	static KTIMER Timer;
	static KDPC Dpc;
	LARGE_INTEGER Due;

	KeInitializeTimer(&Timer);
	Due.QuadPart = MILLISECONDS(20);
	CHECK(!KeSetTimer(&Timer, Due, NULL));
	CHECK(!KeReadStateTimer(&Timer));
	CHECK_STATUS(WaitFor(&Timer, MILLISECONDS(2000)), STATUS_SUCCESS);
	CHECK(KeReadStateTimer(&Timer));
	CHECK(!KeCancelTimer(&Timer));

	Due.QuadPart = MILLISECONDS(60000);
	CHECK(!KeSetTimer(&Timer, Due, NULL));
	CHECK(KeSetTimer(&Timer, Due, NULL));
	CHECK(KeCancelTimer(&Timer));
	CHECK_STATUS(WaitFor(&Timer, MILLISECONDS(20)), STATUS_TIMEOUT);

	KeInitializeTimerEx(&Timer, SynchronizationTimer);
	KeInitializeDpc(&Dpc, CountingDpc, (PVOID)&DpcRuns);
	Due.QuadPart = MILLISECONDS(20);
	KeSetTimerEx(&Timer, Due, 20, &Dpc);
	for (ULONG i = 0; i < 3; i++)
		CHECK_STATUS(WaitFor(&Timer, MILLISECONDS(2000)), STATUS_SUCCESS);
	Settle(&DpcRuns, 3);
	CHECK(KeCancelTimer(&Timer));
	CHECK(DpcRuns >= 3);
}

static VOID SpinThread(PVOID Context)
{
	volatile LONG *Stop = Context;

	while (!*Stop)
		continue;
	PsTerminateSystemThread(STATUS_SUCCESS);
}

/* Without time slices the second of two spinning threads of equal priority, and then this one, would never run again. */
static VOID TimeSlicesEnd(VOID)
{
	volatile LONG Stop = 0;
	HANDLE Handles[2];
	PVOID Threads[2];

	for (ULONG i = 0; i < 2; i++) {
		CHECK_STATUS(PsCreateSystemThread(&Handles[i], THREAD_ALL_ACCESS, NULL, NULL, NULL, SpinThread, (PVOID)&Stop), STATUS_SUCCESS);
		CHECK_STATUS(ObReferenceObjectByHandle(Handles[i], SYNCHRONIZE, *PsThreadType, KernelMode, &Threads[i], NULL), STATUS_SUCCESS);
		ZwClose(Handles[i]);
	}
	Sleep(100);
	InterlockedExchange(&Stop, 1);
	for (ULONG i = 0; i < 2; i++) {
		CHECK_STATUS(WaitFor(Threads[i], MILLISECONDS(5000)), STATUS_SUCCESS);
		ObDereferenceObject(Threads[i]);
	}
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = CheckUnload;
	SynchronizationEventWakesOne();
	NotificationEventWakesAll();
	PulseReachesOnlyWhoWaits();
	SignalBeforeTheWaitIsKept();
	TimeoutsTakeTheirTime();
	AlertsEndAlertableWaits();
	WaitAnyTakesOne();
	WaitAllTakesNothingUntilItCanTakeAll();
	ManyObjects();
	EventBoostRaisesTheWaiter();
	TimersFire();
	TimeSlicesEnd();
	return CheckResult("waits");
}
