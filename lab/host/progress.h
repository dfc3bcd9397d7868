/* A progress bar on a terminal; silent anywhere else.
 */
#ifndef IMP_HOST_PROGRESS_H
#define IMP_HOST_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct imp_progress {
	bool shown;      /* standard error is a terminal */
	bool drawn;      /* something stands on the current line */
	int64_t started; /* microseconds, monotonic */
};

void imp_progress_begin(struct imp_progress *progress);

/* Draws bar, percentage, bytes and rate; an imp_capture_progress, `context` being the struct imp_progress. */
void imp_progress_show(void *context, uint64_t done, uint64_t total);

/* Wipes the bar. */
void imp_progress_end(struct imp_progress *progress);

#endif
