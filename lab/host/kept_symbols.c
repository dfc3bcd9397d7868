/* Filling the lab's symbol store; see kept_symbols.h. The store is a nearer one in a chain of stores (srv*OURS*THEIRS): looking for a file fills it. */

#include "kept_symbols.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "symbols/path.h"

/* A symbol path that takes these characters apart; a folder with one in its name is not looked through. */
static const char separators[] = ";*";

static struct imp_symbol_path *chain(const struct imp_folder *folder, const char *beside)
{
	char text[2 * PATH_MAX + 64];
	struct imp_symbol_path *path = NULL;

	if (strpbrk(folder->path, separators) || strpbrk(beside, separators))
		return NULL;
	snprintf(text, sizeof(text), "srv*%s/" IMP_FOLDER_SYMBOLS "*%s", folder->path, beside);
	imp_error_free(imp_symbol_path_new(text, &path));
	return path;
}

void imp_keep_symbols(const struct imp_folder *folder, const char *path)
{
	char beside[PATH_MAX];
	struct imp_symbol_path *store;
	struct imp_pe *image, *kept;

	if (snprintf(beside, sizeof(beside), "%s", path) >= (int)sizeof(beside))
		return;
	store = chain(folder, dirname(beside));
	if (!store)
		return;
	struct imp_error *err = imp_pe_open_file(path, &image);
	if (!err) {
		const struct imp_pe_info *info = imp_pe_info(image);
		struct imp_pdb *pdb;

		err = imp_symbol_path_open_image(store, path, info->time_date_stamp, info->size_of_image, IMP_REACH_LOCAL, &kept);
		if (!err)
			imp_pe_close(kept);
		imp_error_free(err);
		err = NULL;
		if (info->has_rsds)
			err = imp_symbol_path_open_pdb(store, info->pdb_path, &info->pdb_guid, info->pdb_age, NULL, &pdb);
		if (!err && info->has_rsds)
			imp_pdb_close(pdb);
		imp_pe_close(image);
	}
	imp_error_free(err);
	imp_symbol_path_free(store);
}
