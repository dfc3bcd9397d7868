/* Two threads, one synchronization event, and nobody to set it: each thread waits for FileCreationEvent before the only calls that
 * would signal it. The healthy twin is event_deadlock_fixed.
 */
#include "../common/files.h"

typedef struct _SYNC_RESOURCES {
	KEVENT FileCreationEvent; /* auto-reset, never signalled */
} SYNC_RESOURCES, *PSYNC_RESOURCES;

DRIVER_INITIALIZE DriverEntry;

static VOID FileCreationThread(PVOID Context)
{
	PSYNC_RESOURCES Resources = Context;

	CreateFiles();
	/* The mistake: the files are there, but their maker waits before saying so. */
	KeWaitForSingleObject(&Resources->FileCreationEvent, Executive, KernelMode, FALSE, NULL); /* [A] */
	KeSetEvent(&Resources->FileCreationEvent, IO_NO_INCREMENT, FALSE);                        /* [C] */
}

static VOID FileMoveThread(PVOID Context)
{
	PSYNC_RESOURCES Resources = Context;

	KeWaitForSingleObject(&Resources->FileCreationEvent, Executive, KernelMode, FALSE, NULL); /* [B] */
	MoveFiles();
	KeSetEvent(&Resources->FileCreationEvent, IO_NO_INCREMENT, FALSE); /* [D] */
	KeWaitForSingleObject(&Resources->FileCreationEvent, Executive, KernelMode, FALSE, NULL);
}

static VOID StartThread(PKSTART_ROUTINE Routine, PSYNC_RESOURCES Resources)
{
	HANDLE Thread;

	if (NT_SUCCESS(PsCreateSystemThread(&Thread, 0, NULL, NULL, NULL, Routine, Resources)))
		ZwClose(Thread);
}

/* The second mistake: it does not wait for the threads, which go on in code that is no longer there. */
static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	IoDeleteDevice(DriverObject->DeviceObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	PDEVICE_OBJECT Device;
	PSYNC_RESOURCES Resources;
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	Status = IoCreateDevice(DriverObject, sizeof(SYNC_RESOURCES), NULL, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Resources = Device->DeviceExtension;
	KeInitializeEvent(&Resources->FileCreationEvent, SynchronizationEvent, FALSE);
	StartThread(FileCreationThread, Resources);
	StartThread(FileMoveThread, Resources);
	return STATUS_SUCCESS;
}
