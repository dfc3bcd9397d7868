/* The pages that the kernel's half of the address space reaches: see reach.h. Each table is visited once a level, so tables that lead in circles
 * (the self-map is one) cost no more than there are pages.
 */
#include "memory/reach.h"

#include <stdlib.h>

#define PTE_VALID      (UINT64_C(1) << 0)
#define PTE_LARGE      (UINT64_C(1) << 7)
#define PTE_PROTOTYPE  (UINT64_C(1) << 10)
#define PTE_TRANSITION (UINT64_C(1) << 11)
#define PTE_FRAME      UINT64_C(0x000ffffffffff000)

enum {
	LEVELS = 5, /* at most */
	TABLE_ENTRIES = 512,
	LARGE = LEVELS - 1, /* added to the level of an entry that maps a large page (1 or 2) */
	KINDS = LEVELS + 2, /* in which a page may have been visited */
};

struct reach {
	const struct imp_dump *dump;
	struct imp_pages *pages;
	uint8_t *visited; /* KINDS bits a page */
};

static void add(struct reach *reach, uint64_t first, uint64_t count)
{
	for (uint64_t pfn = first; pfn < first + count && pfn < reach->pages->limit; pfn++)
		reach->pages->bits[pfn / 8] |= (uint8_t)(1 << pfn % 8);
}

static bool visit_first(struct reach *reach, uint64_t pfn, unsigned kind)
{
	uint64_t bit = pfn * KINDS + kind;
	bool first = !(reach->visited[bit / 8] >> bit % 8 & 1);

	reach->visited[bit / 8] |= (uint8_t)(1 << bit % 8);
	return first;
}

static void map_page(struct reach *reach, uint64_t pfn, unsigned level)
{
	uint64_t count = UINT64_C(1) << 9 * level, first = pfn & ~(count - 1);

	if (first < reach->pages->limit && (!level || visit_first(reach, first, LARGE + level)))
		add(reach, first, count);
}

/* `level`: 0 for a page table. At most LEVELS deep. */
static void visit(struct reach *reach, uint64_t pfn, unsigned level, unsigned first_entry)
{
	const uint8_t *table = imp_dump_page(reach->dump, pfn);

	if (!table || pfn >= reach->pages->limit || !visit_first(reach, pfn, level))
		return;
	add(reach, pfn, 1);
	for (size_t i = first_entry; i < TABLE_ENTRIES; i++) {
		uint64_t entry;
		bool large, valid;

		memcpy(&entry, table + 8 * i, sizeof(entry));
		valid = entry & PTE_VALID;
		large = valid && (entry & PTE_LARGE) && (level == 1 || level == 2);
		if (!valid && (entry & (PTE_PROTOTYPE | PTE_TRANSITION)) != PTE_TRANSITION)
			continue;
		if (level && !large)
			visit(reach, (entry & PTE_FRAME) >> IMP_PAGE_SHIFT, level - 1, 0);
		else
			map_page(reach, (entry & PTE_FRAME) >> IMP_PAGE_SHIFT, level);
	}
}

struct imp_error *imp_kernel_pages(const struct imp_dump *dump, uint64_t directory_table_base, unsigned levels, struct imp_pages **result)
{
	uint64_t top = (directory_table_base & PTE_FRAME) >> IMP_PAGE_SHIFT, limit = 0;

	*result = NULL;
	for (uint64_t pfn = imp_dump_next_page(dump, 0); pfn != UINT64_MAX; pfn = imp_dump_next_page(dump, pfn + 1))
		limit = pfn + 1;
	if (!imp_dump_page(dump, top))
		return imp_error_new(IMP_ERROR_NOT_FOUND, "the kernel's page tables (at physical address %llx) are not in the dump",
				     (unsigned long long)directory_table_base);

	struct imp_pages *pages = calloc(1, sizeof(*pages) + limit / 8 + 1);
	struct reach reach = { dump, pages, calloc(1, limit * KINDS / 8 + 1) };
	if (!pages || !reach.visited) {
		free(pages);
		free(reach.visited);
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for a set of %llu pages", (unsigned long long)limit);
	}
	pages->limit = limit;
	visit(&reach, top, levels - 1, TABLE_ENTRIES / 2);
	free(reach.visited);
	*result = pages;
	return NULL;
}
