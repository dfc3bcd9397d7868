/* Exports as public symbols: see exports.h. */
#include "symbols/exports.h"

#include "symbols/pdb_made.h"

struct made {
	struct imp_pdb_made *pdb;
	size_t count;
};

static bool add(void *context, const char *name, uint32_t ordinal, uint32_t rva)
{
	struct made *made = context;

	(void)ordinal;
	if (rva && *name) {
		imp_made_public(made->pdb, name, strlen(name), rva);
		made->count++;
	}
	return !imp_made_problem(made->pdb);
}

struct imp_error *imp_exports_open(const struct imp_pe *image, const char *name, struct imp_pdb **pdb)
{
	struct imp_span streams[IMP_MADE_STREAMS];
	struct made made = { .pdb = imp_pdb_made_new() };
	struct imp_error *err;

	*pdb = NULL;
	if (!made.pdb)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the exports of %s", name);
	/* Of a table that can be read in part, that part is as good as any. */
	IMP_CLEANUP_ERROR struct imp_error *cut = imp_pe_exports(image, add, &made);
	if (!made.count) {
		imp_pdb_made_free(made.pdb);
		return imp_error_new(IMP_ERROR_NOT_FOUND, "%s exports nothing by name%s%s", name, cut ? ": " : "", cut ? imp_error_message(cut) : "");
	}
	err = imp_pdb_made_streams(made.pdb, name, streams);
	return err ? err : imp_pdb_of_streams(streams, name, "export", &(struct imp_guid){ 0 }, 0, pdb);
}
