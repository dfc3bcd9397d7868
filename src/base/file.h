/* A whole file, mapped read-only. Not responsible for what is in it. */
#ifndef IMP_BASE_FILE_H
#define IMP_BASE_FILE_H

#include "base/error.h"
#include "base/span.h"

struct imp_file {
	struct imp_span bytes; /* an empty file has data NULL and size 0 */
};

/* Maps the regular file `path`. The caller closes `file`. Errors: IMP_ERROR_IO with the path. A file that shrinks while it is mapped
 * ends the process with SIGBUS, as for every debugger that maps its dump.
 */
struct imp_error *imp_file_open(const char *path, struct imp_file *file);
/* Unmaps it; an empty or closed file is allowed. */
void imp_file_close(struct imp_file *file);

#endif
