/* version, vertarget, .time, .lastevent, .effmach: which program, which system, which moment. */
#include "base/sandbox.h"
#include "command/commands.h"
#include "command/system.h"
#include "nt/time.h"

#include <Zydis/Zydis.h>
#include <jansson.h>
#include <libdwarf.h>
#include <stdio.h>
#include <string.h>

IMP_COMMAND(vertarget)
{
	struct imp_system_info info;
	struct imp_error *err = imp_arguments_end(arguments);

	if (err)
		return err;
	imp_system_info_read(session->kernel, &info);
	imp_report_system(report, &info);
	imp_report_times(report, &info);
	return NULL;
}

IMP_COMMAND(time)
{
	struct imp_system_info info;
	struct imp_error *err = imp_arguments_end(arguments);

	if (err)
		return err;
	imp_system_info_read(session->kernel, &info);
	imp_report_times(report, &info);
	return NULL;
}

IMP_COMMAND(lastevent)
{
	struct imp_system_info info;
	char text[96];
	struct imp_error *err = imp_arguments_end(arguments);

	if (err)
		return err;
	imp_system_info_read(session->kernel, &info);
	if (info.bugcheck_code)
		imp_report_line(report, "Last event: bugcheck %X (%llX, %llX, %llX, %llX)", info.bugcheck_code,
				(unsigned long long)info.bugcheck_parameters[0], (unsigned long long)info.bugcheck_parameters[1],
				(unsigned long long)info.bugcheck_parameters[2], (unsigned long long)info.bugcheck_parameters[3]);
	else
		imp_report_line(report, "Last event: none: the machine had not crashed");
	imp_report_value(report, "bugcheck_code", imp_address(info.bugcheck_code));
	imp_report_line(report, "  debugger time: %s", imp_format_session_time(info.system_time, text, sizeof(text)));
	imp_report_value(report, "session_time", imp_string(imp_format_iso_time(info.system_time, text, sizeof(text))));
	return NULL;
}

IMP_COMMAND(effmach)
{
	(void)session;
	if (*imp_skip_switches(arguments) && strcasecmp(arguments, "x64") && strcasecmp(arguments, "amd64"))
		return imp_error_new(IMP_ERROR_USAGE, "only x64 dumps are read here, not '%s'", arguments);
	imp_report_pair(report, "machine", imp_string("x64"), "Effective machine: x64 (AMD64)");
	return NULL;
}

IMP_COMMAND(version)
{
	static const struct imp_column columns[] = { { "name", "", IMP_LEFT, 10 }, { "version", "", IMP_LEFT, 0 } };
	struct imp_table *libraries;
	ZyanU64 zydis = ZydisGetVersion();
	struct imp_error *err = imp_arguments_end(arguments);
	char text[32];

	(void)session;
	if (err)
		return err;
	imp_report_pair(report, "version", imp_string(IMPASSE_VERSION), "impasse %s", IMPASSE_VERSION);
	libraries = imp_report_table(report, "libraries", columns, 2, IMP_TABLE_INDENT);
	snprintf(text, sizeof(text), "%u.%u.%u", (unsigned)ZYDIS_VERSION_MAJOR(zydis), (unsigned)ZYDIS_VERSION_MINOR(zydis),
		 (unsigned)ZYDIS_VERSION_PATCH(zydis));
	imp_table_cell(libraries, imp_string("Zydis"), "Zydis");
	imp_table_cell(libraries, imp_string(text), "%s", text);
	imp_table_cell(libraries, imp_string("libdwarf"), "libdwarf");
	imp_table_cell(libraries, imp_string(dwarf_package_version()), "%s", dwarf_package_version());
	imp_table_cell(libraries, imp_string("jansson"), "jansson");
	imp_table_cell(libraries, imp_string(jansson_version_str()), "%s", jansson_version_str());
	imp_report_pair(report, "sandbox", imp_string(imp_sandbox_state()), "Sandbox: %s", imp_sandbox_state());
	return NULL;
}
