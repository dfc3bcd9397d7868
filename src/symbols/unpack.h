/* A text file that may be compressed by xz or gzip, unpacked in memory. What the text says is the caller's question. */
#ifndef IMP_SYMBOLS_UNPACK_H
#define IMP_SYMBOLS_UNPACK_H

#include "base/error.h"
#include "base/file.h"

struct imp_unpacked {
	struct imp_span text;
	struct imp_file file; /* where `text` is when the file is not compressed */
	uint8_t *copy;        /* where it is otherwise */
};

/* Opens the regular file `path`; which format it has is told by its first bytes. The caller closes `unpacked`. Errors: IO, NO_MEMORY, FORMAT (damaged,
 * truncated, or more than `limit` bytes when unpacked: with the numbers).
 */
struct imp_error *imp_unpack(const char *path, size_t limit, struct imp_unpacked *unpacked);
void imp_unpacked_close(struct imp_unpacked *unpacked);

#endif
