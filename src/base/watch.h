/* A long question and the person who waits for it: stop (Ctrl-C), and how far it is. Each thread has its own pair, so that programs can ask several
 * dumps at once. Not responsible for signals or for showing anything.
 */
#ifndef IMP_BASE_WATCH_H
#define IMP_BASE_WATCH_H

#include "base/error.h"
#include <signal.h>
#include <stdbool.h>

/* From now on a nonzero `*flag` stops the questions that this thread asks; NULL: nothing does. A signal handler or another thread may set it. The flag
 * must live until another one is given.
 */
void imp_watch_flag(const volatile sig_atomic_t *flag);
/* Whether to stop. Cheap enough for the slow path of every read; loops that may run for more than a tenth of a second look here. */
bool imp_watch_stopped(void);
/* The error for it; what had been found until then stays in the report. */
struct imp_error *imp_watch_stop_error(void);

/* Says how far this thread's question is: `what` (a string that lives until imp_watch_progress_end), `done` of `total` units. */
void imp_watch_progress(const char *what, uint64_t done, uint64_t total);
void imp_watch_progress_end(void);
/* The last that was said; false when there is nothing. May be called from a signal handler of that thread. */
bool imp_watch_progress_get(const char **what, unsigned *percent);

#endif
