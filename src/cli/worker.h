/* The worker: the process that opens the dump and its symbols, and may do nothing else. */
#ifndef IMP_CLI_WORKER_H
#define IMP_CLI_WORKER_H

#include "cli/engine.h"

/* Opens the dump in a sandbox (unless options->no_sandbox) and answers what comes over `socket` until its other end is closed. Returns the process's
 * exit code.
 */
int imp_worker(const struct imp_options *options, int socket);

#endif
