/* Running a line of commands and showing what comes of it. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

enum { MAX_COMMAND = 4096 };

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
	if (err && !json)
		fprintf(stderr, "%s\n", imp_error_message(err));
	imp_error_free(err);
	imp_report_free(report);
	return ok;
}

bool imp_run_line(struct imp_session *session, const char *line, bool echo, bool json)
{
	char command[MAX_COMMAND], prompt[32];
	bool ok = true;

	while (!session->quit && (line = imp_command_next(line, command, sizeof(command)))) {
		if (echo)
			printf("%s%s\n", imp_prompt(session, prompt, sizeof(prompt)), command);
		ok &= run_command(session, command, json);
		if (imp_session_interrupted(session))
			break;
	}
	return ok;
}
