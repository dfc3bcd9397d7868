/* The front's side of the worker: starts it, asks it, hands Ctrl-C on to it, and notices when it is gone. */
#include "cli/engine.h"

#include "base/printable.h"
#include "cli/exchange.h"
#include "cli/worker.h"
#include "report/report.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIGNALLED = 128 }; /* exit codes of what a signal ended, as the shell has them */

struct imp_engine {
	int socket;
	struct imp_message message;
};

static volatile pid_t worker;

/* On a terminal the worker gets the signal as well; a program that interrupts us only knows us. */
static void hand_on(int signal)
{
	if (worker > 0)
		kill(worker, signal);
}

/* Waits for the worker's message. Ctrl-C meanwhile is for the worker. False when it is gone. */
static bool await(struct imp_engine *engine)
{
	struct sigaction action = { .sa_handler = hand_on }, before;
	bool answered;

	sigaction(SIGINT, &action, &before);
	answered = imp_message_receive(engine->socket, &engine->message, NULL);
	sigaction(SIGINT, &before, NULL);
	return answered;
}

static bool ask(struct imp_engine *engine, enum imp_message_kind kind, const char *text, bool colour, const int *files)
{
	memset(&engine->message, 0, offsetof(struct imp_message, text));
	engine->message.kind = kind;
	engine->message.colour = colour;
	imp_message_set_text(&engine->message, text);
	return imp_message_send(engine->socket, &engine->message, files) && await(engine);
}

static _Noreturn void become_worker(const struct imp_options *options, int socket, pid_t front)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != front)
		_exit(1); /* it had ended before */
	exit(imp_worker(options, socket));
}

/* Waits for the worker's end. Returns 0 when it ended by itself, else the exit code that tells. */
static int end_worker(void)
{
	int status = 0;

	while (worker > 0 && waitpid(worker, &status, 0) < 0 && errno == EINTR)
		;
	worker = 0;
	return WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);
}

static struct imp_error *worker_gone(const char *what, int *code)
{
	*code = end_worker();
	if (*code > SIGNALLED)
		return imp_error_new(IMP_ERROR_IO, "the process that reads the dump crashed at '%s' (signal %d, %s): a bug of this program", what,
				     *code - SIGNALLED, strsignal(*code - SIGNALLED));
	return imp_error_new(IMP_ERROR_IO, "the process that reads the dump ended at '%s'", what);
}

struct imp_error *imp_engine_start(const struct imp_options *options, struct imp_engine **result, struct imp_answer *first)
{
	struct imp_engine *engine = calloc(1, sizeof(*engine));
	pid_t front = getpid();
	struct imp_error *err;
	int sockets[2];

	*result = NULL;
	if (!engine)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory to open %s", options->dump);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0) {
		free(engine);
		return imp_error_new(IMP_ERROR_IO, "no way to talk to the process that reads the dump: %s", strerror(errno));
	}
	fflush(NULL); /* what is buffered would be written twice */
	worker = fork();
	if (worker == 0) {
		close(sockets[0]);
		become_worker(options, sockets[1], front);
	}
	close(sockets[1]);
	engine->socket = sockets[0];
	if (worker < 0)
		err = imp_error_new(IMP_ERROR_IO, "no process to read the dump in: %s", strerror(errno));
	else if (!await(engine))
		err = worker_gone("opening the dump", &first->died);
	else
		err = engine->message.code ? imp_error_new(engine->message.code, "%s", engine->message.text) : NULL;
	if (err) {
		imp_engine_end(engine);
		return err;
	}
	imp_copy_printable(engine->message.prompt, first->prompt, sizeof(first->prompt));
	*result = engine;
	return NULL;
}

/* Whether `output` is a pipe whose reader has gone. */
static bool reader_gone(int output)
{
	struct pollfd pipe = { .fd = output, .events = POLLOUT };

	return poll(&pipe, 1, 0) == 1 && pipe.revents & POLLERR;
}

void imp_engine_run(struct imp_engine *engine, const char *command, int output, int errors, bool colour, struct imp_answer *answer)
{
	const int files[IMP_MESSAGE_FILES] = { output, errors };
	const struct imp_message *message = &engine->message;

	*answer = (struct imp_answer){ .quit = true };
	if (!ask(engine, IMP_MESSAGE_RUN, command, colour, files)) {
		IMP_CLEANUP_ERROR struct imp_error *err = worker_gone(command, &answer->died);

		dprintf(errors, "impasse: %s\n", imp_error_message(err));
		return;
	}
	answer->ok = message->ok;
	answer->quit = message->quit;
	answer->stuck = message->stuck;
	answer->interrupted = message->interrupted;
	answer->unwritten = message->unwritten;
	imp_copy_printable(message->prompt, answer->prompt, sizeof(answer->prompt));
	/* As if this process had written: silently gone, unless it has asked not to be. */
	if (answer->unwritten && reader_gone(output))
		raise(SIGPIPE);
}

size_t imp_engine_complete(struct imp_engine *engine, const char *text, bool (*visit)(void *context, const char *word), void *context)
{
	const struct imp_message *message = &engine->message;
	size_t length = strlen(text);
	char word[256];

	if (length > IMP_MESSAGE_TEXT || !ask(engine, IMP_MESSAGE_COMPLETE, text, false, NULL))
		return length;
	for (const char *at = message->text; at < message->text + message->size; at += strlen(at) + 1) {
		imp_copy_printable(at, word, sizeof(word));
		if (!visit(context, word))
			break;
	}
	return message->from < length ? message->from : length;
}

void imp_engine_end(struct imp_engine *engine)
{
	if (!engine)
		return;
	close(engine->socket);
	end_worker();
	free(engine);
}
