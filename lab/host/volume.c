/* Paths on C:, resolved on the host; see volume.h. */

#include "volume.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/newfile.h"
#include "wait.h"

#define NT_PREFIX        "\\??\\C:\\"
#define NT_PREFIX_LENGTH 7
#define WINDOWS_FOLDER   "Windows"
#define DRIVERS_FOLDER   "Windows\\System32\\drivers"

/* Forms of a driver's path, and what they stand for on C:. A prefix is compared without case. */
static const struct {
	const char *prefix;
	const char *folder; /* on C:; NULL: none */
} forms[] = {
	{ "\\??\\C:\\", NULL },
	{ "\\DosDevices\\C:\\", NULL },
	{ "C:\\", NULL },
	{ "\\SystemRoot\\", WINDOWS_FOLDER },
	{ "%SystemRoot%\\", WINDOWS_FOLDER },
	{ "%windir%\\", WINDOWS_FOLDER },
};

/* Appends a component to the canonical path; `..` takes one away but never the root. */
static enum imp_winerror append(char *nt, const char *component, size_t length)
{
	size_t used = strlen(nt);

	if (length == 0 || (length == 1 && component[0] == '.'))
		return IMP_WIN_SUCCESS;
	if (length == 2 && strncmp(component, "..", 2) == 0) {
		char *last = strrchr(nt, '\\');

		if (last >= nt + NT_PREFIX_LENGTH)
			*last = '\0';
		else
			nt[NT_PREFIX_LENGTH] = '\0';
		return IMP_WIN_SUCCESS;
	}
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)component[i] < 0x20 || strchr("<>:\"/|?*", component[i]))
			return IMP_WIN_INVALID_NAME;
	}
	if (used + 1 + length >= IMP_VOLUME_PATH_MAX)
		return IMP_WIN_INVALID_NAME;
	if (used > NT_PREFIX_LENGTH)
		nt[used++] = '\\';
	memcpy(nt + used, component, length);
	nt[used + length] = '\0';
	return IMP_WIN_SUCCESS;
}

static enum imp_winerror append_all(char *nt, const char *rest)
{
	enum imp_winerror error = IMP_WIN_SUCCESS;

	while (!error && *rest) {
		size_t length = strcspn(rest, "\\");

		error = append(nt, rest, length);
		rest += length + (rest[length] == '\\');
	}
	return error;
}

void imp_volume_parse(const char *text, struct imp_volume_path *path)
{
	const char *folder = WINDOWS_FOLDER;
	const char *rest = text;
	bool known = false;

	*path = (struct imp_volume_path){ .kind = IMP_PATH_WINDOWS };
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && !known; i++) {
		size_t length = strlen(forms[i].prefix);

		known = strncasecmp(text, forms[i].prefix, length) == 0;
		if (known) {
			folder = forms[i].folder;
			rest = text + length;
		}
	}
	if (!known && (strchr(text, '/') || access(text, F_OK) == 0)) {
		path->kind = IMP_PATH_HOST;
		return;
	}
	/* Another drive, a share, a device: the lab has C: only. */
	if (!known && (text[0] == '\\' || (isalpha((unsigned char)text[0]) && text[1] == ':')))
		path->error = IMP_WIN_PATH_NOT_FOUND;
	snprintf(path->nt, sizeof(path->nt), "%s", NT_PREFIX);
	if (!path->error && folder)
		path->error = append_all(path->nt, folder);
	if (!path->error)
		path->error = append_all(path->nt, rest);
	if (!path->error && strlen(path->nt) == NT_PREFIX_LENGTH)
		path->error = IMP_WIN_INVALID_NAME;
	if (path->error)
		path->kind = IMP_PATH_INVALID;
}

/* The entry of `folder` whose name is `name` but for case; the exact one is preferred. False: there is none. */
static bool find_entry(int folder, const char *name, char found[NAME_MAX + 1])
{
	IMP_CLEANUP_FD int copy = -1;
	struct dirent *entry;
	bool any = false;
	DIR *stream;

	if (faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		snprintf(found, NAME_MAX + 1, "%s", name);
		return true;
	}
	copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	stream = copy < 0 ? NULL : fdopendir(copy);
	if (!stream)
		return false;
	copy = -1; /* closedir closes it */
	while (!any && (entry = readdir(stream))) {
		any = strcasecmp(entry->d_name, name) == 0;
		if (any)
			snprintf(found, NAME_MAX + 1, "%s", entry->d_name);
	}
	closedir(stream);
	return any;
}

/* Opens the folder of C: that holds the last component of `nt`, which `last` then points at. With `create` missing ones are made. */
static enum imp_winerror open_parent(const char *c, const char *nt, bool create, int *folder, const char **last)
{
	const char *rest = nt + NT_PREFIX_LENGTH;

	*folder = open(c, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*folder < 0)
		return IMP_WIN_PATH_NOT_FOUND;
	for (;;) {
		size_t length = strcspn(rest, "\\");
		char name[NAME_MAX + 1], found[NAME_MAX + 1];
		int next;

		if (!rest[length]) {
			*last = rest;
			return IMP_WIN_SUCCESS;
		}
		snprintf(name, sizeof(name), "%.*s", (int)(length < NAME_MAX ? length : NAME_MAX), rest);
		if (!find_entry(*folder, name, found)) {
			if (!create || mkdirat(*folder, name, 0700) < 0)
				return IMP_WIN_PATH_NOT_FOUND;
			snprintf(found, sizeof(found), "%s", name);
		}
		/* O_NOFOLLOW together with O_DIRECTORY refuses a symbolic link, which could lead out of C:. */
		next = openat(*folder, found, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return IMP_WIN_PATH_NOT_FOUND;
		close(*folder);
		*folder = next;
		rest += length + 1;
	}
}

enum imp_winerror imp_volume_open(const char *c, const char *nt, int *fd)
{
	IMP_CLEANUP_FD int folder = -1;
	char found[NAME_MAX + 1];
	struct stat info;
	const char *last;
	enum imp_winerror error = open_parent(c, nt, false, &folder, &last);

	*fd = -1;
	if (error)
		return error;
	if (!find_entry(folder, last, found))
		return IMP_WIN_FILE_NOT_FOUND;
	*fd = openat(folder, found, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (*fd >= 0 && fstat(*fd, &info) == 0 && S_ISREG(info.st_mode))
		return IMP_WIN_SUCCESS;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return IMP_WIN_ACCESS_DENIED;
}

/* Copies the whole of `from` to `to`. */
static enum imp_winerror copy_bytes(int from, int to)
{
	char bytes[65536];
	ssize_t got;

	while ((got = read(from, bytes, sizeof(bytes))) > 0) {
		for (ssize_t done = 0; done < got;) {
			ssize_t put = write(to, bytes + done, (size_t)(got - done));

			if (put < 0)
				return errno == ENOSPC || errno == EFBIG ? IMP_WIN_DISK_FULL : IMP_WIN_GEN_FAILURE;
			done += put;
		}
	}
	return got < 0 ? IMP_WIN_GEN_FAILURE : IMP_WIN_SUCCESS;
}

/* Whether a driver may take the place of this file: it is empty, or begins as an image does. Any other is somebody's. */
static bool is_replaceable(int folder, const char *name)
{
	IMP_CLEANUP_FD int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char start[2];
	ssize_t got = fd < 0 ? -1 : read(fd, start, sizeof(start));

	return got == 0 || (got == sizeof(start) && memcmp(start, "MZ", sizeof(start)) == 0);
}

/* Windows' codes say less than our errors do. */
static bool is_done(struct imp_error *err)
{
	bool done = !err;

	imp_error_free(err);
	return done;
}

enum imp_winerror imp_volume_copy_driver(const char *c, const char *from, char nt[IMP_VOLUME_PATH_MAX], bool *replaced)
{
	IMP_CLEANUP_FD int source = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	IMP_CLEANUP_FD int folder = -1;
	const char *slash = strrchr(from, '/');
	const char *name = slash ? slash + 1 : from;
	char found[NAME_MAX + 1];
	struct imp_new_file file;
	enum imp_winerror error;
	struct stat info;
	const char *last;

	if (source < 0)
		return errno == EACCES ? IMP_WIN_ACCESS_DENIED : IMP_WIN_FILE_NOT_FOUND;
	if (fstat(source, &info) < 0 || !S_ISREG(info.st_mode))
		return IMP_WIN_ACCESS_DENIED;
	snprintf(nt, IMP_VOLUME_PATH_MAX, "%s", NT_PREFIX DRIVERS_FOLDER);
	error = append(nt, name, strlen(name));
	if (!error)
		error = open_parent(c, nt, true, &folder, &last);
	if (error)
		return error;
	*replaced = find_entry(folder, last, found);
	if (!*replaced)
		snprintf(found, sizeof(found), "%.*s", NAME_MAX, last);
	else if (!is_replaceable(folder, found))
		return IMP_WIN_FILE_EXISTS;
	if (!is_done(imp_new_file_make(folder, found, from, &file)))
		error = IMP_WIN_ACCESS_DENIED;
	if (!error)
		error = copy_bytes(source, file.fd);
	if (!error && !is_done(imp_new_file_keep(&file, true)))
		error = IMP_WIN_ACCESS_DENIED;
	imp_new_file_drop(&file);
	return error;
}
