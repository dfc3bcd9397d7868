/* The progress bar; see progress.h. */

#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "units.h"
#include "wait.h"

#define BAR_WIDTH 30

void imp_progress_begin(struct imp_progress *progress)
{
	*progress = (struct imp_progress){ .shown = isatty(STDERR_FILENO), .started = imp_now_us() };
}

void imp_progress_show(void *context, uint64_t done, uint64_t total)
{
	struct imp_progress *progress = context;
	char bytes[IMP_UNITS_SIZE], all[IMP_UNITS_SIZE], rate[IMP_UNITS_SIZE];
	uint64_t passed = (uint64_t)(imp_now_us() - progress->started);
	int filled;

	if (!progress->shown || !total || !passed)
		return;
	if (done > total)
		done = total;
	filled = (int)((double)done / (double)total * BAR_WIDTH);
	fprintf(stderr, "\r\033[K[%.*s%*s] %3.0f%%  %s of %s  %s/s", filled, "##############################", BAR_WIDTH - filled, "",
		(double)done / (double)total * 100, imp_units_bytes(done, bytes), imp_units_bytes(total, all),
		imp_units_bytes((uint64_t)((double)done * 1e6 / (double)passed), rate));
	fflush(stderr);
	progress->drawn = true;
}

void imp_progress_end(struct imp_progress *progress)
{
	if (progress->drawn)
		fputs("\r\033[K", stderr);
	progress->drawn = false;
}
