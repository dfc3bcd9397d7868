/* Work items that need an index wait for it; what makes the index is a work item too, queued last. */
#include <ntifs.h>

#define JOBS 40 /* more than there are worker threads */

typedef struct _JOB {
	WORK_QUEUE_ITEM Item;
	struct _EXTENSION *Extension;
} JOB, *PJOB;

typedef struct _EXTENSION {
	KEVENT Indexed; /* the index can be used */
	KEVENT Idle;    /* nothing is queued any more */
	volatile LONG Left;
	WORK_QUEUE_ITEM IndexItem;
	JOB Jobs[JOBS];
} EXTENSION, *PEXTENSION;

DRIVER_INITIALIZE DriverEntry;

static VOID Leave(PEXTENSION Extension)
{
	if (InterlockedDecrement(&Extension->Left) == 0)
		KeSetEvent(&Extension->Idle, IO_NO_INCREMENT, FALSE);
}

static VOID IndexWork(PVOID Parameter)
{
	PEXTENSION Extension = Parameter;

	KeSetEvent(&Extension->Indexed, IO_NO_INCREMENT, FALSE); /* [B] */
	Leave(Extension);
}

static VOID JobWork(PVOID Parameter)
{
	PJOB Job = Parameter;

	KeWaitForSingleObject(&Job->Extension->Indexed, Executive, KernelMode, FALSE, NULL); /* [A] */
	Leave(Job->Extension);
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	PEXTENSION Extension = DriverObject->DeviceObject->DeviceExtension;

	KeWaitForSingleObject(&Extension->Idle, Executive, KernelMode, FALSE, NULL);
	IoDeleteDevice(DriverObject->DeviceObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	PDEVICE_OBJECT Device;
	PEXTENSION Extension;
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	Status = IoCreateDevice(DriverObject, sizeof(EXTENSION), NULL, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Extension = Device->DeviceExtension;
	KeInitializeEvent(&Extension->Indexed, NotificationEvent, FALSE);
	KeInitializeEvent(&Extension->Idle, NotificationEvent, FALSE);
	Extension->Left = JOBS + 1;
	ExInitializeWorkItem(&Extension->IndexItem, IndexWork, Extension);
	for (ULONG i = 0; i < JOBS; i++) {
		Extension->Jobs[i].Extension = Extension;
		ExInitializeWorkItem(&Extension->Jobs[i].Item, JobWork, &Extension->Jobs[i]);
		ExQueueWorkItem(&Extension->Jobs[i].Item, DelayedWorkQueue);
	}
	ExQueueWorkItem(&Extension->IndexItem, DelayedWorkQueue); /* [C] */
	return STATUS_SUCCESS;
}
