/* The test's HTTP server: see http_server.h. One process for each connection. */
#include "http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct connection {
	const struct http_rule *rules;
	size_t count;
	int socket, log;
	unsigned served;
};

static bool send_all(int socket, const char *bytes, size_t size)
{
	while (size) {
		ssize_t sent = send(socket, bytes, size, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		bytes += sent;
		size -= (size_t)sent;
	}
	return true;
}

static bool send_text(int socket, const char *text)
{
	return send_all(socket, text, strlen(text));
}

/* Waits until the client has gone. */
static void wait_for_end(int socket)
{
	char byte;

	while (recv(socket, &byte, 1, 0) > 0)
		;
}

static void send_page(int socket)
{
	static const char page[] = "<html><body>Sign in to go on.</body></html>\n";
	char head[128];

	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %zu\r\n\r\n", sizeof(page) - 1);
	(void)(send_text(socket, head) && send_text(socket, page));
}

static void send_endless(int socket)
{
	static char bytes[1 << 16];

	if (!send_text(socket, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"))
		return;
	while (send_all(socket, bytes, sizeof(bytes)))
		;
}

/* The value of the request's header; "" without it. */
static void header(const char *request, const char *name, char value[256])
{
	const char *at = strcasestr(request, name);

	value[0] = '\0';
	if (at) {
		at += strlen(name) + 1; /* the colon */
		at += strspn(at, " ");
		snprintf(value, 256, "%.*s", (int)strcspn(at, "\r"), at);
	}
}

/* Sends the file or the rest of it that is asked for, or (the servers that cut off) at most a third of the file. False when the connection is to end. */
static bool send_file(struct connection *connection, const char *path, const char *request, int what)
{
	char range[256], if_range[256], tag[64], head[512];
	unsigned long long from = 0;
	struct stat status;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	bool whole = what == HTTP_FILES || what == HTTP_ONE_FILE, ok;
	char *bytes;

	if (file < 0 || fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
		if (file >= 0)
			close(file);
		return send_text(connection->socket, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	}
	snprintf(tag, sizeof(tag), "\"%llx-%d\"", (unsigned long long)status.st_size, what == HTTP_CUT_CHANGE ? (int)getpid() : 0);
	header(request, "\nRange", range);
	header(request, "\nIf-Range", if_range);
	if (sscanf(range, "bytes=%llu-", &from) != 1 || (what != HTTP_CUT_CHANGE && strcmp(if_range, tag) != 0) ||
	    from > (unsigned long long)status.st_size)
		from = 0;
	bytes = malloc((size_t)status.st_size + 1);
	ok = bytes && pread(file, bytes, (size_t)status.st_size, 0) == status.st_size;
	close(file);
	if (from)
		snprintf(head, sizeof(head),
			 "HTTP/1.1 206 Partial Content\r\nETag: %s\r\nContent-Range: bytes %llu-%lld/%lld\r\nContent-Length: %llu\r\n\r\n", tag, from,
			 (long long)status.st_size - 1, (long long)status.st_size, (unsigned long long)status.st_size - from);
	else
		snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nETag: %s\r\nContent-Length: %lld\r\n\r\n", tag, (long long)status.st_size);
	size_t size = (size_t)((unsigned long long)status.st_size - from), third = (size_t)status.st_size / 3 + 1;
	ok = ok && send_text(connection->socket, head) && send_all(connection->socket, bytes + from, whole || size < third ? size : third);
	free(bytes);
	if (ok && what == HTTP_STALL)
		wait_for_end(connection->socket);
	return ok && whole;
}

static const struct http_rule *find(const struct connection *connection, const char *path)
{
	for (size_t i = 0; i < connection->count; i++)
		if (strncmp(path, connection->rules[i].path, strlen(connection->rules[i].path)) == 0)
			return &connection->rules[i];
	return NULL;
}

/* Answers one request; false when the connection is to end. */
static bool serve(struct connection *connection, const char *request)
{
	char path[1024], file[2048], range[256], line[2048];
	const struct http_rule *rule;

	if (sscanf(request, "GET %1000s", path) != 1)
		return false;
	header(request, "\nRange", range);
	snprintf(line, sizeof(line), "GET %s %s\n", path, range);
	if (write(connection->log, line, strlen(line)) < 0)
		return false;
	rule = find(connection, path);
	if (!rule)
		return send_text(connection->socket, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	snprintf(file, sizeof(file), "%s%s", rule->folder ? rule->folder : "", rule->what == HTTP_ONE_FILE ? "" : path + strlen(rule->path));
	switch (rule->what) {
	case HTTP_PAGE:
		send_page(connection->socket);
		return true;
	case HTTP_REDIRECT:
	case HTTP_OUT:
		snprintf(line, sizeof(line), "HTTP/1.1 302 Found\r\nLocation: %s%.1500s\r\nContent-Length: 0\r\n\r\n",
			 rule->what == HTTP_OUT ? "file://" : "", file);
		return send_text(connection->socket, line);
	case HTTP_ENDLESS:
		send_endless(connection->socket);
		return false;
	case HTTP_ERROR:
		return send_text(connection->socket, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
	case HTTP_SILENT:
		wait_for_end(connection->socket);
		return false;
	default:
		return send_file(connection, file, request, rule->what);
	}
}

static _Noreturn void talk(struct connection *connection)
{
	char request[8192];
	size_t size = 0;

	for (;;) {
		ssize_t step = recv(connection->socket, request + size, sizeof(request) - 1 - size, 0);
		char *end;

		if (step <= 0)
			_exit(0);
		size += (size_t)step;
		request[size] = '\0';
		end = strstr(request, "\r\n\r\n");
		if (!end)
			continue;
		if (!serve(connection, request))
			_exit(0);
		size -= (size_t)(end + 4 - request);
		memmove(request, end + 4, size);
	}
}

static _Noreturn void listen_for_ever(int listener, struct connection connection)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		connection.socket = accept(listener, NULL, NULL);
		if (connection.socket < 0)
			continue;
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			talk(&connection);
		}
		close(connection.socket);
	}
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

void http_server_start(struct http_server *server, const struct http_rule *rules, size_t count, const char *folder)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct connection connection = { .rules = rules, .count = count };

	snprintf(server->log, sizeof(server->log), "%s/requests", folder);
	connection.log = open(server->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	/* The listener is there before the process is: nobody has to wait for it. */
	if (connection.log < 0 || listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, 16) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) != 0)
		fail("the test's HTTP server");
	server->port = ntohs(address.sin_port);
	server->pid = fork();
	if (server->pid < 0)
		fail("the test's HTTP server");
	if (server->pid == 0)
		listen_for_ever(listener, connection);
	close(listener);
	close(connection.log);
}

void http_server_stop(struct http_server *server)
{
	if (server->pid > 0) {
		kill(server->pid, SIGKILL);
		waitpid(server->pid, NULL, 0);
	}
	server->pid = 0;
}

unsigned http_server_requests(const struct http_server *server, const char *text)
{
	char line[2048];
	unsigned count = 0;
	FILE *log = fopen(server->log, "re");

	while (log && fgets(line, sizeof(line), log))
		count += strstr(line, text) != NULL;
	if (log)
		fclose(log);
	return count;
}
