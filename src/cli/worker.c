/* The worker: see worker.h. A session, Ctrl-C, and each command's result as text or JSON on the descriptors that came with it. */
#include "cli/worker.h"

#include "base/sandbox.h"
#include "cli/cli.h"
#include "cli/exchange.h"
#include "cli/render.h"
#include "cli/ticker.h"
#include "command/complete.h"
#include "symbols/keeper.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct worker {
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

static void set_prompt(const struct worker *worker, struct imp_message *answer)
{
	snprintf(answer->prompt, sizeof(answer->prompt), "%u: kd> ", worker->session.processor);
}

/* The keeper of the symbol stores is the one that may write and use the network: it must be there before the sandbox is closed. */
static struct imp_error *close_sandbox(const struct imp_options *options)
{
	struct imp_error *err = imp_keeper_start();

	if (!err && !options->no_sandbox)
		imp_sandbox_enter(IMP_SANDBOX_ALL);
	return err;
}

static struct imp_error *open_dump(const struct imp_options *options, struct worker *worker)
{
	struct imp_error *err = close_sandbox(options);
	char *path;

	if (err)
		return err;
	path = imp_default_symbol_path(options->symbol_path, options->dump);
	imp_ticker_start("opening the dump");
	err = imp_kernel_open(options->dump, path, options->image_path, &worker->kernel);
	imp_ticker_stop();
	free(path);
	if (err)
		return err;
	imp_session_start(&worker->session, worker->kernel);
	worker->json = options->json;
	return NULL;
}

static void run(struct worker *worker, const struct imp_message *question, const int *files, struct imp_message *answer)
{
	struct imp_rendering how = {
		.command = question->text, .json = worker->json, .colour = question->colour, .output = files[0], .errors = files[1]
	};
	struct imp_report *report = imp_report_new();
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	imp_ticker_start(question->text);
	err = report ? imp_command_run(&worker->session, question->text, report)
		     : imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for '%s'", question->text);
	imp_ticker_stop();
	answer->kind = IMP_MESSAGE_RAN;
	answer->ok = !err;
	answer->quit = worker->session.quit;
	answer->stuck = worker->session.stuck;
	answer->interrupted = interrupted != 0;
	/* q has no result. */
	if (report && !(worker->json && answer->quit))
		answer->unwritten = !imp_render(&how, report, err);
	imp_report_free(report);
}

/* Candidates go into the answer until it is full. */
static bool add_word(void *context, const char *word)
{
	struct imp_message *answer = context;
	size_t size = strlen(word) + 1;

	if (size > IMP_MESSAGE_TEXT - answer->size)
		return false;
	memcpy(answer->text + answer->size, word, size);
	answer->size += (uint32_t)size;
	return true;
}

static void complete(struct worker *worker, const struct imp_message *question, struct imp_message *answer)
{
	answer->kind = IMP_MESSAGE_WORDS;
	answer->from = (uint32_t)imp_complete(&worker->session, question->text, add_word, answer);
	/* What is missing here is no part of the next command's result. */
	imp_kernel_notes(worker->kernel, NULL, NULL);
}

static void serve(struct worker *worker, int socket)
{
	static struct imp_message question, answer;
	int files[IMP_MESSAGE_FILES];

	while (imp_message_receive(socket, &question, files)) {
		interrupted = 0;
		memset(&answer, 0, offsetof(struct imp_message, text));
		if (question.kind == IMP_MESSAGE_RUN)
			run(worker, &question, files, &answer);
		else
			complete(worker, &question, &answer);
		for (size_t i = 0; i < IMP_MESSAGE_FILES; i++) {
			if (files[i] >= 0)
				close(files[i]);
		}
		set_prompt(worker, &answer);
		if (!imp_message_send(socket, &answer, NULL))
			return;
	}
}

int imp_worker(const struct imp_options *options, int socket)
{
	static struct imp_message started;
	struct sigaction action = { .sa_handler = on_interrupt };
	struct worker worker = { 0 };
	struct imp_error *err;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN); /* who does not read on any more is the front's question */
	if (null >= 0 && dup2(null, STDIN_FILENO) == STDIN_FILENO)
		close(null);
	imp_watch_flag(&interrupted);
	err = open_dump(options, &worker);
	if (err) {
		started.code = imp_error_code(err);
		imp_message_set_text(&started, imp_error_message(err));
	}
	set_prompt(&worker, &started);
	if (imp_message_send(socket, &started, NULL) && !err)
		serve(&worker, socket);
	imp_error_free(err);
	imp_watch_flag(NULL);
	imp_kernel_close(worker.kernel);
	return 0;
}
