/* Drivers and their devices. */
#include "nt/driver.h"

#include <stdio.h>
#include <string.h>

enum { MAX_DEVICES = 10000 };

struct imp_error *imp_driver_read(struct imp_kernel *kernel, uint64_t address, struct imp_driver *driver)
{
	struct imp_object object;
	const struct imp_field *dispatch;
	uint64_t offset, extension;
	struct imp_error *err = imp_object_expect(kernel, address, "Driver", &object);

	memset(driver, 0, sizeof(*driver));
	driver->address = address;
	if (!err)
		err = imp_nt_read(kernel, IMP_DRIVER_DEVICE, address, &driver->first_device);
	if (!err)
		err = imp_nt_field(kernel, IMP_DRIVER_DISPATCH, &dispatch);
	if (err)
		return err;
	driver->dispatch = address + dispatch->offset;
	driver->dispatch_count = dispatch->type.count;
	driver->init = imp_nt_value(kernel, IMP_DRIVER_INIT, address, 0);
	driver->start_io = imp_nt_value(kernel, IMP_DRIVER_START_IO, address, 0);
	driver->unload = imp_nt_value(kernel, IMP_DRIVER_UNLOAD, address, 0);
	extension = imp_nt_value(kernel, IMP_DRIVER_EXTENSION, address, 0);
	if (extension)
		driver->add_device = imp_nt_value(kernel, IMP_DRIVER_ADD_DEVICE, extension, 0);
	if (imp_nt_offset(kernel, IMP_DRIVER_NAME, &offset))
		imp_kernel_note_error(kernel, imp_nt_string(kernel, address + offset, driver->name, sizeof(driver->name)));
	return NULL;
}

struct imp_error *imp_driver_find(struct imp_kernel *kernel, const char *name, uint64_t *address)
{
	static const char *const folders[] = { "\\Driver\\", "\\FileSystem\\" };
	struct imp_error *err = NULL;

	if (*name == '\\')
		return imp_object_find(kernel, name, address);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char path[320];

		snprintf(path, sizeof(path), "%s%s", folders[i], name);
		imp_error_free(err);
		err = imp_object_find(kernel, path, address);
		if (!err)
			return NULL;
	}
	imp_error_free(err);
	return imp_error_new(IMP_ERROR_NOT_FOUND, "no driver is named '%s'; !object \\Driver lists them", name);
}

struct imp_error *imp_driver_devices(struct imp_kernel *kernel, const struct imp_driver *driver, bool (*visit)(void *context, uint64_t device),
				     void *context)
{
	uint64_t device = driver->first_device;
	struct imp_error *err = NULL;

	for (size_t count = 0; !err && device && visit(context, device); count++) {
		if (count == MAX_DEVICES)
			return imp_error_new(IMP_ERROR_FORMAT, "driver %016llx has more than %d devices; the rest is not shown",
					     (unsigned long long)driver->address, MAX_DEVICES);
		err = imp_nt_read(kernel, IMP_DEVICE_NEXT, device, &device);
	}
	return err;
}

struct imp_error *imp_device_read(struct imp_kernel *kernel, uint64_t address, struct imp_device *device)
{
	struct imp_object object;
	struct imp_error *err = imp_object_expect(kernel, address, "Device", &object);

	memset(device, 0, sizeof(*device));
	device->address = address;
	if (!err)
		err = imp_nt_read(kernel, IMP_DEVICE_DRIVER, address, &device->driver);
	if (err)
		return err;
	device->has_name = object.has_name;
	snprintf(device->name, sizeof(device->name), "%s", object.name);
	device->next = imp_nt_value(kernel, IMP_DEVICE_NEXT, address, 0);
	device->attached = imp_nt_value(kernel, IMP_DEVICE_ATTACHED, address, 0);
	device->current_irp = imp_nt_value(kernel, IMP_DEVICE_IRP, address, 0);
	device->references = imp_nt_value(kernel, IMP_DEVICE_REFERENCES, address, 0);
	device->type = imp_nt_value(kernel, IMP_DEVICE_TYPE, address, 0);
	device->flags = imp_nt_value(kernel, IMP_DEVICE_FLAGS, address, 0);
	device->characteristics = imp_nt_value(kernel, IMP_DEVICE_CHARACTERISTICS, address, 0);
	device->extension = imp_nt_value(kernel, IMP_DEVICE_EXTENSION, address, 0);
	device->object_extension = imp_nt_value(kernel, IMP_DEVICE_OBJECT_EXTENSION, address, 0);
	device->security = imp_nt_value(kernel, IMP_DEVICE_SECURITY, address, 0);
	device->queue_busy = imp_nt_value(kernel, IMP_DEVICE_QUEUE_BUSY, address, 0);
	if (device->object_extension)
		device->attached_to = imp_nt_value(kernel, IMP_DEVICE_ATTACHED_TO, device->object_extension, 0);
	return NULL;
}

const char *imp_major_function_name(uint64_t code)
{
	/* in the order of their codes, as wdm.h documents them */
	static const char *const names[] = {
		"IRP_MJ_CREATE",
		"IRP_MJ_CREATE_NAMED_PIPE",
		"IRP_MJ_CLOSE",
		"IRP_MJ_READ",
		"IRP_MJ_WRITE",
		"IRP_MJ_QUERY_INFORMATION",
		"IRP_MJ_SET_INFORMATION",
		"IRP_MJ_QUERY_EA",
		"IRP_MJ_SET_EA",
		"IRP_MJ_FLUSH_BUFFERS",
		"IRP_MJ_QUERY_VOLUME_INFORMATION",
		"IRP_MJ_SET_VOLUME_INFORMATION",
		"IRP_MJ_DIRECTORY_CONTROL",
		"IRP_MJ_FILE_SYSTEM_CONTROL",
		"IRP_MJ_DEVICE_CONTROL",
		"IRP_MJ_INTERNAL_DEVICE_CONTROL",
		"IRP_MJ_SHUTDOWN",
		"IRP_MJ_LOCK_CONTROL",
		"IRP_MJ_CLEANUP",
		"IRP_MJ_CREATE_MAILSLOT",
		"IRP_MJ_QUERY_SECURITY",
		"IRP_MJ_SET_SECURITY",
		"IRP_MJ_POWER",
		"IRP_MJ_SYSTEM_CONTROL",
		"IRP_MJ_DEVICE_CHANGE",
		"IRP_MJ_QUERY_QUOTA",
		"IRP_MJ_SET_QUOTA",
		"IRP_MJ_PNP",
	};

	return code < sizeof(names) / sizeof(names[0]) ? names[code] : "?";
}
