/* The symbol path: where PDBs and images are looked for, and the check that what is found is what was asked for. What the path's text means is
 * path_elements.h's question, where a file lies in one store is store.h's. Servers are asked, and stores written, by another process (keeper.h).
 */
#ifndef IMP_SYMBOLS_PATH_H
#define IMP_SYMBOLS_PATH_H

#include "symbols/pdb.h"

struct imp_symbol_path;

/* How far a search goes. */
enum imp_reach {
	IMP_REACH_LOCAL,   /* folders and stores of this machine */
	IMP_REACH_SERVERS, /* symbol servers that the path names, too */
};

/* `text` may be NULL or empty. Freed with imp_symbol_path_free. */
struct imp_error *imp_symbol_path_new(const char *text, struct imp_symbol_path **path);
void imp_symbol_path_free(struct imp_symbol_path *path);
/* Adds the elements of `text` (NULL or empty: none) behind those that are there. Errors: NO_MEMORY. */
struct imp_error *imp_symbol_path_append(struct imp_symbol_path *path, const char *text);
/* The path as it was given, for messages; and with what it leaves to the default written out. Owned by it. */
const char *imp_symbol_path_text(const struct imp_symbol_path *path);
const char *imp_symbol_path_expanded(const struct imp_symbol_path *path);
/* Calls `visit` with a sentence on each part of the text that is not used. */
void imp_symbol_path_problems(const struct imp_symbol_path *path, void (*visit)(void *context, const char *problem), void *context);
/* Calls `visit` with each local folder of the path in order (plain folders, stores), until it returns true. Returns whether it did. */
bool imp_symbol_path_each_folder(const struct imp_symbol_path *path, bool (*visit)(void *context, const char *folder), void *context);

/* From now on `trace` is told each place that is looked at and what was found there (NULL: nobody is). */
void imp_symbol_path_trace(struct imp_symbol_path *path, void (*trace)(void *context, const char *line), void *context);

/* Opens the PDB named `name` (its base name is used) with this identity: at `recorded_path` itself (NULL: none), then in each element of the path:
 * as a store, flat, compressed; at last on its server. A file of that name with another identity is passed over; if nothing else is found the error is
 * MISMATCH and names the file, the GUID and age expected and found. Other errors: NOT_FOUND, FORMAT, IO, INTERRUPTED.
 */
struct imp_error *imp_symbol_path_open_pdb(const struct imp_symbol_path *path, const char *name, const struct imp_guid *guid, uint32_t age,
					   const char *recorded_path, struct imp_pdb **pdb);
/* Opens the image file `name` with this time stamp (0: any; no server is asked then) and SizeOfImage in the same way. */
struct imp_error *imp_symbol_path_open_image(const struct imp_symbol_path *path, const char *name, uint32_t time_date_stamp, uint32_t size_of_image,
					     enum imp_reach reach, struct imp_pe **pe);

#endif
