/* ISF tables in the folders of the symbol path: which files may be the one for a PDB, and the check that it is. What is in them is isf.h's question.
 * Names: GUID-AGE.json, .json.xz or .json.gz, as Volatility 3 keeps them, in FOLDER, FOLDER/DATABASE, FOLDER/windows/DATABASE or
 * FOLDER/symbols/windows/DATABASE; a table of any other name is found by its metadata. Names are compared without case. An element of the path may be
 * the table's file itself.
 */
#ifndef IMP_SYMBOLS_TABLES_H
#define IMP_SYMBOLS_TABLES_H

#include "symbols/path.h"

/* Opens the table for the PDB `database` (its base name is used) with this identity. Errors: NOT_FOUND; why a file that looked like it was not taken. */
struct imp_error *imp_table_open(const struct imp_symbol_path *path, const char *database, const struct imp_guid *guid, uint32_t age,
				 struct imp_pdb **pdb);
/* For a module whose PDB is not known by GUID and age: opens the first table for `database`, or the first PDB of that name in the path's folders and
 * stores, that `accept` takes. Errors as above.
 */
struct imp_error *imp_table_open_accepted(const struct imp_symbol_path *path, const char *database,
					  bool (*accept)(void *context, struct imp_pdb *pdb), void *context, struct imp_pdb **pdb);

#endif
