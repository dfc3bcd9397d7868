/*
 * Device objects: creation, stacks of attached devices, deletion. When a driver's last device lets it go is driver.c's question.
 */
#include "iop.h"

/* DeviceExtension follows the device object, DEVOBJ_EXTENSION follows that, each on 16 bytes. */
#define IOP_DEVICE_ALIGNMENT  16u
#define IOP_MAXIMUM_EXTENSION 0x1000000u

/* Protects driver->DeviceObject lists, reference counts and the attachment links. */
KSPIN_LOCK IopDatabaseLock;

/* Enters the device at the head of its driver's list. */
static VOID IopInsertDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT DeviceObject)
{
	KIRQL irql;

	KeAcquireSpinLock(&IopDatabaseLock, &irql);
	DeviceObject->NextDevice = DriverObject->DeviceObject;
	DriverObject->DeviceObject = DeviceObject;
	KeReleaseSpinLock(&IopDatabaseLock, irql);
}

static VOID IopRemoveDevice(PDEVICE_OBJECT DeviceObject)
{
	PDEVICE_OBJECT *link;
	KIRQL irql;

	KeAcquireSpinLock(&IopDatabaseLock, &irql);
	for (link = &DeviceObject->DriverObject->DeviceObject; *link; link = &(*link)->NextDevice) {
		if (*link == DeviceObject) {
			*link = DeviceObject->NextDevice;
			break;
		}
	}
	KeReleaseSpinLock(&IopDatabaseLock, irql);
}

/*
 * Makes a device of DriverObject, with DeviceExtensionSize zeroed bytes behind it and, when DeviceName is not NULL, a place in the
 * object namespace. STATUS_OBJECT_NAME_COLLISION: the name is taken. STATUS_INSUFFICIENT_RESOURCES: no memory.
 */
NTKERNELAPI NTSTATUS IoCreateDevice(PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize, PUNICODE_STRING DeviceName, ULONG DeviceType,
				    ULONG DeviceCharacteristics, BOOLEAN Exclusive, PDEVICE_OBJECT *DeviceObject)
{
	ULONG extension = (DeviceExtensionSize + IOP_DEVICE_ALIGNMENT - 1) & ~(IOP_DEVICE_ALIGNMENT - 1);
	ULONG base = (sizeof(DEVICE_OBJECT) + IOP_DEVICE_ALIGNMENT - 1) & ~(IOP_DEVICE_ALIGNMENT - 1);
	OBJECT_ATTRIBUTES attributes;
	PDEVICE_OBJECT device;
	NTSTATUS status;

	*DeviceObject = NULL;
	if (DeviceExtensionSize > IOP_MAXIMUM_EXTENSION)
		return STATUS_INSUFFICIENT_RESOURCES;
	InitializeObjectAttributes(&attributes, DeviceName, OBJ_KERNEL_HANDLE | (DeviceName ? OBJ_PERMANENT : 0) | (Exclusive ? OBJ_EXCLUSIVE : 0),
				   NULL, NULL);
	status = ObCreateObject(KernelMode, IoDeviceObjectType, &attributes, KernelMode, NULL, base + extension + sizeof(DEVOBJ_EXTENSION), 0, 0,
				(PVOID *)&device);
	if (!NT_SUCCESS(status))
		return status;

	RtlZeroMemory(device, base + extension + sizeof(DEVOBJ_EXTENSION));
	device->Type = IO_TYPE_DEVICE;
	device->Size = (USHORT)(sizeof(DEVICE_OBJECT) + DeviceExtensionSize);
	device->DeviceType = DeviceType;
	device->Characteristics = DeviceCharacteristics;
	device->Flags = DO_DEVICE_INITIALIZING | (Exclusive ? DO_EXCLUSIVE : 0) | (DeviceName ? DO_DEVICE_HAS_NAME : 0);
	device->StackSize = 1;
	device->AlignmentRequirement = 0;
	device->DeviceExtension = DeviceExtensionSize ? (PUCHAR)device + base : NULL;
	device->DeviceObjectExtension = (PDEVOBJ_EXTENSION)((PUCHAR)device + base + extension);
	device->DeviceObjectExtension->Type = IO_TYPE_DEVICE_OBJECT_EXTENSION;
	device->DeviceObjectExtension->Size = 0;
	device->DeviceObjectExtension->DeviceObject = device;
	KeInitializeEvent(&device->DeviceLock, SynchronizationEvent, TRUE);
	KeInitializeDeviceQueue(&device->DeviceQueue);

	ObReferenceObject(device);
	status = ObInsertObject(device, NULL, 0, 0, NULL, NULL);
	if (!NT_SUCCESS(status)) {
		ObDereferenceObject(device);
		return status;
	}
	ObReferenceObject(DriverObject);
	device->DriverObject = DriverObject;
	IopInsertDevice(DriverObject, device);
	*DeviceObject = device;
	return STATUS_SUCCESS;
}

/* The Device type's delete procedure: the last reference is gone, and with it the device's hold on its driver. */
VOID IopDeleteDevice(PVOID Object)
{
	PDEVICE_OBJECT device = Object;

	if (device->DriverObject)
		ObDereferenceObject(device->DriverObject);
}

/* The device leaves its driver's list and loses its name; it is freed when the last reference goes. */
static VOID IopFinishDelete(PDEVICE_OBJECT DeviceObject)
{
	if (DeviceObject->Flags & DO_DEVICE_HAS_NAME)
		ObMakeTemporaryObject(DeviceObject);
	IopRemoveDevice(DeviceObject);
	ObDereferenceObject(DeviceObject);
}

/*
 * Called when a device may have become free: it lost a file, an attachment, or was asked to go. Finishes a pending deletion,
 * then a pending unload of its driver.
 */
VOID IopCompleteUnloadOrDelete(PDEVICE_OBJECT DeviceObject)
{
	PDRIVER_OBJECT driver = DeviceObject->DriverObject;
	BOOLEAN finish = FALSE;
	KIRQL irql;

	KeAcquireSpinLock(&IopDatabaseLock, &irql);
	if ((DeviceObject->DeviceObjectExtension->ExtensionFlags & DOE_DELETE_PENDING) && !DeviceObject->ReferenceCount &&
	    !DeviceObject->AttachedDevice) {
		DeviceObject->DeviceObjectExtension->ExtensionFlags &= ~DOE_DELETE_PENDING;
		finish = TRUE;
	}
	KeReleaseSpinLock(&IopDatabaseLock, irql);

	ObReferenceObject(driver);
	if (finish)
		IopFinishDelete(DeviceObject);
	IopContinueUnload(driver);
	ObDereferenceObject(driver);
}

NTKERNELAPI VOID IoDeleteDevice(PDEVICE_OBJECT DeviceObject)
{
	KIRQL irql;

	KeAcquireSpinLock(&IopDatabaseLock, &irql);
	DeviceObject->DeviceObjectExtension->ExtensionFlags |= DOE_DELETE_PENDING;
	KeReleaseSpinLock(&IopDatabaseLock, irql);
	IopCompleteUnloadOrDelete(DeviceObject);
}

/* A file on the device is opened. Refused when the device or its driver is on its way out, or taken exclusively. */
NTSTATUS IopReferenceDevice(PDEVICE_OBJECT DeviceObject)
{
	const ULONG leaving = DOE_UNLOAD_PENDING | DOE_DELETE_PENDING | DOE_REMOVE_PENDING;
	NTSTATUS status = STATUS_SUCCESS;
	BOOLEAN enabled;

	enabled = KiLockBriefly(&IopDatabaseLock);
	if ((DeviceObject->Flags & DO_DEVICE_INITIALIZING) || (DeviceObject->DeviceObjectExtension->ExtensionFlags & leaving))
		status = STATUS_NO_SUCH_DEVICE;
	else if ((DeviceObject->Flags & DO_EXCLUSIVE) && DeviceObject->ReferenceCount)
		status = STATUS_ACCESS_DENIED;
	else
		DeviceObject->ReferenceCount++;
	KiUnlockBriefly(&IopDatabaseLock, enabled);
	return status;
}

VOID IopDereferenceDevice(PDEVICE_OBJECT DeviceObject)
{
	BOOLEAN last;
	BOOLEAN enabled;

	enabled = KiLockBriefly(&IopDatabaseLock);
	last = --DeviceObject->ReferenceCount == 0 && DeviceObject->DeviceObjectExtension->ExtensionFlags;
	KiUnlockBriefly(&IopDatabaseLock, enabled);
	if (last)
		IopCompleteUnloadOrDelete(DeviceObject);
}

/* The top of the stack that DeviceObject is in. */
NTKERNELAPI PDEVICE_OBJECT IoGetAttachedDevice(PDEVICE_OBJECT DeviceObject)
{
	while (DeviceObject->AttachedDevice)
		DeviceObject = DeviceObject->AttachedDevice;
	return DeviceObject;
}

NTKERNELAPI PDEVICE_OBJECT IoGetAttachedDeviceReference(PDEVICE_OBJECT DeviceObject)
{
	PDEVICE_OBJECT top;
	KIRQL irql;

	KeAcquireSpinLock(&IopDatabaseLock, &irql);
	top = IoGetAttachedDevice(DeviceObject);
	ObReferenceObject(top);
	KeReleaseSpinLock(&IopDatabaseLock, irql);
	return top;
}

NTKERNELAPI PDEVICE_OBJECT IoGetRelatedDeviceObject(PFILE_OBJECT FileObject)
{
	return IoGetAttachedDevice(FileObject->DeviceObject);
}

/* Puts SourceDevice on top of TargetDevice's stack. Returns the device it now sits on; NULL when that one is on its way out. */
NTKERNELAPI PDEVICE_OBJECT IoAttachDeviceToDeviceStack(PDEVICE_OBJECT SourceDevice, PDEVICE_OBJECT TargetDevice)
{
	PDEVICE_OBJECT top;
	KIRQL irql;

	KeAcquireSpinLock(&IopDatabaseLock, &irql);
	top = IoGetAttachedDevice(TargetDevice);
	if (top->DeviceObjectExtension->ExtensionFlags & (DOE_UNLOAD_PENDING | DOE_DELETE_PENDING | DOE_REMOVE_PENDING)) {
		top = NULL;
	} else {
		top->AttachedDevice = SourceDevice;
		SourceDevice->DeviceObjectExtension->AttachedTo = top;
		SourceDevice->StackSize = (CCHAR)(top->StackSize + 1);
		SourceDevice->AlignmentRequirement = top->AlignmentRequirement;
		SourceDevice->SectorSize = top->SectorSize;
	}
	KeReleaseSpinLock(&IopDatabaseLock, irql);
	return top;
}

/* Takes off whatever is attached to TargetDevice. */
NTKERNELAPI VOID IoDetachDevice(PDEVICE_OBJECT TargetDevice)
{
	KIRQL irql;

	KeAcquireSpinLock(&IopDatabaseLock, &irql);
	if (TargetDevice->AttachedDevice) {
		TargetDevice->AttachedDevice->DeviceObjectExtension->AttachedTo = NULL;
		TargetDevice->AttachedDevice = NULL;
	}
	KeReleaseSpinLock(&IopDatabaseLock, irql);
	if (TargetDevice->DeviceObjectExtension->ExtensionFlags)
		IopCompleteUnloadOrDelete(TargetDevice);
}
