/* Lines over a socket: whole lines in, bounded and with a deadline; whole lines out. Not responsible for what the lines mean.
 */
#ifndef IMP_HOST_LINE_H
#define IMP_HOST_LINE_H

#include <stddef.h>

#include "wait.h"

struct imp_line_reader {
	int fd;           /* not owned */
	const char *peer; /* who is at the other end, for messages; not owned */
	size_t limit;     /* longest line in bytes, without its end */
	char *buffer;
	size_t size;     /* allocated */
	size_t start;    /* first byte not yet handed out */
	size_t end;      /* one past the last byte received */
	size_t searched; /* bytes from `start` that are known to hold no line end */
};

/* Sets up a reader; nothing is allocated before the first line. */
void imp_line_reader_init(struct imp_line_reader *reader, int fd, const char *peer, size_t limit);
void imp_line_reader_free(struct imp_line_reader *reader);

/* Waits for the next line. `line` is NUL-terminated, without `\n` or `\r\n`, and valid until the next call; it is NULL when the
 * deadline passed first. Errors: IMP_ERROR_IO at the end of the stream, IMP_ERROR_FORMAT for a line that is too long or holds a
 * NUL byte, IMP_ERROR_INTERRUPTED.
 */
struct imp_error *imp_line_read(struct imp_line_reader *reader, const struct imp_wait *wait, char **line);

/* Sends `size` bytes, and with the first of them the descriptor `pass_fd` unless it is -1 (SCM_RIGHTS).
 * Errors: IMP_ERROR_IO (also when the peer does not take them in time), IMP_ERROR_INTERRUPTED.
 */
struct imp_error *imp_line_send(int fd, const char *peer, const struct imp_wait *wait, const char *bytes, size_t size, int pass_fd);

#endif
