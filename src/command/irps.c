/* !irp !irpfind: I/O request packets. */
#include "command/commands.h"
#include "nt/driver.h"
#include "nt/irp.h"
#include "nt/symbolize.h"

#include <stdio.h>
#include <string.h>

static const char *symbol_text(struct imp_kernel *kernel, uint64_t address, struct imp_name *name)
{
	if (!address)
		return "";
	imp_symbolize(kernel, address, false, name);
	return name->module ? name->text : "";
}

/* The name of the device's driver; "" when it cannot be had. */
static const char *driver_name(struct imp_kernel *kernel, uint64_t device, struct imp_driver *driver)
{
	uint64_t address;
	IMP_CLEANUP_ERROR struct imp_error *err = device ? imp_nt_read(kernel, IMP_DEVICE_DRIVER, device, &address) : NULL;

	*driver->name = '\0';
	if (device && !err)
		err = imp_driver_read(kernel, address, driver);
	return driver->name;
}

/* "[IRP_MJ_READ(3), N/A(0)]"; a location that nobody has filled is N/A to WinDbg. */
static void describe_functions(const struct imp_irp_location *location, char *text, size_t size)
{
	bool used = location->device || location->major || location->completion;

	snprintf(text, size, "[%s(%x), %s(%x)]", used ? imp_major_function_name(location->major) : "N/A", location->major,
		 used ? imp_minor_function_name(location->major, location->minor) : "N/A", location->minor);
}

static void report_location(struct imp_session *session, struct imp_report *report, const struct imp_irp_location *location, bool current)
{
	struct imp_kernel *kernel = session->kernel;
	struct imp_driver driver;
	struct imp_name name;
	char functions[128];
	const char *symbol = symbol_text(kernel, location->completion, &name);
	unsigned control = location->control;

	driver_name(kernel, location->device, &driver);
	describe_functions(location, functions, sizeof(functions));
	imp_report_open_object(report, NULL);
	imp_report_line(report, "%c%s", current ? '>' : ' ', functions);
	imp_report_line(report, "           %2x %2x %016llx %016llx %016llx-%016llx %s%s%s%s%s", location->flags, control,
			(unsigned long long)location->device, (unsigned long long)location->file, (unsigned long long)location->completion,
			(unsigned long long)location->completion_context, control & IMP_IRP_INVOKE_ON_SUCCESS ? "Success " : "",
			control & IMP_IRP_INVOKE_ON_ERROR ? "Error " : "", control & IMP_IRP_INVOKE_ON_CANCEL ? "Cancel " : "",
			control & IMP_IRP_ERROR_RETURNED ? "error " : "", control & IMP_IRP_PENDING_RETURNED ? "pending" : "");
	if (*driver.name || *symbol)
		imp_report_line(report, "           %s    %s", driver.name, symbol);
	imp_report_line(report, "           Args: %08llx %08llx %08llx %08llx", (unsigned long long)location->arguments[0],
			(unsigned long long)location->arguments[1], (unsigned long long)location->arguments[2],
			(unsigned long long)location->arguments[3]);
	imp_report_value(report, "address", imp_address(location->address));
	imp_report_value(report, "current", imp_bool(current));
	imp_report_value(report, "major", imp_number(location->major));
	imp_report_value(report, "major_name", imp_string(imp_major_function_name(location->major)));
	imp_report_value(report, "minor", imp_number(location->minor));
	imp_report_value(report, "flags", imp_number(location->flags));
	imp_report_value(report, "control", imp_number(control));
	imp_report_value(report, "pending", imp_bool(control & IMP_IRP_PENDING_RETURNED));
	imp_report_value(report, "device", location->device ? imp_address(location->device) : imp_null());
	imp_report_value(report, "driver", *driver.name ? imp_string(driver.name) : imp_null());
	imp_report_value(report, "file", location->file ? imp_address(location->file) : imp_null());
	imp_report_value(report, "completion", location->completion ? imp_address(location->completion) : imp_null());
	imp_report_value(report, "completion_symbol", *symbol ? imp_string(symbol) : imp_null());
	imp_report_value(report, "completion_context", imp_address(location->completion_context));
	imp_report_open_list(report, "arguments");
	for (size_t i = 0; i < 4; i++)
		imp_report_value(report, NULL, imp_address(location->arguments[i]));
	imp_report_close(report);
	imp_report_close(report);
}

static void report_packet(struct imp_session *session, struct imp_report *report, const struct imp_irp *irp, bool detail)
{
	struct imp_name name;
	const char *cancel_symbol = symbol_text(session->kernel, irp->cancel_routine, &name);
	const struct {
		const char *title, *key;
		uint64_t value;
		unsigned digits;
	} rows[] = {
		{ "Flags", "flags", irp->flags, 8 },
		{ "IoStatus.Status", "status", irp->status, 8 },
		{ "IoStatus.Information", "information", irp->information, 8 },
		{ "RequestorMode", "requestor_mode", irp->requestor_mode, 8 },
		{ "PendingReturned", "pending_returned", irp->pending_returned, 2 },
		{ "Cancel", "cancel", irp->cancel, 2 },
		{ "CancelIrql", "cancel_irql", irp->cancel_irql, 1 },
		{ "ApcEnvironment", "apc_environment", irp->apc_environment, 2 },
		{ "UserIosb", "user_iosb", irp->user_iosb, 16 },
		{ "UserEvent", "user_event", irp->user_event, 16 },
		{ "Overlay.AllocationSize", "allocation_size", irp->allocation_size, 8 },
		{ "CancelRoutine", "cancel_routine", irp->cancel_routine, 16 },
		{ "UserBuffer", "user_buffer", irp->user_buffer, 16 },
		{ "Tail.Overlay.Thread", "thread", irp->thread, 16 },
		{ "Tail.Overlay.AuxiliaryBuffer", "auxiliary_buffer", irp->auxiliary_buffer, 16 },
		{ "Tail.Overlay.OriginalFileObject", "original_file", irp->original_file, 16 },
		{ "MdlAddress", "mdl", irp->mdl, 16 },
		{ "AssociatedIrp.SystemBuffer", "system_buffer", irp->system_buffer, 16 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (detail)
			imp_report_line(report, "%s = %0*llx%s%s", rows[i].title, (int)rows[i].digits, (unsigned long long)rows[i].value,
					rows[i].value && rows[i].value == irp->cancel_routine ? " " : "",
					rows[i].value && rows[i].value == irp->cancel_routine ? cancel_symbol : "");
		imp_report_value(report, rows[i].key, imp_address(rows[i].value));
	}
}

IMP_COMMAND(irp)
{
	struct imp_kernel *kernel = session->kernel;
	struct imp_irp irp;
	uint64_t address, detail;
	char mdl[48] = "No Mdl", buffer[48] = "No System Buffer", thread[48] = "Thread 00000000";
	struct imp_error *err = imp_argument(session, &arguments, "the address of an IRP", &address);

	if (!err)
		err = imp_argument_last_or(session, &arguments, 0, &detail);
	if (!err)
		err = imp_irp_read(kernel, address, &irp);
	if (err)
		return err;
	if (irp.mdl)
		snprintf(mdl, sizeof(mdl), "Mdl=%016llx", (unsigned long long)irp.mdl);
	if (irp.system_buffer)
		snprintf(buffer, sizeof(buffer), "System buffer=%016llx", (unsigned long long)irp.system_buffer);
	if (irp.thread)
		snprintf(thread, sizeof(thread), "Thread %016llx", (unsigned long long)irp.thread);
	if (irp.current && irp.current <= irp.stack_count)
		imp_report_line(report, "Irp is active with %u stacks %u is current (= 0x%016llx)", irp.stack_count, irp.current,
				(unsigned long long)irp.locations + (irp.current - 1) * irp.location_size);
	else
		imp_report_line(report, "Irp has %u stacks and none is current: it has not been sent, or it is completed", irp.stack_count);
	imp_report_line(report, " %s: %s: %s:  Irp stack trace.%s", mdl, buffer, thread, irp.pending_returned ? "  Pending has been returned" : "");
	imp_report_value(report, "address", imp_address(address));
	imp_report_value(report, "stack_count", imp_number(irp.stack_count));
	imp_report_value(report, "current_location", imp_number(irp.current));
	report_packet(session, report, &irp, detail);
	imp_report_line(report, "     cmd  flg cl Device   File     Completion-Context");
	imp_report_open_list(report, "locations");
	for (unsigned i = 1; !err && i <= irp.stack_count && !imp_session_interrupted(session); i++) {
		struct imp_irp_location location;

		err = imp_irp_location_read(kernel, &irp, i, &location);
		if (!err)
			report_location(session, report, &location, i == irp.current);
	}
	imp_report_close(report);
	return err;
}

struct listing {
	struct imp_session *session;
	struct imp_report *report;
	struct imp_table *table;
	uint64_t process, thread, count;
};

static bool list_irp(void *context, uint64_t address)
{
	struct listing *list = context;
	struct imp_kernel *kernel = list->session->kernel;
	struct imp_irp irp;
	struct imp_irp_location location = { 0 };
	struct imp_driver driver;
	struct imp_error *err = imp_irp_read(kernel, address, &irp);

	if (!err && irp.current && irp.current <= irp.stack_count)
		err = imp_irp_location_read(kernel, &irp, irp.current, &location);
	if (err) {
		imp_kernel_note_error(kernel, err);
		return true;
	}
	list->count++;
	imp_table_cell(list->table, imp_address(address), "%016llx", (unsigned long long)address);
	imp_table_cell(list->table, imp_address(list->thread), "[%016llx]", (unsigned long long)list->thread);
	imp_table_cell(list->table, imp_null(), location.address ? "irpStack: (%2x,%2x)" : "no current stack location", location.major,
		       location.minor);
	imp_table_cell(list->table, location.address ? imp_number(location.major) : imp_null(), "%s", "");
	imp_table_cell(list->table, location.address ? imp_number(location.minor) : imp_null(), "%s", "");
	imp_table_cell(list->table, location.device ? imp_address(location.device) : imp_null(), "%016llx", (unsigned long long)location.device);
	driver_name(kernel, location.device, &driver);
	imp_table_cell(list->table, *driver.name ? imp_string(driver.name) : imp_null(), "[%s]", driver.name);
	imp_table_cell(list->table, irp.mdl ? imp_address(irp.mdl) : imp_null(), "%016llx", (unsigned long long)irp.mdl);
	imp_table_cell(list->table, imp_address(list->process), "%016llx", (unsigned long long)list->process);
	return !imp_session_interrupted(list->session);
}

static bool list_thread(void *context, uint64_t thread)
{
	struct listing *list = context;

	list->thread = thread;
	imp_kernel_note_error(list->session->kernel, imp_thread_irps(list->session->kernel, thread, list_irp, list));
	return !imp_session_interrupted(list->session);
}

static bool list_process(void *context, uint64_t process)
{
	struct listing *list = context;

	list->process = process;
	imp_kernel_note_error(list->session->kernel, imp_thread_each(list->session->kernel, process, list_thread, list));
	return !imp_session_interrupted(list->session);
}

IMP_COMMAND(irpfind)
{
	static const struct imp_column columns[] = {
		{ "irp", "  Irp", IMP_LEFT, 16 },      { "thread", "[ Thread ]", IMP_LEFT, 0 }, { NULL, "irpStack: (Mj,Mn)", IMP_LEFT, 0 },
		{ "major", NULL, IMP_LEFT, 0 },        { "minor", NULL, IMP_LEFT, 0 },          { "device", "DevObj", IMP_LEFT, 0 },
		{ "driver", "[Driver]", IMP_LEFT, 0 }, { "mdl", "MDL", IMP_LEFT, 0 },           { "process", "Process", IMP_LEFT, 0 },
	};
	struct listing list = { .session = session, .report = report };
	struct imp_error *err = imp_arguments_end(arguments);

	if (err)
		return err;
	list.table = imp_report_table(report, "irps", columns, sizeof(columns) / sizeof(columns[0]), IMP_TABLE_TITLES);
	err = imp_process_each(session->kernel, list_process, &list);
	if (!err)
		imp_report_line(report, "%llu IRP%s on the lists of threads", (unsigned long long)list.count, list.count == 1 ? "" : "s");
	return err;
}
