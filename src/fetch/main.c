/* impasse-fetch: keeps the symbol stores for a debugger, which has started it and talks to it over a socket: asks servers, unpacks cabinets, puts into
 * stores what is right. Not for people to start.
 */
#include "fetch/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	SIZE_LIMIT_MIB = 2048, /* what IMPASSE_SYMBOL_LIMIT changes */
	STALL_LIMIT = 30,      /* seconds; what IMPASSE_SYMBOL_TIMEOUT changes */
	MOST_STALL_LIMIT = 24 * 60 * 60,
	PROGRESS_EACH_MS = 100,
};

static void answer(const struct fetch_settings *settings, const struct imp_keeper_answer *answer)
{
	static uint8_t packet[IMP_KEEPER_PACKET];
	size_t size = imp_keeper_pack_answer(answer, packet);

	/* A debugger that is gone needs no answer: the next reading from the socket tells. */
	if (size)
		(void)!send(settings->socket, packet, size, MSG_NOSIGNAL);
}

void fetch_trace(const struct fetch_settings *settings, const char *format, ...)
{
	struct imp_keeper_answer line = { .kind = IMP_KEEPER_TRACE };
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) >= 0) {
		line.text = text;
		answer(settings, &line);
		free(text);
	}
	va_end(arguments);
}

void fetch_progress(const struct fetch_settings *settings, uint64_t done, uint64_t total)
{
	static struct timespec last;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if ((now.tv_sec - last.tv_sec) * 1000 + (now.tv_nsec - last.tv_nsec) / 1000000 < PROGRESS_EACH_MS)
		return;
	last = now;
	answer(settings, &(struct imp_keeper_answer){ .kind = IMP_KEEPER_PROGRESS, .done = done, .total = total });
}

bool fetch_stop_asked(const struct fetch_settings *settings)
{
	char byte;
	ssize_t size = recv(settings->socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK);

	if (size < 0)
		return errno != EAGAIN && errno != EINTR;
	if (size == 1)
		(void)!recv(settings->socket, &byte, 1, 0);
	return true;
}

static struct imp_error *keep_in(const struct fetch_settings *settings, const struct imp_keeper_request *request, const struct fetch_store *store,
				 char **place)
{
	if (request->from_server)
		return fetch_from_server(store, settings, request, place);
	return fetch_store_copy(store, settings, &request->identity, request->source, place);
}

/* Copies the file, which is right, into the other stores. What cannot be is only told. */
static void copy_to_others(const struct fetch_settings *settings, const struct imp_keeper_request *request, size_t from, const char *place)
{
	for (size_t i = from; i < request->store_count; i++) {
		char *copy = fetch_store_find(request->stores[i], &request->identity);

		if (!copy) {
			struct fetch_store store;
			IMP_CLEANUP_ERROR struct imp_error *err = fetch_store_open(request->stores[i], &store);

			if (!err)
				err = fetch_store_copy(&store, settings, &request->identity, place, &copy);
			if (err)
				fetch_trace(settings, "SYMSRV:  %s", imp_error_message(err));
			fetch_store_close(&store);
		}
		free(copy);
	}
}

/* Puts the file into the first store that can be written. */
static struct imp_error *keep(const struct fetch_settings *settings, const struct imp_keeper_request *request, char **place)
{
	struct imp_error *err = NULL;
	bool writable = false;

	for (size_t i = 0; i < request->store_count && !*place && !writable; i++) {
		struct fetch_store store;

		imp_error_free(err);
		err = NULL;
		/* Another process may have been faster. */
		*place = fetch_store_find(request->stores[i], &request->identity);
		if (!*place) {
			err = fetch_store_open(request->stores[i], &store);
			writable = !err;
			if (writable)
				err = keep_in(settings, request, &store, place);
			else
				fetch_trace(settings, "SYMSRV:  %s", imp_error_message(err));
			fetch_store_close(&store);
		}
		if (*place)
			copy_to_others(settings, request, i + 1, *place);
	}
	return err;
}

static void serve(const struct fetch_settings *settings, struct imp_span packet)
{
	struct imp_keeper_request request;
	struct imp_keeper_answer result = { .kind = IMP_KEEPER_DONE };
	struct imp_error *err;
	char *place = NULL;

	if (!imp_keeper_parse_request(packet, &request))
		err = imp_error_new(IMP_ERROR_USAGE, "impasse-fetch does not understand the debugger; they are of different versions");
	else
		err = keep(settings, &request, &place);
	if (err)
		result = (struct imp_keeper_answer){ .kind = IMP_KEEPER_FAILED, .code = imp_error_code(err), .text = imp_error_message(err) };
	else
		result.text = place;
	answer(settings, &result);
	imp_error_free(err);
	free(place);
}

/* A number that the environment gives, else `otherwise`. */
static uint64_t setting(const char *name, uint64_t otherwise, uint64_t most)
{
	const char *text = getenv(name);
	char *end;
	unsigned long long value = text ? strtoull(text, &end, 10) : 0;

	return text && end != text && !*end && value && value <= most ? value : otherwise;
}

/* It needs files, the network and children for unpacking, but no other programs, and no rights that it does not have. */
static void confine(uint64_t size_limit)
{
	const struct rlimit no_core = { 0, 0 }, size = { size_limit, size_limit };

	setrlimit(RLIMIT_CORE, &no_core);
	setrlimit(RLIMIT_FSIZE, &size);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int main(int argc, char **argv)
{
	static uint8_t packet[IMP_KEEPER_PACKET];
	struct fetch_settings settings = {
		.socket = argc == 2 ? atoi(argv[1]) : -1,
		.size_limit = setting("IMPASSE_SYMBOL_LIMIT", SIZE_LIMIT_MIB, UINT32_MAX) << 20,
		.stall_limit = (unsigned)setting("IMPASSE_SYMBOL_TIMEOUT", STALL_LIMIT, MOST_STALL_LIMIT),
	};
	ssize_t size;

	if (settings.socket < 3) {
		fputs("impasse-fetch is started by impasse when symbols are to be loaded; see impasse(1)\n", stderr);
		return 1;
	}
	confine(settings.size_limit);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 1;
	while ((size = recv(settings.socket, packet, sizeof(packet), 0)) > 0 || (size < 0 && errno == EINTR)) {
		/* One byte is a stop that came too late. */
		if (size > 1)
			serve(&settings, (struct imp_span){ packet, (size_t)size });
	}
	curl_global_cleanup();
	return 0;
}
