/* Fuzz target: page tables. The input is the contents of all of a small machine's pages, the first of which is the top table; its entries lead wherever
 * they say, to other tables, to themselves or out of the dump.
 */
#include "memory/memory.h"
#include "memory/reach.h"
#include "synthetic.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PAGES = 6, QUESTIONS = 64 };

static void ask(struct imp_memory *memory, uint64_t address)
{
	uint8_t buffer[64];
	uint64_t covered, physical;
	IMP_CLEANUP_ERROR struct imp_error *read_err = imp_memory_read(memory, address, buffer, sizeof(buffer));
	IMP_CLEANUP_ERROR struct imp_error *translate_err = imp_memory_translate(memory, address, &physical);
	bool mapped = imp_memory_maps(memory, address, &covered);

	/* What can be translated is mapped, and what is covered is a power of two. */
	if ((!translate_err && !mapped) || (covered & (covered - 1)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct synthetic made;
	struct imp_dump *dump;
	struct imp_memory *memory;
	struct imp_pages *pages;
	struct imp_error *err;

	if (!size)
		return 0;
	synthetic_new(&made, 0, PAGES);
	memcpy(synthetic_page(&made, 0), data, size < PAGES * IMP_PAGE_SIZE ? size : PAGES * IMP_PAGE_SIZE);
	err = imp_dump_open_bytes("fuzz", (struct imp_span){ made.bytes, made.size }, &dump);
	if (!err)
		err = imp_memory_new(dump, 0, &memory);
	if (err)
		abort();
	/* The addresses that entries of the top table and of those below it lead to, each way through the pages. */
	for (uint64_t i = 0; i < QUESTIONS; i++) {
		uint64_t address = (i % 8 | (i & 8 ? 0x1f0 : 0)) << 39 | (i >> 4 & 3) << 30 | (i >> 2 & 3) << 21 | (i & 3) << 12 | 0xff0;

		ask(memory, address & UINT64_C(1) << 47 ? address | UINT64_C(0xffff) << 48 : address);
	}
	IMP_CLEANUP_ERROR struct imp_error *reach_err = imp_kernel_pages(dump, 0, 4 + data[0] % 2, &pages);
	if (!reach_err)
		free(pages);
	imp_memory_free(memory);
	imp_dump_close(dump);
	synthetic_free(&made);
	return 0;
}
