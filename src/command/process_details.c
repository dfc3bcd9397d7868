/* !process: WinDbg's view of one process or all, with its threads when asked. */
#include "command/commands.h"
#include "command/thread_details.h"

#include <stdlib.h>
#include <string.h>

struct details {
	struct imp_session *session;
	struct imp_report *report;
	struct imp_stack *stack;
	uint64_t flags;
	const char *image;
	uint64_t count;
};

static bool show_thread(void *context, uint64_t address)
{
	struct details *details = context;
	struct imp_kernel *kernel = details->session->kernel;
	struct imp_thread thread;
	struct imp_error *err = imp_thread_read(kernel, address, &thread);

	if (err) {
		imp_kernel_note_error(kernel, err);
		return true;
	}
	imp_report_open_object(details->report, NULL);
	imp_report_thread_details(details->session, details->report, &thread, 8, details->flags, details->stack);
	imp_report_close(details->report);
	return !imp_session_interrupted(details->session);
}

static bool show_process(void *context, uint64_t address)
{
	struct details *details = context;
	struct imp_kernel *kernel = details->session->kernel;
	struct imp_process process;
	struct imp_error *err = imp_process_read(kernel, address, &process);

	if (err) {
		imp_kernel_note_error(kernel, err);
		return true;
	}
	if (*details->image && strcasecmp(details->image, process.name))
		return true;
	details->count++;
	imp_report_open_object(details->report, NULL);
	imp_report_line(details->report, "PROCESS %016llx", (unsigned long long)address);
	imp_report_line(details->report, "    SessionId: %llu  Cid: %04llx    Peb: %016llx  ParentCid: %04llx", (unsigned long long)process.session,
			(unsigned long long)process.pid, (unsigned long long)process.peb, (unsigned long long)process.parent_pid);
	imp_report_line(details->report, "    DirBase: %08llx  ObjectTable: %016llx  HandleCount: %3llu.",
			(unsigned long long)process.directory_table_base, (unsigned long long)process.object_table,
			(unsigned long long)process.handle_count);
	imp_report_line(details->report, "    Image: %s", process.name);
	imp_report_value(details->report, "address", imp_address(address));
	imp_report_value(details->report, "pid", imp_number(process.pid));
	imp_report_value(details->report, "parent_pid", imp_number(process.parent_pid));
	imp_report_value(details->report, "name", imp_string(process.name));
	imp_report_value(details->report, "peb", imp_address(process.peb));
	imp_report_value(details->report, "directory_table_base", imp_address(process.directory_table_base));
	imp_report_value(details->report, "object_table", imp_address(process.object_table));
	imp_report_value(details->report, "handles", imp_number(process.handle_count));
	imp_report_value(details->report, "threads_active", imp_number(process.active_threads));
	imp_report_line(details->report, "%s", "");
	if (details->flags & (IMP_THREAD_WAITS | IMP_THREAD_FULL)) {
		imp_report_open_list(details->report, "threads");
		imp_kernel_note_error(kernel, imp_thread_each(kernel, address, show_thread, details));
		imp_report_close(details->report);
	}
	imp_report_close(details->report);
	return !imp_session_interrupted(details->session);
}

IMP_COMMAND(process)
{
	char image[128] = "";
	struct details details = { .session = session, .report = report, .image = image };
	uint64_t address = session->process;
	bool given = *imp_skip_blanks(arguments);
	struct imp_error *err = imp_argument_process(session, &arguments, &address);

	if (!err && address == UINT64_MAX) /* WinDbg's -1: the current one */
		address = session->process;
	if (!err)
		err = imp_argument_or(session, &arguments, given ? 0 : IMP_THREAD_WAITS | IMP_THREAD_FULL, &details.flags);
	if (!err)
		err = imp_kernel_need_symbols(session->kernel);
	if (err)
		return err;
	imp_next_word(&arguments, image, sizeof(image));
	err = imp_arguments_end(arguments);
	if (err)
		return err;
	details.stack = calloc(1, sizeof(*details.stack));
	if (!details.stack)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for a stack");
	imp_report_open_list(report, "processes");
	if (!address) {
		imp_report_line(report, "**** NT ACTIVE PROCESS DUMP ****");
		err = imp_process_each(session->kernel, show_process, &details);
	} else {
		struct imp_process process;

		err = imp_process_read(session->kernel, address, &process);
		if (!err)
			show_process(&details, address);
	}
	imp_report_close(report);
	free(details.stack);
	if (!err && !details.count && *image)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "no process is named '%s'; tl lists them", image);
	return err;
}
