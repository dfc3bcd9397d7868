/* What an image exports, as public symbols: better than nothing where there is neither PDB nor DWARF. Says nothing of functions that are not exported. */
#ifndef IMP_SYMBOLS_EXPORTS_H
#define IMP_SYMBOLS_EXPORTS_H

#include "symbols/pdb.h"

/* A PDB of kind "export" with the named exports of `image`, which is not needed any more afterwards. Answers' path is `name`. `*pdb` is the caller's. What of
 * the exports cannot be read is left out. Errors: NOT_FOUND (there are none, or none that can be read), NO_MEMORY, FORMAT.
 */
struct imp_error *imp_exports_open(const struct imp_pe *image, const char *name, struct imp_pdb **pdb);

#endif
