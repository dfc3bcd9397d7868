/* .help, .echo and q. */
#include "command/commands.h"

#include <stdio.h>
#include <string.h>

static const char *const introduction =
	"Commands may be written as in WinDbg or MEX (!mex.us, !us, us), several separated by ';'. Numbers are hexadecimal, 0n is decimal.";

IMP_COMMAND(help)
{
	static const struct imp_column columns[] = { { "usage", "", IMP_LEFT, 0 }, { "summary", "", IMP_LEFT, 0 } };
	struct imp_table *table;

	(void)session;
	if (*arguments) {
		const char *rest;
		const struct imp_command *command = imp_command_find(arguments, &rest);

		if (!command)
			return imp_error_new(IMP_ERROR_NOT_FOUND, "no command is named '%s'; .help lists them", arguments);
		imp_report_pair(report, "usage", imp_string(command->usage), "%s", command->usage);
		imp_report_pair(report, "summary", imp_string(command->summary), "    %s", command->summary);
		imp_report_value(report, "names", imp_string(command->names));
		if (strchr(command->names, ' '))
			imp_report_line(report, "    Names: %s", command->names);
		if (*command->help)
			imp_report_pair(report, "help", imp_string(command->help), "\n%s", command->help);
		return NULL;
	}
	imp_report_line(report, "%s", introduction);
	imp_report_line(report, "%s", "");
	table = imp_report_table(report, "commands", columns, 2, IMP_TABLE_INDENT);
	for (size_t i = 0; i < imp_command_count; i++) {
		imp_table_cell(table, imp_string(imp_commands[i].usage), "%s", imp_commands[i].usage);
		imp_table_cell(table, imp_string(imp_commands[i].summary), " %s", imp_commands[i].summary);
	}
	return NULL;
}

IMP_COMMAND(echo)
{
	(void)session;
	imp_report_pair(report, "text", imp_string(arguments), "%s", arguments);
	return NULL;
}

IMP_COMMAND(quit)
{
	(void)arguments;
	(void)report;
	session->quit = true;
	return NULL;
}
