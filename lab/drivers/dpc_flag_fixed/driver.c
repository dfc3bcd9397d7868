/* The healthy twin of dpc_flag: the thread waits for the DPC with a KEVENT, at PASSIVE_LEVEL. */
#include "../common/threads.h"

static KDPC Dpc;
static KEVENT Ready;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

static VOID ReadyDpc(PKDPC Self, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	UNREFERENCED_PARAMETER(Self);
	UNREFERENCED_PARAMETER(Context);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	KeSetEvent(&Ready, IO_NO_INCREMENT, FALSE);
}

static VOID ResetThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeInsertQueueDpc(&Dpc, NULL, NULL);
	KeWaitForSingleObject(&Ready, Executive, KernelMode, FALSE, NULL);
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	JoinThreads(&Threads);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { ResetThread };

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	KeInitializeEvent(&Ready, NotificationEvent, FALSE);
	KeInitializeDpc(&Dpc, ReadyDpc, NULL);
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
