/* Dumps with page ranges (DumpType 8 to 10, Windows 11 22H2 and later): a second header, then ranges {first page, pages}, then the pages in their order.
 * Source: the kdmp-parser project's structures (RDMP_HEADER64) and its reading of them.
 */
#include "dump/runs.h"

#include <inttypes.h>

/* Within the file; the second header stands behind the first. */
enum {
	RANGES_MARKER = DUMP_HEADER64_SIZE,          /* 0x40, then "RDMP", "DUMP" */
	RANGES_METADATA = DUMP_HEADER64_SIZE + 0x10, /* bytes from here + 0x10 to the first page */
	RANGES_FIRST_PAGE = DUMP_HEADER64_SIZE + 0x18,
	RANGES_TOTAL = DUMP_HEADER64_SIZE + 0x28, /* pages, of a complete dump */
	RANGES_TABLE = DUMP_HEADER64_SIZE + 0x30,
	RANGES_END = DUMP_HEADER64_SIZE + 0x20, /* what RANGES_METADATA is counted from */
	MARKER = 0x40,
	RANGE_SIZE = 16,
	COMPLETE_WITH_RANGES = 10, /* DumpType */
};

/* The table of ranges, as large as the header says, and where the first page is. */
static struct imp_error *read_header(const struct imp_dump *dump, struct imp_span *table, uint64_t *first_page)
{
	uint64_t metadata;
	uint32_t marker;
	char signature[8] = { 0 };

	if (!imp_span_u32(dump->bytes, RANGES_MARKER, &marker) || !imp_span_copy(dump->bytes, RANGES_MARKER + 4, signature, sizeof(signature)) ||
	    !imp_span_u64(dump->bytes, RANGES_METADATA, &metadata) || !imp_span_u64(dump->bytes, RANGES_FIRST_PAGE, first_page))
		return imp_error_new(IMP_ERROR_FORMAT, "the file ends inside the header of the page ranges");
	if (marker != MARKER || memcmp(signature, "RDMPDUMP", 8))
		return imp_error_new(IMP_ERROR_FORMAT, "no page ranges behind the dump header: expected 0x40 and RDMPDUMP at offset 0x%x",
				     RANGES_MARKER);
	if (*first_page < RANGES_TABLE || metadata != *first_page - RANGES_END)
		return imp_error_new(IMP_ERROR_FORMAT,
				     "the page ranges end at offset 0x%" PRIx64 " by their size, but the first page is said to be at 0x%" PRIx64,
				     metadata + RANGES_END, *first_page);
	if (!imp_span_slice(dump->bytes, RANGES_TABLE, *first_page - RANGES_TABLE, table))
		return imp_error_new(IMP_ERROR_FORMAT, "the file ends inside the page ranges, before the first page at offset 0x%" PRIx64,
				     *first_page);
	return NULL;
}

static struct imp_error *read_ranges(struct imp_dump *dump, struct imp_span table, uint64_t offset, struct imp_runs *runs)
{
	uint64_t total = UINT64_MAX, *count = &dump->info.page_count;

	if (dump->info.dump_type == COMPLETE_WITH_RANGES)
		imp_span_u64(dump->bytes, RANGES_TOTAL, &total);
	for (uint64_t at = 0; table.size - at >= RANGE_SIZE && *count < total; at += RANGE_SIZE) {
		struct imp_run run = { .offset = offset + (*count << IMP_PAGE_SHIFT) };

		imp_span_u64(table, at, &run.first);
		imp_span_u64(table, at + 8, &run.count);
		if (!run.first || !run.count)
			break;
		if (run.count > IMP_PFN_LIMIT || run.first > IMP_PFN_LIMIT - run.count || *count > IMP_PFN_LIMIT - run.count)
			return imp_error_new(IMP_ERROR_FORMAT,
					     "a page range (page 0x%" PRIx64 ", 0x%" PRIx64 " pages) goes beyond 52-bit physical addresses",
					     run.first, run.count);
		*count += run.count;
		runs->run[runs->count++] = run;
	}
	if (!runs->count)
		return imp_error_new(IMP_ERROR_FORMAT, "the page ranges are empty");
	return imp_runs_disjoint(runs);
}

struct imp_error *imp_dump_ranges_open(struct imp_dump *dump)
{
	struct imp_span table;
	uint64_t first_page;
	struct imp_error *err = read_header(dump, &table, &first_page);
	struct imp_runs *runs = err ? NULL : imp_runs_new(table.size / RANGE_SIZE);

	if (!err && !runs)
		err = imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
	if (err)
		return err;
	dump->state = runs;
	err = read_ranges(dump, table, first_page, runs);
	if (err)
		return err;

	uint64_t pages_in_file = (dump->bytes.size - first_page) >> IMP_PAGE_SHIFT;
	if (pages_in_file < dump->info.page_count)
		dump->info.missing_pages = dump->info.page_count - pages_in_file;
	dump->end = first_page + (dump->info.page_count << IMP_PAGE_SHIFT);
	return NULL;
}
