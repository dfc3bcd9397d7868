/*
 * Extensions that a driver hangs on its driver object under an address of its own, and the two load services as drivers call them.
 */
#include "iop.h"

static PIO_CLIENT_EXTENSION IopFindExtension(PDRIVER_OBJECT DriverObject, PVOID Identification)
{
	PIO_CLIENT_EXTENSION extension = DriverObject->DriverExtension->ClientDriverExtension;

	while (extension && extension->ClientIdentificationAddress != Identification)
		extension = extension->NextExtension;
	return extension;
}

/* Zeroed memory that lives as long as the driver object. STATUS_OBJECT_NAME_COLLISION: the address is in use. */
NTKERNELAPI NTSTATUS IoAllocateDriverObjectExtension(PDRIVER_OBJECT DriverObject, PVOID ClientIdentificationAddress, ULONG DriverObjectExtensionSize,
						     PVOID *DriverObjectExtension)
{
	SIZE_T size = sizeof(IO_CLIENT_EXTENSION) + (SIZE_T)DriverObjectExtensionSize;
	PIO_CLIENT_EXTENSION extension;
	NTSTATUS status = STATUS_SUCCESS;
	KIRQL irql;

	*DriverObjectExtension = NULL;
	extension = ExAllocatePoolWithTag(NonPagedPoolNx, size, IOP_TAG_DRIVER);
	if (!extension)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlZeroMemory(extension, size);
	extension->ClientIdentificationAddress = ClientIdentificationAddress;
	KeAcquireSpinLock(&IopDatabaseLock, &irql);
	if (IopFindExtension(DriverObject, ClientIdentificationAddress)) {
		status = STATUS_OBJECT_NAME_COLLISION;
	} else {
		extension->NextExtension = DriverObject->DriverExtension->ClientDriverExtension;
		DriverObject->DriverExtension->ClientDriverExtension = extension;
		*DriverObjectExtension = extension + 1;
	}
	KeReleaseSpinLock(&IopDatabaseLock, irql);
	if (!NT_SUCCESS(status))
		ExFreePoolWithTag(extension, IOP_TAG_DRIVER);
	return status;
}

/* NULL: none under that address. */
NTKERNELAPI PVOID IoGetDriverObjectExtension(PDRIVER_OBJECT DriverObject, PVOID ClientIdentificationAddress)
{
	PIO_CLIENT_EXTENSION extension;
	KIRQL irql;

	KeAcquireSpinLock(&IopDatabaseLock, &irql);
	extension = IopFindExtension(DriverObject, ClientIdentificationAddress);
	KeReleaseSpinLock(&IopDatabaseLock, irql);
	return extension ? extension + 1 : NULL;
}

/* The last component of a service's registry path. */
static UNICODE_STRING IopServiceName(PUNICODE_STRING Path)
{
	UNICODE_STRING name = *Path;
	USHORT start = Path->Length / sizeof(WCHAR);

	while (start && Path->Buffer[start - 1] != L'\\')
		start--;
	name.Buffer += start;
	name.Length = (USHORT)(Path->Length - start * sizeof(WCHAR));
	name.MaximumLength = name.Length;
	return name;
}

/*
 * DriverServiceName is a registry path. The lab has no registry, so that no image path is known for any service that was not
 * loaded over the control channel: one that runs already is STATUS_IMAGE_ALREADY_LOADED, any other does not exist.
 */
NTKERNELAPI NTSTATUS NtLoadDriver(PUNICODE_STRING DriverServiceName)
{
	UNICODE_STRING name = IopServiceName(DriverServiceName);
	PDRIVER_OBJECT driver = IopFindDriver(&name);

	if (!driver)
		return STATUS_OBJECT_NAME_NOT_FOUND;
	ObDereferenceObject(driver);
	return STATUS_IMAGE_ALREADY_LOADED;
}

NTKERNELAPI NTSTATUS NtUnloadDriver(PUNICODE_STRING DriverServiceName)
{
	UNICODE_STRING name = IopServiceName(DriverServiceName);

	return IopUnloadDriver(&name, NULL);
}
