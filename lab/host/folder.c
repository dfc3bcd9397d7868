/* The lab's folder, its sockets, locks and JSON files; see folder.h. */

#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define JSON_SIZE_LIMIT ((off_t)1 << 20)

/* The absolute form of `name`; the folder itself need not exist. */
static char *absolute_path(const char *name)
{
	char *path = realpath(name, NULL);
	char *current;

	if (path)
		return path;
	if (name[0] == '/')
		return strdup(name);
	current = get_current_dir_name();
	if (!current || asprintf(&path, "%s/%s", current, strncmp(name, "./", 2) ? name : name + 2) < 0)
		path = NULL;
	free(current);
	return path;
}

struct imp_error *imp_folder_open(bool create, struct imp_folder *folder)
{
	const char *name = getenv("IMPASSE_LAB");

	*folder = (struct imp_folder){ .fd = -1 };
	if (!name || !*name)
		name = "./.impasse";
	if (create && mkdir(name, 0700) < 0 && errno != EEXIST)
		return imp_error_new(IMP_ERROR_IO, "cannot make the lab's folder %s: %s", name, strerror(errno));
	folder->path = absolute_path(name);
	if (!folder->path)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "no memory for the path of the lab's folder");
	folder->fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0 && (create || errno != ENOENT))
		return imp_error_new(IMP_ERROR_IO, "cannot open the lab's folder %s: %s", name, strerror(errno));
	return NULL;
}

void imp_folder_close(struct imp_folder *folder)
{
	if (folder->fd >= 0)
		close(folder->fd);
	folder->fd = -1;
	free(folder->path);
	folder->path = NULL;
}

struct imp_error *imp_folder_lock(const struct imp_folder *folder, const char *name, const struct imp_wait *wait, int *fd)
{
	*fd = openat(folder->fd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0)
		return imp_error_new(IMP_ERROR_IO, "cannot open %s/%s: %s", folder->path, name, strerror(errno));
	/* flock has no deadline of its own. */
	while (flock(*fd, LOCK_EX | LOCK_NB) < 0) {
		struct imp_error *err = NULL;

		if (errno != EWOULDBLOCK && errno != EINTR)
			err = imp_error_new(IMP_ERROR_IO, "cannot lock %s/%s: %s", folder->path, name, strerror(errno));
		else if (imp_now_ms() >= wait->deadline)
			err = imp_error_new(IMP_ERROR_IO, "another impasse command is busy with the lab in %s (%s)", folder->path, name);
		else
			err = imp_wait_pause(wait, 5);
		if (err) {
			close(*fd);
			*fd = -1;
			return err;
		}
	}
	return NULL;
}

struct imp_error *imp_folder_connect(const struct imp_folder *folder, const char *name, int *fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int problem;

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", folder->fd, name);
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return imp_error_new(IMP_ERROR_IO, "cannot make a socket: %s", strerror(errno));
	if (connect(*fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return NULL;
	problem = errno;
	close(*fd);
	*fd = -1;
	return imp_error_new(problem == ENOENT || problem == ECONNREFUSED ? IMP_ERROR_NOT_FOUND : IMP_ERROR_IO, "cannot connect to %s/%s: %s",
			     folder->path, name, strerror(problem));
}

struct imp_error *imp_folder_read_json(const struct imp_folder *folder, const char *name, json_t **object)
{
	IMP_CLEANUP_FD int fd = -1;
	json_error_t problem;
	struct stat info;
	size_t size;
	ssize_t got;
	char *text;

	*object = NULL;
	if (folder->fd < 0)
		return NULL;
	fd = openat(folder->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0 || fstat(fd, &info) < 0)
		return imp_error_new(IMP_ERROR_IO, "cannot open %s/%s: %s", folder->path, name, strerror(errno));
	if (!S_ISREG(info.st_mode) || info.st_size > JSON_SIZE_LIMIT)
		return imp_error_new(IMP_ERROR_FORMAT, "%s/%s is not a file of ours: not regular, or over 1 MiB", folder->path, name);
	/* At once: json_loadfd reads byte by byte. A file that grows meanwhile is cut, and then no JSON. */
	size = (size_t)info.st_size;
	text = malloc(size + 1);
	if (!text)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "no memory for %s/%s", folder->path, name);
	got = read(fd, text, size);
	*object = json_loadb(text, got < 0 ? 0 : (size_t)got, 0, &problem);
	free(text);
	if (json_is_object(*object))
		return NULL;
	json_decref(*object);
	*object = NULL;
	return imp_error_new(IMP_ERROR_FORMAT, "%s/%s is damaged (%s); remove it if no lab runs there", folder->path, name, problem.text);
}

struct imp_error *imp_folder_write_json(const struct imp_folder *folder, const char *name, const json_t *object)
{
	char temporary[64];
	int fd;
	int problem = 0;

	snprintf(temporary, sizeof(temporary), ".%s.%ld", name, (long)getpid());
	fd = openat(folder->fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return imp_error_new(IMP_ERROR_IO, "cannot write %s/%s: %s", folder->path, temporary, strerror(errno));
	errno = EIO;
	if (json_dumpfd(object, fd, JSON_INDENT(2)) < 0 || write(fd, "\n", 1) != 1)
		problem = errno;
	if (close(fd) < 0 && !problem)
		problem = errno;
	if (!problem && renameat(folder->fd, temporary, folder->fd, name) < 0)
		problem = errno;
	if (!problem)
		return NULL;
	unlinkat(folder->fd, temporary, 0);
	return imp_error_new(IMP_ERROR_IO, "cannot write %s/%s: %s", folder->path, name, strerror(problem));
}
