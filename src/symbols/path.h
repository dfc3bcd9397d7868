/* The symbol path: where PDBs and images are looked for, and the check that what is found is what was asked for.
 * Parses "srv*cache*server;folder;..." (servers are not asked yet), _NT_SYMBOL_PATH and -y.
 */
#ifndef IMP_SYMBOLS_PATH_H
#define IMP_SYMBOLS_PATH_H

#include "symbols/pdb.h"

struct imp_symbol_path;

/* `text` may be NULL or empty. Freed with imp_symbol_path_free. */
struct imp_error *imp_symbol_path_new(const char *text, struct imp_symbol_path **path);
void imp_symbol_path_free(struct imp_symbol_path *path);
/* Adds the elements of `text` (NULL or empty: none) behind those that are there. Errors: NO_MEMORY. */
struct imp_error *imp_symbol_path_append(struct imp_symbol_path *path, const char *text);
/* The path as it was given, for messages; owned by it. */
const char *imp_symbol_path_text(const struct imp_symbol_path *path);

/* Calls `visit` with each local folder of the path in order (plain folders, stores), until it returns true. Returns whether it did. */
bool imp_symbol_path_each_folder(const struct imp_symbol_path *path, bool (*visit)(void *context, const char *folder), void *context);

/* Opens the PDB named `name` (its base name is used) with this identity: in each folder flat (FOLDER/name, FOLDER/symbols/name), as a store
 * (FOLDER/name/GUIDAGE/name, case-insensitive, two-tier stores with index2.txt), then at `recorded_path` itself. A file of that name with another
 * identity is passed over; if nothing else is found the error is MISMATCH and names the file, the GUID and age expected and found.
 */
struct imp_error *imp_symbol_path_open_pdb(const struct imp_symbol_path *path, const char *name, const struct imp_guid *guid, uint32_t age,
					   const char *recorded_path, struct imp_pdb **pdb);
/* Opens the image file `name` with this time stamp (0: any) and SizeOfImage, flat or as a store (FOLDER/name/TIMESTAMPsize/name). */
struct imp_error *imp_symbol_path_open_image(const struct imp_symbol_path *path, const char *name, uint32_t time_date_stamp, uint32_t size_of_image,
					     struct imp_pe **pe);

#endif
