/* Dumps with page ranges (types 8 to 10): which pages they hold, and a sentence for what cannot be. */
#include "open.h"

enum { FIRST_PAGE = 0x3000, TABLE = 0x2030, PAGES = 6 };

/* Three ranges, not in ascending order; the pages follow in the order of the ranges. */
static const uint64_t ranges[][2] = { { 0x500, 2 }, { 0x10, 3 }, { 0x502, 1 } };

static void make(struct synthetic *made, uint32_t type)
{
	synthetic_new(made, 0, PAGES + 1);
	memset(made->bytes + 0x2000, 0, FIRST_PAGE - 0x2000);
	synthetic_put32(made, 0xf98, type);
	synthetic_put32(made, 0x2000, 0x40);
	memcpy(made->bytes + 0x2004, "RDMPDUMP", 8);
	synthetic_put64(made, 0x2010, FIRST_PAGE - 0x2020);
	synthetic_put64(made, 0x2018, FIRST_PAGE);
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		synthetic_put64(made, TABLE + 16 * i, ranges[i][0]);
		synthetic_put64(made, TABLE + 16 * i + 8, ranges[i][1]);
	}
	if (type == 10) {
		synthetic_put32(made, 0x2020, 3);
		synthetic_put64(made, 0x2028, PAGES);
	}
}

static void pages_of_ranges(void **state)
{
	static const uint64_t there[] = { 0x500, 0x501, 0x10, 0x11, 0x12, 0x502 }, absent[] = { 0, 0xf, 0x13, 0x4ff, 0x503, UINT64_MAX };
	struct synthetic made;
	struct imp_dump *dump;
	(void)state;

	for (uint32_t type = 8; type <= 10; type++) {
		make(&made, type);
		/* Behind the last page of a complete dump nothing is looked at. */
		if (type == 10)
			synthetic_put64(&made, TABLE + 48, 0x10);
		assert_null(open_synthetic(&made, made.size, &dump));
		assert_int_equal(imp_dump_info(dump)->page_count, PAGES);
		assert_int_equal(imp_dump_info(dump)->missing_pages, 0);
		for (size_t i = 0; i < PAGES; i++)
			assert_ptr_equal(imp_dump_page(dump, there[i]), made.bytes + FIRST_PAGE + 4096 * i);
		for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
			assert_null(imp_dump_page(dump, absent[i]));
		assert_int_equal(imp_dump_next_page(dump, 0), 0x10);
		assert_int_equal(imp_dump_next_page(dump, 0x13), 0x500);
		assert_int_equal(imp_dump_next_page(dump, 0x503), UINT64_MAX);
		imp_dump_close(dump);

		assert_null(open_synthetic(&made, FIRST_PAGE + 4 * 4096 + 1, &dump));
		assert_int_equal(imp_dump_info(dump)->missing_pages, 2);
		assert_non_null(imp_dump_page(dump, 0x11));
		assert_null(imp_dump_page(dump, 0x12));
		assert_int_equal(imp_dump_next_page(dump, 0x12), 0x500);
		imp_dump_close(dump);
		synthetic_free(&made);
	}
}

static void lies(void **state)
{
	struct synthetic made;
	(void)state;

	make(&made, 8);
	refused(&made, 0x201f, "the file ends inside the header of the page ranges");
	refused(&made, 0x2100, "the file ends inside the page ranges");
	synthetic_put64(&made, TABLE + 24, UINT64_MAX);
	refused(&made, made.size, "beyond 52-bit physical addresses");
	synthetic_put64(&made, TABLE + 24, 3);
	synthetic_put64(&made, TABLE + 16, 0x501);
	refused(&made, made.size, "overlap at page 0x501");
	synthetic_put64(&made, TABLE, 0);
	refused(&made, made.size, "the page ranges are empty");
	synthetic_put64(&made, 0x2010, 0x2000);
	refused(&made, made.size, "the first page is said to be at 0x3000");
	synthetic_put64(&made, 0x2018, UINT64_MAX);
	synthetic_put64(&made, 0x2010, UINT64_MAX - 0x2020);
	refused(&made, made.size, "the file ends inside the page ranges");
	synthetic_put64(&made, 0x2018, 0x2000);
	refused(&made, made.size, "the first page is said to be at 0x2000");
	made.bytes[0x2004] = 'S';
	refused(&made, made.size, "expected 0x40 and RDMPDUMP at offset 0x2000");
	synthetic_free(&made);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(pages_of_ranges), cmocka_unit_test(lies) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
