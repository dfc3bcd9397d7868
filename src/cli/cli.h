/* The `impasse` program's own parts. */
#ifndef IMP_CLI_CLI_H
#define IMP_CLI_CLI_H

#include "command/command.h"

struct imp_options {
	const char *dump, *symbol_path, *image_path, *commands;
	bool json;
};

/* The symbol path for a dump: `given` (-y) or else _NT_SYMBOL_PATH, then the program's own folders and the dump's. The caller frees it; NULL
 * without memory.
 */
char *imp_default_symbol_path(const char *given, const char *dump);

/* Runs the commands of one line. Text goes to standard output, errors to standard error; with `echo` each command is shown after the prompt.
 * Returns whether all succeeded.
 */
bool imp_run_line(struct imp_session *session, const char *line, bool echo, bool json);

/* Reads commands from standard input until q or its end: with editing, history and completion on a terminal, else silently. Returns whether all
 * succeeded.
 */
bool imp_repl(struct imp_session *session, bool json);

/* `impasse convert`: exit code 0, 1 for an error, 130 when interrupted. */
int imp_convert_main(int argc, char **argv);

/* "0: kd> " */
const char *imp_prompt(const struct imp_session *session, char *text, size_t size);

#endif
