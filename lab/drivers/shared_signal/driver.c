/* A sampler tells that a new value is there, by an auto-reset event. Two threads want to know; the display's first, then the logger. */
#include "../common/threads.h"

static KEVENT Changed; /* auto-reset */
static KEVENT Shown;   /* the display has the first value: the logger may begin */
static volatile LONG Value;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

static VOID SampleThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	Value = 42;
	KeSetEvent(&Changed, IO_NO_INCREMENT, FALSE); /* [B] */
}

static VOID DisplayThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Changed, Executive, KernelMode, FALSE, NULL); /* [C] */
	DbgPrint("display: %ld\n", Value);
	KeSetEvent(&Shown, IO_NO_INCREMENT, FALSE);
}

static VOID LogThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Shown, Executive, KernelMode, FALSE, NULL);
	KeWaitForSingleObject(&Changed, Executive, KernelMode, FALSE, NULL); /* [A] */
	DbgPrint("log: %ld\n", Value);
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	JoinThreads(&Threads);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { SampleThread, DisplayThread, LogThread };

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	KeInitializeEvent(&Changed, SynchronizationEvent, FALSE);
	KeInitializeEvent(&Shown, NotificationEvent, FALSE);
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
