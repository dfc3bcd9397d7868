/* Opening dumps: what the header says, which pages are there, and a sentence for everything that is not a dump we read. */
#include "open.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void header_fields(void **state)
{
	struct synthetic made;
	struct imp_dump *dump;
	(void)state;

	synthetic_new(&made, 0x100, 8);
	memcpy(made.bytes + 0xfb0, "taken by a test", 16);
	assert_null(open_synthetic(&made, made.size, &dump));

	const struct imp_dump_info *info = imp_dump_info(dump);
	assert_string_equal(info->format, "complete memory dump");
	assert_int_equal(info->major_version, 0xf);
	assert_int_equal(info->minor_version, 22621);
	assert_int_equal(info->machine, 0x8664);
	assert_int_equal(info->processor_count, 7);
	assert_int_equal(info->directory_table_base, 0x100000);
	assert_int_equal(info->loaded_module_list, 0xfffff80012345678);
	assert_int_equal(info->active_process_head, 0xfffff80023456789);
	assert_int_equal(info->debugger_data_block, 0xfffff80034567890);
	assert_int_equal(info->bugcheck_code, 0x161);
	assert_int_equal(info->bugcheck_parameters[0], 0x5461736b6d6772);
	assert_int_equal(info->bugcheck_parameters[3], 3);
	assert_int_equal(info->system_time, 0x1da1f9b12345678);
	assert_int_equal(info->up_time, 3503220000);
	assert_int_equal(info->product_type, 1);
	assert_int_equal(info->suite_mask, 0x110);
	assert_string_equal(info->comment, "taken by a test");
	assert_int_equal(info->context.size, 0); /* still the filler */
	assert_int_equal(info->page_count, 8);
	assert_int_equal(info->missing_pages, 0);
	assert_string_equal(imp_dump_path(dump), "synthetic.dmp");
	imp_dump_close(dump);

	synthetic_put32(&made, 0x348 + 0x30, 0x10001f); /* CONTEXT.ContextFlags */
	synthetic_put32(&made, 0xf00, 0xc0000005);
	assert_null(open_synthetic(&made, made.size, &dump));
	assert_ptr_equal(imp_dump_info(dump)->context.data, made.bytes + 0x348);
	assert_int_equal(imp_dump_info(dump)->context.size, 1232);
	assert_int_equal(imp_dump_info(dump)->exception.size, 152);
	imp_dump_close(dump);
	synthetic_free(&made);
}

static void pages_of_runs(void **state)
{
	/* Not in ascending order, an empty one, and neighbours: page numbers, counts; the file keeps this order. */
	static const uint64_t runs[][2] = { { 0x500, 2 }, { 0x10, 3 }, { 0x99, 0 }, { 0x502, 1 }, { 0x40, 1 } };
	static const struct {
		uint64_t page;
		size_t file_page;
	} there[] = {
		{ 0x500, 0 }, { 0x501, 1 }, { 0x10, 2 }, { 0x11, 3 }, { 0x12, 4 }, { 0x502, 5 }, { 0x40, 6 },
	};
	static const uint64_t absent[] = { 0, 0xf, 0x13, 0x3f, 0x41, 0x99, 0x4ff, 0x503, UINT64_MAX, UINT64_C(1) << 52 };
	struct synthetic made;
	struct imp_dump *dump;
	(void)state;

	synthetic_new(&made, 0, 7);
	synthetic_put32(&made, 0x88, 5);
	for (size_t i = 0; i < 5; i++) {
		synthetic_put64(&made, 0x98 + 16 * i, runs[i][0]);
		synthetic_put64(&made, 0xa0 + 16 * i, runs[i][1]);
	}
	assert_null(open_synthetic(&made, made.size, &dump));
	assert_int_equal(imp_dump_info(dump)->page_count, 7);
	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		assert_ptr_equal(imp_dump_page(dump, there[i].page), made.bytes + 0x2000 + 4096 * there[i].file_page);
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		assert_null(imp_dump_page(dump, absent[i]));
	imp_dump_close(dump);

	/* A file that ends in the sixth page still opens, with that one and the next missing. */
	assert_null(open_synthetic(&made, 0x2000 + 5 * 4096 + 100, &dump));
	assert_int_equal(imp_dump_info(dump)->page_count, 7);
	assert_int_equal(imp_dump_info(dump)->missing_pages, 2);
	assert_non_null(imp_dump_page(dump, 0x12));
	assert_null(imp_dump_page(dump, 0x502));
	assert_null(imp_dump_page(dump, 0x40));
	imp_dump_close(dump);
	synthetic_free(&made);
}

static void lies_in_runs(void **state)
{
	struct synthetic made;
	(void)state;

	synthetic_new(&made, 0, 2);
	synthetic_put32(&made, 0x88, 0);
	refused(&made, made.size, "lists no physical memory");
	synthetic_put32(&made, 0x88, 0x45474150);
	refused(&made, made.size, "lists no physical memory");
	synthetic_put32(&made, 0x88, 44);
	refused(&made, made.size, "claims 44 runs of physical memory, room is for 43");
	synthetic_put32(&made, 0x88, UINT32_MAX);
	refused(&made, made.size, "claims 4294967295 runs");
	synthetic_put32(&made, 0x88, 1);
	synthetic_put64(&made, 0x98, UINT64_MAX);
	refused(&made, made.size, "beyond 52-bit physical addresses");
	synthetic_put64(&made, 0x98, 1);
	synthetic_put64(&made, 0xa0, UINT64_MAX);
	refused(&made, made.size, "beyond 52-bit physical addresses");
	synthetic_put32(&made, 0x88, 2);
	synthetic_put64(&made, 0x98, 0x20);
	synthetic_put64(&made, 0xa0, 0x10);
	synthetic_put64(&made, 0xa8, 0x18);
	synthetic_put64(&made, 0xb0, 9);
	refused(&made, made.size, "overlap at page 0x20");
	synthetic_free(&made);
}

/* The bit of each page present, from the description of the format; the pages follow in ascending order. */
static void pages_of_bitmap(void **state)
{
	static const uint64_t present[] = { 0, 1, 63, 64, 100, 4095, 4096, 4097, 9000, 12287, 12288, 20001, 20006 };
	enum { COUNT = sizeof(present) / sizeof(present[0]), BITS = 20007, FIRST = 0x3000 };
	struct synthetic made;
	struct imp_dump *dump;
	(void)state;

	synthetic_new(&made, 0, COUNT + 1);
	synthetic_put32(&made, 0xf98, 5);
	memcpy(made.bytes + 0x2000, "FDMPDUMP", 8);
	synthetic_put64(&made, 0x2020, FIRST);
	synthetic_put64(&made, 0x2028, COUNT);
	synthetic_put64(&made, 0x2030, BITS);
	memset(made.bytes + 0x2038, 0, FIRST - 0x2038);
	for (size_t i = 0; i < COUNT; i++)
		made.bytes[0x2038 + present[i] / 8] |= (uint8_t)(1 << present[i] % 8);
	made.bytes[0x2038 + BITS / 8] |= 0x80; /* behind the last page: no page */
	assert_null(open_synthetic(&made, made.size, &dump));
	assert_string_equal(imp_dump_info(dump)->format, "memory dump with page bitmap");
	assert_int_equal(imp_dump_info(dump)->page_count, COUNT);
	assert_int_equal(imp_dump_info(dump)->missing_pages, 0);
	for (uint64_t page = 0, next = 0; page < BITS + 100; page++) {
		bool there = next < COUNT && page == present[next];

		assert_ptr_equal(imp_dump_page(dump, page), there ? made.bytes + FIRST + 4096 * next : NULL);
		next += there;
	}
	assert_null(imp_dump_page(dump, UINT64_MAX));
	imp_dump_close(dump);

	/* The same as a live kernel dump, and cut off. */
	synthetic_put32(&made, 0xf98, 6);
	memcpy(made.bytes + 0x2000, "SDMPDUMP", 8);
	assert_null(open_synthetic(&made, FIRST + 4096 * 3 + 1, &dump));
	assert_int_equal(imp_dump_info(dump)->missing_pages, COUNT - 3);
	assert_non_null(imp_dump_page(dump, 63));
	assert_null(imp_dump_page(dump, 64));
	imp_dump_close(dump);

	/* Older and automatic kernel dumps: only when the bitmap is what it says it is. */
	for (uint32_t type = 2; type <= 7; type += 5) {
		synthetic_put32(&made, 0xf98, type);
		assert_null(open_synthetic(&made, made.size, &dump));
		assert_ptr_equal(imp_dump_page(dump, 1), made.bytes + FIRST + 4096);
		imp_dump_close(dump);
		synthetic_put64(&made, 0x2028, COUNT + 1);
		refused(&made, made.size, "is read when it has a page bitmap: the page bitmap has 13 pages, but its header claims 14");
		synthetic_put64(&made, 0x2028, COUNT);
	}
	synthetic_put32(&made, 0xf98, 6);

	refused(&made, 0x2034, "the file ends inside the header of the page bitmap");
	refused(&made, 0x2100, "claims 20007 pages, but the file ends inside it");
	synthetic_put64(&made, 0x2020, 0x2100);
	refused(&made, made.size, "places the first page at offset 0x2100, inside the bitmap itself");
	synthetic_put64(&made, 0x2020, UINT64_MAX - 0xfff);
	assert_null(open_synthetic(&made, made.size, &dump));
	assert_int_equal(imp_dump_info(dump)->missing_pages, COUNT);
	assert_null(imp_dump_page(dump, 20006));
	imp_dump_close(dump);
	synthetic_put64(&made, 0x2030, UINT64_MAX);
	refused(&made, made.size, "claims 18446744073709551615 pages");
	memcpy(made.bytes + 0x2000, "PAGE", 4);
	refused(&made, made.size, "expected SDMPDUMP or FDMPDUMP at offset 0x2000");
	synthetic_free(&made);
}

/* A kernel dump before Windows 8, by _SUMMARY_DUMP64 as the kernel's public symbols list it: 32-bit fields, the bitmap at 2028. */
static void pages_of_summary(void **state)
{
	static const uint64_t present[] = { 1, 2, 64, 5000 };
	enum { COUNT = sizeof(present) / sizeof(present[0]), BITS = 5001, FIRST = 0x3000 };
	struct synthetic made;
	struct imp_dump *dump;
	(void)state;

	synthetic_new(&made, 0, COUNT + 1);
	synthetic_put32(&made, 0xf98, 2);
	memset(made.bytes + 0x2000, 0, FIRST - 0x2000);
	memcpy(made.bytes + 0x2000, "SDMPDUMP", 8);
	synthetic_put32(&made, 0x2008, 1);     /* DumpOptions */
	synthetic_put32(&made, 0x200c, FIRST); /* HeaderSize */
	synthetic_put32(&made, 0x2010, BITS);  /* BitmapSize */
	synthetic_put32(&made, 0x2014, COUNT); /* Pages */
	synthetic_put32(&made, 0x2018, BITS);  /* Bitmap.SizeOfBitMap */
	for (size_t i = 0; i < COUNT; i++)
		made.bytes[0x2028 + present[i] / 8] |= (uint8_t)(1 << present[i] % 8);
	assert_null(open_synthetic(&made, made.size, &dump));
	assert_int_equal(imp_dump_info(dump)->page_count, COUNT);
	assert_int_equal(imp_dump_info(dump)->missing_pages, 0);
	for (uint64_t page = 0, next = 0; page < BITS + 100; page++) {
		bool there = next < COUNT && page == present[next];

		assert_ptr_equal(imp_dump_page(dump, page), there ? made.bytes + FIRST + 4096 * next : NULL);
		next += there;
	}
	imp_dump_close(dump);

	synthetic_put32(&made, 0x2014, COUNT + 1);
	refused(&made, made.size, "the page bitmap has 4 pages, but its header claims 5");
	synthetic_put32(&made, 0x200c, 0x2100);
	refused(&made, made.size, "places the first page at offset 0x2100, inside the bitmap itself");
	refused(&made, 0x2014, "the file ends inside the header of the page bitmap");
	synthetic_free(&made);
}

static void not_a_dump(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *part;
	} cases[] = {
		{ "PAGEDUMPxxxxxxxx", 16, "a 32-bit Windows crash dump" },
		{ "MDMP\x93\xa7\0\0", 8, "a user-mode minidump" },
		{ "\x7f"
		  "ELF\2\1\1\0",
		  8, "the file ends inside the ELF header" },
		{ "MZ\x90\0\3\0\0\0", 8, "a program or driver image" },
		{ "hello, world", 12, "starts with hello, w, expected PAGEDU64" },
		{ "\0\1%s%n", 6, "starts with \\x00\\x01%s%n, expected PAGEDU64" },
		{ "PAGEDU6", 7, "starts with PAGEDU6, expected PAGEDU64" },
		{ "", 0, "the file is empty" },
	};
	struct synthetic made;
	(void)state;

	synthetic_new(&made, 0, 2);
	for (size_t size = 8; size < 0x2000; size += 61)
		refused(&made, size, "the file ends inside the dump header");
	synthetic_put32(&made, 0xf98, 11);
	refused(&made, made.size, "unknown dump type 11");
	synthetic_put32(&made, 0xf98, 0x45474150);
	refused(&made, made.size, "unknown dump type 1162297680 (0x45474150)");
	synthetic_put32(&made, 0xf98, 4);
	refused(&made, made.size, "holds neither a block of memory nor a module");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(made.bytes, cases[i].bytes, cases[i].size);
		refused(&made, cases[i].size, cases[i].part);
	}
	synthetic_free(&made);
}

static void opened_by_path(void **state)
{
	struct synthetic made;
	struct imp_dump *dump;
	char path[64];
	(void)state;

	synthetic_new(&made, 0x100, 4);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", made.file);
	assert_null(imp_dump_open(path, &dump));
	assert_memory_equal(imp_dump_page(dump, 0x101), synthetic_page(&made, 0x101), 4096);
	imp_dump_close(dump);
	synthetic_free(&made);

	struct imp_error *err = imp_dump_open("/nonexistent/MEMORY.DMP", &dump);
	assert_int_equal(imp_error_code(err), IMP_ERROR_IO);
	imp_error_free(err);
}

/* A named pipe that nobody writes to is refused, not waited for. */
static void named_pipe(void **state)
{
	char folder[] = "/tmp/impasse-dump-XXXXXX", path[64];
	struct imp_dump *dump;
	(void)state;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/pipe", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	struct imp_error *err = imp_dump_open(path, &dump);
	assert_int_equal(imp_error_code(err), IMP_ERROR_IO);
	assert_non_null(strstr(imp_error_message(err), "is not a regular file"));
	imp_error_free(err);
	unlink(path);
	rmdir(folder);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_fields),   cmocka_unit_test(pages_of_runs),    cmocka_unit_test(lies_in_runs),
		cmocka_unit_test(pages_of_bitmap), cmocka_unit_test(pages_of_summary), cmocka_unit_test(not_a_dump),
		cmocka_unit_test(opened_by_path),  cmocka_unit_test(named_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
