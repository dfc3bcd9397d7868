/* The symbols of a module, whatever their kind: a PDB (which an ISF table becomes, isf.h), or DWARF and COFF symbols in the image file. The latter's types
 * are asked for apart (imp_dwarf_types).
 */
#ifndef IMP_SYMBOLS_SYMBOLS_H
#define IMP_SYMBOLS_SYMBOLS_H

#include "symbols/dwarf.h"

/* One of the two, which stays its owner's; both NULL: none, and every question has the answer NOT_FOUND. */
struct imp_symbols {
	struct imp_pdb *pdb;
	struct imp_dwarf *dwarf;
};

/* "pdb", "isf", "dwarf" or "coff"; the file they come from. NULL when there are none. */
const char *imp_symbols_kind(const struct imp_symbols *symbols);
const char *imp_symbols_path(const struct imp_symbols *symbols);

/* As imp_pdb_find, imp_pdb_at, imp_pdb_each and imp_pdb_line. */
struct imp_error *imp_symbols_find(const struct imp_symbols *symbols, const char *name, struct imp_symbol *symbol);
struct imp_error *imp_symbols_at(const struct imp_symbols *symbols, uint32_t rva, struct imp_symbol *symbol);
struct imp_error *imp_symbols_each(const struct imp_symbols *symbols, const char *pattern,
				   bool (*visit)(void *context, const struct imp_symbol *symbol), void *context);
struct imp_error *imp_symbols_line(const struct imp_symbols *symbols, uint32_t rva, struct imp_line *line);

#endif
