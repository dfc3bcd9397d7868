/* Takes from a process what it needs for more than computing: files, network, other processes. For the child that runs libdwarf; not for other
 * folders.
 */
#ifndef IMP_SYMBOLS_CONFINE_H
#define IMP_SYMBOLS_CONFINE_H

#include <stdbool.h>

/* Closes every file but `keep`, and lets the system refuse all calls but those for memory, for writing to open files and for ending, for good.
 * False where the system cannot do that (no seccomp, another architecture); the files may be closed then.
 */
bool imp_confine(int keep);

#endif
