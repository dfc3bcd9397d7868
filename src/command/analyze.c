/* .bugcheck and !analyze: which bug check a dump has, what its parameters mean, and whose code it was. */
#include "command/commands.h"
#include "command/crash.h"
#include "command/describe.h"
#include "nt/process.h"
#include "nt/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACCESS_VIOLATION = 0xC0000005 };

static const char *or_unknown(const char *name)
{
	return name ? name : "UNKNOWN_BUGCHECK";
}

IMP_COMMAND(bugcheck)
{
	const struct imp_dump_info *info = &session->kernel->info;
	const char *name = imp_bugcheck_name(info->bugcheck_code);
	struct imp_error *err = imp_arguments_end(arguments);
	char line[96] = "";

	if (err)
		return err;
	imp_report_pair(report, "code", imp_address(info->bugcheck_code), "Bugcheck code %08X", info->bugcheck_code);
	imp_report_open_list(report, "parameters");
	for (size_t i = 0; i < 4; i++) {
		uint64_t value = info->bugcheck_parameters[i];

		snprintf(line + strlen(line), sizeof(line) - strlen(line), " %08x`%08x", (unsigned)(value >> 32), (unsigned)value);
		imp_report_value(report, NULL, imp_address(value));
	}
	imp_report_close(report);
	imp_report_line(report, "Arguments%s", line);
	imp_report_pair(report, "name", imp_string(name), "Name %s", info->bugcheck_code ? or_unknown(name) : "none: the machine had not crashed");
	return NULL;
}

/* What stands at a parameter, behind its meaning: "", " = amdppm+0x334c", " (STATUS_ACCESS_VIOLATION)". */
static void describe_value(struct imp_kernel *kernel, enum imp_parameter_kind kind, uint64_t value, char *text, size_t size)
{
	const struct imp_status *status = kind == IMP_PARAMETER_STATUS ? imp_status_find((uint32_t)value) : NULL;
	struct imp_name name;

	*text = '\0';
	if (status) {
		snprintf(text, size, " (%s)", status->name);
	} else if (kind == IMP_PARAMETER_CODE && value) {
		imp_symbolize(kernel, value, false, &name);
		if (name.module)
			snprintf(text, size, " = %s", name.text);
	}
}

/* The heading, what the code means, and the four parameters. */
static void report_meaning(struct imp_kernel *kernel, struct imp_report *report, uint32_t code, const uint64_t parameters[4])
{
	const struct imp_bugcheck *known = imp_bugcheck_known(code);
	const char *which = imp_bugcheck_case(code, parameters[0]), *name = imp_bugcheck_name(code);

	imp_report_pair(report, "name", imp_string(name), "%s (%x)", or_unknown(name), code);
	imp_report_value(report, "code", imp_address(code));
	imp_report_value(report, "meaning", imp_string(known ? known->summary : NULL));
	imp_report_line(report, "%s", known ? known->summary : "What the parameters of this bug check mean is not known here.");
	imp_report_line(report, "Arguments:");
	imp_report_open_list(report, "arguments");
	for (size_t i = 0; i < 4; i++) {
		const char *meaning = known ? known->parameters[i].meaning : NULL;
		char value[320] = "";

		if (known)
			describe_value(kernel, known->parameters[i].kind, parameters[i], value, sizeof(value));
		imp_report_line(report, "Arg%zu: %016llx%s%s%s%s%s", i + 1, (unsigned long long)parameters[i],
				!known    ? ""
				: meaning ? ", "
					  : ", reserved",
				meaning ? meaning : "", value, !i && which ? ": " : "", !i && which ? which : "");
		imp_report_open_object(report, NULL);
		imp_report_value(report, "value", imp_address(parameters[i]));
		imp_report_value(report, "meaning", imp_string(meaning));
		imp_report_close(report);
	}
	imp_report_close(report);
}

/* A task-switch of the process: which program it happened in. */
static void report_process(struct imp_session *session, struct imp_report *report, const struct imp_crash *crash)
{
	uint64_t process = 0;
	char name[128] = "";
	IMP_CLEANUP_ERROR struct imp_error *err = crash->thread ? imp_nt_read(session->kernel, IMP_THREAD_ATTACHED_PROCESS, crash->thread, &process)
								: imp_error_new(IMP_ERROR_NOT_FOUND, "no thread");

	if (err || !process)
		return;
	imp_process_name(session->kernel, process, name, sizeof(name));
	if (*name)
		imp_report_pair(report, "process_name", imp_string(name), "PROCESS_NAME:  %s", name);
	imp_report_line(report, "%s", "");
}

static struct imp_error *report_details(struct imp_session *session, struct imp_report *report, const struct imp_crash *crash)
{
	struct imp_session_registers registers = { .others = crash->context, .exact = true, .others_known = true, .from_context = true };

	imp_report_line(report, "%s", "");
	imp_report_line(report, "Debugging Details:");
	imp_report_line(report, "------------------");
	imp_report_line(report, "%s", "");
	if (crash->has_exception) {
		imp_report_line(report, "EXCEPTION_RECORD:  %016llx -- (.exr 0x%llx)", (unsigned long long)crash->exception_address,
				(unsigned long long)crash->exception_address);
		imp_report_exception(session, report, &crash->exception);
		imp_report_line(report, "%s", "");
	}
	if (crash->has_context) {
		if (crash->context_address)
			imp_report_line(report, "CONTEXT:  %016llx -- (.cxr 0x%llx)", (unsigned long long)crash->context_address,
					(unsigned long long)crash->context_address);
		else
			imp_report_line(report, "CONTEXT:  (.ecxr)");
		imp_context_registers(&crash->context, &registers.general);
		imp_kernel_note_error(session->kernel, imp_report_registers(session, report, &registers));
		imp_report_line(report, "%s", "");
	}
	report_process(session, report, crash);
	if (crash->stack.count) {
		imp_report_line(report, "STACK_TEXT:");
		imp_report_frames(session->kernel, report, crash->stack.frames, crash->stack.count, IMP_STACK_KD);
		imp_report_line(report, "%s", "");
	}
	return NULL;
}

/* As WinDbg composes it: AV_amdppm!unknown_function, 0xE2_driver!DriverEntry. */
static void bucket(const struct imp_crash *crash, const struct imp_name *name, char *text, size_t size)
{
	char kind[32];

	if (crash->has_exception && crash->exception.code == (uint32_t)ACCESS_VIOLATION)
		snprintf(kind, sizeof(kind), "AV");
	else if (crash->has_exception)
		snprintf(kind, sizeof(kind), "0x%X_%x", crash->code & 0xfffffff, crash->exception.code);
	else
		snprintf(kind, sizeof(kind), "0x%X", crash->code & 0xfffffff);
	snprintf(text, size, "%s_%s!%s", kind, name->module->short_name, *name->symbol ? name->symbol : "unknown_function");
}

static void report_conclusion(struct imp_session *session, struct imp_report *report, const struct imp_crash *crash, bool verbose)
{
	struct imp_name name;
	char text[320];

	if (!crash->has_culprit) {
		imp_report_value(report, "module", imp_null());
		imp_report_line(
			report,
			crash->known && crash->known->no_driver
				? "Probably caused by : nothing that the stack tells: this bug check is about something else than the code that ran"
				: "Probably caused by : unknown: no driver is at the instruction or on the stack that this dump holds");
		return;
	}
	imp_symbolize(session->kernel, crash->culprit, crash->culprit_is_return, &name);
	bucket(crash, &name, text, sizeof(text));
	if (verbose) {
		imp_report_line(report, "SYMBOL_NAME:  %s", name.text);
		imp_report_line(report, "MODULE_NAME: %s", name.module->short_name);
		imp_report_line(report, "IMAGE_NAME:  %s", name.module->name);
		if (*name.file)
			imp_report_line(report, "FAULTING_SOURCE_LINE:  %s @ %u", name.file, name.line);
		imp_report_line(report, "FAILURE_BUCKET_ID:  %s", text);
		imp_report_line(report, "%s", "");
	}
	imp_report_value(report, "module", imp_string(name.module->short_name));
	imp_report_value(report, "image", imp_string(name.module->name));
	imp_report_value(report, "symbol", imp_string(name.text));
	imp_report_value(report, "address", imp_address(crash->culprit));
	imp_report_value(report, "failure_bucket", imp_string(text));
	imp_report_value(report, "guessed", imp_bool(crash->culprit_guessed));
	imp_report_line(report, "Probably caused by : %s ( %s )", name.module->name, name.text);
	if (crash->culprit_guessed)
		imp_report_note(report, "that frame was not unwound but scanned: it may be left over from an earlier call");
}

static void report_banner(struct imp_report *report)
{
	enum { WIDTH = 79 };
	char stars[WIDTH + 1];

	memset(stars, '*', WIDTH);
	stars[WIDTH] = '\0';
	imp_report_line(report, "%s", stars);
	imp_report_line(report, "*%*s*", WIDTH - 2, "");
	imp_report_line(report, "*%*s%s%*s*", 24, "", "Bugcheck Analysis", WIDTH - 2 - 24 - 17, "");
	imp_report_line(report, "*%*s*", WIDTH - 2, "");
	imp_report_line(report, "%s", stars);
	imp_report_line(report, "%s", "");
}

/* -show CODE [P1 P2 P3 P4]: what a bug check means, whatever the dump has. */
static struct imp_error *show_code(struct imp_session *session, const char *arguments, struct imp_report *report)
{
	uint64_t code, parameters[4] = { 0 };
	struct imp_error *err;

	if (!*imp_skip_blanks(arguments))
		return imp_error_new(IMP_ERROR_USAGE, "!analyze -show needs the code of a bug check");
	err = imp_argument_or(session, &arguments, 0, &code);
	for (size_t i = 0; !err && i < 4; i++)
		err = imp_argument_or(session, &arguments, 0, &parameters[i]);
	if (!err)
		err = imp_arguments_end(arguments);
	if (!err && code > UINT32_MAX)
		err = imp_error_new(IMP_ERROR_USAGE, "the code of a bug check has 32 bits");
	if (!err)
		report_meaning(session->kernel, report, (uint32_t)code, parameters);
	return err;
}

IMP_COMMAND(analyze)
{
	struct imp_crash *crash;
	char word[32];
	bool verbose = false;
	struct imp_error *err;

	while (imp_next_word(&arguments, word, sizeof(word))) {
		if (!strcmp(word, "-show"))
			return show_code(session, arguments, report);
		if (!strcmp(word, "-hang"))
			return imp_error_new(IMP_ERROR_USAGE,
					     "!analyze -hang is not there; !locks, !stacks and us -a show who waits, obj who waits for what");
		if (strcmp(word, "-v"))
			return imp_error_new(IMP_ERROR_USAGE, "!analyze knows -v and -show CODE, not '%s'", word);
		verbose = true;
	}
	err = imp_crash_read(session->kernel, &crash);
	if (err)
		return err;
	report_banner(report);
	if (verbose) {
		report_meaning(session->kernel, report, crash->code, crash->parameters);
		report_details(session, report, crash);
	} else {
		err = imp_command_bugcheck(session, "", report);
		imp_report_line(report, "%s", "");
	}
	report_conclusion(session, report, crash, verbose);
	free(crash);
	return err;
}
