/* Looks like a hang, but is none: a thread that sleeps nearly always. */
#include "../common/threads.h"

static volatile LONG Stop;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

static VOID PollThread(PVOID Context)
{
	LARGE_INTEGER Interval = { .QuadPart = -5 * 10000 };

	UNREFERENCED_PARAMETER(Context);
	while (!Stop)
		KeDelayExecutionThread(KernelMode, FALSE, &Interval);
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	Stop = TRUE;
	JoinThreads(&Threads);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { PollThread };

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
