/* The healthy twin of event_deadlock: the maker of the files sets the event when they are there, the mover waits for it once, and
 * unloading waits for both threads. 1000 files end up as C:\Temp2\NewFile_N.txt.
 */
#include "../common/files.h"

typedef struct _SYNC_RESOURCES {
	KEVENT FileCreationEvent; /* auto-reset: set once, when every file has been made */
	PVOID Threads[2];         /* referenced thread objects, NULL where none was started */
} SYNC_RESOURCES, *PSYNC_RESOURCES;

DRIVER_INITIALIZE DriverEntry;

static VOID FileCreationThread(PVOID Context)
{
	PSYNC_RESOURCES Resources = Context;

	CreateFiles();
	KeSetEvent(&Resources->FileCreationEvent, IO_NO_INCREMENT, FALSE);
}

static VOID FileMoveThread(PVOID Context)
{
	PSYNC_RESOURCES Resources = Context;

	KeWaitForSingleObject(&Resources->FileCreationEvent, Executive, KernelMode, FALSE, NULL);
	MoveFiles();
}

static NTSTATUS StartThread(PKSTART_ROUTINE Routine, PSYNC_RESOURCES Resources, PVOID *Thread)
{
	HANDLE Handle;
	NTSTATUS Status = PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, Routine, Resources);

	if (!NT_SUCCESS(Status))
		return Status;
	Status = ObReferenceObjectByHandle(Handle, SYNCHRONIZE, *PsThreadType, KernelMode, Thread, NULL);
	ZwClose(Handle);
	return Status;
}

static VOID FinishThreads(PSYNC_RESOURCES Resources)
{
	for (ULONG i = 0; i < RTL_NUMBER_OF(Resources->Threads); i++) {
		if (!Resources->Threads[i])
			continue;
		KeWaitForSingleObject(Resources->Threads[i], Executive, KernelMode, FALSE, NULL);
		ObDereferenceObject(Resources->Threads[i]);
	}
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	FinishThreads(DriverObject->DeviceObject->DeviceExtension);
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
	Status = StartThread(FileCreationThread, Resources, &Resources->Threads[0]);
	if (NT_SUCCESS(Status))
		Status = StartThread(FileMoveThread, Resources, &Resources->Threads[1]);
	if (!NT_SUCCESS(Status)) {
		FinishThreads(Resources);
		IoDeleteDevice(Device);
	}
	return Status;
}
