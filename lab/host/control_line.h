/* The control channel's lines as docs/lab.md gives them: requests out, rows and results in, %XX for the bytes that would break a
 * line. Pure text work: no socket, no clock.
 */
#ifndef IMP_HOST_CONTROL_LINE_H
#define IMP_HOST_CONTROL_LINE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Longest line with its `\n`, in bytes. */
#define IMP_CONTROL_LINE_MAX 4096

struct imp_control_pair {
	const char *key;
	const char *value;
};

/* Writes `SEQ VERB [TAB key=value]... \n`, NUL-terminated, to `line`, which has room for IMP_CONTROL_LINE_MAX + 1 bytes; `length` is
 * without the NUL. Errors: IMP_ERROR_USAGE when the request is too long.
 */
struct imp_error *imp_control_encode(uint32_t sequence, const char *verb, const struct imp_control_pair *pairs, size_t count, char *line,
				     size_t *length);

/* MORE: the kernel goes on when it is told that what it sent has been read. */
enum imp_control_kind { IMP_CONTROL_ROW, IMP_CONTROL_RESULT, IMP_CONTROL_MORE };

struct imp_control_line {
	uint32_t sequence;
	enum imp_control_kind kind;
	uint32_t status; /* NTSTATUS; results only */
	json_t *fields;  /* new object of strings, owned by the caller */
};

/* Parses a line from the guest (without its end). Errors: IMP_ERROR_FORMAT, which quotes what was wrong. */
struct imp_error *imp_control_decode(const char *text, struct imp_control_line *line);

#endif
