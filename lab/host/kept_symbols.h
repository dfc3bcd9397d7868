/* A symbol store in the lab's folder (`symbols`): the image and the PDB of everything that ran in the lab, so that a dump of it can be read after the
 * next build has replaced both. What cannot be kept is missing there and nowhere else: nothing fails for it.
 */
#ifndef IMP_HOST_KEPT_SYMBOLS_H
#define IMP_HOST_KEPT_SYMBOLS_H

#include "folder.h"

/* Keeps the image file `path` (named as the kernel loads it), and its PDB when that lies beside it. */
void imp_keep_symbols(const struct imp_folder *folder, const char *path);

#endif
