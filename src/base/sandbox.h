/* Taking from a process, for good, what it does not need: the network, other programs, writing to files. For processes that parse strangers' bytes;
 * a bug in a parser must not become more than a wrong answer. Which process that is, and what it may ask others for, is their starters' question.
 * Sources: landlock(7), seccomp(2), Documentation/userspace-api/landlock.rst of Linux.
 */
#ifndef IMP_BASE_SANDBOX_H
#define IMP_BASE_SANDBOX_H

#include <stdbool.h>

enum imp_sandbox_layer {
	IMP_SANDBOX_LANDLOCK = 1, /* the kernel's rules about files: no path can be written, made, removed or run; Linux 5.13 and later */
	IMP_SANDBOX_SECCOMP = 2,  /* system calls that reach beyond the process are refused (EPERM); Linux 3.17 and later, x86-64 and AArch64 */
	IMP_SANDBOX_ALL = IMP_SANDBOX_LANDLOCK | IMP_SANDBOX_SECCOMP,
};

/* From now on this process and its children open files for reading only, make no socket, run no program, and signal, trace or type into nobody else.
 * Open files stay as they are: what is to be written must be open. `layers`: the layers to use; each that the system lacks is left out. The process
 * must have one thread. Returns the layers that are on.
 */
unsigned imp_sandbox_enter(unsigned layers);

/* What imp_sandbox_enter did in this process, for the reader: "Landlock ABI 7, seccomp: on", "off", "Landlock: not in this kernel; seccomp: on". */
const char *imp_sandbox_state(void);

/* Closes every file but `keep`, and lets the system refuse all calls but those for memory, for writing to open files and for ending.
 * False where the system cannot do that (no seccomp, another architecture); the files may be closed then.
 */
bool imp_sandbox_compute_only(int keep);

#endif
