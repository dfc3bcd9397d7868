/* Looks like a hang, but is none: a wait for a thread that is in the file system nearly always. */
#include "../common/threads.h"

static KEVENT Saved;
static volatile LONG Stop;
static UCHAR Page[4096];
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

static NTSTATUS SavePages(HANDLE File)
{
	IO_STATUS_BLOCK IoStatus;
	LARGE_INTEGER Offset = { .QuadPart = 0 };
	NTSTATUS Status = STATUS_SUCCESS;

	while (!Stop && NT_SUCCESS(Status)) {
		Status = ZwWriteFile(File, NULL, NULL, NULL, &IoStatus, Page, sizeof(Page), &Offset, NULL);
		if (NT_SUCCESS(Status))
			Status = ZwFlushBuffersFile(File, &IoStatus);
	}
	return Status;
}

static VOID SaveThread(PVOID Context)
{
	UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\DosDevices\\C:\\Temp\\pages.bin");
	OBJECT_ATTRIBUTES Attributes;
	IO_STATUS_BLOCK IoStatus;
	HANDLE File;

	UNREFERENCED_PARAMETER(Context);
	InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
	if (NT_SUCCESS(ZwCreateFile(&File, GENERIC_WRITE | SYNCHRONIZE, &Attributes, &IoStatus, NULL, FILE_ATTRIBUTE_NORMAL, 0, FILE_OVERWRITE_IF,
				    FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0))) {
		SavePages(File);
		ZwClose(File);
	}
	KeSetEvent(&Saved, IO_NO_INCREMENT, FALSE);
}

static VOID NotifyThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Saved, Executive, KernelMode, FALSE, NULL);
	DbgPrint("saved\n");
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	Stop = TRUE;
	JoinThreads(&Threads);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { SaveThread, NotifyThread };

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	KeInitializeEvent(&Saved, NotificationEvent, FALSE);
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
