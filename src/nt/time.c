/* NT's clocks as people read them. */
#include "nt/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FILETIME_SECOND  10000000ull
#define FILETIME_OF_1970 11644473600ull /* seconds from 1601 to 1970 */

enum { UNITS_PER_MS = 10000 };

bool imp_tick_count(struct imp_kernel *kernel, uint64_t *ticks)
{
	struct imp_error *err = imp_nt_read(kernel, IMP_SHARED_TICK_COUNT, IMP_USER_SHARED_DATA, ticks);

	if (!err)
		return true;
	imp_kernel_note_error(kernel, imp_error_context(err, "how long threads have waited is not known"));
	return false;
}

uint64_t imp_ticks_to_ms(struct imp_kernel *kernel, uint64_t ticks)
{
	if (!kernel->maximum_increment) {
		uint64_t value;
		struct imp_error *err = imp_kernel_variable(kernel, "KeMaximumIncrement", 4, &value);

		if (err || !value) {
			imp_kernel_note_error(kernel, imp_error_context(err, "times of threads are not known"));
			return 0;
		}
		kernel->maximum_increment = (uint32_t)value;
	}
	return (uint32_t)ticks * (uint64_t)kernel->maximum_increment / UNITS_PER_MS;
}

const char *imp_format_interval(uint64_t milliseconds, char *text, size_t size)
{
	unsigned ms = (unsigned)(milliseconds % 1000), s = (unsigned)(milliseconds / 1000 % 60);
	unsigned m = (unsigned)(milliseconds / 60000 % 60), h = (unsigned)(milliseconds / 3600000 % 24);
	unsigned long long d = milliseconds / 86400000;

	if (!milliseconds)
		snprintf(text, size, "0");
	else if (d)
		snprintf(text, size, "%llud.%02u:%02u:%02u.%03u", d, h, m, s, ms);
	else if (h)
		snprintf(text, size, "%uh:%02u:%02u.%03u", h, m, s, ms);
	else if (m)
		snprintf(text, size, "%um:%02u.%03u", m, s, ms);
	else if (s)
		snprintf(text, size, "%us.%03u", s, ms);
	else
		snprintf(text, size, "%ums", ms);
	return text;
}

const char *imp_format_uptime(uint64_t units, char *text, size_t size)
{
	uint64_t seconds = units / FILETIME_SECOND;

	snprintf(text, size, "%llu days %u:%02u:%02u.%03u", (unsigned long long)(seconds / 86400), (unsigned)(seconds / 3600 % 24),
		 (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60), (unsigned)(units % FILETIME_SECOND / UNITS_PER_MS));
	return text;
}

static bool split(uint64_t filetime, struct tm *local, unsigned *milliseconds)
{
	time_t seconds = (time_t)(filetime / FILETIME_SECOND) - (time_t)FILETIME_OF_1970;

	*milliseconds = (unsigned)(filetime % FILETIME_SECOND / UNITS_PER_MS);
	return filetime && localtime_r(&seconds, local);
}

const char *imp_format_session_time(uint64_t filetime, char *text, size_t size)
{
	char day[32], year[16];
	struct tm local;
	unsigned milliseconds;
	long minutes;

	if (!split(filetime, &local, &milliseconds)) {
		snprintf(text, size, "Not Found");
		return text;
	}
	strftime(day, sizeof(day), "%a %b %e %H:%M:%S", &local);
	strftime(year, sizeof(year), "%Y", &local);
	minutes = local.tm_gmtoff / 60;
	snprintf(text, size, "%s.%03u %s (UTC %c %ld:%02ld)", day, milliseconds, year, minutes < 0 ? '-' : '+', labs(minutes) / 60,
		 labs(minutes) % 60);
	return text;
}

const char *imp_format_file_time(uint64_t filetime, char *text, size_t size)
{
	char date[32], half[8];
	struct tm local;
	unsigned milliseconds;

	if (!split(filetime, &local, &milliseconds)) {
		snprintf(text, size, "Not Found");
		return text;
	}
	strftime(date, sizeof(date), "%m/%d/%Y %I:%M:%S", &local);
	snprintf(half, sizeof(half), "%s", local.tm_hour < 12 ? "AM" : "PM");
	snprintf(text, size, "%s.%03u %s", date, milliseconds, half);
	return text;
}

const char *imp_format_iso_time(uint64_t filetime, char *text, size_t size)
{
	char date[32];
	struct tm utc;
	time_t seconds = (time_t)(filetime / FILETIME_SECOND) - (time_t)FILETIME_OF_1970;

	if (!filetime || !gmtime_r(&seconds, &utc))
		return NULL;
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text, size, "%s.%03uZ", date, (unsigned)(filetime % FILETIME_SECOND / UNITS_PER_MS));
	return text;
}
