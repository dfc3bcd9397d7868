/* Processes named so that a reused process number is not mistaken for them: the number together with the start time.
 */
#ifndef IMP_HOST_PROCESS_H
#define IMP_HOST_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "wait.h"

struct imp_process {
	pid_t pid;      /* 0: none */
	uint64_t start; /* clock ticks after boot (field 22 of /proc/PID/stat, proc(5)) */
};

/* Names the living process `pid`; pid 0 in the result when there is none. */
struct imp_process imp_process_of(pid_t pid);

/* Whether exactly this process still runs; a zombie does not. */
bool imp_process_alive(const struct imp_process *process);

/* Sends `signal` if exactly this process still runs. */
void imp_process_signal(const struct imp_process *process, int signal);

/* Waits until the process has ended; `ended` is false when the deadline passed first. Errors: IMP_ERROR_INTERRUPTED. */
struct imp_error *imp_process_wait(const struct imp_process *process, const struct imp_wait *wait, bool *ended);

#endif
