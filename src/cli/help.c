/* `impasse help`: the debugger's commands for eyes, for shells' completion (--names) and for the man page (--man), from the one table. */
#include "cli/cli.h"

#include "cli/render.h"
#include "command/command.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put_names(void)
{
	for (size_t i = 0; i < imp_command_count; i++) {
		for (const char *name = imp_commands[i].names; *name; putchar('\n')) {
			size_t length = strcspn(name, " ");

			printf("%.*s", (int)length, name);
			name += length;
			name += strspn(name, " ");
		}
	}
}

/* Text that roff takes as it is: no escapes, no request at the beginning of a line, hyphens that can be copied. */
static void put_roff(const char *text)
{
	bool at_start = true;

	for (; *text; text++) {
		if (at_start && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '\n')
			fputs("\n.br", stdout);
		if (*text != '\\' && *text != '-')
			putchar(*text);
		at_start = *text == '\n';
	}
	putchar('\n');
}

static void put_man(void)
{
	for (size_t i = 0; i < imp_command_count; i++) {
		const struct imp_command *command = &imp_commands[i];

		if (!*command->names) {
			printf(".SS %s\n", command->usage);
			continue;
		}
		fputs(".TP\n.B ", stdout);
		put_roff(command->usage);
		put_roff(command->summary);
		if (strchr(command->names, ' ')) {
			fputs("Names: ", stdout);
			put_roff(command->names);
		}
		if (*command->help) {
			fputs(".br\n", stdout);
			put_roff(command->help);
		}
	}
}

int imp_help_main(int argc, char **argv)
{
	struct imp_session session = { 0 };
	struct imp_rendering how = { .command = "help", .output = STDOUT_FILENO, .errors = STDERR_FILENO };
	const char *topic = argc > 1 ? argv[1] : "", *rest;
	struct imp_report *report;

	if (!strcmp(topic, "--names")) {
		put_names();
		return 0;
	}
	if (!strcmp(topic, "--man")) {
		put_man();
		return 0;
	}
	if (!strcmp(topic, "--help") || !strcmp(topic, "-h")) {
		puts("usage: impasse help [COMMAND | --names | --man]\n"
		     "Shows the debugger's commands, or what one of them does.\n"
		     "\n"
		     "  --names  all names, one a line\n"
		     "  --man    all help, as a part of a manual page");
		return 0;
	}
	report = imp_report_new();
	if (!report)
		return 1;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_command_find(".help", &rest)->run(&session, topic, report);
	bool written = imp_render(&how, report, err);
	imp_report_free(report);
	return err || !written ? 1 : 0;
}
