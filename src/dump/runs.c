/* Runs of physical pages: see runs.h. */
#include "dump/runs.h"

#include <inttypes.h>
#include <stdlib.h>

struct imp_runs *imp_runs_new(size_t capacity)
{
	struct imp_runs *runs = malloc(sizeof(*runs) + capacity * sizeof(runs->run[0]));

	if (runs)
		runs->count = 0;
	return runs;
}

static int by_first_page(const void *left, const void *right)
{
	const struct imp_run *a = left, *b = right;

	return (a->first > b->first) - (a->first < b->first);
}

void imp_runs_sort(struct imp_runs *runs)
{
	qsort(runs->run, runs->count, sizeof(runs->run[0]), by_first_page);
}

struct imp_error *imp_runs_disjoint(struct imp_runs *runs)
{
	imp_runs_sort(runs);
	for (size_t i = 1; i < runs->count; i++) {
		const struct imp_run *below = &runs->run[i - 1], *run = &runs->run[i];

		if (run->first - below->first < below->count)
			return imp_error_new(IMP_ERROR_FORMAT, "runs of physical memory overlap at page 0x%" PRIx64, run->first);
	}
	return NULL;
}

/* The first run that ends behind `pfn`; runs->count when there is none. */
static size_t run_at(const struct imp_runs *runs, uint64_t pfn)
{
	size_t low = 0, high = runs->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (runs->run[middle].first + runs->run[middle].count <= pfn)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How many of the run's pages are in the file. */
static uint64_t pages_there(const struct imp_dump *dump, const struct imp_run *run)
{
	uint64_t pages = run->offset < dump->bytes.size ? (dump->bytes.size - run->offset) >> IMP_PAGE_SHIFT : 0;

	return pages < run->count ? pages : run->count;
}

const uint8_t *imp_runs_page(const struct imp_dump *dump, uint64_t pfn)
{
	const struct imp_runs *runs = dump->state;
	size_t index = run_at(runs, pfn);

	if (index == runs->count || pfn < runs->run[index].first || pfn - runs->run[index].first >= pages_there(dump, &runs->run[index]))
		return NULL;
	return dump->bytes.data + runs->run[index].offset + ((pfn - runs->run[index].first) << IMP_PAGE_SHIFT);
}

uint64_t imp_runs_next(const struct imp_dump *dump, uint64_t pfn)
{
	const struct imp_runs *runs = dump->state;

	for (size_t index = run_at(runs, pfn); index < runs->count; index++) {
		const struct imp_run *run = &runs->run[index];
		uint64_t at = pfn > run->first ? pfn : run->first;

		if (at - run->first < pages_there(dump, run))
			return at;
	}
	return UINT64_MAX;
}
