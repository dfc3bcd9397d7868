/* !pool !poolused !vm: kernel memory. */
#include "command/commands.h"
#include "nt/pool.h"
#include "nt/time.h"
#include "symbols/wildcard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct listing {
	struct imp_session *session;
	struct imp_report *report;
	uint64_t address;
	bool only; /* the block around `address` alone */
	uint64_t total;
};

static void report_block(struct imp_report *report, const struct imp_pool_block *block, bool around)
{
	imp_report_open_object(report, NULL);
	imp_report_line(report, "%c%016llx size: %4llx previous size: %4llx  (%s) %c%s", around ? '*' : ' ', (unsigned long long)block->address,
			(unsigned long long)block->size, (unsigned long long)block->previous_size, block->allocated ? "Allocated" : "Free",
			around ? '*' : ' ', block->tag);
	imp_report_value(report, "address", imp_address(block->address));
	imp_report_value(report, "size", imp_number(block->size));
	imp_report_value(report, "previous_size", imp_number(block->previous_size));
	imp_report_value(report, "allocated", imp_bool(block->allocated));
	imp_report_value(report, "paged", imp_bool(block->paged));
	imp_report_value(report, "tag", imp_string(block->tag));
	imp_report_value(report, "around", imp_bool(around));
	imp_report_close(report);
}

static bool list_block(void *context, const struct imp_pool_block *block)
{
	struct listing *list = context;
	bool around = list->address - block->address < block->size;

	if (around || !list->only)
		report_block(list->report, block, around);
	return !imp_session_interrupted(list->session);
}

/* What kind of pool the page is, by its first block. */
static bool note_kind(void *context, const struct imp_pool_block *block)
{
	*(bool *)context = block->paged;
	return false;
}

static struct imp_error *report_guess(struct listing *list)
{
	struct imp_pool_block block;
	struct imp_error *err = imp_pool_guess(list->session->kernel, list->address, &block);

	if (err)
		return imp_error_context(err, "this kernel's pool is a segment heap, whose pages cannot be walked block by block");
	imp_report_value(list->report, "kind", imp_string("guess"));
	imp_report_open_list(list->report, "blocks");
	report_block(list->report, &block, true);
	imp_report_close(list->report);
	imp_kernel_note(list->session->kernel,
			"this kernel's pool is a segment heap, whose pages cannot be walked block by block: the block is a guess from "
			"the nearest header below the address");
	return NULL;
}

IMP_COMMAND(pool)
{
	struct listing list = { .session = session, .report = report };
	struct imp_kernel *kernel = session->kernel;
	struct imp_pool_block big;
	uint64_t flags;
	bool paged = false;
	struct imp_error *err = imp_argument(session, &arguments, "an address in pool", &list.address);
	IMP_CLEANUP_ERROR struct imp_error *not_big = NULL;

	if (!err)
		err = imp_argument_last_or(session, &arguments, 0, &flags);
	if (!err)
		err = imp_kernel_need_symbols(kernel);
	if (err)
		return err;
	list.only = flags & 2;
	imp_report_value(report, "address", imp_address(list.address));
	not_big = imp_pool_big_find(kernel, list.address, &big);
	if (!not_big) {
		imp_report_line(report, "Pool page %016llx region is big pool", (unsigned long long)list.address);
		imp_report_line(report, "*%016llx : large page allocation, tag is %s, size is 0x%llx bytes", (unsigned long long)big.address, big.tag,
				(unsigned long long)big.size);
		imp_report_value(report, "kind", imp_string("big"));
		imp_report_open_list(report, "blocks");
		imp_report_open_object(report, NULL);
		imp_report_value(report, "address", imp_address(big.address));
		imp_report_value(report, "size", imp_number(big.size));
		imp_report_value(report, "allocated", imp_bool(true));
		imp_report_value(report, "tag", imp_string(big.tag));
		imp_report_value(report, "around", imp_bool(true));
		imp_report_close(report);
		imp_report_close(report);
		return NULL;
	}
	err = imp_pool_page_each(kernel, list.address, note_kind, &paged);
	if (err && imp_error_code(err) == IMP_ERROR_FORMAT && imp_pool_is_segment_heap(kernel)) {
		imp_error_free(err);
		return report_guess(&list);
	}
	if (err)
		return err;
	imp_report_line(report, "Pool page %016llx region is %s", (unsigned long long)list.address, paged ? "Paged pool" : "Nonpaged pool");
	imp_report_value(report, "kind", imp_string(paged ? "paged" : "nonpaged"));
	imp_report_open_list(report, "blocks");
	err = imp_pool_page_each(kernel, list.address, list_block, &list);
	imp_report_close(report);
	return err;
}

static int by_nonpaged_bytes(const void *left, const void *right)
{
	const struct imp_pool_use *a = left, *b = right;

	return (a->nonpaged_bytes < b->nonpaged_bytes) - (a->nonpaged_bytes > b->nonpaged_bytes);
}

static int by_paged_bytes(const void *left, const void *right)
{
	const struct imp_pool_use *a = left, *b = right;

	return (a->paged_bytes < b->paged_bytes) - (a->paged_bytes > b->paged_bytes);
}

/* [FLAGS [TAG]]: FLAGS 2 sorts by nonpaged bytes, 4 by paged bytes; without them by tag. */
IMP_COMMAND(poolused)
{
	static const struct imp_column columns[] = {
		{ "tag", " Tag", IMP_LEFT, 5 },
		{ "nonpaged_allocs", "NonPaged Allocs", IMP_RIGHT, 0 },
		{ "nonpaged_frees", "Frees", IMP_RIGHT, 0 },
		{ "nonpaged_bytes", "Used", IMP_RIGHT, 0 },
		{ "paged_allocs", "Paged Allocs", IMP_RIGHT, 0 },
		{ "paged_frees", "Frees", IMP_RIGHT, 0 },
		{ "paged_bytes", "Used", IMP_RIGHT, 0 },
	};
	char filter[16] = "";
	uint64_t flags;
	struct imp_pool_use *uses;
	struct imp_table *table;
	size_t count;
	struct imp_error *err = imp_argument_or(session, &arguments, 0, &flags);

	if (err)
		return err;
	imp_next_word(&arguments, filter, sizeof(filter));
	err = imp_arguments_end(arguments);
	if (!err)
		err = imp_pool_uses(session->kernel, &uses, &count);
	if (err)
		return err;
	if (flags & 2)
		qsort(uses, count, sizeof(*uses), by_nonpaged_bytes);
	else if (flags & 4)
		qsort(uses, count, sizeof(*uses), by_paged_bytes);
	table = imp_report_table(report, "tags", columns, sizeof(columns) / sizeof(columns[0]), IMP_TABLE_TITLES);
	for (size_t i = 0; i < count; i++) {
		const struct imp_pool_use *use = &uses[i];
		const uint64_t numbers[] = { use->nonpaged_allocs, use->nonpaged_frees, use->nonpaged_bytes,
					     use->paged_allocs,    use->paged_frees,    use->paged_bytes };

		if (*filter && !imp_wildcard_match(filter, use->tag))
			continue;
		imp_table_cell(table, imp_string(use->tag), "%s", use->tag);
		for (size_t n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++)
			imp_table_cell(table, imp_number(numbers[n]), "%llu", (unsigned long long)numbers[n]);
	}
	free(uses);
	return NULL;
}

static bool list_process(void *context, uint64_t address)
{
	struct listing *list = context;
	struct imp_process process;
	struct imp_error *err = imp_process_read(list->session->kernel, address, &process);
	uint64_t pages = err ? 0 : process.commit_charge / IMP_PAGE_SIZE;

	if (err) {
		imp_kernel_note_error(list->session->kernel, err);
		return true;
	}
	list->total += pages;
	imp_report_open_object(list->report, NULL);
	imp_report_line(list->report, "  %04llx %-24s %12llu (%12llu Kb)", (unsigned long long)process.pid, process.name, (unsigned long long)pages,
			(unsigned long long)pages * (IMP_PAGE_SIZE / 1024));
	imp_report_value(list->report, "pid", imp_number(process.pid));
	imp_report_value(list->report, "name", imp_string(process.name));
	imp_report_value(list->report, "commit_pages", imp_number(pages));
	imp_report_close(list->report);
	return !imp_session_interrupted(list->session);
}

/* Newer kernels keep these numbers in the system's partition, older ones (and the lab) in variables; the number of pages is in the shared page too. */
static bool memory_number(struct imp_kernel *kernel, enum imp_nt_field field, const char *variable, uint64_t *value)
{
	uint64_t partition;
	struct imp_error *err = imp_kernel_symbol(kernel, "MiSystemPartition", &partition);

	if (!err)
		err = imp_nt_read(kernel, field, partition, value);
	if (err && variable) {
		imp_error_free(err);
		err = imp_kernel_variable(kernel, variable, 8, value);
	}
	if (err && field == IMP_PARTITION_PHYSICAL_PAGES) {
		imp_error_free(err);
		err = imp_nt_read(kernel, IMP_SHARED_PHYSICAL_PAGES, IMP_USER_SHARED_DATA, value);
	}
	imp_error_free(err);
	return !err;
}

IMP_COMMAND(vm)
{
	static const struct {
		const char *title, *key;
		enum imp_nt_field field;
		const char *variable;
	} rows[] = {
		{ "Physical Memory:", "physical_pages", IMP_PARTITION_PHYSICAL_PAGES, "MmNumberOfPhysicalPages" },
		{ "Available Pages:", "available_pages", IMP_PARTITION_AVAILABLE_PAGES, "MmAvailablePages" },
		{ "ResAvail Pages:", "resident_available_pages", IMP_PARTITION_RESIDENT_AVAILABLE, "MmResidentAvailablePages" },
		{ "Committed pages:", "committed_pages", IMP_PARTITION_COMMITTED, "MmTotalCommittedPages" },
		{ "Commit limit:", "commit_limit", IMP_PARTITION_COMMIT_LIMIT, "MmTotalCommitLimit" },
		{ "Peak Commitment:", "peak_commitment", IMP_PARTITION_COMMIT_PEAK, "MmPeakCommitment" },
	};
	struct listing list = { .session = session, .report = report };
	uint64_t value;
	struct imp_error *err = imp_arguments_end(arguments);

	if (!err)
		err = imp_kernel_need_symbols(session->kernel);
	if (err)
		return err;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (memory_number(session->kernel, rows[i].field, rows[i].variable, &value))
			imp_report_pair(report, rows[i].key, imp_number(value), "%-20s %12llu (%12llu Kb)", rows[i].title, (unsigned long long)value,
					(unsigned long long)value * (IMP_PAGE_SIZE / 1024));
		else
			imp_report_pair(report, rows[i].key, imp_null(), "%-20s %12s", rows[i].title, "not known");
	}
	if (memory_number(session->kernel, IMP_PARTITION_PAGING_FILES, NULL, &value))
		imp_report_pair(report, "paging_files", imp_number((uint32_t)value), "%-20s %12u", "Paging files:", (unsigned)value);
	else
		imp_report_value(report, "paging_files", imp_null());
	imp_report_line(report, "%s", "");
	imp_report_line(report, "  Commit by process:");
	imp_report_open_list(report, "processes");
	imp_kernel_note_error(session->kernel, imp_process_each(session->kernel, list_process, &list));
	imp_report_close(report);
	imp_report_line(report, "  %-29s %12llu (%12llu Kb)", "Total", (unsigned long long)list.total,
			(unsigned long long)list.total * (IMP_PAGE_SIZE / 1024));
	return NULL;
}
