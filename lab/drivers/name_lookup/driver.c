/* Two threads look for a name under a resource that they share; who does not find it, adds it. */
#include "../common/threads.h"

typedef struct _EXTENSION {
	ERESOURCE Names;
	KEVENT BothRead; /* both threads have looked */
	volatile LONG Reading;
	LONG Found, Added;
	THREADS Threads;
} EXTENSION, *PEXTENSION;

DRIVER_INITIALIZE DriverEntry;

static VOID LookupThread(PVOID Context)
{
	PEXTENSION Extension = Context;

	KeEnterCriticalRegion();
	ExAcquireResourceSharedLite(&Extension->Names, TRUE); /* [B] */
	if (InterlockedIncrement(&Extension->Reading) == 2)
		KeSetEvent(&Extension->BothRead, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(&Extension->BothRead, Executive, KernelMode, FALSE, NULL);
	ExAcquireResourceExclusiveLite(&Extension->Names, TRUE); /* [A] */
	Extension->Added++;
	ExReleaseResourceLite(&Extension->Names);
	ExReleaseResourceLite(&Extension->Names);
	KeLeaveCriticalRegion();
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	PEXTENSION Extension = DriverObject->DeviceObject->DeviceExtension;

	JoinThreads(&Extension->Threads);
	ExDeleteResourceLite(&Extension->Names);
	IoDeleteDevice(DriverObject->DeviceObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { LookupThread, LookupThread };
	PDEVICE_OBJECT Device;
	PEXTENSION Extension;
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	Status = IoCreateDevice(DriverObject, sizeof(EXTENSION), NULL, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Extension = Device->DeviceExtension;
	ExInitializeResourceLite(&Extension->Names);
	KeInitializeEvent(&Extension->BothRead, NotificationEvent, FALSE);
	Status = StartThreads(&Extension->Threads, Routines, RTL_NUMBER_OF(Routines), Extension);
	if (!NT_SUCCESS(Status)) {
		ExDeleteResourceLite(&Extension->Names);
		IoDeleteDevice(Device);
	}
	return Status;
}
