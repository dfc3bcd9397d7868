/* Complete memory dumps (DumpType 1): the header lists runs of physical pages, and the pages follow it in the order of the runs. */
#include "dump/runs.h"

#include <inttypes.h>

/* Reads the PHYSICAL_MEMORY_DESCRIPTOR: NumberOfRuns, NumberOfPages, Run[] of BasePage and PageCount. NumberOfPages is not relied on. */
static struct imp_error *read_runs(const struct imp_dump *dump, struct imp_runs *runs, uint64_t *page_count)
{
	uint32_t count = 0;

	imp_span_u32(dump->bytes, DUMP_HEADER64_MEMORY_BLOCK, &count);
	if (!count || imp_dump_is_filler(count, sizeof(count)))
		return imp_error_new(IMP_ERROR_FORMAT, "the dump header lists no physical memory");
	if (count > DUMP_HEADER64_RUN_CAPACITY)
		return imp_error_new(IMP_ERROR_FORMAT, "the dump header claims %" PRIu32 " runs of physical memory, room is for %d", count,
				     DUMP_HEADER64_RUN_CAPACITY);
	for (uint32_t i = 0; i < count; i++) {
		struct imp_run run = { .offset = DUMP_HEADER64_SIZE + (*page_count << IMP_PAGE_SHIFT) };

		imp_span_u64(dump->bytes, DUMP_HEADER64_RUNS + 16 * i, &run.first);
		imp_span_u64(dump->bytes, DUMP_HEADER64_RUNS + 16 * i + 8, &run.count);
		if (run.count > IMP_PFN_LIMIT || run.first > IMP_PFN_LIMIT - run.count)
			return imp_error_new(IMP_ERROR_FORMAT,
					     "run %" PRIu32 " of physical memory (page 0x%" PRIx64 ", 0x%" PRIx64
					     " pages) goes beyond 52-bit physical addresses",
					     i, run.first, run.count);
		if (!run.count)
			continue;
		*page_count += run.count;
		runs->run[runs->count++] = run;
	}
	return imp_runs_disjoint(runs);
}

struct imp_error *imp_dump_complete_open(struct imp_dump *dump)
{
	struct imp_runs *runs = imp_runs_new(DUMP_HEADER64_RUN_CAPACITY);
	uint64_t pages_in_file = (dump->bytes.size - DUMP_HEADER64_SIZE) >> IMP_PAGE_SHIFT;

	if (!runs)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
	dump->state = runs;

	struct imp_error *err = read_runs(dump, runs, &dump->info.page_count);
	if (err)
		return err;
	if (pages_in_file < dump->info.page_count)
		dump->info.missing_pages = dump->info.page_count - pages_in_file;
	dump->end = DUMP_HEADER64_SIZE + (dump->info.page_count << IMP_PAGE_SHIFT);
	return NULL;
}
