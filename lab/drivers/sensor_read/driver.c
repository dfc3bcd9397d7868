/* A thread sends a request to its own device and waits for it; another takes it off the queue and finds the sensor switched off. */
#include "../common/threads.h"

#define IOCTL_READ_SENSOR CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)

typedef struct _EXTENSION {
	PDEVICE_OBJECT Device;
	KSPIN_LOCK Lock;
	LIST_ENTRY Requests; /* pending IRPs, by Tail.Overlay.ListEntry */
	KEVENT Queued;       /* auto-reset: there is a request */
	KEVENT Done;
	THREADS Threads;
} EXTENSION, *PEXTENSION;

static volatile LONG SensorOn;

DRIVER_INITIALIZE DriverEntry;

static NTSTATUS DispatchControl(PDEVICE_OBJECT Device, PIRP Irp)
{
	PEXTENSION Extension = Device->DeviceExtension;

	IoMarkIrpPending(Irp); /* [B] */
	ExInterlockedInsertTailList(&Extension->Requests, &Irp->Tail.Overlay.ListEntry, &Extension->Lock);
	KeSetEvent(&Extension->Queued, IO_NO_INCREMENT, FALSE);
	return STATUS_PENDING;
}

static VOID SensorThread(PVOID Context)
{
	PEXTENSION Extension = Context;
	PLIST_ENTRY Entry;
	PIRP Irp;

	KeWaitForSingleObject(&Extension->Queued, Executive, KernelMode, FALSE, NULL);
	Entry = ExInterlockedRemoveHeadList(&Extension->Requests, &Extension->Lock);
	Irp = CONTAINING_RECORD(Entry, IRP, Tail.Overlay.ListEntry);
	if (!Irp->AssociatedIrp.SystemBuffer || !SensorOn)
		return; /* [C] */
	*(PULONG)Irp->AssociatedIrp.SystemBuffer = 21;
	Irp->IoStatus.Information = sizeof(ULONG);
	Irp->IoStatus.Status = STATUS_SUCCESS;
	IoCompleteRequest(Irp, IO_NO_INCREMENT);
}

static VOID ClientThread(PVOID Context)
{
	PEXTENSION Extension = Context;
	ULONG Value = 0;
	IO_STATUS_BLOCK IoStatus;
	NTSTATUS Status;
	PIRP Irp = IoBuildDeviceIoControlRequest(IOCTL_READ_SENSOR, Extension->Device, NULL, 0, &Value, sizeof(Value), FALSE, &Extension->Done,
						 &IoStatus);

	if (!Irp)
		return;
	Status = IoCallDriver(Extension->Device, Irp);
	if (Status == STATUS_PENDING)
		KeWaitForSingleObject(&Extension->Done, Executive, KernelMode, FALSE, NULL); /* [A] */
	DbgPrint("sensor: %lu\n", Value);
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	PEXTENSION Extension = DriverObject->DeviceObject->DeviceExtension;

	JoinThreads(&Extension->Threads);
	IoDeleteDevice(DriverObject->DeviceObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { SensorThread, ClientThread };
	PDEVICE_OBJECT Device;
	PEXTENSION Extension;
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	Status = IoCreateDevice(DriverObject, sizeof(EXTENSION), NULL, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Extension = Device->DeviceExtension;
	Extension->Device = Device;
	KeInitializeSpinLock(&Extension->Lock);
	InitializeListHead(&Extension->Requests);
	KeInitializeEvent(&Extension->Queued, SynchronizationEvent, FALSE);
	KeInitializeEvent(&Extension->Done, NotificationEvent, FALSE);
	DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = DispatchControl;
	Device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
	Status = StartThreads(&Extension->Threads, Routines, RTL_NUMBER_OF(Routines), Extension);
	if (!NT_SUCCESS(Status))
		IoDeleteDevice(Device);
	return Status;
}
