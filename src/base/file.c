/* A whole file, mapped read-only: see file.h. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct imp_error *imp_file_open(const char *path, struct imp_file *file)
{
	struct imp_error *err = NULL;
	struct stat status;
	/* A named pipe without a writer must not keep us waiting; to regular files O_NONBLOCK means nothing. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	file->bytes = (struct imp_span){ 0 };
	if (fd < 0)
		return imp_error_new(IMP_ERROR_IO, "cannot open %s: %s", path, strerror(errno));
	if (fstat(fd, &status) < 0) {
		err = imp_error_new(IMP_ERROR_IO, "cannot read the size of %s: %s", path, strerror(errno));
	} else if (!S_ISREG(status.st_mode)) {
		err = imp_error_new(IMP_ERROR_IO, "%s is not a regular file", path);
	} else if (status.st_size > 0) {
		void *data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

		if (data == MAP_FAILED)
			err = imp_error_new(IMP_ERROR_IO, "cannot map %s: %s", path, strerror(errno));
		else
			file->bytes = (struct imp_span){ data, (size_t)status.st_size };
	}
	close(fd);
	return err;
}

void imp_file_close(struct imp_file *file)
{
	if (file->bytes.data)
		munmap((void *)(uintptr_t)file->bytes.data, file->bytes.size);
	file->bytes = (struct imp_span){ 0 };
}
