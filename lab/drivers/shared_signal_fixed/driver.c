/* The healthy twin of shared_signal: the event stays set, so that it reaches whoever wants to know, early or late. */
#include "../common/threads.h"

static KEVENT Changed; /* notification: set once there is a value */
static KEVENT Shown;   /* the display has the first value: the logger may begin */
static volatile LONG Value;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

static VOID SampleThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	Value = 42;
	KeSetEvent(&Changed, IO_NO_INCREMENT, FALSE);
}

static VOID DisplayThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Changed, Executive, KernelMode, FALSE, NULL);
	DbgPrint("display: %ld\n", Value);
	KeSetEvent(&Shown, IO_NO_INCREMENT, FALSE);
}

static VOID LogThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Shown, Executive, KernelMode, FALSE, NULL);
	KeWaitForSingleObject(&Changed, Executive, KernelMode, FALSE, NULL);
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
	KeInitializeEvent(&Changed, NotificationEvent, FALSE);
	KeInitializeEvent(&Shown, NotificationEvent, FALSE);
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
