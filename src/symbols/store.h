/* Files in a symbol store's folders: names compared without case, single-tier and two-tier stores, compressed files, pointers to files elsewhere.
 * Does not open what it finds, but for pointers.
 * Layout: "Symbol Store Folder Tree" and "Symbol Storage Format" in Microsoft's debugger documentation.
 */
#ifndef IMP_SYMBOLS_STORE_H
#define IMP_SYMBOLS_STORE_H

#include "symbols/identity.h"

/* What a visitor is told of a file that may be the one that is looked for. */
enum imp_store_file {
	IMP_STORE_FILE,    /* of its name, or of that with `_` for the last character, as compressed files have it */
	IMP_STORE_POINTER, /* file.ptr led there */
};

/* Calls `visit` with each existing regular file that may be the file `wanted` in `folder`: in the folder FOLDER/name/KEY of a store (in a two-tier store,
 * one with an index2.txt, FOLDER/na/name/KEY too), in FOLDER itself and in FOLDER/symbols. In each: name, its compressed form name with `_` at its end,
 * and in a store the file that file.ptr leads to. Of an image whose time stamp is 0, every build of its size in the store, the newest there first. Ends, and returns true, as soon as `visit` does.
 */
bool imp_store_each(const char *folder, const struct imp_file_identity *wanted,
		    bool (*visit)(void *context, const char *path, enum imp_store_file kind), void *context);

/* The folder of the store `root` in which the file `wanted` belongs, whether it is there or not. The caller frees it; NULL without memory. */
char *imp_store_place(const char *root, const struct imp_file_identity *wanted);

/* `name` as compressed files have it: with `_` for its last character. */
void imp_compressed_name(const char *name, char compressed[IMP_FILE_NAME_SIZE]);
/* Whether the file begins as a cabinet does. */
bool imp_is_cabinet(const char *path);

/* The path, UNC path or URL in the `size` bytes of a file.ptr, without what stands around it. False when there is none: `target` is then what the
 * pointer has to say ("MSG: ..."), or "".
 */
enum { IMP_POINTER_LIMIT = 4096 };
bool imp_pointer_target(const char *bytes, size_t size, char target[IMP_POINTER_LIMIT]);

#endif
