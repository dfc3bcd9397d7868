/* ISF tables in folders: see tables.h. */
#include "symbols/tables.h"

#include "symbols/isf.h"
#include "symbols/identity.h"
#include "symbols/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* How many tables one question opens at most: each costs a tenth of a second. */
enum { OPEN_LIMIT = 32 };
/* FOLDER/symbols/windows/DATABASE, FOLDER/DATABASE/KEY. */
enum { DEPTH_LIMIT = 3 };
enum { GUID_DIGITS = 32 };

struct search {
	struct imp_isf_wanted wanted;
	char stem[64]; /* GUID-AGE; empty when it is not known */
	bool (*accept)(void *context, struct imp_pdb *pdb);
	void *context;
	unsigned opened;
	struct imp_pdb *pdb;
	struct imp_error *reason; /* why the last file was not taken */
};

/* The length of a table's name without its ending; 0 when it does not have one. */
static size_t stem_length(const char *name)
{
	static const char *const endings[] = { ".json", ".json.xz", ".json.gz" };
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		size_t ending = strlen(endings[i]);

		if (length > ending && strcasecmp(name + length - ending, endings[i]) == 0)
			return length - ending;
	}
	return 0;
}

/* Whether a file of this name can be the table: a name that is another's identity excludes it. */
static bool may_be(const struct search *search, const char *name)
{
	size_t length = stem_length(name);

	if (!length || !*search->stem)
		return length != 0;
	bool is_identity = strspn(name, "0123456789abcdefABCDEF") == GUID_DIGITS && name[GUID_DIGITS] == '-' &&
			   GUID_DIGITS + 1 + strspn(name + GUID_DIGITS + 1, "0123456789") == length;
	return !is_identity || (length == strlen(search->stem) && strncasecmp(name, search->stem, length) == 0);
}

static bool try_file(struct search *search, const char *path)
{
	struct imp_error *err;

	if (search->opened++ >= OPEN_LIMIT)
		return false;
	err = stem_length(path) ? imp_isf_open(path, &search->wanted, &search->pdb) : imp_pdb_open(path, &search->pdb);
	if (!err && search->accept && !search->accept(search->context, search->pdb)) {
		imp_pdb_close(search->pdb);
		search->pdb = NULL;
		err = imp_error_new(IMP_ERROR_MISMATCH, "%s is of another build of %s", path, search->wanted.database);
	}
	if (!err)
		return true;
	imp_error_free(search->reason);
	search->reason = err;
	return false;
}

static bool scan(struct search *search, const char *folder, unsigned depth);

static bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* One entry of a folder: a file that may be it, or a folder in which that may lie. */
static bool visit_entry(struct search *search, const char *folder, const char *name, unsigned depth)
{
	bool is_database = strcasecmp(name, search->wanted.database) == 0;
	bool is_key = search->accept && strspn(name, "0123456789abcdefABCDEF") == strlen(name) && strlen(name) > GUID_DIGITS;
	bool deeper = is_database || is_key || strcasecmp(name, "windows") == 0 || strcasecmp(name, "symbols") == 0;
	bool found = false;
	char *path;

	if ((!deeper && !may_be(search, name)) || asprintf(&path, "%s/%s", folder, name) < 0)
		return false;
	if (deeper && is_folder(path))
		found = depth < DEPTH_LIMIT && scan(search, path, depth + 1);
	else if (!deeper || (is_database && search->accept))
		found = try_file(search, path);
	free(path);
	return found;
}

static bool scan(struct search *search, const char *folder, unsigned depth)
{
	struct imp_listing *listing = imp_listing_get(folder);
	bool found = false;

	for (size_t i = 0; listing && i < listing->count && !found; i++)
		found = visit_entry(search, folder, listing->names[i], depth);
	imp_listing_release(listing);
	return found;
}

static bool visit_element(void *context, const char *path)
{
	struct search *search = context;

	return is_folder(path) ? scan(search, path, 0) : stem_length(path) && try_file(search, path);
}

static struct imp_error *run(struct search *search, const struct imp_symbol_path *path, struct imp_pdb **pdb)
{
	bool found = imp_symbol_path_each_folder(path, visit_element, search);
	struct imp_error *err = search->reason;

	*pdb = search->pdb;
	if (found) {
		imp_error_free(search->reason);
		return NULL;
	}
	if (search->opened > OPEN_LIMIT) {
		imp_error_free(err);
		return imp_error_new(IMP_ERROR_NOT_FOUND,
				     "none of the first %d ISF tables in the symbol path is for this %s; one named GUID-AGE.json.xz is found at once",
				     OPEN_LIMIT, search->wanted.database);
	}
	return err ? err : imp_error_new(IMP_ERROR_NOT_FOUND, "no ISF table for %s in the symbol path", search->wanted.database);
}

struct imp_error *imp_table_open(const struct imp_symbol_path *path, const char *database, const struct imp_guid *guid, uint32_t age,
				 struct imp_pdb **pdb)
{
	struct search search = { .wanted = { imp_base_name(database), guid, age } };
	char text[IMP_GUID_SIZE];

	imp_guid_text(guid, "", text);
	snprintf(search.stem, sizeof(search.stem), "%s-%u", text, age);
	return run(&search, path, pdb);
}

struct imp_error *imp_table_open_accepted(const struct imp_symbol_path *path, const char *database,
					  bool (*accept)(void *context, struct imp_pdb *pdb), void *context, struct imp_pdb **pdb)
{
	struct search search = { .wanted = { .database = imp_base_name(database) }, .accept = accept, .context = context };

	return run(&search, path, pdb);
}
