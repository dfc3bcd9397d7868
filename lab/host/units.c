/* Sizes and durations as text; see units.h. */

#include "units.h"

#include <inttypes.h>
#include <stdio.h>

const char *imp_units_bytes(uint64_t bytes, char *text)
{
	static const char *const names[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(text, IMP_UNITS_SIZE, "%" PRIu64 " bytes", bytes);
		return text;
	}
	while (value >= 1024 && unit + 1 < sizeof(names) / sizeof(names[0])) {
		value /= 1024;
		unit++;
	}
	snprintf(text, IMP_UNITS_SIZE, value < 100 ? "%.1f %s" : "%.0f %s", value, names[unit]);
	return text;
}

const char *imp_units_duration(uint64_t us, char *text)
{
	uint64_t seconds = us / 1000000;

	if (seconds < 10)
		snprintf(text, IMP_UNITS_SIZE, "%.3f s", (double)us / 1e6);
	else if (seconds < 60)
		snprintf(text, IMP_UNITS_SIZE, "%.1f s", (double)us / 1e6);
	else if (seconds < 3600)
		snprintf(text, IMP_UNITS_SIZE, "%" PRIu64 " min %02" PRIu64 " s", seconds / 60, seconds % 60);
	else if (seconds < 86400)
		snprintf(text, IMP_UNITS_SIZE, "%" PRIu64 " h %02" PRIu64 " min", seconds / 3600, seconds / 60 % 60);
	else
		snprintf(text, IMP_UNITS_SIZE, "%" PRIu64 " d %02" PRIu64 " h", seconds / 86400, seconds / 3600 % 24);
	return text;
}
