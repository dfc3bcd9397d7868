/* Running commands on a dump, in a process of their own (worker.h): the only one that opens it, in a sandbox. It writes to the descriptors that it is
 * given and asks the person nothing; prompt, pager, log and shell are the front's (front.c, output.c), which knows what the person typed.
 */
#ifndef IMP_CLI_ENGINE_H
#define IMP_CLI_ENGINE_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>

enum { IMP_PROMPT_SIZE = 32, IMP_COMMAND_MOST = 64 * 1024 /* bytes of a command */ };

struct imp_options {
	const char *dump, *symbol_path, *image_path, *commands;
	bool json;
	bool no_sandbox; /* see base/sandbox.h */
};

struct imp_answer {
	bool ok;
	bool quit;
	bool stuck; /* !hang found threads that are */
	bool interrupted;
	bool unwritten;               /* not all of the output could be written */
	int died;                     /* 0, or the exit code that tells how the worker crashed (128 and the signal); the session is over then */
	char prompt[IMP_PROMPT_SIZE]; /* of the next command: "0: kd> " */
};

struct imp_engine;

/* Starts the worker, which opens the dump that `options` names. `*engine` is ended with imp_engine_end; `first` gets the prompt, or how the worker died. Errors: those of
 * imp_kernel_open; IO.
 */
struct imp_error *imp_engine_start(const struct imp_options *options, struct imp_engine **engine, struct imp_answer *first);
/* Runs one command (no ';', no shell; IMP_COMMAND_MOST bytes at most) and writes its result to `output`, in JSON its error too, else that goes to `errors`. Ctrl-C stops it. */
void imp_engine_run(struct imp_engine *engine, const char *command, int output, int errors, bool colour, struct imp_answer *answer);
/* Calls `visit` with each word that may stand in place of the last one of `text` (a line up to the cursor) until it returns false; returns where in
 * `text` that word begins.
 */
size_t imp_engine_complete(struct imp_engine *engine, const char *text, bool (*visit)(void *context, const char *word), void *context);
void imp_engine_end(struct imp_engine *engine);

#endif
