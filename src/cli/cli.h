/* The `impasse` program's own parts: options, prompt, output. */
#ifndef IMP_CLI_CLI_H
#define IMP_CLI_CLI_H

#include "cli/engine.h"
#include "cli/output.h"

/* The symbol path for a dump: its folder and the program's own, then `given` (-y) or else _NT_ALT_SYMBOL_PATH and _NT_SYMBOL_PATH. The caller frees it; NULL
 * without memory.
 */
char *imp_default_symbol_path(const char *given, const char *dump);

/* The person's side of a session: an engine that runs commands, and where its results go. */
struct imp_front {
	struct imp_engine *engine;
	struct imp_output output;
	bool json;
	bool quit;
	bool stuck;
	bool interrupted; /* the last line was */
	bool unwritten;   /* some output could not be written */
	int died;         /* as in struct imp_answer */
	char prompt[IMP_PROMPT_SIZE];
};

/* Runs the commands of one line; with `echo` each is shown after the prompt. Returns whether all succeeded. */
bool imp_front_run(struct imp_front *front, const char *line, bool echo);

/* Reads commands from standard input until q or its end: with editing, history and completion on a terminal, else silently. Returns whether all
 * succeeded.
 */
bool imp_repl(struct imp_front *front);

/* `impasse help`: exit code 0, 1 when there is no such command. */
int imp_help_main(int argc, char **argv);
/* `impasse convert`: exit code 0, 1 for an error, 130 when interrupted. */
int imp_convert_main(int argc, char **argv);
/* `impasse hang`: exit code 0 when nothing is stuck, 2 when something is, 1 for an error. */
int imp_hang_main(int argc, char **argv);

#endif
