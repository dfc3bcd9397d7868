/* Looks like a hang, but is none: a wait without a time-out, for a timer that is set. */
#include "../common/threads.h"

static KTIMER Hourly;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

static VOID ReportThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Hourly, Executive, KernelMode, FALSE, NULL);
	DbgPrint("an hour has passed\n");
}

static VOID SetTimer(LONGLONG Seconds)
{
	LARGE_INTEGER Due = { .QuadPart = -Seconds * 10000000 };

	KeSetTimer(&Hourly, Due, NULL);
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
	KeInitializeTimer(&Hourly);
	SetTimer(3600);
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
