/* The debugger's side of impasse-fetch: see keeper.h. */
#include "symbols/keeper.h"

#include "base/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOOK_EACH_MS = 100 }; /* how long a reader who stops a download waits at most until that is seen */

/* The socket of a keeper that nobody talks to at the moment, or -1. A thread that finds none starts one, and leaves it here. */
static atomic_int idle_keeper = -1;
static _Atomic uint32_t asking_round;

/* impasse-fetch: where IMPASSE_FETCH says, beside this program (as built), in its libexec folder (as installed, also under another prefix), or where it
 * was built to be.
 */
static bool find_program(char program[PATH_MAX])
{
	static const char *const places[] = { "%s/impasse-fetch", "%s/../libexec/impasse/impasse-fetch" };
	const char *given = getenv("IMPASSE_FETCH");
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (given && *given) {
		snprintf(program, PATH_MAX, "%s", given);
		return true;
	}
	if (length > 0) {
		self[length] = '\0';
		dirname(self);
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
			if (snprintf(program, PATH_MAX, i ? places[1] : places[0], self) < PATH_MAX && access(program, X_OK) == 0)
				return true;
		}
	}
	snprintf(program, PATH_MAX, "%s", IMPASSE_LIBEXECDIR "/impasse-fetch");
	return access(program, X_OK) == 0;
}

static void send_failure(int socket, const char *text)
{
	static uint8_t packet[IMP_KEEPER_PACKET]; /* nobody else is in this process */
	const struct imp_keeper_answer answer = { .kind = IMP_KEEPER_FAILED, .code = IMP_ERROR_IO, .text = text };

	send(socket, packet, imp_keeper_pack_answer(&answer, packet), MSG_NOSIGNAL);
}

/* Waits for the first request, which it leaves to the program to read. */
static _Noreturn void child(int socket)
{
	char program[PATH_MAX], number[16], byte, text[PATH_MAX + 128];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* Ctrl-C is the debugger's: it says so when a download is to end. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
	close_range(STDERR_FILENO + 1, (unsigned)socket - 1, 0);
	close_range((unsigned)socket + 1, ~0U, 0);
	if (recv(socket, &byte, 1, MSG_PEEK) <= 0)
		_exit(0);
	if (find_program(program)) {
		snprintf(number, sizeof(number), "%d", socket);
		fcntl(socket, F_SETFD, 0);
		execl(program, "impasse-fetch", number, (char *)NULL);
		snprintf(text, sizeof(text), "%s, which asks symbol servers and unpacks symbols, cannot be started: %s", program, strerror(errno));
	} else {
		snprintf(text, sizeof(text), "impasse-fetch, which asks symbol servers and unpacks symbols, is not installed with this program");
	}
	while (recv(socket, &byte, 1, 0) > 0) {
		if (byte != *IMP_KEEPER_STOP)
			send_failure(socket, text);
	}
	_exit(1);
}

static struct imp_error *take_keeper(int *keeper)
{
	int sockets[2];
	pid_t pid;

	*keeper = atomic_exchange(&idle_keeper, -1);
	if (*keeper >= 0)
		return NULL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
		return imp_error_new(IMP_ERROR_IO, "no way to talk to impasse-fetch: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		child(sockets[1]);
	close(sockets[1]);
	if (pid < 0) {
		close(sockets[0]);
		return imp_error_new(IMP_ERROR_IO, "no process for impasse-fetch: %s", strerror(errno));
	}
	*keeper = sockets[0];
	return NULL;
}

/* A keeper too many ends when its socket is closed. */
static void leave_keeper(int keeper)
{
	int none = -1;

	if (!atomic_compare_exchange_strong(&idle_keeper, &none, keeper))
		close(keeper);
}

struct imp_error *imp_keeper_start(void)
{
	int keeper;
	struct imp_error *err = take_keeper(&keeper);

	if (!err)
		leave_keeper(keeper);
	return err;
}

void imp_keeper_ask_again(void)
{
	atomic_fetch_add(&asking_round, 1);
}

/* Waits until the keeper has said something; the reader may stop it meanwhile. */
static bool wait_for_answer(int keeper, bool *stopped)
{
	struct pollfd poll_for = { .fd = keeper, .events = POLLIN };

	while (poll(&poll_for, 1, LOOK_EACH_MS) <= 0) {
		if (!*stopped && imp_watch_stopped()) {
			*stopped = true;
			if (send(keeper, IMP_KEEPER_STOP, 1, MSG_NOSIGNAL) != 1)
				return false;
		}
	}
	return true;
}

/* One request and its answers. False when the keeper is gone or talks nonsense; else `*err` or `*path`. */
static bool talk(int keeper, const struct imp_keeper_request *request, size_t size, uint8_t *packet, void (*trace)(void *context, const char *line),
		 void *context, struct imp_error **err, char **path)
{
	struct imp_keeper_answer answer;
	bool stopped = false;

	if (send(keeper, packet, size, MSG_NOSIGNAL) != (ssize_t)size)
		return false;
	for (;;) {
		ssize_t length = wait_for_answer(keeper, &stopped) ? recv(keeper, packet, IMP_KEEPER_PACKET, 0) : 0;

		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0 || !imp_keeper_parse_answer((struct imp_span){ packet, (size_t)length }, &answer))
			return false;
		switch (answer.kind) {
		case IMP_KEEPER_PROGRESS:
			imp_watch_progress(request->identity.name, answer.done, answer.total);
			break;
		case IMP_KEEPER_TRACE:
			if (trace)
				trace(context, answer.text);
			break;
		case IMP_KEEPER_DONE:
			*path = strdup(answer.text);
			*err = *path ? NULL : imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the path of a symbol file");
			return true;
		case IMP_KEEPER_FAILED:
			*err = imp_error_new(answer.code, "%s", answer.text);
			return true;
		}
	}
}

struct imp_error *imp_keeper_get(const struct imp_keeper_request *request, void (*trace)(void *context, const char *line), void *context, char **path)
{
	static _Thread_local uint8_t packet[IMP_KEEPER_PACKET];
	struct imp_keeper_request stamped = *request;
	struct imp_error *err;
	size_t size;
	int keeper;

	*path = NULL;
	stamped.round = atomic_load(&asking_round);
	size = imp_keeper_pack_request(&stamped, packet);
	if (!size)
		return imp_error_new(IMP_ERROR_USAGE, "the stores of the symbol path have names that are too long");
	if (imp_watch_stopped())
		return imp_watch_stop_error();
	err = take_keeper(&keeper);
	if (err)
		return err;
	if (talk(keeper, request, size, packet, trace, context, &err, path)) {
		leave_keeper(keeper);
	} else {
		close(keeper);
		err = imp_error_new(IMP_ERROR_IO, "impasse-fetch, which asks symbol servers and unpacks symbols, has ended unexpectedly");
	}
	imp_watch_progress_end();
	return err;
}
