/* Which pages the kernel's half of an address space reaches. */
#include "memory/reach.h"
#include "synthetic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { FIRST = 0x200, PAGES = 1024 };
static const uint64_t kernel = 0xfffff80000000000;

static struct imp_pages *reach(const struct synthetic *made, struct imp_dump **dump)
{
	struct imp_pages *pages;

	assert_null(imp_dump_open_bytes("synthetic", (struct imp_span){ made->bytes, made->size }, dump));
	assert_null(imp_kernel_pages(*dump, made->directory_table_base, 4, &pages));
	return pages;
}

static void kernel_half_only(void **state)
{
	struct synthetic made;
	struct imp_dump *dump;
	uint64_t mapped, user, unused, transition;
	(void)state;

	synthetic_new(&made, FIRST, PAGES);
	mapped = synthetic_take(&made, 2);
	user = synthetic_take(&made, 1);
	unused = synthetic_take(&made, 1);
	transition = synthetic_take(&made, 1);
	synthetic_map(&made, kernel + 0x1000, mapped, 2);
	synthetic_map(&made, 0x10000, user, 1);
	synthetic_set_entry(&made, kernel + 0x5000, 0, transition << 12 | 0x800);
	synthetic_set_entry(&made, kernel + 0x6000, 0, unused << 12 | 0xc00);        /* a prototype's address, not a frame */
	synthetic_set_entry(&made, kernel + 0x200000, 1, UINT64_C(0x400000) | 0xe3); /* 2 MiB, from page 0x400 on */
	synthetic_set_entry(&made, kernel + 0x8000000000, 3, made.directory_table_base | 0x63);

	struct imp_pages *pages = reach(&made, &dump);
	assert_true(imp_pages_has(pages, made.directory_table_base >> 12));
	assert_true(imp_pages_has(pages, mapped));
	assert_true(imp_pages_has(pages, mapped + 1));
	assert_true(imp_pages_has(pages, transition));
	assert_false(imp_pages_has(pages, user));
	assert_false(imp_pages_has(pages, unused));
	assert_false(imp_pages_has(pages, 0x3ff));
	assert_true(imp_pages_has(pages, 0x400));
	assert_true(imp_pages_has(pages, 0x5ff));
	assert_false(imp_pages_has(pages, 0x600)); /* not in the dump either */
	assert_false(imp_pages_has(pages, UINT64_MAX));
	free(pages);
	imp_dump_close(dump);
	synthetic_free(&made);
}

/* Every page a table whose entries lead to every page, and large pages all over: it ends, and soon. */
static void circles(void **state)
{
	struct synthetic made;
	struct imp_dump *dump;
	(void)state;

	synthetic_new(&made, FIRST, PAGES);
	for (uint64_t page = FIRST; page < FIRST + PAGES; page++) {
		uint64_t *table = (uint64_t *)synthetic_page(&made, page);

		for (uint64_t i = 0; i < 512; i++)
			table[i] = (FIRST + (page * 7 + i) % PAGES) << 12 | (i % 3 ? 0x63 : 0xe3);
	}

	struct imp_pages *pages = reach(&made, &dump);
	for (uint64_t page = FIRST; page < FIRST + PAGES; page++)
		assert_true(imp_pages_has(pages, page));
	free(pages);
	imp_dump_close(dump);
	synthetic_free(&made);
}

static void no_table(void **state)
{
	struct synthetic made;
	struct imp_dump *dump;
	struct imp_pages *pages;
	(void)state;

	synthetic_new(&made, FIRST, PAGES);
	assert_null(imp_dump_open_bytes("synthetic", (struct imp_span){ made.bytes, made.size }, &dump));
	struct imp_error *err = imp_kernel_pages(dump, UINT64_MAX, 4, &pages);
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	assert_null(pages);
	imp_error_free(err);
	imp_dump_close(dump);
	synthetic_free(&made);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(kernel_half_only), cmocka_unit_test(circles), cmocka_unit_test(no_table) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
