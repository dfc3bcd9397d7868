/*
 * The file-system driver of C:: its driver object, its volume device, and the way of every packet to the routine that answers it.
 */
#include "p9fs.h"

P9_VOLUME P9Volume;

static NTSTATUS (*const P9Dispatch[IRP_MJ_MAXIMUM_FUNCTION + 1])(PIRP Irp, PIO_STACK_LOCATION Stack) = {
	[IRP_MJ_CREATE] = P9FsdCreate,
	[IRP_MJ_CLEANUP] = P9FsdCleanup,
	[IRP_MJ_CLOSE] = P9FsdClose,
	[IRP_MJ_READ] = P9FsdRead,
	[IRP_MJ_WRITE] = P9FsdWrite,
	[IRP_MJ_FLUSH_BUFFERS] = P9FsdFlush,
	[IRP_MJ_QUERY_INFORMATION] = P9FsdQueryInformation,
	[IRP_MJ_SET_INFORMATION] = P9FsdSetInformation,
	[IRP_MJ_QUERY_VOLUME_INFORMATION] = P9FsdQueryVolume,
	[IRP_MJ_DIRECTORY_CONTROL] = P9FsdDirectoryControl,
};

/* Every packet is answered in its caller's thread. TopLevelIrp says that the thread is in here (IoSetTopLevelIrp). */
static NTSTATUS P9FsdDispatch(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
	PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
	PETHREAD thread = PsGetCurrentThread();
	ULONGLONG before = thread->TopLevelIrp;
	NTSTATUS status;

	UNREFERENCED_PARAMETER(DeviceObject);
	thread->TopLevelIrp = (ULONGLONG)Irp;
	status = P9Dispatch[stack->MajorFunction](Irp, stack);
	thread->TopLevelIrp = before;
	Irp->IoStatus.Status = status;
	IofCompleteRequest(Irp, IO_DISK_INCREMENT);
	return status;
}

static NTSTATUS P9CreateDevice(PDRIVER_OBJECT Driver)
{
	static UNICODE_STRING deviceName = RTL_CONSTANT_STRING(L"\\Device\\HarddiskVolume1");
	static UNICODE_STRING linkName = RTL_CONSTANT_STRING(L"\\??\\C:");
	NTSTATUS status;

	status = IoCreateDevice(Driver, 0, &deviceName, FILE_DEVICE_DISK_FILE_SYSTEM, FILE_DEVICE_SECURE_OPEN, FALSE, &P9Volume.DeviceObject);
	if (!NT_SUCCESS(status))
		return status;
	P9Volume.DeviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
	return IoCreateSymbolicLink(&linkName, &deviceName);
}

BOOLEAN P9MountVolume(VOID)
{
	static UNICODE_STRING driverName = RTL_CONSTANT_STRING(L"\\FileSystem\\p9fs");
	static UNICODE_STRING serviceName = RTL_CONSTANT_STRING(L"p9fs");
	PDRIVER_OBJECT driver;
	NTSTATUS status;
	ULONG rootFid;
	P9_QID qid;

	ExpInitializeFastMutex(&P9Volume.Lock);
	InitializeListHead(&P9Volume.Directories);
	P9InitializeFiles();
	for (ULONG i = 0; i < P9_FILE_BUCKETS; i++)
		InitializeListHead(&P9Volume.Files[i]);
	status = P9Connect("C", &rootFid, &qid);
	if (NT_SUCCESS(status))
		status = P9CreateRoot(rootFid, &qid);
	if (NT_SUCCESS(status))
		status = IopCreateDriverObject(&driverName, &serviceName, &driver);
	if (!NT_SUCCESS(status))
		return FALSE;
	for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
		if (P9Dispatch[i])
			driver->MajorFunction[i] = P9FsdDispatch;
	driver->FastIoDispatch = &P9FastIoDispatch;
	driver->Flags |= DRVO_INITIALIZED;
	status = P9StartLazyWriter();
	if (NT_SUCCESS(status))
		status = P9CreateDevice(driver);
	return NT_SUCCESS(status);
}
