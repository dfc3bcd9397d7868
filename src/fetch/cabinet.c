/* Unpacking a cabinet (compressed symbol files are cabinets of one file) by libmspack, in a process of its own with limits and without any rights:
 * cabinets come from strangers. What comes out is checked by whoever asked.
 */
#include "fetch/fetch.h"

#include "base/file.h"
#include "base/sandbox.h"

#include <errno.h>
#include <mspack.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_SECONDS = 60 };

/* How the child ends, for its parent. */
enum { UNPACKED, NOT_A_CABINET, NO_SUCH_FILE, TOO_LARGE, DAMAGED };

/* libmspack's files: the cabinet's bytes to read from, or the descriptor to write to. */
struct cab_file {
	struct mspack_file head; /* first: libmspack hands it back */
	struct imp_span bytes;
	off_t at;
	int file;
};

struct unpacking {
	struct mspack_system system; /* first: libmspack hands it back */
	struct imp_span bytes;
	int file;
};

static struct mspack_file *cab_open(struct mspack_system *self, const char *name, int mode)
{
	const struct unpacking *unpacking = (struct unpacking *)self;
	struct cab_file *opened = calloc(1, sizeof(*opened));

	(void)name;
	if (!opened)
		return NULL;
	opened->file = mode == MSPACK_SYS_OPEN_READ ? -1 : unpacking->file;
	opened->bytes = unpacking->bytes;
	return &opened->head;
}

static void cab_close(struct mspack_file *head)
{
	free(head);
}

static int cab_read(struct mspack_file *head, void *buffer, int size)
{
	struct cab_file *file = (struct cab_file *)head;
	size_t left = file->bytes.size - (size_t)file->at;

	if (file->file >= 0 || size < 0)
		return -1;
	if ((size_t)size > left)
		size = (int)left;
	memcpy(buffer, file->bytes.data + file->at, (size_t)size);
	file->at += size;
	return size;
}

static int cab_write(struct mspack_file *head, void *buffer, int size)
{
	struct cab_file *file = (struct cab_file *)head;
	int written = 0;

	while (written < size) {
		ssize_t step = write(file->file, (char *)buffer + written, (size_t)(size - written));

		if (step <= 0)
			return -1;
		written += (int)step;
	}
	file->at += written;
	return written;
}

static int cab_seek(struct mspack_file *head, off_t offset, int mode)
{
	struct cab_file *file = (struct cab_file *)head;
	off_t base = mode == MSPACK_SYS_SEEK_START ? 0 : mode == MSPACK_SYS_SEEK_CUR ? file->at : (off_t)file->bytes.size;

	if (file->file >= 0 || offset < -base || offset > (off_t)file->bytes.size - base)
		return -1;
	file->at = base + offset;
	return 0;
}

static off_t cab_tell(struct mspack_file *head)
{
	return ((struct cab_file *)head)->at;
}

static void cab_message(struct mspack_file *file, const char *format, ...)
{
	(void)file;
	(void)format;
}

static void *cab_alloc(struct mspack_system *self, size_t size)
{
	(void)self;
	return malloc(size);
}

static void cab_copy(void *from, void *to, size_t size)
{
	memcpy(to, from, size);
}

static const struct mspack_system calls = {
	cab_open, cab_close, cab_read, cab_write, cab_seek, cab_tell, cab_message, cab_alloc, free, cab_copy, NULL
};

static int unpack(struct mscab_decompressor *decompressor, const char *name, uint64_t size_limit)
{
	struct mscabd_cabinet *cabinet = decompressor->open(decompressor, "");
	struct mscabd_file *file;

	if (!cabinet || !cabinet->files)
		return NOT_A_CABINET;
	file = cabinet->files;
	if (file->next) {
		while (file && strcasecmp(imp_base_name(file->filename), name) != 0)
			file = file->next;
	}
	if (!file)
		return NO_SUCH_FILE;
	if (file->length > size_limit)
		return TOO_LARGE;
	return decompressor->extract(decompressor, file, "") == MSPACK_ERR_OK ? UNPACKED : DAMAGED;
}

static void limit(int resource, rlim_t most)
{
	const struct rlimit limits = { most, most };

	setrlimit(resource, &limits);
}

static _Noreturn void child(struct imp_span bytes, const char *name, uint64_t size_limit, int file)
{
	struct unpacking unpacking = { calls, bytes, file };
	struct mscab_decompressor *decompressor;

	limit(RLIMIT_CPU, MOST_SECONDS);
	limit(RLIMIT_FSIZE, size_limit);
	limit(RLIMIT_CORE, 0);
	signal(SIGXFSZ, SIG_DFL);
	imp_sandbox_compute_only(file); /* where it cannot be done, the limits have to do */
	decompressor = mspack_create_cab_decompressor(&unpacking.system);
	_exit(decompressor ? unpack(decompressor, name, size_limit) : DAMAGED);
}

static struct imp_error *explain(int status, const char *path, const char *name)
{
	static const char *const reasons[] = {
		[NOT_A_CABINET] = "it is no cabinet that can be read",
		[NO_SUCH_FILE] = "it holds other files",
		[TOO_LARGE] = "what is in it is larger than the limit (IMPASSE_SYMBOL_LIMIT)",
		[DAMAGED] = "it is damaged",
	};
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	if (code == UNPACKED)
		return NULL;
	if (code > 0 && (size_t)code < sizeof(reasons) / sizeof(reasons[0]))
		return imp_error_new(IMP_ERROR_FORMAT, "%s cannot be unpacked to %s: %s", path, name, reasons[code]);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
		return imp_error_new(IMP_ERROR_FORMAT, "%s cannot be unpacked to %s: %s", path, name, reasons[TOO_LARGE]);
	return imp_error_new(IMP_ERROR_FORMAT, "%s cannot be unpacked to %s: libmspack failed on it", path, name);
}

struct imp_error *fetch_unpack(const char *path, const char *name, uint64_t size_limit, int file)
{
	struct imp_file cabinet;
	struct imp_error *err = imp_file_open(path, &cabinet);
	int status = 0;
	pid_t pid;

	if (err)
		return err;
	pid = fork();
	if (pid == 0)
		child(cabinet.bytes, name, size_limit, file);
	if (pid < 0)
		err = imp_error_new(IMP_ERROR_IO, "no process to unpack %s in: %s", path, strerror(errno));
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	imp_file_close(&cabinet);
	return err ? err : explain(status, path, name);
}
