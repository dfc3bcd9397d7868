/* Files in a symbol store's folders: names compared without case, one-tier and two-tier stores. Does not open what it finds.
 * Layout: "SymStore" and "Using a symbol server's file structure" in Microsoft's debugger documentation.
 */
#ifndef IMP_SYMBOLS_STORE_H
#define IMP_SYMBOLS_STORE_H

#include <stdbool.h>

/* The part after the last `/` or `\`. */
const char *imp_base_name(const char *path);

/* Calls `visit` with each existing path at which `name` may lie in `folder`: FOLDER/name, FOLDER/symbols/name, FOLDER/name/KEY/name, and for a
 * two-tier store (one with an index2.txt) FOLDER/na/name/KEY/name. Ends, and returns true, as soon as `visit` does.
 */
bool imp_store_each(const char *folder, const char *name, const char *key, bool (*visit)(void *context, const char *path), void *context);

#endif
