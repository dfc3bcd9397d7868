/* Folders' names, kept by folder and time: see listing.h. */
#include "symbols/listing.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#define HASH_NONFATAL_OOM 1 /* what was not kept is read again */
#include <uthash.h>

/* Listings that are kept at once. A session asks about a few folders and, in stores, one a module. */
enum { KEPT_LIMIT = 512 };
/* A folder that changed this short a time before it was read may change once more without its time telling: clocks of file systems are coarse. */
enum { SETTLED_SECONDS = 2 };

struct kept {
	struct imp_listing *listing;
	dev_t device;
	ino_t inode;
	struct timespec changed;
	UT_hash_handle hh;
	char folder[];
};

static _Thread_local struct kept *all_kept;

void imp_listing_release(struct imp_listing *listing)
{
	if (!listing || --listing->holders)
		return;
	for (size_t i = 0; i < listing->count; i++)
		free(listing->names[i]);
	free(listing->names);
	free(listing);
}

static void forget(struct kept *kept)
{
	HASH_DEL(all_kept, kept);
	imp_listing_release(kept->listing);
	free(kept);
}

void imp_listing_forget(void)
{
	while (all_kept)
		forget(all_kept);
}

static int compare_names(const void *left, const void *right)
{
	return strcasecmp(*(char *const *)left, *(char *const *)right);
}

static bool add_name(struct imp_listing *listing, size_t *room, const char *name)
{
	if (listing->count == *room) {
		size_t wanted = *room ? *room * 2 : 64;
		char **names = reallocarray(listing->names, wanted, sizeof(*names));

		if (!names)
			return false;
		listing->names = names;
		*room = wanted;
	}
	listing->names[listing->count] = strdup(name);
	if (!listing->names[listing->count])
		return false;
	listing->count++;
	return true;
}

static struct imp_listing *read_folder(const char *folder)
{
	struct imp_listing *listing = calloc(1, sizeof(*listing));
	DIR *directory = listing ? opendir(folder) : NULL;
	bool complete = directory != NULL;
	size_t room = 0;

	if (!listing)
		return NULL;
	listing->holders = 1;
	for (struct dirent *item = complete ? readdir(directory) : NULL; item && complete; item = readdir(directory)) {
		if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
			complete = add_name(listing, &room, item->d_name);
	}
	if (directory)
		closedir(directory);
	if (!complete) {
		imp_listing_release(listing);
		return NULL;
	}
	if (listing->count)
		qsort(listing->names, listing->count, sizeof(*listing->names), compare_names);
	return listing;
}

static void keep(const char *folder, const struct stat *status, struct imp_listing *listing)
{
	size_t length = strlen(folder);
	struct kept *kept = malloc(sizeof(*kept) + length + 1);

	if (!kept)
		return;
	while (HASH_COUNT(all_kept) >= KEPT_LIMIT)
		forget(all_kept); /* the oldest */
	*kept = (struct kept){ .listing = listing, .device = status->st_dev, .inode = status->st_ino, .changed = status->st_mtim };
	memcpy(kept->folder, folder, length + 1);
	HASH_ADD_KEYPTR(hh, all_kept, kept->folder, length, kept);
	if (!kept->hh.tbl) {
		free(kept);
		return;
	}
	listing->holders++;
}

struct imp_listing *imp_listing_get(const char *folder)
{
	struct imp_listing *listing;
	struct kept *kept;
	struct stat status;

	HASH_FIND(hh, all_kept, folder, strlen(folder), kept);
	if (stat(folder, &status) || !S_ISDIR(status.st_mode)) {
		if (kept)
			forget(kept);
		return NULL;
	}
	if (kept && kept->device == status.st_dev && kept->inode == status.st_ino && kept->changed.tv_sec == status.st_mtim.tv_sec &&
	    kept->changed.tv_nsec == status.st_mtim.tv_nsec) {
		kept->listing->holders++;
		return kept->listing;
	}
	if (kept)
		forget(kept);
	listing = read_folder(folder);
	if (listing && time(NULL) - status.st_mtim.tv_sec > SETTLED_SECONDS)
		keep(folder, &status, listing);
	return listing;
}

const char *imp_listing_find(const struct imp_listing *listing, const char *name)
{
	size_t low = 0, high = listing->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcasecmp(listing->names[middle], name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < listing->count && strcasecmp(listing->names[low], name) == 0 ? listing->names[low] : NULL;
}
