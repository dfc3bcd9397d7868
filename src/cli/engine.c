/* Running commands in this process: a session, Ctrl-C, and the result as text or JSON. */
#include "cli/cli.h"

#include "cli/render.h"
#include "cli/ticker.h"
#include "command/complete.h"

#include <stdio.h>
#include <stdlib.h>

struct imp_engine {
	struct imp_kernel *kernel;
	struct imp_session session;
	bool json;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static void set_prompt(const struct imp_engine *engine, struct imp_answer *answer)
{
	snprintf(answer->prompt, sizeof(answer->prompt), "%u: kd> ", engine->session.processor);
}

struct imp_error *imp_engine_start(const struct imp_options *options, struct imp_engine **result, struct imp_answer *first)
{
	struct sigaction action = { .sa_handler = on_interrupt };
	struct imp_engine *engine = calloc(1, sizeof(*engine));
	char *path = imp_default_symbol_path(options->symbol_path, options->dump);
	struct imp_error *err;

	*result = NULL;
	if (!engine) {
		free(path);
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory to open %s", options->dump);
	}
	sigaction(SIGINT, &action, NULL);
	imp_watch_flag(&interrupted);
	imp_ticker_start("opening the dump");
	err = imp_kernel_open(options->dump, path, options->image_path, &engine->kernel);
	imp_ticker_stop();
	free(path);
	if (err) {
		imp_engine_end(engine);
		return err;
	}
	imp_session_start(&engine->session, engine->kernel);
	engine->json = options->json;
	set_prompt(engine, first);
	*result = engine;
	return NULL;
}

void imp_engine_run(struct imp_engine *engine, const char *command, int output, int errors, bool colour, struct imp_answer *answer)
{
	struct imp_rendering how = { .command = command, .json = engine->json, .colour = colour, .output = output, .errors = errors };
	struct imp_report *report = imp_report_new();
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	interrupted = 0;
	imp_ticker_start(command);
	err = report ? imp_command_run(&engine->session, command, report) : imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for '%s'", command);
	imp_ticker_stop();
	*answer = (struct imp_answer){ .ok = !err, .quit = engine->session.quit, .interrupted = interrupted };
	/* q has no result. */
	if (report && !(engine->json && answer->quit))
		answer->unwritten = !imp_render(&how, report, err);
	imp_report_free(report);
	set_prompt(engine, answer);
	interrupted = 0;
}

size_t imp_engine_complete(struct imp_engine *engine, const char *text, bool (*visit)(void *context, const char *word), void *context)
{
	size_t from;

	interrupted = 0;
	from = imp_complete(&engine->session, text, visit, context);
	/* What is missing here is no part of the next command's result. */
	imp_kernel_notes(engine->kernel, NULL, NULL);
	return from;
}

void imp_engine_end(struct imp_engine *engine)
{
	if (!engine)
		return;
	imp_watch_flag(NULL);
	imp_kernel_close(engine->kernel);
	free(engine);
}
