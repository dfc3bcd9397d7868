/* A Windows crash dump of the running machine, written by QEMU (`dump-guest-memory`, format win-dmp) into a file that we open and
 * hand over. The target appears under its name only when it is complete. Not responsible for reading dumps: of the header only what
 * tells a whole dump from a broken one is looked at.
 */
#ifndef IMP_HOST_CAPTURE_H
#define IMP_HOST_CAPTURE_H

#include "qmp.h"
#include "state.h"

/* Told now and then how far it is; `total` is 0 while QEMU does not know. */
typedef void imp_capture_progress(void *context, uint64_t written, uint64_t total);

struct imp_capture {
	int folder;                     /* where the file is made; not owned */
	const char *name;               /* its name there */
	const char *shown;              /* how messages call it */
	uint64_t memory;                /* of the machine, in bytes, to check the free space */
	imp_capture_progress *progress; /* NULL: nobody looks */
	void *context;
};

struct imp_captured {
	uint64_t size; /* bytes */
	struct imp_bugcheck bugcheck;
};

/* Takes the dump. QEMU pauses a running machine meanwhile and lets it go on by itself, whether the dump succeeds or not and whether
 * we live or not; a machine that stands still (a bugcheck) stays so. A file that has the name keeps it until the new one is
 * complete; after an error or an interruption it is unchanged and nothing else is left.
 * Errors: IMP_ERROR_IO (no space, a write failed), IMP_ERROR_MISMATCH (QEMU refuses: the kernel has published no dump header),
 * IMP_ERROR_FORMAT (the result is no whole dump), IMP_ERROR_INTERRUPTED.
 */
struct imp_error *imp_capture_run(const struct imp_capture *capture, struct imp_qmp *qmp, int cancel_fd, struct imp_captured *captured);

#endif
