/* The healthy twin of early_start: the start is an event that stays set. */
#include "../common/threads.h"

typedef struct _STATE {
	KEVENT Powered;
	KEVENT Start;
	THREADS Threads;
} STATE, *PSTATE;

static PSTATE State; /* in pool */

DRIVER_INITIALIZE DriverEntry;

static VOID PowerThread(PVOID Context)
{
	PSTATE Self = Context;

	KeSetEvent(&Self->Start, IO_NO_INCREMENT, FALSE);
	KeSetEvent(&Self->Powered, IO_NO_INCREMENT, FALSE);
}

static VOID TransferThread(PVOID Context)
{
	PSTATE Self = Context;

	KeWaitForSingleObject(&Self->Powered, Executive, KernelMode, FALSE, NULL);
	KeWaitForSingleObject(&Self->Start, Executive, KernelMode, FALSE, NULL);
	DbgPrint("transfer\n");
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	JoinThreads(&State->Threads);
	ExFreePool(State);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { PowerThread, TransferThread };
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	State = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*State), 'tatS');
	if (!State)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlZeroMemory(State, sizeof(*State));
	KeInitializeEvent(&State->Powered, NotificationEvent, FALSE);
	KeInitializeEvent(&State->Start, NotificationEvent, FALSE);
	Status = StartThreads(&State->Threads, Routines, RTL_NUMBER_OF(Routines), State);
	if (!NT_SUCCESS(Status))
		ExFreePool(State);
	return Status;
}
