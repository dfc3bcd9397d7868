/* One HTTP transfer by libcurl: bounded in time and size, stopped when the debugger says so, going on where an earlier one ended when the server says
 * that the file is still the same. Which URLs are asked, and whether what came is right, are others' questions.
 * Source: RFC 9110, sections 13.1.5 (If-Range) and 14 (ranges).
 */
#include "fetch/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MOST_REDIRECTS = 5,
	MOST_TRIES = 8,           /* of one URL: going on after the server has cut off */
	SLOWEST = 100,            /* bytes a second, for as long as the stall limit */
	MOST_IGNORED = 64 * 1024, /* bytes of an error page */
	VALIDATOR_SIZE = 256,
	NOTES_SIZE = 8192, /* of the notes on a part: URL and validator */
	STATUS_OK = 200,
	STATUS_PARTIAL = 206,
	STATUS_RANGE_NOT_SATISFIABLE = 416,
};

enum ending { ENDED, TOO_LARGE, CANNOT_WRITE, OTHER_FILE, IGNORED };

/* One request and its answer. */
struct exchange {
	const struct fetch_settings *settings;
	struct fetch_transfer *transfer;
	CURL *curl;
	int part, notes;
	uint64_t offset;   /* where this answer's bytes go; at first where the part ends */
	uint64_t at_start; /* the same, as it was asked for */
	char validator[VALIDATOR_SIZE], noted[VALIDATOR_SIZE];
	uint64_t range_start, ignored;
	bool has_range, begun;
	enum ending ending;
	char error[CURL_ERROR_SIZE];
};

/* The notes beside a part: two lines, the URL and what identifies the file there. */
static void read_notes(struct exchange *exchange)
{
	char text[NOTES_SIZE + 1], *validator;
	ssize_t size = pread(exchange->notes, text, NOTES_SIZE, 0);

	exchange->noted[0] = '\0';
	text[size > 0 ? size : 0] = '\0';
	validator = strchr(text, '\n');
	if (!validator)
		return;
	*validator++ = '\0';
	if (strcmp(text, exchange->transfer->url) == 0 && strlen(validator) < VALIDATOR_SIZE)
		strcpy(exchange->noted, validator);
}

static bool write_notes(const struct exchange *exchange)
{
	return ftruncate(exchange->notes, 0) == 0 && lseek(exchange->notes, 0, SEEK_SET) == 0 &&
	       dprintf(exchange->notes, "%s\n%s", exchange->transfer->url, exchange->validator) > 0;
}

/* Forgets what is there of the file. */
static bool start_over(struct exchange *exchange)
{
	exchange->offset = 0;
	return ftruncate(exchange->part, 0) == 0 && ftruncate(exchange->notes, 0) == 0;
}

/* The value of the header `name` in the line, without blanks around it; NULL when it is another header. */
static char *header_value(char *line, const char *name)
{
	size_t length = strlen(name);

	if (strncasecmp(line, name, length) != 0 || line[length] != ':')
		return NULL;
	line += length + 1;
	line += strspn(line, " \t");
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
	struct exchange *exchange = context;
	char line[1024];
	const char *value;
	unsigned long long start;

	if (size * count >= sizeof(line))
		return size * count;
	memcpy(line, bytes, size * count);
	line[size * count] = '\0';
	if (strncasecmp(line, "HTTP/", 5) == 0) { /* a new answer, behind a redirection */
		exchange->validator[0] = '\0';
		exchange->has_range = false;
	} else if ((value = header_value(line, "ETag"))) {
		/* A weak one says nothing about the bytes. */
		if (strncmp(value, "W/", 2) != 0 && strlen(value) < VALIDATOR_SIZE)
			strcpy(exchange->validator, value);
	} else if ((value = header_value(line, "Last-Modified"))) {
		if (!exchange->validator[0] && strlen(value) < VALIDATOR_SIZE)
			strcpy(exchange->validator, value);
	} else if ((value = header_value(line, "Content-Range"))) {
		exchange->has_range = sscanf(value, "bytes %llu-", &start) == 1;
		exchange->range_start = exchange->has_range ? start : 0;
	}
	return size * count;
}

/* What to do with the answer's body, once its headers are known. */
static enum ending begin_body(struct exchange *exchange)
{
	curl_easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &exchange->transfer->status);
	exchange->begun = true;
	if (exchange->transfer->status == STATUS_PARTIAL) {
		if (!exchange->has_range || exchange->range_start != exchange->offset || strcmp(exchange->validator, exchange->noted) != 0)
			return OTHER_FILE;
		exchange->transfer->resumed = true;
		return ENDED;
	}
	if (exchange->transfer->status != STATUS_OK)
		return IGNORED;
	return start_over(exchange) && write_notes(exchange) ? ENDED : CANNOT_WRITE;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
	struct exchange *exchange = context;
	size_t length = size * count;

	if (!exchange->begun)
		exchange->ending = begin_body(exchange);
	if (exchange->ending == IGNORED) {
		exchange->ignored += length;
		return exchange->ignored <= MOST_IGNORED ? length : 0;
	}
	if (exchange->ending == ENDED && length > exchange->transfer->size_limit - exchange->offset)
		exchange->ending = TOO_LARGE;
	if (exchange->ending == ENDED && pwrite(exchange->part, bytes, length, (off_t)exchange->offset) != (ssize_t)length)
		exchange->ending = CANNOT_WRITE;
	if (exchange->ending != ENDED)
		return 0;
	exchange->offset += length;
	return length;
}

static int show_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	const struct exchange *exchange = context;

	(void)up_total;
	(void)up_now;
	if (exchange->begun && exchange->ending == ENDED && total > 0)
		fetch_progress(exchange->settings, exchange->at_start + (uint64_t)now, exchange->at_start + (uint64_t)total);
	return 0;
}

static void set_options(struct exchange *exchange, struct curl_slist *headers)
{
	CURL *curl = exchange->curl;
	long stall = exchange->settings->stall_limit;

	curl_easy_setopt(curl, CURLOPT_URL, exchange->transfer->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	/* As WinHTTP does for symsrv: what was asked for over TLS comes over TLS. */
	curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, strncasecmp(exchange->transfer->url, "https:", 6) == 0 ? "https" : "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)MOST_REDIRECTS);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "Impasse/" IMPASSE_VERSION);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, stall);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOWEST);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, stall);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, exchange->error);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, show_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, exchange);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
}

/* Runs the transfer to its end, or until the debugger wants it stopped. */
static CURLcode perform(struct exchange *exchange, bool *stopped)
{
	static CURLM *multi; /* keeps connections open from one transfer to the next */
	struct curl_waitfd debugger = { .fd = exchange->settings->socket, .events = CURL_WAIT_POLLIN };
	CURLcode result = CURLE_FAILED_INIT;
	int running = 1;

	if (!multi)
		multi = curl_multi_init();
	if (!multi || curl_multi_add_handle(multi, exchange->curl) != CURLM_OK)
		return result;
	while (running && !*stopped) {
		const CURLMsg *message;
		int left;

		if (curl_multi_perform(multi, &running) != CURLM_OK)
			break;
		while ((message = curl_multi_info_read(multi, &left))) {
			if (message->msg == CURLMSG_DONE)
				result = message->data.result;
		}
		if (running) {
			curl_multi_poll(multi, &debugger, 1, 1000, NULL);
			*stopped = debugger.revents && fetch_stop_asked(exchange->settings);
		}
	}
	curl_multi_remove_handle(multi, exchange->curl);
	return result;
}

/* One request; with `resume` for the rest of the file only. */
static CURLcode ask(struct exchange *exchange, bool resume, bool *stopped)
{
	struct curl_slist *headers = NULL;
	char text[VALIDATOR_SIZE + 32];
	CURLcode result;

	exchange->transfer->status = 0;
	exchange->begun = false;
	exchange->ending = ENDED;
	exchange->ignored = 0;
	exchange->at_start = exchange->offset;
	exchange->error[0] = '\0';
	exchange->curl = curl_easy_init();
	if (!exchange->curl)
		return CURLE_OUT_OF_MEMORY;
	if (resume) {
		snprintf(text, sizeof(text), "If-Range: %s", exchange->noted);
		headers = curl_slist_append(NULL, text);
		/* Not CURLOPT_RESUME_FROM: an answer with the whole file would be an error for that. */
		snprintf(text, sizeof(text), "%llu-", (unsigned long long)exchange->offset);
		curl_easy_setopt(exchange->curl, CURLOPT_RANGE, text);
	}
	set_options(exchange, headers);
	result = perform(exchange, stopped);
	if (!exchange->begun)
		curl_easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &exchange->transfer->status);
	/* An empty file has no body to begin. */
	if (result == CURLE_OK && exchange->transfer->status == STATUS_OK && !exchange->begun && !start_over(exchange))
		exchange->ending = CANNOT_WRITE;
	if (exchange->ending == IGNORED)
		result = CURLE_OK;
	curl_easy_cleanup(exchange->curl);
	curl_slist_free_all(headers);
	return result;
}

/* What keeps the answer from being the file, or NULL. */
static struct imp_error *explain(const struct exchange *exchange, CURLcode result, bool stopped)
{
	const struct fetch_transfer *transfer = exchange->transfer;

	if (stopped)
		return imp_error_new(IMP_ERROR_INTERRUPTED, "interrupted: %s is not loaded; .reload goes on with it", transfer->url);
	if (exchange->ending == TOO_LARGE)
		return imp_error_new(IMP_ERROR_FORMAT, "%s is larger than the limit of %llu MiB (IMPASSE_SYMBOL_LIMIT)", transfer->url,
				     (unsigned long long)(transfer->size_limit >> 20));
	if (exchange->ending == CANNOT_WRITE)
		return imp_error_new(IMP_ERROR_IO, "cannot write what %s sends: %s", transfer->url, strerror(errno));
	if (result != CURLE_OK)
		return imp_error_new(IMP_ERROR_IO, "%s: %s", transfer->url, exchange->error[0] ? exchange->error : curl_easy_strerror(result));
	return NULL;
}

struct imp_error *fetch_transfer_run(const struct fetch_settings *settings, struct fetch_transfer *transfer, int part, int notes)
{
	struct exchange exchange = { .settings = settings, .transfer = transfer, .part = part, .notes = notes };
	CURLcode result = CURLE_OK;
	struct stat status;
	bool stopped = false;

	transfer->resumed = false;
	for (int tries = 0; tries < MOST_TRIES && !stopped; tries++) {
		bool resume;

		read_notes(&exchange);
		if (fstat(part, &status) != 0)
			break;
		exchange.offset = (uint64_t)status.st_size;
		resume = exchange.noted[0] && exchange.offset && exchange.offset < transfer->size_limit;
		if (!resume)
			start_over(&exchange);
		result = ask(&exchange, resume, &stopped);
		/* Another file than the one that the part is of, or no more of it than is there. */
		if (exchange.ending == OTHER_FILE || (resume && transfer->status == STATUS_RANGE_NOT_SATISFIABLE)) {
			start_over(&exchange);
			result = CURLE_PARTIAL_FILE;
			continue;
		}
		if (exchange.ending != ENDED || (result != CURLE_PARTIAL_FILE && result != CURLE_RECV_ERROR && result != CURLE_HTTP2_STREAM) ||
		    exchange.offset <= exchange.at_start)
			break;
	}
	return explain(&exchange, result, stopped);
}
