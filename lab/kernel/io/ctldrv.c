/*
 * The control channel's verbs for drivers: driver.load, driver.unload, driver.query.
 */
#include "control.h"

NTSTATUS ControlDriverLoad(PCONTROL_REQUEST Request)
{
	static MI_MISSING_IMPORT missing;
	UNICODE_STRING service, image;
	PDRIVER_OBJECT driver;
	NTSTATUS status;

	status = ControlStringField(Request, "service", &service);
	if (!NT_SUCCESS(status))
		return status;
	status = ControlStringField(Request, "image", &image);
	if (!NT_SUCCESS(status)) {
		RtlFreeUnicodeString(&service);
		return status;
	}
	missing.Routine[0] = 0;
	status = IopLoadDriver(&service, &image, &missing, &driver);
	if (NT_SUCCESS(status)) {
		ControlResult(Request, "driver_object", "0x%I64x", (ULONG64)driver);
		ControlResult(Request, "base", "0x%I64x", (ULONG64)driver->DriverStart);
		ControlResult(Request, "size", "0x%x", driver->DriverSize);
	} else if (missing.Routine[0]) {
		ControlResult(Request, "missing", "%s", missing.Routine);
		ControlResult(Request, "module", "%s", missing.Module);
	}
	RtlFreeUnicodeString(&service);
	RtlFreeUnicodeString(&image);
	return status;
}

NTSTATUS ControlDriverUnload(PCONTROL_REQUEST Request)
{
	const CHAR *limit = ControlField(Request, "timeout_ms");
	LARGE_INTEGER timeout;
	UNICODE_STRING service;
	NTSTATUS status;

	status = ControlStringField(Request, "service", &service);
	if (!NT_SUCCESS(status))
		return status;
	timeout.QuadPart = limit ? -(LONGLONG)strtoul(limit, NULL, 0) * 10000 : 0;
	status = IopUnloadDriver(&service, limit ? &timeout : NULL);
	RtlFreeUnicodeString(&service);
	return status;
}

/* An unload that has begun, or waits for the last file on a device. */
static BOOLEAN ControlIsUnloading(PDRIVER_OBJECT Driver)
{
	PDEVICE_OBJECT device = Driver->DeviceObject;

	return (Driver->Flags & DRVO_UNLOAD_INVOKED) || (device && (device->DeviceObjectExtension->ExtensionFlags & DOE_UNLOAD_PENDING));
}

NTSTATUS ControlDriverQuery(PCONTROL_REQUEST Request)
{
	UNICODE_STRING service = { 0 };
	PDRIVER_OBJECT driver = NULL;
	NTSTATUS status = STATUS_SUCCESS;
	BOOLEAN named = ControlField(Request, "service") != NULL, found = FALSE;

	if (named)
		status = ControlStringField(Request, "service", &service);
	if (!NT_SUCCESS(status))
		return status;
	while ((driver = IopNextDriver(driver))) {
		PKLDR_DATA_TABLE_ENTRY section = driver->DriverSection;

		if (named && !RtlEqualUnicodeString(&driver->DriverExtension->ServiceKeyName, &service, TRUE))
			continue;
		found = TRUE;
		ControlRowString(Request, "service", &driver->DriverExtension->ServiceKeyName);
		ControlRowField(Request, "driver_object", "0x%I64x", (ULONG64)driver);
		ControlRowField(Request, "base", "0x%I64x", (ULONG64)driver->DriverStart);
		ControlRowField(Request, "size", "0x%x", driver->DriverSize);
		ControlRowString(Request, "image", &section->FullDllName);
		ControlRowField(Request, "state", "%s", ControlIsUnloading(driver) ? "unload_pending" : "running");
		ControlRowField(Request, "threads", "%u", ControlCountThreads(driver));
		ControlRow(Request);
	}
	if (named)
		RtlFreeUnicodeString(&service);
	return named && !found ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_SUCCESS;
}
