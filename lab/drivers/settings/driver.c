/* One thread reads a file of settings, another serves requests once they are there. The file does not exist, and the reader leaves.
 */
#include "../common/threads.h"

typedef struct _EXTENSION {
	KEVENT Loaded; /* the settings can be used */
	NTSTATUS Result;
	THREADS Threads;
} EXTENSION, *PEXTENSION;

DRIVER_INITIALIZE DriverEntry;

static NTSTATUS ReadSettings(VOID)
{
	UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\DosDevices\\C:\\Temp\\no settings.ini");
	OBJECT_ATTRIBUTES Attributes;
	IO_STATUS_BLOCK IoStatus;
	HANDLE File;
	NTSTATUS Status;

	InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
	Status = ZwOpenFile(&File, GENERIC_READ | SYNCHRONIZE, &Attributes, &IoStatus, FILE_SHARE_READ, FILE_SYNCHRONOUS_IO_NONALERT);
	if (NT_SUCCESS(Status))
		ZwClose(File);
	return Status;
}

static VOID LoadThread(PVOID Context)
{
	PEXTENSION Extension = Context;

	Extension->Result = ReadSettings();
	if (!NT_SUCCESS(Extension->Result))
		return;
	KeSetEvent(&Extension->Loaded, IO_NO_INCREMENT, FALSE); /* [B] */
}

static VOID ServiceThread(PVOID Context)
{
	PEXTENSION Extension = Context;

	KeWaitForSingleObject(&Extension->Loaded, Executive, KernelMode, FALSE, NULL); /* [A] */
	DbgPrint("settings: %08lx\n", Extension->Result);
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	PEXTENSION Extension = DriverObject->DeviceObject->DeviceExtension;

	JoinThreads(&Extension->Threads);
	IoDeleteDevice(DriverObject->DeviceObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { LoadThread, ServiceThread };
	PDEVICE_OBJECT Device;
	PEXTENSION Extension;
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	Status = IoCreateDevice(DriverObject, sizeof(EXTENSION), NULL, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Extension = Device->DeviceExtension;
	KeInitializeEvent(&Extension->Loaded, NotificationEvent, FALSE);
	Status = StartThreads(&Extension->Threads, Routines, RTL_NUMBER_OF(Routines), Extension);
	if (!NT_SUCCESS(Status))
		IoDeleteDevice(Device);
	return Status;
}
