/* A thread serves as long as there is work. Nobody thinks of it when the driver goes. */
#include "../common/threads.h"

static KEVENT Work; /* auto-reset */
static KEVENT Stop;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

static VOID ServeThread(PVOID Context)
{
	PVOID Objects[] = { &Stop, &Work };

	UNREFERENCED_PARAMETER(Context);
	while (KeWaitForMultipleObjects(RTL_NUMBER_OF(Objects), Objects, WaitAny, Executive, KernelMode, FALSE, NULL, NULL) !=
	       STATUS_WAIT_0) /* [A] */
		DbgPrint("work\n");
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { ServeThread };

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	KeInitializeEvent(&Work, SynchronizationEvent, FALSE);
	KeInitializeEvent(&Stop, NotificationEvent, FALSE);
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
