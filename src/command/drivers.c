/* !drvobj !devobj: driver objects and device objects. */
#include "command/commands.h"
#include "nt/driver.h"
#include "nt/symbolize.h"

#include <stdio.h>
#include <string.h>

enum { FLAG_DEVICES = 1, FLAG_ROUTINES = 2, FLAG_DETAILS = 4 }; /* as documented for !drvobj */

struct listing {
	struct imp_session *session;
	struct imp_report *report;
};

static void report_routine(struct imp_session *session, struct imp_report *report, const char *title, uint64_t address)
{
	struct imp_name name;

	imp_symbolize(session->kernel, address, false, &name);
	imp_report_open_object(report, NULL);
	imp_report_line(report, "%-39s %016llx %s", title, (unsigned long long)address, address && name.module ? name.text : "");
	imp_report_value(report, "name", imp_string(title));
	imp_report_value(report, "address", imp_address(address));
	imp_report_value(report, "symbol", address && name.module ? imp_string(name.text) : imp_null());
	imp_report_close(report);
}

static struct imp_error *report_routines(struct imp_session *session, struct imp_report *report, const struct imp_driver *driver)
{
	struct imp_error *err = NULL;

	imp_report_line(report, "%s", "");
	imp_report_open_list(report, "routines");
	report_routine(session, report, "DriverEntry:", driver->init);
	report_routine(session, report, "DriverStartIo:", driver->start_io);
	report_routine(session, report, "DriverUnload:", driver->unload);
	report_routine(session, report, "AddDevice:", driver->add_device);
	imp_report_line(report, "%s", "");
	imp_report_line(report, "Dispatch routines:");
	for (uint64_t i = 0; !err && i < driver->dispatch_count && !imp_session_interrupted(session); i++) {
		char title[64];
		uint64_t routine;

		snprintf(title, sizeof(title), "[%02x] %s", (unsigned)i, imp_major_function_name(i));
		err = imp_memory_u64(session->kernel->memory, driver->dispatch + 8 * i, &routine);
		if (!err)
			report_routine(session, report, title, routine);
	}
	imp_report_close(report);
	return err;
}

static void report_device(struct imp_session *session, struct imp_report *report, const struct imp_device *device)
{
	struct imp_driver driver;
	struct imp_error *err = imp_driver_read(session->kernel, device->driver, &driver);

	imp_report_line(report, "Device object (%016llx) is for:", (unsigned long long)device->address);
	imp_report_line(report, " %s %s DriverObject %016llx", device->name, driver.name, (unsigned long long)device->driver);
	imp_report_line(report, "Current Irp %016llx RefCount %llu Type %08llx Flags %08llx", (unsigned long long)device->current_irp,
			(unsigned long long)device->references, (unsigned long long)device->type, (unsigned long long)device->flags);
	imp_report_line(report, "SecurityDescriptor %016llx DevExt %016llx DevObjExt %016llx", (unsigned long long)device->security,
			(unsigned long long)device->extension, (unsigned long long)device->object_extension);
	imp_report_line(report, "Characteristics (0x%08llx)", (unsigned long long)device->characteristics);
	if (device->attached)
		imp_report_line(report, "AttachedDevice (Upper) %016llx", (unsigned long long)device->attached);
	if (device->attached_to)
		imp_report_line(report, "AttachedTo (Lower) %016llx", (unsigned long long)device->attached_to);
	imp_report_line(report, "Device queue is %sbusy.", device->queue_busy ? "" : "not ");
	imp_report_value(report, "address", imp_address(device->address));
	imp_report_value(report, "name", device->has_name ? imp_string(device->name) : imp_null());
	imp_report_value(report, "driver", imp_address(device->driver));
	imp_report_value(report, "driver_name", *driver.name ? imp_string(driver.name) : imp_null());
	imp_report_value(report, "current_irp", device->current_irp ? imp_address(device->current_irp) : imp_null());
	imp_report_value(report, "references", imp_number(device->references));
	imp_report_value(report, "type", imp_number(device->type));
	imp_report_value(report, "flags", imp_number(device->flags));
	imp_report_value(report, "characteristics", imp_number(device->characteristics));
	imp_report_value(report, "extension", imp_address(device->extension));
	imp_report_value(report, "object_extension", imp_address(device->object_extension));
	imp_report_value(report, "attached_device", device->attached ? imp_address(device->attached) : imp_null());
	imp_report_value(report, "attached_to", device->attached_to ? imp_address(device->attached_to) : imp_null());
	imp_report_value(report, "queue_busy", imp_bool(device->queue_busy));
	imp_kernel_note_error(session->kernel, imp_error_context(err, "the driver of device %016llx", (unsigned long long)device->address));
}

static bool add_device(void *context, uint64_t address)
{
	struct listing *listing = context;

	imp_report_open_object(listing->report, NULL);
	imp_report_pair(listing->report, "address", imp_address(address), "%016llx", (unsigned long long)address);
	imp_report_close(listing->report);
	return !imp_session_interrupted(listing->session);
}

static bool add_detailed_device(void *context, uint64_t address)
{
	struct listing *listing = context;
	struct imp_device device;
	struct imp_error *err = imp_device_read(listing->session->kernel, address, &device);

	imp_report_open_object(listing->report, NULL);
	if (!err)
		report_device(listing->session, listing->report, &device);
	imp_report_close(listing->report);
	imp_kernel_note_error(listing->session->kernel, err);
	return !imp_session_interrupted(listing->session);
}

/* A name comes before an expression, as documented for !drvobj. */
static struct imp_error *find_driver(struct imp_session *session, const char *word, uint64_t *address)
{
	struct imp_error *err = imp_driver_find(session->kernel, word, address);

	if (err && *word != '\\') {
		struct imp_expression_names names = imp_session_names(session);
		IMP_CLEANUP_ERROR struct imp_error *no_expression = imp_expression_whole(&names, word, address);

		if (!no_expression) {
			imp_error_free(err);
			err = NULL;
		}
	}
	return err;
}

IMP_COMMAND(drvobj)
{
	struct listing listing = { session, report };
	struct imp_driver driver;
	uint64_t address, flags = FLAG_DEVICES;
	char word[320];
	struct imp_error *err;

	if (!imp_next_word(&arguments, word, sizeof(word)))
		return imp_error_new(IMP_ERROR_USAGE, "the name or address of a driver object is missing");
	err = imp_argument_last_or(session, &arguments, flags, &flags);
	if (!err)
		err = find_driver(session, word, &address);
	if (!err)
		err = imp_driver_read(session->kernel, address, &driver);
	if (err)
		return err;
	imp_report_line(report, "Driver object (%016llx) is for:", (unsigned long long)address);
	imp_report_line(report, " %s", driver.name);
	imp_report_value(report, "address", imp_address(address));
	imp_report_value(report, "name", imp_string(driver.name));
	if (flags & FLAG_DEVICES) {
		imp_report_line(report, "%s", "");
		imp_report_line(report, "Device Object list:");
		imp_report_open_list(report, "devices");
		err = imp_driver_devices(session->kernel, &driver, flags & FLAG_DETAILS ? add_detailed_device : add_device, &listing);
		imp_report_close(report);
	}
	if (!err && flags & FLAG_ROUTINES)
		err = report_routines(session, report, &driver);
	return err;
}

IMP_COMMAND(devobj)
{
	struct imp_device device;
	uint64_t address;
	struct imp_error *err = imp_argument_object(session, arguments, "the path or address of a device object", &address);

	if (!err)
		err = imp_device_read(session->kernel, address, &device);
	if (!err)
		report_device(session, report, &device);
	return err;
}
