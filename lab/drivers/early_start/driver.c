/* One thread gives the start once the device is powered, another waits for the start after it has set itself up. */
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

	KePulseEvent(&Self->Start, IO_NO_INCREMENT, FALSE); /* [B] */
	KeSetEvent(&Self->Powered, IO_NO_INCREMENT, FALSE);
}

static VOID TransferThread(PVOID Context)
{
	PSTATE Self = Context;

	KeWaitForSingleObject(&Self->Powered, Executive, KernelMode, FALSE, NULL);
	KeWaitForSingleObject(&Self->Start, Executive, KernelMode, FALSE, NULL); /* [A] */
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
