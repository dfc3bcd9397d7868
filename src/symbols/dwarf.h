/* Symbols in the image file itself, as GNU's tools write them: DWARF functions and source lines, and COFF symbols where DWARF says nothing.
 * Types are read when somebody asks for them.
 */
#ifndef IMP_SYMBOLS_DWARF_H
#define IMP_SYMBOLS_DWARF_H

#include "symbols/pdb.h"

struct imp_dwarf;

/* Reads the symbols of `image`, an image file, which it takes over whatever happens. Freed with imp_dwarf_close; all names that its answers hold
 * live as long. Errors: NOT_FOUND (the file has neither DWARF nor COFF symbols), FORMAT, IO, NO_MEMORY.
 */
struct imp_error *imp_dwarf_open(struct imp_pe *image, struct imp_dwarf **dwarf);
void imp_dwarf_close(struct imp_dwarf *dwarf);
/* The path of the image file. */
const char *imp_dwarf_path(const struct imp_dwarf *dwarf);
/* Whether there is DWARF among it; else there are names only, of COFF symbols. */
bool imp_dwarf_has_functions(const struct imp_dwarf *dwarf);
/* What of the file could not be read, as a sentence; NULL when nothing is missing. */
const char *imp_dwarf_problem(const struct imp_dwarf *dwarf);

/* Its types, as a PDB that has nothing else and stays the symbols' own. Errors: NOT_FOUND (there is no DWARF), FORMAT, IO, NO_MEMORY. */
struct imp_error *imp_dwarf_types(struct imp_dwarf *dwarf, struct imp_pdb **pdb);

/* As imp_pdb_find, imp_pdb_at, imp_pdb_each and imp_pdb_line. */
struct imp_error *imp_dwarf_find(struct imp_dwarf *dwarf, const char *name, struct imp_symbol *symbol);
struct imp_error *imp_dwarf_at(struct imp_dwarf *dwarf, uint32_t rva, struct imp_symbol *symbol);
struct imp_error *imp_dwarf_each(struct imp_dwarf *dwarf, const char *pattern, bool (*visit)(void *context, const struct imp_symbol *symbol),
				 void *context);
struct imp_error *imp_dwarf_line(struct imp_dwarf *dwarf, uint32_t rva, struct imp_line *line);

#endif
