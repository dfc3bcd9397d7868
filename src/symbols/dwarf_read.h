/* An image file's DWARF as a table of functions and lines, and its types as those of a PDB. Not for other folders. */
#ifndef IMP_SYMBOLS_DWARF_READ_H
#define IMP_SYMBOLS_DWARF_READ_H

#include "image/pe.h"
#include "symbols/dwarf_table.h"
#include "symbols/pdb_made.h"

/* Whether the image file has DWARF. */
bool imp_dwarf_present(const struct imp_pe *image);
/* Adds the functions and lines to `table`, by libdwarf, in this process: only for files that one trusts. `problem` says what stopped it before the
 * end, "" when nothing did.
 */
void imp_dwarf_read(const struct imp_pe *image, struct imp_dwarf_table *table, char *problem, size_t size);
/* The same in a process of its own, which may crash, hang or ask for too much memory: libdwarf does with files that were made for it. Errors: IO,
 * FORMAT, NO_MEMORY.
 */
struct imp_error *imp_dwarf_read_apart(const struct imp_pe *image, struct imp_dwarf_table *table, char *problem, size_t size);
/* Adds the types to `made`, in this process (see above). False without memory. */
bool imp_dwarf_read_types(const struct imp_pe *image, struct imp_pdb_made *made);
/* The types, read in a process of their own, as a PDB that has nothing else: the caller's. Errors as above. */
struct imp_error *imp_dwarf_types_apart(const struct imp_pe *image, struct imp_pdb **pdb);

#endif
