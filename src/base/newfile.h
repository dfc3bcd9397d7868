/* A file in the making, which gets its name when it is whole. Until then it has none, so that nothing is left of it however its maker ends
 * (O_TMPFILE); where the file system cannot do that it has a hidden one, which only SIGKILL leaves behind. Not responsible for what is written.
 */
#ifndef IMP_BASE_NEWFILE_H
#define IMP_BASE_NEWFILE_H

#include "base/error.h"

#include <limits.h>
#include <stdbool.h>

struct imp_new_file {
	int fd;                       /* for reading and writing; the file is open to its owner only */
	int folder;                   /* not owned */
	const char *name;             /* in the folder; not owned */
	const char *shown;            /* how messages call it; not owned */
	char temporary[NAME_MAX + 1]; /* the name until then, empty while there is none */
};

/* A file that does not exist. */
#define IMP_NO_NEW_FILE ((struct imp_new_file){ .fd = -1 })

/* Makes it. The caller ends it with imp_new_file_drop, also after an error. Errors: IMP_ERROR_IO. */
struct imp_error *imp_new_file_make(int folder, const char *name, const char *shown, struct imp_new_file *file);
/* Gives it its name. A file that has the name already is replaced, or, without `replace`, makes this an error. Errors: IMP_ERROR_IO. */
struct imp_error *imp_new_file_keep(struct imp_new_file *file, bool replace);
/* Closes it; unless it was kept, nothing is left of it. */
void imp_new_file_drop(struct imp_new_file *file);

#endif
