/* Symbol stores: see store.h. */
#include "symbols/store.h"

#include "symbols/listing.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* FOLDER/name as it is spelled on disk, NULL when there is no such entry. Freed by the caller. */
static char *entry(const char *folder, const char *name)
{
	struct imp_listing *listing;
	const char *spelled;
	char *path = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return NULL;
	if (access(path, F_OK) == 0)
		return path;
	free(path);
	path = NULL;
	listing = imp_listing_get(folder);
	spelled = listing ? imp_listing_find(listing, name) : NULL;
	if (spelled && asprintf(&path, "%s/%s", folder, spelled) < 0)
		path = NULL;
	imp_listing_release(listing);
	return path;
}

/* As entry(), through several names, the last of which is NULL. */
static char *walk(const char *folder, ...)
{
	char *path = strdup(folder);
	va_list names;

	va_start(names, folder);
	for (const char *name = va_arg(names, const char *); path && name; name = va_arg(names, const char *)) {
		char *deeper = entry(path, name);

		free(path);
		path = deeper;
	}
	va_end(names);
	return path;
}

/* One search in a store. */
struct visitor {
	const struct imp_file_identity *wanted;
	bool (*visit)(void *context, const char *path, enum imp_store_file kind);
	void *context;
};

static bool is_file(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* Takes over `path`, which may be NULL. */
static bool visit_file(const struct visitor *visitor, char *path, enum imp_store_file kind)
{
	bool done = path && is_file(path) && visitor->visit(visitor->context, path, kind);

	free(path);
	return done;
}

void imp_compressed_name(const char *name, char compressed[IMP_FILE_NAME_SIZE])
{
	snprintf(compressed, IMP_FILE_NAME_SIZE, "%s", name);
	if (*compressed)
		compressed[strlen(compressed) - 1] = '_';
}

bool imp_is_cabinet(const char *path)
{
	char signature[4];
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is = file >= 0 && read(file, signature, sizeof(signature)) == sizeof(signature) && memcmp(signature, "MSCF", sizeof(signature)) == 0;

	if (file >= 0)
		close(file);
	return is;
}

bool imp_pointer_target(const char *bytes, size_t size, char target[IMP_POINTER_LIMIT])
{
	size_t length;

	/* The first line; a longer text is no path. */
	for (length = 0; length < size && bytes[length] != '\0' && bytes[length] != '\r' && bytes[length] != '\n'; length++)
		;
	while (length && (*bytes == ' ' || *bytes == '\t')) {
		bytes++;
		length--;
	}
	while (length && (bytes[length - 1] == ' ' || bytes[length - 1] == '\t'))
		length--;
	target[0] = '\0';
	if (length >= IMP_POINTER_LIMIT)
		return false;
	bool is_path = length < 4 || strncasecmp(bytes, "MSG:", 4) != 0;
	if (length >= 5 && strncasecmp(bytes, "PATH:", 5) == 0) {
		bytes += 5;
		length -= 5;
	}
	memcpy(target, bytes, length);
	target[length] = '\0';
	return is_path && length;
}

static bool visit_pointer(const struct visitor *visitor, const char *folder)
{
	char bytes[IMP_POINTER_LIMIT], target[IMP_POINTER_LIMIT];
	char *path = entry(folder, "file.ptr");
	int file = path && is_file(path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t size = file >= 0 ? read(file, bytes, sizeof(bytes)) : -1;

	free(path);
	if (file >= 0)
		close(file);
	/* Of the paths that a pointer may have, those of Windows lead nowhere here. */
	return size > 0 && imp_pointer_target(bytes, (size_t)size, target) && target[0] == '/' && is_file(target) &&
	       visitor->visit(visitor->context, target, IMP_STORE_POINTER);
}

/* Takes over `folder`, which may be NULL. */
static bool visit_folder(const struct visitor *visitor, char *folder, bool in_store)
{
	char compressed[IMP_FILE_NAME_SIZE];
	bool done = false;

	if (folder) {
		imp_compressed_name(visitor->wanted->name, compressed);
		done = visit_file(visitor, entry(folder, visitor->wanted->name), IMP_STORE_FILE) ||
		       visit_file(visitor, entry(folder, compressed), IMP_STORE_FILE) || (in_store && visit_pointer(visitor, folder));
	}
	free(folder);
	return done;
}

struct build {
	char *folder;
	time_t time;
};

static int newest_first(const void *left, const void *right)
{
	const struct build *a = left, *b = right;

	return a->time < b->time ? 1 : a->time > b->time ? -1 : strcmp(a->folder, b->folder);
}

/* Each folder in `name` whose key has the wanted size, whatever its time stamp. */
static size_t list_builds(const struct imp_file_identity *wanted, const char *name, struct build **builds)
{
	char size[16];
	size_t count = 0;
	struct imp_listing *listing = imp_listing_get(name);

	*builds = NULL;
	if (!listing)
		return 0;
	snprintf(size, sizeof(size), "%x", wanted->size_of_image);
	for (size_t i = 0; i < listing->count; i++) {
		const char *key = listing->names[i];
		struct build *more;
		struct stat status;

		if (strspn(key, "0123456789ABCDEFabcdef") < 8 || strcasecmp(key + 8, size) != 0)
			continue;
		more = reallocarray(*builds, count + 1, sizeof(*more));
		if (!more)
			break;
		*builds = more;
		if (asprintf(&more[count].folder, "%s/%s", name, key) < 0)
			break;
		more[count].time = stat(more[count].folder, &status) == 0 ? status.st_mtime : 0;
		count++;
	}
	imp_listing_release(listing);
	if (count)
		qsort(*builds, count, sizeof(**builds), newest_first);
	return count;
}

/* The wanted build in FOLDER/name, which is taken over and may be NULL; of an image whose time stamp is not known every build of its size, the one
 * that came into the store last first.
 */
static bool visit_builds(const struct visitor *visitor, char *name)
{
	const struct imp_file_identity *wanted = visitor->wanted;
	char key[IMP_FILE_KEY_SIZE];
	struct build *builds = NULL;
	bool done = false;

	if (name && wanted->kind == IMP_FILE_IMAGE && !wanted->time_date_stamp) {
		size_t count = list_builds(wanted, name, &builds);

		for (size_t i = 0; i < count; i++) {
			done = done || visit_folder(visitor, strdup(builds[i].folder), true);
			free(builds[i].folder);
		}
		free(builds);
	} else if (name) {
		imp_identity_key(wanted, key);
		done = visit_folder(visitor, entry(name, key), true);
	}
	free(name);
	return done;
}

/* Whether the store has a folder for each two characters that its files' names begin with. */
static bool is_two_tier(const char *root)
{
	char *marker = entry(root, "index2.txt");

	free(marker);
	return marker;
}

bool imp_store_each(const char *folder, const struct imp_file_identity *wanted,
		    bool (*visit)(void *context, const char *path, enum imp_store_file kind), void *context)
{
	struct visitor visitor = { wanted, visit, context };
	char tier[3] = { 0 };

	memcpy(tier, wanted->name, 2);
	return visit_builds(&visitor, entry(folder, wanted->name)) ||
	       (is_two_tier(folder) && visit_builds(&visitor, walk(folder, tier, wanted->name, NULL))) ||
	       visit_folder(&visitor, strdup(folder), false) || visit_folder(&visitor, entry(folder, "symbols"), false);
}

char *imp_store_place(const char *root, const struct imp_file_identity *wanted)
{
	char key[IMP_FILE_KEY_SIZE], *place;
	int length;

	imp_identity_key(wanted, key);
	if (is_two_tier(root))
		length = asprintf(&place, "%s/%.2s/%s/%s", root, wanted->name, wanted->name, key);
	else
		length = asprintf(&place, "%s/%s/%s", root, wanted->name, key);
	return length < 0 ? NULL : place;
}
