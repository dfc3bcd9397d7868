/* The I/O manager and C: at their edges: packets between drivers, pending and cancelled ones, big files, many names, odd names. */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;

#define FOLDER       L"\\??\\C:\\IoTest\\"
#define IOCTL_ECHO   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_PEND   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_DIRECT CTL_CODE(FILE_DEVICE_UNKNOWN, 0x802, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

static PIRP Pended;
static LONG Creates, Cleanups, Closes, Cancels, Completions;
static KEVENT PendedEvent;

static NTSTATUS Open(HANDLE *File, PCWSTR Path, ACCESS_MASK Access, ULONG Share, ULONG Disposition, ULONG Options, ULONG_PTR *Information)
{
	UNICODE_STRING Name;
	OBJECT_ATTRIBUTES Attributes;
	IO_STATUS_BLOCK IoStatus = { 0 };
	NTSTATUS Status;

	RtlInitUnicodeString(&Name, Path);
	InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
	Status = ZwCreateFile(File, Access | SYNCHRONIZE, &Attributes, &IoStatus, NULL, FILE_ATTRIBUTE_NORMAL, Share, Disposition, Options, NULL, 0);
	if (Information)
		*Information = IoStatus.Information;
	return Status;
}

static VOID CancelPended(PDEVICE_OBJECT Device, PIRP Irp)
{
	UNREFERENCED_PARAMETER(Device);
	IoReleaseCancelSpinLock(Irp->CancelIrql);
	InterlockedIncrement(&Cancels);
	Irp->IoStatus.Status = STATUS_CANCELLED;
	Irp->IoStatus.Information = 0;
	IoCompleteRequest(Irp, IO_NO_INCREMENT);
}

static NTSTATUS Dispatch(PDEVICE_OBJECT Device, PIRP Irp)
{
	PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
	NTSTATUS Status = STATUS_SUCCESS;
	ULONG_PTR Information = 0;

	UNREFERENCED_PARAMETER(Device);
	switch (Stack->MajorFunction) {
	case IRP_MJ_CREATE:
		InterlockedIncrement(&Creates);
		break;
	case IRP_MJ_CLEANUP:
		InterlockedIncrement(&Cleanups);
		break;
	case IRP_MJ_CLOSE:
		InterlockedIncrement(&Closes);
		break;
	case IRP_MJ_READ:
		RtlFillMemory(Irp->AssociatedIrp.SystemBuffer, Stack->Parameters.Read.Length, 'r');
		Information = Stack->Parameters.Read.Length;
		break;
	case IRP_MJ_DEVICE_CONTROL:
		if (Stack->Parameters.DeviceIoControl.IoControlCode == IOCTL_PEND) {
			IoMarkIrpPending(Irp);
			IoSetCancelRoutine(Irp, CancelPended);
			Pended = Irp;
			KeSetEvent(&PendedEvent, IO_NO_INCREMENT, FALSE);
			return STATUS_PENDING;
		}
		if (Stack->Parameters.DeviceIoControl.IoControlCode == IOCTL_DIRECT) {
			PUCHAR Out = MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority);
			Out[0] = 'D';
			Information = 1;
			break;
		}
		Information = Stack->Parameters.DeviceIoControl.InputBufferLength;
		break;
	default:
		Status = STATUS_INVALID_DEVICE_REQUEST;
	}
	Irp->IoStatus.Status = Status;
	Irp->IoStatus.Information = Information;
	IoCompleteRequest(Irp, IO_NO_INCREMENT);
	return Status;
}

static NTSTATUS Filter(PDEVICE_OBJECT Device, PIRP Irp);
static PDEVICE_OBJECT Lower;

static NTSTATUS Completed(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context)
{
	UNREFERENCED_PARAMETER(Device);
	UNREFERENCED_PARAMETER(Context);
	if (Irp->PendingReturned)
		IoMarkIrpPending(Irp);
	InterlockedIncrement(&Completions);
	return STATUS_SUCCESS;
}

static NTSTATUS Filter(PDEVICE_OBJECT Device, PIRP Irp)
{
	if (!Device->DeviceExtension)
		return Dispatch(Device, Irp);
	IoCopyCurrentIrpStackLocationToNext(Irp);
	IoSetCompletionRoutine(Irp, Completed, NULL, TRUE, TRUE, TRUE);
	return IoCallDriver(Lower, Irp);
}

static VOID CompleteLater(PVOID Context)
{
	LARGE_INTEGER Delay;

	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&PendedEvent, Executive, KernelMode, FALSE, NULL);
	Delay.QuadPart = -20 * 10000;
	KeDelayExecutionThread(KernelMode, FALSE, &Delay);
	IoSetCancelRoutine(Pended, NULL);
	Pended->IoStatus.Status = STATUS_SUCCESS;
	Pended->IoStatus.Information = 3;
	RtlCopyMemory(Pended->AssociatedIrp.SystemBuffer, "abc", 3);
	IoCompleteRequest(Pended, IO_NO_INCREMENT);
}

static VOID Packets(PDRIVER_OBJECT Driver)
{
	UNICODE_STRING Name, Link;
	PDEVICE_OBJECT Device, Other, Top;
	PFILE_OBJECT FileObject;
	IO_STATUS_BLOCK IoStatus;
	KEVENT Event;
	CHAR Buffer[16] = "hello";
	HANDLE File, Thread, EventHandle;
	PIRP Irp;

	for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
		Driver->MajorFunction[i] = Filter;
	KeInitializeEvent(&PendedEvent, SynchronizationEvent, FALSE);
	RtlInitUnicodeString(&Name, L"\\Device\\IoTest");
	RtlInitUnicodeString(&Link, L"\\DosDevices\\IoTest");
	CHECK_STATUS(IoCreateDevice(Driver, 0, &Name, FILE_DEVICE_UNKNOWN, 0, FALSE, &Device), STATUS_SUCCESS);
	CHECK(Device->DeviceExtension == NULL && Device->StackSize == 1);
	CHECK_STATUS(IoCreateDevice(Driver, 0, &Name, FILE_DEVICE_UNKNOWN, 0, FALSE, &Other), STATUS_OBJECT_NAME_COLLISION);
	Device->Flags |= DO_BUFFERED_IO;
	Device->Flags &= ~DO_DEVICE_INITIALIZING;
	CHECK_STATUS(IoCreateSymbolicLink(&Link, &Name), STATUS_SUCCESS);
	CHECK_STATUS(Open(&File, L"\\??\\iotest", GENERIC_READ | GENERIC_WRITE, 0, FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT, NULL), STATUS_SUCCESS);
	CHECK(Creates == 1 && Device->ReferenceCount == 1);
	CHECK_STATUS(ZwReadFile(File, NULL, NULL, NULL, &IoStatus, Buffer, 4, NULL, NULL), STATUS_SUCCESS);
	CHECK(IoStatus.Information == 4 && Buffer[0] == 'r' && Buffer[3] == 'r' && Buffer[4] == 'o');
	CHECK_STATUS(ZwWriteFile(File, NULL, NULL, NULL, &IoStatus, Buffer, 4, NULL, NULL), STATUS_INVALID_DEVICE_REQUEST);
	RtlCopyMemory(Buffer, "echo", 5);
	CHECK_STATUS(ZwDeviceIoControlFile(File, NULL, NULL, NULL, &IoStatus, IOCTL_ECHO, Buffer, 5, Buffer + 8, 8), STATUS_SUCCESS);
	CHECK(IoStatus.Information == 5 && Buffer[8] == 'e' && Buffer[11] == 'o');
	CHECK_STATUS(ZwDeviceIoControlFile(File, NULL, NULL, NULL, &IoStatus, IOCTL_DIRECT, NULL, 0, Buffer, 8), STATUS_SUCCESS);
	CHECK(Buffer[0] == 'D');

	PsCreateSystemThread(&Thread, 0, NULL, NULL, NULL, CompleteLater, NULL);
	CHECK_STATUS(ZwDeviceIoControlFile(File, NULL, NULL, NULL, &IoStatus, IOCTL_PEND, NULL, 0, Buffer, 8), STATUS_SUCCESS);
	CHECK(IoStatus.Information == 3 && Buffer[0] == 'a' && Buffer[2] == 'c');
	ZwWaitForSingleObject(Thread, FALSE, NULL);
	ZwClose(Thread);
	ZwClose(File);
	CHECK(Cleanups == 1 && Closes == 1 && Device->ReferenceCount == 0);

	/* Asynchronous: pending, then the event. */
	CHECK_STATUS(Open(&File, L"\\Device\\IoTest", GENERIC_READ, 0, FILE_OPEN, 0, NULL), STATUS_SUCCESS);
	CHECK_STATUS(ZwCreateEvent(&EventHandle, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE), STATUS_SUCCESS);
	PsCreateSystemThread(&Thread, 0, NULL, NULL, NULL, CompleteLater, NULL);
	IoStatus.Information = 77;
	CHECK_STATUS(ZwDeviceIoControlFile(File, EventHandle, NULL, NULL, &IoStatus, IOCTL_PEND, NULL, 0, Buffer, 8), STATUS_PENDING);
	CHECK_STATUS(ZwWaitForSingleObject(EventHandle, FALSE, NULL), STATUS_SUCCESS);
	CHECK(IoStatus.Status == STATUS_SUCCESS && IoStatus.Information == 3);
	ZwWaitForSingleObject(Thread, FALSE, NULL);
	ZwClose(Thread);
	ZwClose(EventHandle);
	CHECK_STATUS(ZwReadFile(File, NULL, NULL, NULL, &IoStatus, Buffer, 4, NULL, NULL), STATUS_INVALID_PARAMETER);
	ZwClose(File);

	/* By pointer, through a filter, cancelled. */
	CHECK_STATUS(IoCreateDevice(Driver, 16, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &Other), STATUS_SUCCESS);
	Lower = IoAttachDeviceToDeviceStack(Other, Device);
	CHECK(Lower == Device && Other->StackSize == 2);
	Other->Flags |= DO_BUFFERED_IO;
	Other->Flags &= ~DO_DEVICE_INITIALIZING;
	CHECK_STATUS(IoGetDeviceObjectPointer(&Name, FILE_READ_DATA, &FileObject, &Top), STATUS_SUCCESS);
	CHECK(Top == Other && Completions >= 1);
	Completions = 0;
	KeInitializeEvent(&Event, NotificationEvent, FALSE);
	Irp = IoBuildDeviceIoControlRequest(IOCTL_ECHO, Top, "xyz", 4, Buffer, 8, FALSE, &Event, &IoStatus);
	CHECK(Irp != NULL);
	CHECK_STATUS(IoCallDriver(Top, Irp), STATUS_SUCCESS);
	CHECK(KeReadStateEvent(&Event) && IoStatus.Information == 4 && Buffer[0] == 'x' && Completions == 1);
	KeClearEvent(&Event);
	Irp = IoBuildDeviceIoControlRequest(IOCTL_PEND, Top, NULL, 0, Buffer, 8, FALSE, &Event, &IoStatus);
	CHECK_STATUS(IoCallDriver(Top, Irp), STATUS_PENDING);
	KeClearEvent(&PendedEvent);
	CHECK(IoCancelIrp(Irp));
	KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL);
	CHECK(Cancels == 1 && IoStatus.Status == STATUS_CANCELLED);
	ObDereferenceObject(FileObject);
	IoDetachDevice(Lower);
	IoDeleteDevice(Other);
	CHECK_STATUS(IoDeleteSymbolicLink(&Link), STATUS_SUCCESS);
	IoDeleteDevice(Device);
	CHECK(Driver->DeviceObject == NULL);
	CHECK_STATUS(Open(&File, L"\\Device\\IoTest", GENERIC_READ, 0, FILE_OPEN, 0, NULL), STATUS_OBJECT_NAME_NOT_FOUND);
	CHECK(Creates == Closes && Creates == Cleanups);
}

#define BIG (3 * 1024 * 1024 + 17)

static VOID BigFile(VOID)
{
	PUCHAR Data = ExAllocatePoolWithTag(NonPagedPool, BIG, 'gBoI'), Back = ExAllocatePoolWithTag(NonPagedPool, BIG, 'gBoI');
	IO_STATUS_BLOCK IoStatus;
	LARGE_INTEGER Offset;
	HANDLE File;
	ULONG Position = 0, Step = 1;

	for (ULONG i = 0; i < BIG; i++)
		Data[i] = (UCHAR)(i * 7 + (i >> 8) * 13 + (i >> 16));
	CHECK_STATUS(Open(&File, FOLDER L"big.bin", GENERIC_READ | GENERIC_WRITE, 0, FILE_OVERWRITE_IF, FILE_SYNCHRONOUS_IO_NONALERT, NULL),
		     STATUS_SUCCESS);
	while (Position < BIG) {
		ULONG Length = Step < BIG - Position ? Step : BIG - Position;

		CHECK_STATUS(ZwWriteFile(File, NULL, NULL, NULL, &IoStatus, Data + Position, Length, NULL, NULL), STATUS_SUCCESS);
		Position += Length;
		Step = Step * 3 % 400009 + 1;
	}
	Offset.QuadPart = 0;
	CHECK_STATUS(ZwReadFile(File, NULL, NULL, NULL, &IoStatus, Back, BIG, &Offset, NULL), STATUS_SUCCESS);
	CHECK(IoStatus.Information == BIG && RtlCompareMemory(Data, Back, BIG) == BIG);
	/* Overlapping and backward writes, read in small pieces. */
	for (LONG i = 40; i >= 0; i--) {
		Offset.QuadPart = i * 5000;
		RtlFillMemory(Data + i * 5000, 7000, (UCHAR)i);
		CHECK_STATUS(ZwWriteFile(File, NULL, NULL, NULL, &IoStatus, Data + i * 5000, 7000, &Offset, NULL), STATUS_SUCCESS);
		CHECK_STATUS(ZwReadFile(File, NULL, NULL, NULL, &IoStatus, Back, 100, &Offset, NULL), STATUS_SUCCESS);
		CHECK(Back[99] == (UCHAR)i);
	}
	RtlZeroMemory(Back, BIG);
	Offset.QuadPart = 0;
	for (Position = 0; Position < BIG; Position += 1000) {
		CHECK_STATUS(ZwReadFile(File, NULL, NULL, NULL, &IoStatus, Back + Position, BIG - Position < 1000 ? BIG - Position : 1000,
					Position ? NULL : &Offset, NULL),
			     STATUS_SUCCESS);
	}
	CHECK(RtlCompareMemory(Data, Back, BIG) == BIG);
	CHECK_STATUS(ZwReadFile(File, NULL, NULL, NULL, &IoStatus, Back, 1, NULL, NULL), STATUS_END_OF_FILE);
	Offset.LowPart = FILE_WRITE_TO_END_OF_FILE;
	Offset.HighPart = -1;
	CHECK_STATUS(ZwWriteFile(File, NULL, NULL, NULL, &IoStatus, "end", 3, &Offset, NULL), STATUS_SUCCESS);
	CHECK_STATUS(ZwFlushBuffersFile(File, &IoStatus), STATUS_SUCCESS);
	ZwClose(File);
	ExFreePoolWithTag(Data, 'gBoI');
	ExFreePoolWithTag(Back, 'gBoI');
}

static VOID Names(VOID)
{
	static WCHAR Long[300];
	HANDLE File, Second;
	ULONG_PTR Information;
	union {
		FILE_NAME_INFORMATION Name;
		UCHAR Room[600];
	} Buffer;
	FILE_BASIC_INFORMATION Basic;
	FILE_STANDARD_INFORMATION Standard;
	IO_STATUS_BLOCK IoStatus;
	FILE_DISPOSITION_INFORMATION Disposition = { TRUE };
	const ULONG Sync = FILE_SYNCHRONOUS_IO_NONALERT;

	/* 255 characters fit, 256 do not. */
	RtlCopyMemory(Long, FOLDER, sizeof(FOLDER));
	for (ULONG i = 0; i < 256; i++)
		Long[sizeof(FOLDER) / 2 - 1 + i] = L'n';
	CHECK_STATUS(Open(&File, Long, GENERIC_WRITE, 0, FILE_CREATE, Sync, NULL), STATUS_OBJECT_NAME_INVALID);
	Long[sizeof(FOLDER) / 2 - 1 + 255] = 0;
	CHECK_STATUS(Open(&File, Long, GENERIC_WRITE | DELETE, 0, FILE_CREATE, Sync | FILE_DELETE_ON_CLOSE, NULL), STATUS_SUCCESS);
	ZwClose(File);
	CHECK_STATUS(Open(&File, Long, GENERIC_READ, 0, FILE_OPEN, Sync, NULL), STATUS_OBJECT_NAME_NOT_FOUND);

	/* Beyond the BMP, umlauts, case. */
	CHECK_STATUS(Open(&File, FOLDER L"\x00c4pfel \xd83d\xde00.txt", GENERIC_WRITE, 0, FILE_CREATE, Sync, NULL), STATUS_SUCCESS);
	ZwClose(File);
	CHECK_STATUS(Open(&File, FOLDER L"\x00e4PFEL \xd83d\xde00.TXT", GENERIC_READ, 0, FILE_OPEN, Sync, NULL), STATUS_SUCCESS);
	CHECK_STATUS(ZwQueryInformationFile(File, &IoStatus, &Buffer, sizeof(Buffer), FileNameInformation), STATUS_SUCCESS);
	CHECK(Buffer.Name.FileName[0] == L'\\' && Buffer.Name.FileName[8] == 0xc4 && Buffer.Name.FileNameLength == 40);
	ZwClose(File);
	CHECK_STATUS(Open(&File, FOLDER L"half\xd83d", GENERIC_WRITE, 0, FILE_CREATE, Sync, NULL), STATUS_OBJECT_NAME_INVALID);
	CHECK_STATUS(Open(&File, FOLDER L"dots...", GENERIC_WRITE, 0, FILE_CREATE, Sync, NULL), STATUS_SUCCESS);
	ZwClose(File);
	CHECK_STATUS(Open(&File, FOLDER L"dots", GENERIC_READ, 0, FILE_OPEN, Sync, NULL), STATUS_OBJECT_NAME_NOT_FOUND);
	CHECK_STATUS(Open(&File, FOLDER L"a\\\\b", GENERIC_READ, 0, FILE_OPEN, Sync, NULL), STATUS_OBJECT_NAME_INVALID);
	CHECK_STATUS(Open(&File, FOLDER L"dots...\\", GENERIC_READ, 0, FILE_OPEN, Sync, NULL), STATUS_NOT_A_DIRECTORY);
	CHECK_STATUS(Open(&File, FOLDER L"dots...\\x", GENERIC_READ, 0, FILE_OPEN, Sync, NULL), STATUS_OBJECT_PATH_NOT_FOUND);
	CHECK_STATUS(Open(&File, FOLDER L"pipe", GENERIC_READ, 0, FILE_OPEN, Sync, NULL), STATUS_ACCESS_DENIED);
	CHECK_STATUS(Open(&File, FOLDER L"readonly", GENERIC_WRITE, 0, FILE_OPEN, Sync, NULL), STATUS_ACCESS_DENIED);
	CHECK_STATUS(Open(&File, FOLDER L"readonly", GENERIC_READ, 0, FILE_OPEN, Sync, NULL), STATUS_SUCCESS);
	CHECK_STATUS(ZwWriteFile(File, NULL, NULL, NULL, &IoStatus, "x", 1, NULL, NULL), STATUS_ACCESS_DENIED);
	CHECK_STATUS(ZwQueryInformationFile(File, &IoStatus, &Basic, sizeof(Basic), FileBasicInformation), STATUS_SUCCESS);
	CHECK(Basic.FileAttributes & FILE_ATTRIBUTE_READONLY);
	ZwClose(File);

	/* Folders. */
	CHECK_STATUS(Open(&File, FOLDER L"New Folder", FILE_LIST_DIRECTORY | DELETE, FILE_SHARE_READ | FILE_SHARE_DELETE, FILE_CREATE,
			  Sync | FILE_DIRECTORY_FILE, &Information),
		     STATUS_SUCCESS);
	CHECK(Information == FILE_CREATED);
	CHECK_STATUS(Open(&Second, FOLDER L"new folder\\inner.txt", GENERIC_WRITE | DELETE, FILE_SHARE_DELETE, FILE_CREATE, Sync, NULL),
		     STATUS_SUCCESS);
	CHECK_STATUS(ZwSetInformationFile(File, &IoStatus, &Disposition, sizeof(Disposition), FileDispositionInformation),
		     STATUS_DIRECTORY_NOT_EMPTY);
	CHECK_STATUS(ZwSetInformationFile(Second, &IoStatus, &Disposition, sizeof(Disposition), FileDispositionInformation), STATUS_SUCCESS);
	CHECK_STATUS(ZwQueryInformationFile(Second, &IoStatus, &Standard, sizeof(Standard), FileStandardInformation), STATUS_SUCCESS);
	CHECK(Standard.DeletePending && !Standard.Directory);
	{
		HANDLE Third;

		CHECK_STATUS(Open(&Third, FOLDER L"new folder\\inner.txt", GENERIC_READ, 7, FILE_OPEN, Sync, NULL), STATUS_DELETE_PENDING);
	}
	ZwClose(Second);
	CHECK_STATUS(ZwSetInformationFile(File, &IoStatus, &Disposition, sizeof(Disposition), FileDispositionInformation), STATUS_SUCCESS);
	ZwClose(File);
	CHECK_STATUS(Open(&File, FOLDER L"New Folder", FILE_LIST_DIRECTORY, 7, FILE_OPEN, Sync, NULL), STATUS_OBJECT_NAME_NOT_FOUND);
	CHECK_STATUS(Open(&File, L"\\??\\C:\\", FILE_LIST_DIRECTORY, 7, FILE_OPEN, Sync | FILE_DIRECTORY_FILE, NULL), STATUS_SUCCESS);
	{
		UNICODE_STRING Name;
		OBJECT_ATTRIBUTES Attributes;

		RtlInitUnicodeString(&Name, L"IoTest\\dots...");
		InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, File, NULL);
		CHECK_STATUS(ZwOpenFile(&Second, GENERIC_READ | SYNCHRONIZE, &Attributes, &IoStatus, 7, Sync), STATUS_SUCCESS);
		ZwClose(Second);
		CHECK_STATUS(ZwDeleteFile(&Attributes), STATUS_SUCCESS);
		CHECK_STATUS(ZwOpenFile(&Second, GENERIC_READ | SYNCHRONIZE, &Attributes, &IoStatus, 7, Sync), STATUS_OBJECT_NAME_NOT_FOUND);
	}
	ZwClose(File);
}

static VOID ManyNames(VOID)
{
	static UCHAR Buffer[600] __attribute__((aligned(8)));
	IO_STATUS_BLOCK IoStatus;
	HANDLE Folder;
	ULONG Count = 0, Sum = 0;
	NTSTATUS Status;
	BOOLEAN Restart = TRUE;

	CHECK_STATUS(Open(&Folder, FOLDER L"many", FILE_LIST_DIRECTORY, 7, FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT | FILE_DIRECTORY_FILE, NULL),
		     STATUS_SUCCESS);
	for (;;) {
		PFILE_DIRECTORY_INFORMATION Entry = (PVOID)Buffer;

		Status = ZwQueryDirectoryFile(Folder, NULL, NULL, NULL, &IoStatus, Buffer, sizeof(Buffer), FileDirectoryInformation, FALSE, NULL,
					      Restart);
		Restart = FALSE;
		if (Status != STATUS_SUCCESS)
			break;
		for (;;) {
			Count++;
			Sum += (ULONG)Entry->EndOfFile.QuadPart;
			if (!Entry->NextEntryOffset)
				break;
			Entry = (PVOID)((PUCHAR)Entry + Entry->NextEntryOffset);
		}
	}
	CHECK_STATUS(Status, STATUS_NO_MORE_FILES);
	CHECK(Count == 3002);
	CHECK(Sum == 3000 * 7);
	CHECK_STATUS(ZwQueryDirectoryFile(Folder, NULL, NULL, NULL, &IoStatus, Buffer, sizeof(Buffer), FileNamesInformation, TRUE, NULL, TRUE),
		     STATUS_SUCCESS);
	CHECK(((PFILE_NAMES_INFORMATION)Buffer)->FileName[0] == L'.' && ((PFILE_NAMES_INFORMATION)Buffer)->NextEntryOffset == 0);
	ZwClose(Folder);
}

static VOID Writer(PVOID Context)
{
	WCHAR Path[] = FOLDER L"thread_00_00.txt";
	IO_STATUS_BLOCK IoStatus;
	HANDLE File;

	Path[sizeof(FOLDER) / 2 - 1 + 7] = L'0' + (WCHAR)((ULONG_PTR)Context / 10);
	Path[sizeof(FOLDER) / 2 - 1 + 8] = L'0' + (WCHAR)((ULONG_PTR)Context % 10);
	for (ULONG i = 0; i < 20; i++) {
		Path[sizeof(FOLDER) / 2 - 1 + 10] = L'0' + (WCHAR)(i / 10);
		Path[sizeof(FOLDER) / 2 - 1 + 11] = L'0' + (WCHAR)(i % 10);
		CHECK_STATUS(Open(&File, Path, GENERIC_WRITE, 0, FILE_OVERWRITE_IF, FILE_SYNCHRONOUS_IO_NONALERT, NULL), STATUS_SUCCESS);
		for (ULONG j = 0; j < 50; j++)
			ZwWriteFile(File, NULL, NULL, NULL, &IoStatus, Path, 26, NULL, NULL);
		ZwClose(File);
	}
}

static VOID Threads(VOID)
{
	HANDLE Thread[16];

	for (ULONG_PTR i = 0; i < 16; i++)
		CHECK_STATUS(PsCreateSystemThread(&Thread[i], 0, NULL, NULL, NULL, Writer, (PVOID)i), STATUS_SUCCESS);
	for (ULONG i = 0; i < 16; i++) {
		ZwWaitForSingleObject(Thread[i], FALSE, NULL);
		ZwClose(Thread[i]);
	}
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = CheckUnload;
	Packets(DriverObject);
	BigFile();
	Names();
	ManyNames();
	Threads();
	return CheckResult("io");
}
