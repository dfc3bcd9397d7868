/* The healthy twin of buffer_check: the resource is released on each way out. */
#include "../common/threads.h"

typedef struct _EXTENSION {
	ERESOURCE Lock;
	KEVENT Prepared; /* the buffer has its first contents */
	ULONG Buffer[16];
	THREADS Threads;
} EXTENSION, *PEXTENSION;

DRIVER_INITIALIZE DriverEntry;

/* FALSE: the contents make no sense. */
static BOOLEAN Check(const ULONG *Buffer, ULONG Length)
{
	ULONG Sum = 0;

	for (ULONG i = 0; i < Length; i++)
		Sum += Buffer[i];
	return Sum != 0;
}

static VOID PrepareThread(PVOID Context)
{
	PEXTENSION Extension = Context;

	KeEnterCriticalRegion();
	ExAcquireResourceExclusiveLite(&Extension->Lock, TRUE);
	RtlZeroMemory(Extension->Buffer, sizeof(Extension->Buffer));
	KeSetEvent(&Extension->Prepared, IO_NO_INCREMENT, FALSE);
	if (!Check(Extension->Buffer, RTL_NUMBER_OF(Extension->Buffer)))
		Extension->Buffer[0] = 1;
	ExReleaseResourceLite(&Extension->Lock);
	KeLeaveCriticalRegion();
}

static VOID SendThread(PVOID Context)
{
	PEXTENSION Extension = Context;

	KeWaitForSingleObject(&Extension->Prepared, Executive, KernelMode, FALSE, NULL);
	KeEnterCriticalRegion();
	ExAcquireResourceExclusiveLite(&Extension->Lock, TRUE);
	DbgPrint("send %lu\n", Extension->Buffer[0]);
	ExReleaseResourceLite(&Extension->Lock);
	KeLeaveCriticalRegion();
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	PEXTENSION Extension = DriverObject->DeviceObject->DeviceExtension;

	JoinThreads(&Extension->Threads);
	ExDeleteResourceLite(&Extension->Lock);
	IoDeleteDevice(DriverObject->DeviceObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { PrepareThread, SendThread };
	PDEVICE_OBJECT Device;
	PEXTENSION Extension;
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	Status = IoCreateDevice(DriverObject, sizeof(EXTENSION), NULL, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Extension = Device->DeviceExtension;
	ExInitializeResourceLite(&Extension->Lock);
	KeInitializeEvent(&Extension->Prepared, NotificationEvent, FALSE);
	Status = StartThreads(&Extension->Threads, Routines, RTL_NUMBER_OF(Routines), Extension);
	if (!NT_SUCCESS(Status)) {
		ExDeleteResourceLite(&Extension->Lock);
		IoDeleteDevice(Device);
	}
	return Status;
}
