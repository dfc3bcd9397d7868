/* Drivers and their devices: DRIVER_OBJECT, DEVICE_OBJECT. */
#ifndef IMP_NT_DRIVER_H
#define IMP_NT_DRIVER_H

#include "nt/object.h"

struct imp_driver {
	uint64_t address, first_device;
	char name[260];                                        /* "\Driver\TestDrv" */
	uint64_t init, start_io, unload, add_device, dispatch; /* dispatch: address of MajorFunction */
	uint64_t dispatch_count;
};

struct imp_device {
	uint64_t address, driver, next, attached, attached_to, current_irp;
	uint64_t references, type, flags, characteristics, extension, object_extension, security;
	bool queue_busy, has_name;
	char name[260]; /* in its directory; "" for one without */
};

/* Reads the driver object at `address`. Errors: FAULT; FORMAT when no driver object lies there. */
struct imp_error *imp_driver_read(struct imp_kernel *kernel, uint64_t address, struct imp_driver *driver);
/* By name: a path ("\FileSystem\Ntfs"), or a name in \Driver or \FileSystem. Errors: NOT_FOUND. */
struct imp_error *imp_driver_find(struct imp_kernel *kernel, const char *name, uint64_t *address);
/* Calls `visit` for each device of the driver until it returns false. Errors: FAULT, FORMAT (a list without end). */
struct imp_error *imp_driver_devices(struct imp_kernel *kernel, const struct imp_driver *driver, bool (*visit)(void *context, uint64_t device),
				     void *context);
/* Reads the device object at `address`. Errors: FAULT; FORMAT when no device object lies there. */
struct imp_error *imp_device_read(struct imp_kernel *kernel, uint64_t address, struct imp_device *device);
/* "IRP_MJ_CREATE" for 0; "?" for a code that is not documented. */
const char *imp_major_function_name(uint64_t code);

#endif
