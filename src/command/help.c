/* .help, .echo and q. */
#include "command/commands.h"
#include "command/missing.h"

#include <stdio.h>
#include <string.h>

enum { USAGE_WIDTH = 36 };

static const char *const introduction =
	"Commands may be written as in WinDbg or MEX (!mex.us, !us, us), several separated by ';'. Numbers are hexadecimal, 0n is decimal.\n"
	"`COMMAND | SHELL COMMAND` hands a result to the shell; the bar needs blanks around it (in an expression it is `or`). Ctrl-C stops a "
	"command.";

/* A text of several lines. */
static void put_lines(struct imp_report *report, const char *text)
{
	for (size_t length; *text; text += length + (text[length] == '\n')) {
		length = strcspn(text, "\n");
		imp_report_line(report, "%.*s", (int)length, text);
	}
}

static struct imp_error *help_one(const char *text, struct imp_report *report)
{
	const char *rest;
	const struct imp_command *command = imp_command_find(text, &rest);

	if (!command)
		return imp_command_missing(text);
	imp_report_pair(report, "usage", imp_string(command->usage), "%s", command->usage);
	imp_report_pair(report, "summary", imp_string(command->summary), "    %s", command->summary);
	imp_report_value(report, "names", imp_string(command->names));
	if (strchr(command->names, ' '))
		imp_report_line(report, "    Names: %s", command->names);
	if (*command->help) {
		imp_report_line(report, "%s", "");
		put_lines(report, command->help);
		imp_report_value(report, "help", imp_string(command->help));
	}
	return NULL;
}

static void list_commands(struct imp_report *report)
{
	static const struct imp_column columns[] = { { "usage", NULL, IMP_LEFT, 0 },
						     { "summary", NULL, IMP_LEFT, 0 },
						     { "names", NULL, IMP_LEFT, 0 } };
	struct imp_table *table = NULL;
	const char *family = "";

	imp_report_open_list(report, "families");
	for (size_t i = 0; i < imp_command_count; i++) {
		const struct imp_command *command = &imp_commands[i];

		if (!*command->names) {
			if (*family)
				imp_report_close(report);
			family = command->usage;
			imp_report_open_object(report, NULL);
			imp_report_line(report, "%s", "");
			imp_report_pair(report, "family", imp_string(family), "%s:", family);
			table = imp_report_table(report, "commands", columns, 3, IMP_TABLE_INDENT);
			continue;
		}
		imp_table_cell(table, imp_string(command->usage), "%s", "");
		imp_table_cell(table, imp_string(command->summary), "%s", "");
		imp_table_cell(table, imp_string(command->names), "%s", "");
		/* A usage that is too long for its column has a line of its own. */
		bool is_long = strlen(command->usage) > USAGE_WIDTH;

		if (is_long)
			imp_report_line(report, "    %s", command->usage);
		imp_report_line(report, "    %-*s  %s", USAGE_WIDTH, is_long ? "" : command->usage, command->summary);
	}
	imp_report_close(report);
	imp_report_close(report);
}

IMP_COMMAND(help)
{
	(void)session;
	if (*arguments)
		return help_one(arguments, report);
	put_lines(report, introduction);
	list_commands(report);
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
