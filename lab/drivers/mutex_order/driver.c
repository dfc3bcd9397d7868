/* Two threads move a record between a table and its journal. Each holds one of the two mutexes when it asks for the other. */
#include "../common/threads.h"

typedef struct _EXTENSION {
	KMUTEX Table;
	KMUTEX Journal;
	KEVENT TableRead; /* set once each thread has read its side */
	KEVENT JournalRead;
	LONG InTable, InJournal; /* records */
	THREADS Threads;
} EXTENSION, *PEXTENSION;

DRIVER_INITIALIZE DriverEntry;

static VOID CommitThread(PVOID Context)
{
	PEXTENSION Extension = Context;

	KeWaitForSingleObject(&Extension->Table, Executive, KernelMode, FALSE, NULL);
	KeSetEvent(&Extension->TableRead, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(&Extension->JournalRead, Executive, KernelMode, FALSE, NULL);
	KeWaitForSingleObject(&Extension->Journal, Executive, KernelMode, FALSE, NULL); /* [A] */
	Extension->InTable--;
	Extension->InJournal++;
	KeReleaseMutex(&Extension->Journal, FALSE);
	KeReleaseMutex(&Extension->Table, FALSE);
}

static VOID ReplayThread(PVOID Context)
{
	PEXTENSION Extension = Context;

	KeWaitForSingleObject(&Extension->Journal, Executive, KernelMode, FALSE, NULL);
	KeSetEvent(&Extension->JournalRead, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(&Extension->TableRead, Executive, KernelMode, FALSE, NULL);
	KeWaitForSingleObject(&Extension->Table, Executive, KernelMode, FALSE, NULL); /* [B] */
	Extension->InJournal--;
	Extension->InTable++;
	KeReleaseMutex(&Extension->Table, FALSE);
	KeReleaseMutex(&Extension->Journal, FALSE);
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	PEXTENSION Extension = DriverObject->DeviceObject->DeviceExtension;

	JoinThreads(&Extension->Threads);
	IoDeleteDevice(DriverObject->DeviceObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { CommitThread, ReplayThread };
	PDEVICE_OBJECT Device;
	PEXTENSION Extension;
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	Status = IoCreateDevice(DriverObject, sizeof(EXTENSION), NULL, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Extension = Device->DeviceExtension;
	KeInitializeMutex(&Extension->Table, 0);
	KeInitializeMutex(&Extension->Journal, 0);
	KeInitializeEvent(&Extension->TableRead, NotificationEvent, FALSE);
	KeInitializeEvent(&Extension->JournalRead, NotificationEvent, FALSE);
	Status = StartThreads(&Extension->Threads, Routines, RTL_NUMBER_OF(Routines), Extension);
	if (!NT_SUCCESS(Status))
		IoDeleteDevice(Device);
	return Status;
}
