/* Running a line of commands and showing what comes of it. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *imp_prompt(const struct imp_session *session, char *text, size_t size)
{
	snprintf(text, size, "%u: kd> ", session->processor);
	return text;
}

static bool run_command(struct imp_session *session, const char *text, bool json)
{
	struct imp_report *report = imp_report_new();
	struct imp_error *err =
		report ? imp_command_run(session, text, report) : imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for '%s'", text);
	bool ok = !err;

	if (report && json && !session->quit)
		imp_report_json(report, text, err ? imp_error_message(err) : NULL, stdout);
	else if (report && !json)
		imp_report_text(report, stdout);
	fflush(stdout);
	if (err && !json) {
		imp_put_printable(imp_error_message(err), strlen(imp_error_message(err)), stderr);
		fputc('\n', stderr);
	}
	imp_error_free(err);
	imp_report_free(report);
	return ok;
}

bool imp_run_line(struct imp_session *session, const char *line, bool echo, bool json)
{
	size_t size = strlen(line) + 1;
	char *command = malloc(size), prompt[32];
	bool ok = command;

	while (command && !session->quit && (line = imp_command_next(line, command, size))) {
		if (echo)
			printf("%s%s\n", imp_prompt(session, prompt, sizeof(prompt)), command);
		ok &= run_command(session, command, json);
		if (imp_session_interrupted(session))
			break;
	}
	free(command);
	return ok;
}
