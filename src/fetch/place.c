/* Putting a file into a store: under a temporary name first, then, when it has turned out to be the right one, to its place by renaming, so that
 * nobody ever sees half a file or a wrong one there, and two processes may do the same at once.
 */
#include "fetch/fetch.h"

#include "symbols/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SWEEP_SECONDS = 7 * 24 * 60 * 60 };

static const char staging_name[] = ".incoming";

static struct imp_error *no_memory(void)
{
	return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the path of a symbol file");
}

/* Makes the folder and those above it. */
static struct imp_error *make_folders(const char *path)
{
	char made[PATH_MAX];

	if (snprintf(made, sizeof(made), "%s", path) >= (int)sizeof(made))
		return imp_error_new(IMP_ERROR_IO, "%s is too long for a path", path);
	for (char *slash = made + 1;; slash++) {
		slash += strcspn(slash, "/");
		char end = *slash;

		*slash = '\0';
		if (mkdir(made, 0777) != 0 && errno != EEXIST)
			return imp_error_new(IMP_ERROR_IO, "cannot make the folder %s of a symbol store: %s", made, strerror(errno));
		if (!end)
			return NULL;
		*slash = end;
	}
}

/* Removes what processes that were killed have left. A week is longer than any transfer, and as long as a part is worth keeping. */
static void sweep(const char *staging)
{
	DIR *directory = opendir(staging);
	char path[PATH_MAX];

	if (!directory)
		return;
	for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
		struct stat status;

		if (snprintf(path, sizeof(path), "%s/%s", staging, entry->d_name) < (int)sizeof(path) && lstat(path, &status) == 0 &&
		    S_ISREG(status.st_mode) && time(NULL) - status.st_mtime > SWEEP_SECONDS)
			unlink(path);
	}
	closedir(directory);
}

struct imp_error *fetch_store_open(const char *root, struct fetch_store *store)
{
	*store = (struct fetch_store){ .root = strdup(root) };
	if (asprintf(&store->staging, "%s/%s", root, staging_name) < 0)
		store->staging = NULL;
	if (!store->root || !store->staging)
		return no_memory();

	struct imp_error *err = make_folders(store->staging);
	if (!err && access(store->staging, W_OK | X_OK) != 0)
		err = imp_error_new(IMP_ERROR_IO, "cannot write into the symbol store %s: %s", root, strerror(errno));
	if (!err)
		sweep(store->staging);
	return err;
}

void fetch_store_close(struct fetch_store *store)
{
	/* It stays while something is in it: another process's files, or a part that a later transfer can go on from. */
	if (store->staging)
		rmdir(store->staging);
	free(store->root);
	free(store->staging);
	*store = (struct fetch_store){ 0 };
}

struct imp_error *fetch_store_temporary(const struct fetch_store *store, char path[PATH_MAX], int *file)
{
	/* Another process may remove the folder, empty as it is, just before the file is made: then once more. */
	for (int tries = 0; tries < 100; tries++) {
		snprintf(path, PATH_MAX, "%s/XXXXXX", store->staging);
		*file = mkostemp(path, O_CLOEXEC);
		if (*file >= 0)
			return NULL;
		if (errno != ENOENT)
			break;
		mkdir(store->staging, 0777);
	}
	return imp_error_new(IMP_ERROR_IO, "cannot make a file in the symbol store %s: %s", store->root, strerror(errno));
}

/* Gives the file, which is right, its place. */
static struct imp_error *move_in(const struct fetch_store *store, const struct imp_file_identity *wanted, const char *path, char **place)
{
	char *folder = imp_store_place(store->root, wanted);
	struct imp_error *err = folder ? make_folders(folder) : no_memory();
	mode_t mask = umask(0);

	umask(mask);
	*place = NULL;
	if (!err && asprintf(place, "%s/%s", folder, wanted->name) < 0) {
		*place = NULL;
		err = no_memory();
	}
	/* mkostemp's files are for their owner alone; those of a store are as everybody's. */
	if (!err && (chmod(path, 0666 & ~mask) != 0 || rename(path, *place) != 0))
		err = imp_error_new(IMP_ERROR_IO, "cannot put %s into the symbol store: %s", *place, strerror(errno));
	if (err) {
		free(*place);
		*place = NULL;
	}
	free(folder);
	return err;
}

/* An error that names the file as the person knows it, not by its temporary name. */
static struct imp_error *reject(struct imp_error *reason, const char *path, const char *origin)
{
	const char *message = imp_error_message(reason), *named = strstr(message, path);
	struct imp_error *err;

	if (named)
		err = imp_error_new(imp_error_code(reason), "%.*s%s%s", (int)(named - message), message, origin, named + strlen(path));
	else
		err = imp_error_new(imp_error_code(reason), "%s: %s", origin, message);
	imp_error_free(reason);
	return err;
}

static struct imp_error *unpack(const struct fetch_store *store, const struct fetch_settings *settings, const struct imp_file_identity *wanted,
				const char *packed, char path[PATH_MAX])
{
	int file;
	struct imp_error *err = fetch_store_temporary(store, path, &file);

	if (err)
		return err;
	err = fetch_unpack(packed, wanted->name, settings->size_limit, file);
	if (close(file) != 0 && !err)
		err = imp_error_new(IMP_ERROR_IO, "cannot write to the symbol store %s: %s", store->root, strerror(errno));
	if (err)
		unlink(path);
	return err;
}

struct imp_error *fetch_store_settle(const struct fetch_store *store, const struct fetch_settings *settings, const struct imp_file_identity *wanted,
				     const char *path, const char *origin, char **place)
{
	char unpacked[PATH_MAX];
	struct imp_error *err;

	*place = NULL;
	if (imp_is_cabinet(path)) {
		err = unpack(store, settings, wanted, path, unpacked);
		unlink(path);
		if (err)
			return reject(err, path, origin);
		path = unpacked;
	}
	err = imp_identity_check(wanted, path);
	if (err)
		err = reject(err, path, origin);
	else
		err = move_in(store, wanted, path, place);
	if (err)
		unlink(path);
	return err;
}

static struct imp_error *copy_bytes(const char *from, const char *to, int out, uint64_t size_limit)
{
	static char buffer[1 << 16];
	struct imp_error *err = NULL;
	uint64_t size = 0;
	ssize_t step;
	int in = open(from, O_RDONLY | O_CLOEXEC);

	if (in < 0)
		return imp_error_new(IMP_ERROR_IO, "cannot read %s: %s", from, strerror(errno));
	while (!err && (step = read(in, buffer, sizeof(buffer))) != 0) {
		size += step > 0 ? (uint64_t)step : 0;
		if (step < 0)
			err = imp_error_new(IMP_ERROR_IO, "cannot read %s: %s", from, strerror(errno));
		else if (size > size_limit)
			err = imp_error_new(IMP_ERROR_FORMAT, "%s is larger than the limit (IMPASSE_SYMBOL_LIMIT)", from);
		else if (write(out, buffer, (size_t)step) != step)
			err = imp_error_new(IMP_ERROR_IO, "cannot write %s: %s", to, strerror(errno));
	}
	close(in);
	return err;
}

struct imp_error *fetch_store_copy(const struct fetch_store *store, const struct fetch_settings *settings, const struct imp_file_identity *wanted,
				   const char *path, char **place)
{
	char copy[PATH_MAX];
	int file;
	struct imp_error *err;

	*place = NULL;
	if (imp_is_cabinet(path)) {
		err = unpack(store, settings, wanted, path, copy);
		return err ? err : fetch_store_settle(store, settings, wanted, copy, path, place);
	}
	err = fetch_store_temporary(store, copy, &file);
	if (err)
		return err;
	err = copy_bytes(path, copy, file, settings->size_limit);
	if (close(file) != 0 && !err)
		err = imp_error_new(IMP_ERROR_IO, "cannot write %s: %s", copy, strerror(errno));
	if (err) {
		unlink(copy);
		return err;
	}
	return fetch_store_settle(store, settings, wanted, copy, path, place);
}

char *fetch_store_find(const char *root, const struct imp_file_identity *wanted)
{
	char *folder = imp_store_place(root, wanted), *path = NULL;

	if (folder && asprintf(&path, "%s/%s", folder, wanted->name) < 0)
		path = NULL;
	free(folder);
	if (path) {
		IMP_CLEANUP_ERROR struct imp_error *err = access(path, R_OK) ? no_memory() : imp_identity_check(wanted, path);

		if (!err)
			return path;
	}
	free(path);
	return NULL;
}
