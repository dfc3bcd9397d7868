/* Looks like a hang, but is none: the event is a DPC's to set, whose timer is running. */
#include "../common/threads.h"

static KTIMER Timer;
static KDPC Dpc;
static KEVENT Due;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

static VOID TimerDpc(PKDPC Self, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	UNREFERENCED_PARAMETER(Self);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	KeSetEvent(Context, IO_NO_INCREMENT, FALSE);
}

static VOID ReportThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Due, Executive, KernelMode, FALSE, NULL);
	DbgPrint("an hour has passed\n");
}

static VOID SetTimer(LONGLONG Seconds)
{
	LARGE_INTEGER Interval = { .QuadPart = -Seconds * 10000000 };

	KeSetTimer(&Timer, Interval, &Dpc);
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	SetTimer(0);
	JoinThreads(&Threads);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { ReportThread };

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	KeInitializeEvent(&Due, NotificationEvent, FALSE);
	KeInitializeTimer(&Timer);
	KeInitializeDpc(&Dpc, TimerDpc, &Due);
	SetTimer(3600);
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
