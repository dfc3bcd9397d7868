/* A small HTTP/1.1 server on the loopback, in a process of its own, that can misbehave in the ways that tests need. */
#ifndef IMP_TESTS_HTTP_SERVER_H
#define IMP_TESTS_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What the server does with a path. The first row whose `path` is a prefix of the path asked for is taken; the rest of the path names the file below
 * `folder`. A path without a row: 404.
 */
struct http_rule {
	const char *path;
	const char *folder;
	enum {
		HTTP_FILES,      /* the file, 404 when it is not there; ranges with If-Range are honoured */
		HTTP_PAGE,       /* 200 and an HTML page, whatever is asked for */
		HTTP_ONE_FILE,   /* 200 and the file `folder`, whatever is asked for */
		HTTP_REDIRECT,   /* 302 to `folder` followed by the rest of the path */
		HTTP_STALL,      /* the headers and a third of the file, then nothing more for as long as the client waits */
		HTTP_CUT,        /* as HTTP_FILES, but the connection ends after a third of the file in each answer */
		HTTP_CUT_CHANGE, /* as HTTP_CUT, but it claims another version of the file each time, and ignores If-Range in ranges */
		HTTP_ENDLESS,    /* 200 and a body without end and length */
		HTTP_ERROR,      /* 500 */
		HTTP_SILENT,     /* accepts, and never answers */
		HTTP_OUT,        /* 302 to a file: URL of the file */
	} what;
};

struct http_server {
	pid_t pid;
	unsigned port;
	char log[64]; /* a file: one line for each request, "GET PATH RANGE" */
};

/* Starts it; it serves until http_server_stop. The log is made in the folder `folder`. */
void http_server_start(struct http_server *server, const struct http_rule *rules, size_t count, const char *folder);
void http_server_stop(struct http_server *server);
/* How many requests have had `text` in their line of the log. */
unsigned http_server_requests(const struct http_server *server, const char *text);

#endif
