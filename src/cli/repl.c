/* The prompt: line editing, history and completion on a terminal; plain reading otherwise. */
#include "cli/cli.h"

#include <errno.h>
#include <histedit.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HISTORY_SIZE = 1000 };

static struct imp_session *prompt_session;

static char *show_prompt(EditLine *editor)
{
	static char text[32];

	(void)editor;
	return (char *)imp_prompt(prompt_session, text, sizeof(text));
}

/* The names of commands that begin with what stands left of the cursor. One: it is written out; several: they are listed. */
static unsigned char complete(EditLine *editor, int key)
{
	const LineInfo *line = el_line(editor);
	size_t length = (size_t)(line->cursor - line->buffer), prefix = 0;
	const char *found = NULL;
	size_t count = 0, found_length = 0;

	(void)key;
	if (length && line->buffer[0] == '!')
		prefix = 1;
	if (length >= 5 && !strncasecmp(line->buffer, "!mex.", 5))
		prefix = 5;
	for (size_t i = 0; i < imp_command_count; i++) {
		const char *name = imp_commands[i].names;
		size_t name_length = strcspn(name, " ");

		if (prefix && *name == '!') {
			name++;
			name_length--;
		}
		if (length - prefix > name_length || strncasecmp(name, line->buffer + prefix, length - prefix))
			continue;
		if (count++ == 1)
			printf("\n%.*s", (int)found_length, found);
		if (count > 1)
			printf("  %.*s", (int)name_length, name);
		found = name;
		found_length = name_length;
	}
	if (count == 1) {
		char rest[64];

		snprintf(rest, sizeof(rest), "%.*s ", (int)(found_length - (length - prefix)), found + (length - prefix));
		el_insertstr(editor, rest);
		return CC_REFRESH;
	}
	if (count) {
		putchar('\n');
		return CC_REDISPLAY;
	}
	return CC_ERROR;
}

/* XDG_STATE_HOME/impasse/history, with the folders made; false when there is no home. */
static bool history_path(char *path, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && *state)
		snprintf(path, size, "%s/impasse/history", state);
	else if (home && *home)
		snprintf(path, size, "%s/.local/state/impasse/history", home);
	else
		return false;
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	return true;
}

static void edit_lines(struct imp_session *session)
{
	char path[PATH_MAX];
	bool has_path = history_path(path, sizeof(path));
	HistEvent event;
	History *past = history_init();
	EditLine *editor = el_init("impasse", stdin, stdout, stderr);

	if (!editor || !past) {
		fputs("impasse: the terminal cannot be used for editing\n", stderr);
		return;
	}
	setlocale(LC_CTYPE, ""); /* what is typed is in the terminal's encoding */
	prompt_session = session;
	el_set(editor, EL_PROMPT, show_prompt);
	el_set(editor, EL_EDITOR, "emacs");
	el_set(editor, EL_HIST, history, past);
	el_set(editor, EL_ADDFN, "complete", "Complete a command's name", complete);
	el_set(editor, EL_BIND, "^I", "complete", NULL);
	history(past, &event, H_SETSIZE, HISTORY_SIZE);
	history(past, &event, H_SETUNIQUE, 1);
	if (has_path)
		history(past, &event, H_LOAD, path);
	el_source(editor, NULL);
	while (!session->quit) {
		int length;
		const char *line;

		if (session->interrupted)
			*session->interrupted = 0;
		line = el_gets(editor, &length);
		if (!line && (errno == EINTR || imp_session_interrupted(session))) {
			putchar('\n');
			el_reset(editor);
			continue;
		}
		if (!line || length <= 0)
			break;
		if (line[strspn(line, " \t\r\n;")])
			history(past, &event, H_ENTER, line);
		imp_run_line(session, line, false, false);
	}
	if (!session->quit)
		putchar('\n');
	if (has_path)
		history(past, &event, H_SAVE, path);
	history_end(past);
	el_end(editor);
}

bool imp_repl(struct imp_session *session, bool json)
{
	char *line = NULL;
	size_t size = 0;
	bool ok = true;

	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !json) {
		edit_lines(session);
		return true; /* a mistake at the prompt has been seen; it is not the program's result */
	}
	while (!session->quit && !imp_session_interrupted(session) && getline(&line, &size, stdin) > 0)
		ok &= imp_run_line(session, line, false, json);
	free(line);
	return ok;
}
