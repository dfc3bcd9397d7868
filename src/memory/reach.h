/* Which physical pages one half of an address space reaches: what a dump of the kernel only has to hold. */
#ifndef IMP_MEMORY_REACH_H
#define IMP_MEMORY_REACH_H

#include "dump/dump.h"
#include <stdbool.h>

/* A set of page numbers. */
struct imp_pages {
	uint64_t limit; /* greater than each of them */
	uint8_t bits[]; /* one a page */
};

static inline bool imp_pages_has(const struct imp_pages *pages, uint64_t pfn)
{
	return pfn < pages->limit && pages->bits[pfn / 8] >> pfn % 8 & 1;
}

/* The pages of `dump` that the page tables of `levels` levels (4 or 5) at physical `directory_table_base` map in the kernel's half, pages in transition too, and these tables
 * themselves. Freed with free. Errors: NOT_FOUND when the top table is not in the dump.
 */
struct imp_error *imp_kernel_pages(const struct imp_dump *dump, uint64_t directory_table_base, unsigned levels, struct imp_pages **pages);

#endif
