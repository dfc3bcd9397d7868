/* The kernel's symbol and image path. For kernel.c; others use kernel.h. */
#ifndef IMP_NT_SYMBOL_PATHS_H
#define IMP_NT_SYMBOL_PATHS_H

#include "nt/kernel.h"

/* Frees the paths and what was kept of looking through them. */
void imp_kernel_free_paths(struct imp_kernel *kernel);

#endif
