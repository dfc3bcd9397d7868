/* Files that get their name when they are whole; see newfile.h. */

#include "base/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ATTEMPTS 100

/* Where the kernel shows our open files: a file without a name is given one by way of it. */
#define OPEN_FILES "/proc/self/fd"

static int by_name(const struct imp_new_file *file, const char *temporary)
{
	return openat(file->folder, temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static int by_link(const struct imp_new_file *file, const char *name)
{
	char link[64];

	snprintf(link, sizeof(link), OPEN_FILES "/%d", file->fd);
	return linkat(AT_FDCWD, link, file->folder, name, AT_SYMLINK_FOLLOW);
}

/* Has `make` put something under a hidden name that nobody else has. Returns what it returned, -1 with errno when it failed. */
static int under_hidden_name(struct imp_new_file *file, int (*make)(const struct imp_new_file *file, const char *temporary))
{
	int made = -1;

	for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
		snprintf(file->temporary, sizeof(file->temporary), ".%.200s.%ld-%u", file->name, (long)getpid(), attempt);
		made = make(file, file->temporary);
		if (made >= 0)
			return made;
		if (errno != EEXIST)
			break;
	}
	file->temporary[0] = '\0';
	return made;
}

struct imp_error *imp_new_file_make(int folder, const char *name, const char *shown, struct imp_new_file *file)
{
	*file = (struct imp_new_file){ .fd = -1, .folder = folder, .name = name, .shown = shown };
	if (access(OPEN_FILES, X_OK) == 0)
		file->fd = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (file->fd < 0)
		file->fd = under_hidden_name(file, by_name);
	return file->fd >= 0 ? NULL : imp_error_new(IMP_ERROR_IO, "cannot write %s: %s", shown, strerror(errno));
}

/* Only a name can replace a name: the hidden one, which the file gets for this moment if it has none. */
static int rename_to_name(struct imp_new_file *file, bool replace)
{
	if (!file->temporary[0] && under_hidden_name(file, by_link) < 0)
		return -1;
	if (renameat2(file->folder, file->temporary, file->folder, file->name, replace ? 0 : RENAME_NOREPLACE) < 0) {
		/* Not every file system can refuse by itself. */
		if (errno != EINVAL || replace || faccessat(file->folder, file->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
		    renameat(file->folder, file->temporary, file->folder, file->name) < 0)
			return -1;
	}
	file->temporary[0] = '\0';
	return 0;
}

struct imp_error *imp_new_file_keep(struct imp_new_file *file, bool replace)
{
	int copy = dup(file->fd), kept = -1;

	/* Closing tells of writes that a file system (NFS) put off and could not do. */
	if (copy < 0 || close(copy) < 0)
		return imp_error_new(IMP_ERROR_IO, "cannot write %s: %s", file->shown, strerror(errno));
	if (!file->temporary[0])
		kept = by_link(file, file->name);
	if (kept < 0 && (file->temporary[0] || (errno == EEXIST && replace)))
		kept = rename_to_name(file, replace);
	return kept == 0 ? NULL : imp_error_new(IMP_ERROR_IO, "cannot give the new file the name %s: %s", file->shown, strerror(errno));
}

void imp_new_file_drop(struct imp_new_file *file)
{
	if (file->temporary[0])
		unlinkat(file->folder, file->temporary, 0);
	if (file->fd >= 0)
		close(file->fd);
	*file = IMP_NO_NEW_FILE;
}
