/* The lab's console log as the kernel writes it (docs/lab.md): finding a bugcheck in it, and following it.
 */
#ifndef IMP_HOST_CONSOLE_H
#define IMP_HOST_CONSOLE_H

#include "state.h"

/* Reads code and parameters of the last `*** STOP:` line into `bugcheck`, whose `happened` it then sets; otherwise unchanged. */
void imp_console_find_bugcheck(const struct imp_folder *folder, struct imp_bugcheck *bugcheck);

#endif
