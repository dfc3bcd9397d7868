/* Program databases (PDB 7.0): symbols, source lines and types of one image. Only the streams that a question needs are read.
 * Where PDBs are found is path.h's question; how a type is shown is src/types'.
 */
#ifndef IMP_SYMBOLS_PDB_H
#define IMP_SYMBOLS_PDB_H

#include "image/pe.h" /* struct imp_guid */

struct imp_pdb;

enum imp_symbol_kind { IMP_SYMBOL_PUBLIC, IMP_SYMBOL_FUNCTION, IMP_SYMBOL_DATA };

struct imp_symbol {
	const char *name; /* owned by the PDB */
	uint32_t rva;
	uint32_t size;       /* bytes; 0 when unknown (publics) */
	uint32_t type_index; /* TPI index; 0 when unknown */
	enum imp_symbol_kind kind;
};

struct imp_line {
	const char *file; /* as the compiler wrote it; owned by the PDB */
	uint32_t number;
	uint32_t rva; /* where the line's code begins */
};

/* Maps the PDB `path` and reads the headers of its streams. `*pdb` is the caller's, freed with imp_pdb_close; all names that its answers hold live
 * as long. Errors: IO, FORMAT (not a PDB 7.0, truncated, damaged: with what was found), NO_MEMORY.
 */
struct imp_error *imp_pdb_open(const char *path, struct imp_pdb **pdb);
void imp_pdb_close(struct imp_pdb *pdb);
const char *imp_pdb_path(const struct imp_pdb *pdb);
const char *imp_pdb_kind(const struct imp_pdb *pdb);                                    /* "pdb", "isf" (isf.h), "dwarf", "export" (exports.h) */
void imp_pdb_identity(const struct imp_pdb *pdb, struct imp_guid *guid, uint32_t *age); /* age: the DBI stream's */

/* Whether it has private symbols: functions and variables with types, not only names. Microsoft publishes PDBs without. */
bool imp_pdb_has_private(const struct imp_pdb *pdb);

/* By exact name; functions before data before publics before data static in a function. NOT_FOUND when there is none. */
struct imp_error *imp_pdb_find(struct imp_pdb *pdb, const char *name, struct imp_symbol *symbol);
/* The symbol that contains `rva`, or the nearest one below it in the same section. NOT_FOUND when there is none. */
struct imp_error *imp_pdb_at(struct imp_pdb *pdb, uint32_t rva, struct imp_symbol *symbol);
/* Calls `visit` for each symbol whose name matches `pattern` (* and ?, case-insensitive), in order of RVA, until it returns false. Errors:
 * NO_MEMORY; no match is none.
 */
struct imp_error *imp_pdb_each(struct imp_pdb *pdb, const char *pattern, bool (*visit)(void *context, const struct imp_symbol *symbol),
			       void *context);
/* The source line of the code at `rva`. NOT_FOUND when the PDB has none. */
struct imp_error *imp_pdb_line(struct imp_pdb *pdb, uint32_t rva, struct imp_line *line);

#endif
