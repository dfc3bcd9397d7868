/* The verdict: which threads of a kernel can never run again, and why. What is found is a graph (graph.h); answer.h says it to people and programs. */
#ifndef IMP_HANG_HANG_H
#define IMP_HANG_HANG_H

#include "hang/graph.h"

/* Examines the kernel of a dump. What could not be seen becomes notes of the kernel and lowers confidence. Freed with imp_hang_free. Errors: NOT_FOUND
 * without symbols of the kernel or its processes; NO_MEMORY; INTERRUPTED.
 */
struct imp_error *imp_hang_examine(struct imp_kernel *kernel, struct imp_hang **hang);
void imp_hang_free(struct imp_hang *hang);

#endif
