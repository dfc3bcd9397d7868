/* Stopping and progress: see watch.h. */
#include "base/watch.h"

#include <stddef.h>

static _Thread_local const volatile sig_atomic_t *stop_flag;
static _Thread_local const char *volatile progress_what;
static _Thread_local volatile unsigned progress_percent;

void imp_watch_flag(const volatile sig_atomic_t *flag)
{
	stop_flag = flag;
}

bool imp_watch_stopped(void)
{
	return stop_flag && *stop_flag;
}

struct imp_error *imp_watch_stop_error(void)
{
	return imp_error_new(IMP_ERROR_INTERRUPTED, "interrupted; what had been found until then is shown");
}

void imp_watch_progress(const char *what, uint64_t done, uint64_t total)
{
	/* Without a product, which could overflow. */
	progress_percent = done >= total ? 100 : total < 100 ? (unsigned)(done * 100 / total) : (unsigned)(done / (total / 100 + (total % 100 != 0)));
	progress_what = what;
}

void imp_watch_progress_end(void)
{
	progress_what = NULL;
}

bool imp_watch_progress_get(const char **what, unsigned *percent)
{
	*what = progress_what;
	*percent = progress_percent;
	return *what;
}
