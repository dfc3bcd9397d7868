/*
 * Names for devices: symbolic links, and from a name to a device.
 */
#include "iop.h"

/* A permanent link from SymbolicLinkName to DeviceName, e.g. \??\Foo or \DosDevices\Foo to \Device\Foo. */
NTKERNELAPI NTSTATUS IoCreateSymbolicLink(PUNICODE_STRING SymbolicLinkName, PUNICODE_STRING DeviceName)
{
	OBJECT_ATTRIBUTES attributes;
	HANDLE link;
	NTSTATUS status;

	InitializeObjectAttributes(&attributes, SymbolicLinkName, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE | OBJ_PERMANENT, NULL, NULL);
	status = ZwCreateSymbolicLinkObject(&link, SYMBOLIC_LINK_ALL_ACCESS, &attributes, DeviceName);
	if (NT_SUCCESS(status))
		ZwClose(link);
	return status;
}

NTKERNELAPI NTSTATUS IoCreateUnprotectedSymbolicLink(PUNICODE_STRING SymbolicLinkName, PUNICODE_STRING DeviceName)
{
	return IoCreateSymbolicLink(SymbolicLinkName, DeviceName);
}

NTKERNELAPI NTSTATUS IoDeleteSymbolicLink(PUNICODE_STRING SymbolicLinkName)
{
	OBJECT_ATTRIBUTES attributes;
	HANDLE link;
	NTSTATUS status;

	InitializeObjectAttributes(&attributes, SymbolicLinkName, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
	status = ZwOpenSymbolicLinkObject(&link, DELETE, &attributes);
	if (!NT_SUCCESS(status))
		return status;
	status = ZwMakeTemporaryObject(link);
	ZwClose(link);
	return status;
}

/* Opens the device named ObjectName; the caller dereferences *FileObject when done with *DeviceObject, the top of its stack. */
NTKERNELAPI NTSTATUS IoGetDeviceObjectPointer(PUNICODE_STRING ObjectName, ACCESS_MASK DesiredAccess, PFILE_OBJECT *FileObject,
					      PDEVICE_OBJECT *DeviceObject)
{
	OBJECT_ATTRIBUTES attributes;
	IO_STATUS_BLOCK iosb;
	PFILE_OBJECT file;
	HANDLE handle;
	NTSTATUS status;

	InitializeObjectAttributes(&attributes, ObjectName, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
	status = ZwOpenFile(&handle, DesiredAccess, &attributes, &iosb, 0, FILE_NON_DIRECTORY_FILE);
	if (!NT_SUCCESS(status))
		return status;
	status = ObReferenceObjectByHandle(handle, 0, IoFileObjectType, KernelMode, (PVOID *)&file, NULL);
	if (NT_SUCCESS(status)) {
		*FileObject = file;
		*DeviceObject = IoGetRelatedDeviceObject(file);
	}
	ZwClose(handle);
	return status;
}
