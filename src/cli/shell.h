/* Shell commands that the person's own commands start: pagers and the right side of a bar. */
#ifndef IMP_CLI_SHELL_H
#define IMP_CLI_SHELL_H

#include <sys/types.h>

enum { IMP_SHELL_NOT_FOUND = 127 }; /* the shell's own code for it */

/* Starts `command` by sh. Its standard input is `input`, or when that is -1 a pipe whose other end becomes `*end` (the caller closes it); its standard
 * output is `output`, or this process's own for -1. Returns the process, -1 with errno.
 */
pid_t imp_shell_start(const char *command, int input, int output, int *end);
/* Waits for its end; returns its exit code, as the shell counts them (128 and the signal's number for one that a signal ended). */
int imp_shell_wait(pid_t process);

#endif
