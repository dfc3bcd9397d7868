/* The healthy twin of mutex_order: both threads take the two mutexes in the same order, a thousand times each. */
#include "../common/threads.h"

#define RECORDS 1000

typedef struct _EXTENSION {
	KMUTEX Table; /* taken before Journal */
	KMUTEX Journal;
	LONG InTable, InJournal; /* records */
	THREADS Threads;
} EXTENSION, *PEXTENSION;

DRIVER_INITIALIZE DriverEntry;

static VOID Move(PEXTENSION Extension, LONG Records)
{
	KeWaitForSingleObject(&Extension->Table, Executive, KernelMode, FALSE, NULL);
	KeWaitForSingleObject(&Extension->Journal, Executive, KernelMode, FALSE, NULL);
	Extension->InTable -= Records;
	Extension->InJournal += Records;
	KeReleaseMutex(&Extension->Journal, FALSE);
	KeReleaseMutex(&Extension->Table, FALSE);
}

static VOID CommitThread(PVOID Context)
{
	for (LONG i = 0; i < RECORDS; i++)
		Move(Context, 1);
}

static VOID ReplayThread(PVOID Context)
{
	for (LONG i = 0; i < RECORDS; i++)
		Move(Context, -1);
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
	Status = StartThreads(&Extension->Threads, Routines, RTL_NUMBER_OF(Routines), Extension);
	if (!NT_SUCCESS(Status))
		IoDeleteDevice(Device);
	return Status;
}
