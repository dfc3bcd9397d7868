/* The symbol path: see path.h. Where a file may lie in one folder is store.c's question. */
#include "symbols/path.h"

#include "symbols/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <strings.h>

struct imp_symbol_path {
	char *text;
	char **folders;
	size_t count, capacity;
};

static struct imp_error *no_memory(void)
{
	return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the symbol path");
}

static bool add_folder(struct imp_symbol_path *path, const char *folder, size_t length)
{
	if (length == 0 || strncasecmp(folder, "http:", 5) == 0 || strncasecmp(folder, "https:", 6) == 0)
		return true;
	if (path->count == path->capacity) {
		size_t capacity = path->capacity ? path->capacity * 2 : 8;
		char **folders = reallocarray(path->folders, capacity, sizeof(*folders));

		if (!folders)
			return false;
		path->folders = folders;
		path->capacity = capacity;
	}
	path->folders[path->count] = strndup(folder, length);
	if (!path->folders[path->count])
		return false;
	path->count++;
	return true;
}

/* One element between `;`: a folder, or words joined by `*` of which srv, cache and symsrv with its library are no folders. */
static bool add_element(struct imp_symbol_path *path, const char *element, size_t length)
{
	const char *end = element + length;
	bool first = true, skip = false;

	while (element <= end) {
		const char *star = memchr(element, '*', (size_t)(end - element));
		size_t word = (size_t)((star ? star : end) - element);
		bool keyword = false;

		if (first && (star || word != length)) {
			keyword = (word == 3 && strncasecmp(element, "srv", 3) == 0) || (word == 5 && strncasecmp(element, "cache", 5) == 0);
			skip = word == 6 && strncasecmp(element, "symsrv", 6) == 0;
			keyword |= skip;
		} else if (skip) {
			keyword = true; /* symsrv*LIBRARY.DLL*... */
			skip = false;
		}
		if (!keyword && !add_folder(path, element, word))
			return false;
		first = false;
		element += word + 1;
	}
	return true;
}

struct imp_error *imp_symbol_path_append(struct imp_symbol_path *path, const char *text)
{
	char *joined;

	if (!text || !*text)
		return NULL;
	if (asprintf(&joined, "%s%s%s", path->text, *path->text ? ";" : "", text) < 0)
		return no_memory();
	free(path->text);
	path->text = joined;
	while (*text) {
		size_t length = strcspn(text, ";");

		if (!add_element(path, text, length))
			return no_memory();
		text += length + (text[length] == ';');
	}
	return NULL;
}

struct imp_error *imp_symbol_path_new(const char *text, struct imp_symbol_path **path)
{
	struct imp_symbol_path *made = calloc(1, sizeof(*made));
	struct imp_error *err;

	*path = NULL;
	if (made)
		made->text = strdup("");
	if (!made || !made->text) {
		free(made);
		return no_memory();
	}
	err = imp_symbol_path_append(made, text);
	if (err) {
		imp_symbol_path_free(made);
		return err;
	}
	*path = made;
	return NULL;
}

void imp_symbol_path_free(struct imp_symbol_path *path)
{
	if (!path)
		return;
	for (size_t i = 0; i < path->count; i++)
		free(path->folders[i]);
	free(path->folders);
	free(path->text);
	free(path);
}

const char *imp_symbol_path_text(const struct imp_symbol_path *path)
{
	return path->text;
}

bool imp_symbol_path_each_folder(const struct imp_symbol_path *path, bool (*visit)(void *context, const char *folder), void *context)
{
	for (size_t i = 0; i < path->count; i++)
		if (visit(context, path->folders[i]))
			return true;
	return false;
}

static bool is_file(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* Looks through all folders, then at the path recorded in the image, which means something only when the image was built here. */
static bool search(const struct imp_symbol_path *path, const char *name, const char *key, const char *recorded_path,
		   bool (*visit)(void *context, const char *path), void *context)
{
	for (size_t i = 0; i < path->count; i++)
		if (imp_store_each(path->folders[i], name, key, visit, context))
			return true;
	return recorded_path && recorded_path[0] == '/' && visit(context, recorded_path);
}

/* Data1, Data2 and Data3 are little-endian numbers, the rest single bytes; `dash` stands between the groups. */
static void guid_text(const struct imp_guid *guid, const char *dash, char *text, size_t size)
{
	const uint8_t *b = guid->bytes;

	snprintf(text, size, "%02X%02X%02X%02X%s%02X%02X%s%02X%02X%s%02X%02X%s%02X%02X%02X%02X%02X%02X", b[3], b[2], b[1], b[0], dash, b[5], b[4],
		 dash, b[7], b[6], dash, b[8], b[9], dash, b[10], b[11], b[12], b[13], b[14], b[15]);
}

struct pdb_search {
	const char *name;
	struct imp_guid guid;
	uint32_t age;
	struct imp_pdb *pdb;
	struct imp_error *best; /* why the most promising file was not taken */
};

/* A file of another identity says more than one that cannot be read. */
static void keep_reason(struct imp_error **best, struct imp_error *reason)
{
	if (*best && (imp_error_code(*best) == IMP_ERROR_MISMATCH || imp_error_code(reason) != IMP_ERROR_MISMATCH)) {
		imp_error_free(reason);
		return;
	}
	imp_error_free(*best);
	*best = reason;
}

static bool try_pdb(void *context, const char *path)
{
	struct pdb_search *wanted = context;
	struct imp_error *err;
	struct imp_guid guid;
	char expected[40], found[40];
	uint32_t age;

	if (!is_file(path))
		return false;
	err = imp_pdb_open(path, &wanted->pdb);
	if (err) {
		keep_reason(&wanted->best, err);
		return false;
	}
	imp_pdb_identity(wanted->pdb, &guid, &age);
	if (memcmp(guid.bytes, wanted->guid.bytes, sizeof(guid.bytes)) == 0 && age == wanted->age)
		return true;
	guid_text(&wanted->guid, "-", expected, sizeof(expected));
	guid_text(&guid, "-", found, sizeof(found));
	keep_reason(&wanted->best,
		    imp_error_new(IMP_ERROR_MISMATCH, "%s is of another build: the image asks for {%s} age %u, the file is {%s} age %u", path,
				  expected, wanted->age, found, age));
	imp_pdb_close(wanted->pdb);
	wanted->pdb = NULL;
	return false;
}

struct imp_error *imp_symbol_path_open_pdb(const struct imp_symbol_path *path, const char *name, const struct imp_guid *guid, uint32_t age,
					   const char *recorded_path, struct imp_pdb **pdb)
{
	struct pdb_search wanted = { .name = imp_base_name(name), .guid = *guid, .age = age };
	char text[40], key[48];

	guid_text(guid, "", text, sizeof(text));
	snprintf(key, sizeof(key), "%s%X", text, age);
	bool found = search(path, wanted.name, key, recorded_path, try_pdb, &wanted);
	*pdb = wanted.pdb;
	if (found) {
		imp_error_free(wanted.best);
		return NULL;
	}
	if (wanted.best)
		return wanted.best;
	return imp_error_new(IMP_ERROR_NOT_FOUND, "no %s with identity %s in the symbol path (%s)", wanted.name, key,
			     *path->text ? path->text : "which is empty");
}

struct image_search {
	uint32_t time_date_stamp, size_of_image;
	struct imp_pe *pe;
	struct imp_error *best;
};

static bool try_image(void *context, const char *path)
{
	struct image_search *wanted = context;
	struct imp_error *err;

	if (!is_file(path))
		return false;
	err = imp_pe_open_file(path, &wanted->pe);
	if (err) {
		keep_reason(&wanted->best, err);
		return false;
	}
	const struct imp_pe_info *info = imp_pe_info(wanted->pe);
	if ((!wanted->time_date_stamp || info->time_date_stamp == wanted->time_date_stamp) && info->size_of_image == wanted->size_of_image)
		return true;
	keep_reason(&wanted->best,
		    imp_error_new(IMP_ERROR_MISMATCH, "%s is of another build: expected time stamp %08X and size 0x%x, the file has %08X and 0x%x",
				  path, wanted->time_date_stamp, wanted->size_of_image, info->time_date_stamp, info->size_of_image));
	imp_pe_close(wanted->pe);
	wanted->pe = NULL;
	return false;
}

struct imp_error *imp_symbol_path_open_image(const struct imp_symbol_path *path, const char *name, uint32_t time_date_stamp, uint32_t size_of_image,
					     struct imp_pe **pe)
{
	struct image_search wanted = { .time_date_stamp = time_date_stamp, .size_of_image = size_of_image };
	char key[24];

	snprintf(key, sizeof(key), "%08X%x", time_date_stamp, size_of_image);
	bool found = search(path, imp_base_name(name), key, NULL, try_image, &wanted);
	*pe = wanted.pe;
	if (found) {
		imp_error_free(wanted.best);
		return NULL;
	}
	if (wanted.best)
		return wanted.best;
	return imp_error_new(IMP_ERROR_NOT_FOUND, "no image %s with time stamp and size %s in the image path (%s)", imp_base_name(name), key,
			     *path->text ? path->text : "which is empty");
}
