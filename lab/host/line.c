/* Bounded lines over a socket; see line.h. */

#include "line.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void imp_line_reader_init(struct imp_line_reader *reader, int fd, const char *peer, size_t limit)
{
	*reader = (struct imp_line_reader){ .fd = fd, .peer = peer, .limit = limit };
}

void imp_line_reader_free(struct imp_line_reader *reader)
{
	free(reader->buffer);
	reader->buffer = NULL;
	reader->size = reader->start = reader->end = reader->searched = 0;
}

/* Hands out the next complete line of the buffer, NULL when there is none. */
static struct imp_error *take_line(struct imp_line_reader *reader, char **line)
{
	char *first = reader->buffer + reader->start;
	size_t have = reader->end - reader->start;
	char *newline;
	size_t length;

	*line = NULL;
	newline = have > reader->searched ? memchr(first + reader->searched, '\n', have - reader->searched) : NULL;
	length = newline ? (size_t)(newline - first) : have;
	if (length > reader->limit)
		return imp_error_new(IMP_ERROR_FORMAT, "%s sent a line of more than %zu bytes", reader->peer, reader->limit);
	if (!newline) {
		reader->searched = have;
		return NULL;
	}
	reader->start += length + 1;
	reader->searched = 0;
	if (length && first[length - 1] == '\r')
		length--;
	first[length] = '\0';
	if (strlen(first) != length)
		return imp_error_new(IMP_ERROR_FORMAT, "%s sent a line with a NUL byte", reader->peer);
	*line = first;
	return NULL;
}

/* Makes room for at least one more byte; the lines handed out before are gone afterwards. */
static struct imp_error *make_room(struct imp_line_reader *reader)
{
	size_t have = reader->end - reader->start;
	size_t size;
	char *buffer;

	if (reader->buffer && reader->start) {
		memmove(reader->buffer, reader->buffer + reader->start, have);
		reader->start = 0;
		reader->end = have;
	}
	if (have < reader->size)
		return NULL;
	size = reader->size ? reader->size * 2 : 8192;
	buffer = realloc(reader->buffer, size);
	if (!buffer)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "no memory for a line of %zu bytes", size);
	reader->buffer = buffer;
	reader->size = size;
	return NULL;
}

struct imp_error *imp_line_read(struct imp_line_reader *reader, const struct imp_wait *wait, char **line)
{
	*line = NULL;
	for (;;) {
		struct imp_error *err = reader->buffer ? take_line(reader, line) : NULL;
		bool ready;
		ssize_t got;

		if (err || *line)
			return err;
		err = make_room(reader);
		if (!err)
			err = imp_wait_fd(wait, reader->fd, POLLIN, &ready);
		if (err || !ready)
			return err;
		got = recv(reader->fd, reader->buffer + reader->end, reader->size - reader->end, MSG_DONTWAIT);
		if (got == 0)
			return imp_error_new(IMP_ERROR_IO, "%s closed the connection", reader->peer);
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return imp_error_new(IMP_ERROR_IO, "cannot read from %s: %s", reader->peer, strerror(errno));
		if (got > 0)
			reader->end += (size_t)got;
	}
}

struct imp_error *imp_line_send(int fd, const char *peer, const struct imp_wait *wait, const char *bytes, size_t size, int pass_fd)
{
	while (size) {
		struct iovec part = { .iov_base = (char *)bytes, .iov_len = size };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
		union {
			struct cmsghdr header;
			char space[CMSG_SPACE(sizeof(int))];
		} control = { 0 };
		struct imp_error *err;
		bool ready;
		ssize_t sent;

		if (pass_fd >= 0) {
			message.msg_control = control.space;
			message.msg_controllen = sizeof(control.space);
			control.header.cmsg_level = SOL_SOCKET;
			control.header.cmsg_type = SCM_RIGHTS;
			control.header.cmsg_len = CMSG_LEN(sizeof(int));
			memcpy(CMSG_DATA(&control.header), &pass_fd, sizeof(int));
		}
		sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent > 0) {
			bytes += sent;
			size -= (size_t)sent;
			pass_fd = -1;
			continue;
		}
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return imp_error_new(IMP_ERROR_IO, "cannot write to %s: %s", peer, strerror(errno));
		err = imp_wait_fd(wait, fd, POLLOUT, &ready);
		if (err)
			return err;
		if (!ready)
			return imp_error_new(IMP_ERROR_IO, "%s does not take a request in time", peer);
	}
	return NULL;
}
