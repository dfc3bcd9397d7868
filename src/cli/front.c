/* Running a line: its commands one by one, each by the engine or, when it concerns the person's side (log, pager, screen), here. */
#include "cli/cli.h"

#include "cli/render.h"
#include "command/arguments.h"
#include "command/command.h"
#include "command/line.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct imp_error *log_open(struct imp_front *front, const char *arguments, struct imp_report *report)
{
	char path[PATH_MAX] = "impasse.log", word[PATH_MAX];
	bool append = false, named = false;
	struct imp_error *err;

	while (imp_next_word(&arguments, word, sizeof(word))) {
		if (!strcmp(word, "/a"))
			append = true;
		else if (*word == '/' && strlen(word) == 2)
			return imp_error_new(IMP_ERROR_USAGE, ".logopen knows the option /a, not '%s'", word);
		else if (named)
			return imp_error_new(IMP_ERROR_USAGE, "'%s' is too much", word);
		else {
			named = true;
			strcpy(path, word);
		}
	}
	err = imp_output_log(&front->output, path, append);
	if (!err)
		imp_report_pair(report, "file", imp_string(path), "Opened log file '%s'", path);
	return err;
}

static struct imp_error *log_append(struct imp_front *front, const char *arguments, struct imp_report *report)
{
	char text[PATH_MAX + 8];

	snprintf(text, sizeof(text), "/a %s", arguments);
	return log_open(front, text, report);
}

static struct imp_error *log_close(struct imp_front *front, const char *arguments, struct imp_report *report)
{
	struct imp_error *err = imp_arguments_end(arguments);

	if (err)
		return err;
	if (!front->output.log)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "no log file is open; .logopen FILE opens one");
	imp_report_pair(report, "file", imp_string(front->output.log_path), "Closing open log file %s", front->output.log_path);
	imp_output_log_close(&front->output);
	return NULL;
}

static struct imp_error *log_file(struct imp_front *front, const char *arguments, struct imp_report *report)
{
	struct imp_error *err = imp_arguments_end(arguments);

	if (err)
		return err;
	if (front->output.log)
		imp_report_pair(report, "file", imp_string(front->output.log_path), "Log '%s' open", front->output.log_path);
	else
		imp_report_pair(report, "file", imp_null(), "No log file open");
	return NULL;
}

static struct imp_error *pager(struct imp_front *front, const char *arguments, struct imp_report *report)
{
	char word[8] = "";

	imp_next_word(&arguments, word, sizeof(word));
	if (*word && strcmp(word, "on") != 0 && strcmp(word, "off") != 0)
		return imp_error_new(IMP_ERROR_USAGE, "the pager can be on or off, not '%s'", word);
	if (*word)
		front->output.pager = !strcmp(word, "on");
	imp_report_pair(report, "pager", imp_bool(front->output.pager), "The pager is %s.", front->output.pager ? "on" : "off");
	return imp_arguments_end(arguments);
}

static struct imp_error *clear_screen(struct imp_front *front, const char *arguments, struct imp_report *report)
{
	static const char clear[] = "\033[H\033[2J";
	struct imp_error *err = imp_arguments_end(arguments);

	(void)report;
	if (!err && front->output.terminal && write(STDOUT_FILENO, clear, sizeof(clear) - 1) < 0)
		front->unwritten = true;
	return err;
}

/* The commands whose rows in the table have no function. */
static const struct {
	const char *name;
	struct imp_error *(*run)(struct imp_front *front, const char *arguments, struct imp_report *report);
} own_commands[] = {
	{ ".logopen", log_open }, { ".logappend", log_append }, { ".logclose", log_close },
	{ ".logfile", log_file }, { ".pager", pager },          { ".cls", clear_screen },
};

/* Shows what was found for the command `text` by this process; takes `report` (NULL: there was no memory for one) and `err` over. */
static bool show_own(struct imp_front *front, const char *text, struct imp_report *report, struct imp_error *err)
{
	struct imp_rendering how = { text, front->json, front->output.colour, STDOUT_FILENO, STDERR_FILENO };
	bool ok = report && !err;

	fflush(stdout);
	front->unwritten |= !report || !imp_render(&how, report, err);
	imp_error_free(err);
	imp_report_free(report);
	return ok;
}

static bool run_own(struct imp_front *front, const char *text, const struct imp_command *command, const char *arguments)
{
	struct imp_report *report = imp_report_new();
	struct imp_error *err = NULL;

	for (size_t i = 0; report && i < sizeof(own_commands) / sizeof(own_commands[0]); i++) {
		if (!strcmp(command->names, own_commands[i].name))
			err = own_commands[i].run(front, arguments, report);
	}
	if (report)
		imp_report_value(report, "result", imp_string(command->names));
	if (err && imp_error_code(err) == IMP_ERROR_USAGE)
		err = imp_error_context(err, "%s", command->usage);
	return show_own(front, text, report, err);
}

static bool run_by_engine(struct imp_front *front, const char *text, const char *shell)
{
	struct imp_answer answer = { 0 };
	int result, errors;
	bool failed = false;
	struct imp_error *err;

	if (strlen(text) > IMP_COMMAND_MOST)
		return show_own(front, text, imp_report_new(),
				imp_error_new(IMP_ERROR_USAGE, "this command is longer than the %d bytes that are possible", IMP_COMMAND_MOST));
	err = imp_output_begin(&front->output, shell, &result, &errors);
	if (err) {
		imp_output_finish(&front->output, &failed);
		return show_own(front, text, imp_report_new(), err);
	}
	/* A shell command that has read enough is none of our failures. */
	if (shell)
		signal(SIGPIPE, SIG_IGN);
	imp_engine_run(front->engine, text, result, errors, front->output.colour && !shell, &answer);
	front->unwritten |= answer.unwritten && !shell;
	front->unwritten |= !imp_output_finish(&front->output, &failed);
	if (shell)
		signal(SIGPIPE, SIG_DFL);
	front->quit |= answer.quit;
	front->stuck = answer.stuck;
	front->died = answer.died;
	front->interrupted |= answer.interrupted;
	memcpy(front->prompt, answer.prompt, sizeof(front->prompt));
	return answer.ok && !failed;
}

bool imp_front_run(struct imp_front *front, const char *line, bool echo)
{
	size_t size = strlen(line) + 1;
	char *text = malloc(size);
	bool ok = text;

	front->interrupted = false;
	while (text && !front->quit && !front->interrupted && (line = imp_command_next(line, text, size))) {
		const char *arguments;
		const char *shell;
		const struct imp_command *command;

		if (echo)
			printf("%s%s\n", front->prompt, text);
		imp_output_log_input(&front->output, front->prompt, text);
		shell = imp_command_bar(text);
		command = imp_command_find(text, &arguments);
		ok &= command && !command->run && !shell ? run_own(front, text, command, arguments) : run_by_engine(front, text, shell);
	}
	free(text);
	return ok;
}
