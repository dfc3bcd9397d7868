/*
 * Drivers: from a service name and an image to a running DRIVER_OBJECT in \Driver, and back out again. The image itself is
 * mm/sysload.c's.
 */
#include "iop.h"

/* What a system worker is asked to do, and its answer: DriverEntry and DriverUnload run in the System process, as in NT. */
typedef struct _IOP_DRIVER_REQUEST {
	WORK_QUEUE_ITEM Item;
	KEVENT Done;
	PDRIVER_OBJECT DriverObject;
	PUNICODE_STRING ServiceName;
	PUNICODE_STRING ImagePath;
	PMI_MISSING_IMPORT Missing;
	NTSTATUS Status;
	LONG References; /* of an unload, in pool: the worker's, and that of whoever waits for it */
} IOP_DRIVER_REQUEST, *PIOP_DRIVER_REQUEST;

static LIST_ENTRY IopLoadedDrivers;
static FAST_MUTEX IopLoadedDriversLock;
static UNICODE_STRING IopHardwareDatabase = RTL_CONSTANT_STRING(L"\\REGISTRY\\MACHINE\\HARDWARE\\DESCRIPTION\\SYSTEM");
static UNICODE_STRING IopServicesKey = RTL_CONSTANT_STRING(L"\\REGISTRY\\MACHINE\\SYSTEM\\CurrentControlSet\\Services\\");
static UNICODE_STRING IopDriverPrefix = RTL_CONSTANT_STRING(L"\\Driver\\");

VOID IopInitializeDrivers(VOID)
{
	InitializeListHead(&IopLoadedDrivers);
	ExpInitializeFastMutex(&IopLoadedDriversLock);
}

/* Every major function that a driver leaves alone. */
NTSTATUS IopInvalidDeviceRequest(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
	UNREFERENCED_PARAMETER(DeviceObject);
	Irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
	Irp->IoStatus.Information = 0;
	IofCompleteRequest(Irp, IO_NO_INCREMENT);
	return STATUS_INVALID_DEVICE_REQUEST;
}

/* First and Second in one pool block of their own; both may be empty. */
static NTSTATUS IopJoinStrings(PUNICODE_STRING First, PUNICODE_STRING Second, PUNICODE_STRING Joined)
{
	ULONG length = (ULONG)First->Length + Second->Length;

	if (length > 0xfffc)
		return STATUS_NAME_TOO_LONG;
	Joined->Buffer = ExAllocatePoolWithTag(NonPagedPoolNx, length + sizeof(WCHAR), IOP_TAG_NAME);
	if (!Joined->Buffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlCopyMemory(Joined->Buffer, First->Buffer, First->Length);
	RtlCopyMemory((PUCHAR)Joined->Buffer + First->Length, Second->Buffer, Second->Length);
	Joined->Buffer[length / sizeof(WCHAR)] = 0;
	Joined->Length = (USHORT)length;
	Joined->MaximumLength = (USHORT)(length + sizeof(WCHAR));
	return STATUS_SUCCESS;
}

/*
 * A driver object named ObjectName (e.g. \Driver\TestDrv) with its extension behind it, every major function invalid. Referenced
 * for the caller; STATUS_OBJECT_NAME_COLLISION when the name is taken.
 */
NTSTATUS IopCreateDriverObject(PUNICODE_STRING ObjectName, PUNICODE_STRING ServiceName, PDRIVER_OBJECT *DriverObject)
{
	UNICODE_STRING empty = { 0 };
	OBJECT_ATTRIBUTES attributes;
	PDRIVER_OBJECT driver;
	NTSTATUS status;

	InitializeObjectAttributes(&attributes, ObjectName, OBJ_PERMANENT | OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
	status = ObCreateObject(KernelMode, IoDriverObjectType, &attributes, KernelMode, NULL, sizeof(*driver) + sizeof(DRIVER_EXTENSION), 0, 0,
				(PVOID *)&driver);
	if (!NT_SUCCESS(status))
		return status;
	RtlZeroMemory(driver, sizeof(*driver) + sizeof(DRIVER_EXTENSION));
	driver->Type = IO_TYPE_DRIVER;
	driver->Size = sizeof(*driver);
	driver->Flags = DRVO_LEGACY_DRIVER;
	driver->HardwareDatabase = &IopHardwareDatabase;
	driver->DriverExtension = (PDRIVER_EXTENSION)(driver + 1);
	driver->DriverExtension->DriverObject = driver;
	for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
		driver->MajorFunction[i] = IopInvalidDeviceRequest;
	status = IopJoinStrings(ObjectName, &empty, &driver->DriverName);
	if (NT_SUCCESS(status))
		status = IopJoinStrings(ServiceName, &empty, &driver->DriverExtension->ServiceKeyName);
	if (!NT_SUCCESS(status)) {
		ObDereferenceObject(driver);
		return status;
	}
	ObReferenceObject(driver);
	status = ObInsertObject(driver, NULL, 0, 0, NULL, NULL);
	if (!NT_SUCCESS(status)) {
		ObDereferenceObject(driver);
		return status;
	}
	*DriverObject = driver;
	return STATUS_SUCCESS;
}

static VOID IopForgetLoadedDriver(PDRIVER_OBJECT DriverObject)
{
	ExAcquireFastMutex(&IopLoadedDriversLock);
	for (PLIST_ENTRY link = IopLoadedDrivers.Flink; link != &IopLoadedDrivers; link = link->Flink) {
		PIOP_LOADED_DRIVER loaded = CONTAINING_RECORD(link, IOP_LOADED_DRIVER, Link);

		if (loaded->DriverObject == DriverObject) {
			RemoveEntryList(link);
			ExFreePoolWithTag(loaded, IOP_TAG_DRIVER);
			break;
		}
	}
	ExReleaseFastMutex(&IopLoadedDriversLock);
}

static VOID IopFreeString(PUNICODE_STRING String)
{
	if (String->Buffer)
		ExFreePoolWithTag(String->Buffer, IOP_TAG_NAME);
}

/* The Driver type's delete procedure: nobody refers to the driver any more, its image goes. */
VOID IopDeleteDriver(PVOID Object)
{
	PDRIVER_OBJECT driver = Object;
	PIO_CLIENT_EXTENSION extension, next;

	IopForgetLoadedDriver(driver);
	for (extension = driver->DriverExtension->ClientDriverExtension; extension; extension = next) {
		next = extension->NextExtension;
		ExFreePoolWithTag(extension, IOP_TAG_DRIVER);
	}
	if (driver->DriverSection)
		MmUnloadSystemImage(driver->DriverSection);
	IopFreeString(&driver->DriverName);
	IopFreeString(&driver->DriverExtension->ServiceKeyName);
}

PDRIVER_OBJECT IopNextDriver(PDRIVER_OBJECT Previous)
{
	PDRIVER_OBJECT next = NULL;
	PLIST_ENTRY link;

	ExAcquireFastMutex(&IopLoadedDriversLock);
	link = IopLoadedDrivers.Flink;
	if (Previous) {
		while (link != &IopLoadedDrivers && CONTAINING_RECORD(link, IOP_LOADED_DRIVER, Link)->DriverObject != Previous)
			link = link->Flink;
		if (link != &IopLoadedDrivers)
			link = link->Flink;
	}
	/* One whose last reference is just going cannot be had: skip it. */
	for (; link != &IopLoadedDrivers && !next; link = link->Flink) {
		next = CONTAINING_RECORD(link, IOP_LOADED_DRIVER, Link)->DriverObject;
		if (!ObReferenceObjectSafe(next))
			next = NULL;
	}
	ExReleaseFastMutex(&IopLoadedDriversLock);
	if (Previous)
		ObDereferenceObject(Previous);
	return next;
}

PDRIVER_OBJECT IopFindDriver(PUNICODE_STRING ServiceName)
{
	PDRIVER_OBJECT driver = NULL;

	while ((driver = IopNextDriver(driver)))
		if (RtlEqualUnicodeString(&driver->DriverExtension->ServiceKeyName, ServiceName, TRUE))
			return driver;
	return NULL;
}

/* Devices are usable once the driver's entry routine is through. */
static VOID IopReadyDeviceObjects(PDRIVER_OBJECT DriverObject)
{
	DriverObject->Flags |= DRVO_INITIALIZED;
	for (PDEVICE_OBJECT device = DriverObject->DeviceObject; device; device = device->NextDevice)
		device->Flags &= ~DO_DEVICE_INITIALIZING;
}

static NTSTATUS IopCallDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING ServiceName)
{
	UNICODE_STRING registryPath;
	NTSTATUS status;

	status = IopJoinStrings(&IopServicesKey, ServiceName, &registryPath);
	if (!NT_SUCCESS(status))
		return status;
	status = DriverObject->DriverInit(DriverObject, &registryPath);
	IopFreeString(&registryPath);
	for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
		if (!DriverObject->MajorFunction[i])
			DriverObject->MajorFunction[i] = IopInvalidDeviceRequest;
	return status;
}

/* Lists the driver and runs its entry routine; on failure the driver object is temporary and the caller's reference its last. */
static NTSTATUS IopInitializeLoadedDriver(PDRIVER_OBJECT DriverObject, PKLDR_DATA_TABLE_ENTRY Section, PUNICODE_STRING ServiceName)
{
	PIOP_LOADED_DRIVER loaded = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*loaded), IOP_TAG_DRIVER);
	NTSTATUS status;

	if (!loaded)
		return STATUS_INSUFFICIENT_RESOURCES;
	DriverObject->DriverSection = Section;
	DriverObject->DriverStart = Section->DllBase;
	DriverObject->DriverSize = Section->SizeOfImage;
	DriverObject->DriverInit = (PDRIVER_INITIALIZE)Section->EntryPoint;
	loaded->DriverObject = DriverObject;
	ExAcquireFastMutex(&IopLoadedDriversLock);
	InsertTailList(&IopLoadedDrivers, &loaded->Link);
	ExReleaseFastMutex(&IopLoadedDriversLock);

	status = IopCallDriverEntry(DriverObject, ServiceName);
	if (NT_SUCCESS(status))
		IopReadyDeviceObjects(DriverObject);
	return status;
}

static NTSTATUS IopLoadDriverWorker(PIOP_DRIVER_REQUEST Request)
{
	PKLDR_DATA_TABLE_ENTRY section;
	UNICODE_STRING objectName;
	PDRIVER_OBJECT driver;
	NTSTATUS status;
	PVOID base;

	driver = IopFindDriver(Request->ServiceName);
	if (driver) {
		ObDereferenceObject(driver);
		return STATUS_IMAGE_ALREADY_LOADED;
	}
	status = MmLoadSystemImage(Request->ImagePath, Request->Missing, (PVOID *)&section, &base);
	if (!NT_SUCCESS(status))
		return status;
	status = IopJoinStrings(&IopDriverPrefix, Request->ServiceName, &objectName);
	if (NT_SUCCESS(status)) {
		status = IopCreateDriverObject(&objectName, Request->ServiceName, &driver);
		IopFreeString(&objectName);
	}
	if (!NT_SUCCESS(status)) {
		MmUnloadSystemImage(section);
		return status;
	}
	status = IopInitializeLoadedDriver(driver, section, Request->ServiceName);
	if (!NT_SUCCESS(status)) {
		ObMakeTemporaryObject(driver);
		/* Before IopInitializeLoadedDriver took it, the image belonged to nobody. */
		if (!driver->DriverSection)
			MmUnloadSystemImage(section);
		ObDereferenceObject(driver);
		return status;
	}
	Request->DriverObject = driver;
	return status;
}

static VOID IopReleaseUnload(PIOP_DRIVER_REQUEST Request)
{
	if (__atomic_sub_fetch(&Request->References, 1, __ATOMIC_ACQ_REL) == 0)
		ExFreePoolWithTag(Request, IOP_TAG_BUFFER);
}

/* Calls DriverUnload and lets go of the driver object, which then lives as long as its devices. */
static VOID IopUnloadDriverWorker(PVOID Parameter)
{
	PIOP_DRIVER_REQUEST request = Parameter;

	request->DriverObject->DriverUnload(request->DriverObject);
	ObMakeTemporaryObject(request->DriverObject);
	ObDereferenceObject(request->DriverObject);
	KeSetEvent(&request->Done, IO_NO_INCREMENT, FALSE);
	IopReleaseUnload(request);
}

static VOID IopLoadDriverInWorker(PVOID Parameter)
{
	PIOP_DRIVER_REQUEST request = Parameter;

	request->Status = IopLoadDriverWorker(request);
	KeSetEvent(&request->Done, IO_NO_INCREMENT, FALSE);
}

static NTSTATUS IopRunInWorker(PIOP_DRIVER_REQUEST Request)
{
	KeInitializeEvent(&Request->Done, NotificationEvent, FALSE);
	ExInitializeWorkItem(&Request->Item, IopLoadDriverInWorker, Request);
	ExQueueWorkItem(&Request->Item, DelayedWorkQueue);
	KeWaitForSingleObject(&Request->Done, UserRequest, KernelMode, FALSE, NULL);
	return Request->Status;
}

/*
 * Loads the driver ImagePath as service ServiceName and calls its entry routine. *DriverObject is not referenced. Errors: those
 * of MmLoadSystemImage, STATUS_OBJECT_NAME_COLLISION, STATUS_IMAGE_ALREADY_LOADED, or the entry routine's own.
 */
NTSTATUS IopLoadDriver(PUNICODE_STRING ServiceName, PUNICODE_STRING ImagePath, PMI_MISSING_IMPORT Missing, PDRIVER_OBJECT *DriverObject)
{
	IOP_DRIVER_REQUEST request = { .ServiceName = ServiceName, .ImagePath = ImagePath, .Missing = Missing };
	NTSTATUS status;

	if (!ServiceName->Length || wcschr(ServiceName->Buffer, L'\\'))
		return STATUS_OBJECT_NAME_INVALID;
	status = IopRunInWorker(&request);
	*DriverObject = request.DriverObject;
	return status;
}

/* TRUE once: every device is free and DriverUnload has not been called yet. Marks the devices as going. */
static BOOLEAN IopMayUnload(PDRIVER_OBJECT DriverObject)
{
	BOOLEAN may = !(DriverObject->Flags & DRVO_UNLOAD_INVOKED);
	KIRQL irql;

	KeAcquireSpinLock(&IopDatabaseLock, &irql);
	for (PDEVICE_OBJECT device = DriverObject->DeviceObject; device; device = device->NextDevice) {
		device->DeviceObjectExtension->ExtensionFlags |= DOE_UNLOAD_PENDING;
		if (device->ReferenceCount || device->AttachedDevice)
			may = FALSE;
	}
	if (may)
		DriverObject->Flags |= DRVO_UNLOAD_INVOKED;
	KeReleaseSpinLock(&IopDatabaseLock, irql);
	return may;
}

/*
 * Has a worker unload the driver, which IopMayUnload has let go, and waits until it is done or the time is over (NULL: for ever).
 * STATUS_TIMEOUT: DriverUnload has not returned yet.
 */
static NTSTATUS IopFinishUnload(PIOP_DRIVER_REQUEST Request, PDRIVER_OBJECT DriverObject, PLARGE_INTEGER Timeout)
{
	NTSTATUS status;

	Request->DriverObject = DriverObject;
	Request->References = 2;
	KeInitializeEvent(&Request->Done, NotificationEvent, FALSE);
	ExInitializeWorkItem(&Request->Item, IopUnloadDriverWorker, Request);
	ExQueueWorkItem(&Request->Item, DelayedWorkQueue);
	status = KeWaitForSingleObject(&Request->Done, UserRequest, KernelMode, FALSE, Timeout);
	IopReleaseUnload(Request);
	return status;
}

/* A device of the driver lost a user: an unload that had to wait for it may go on. */
VOID IopContinueUnload(PDRIVER_OBJECT DriverObject)
{
	PDEVICE_OBJECT device = DriverObject->DeviceObject;
	PIOP_DRIVER_REQUEST request;

	if (!device || !(device->DeviceObjectExtension->ExtensionFlags & DOE_UNLOAD_PENDING))
		return;
	request = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*request), IOP_TAG_BUFFER);
	if (!request)
		return;
	if (IopMayUnload(DriverObject))
		IopFinishUnload(request, DriverObject, NULL);
	else
		ExFreePoolWithTag(request, IOP_TAG_BUFFER);
}

/*
 * Unloads a driver; it stays, unusable, while files on its devices are open. STATUS_OBJECT_NAME_NOT_FOUND: no such driver.
 * STATUS_INVALID_DEVICE_REQUEST: it has no unload routine, or is being unloaded already. STATUS_TIMEOUT: DriverUnload goes on after
 * the time (NULL: as long as it takes).
 */
NTSTATUS IopUnloadDriver(PUNICODE_STRING ServiceName, PLARGE_INTEGER Timeout)
{
	PIOP_DRIVER_REQUEST request = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*request), IOP_TAG_BUFFER);
	PDRIVER_OBJECT driver = request ? IopFindDriver(ServiceName) : NULL;
	NTSTATUS status = STATUS_SUCCESS;

	if (!request)
		return STATUS_INSUFFICIENT_RESOURCES;
	if (!driver) {
		ExFreePoolWithTag(request, IOP_TAG_BUFFER);
		return STATUS_OBJECT_NAME_NOT_FOUND;
	}
	if (!driver->DriverUnload || (driver->Flags & DRVO_UNLOAD_INVOKED)) {
		status = STATUS_INVALID_DEVICE_REQUEST;
		ExFreePoolWithTag(request, IOP_TAG_BUFFER);
	} else if (IopMayUnload(driver)) {
		status = IopFinishUnload(request, driver, Timeout);
	} else {
		ExFreePoolWithTag(request, IOP_TAG_BUFFER);
	}
	ObDereferenceObject(driver);
	return status;
}
