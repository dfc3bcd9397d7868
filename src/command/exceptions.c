/* .exr .cxr .ecxr: exception records and context records. */
#include "command/commands.h"
#include "command/crash.h"
#include "nt/processor.h"
#include "nt/status.h"

#include <stdlib.h>
#include <string.h>

/* What an access violation's or in-page error's first parameter says of the access (EXCEPTION_RECORD in winnt.h). */
static const char *access_name(uint64_t kind)
{
	return kind == 0 ? "read from" : kind == 1 ? "write to" : kind == 8 ? "execute" : "use";
}

static void report_access(struct imp_report *report, const struct imp_exception *exception)
{
	enum { ACCESS_VIOLATION = 0xC0000005, IN_PAGE_ERROR = 0xC0000006 };

	if (exception->parameter_count < 2 || (exception->code != (uint32_t)ACCESS_VIOLATION && exception->code != (uint32_t)IN_PAGE_ERROR))
		return;
	imp_report_line(report, "Attempt to %s address %016llx", access_name(exception->parameters[0]), (unsigned long long)exception->parameters[1]);
}

void imp_report_exception(struct imp_session *session, struct imp_report *report, const struct imp_exception *exception)
{
	const struct imp_status *status = imp_status_find(exception->code);
	struct imp_name name;

	imp_symbolize(session->kernel, exception->address, false, &name);
	imp_report_open_object(report, "exception");
	imp_report_line(report, "ExceptionAddress: %016llx (%s)", (unsigned long long)exception->address, name.text);
	imp_report_line(report, "   ExceptionCode: %08x%s%s%s", exception->code, status ? " (" : "", status ? status->text : "", status ? ")" : "");
	imp_report_line(report, "  ExceptionFlags: %08x", exception->flags);
	imp_report_line(report, "NumberParameters: %u", exception->parameter_count);
	imp_report_value(report, "address", imp_address(exception->address));
	imp_report_value(report, "symbol", imp_string(name.text));
	imp_report_value(report, "code", imp_address(exception->code));
	imp_report_value(report, "name", imp_string(status ? status->name : NULL));
	imp_report_value(report, "flags", imp_address(exception->flags));
	imp_report_open_list(report, "parameters");
	for (uint32_t i = 0; i < exception->parameter_count; i++) {
		imp_report_line(report, "   Parameter[%u]: %016llx", i, (unsigned long long)exception->parameters[i]);
		imp_report_value(report, NULL, imp_address(exception->parameters[i]));
	}
	imp_report_close(report);
	imp_report_close(report);
	report_access(report, exception);
}

/* The exception of the crash; else the one in the dump's header. */
static struct imp_error *last_exception(struct imp_session *session, struct imp_exception *exception)
{
	struct imp_crash *crash;
	struct imp_error *err = imp_crash_read(session->kernel, &crash);
	bool found = !err && crash->has_exception;

	if (found)
		*exception = crash->exception;
	free(crash);
	imp_error_free(err);
	if (found || (imp_exception_read(session->kernel->info.exception, exception) && exception->code))
		return NULL;
	return imp_error_new(IMP_ERROR_NOT_FOUND,
			     "this dump holds no exception record: the bug check was not caused by an exception, or does not name it");
}

IMP_COMMAND(exr)
{
	struct imp_exception exception;
	uint64_t address;
	struct imp_error *err;

	arguments = imp_skip_blanks(arguments);
	if (!*arguments)
		return imp_error_new(IMP_ERROR_USAGE, ".exr needs the address of an exception record; .exr -1 shows that of the crash");
	if (!strncmp(arguments, "-1", 2) && !*imp_skip_blanks(arguments + 2)) {
		err = last_exception(session, &exception);
	} else {
		err = imp_argument_or(session, &arguments, 0, &address);
		if (!err)
			err = imp_arguments_end(arguments);
		if (!err)
			err = imp_exception_at(session->kernel, address, &exception);
	}
	if (!err)
		imp_report_exception(session, report, &exception);
	return err;
}

static struct imp_error *show_context(struct imp_session *session, struct imp_report *report)
{
	struct imp_session_registers registers;
	struct imp_error *err = imp_session_registers(session, &registers);

	return err ? err : imp_report_registers(session, report, &registers);
}

IMP_COMMAND(cxr)
{
	struct imp_context context;
	uint64_t address;
	struct imp_error *err;

	arguments = imp_skip_blanks(arguments);
	session->code_next = 0;
	if (!*arguments) {
		session->has_context = false;
		imp_report_line(report, "Resetting default scope");
		return NULL;
	}
	err = imp_argument_or(session, &arguments, 0, &address);
	if (!err)
		err = imp_arguments_end(arguments);
	if (!err)
		err = imp_context_at(session->kernel, address, &context);
	if (!err && !context.marked)
		err = imp_error_new(IMP_ERROR_FORMAT, "no context record lies at %016llx: its flags are not those of one",
				    (unsigned long long)address);
	if (err)
		return err;
	session->context = context;
	session->has_context = true;
	return show_context(session, report);
}

struct imp_error *imp_session_choose_crash(struct imp_session *session, const struct imp_crash *crash)
{
	if (!crash->has_context)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "this bug check names no context record; r and k show the thread that crashed");
	session->context = crash->context;
	session->has_context = true;
	session->code_next = 0;
	return NULL;
}

IMP_COMMAND(ecxr)
{
	struct imp_crash *crash;
	struct imp_error *err = imp_arguments_end(arguments);

	if (!err)
		err = imp_crash_read(session->kernel, &crash);
	if (err)
		return err;
	err = imp_session_choose_crash(session, crash);
	free(crash);
	return err ? err : show_context(session, report);
}
