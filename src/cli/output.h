/* Where results go: the terminal, through a pager when they are longer than it; a log file; a shell command. Knows nothing of dumps. */
#ifndef IMP_CLI_OUTPUT_H
#define IMP_CLI_OUTPUT_H

#include "base/error.h"
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

enum imp_when { IMP_WHEN_AUTO, IMP_WHEN_ALWAYS, IMP_WHEN_NEVER };

struct imp_output {
	bool terminal; /* standard output is one that can do more than print */
	bool colour;
	bool pager; /* wanted; it is used on a terminal only */
	FILE *log;
	char log_path[PATH_MAX];
	/* of the command that runs now */
	int text, errors; /* what has been caught of it, -1: goes where it belongs at once */
	int input;        /* of the shell command, -1: none */
	pid_t shell;
};

/* Decides about colour: `when`, or for AUTO a terminal, neither NO_COLOR nor TERM=dumb. The pager is on. */
void imp_output_start(struct imp_output *output, enum imp_when colour);
/* Says goodbye to the log. */
void imp_output_end(struct imp_output *output);

/* Opens the log; `append` keeps what is in the file. Closes another one. Errors: IO. */
struct imp_error *imp_output_log(struct imp_output *output, const char *path, bool append);
void imp_output_log_close(struct imp_output *output);
/* Writes to the log, if there is one, what the person typed. */
void imp_output_log_input(struct imp_output *output, const char *prompt, const char *command);

/* Before a command: where its result and its errors are to be written. `shell`: the shell command that reads the result; NULL: none. */
struct imp_error *imp_output_begin(struct imp_output *output, const char *shell, int *text, int *errors);
/* After it: waits for the shell command and shows what was caught. Returns whether all could be shown; `*failed` is set when the shell command did. */
bool imp_output_finish(struct imp_output *output, bool *failed);

#endif
