/* A thread works under a mutex and leaves early when there is nothing to do. */
#include "../common/threads.h"

static KMUTEX Lock;
static LONG Entries;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

static VOID TrimThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Lock, Executive, KernelMode, FALSE, NULL);
	if (!Entries)
		return;
	Entries--;
	KeReleaseMutex(&Lock, FALSE);
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	JoinThreads(&Threads);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { TrimThread };

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	KeInitializeMutex(&Lock, 0);
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
