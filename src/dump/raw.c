/* Raw physical memory: no header, the page with number n stands at n * 4096. Such a file has no signature, so it is what remains when nothing
 * else fits; whether it holds a Windows kernel is found out by who reads it.
 */
#include "dump/format.h"

/* Smaller than any memory that a kernel fits in: a file of this size is more likely something else. */
enum { RAW_SMALLEST = 1 << 20 };

bool imp_dump_is_raw(struct imp_span bytes)
{
	return bytes.size >= RAW_SMALLEST && bytes.size % IMP_PAGE_SIZE == 0 && bytes.size >> IMP_PAGE_SHIFT <= IMP_PFN_LIMIT;
}

struct imp_error *imp_dump_raw_open(struct imp_dump *dump)
{
	dump->info.page_count = dump->bytes.size >> IMP_PAGE_SHIFT;
	return NULL;
}

const uint8_t *imp_dump_raw_page(const struct imp_dump *dump, uint64_t pfn)
{
	return pfn < dump->info.page_count ? dump->bytes.data + (pfn << IMP_PAGE_SHIFT) : NULL;
}

uint64_t imp_dump_raw_next(const struct imp_dump *dump, uint64_t pfn)
{
	return pfn < dump->info.page_count ? pfn : UINT64_MAX;
}
