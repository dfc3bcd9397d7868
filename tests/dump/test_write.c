/* Writing dumps: what is written opens again with the same pages, whatever it came from. */
#include "dump/write.h"
#include "synthetic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { PAGES = 200, FIRST = 0x3000, BITS = 4096 };

/* A bitmap dump of `PAGES` pages that are far apart and differ; page 5 of them is zero. */
static void scattered(struct synthetic *made, struct imp_dump **dump)
{
	synthetic_new(made, 0, PAGES + 1);
	synthetic_put32(made, 0xf98, 5);
	memcpy(made->bytes + 0x2000, "FDMPDUMP", 8);
	synthetic_put64(made, 0x2020, FIRST);
	synthetic_put64(made, 0x2030, BITS);
	memset(made->bytes + 0x2038, 0, FIRST - 0x2038);
	for (unsigned i = 0; i < PAGES; i++) {
		unsigned pfn = 3 * i + i / 10 * 7 + (i % 3 == 2 ? 0 : 1);

		made->bytes[0x2038 + pfn / 8] |= (uint8_t)(1 << pfn % 8);
		memset(made->bytes + FIRST + 4096 * i, i == 5 ? 0 : (int)i + 1, 4096);
	}
	assert_null(imp_dump_open_bytes("scattered", (struct imp_span){ made->bytes, made->size }, dump));
	assert_int_equal(imp_dump_info(*dump)->page_count, PAGES);
}

static struct imp_dump *written(struct imp_dump_copy *copy, const char *type)
{
	char path[64];
	struct imp_dump *dump;
	struct stat info;

	copy->file = memfd_create("copy", MFD_CLOEXEC);
	assert_true(copy->file >= 0);
	assert_null(imp_dump_copy(copy, type));
	assert_int_equal(fstat(copy->file, &info), 0);
	assert_int_equal(info.st_size, copy->size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", copy->file);
	assert_null(imp_dump_open(path, &dump));
	close(copy->file);
	assert_int_equal(imp_dump_info(dump)->missing_pages, 0);
	return dump;
}

/* `exact`: what the source lacks, the copy lacks; else it may be zeros. */
static void same_pages(const struct imp_dump *source, const struct imp_dump *copy, bool exact)
{
	static const uint8_t zero[4096];

	for (uint64_t pfn = 0; pfn < BITS; pfn++) {
		const uint8_t *page = imp_dump_page(source, pfn), *other = imp_dump_page(copy, pfn);

		if (page) {
			assert_non_null(other);
			assert_memory_equal(page, other, 4096);
		} else if (exact) {
			assert_null(other);
		} else if (other) {
			assert_memory_equal(zero, other, 4096);
		}
	}
}

static void each_type(void **state)
{
	static const struct {
		const char *type, *format;
		bool exact;
	} cases[] = {
		{ "bitmap", "memory dump with page bitmap", true },
		{ "elf", "ELF core of a machine", true },
		{ "raw", "raw physical memory", false },
		{ "full", "complete memory dump", false }, /* its header has room for 43 runs */
	};
	struct synthetic made;
	struct imp_dump *dump;
	(void)state;

	scattered(&made, &dump);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct imp_dump_copy copy = { .dump = dump, .header = imp_dump_header(dump) };
		struct imp_dump *again = written(&copy, cases[i].type);

		assert_string_equal(imp_dump_info(again)->format, cases[i].format);
		assert_int_equal(copy.pages, PAGES);
		assert_int_equal(copy.pages + copy.filled, imp_dump_info(again)->page_count);
		assert_int_equal(copy.filled == 0, cases[i].exact);
		same_pages(dump, again, cases[i].exact);
		if (strcmp(cases[i].type, "raw"))
			assert_int_equal(imp_dump_info(again)->loaded_module_list, 0xfffff80012345678);
		imp_dump_close(again);
	}
	imp_dump_close(dump);
	synthetic_free(&made);
}

/* A page that nobody has between runs is left out when 43 runs are enough, and joins fill the smallest gaps. */
static void runs_of_a_complete_dump(void **state)
{
	struct synthetic made;
	struct imp_dump *dump;
	(void)state;

	synthetic_new(&made, 0, 50);
	synthetic_put32(&made, 0xf98, 5);
	memcpy(made.bytes + 0x2000, "FDMPDUMP", 8);
	synthetic_put64(&made, 0x2020, FIRST);
	synthetic_put64(&made, 0x2030, BITS);
	memset(made.bytes + 0x2038, 0, FIRST - 0x2038);
	for (unsigned i = 0; i < 44; i++) /* 44 runs of one page; one gap is of one page, the others of three */
		made.bytes[0x2038 + i / 2] |= (uint8_t)(i == 21 ? 0x40 : i % 2 ? 0x10 : 0x01);
	assert_null(imp_dump_open_bytes("gaps", (struct imp_span){ made.bytes, made.size }, &dump));
	assert_int_equal(imp_dump_info(dump)->page_count, 44);

	struct imp_dump_copy copy = { .dump = dump, .header = imp_dump_header(dump) };
	struct imp_dump *again = written(&copy, "full");
	assert_int_equal(copy.filled, 1);
	assert_int_equal(imp_dump_info(again)->page_count, 45);
	assert_non_null(imp_dump_page(again, 10 * 8 + 7));
	assert_null(imp_dump_page(again, 1));
	same_pages(dump, again, false);
	imp_dump_close(again);
	imp_dump_close(dump);
	synthetic_free(&made);
}

/* Only what is there is written of a truncated file. */
static void truncated(void **state)
{
	struct synthetic made;
	struct imp_dump *dump;
	(void)state;

	synthetic_new(&made, 0x100, 8);
	assert_null(imp_dump_open_bytes("cut", (struct imp_span){ made.bytes, made.size - 4097 }, &dump));

	struct imp_dump_copy copy = { .dump = dump, .header = imp_dump_header(dump) };
	struct imp_dump *again = written(&copy, "full");
	assert_int_equal(copy.pages, 6);
	assert_int_equal(imp_dump_info(again)->page_count, 6);
	assert_null(imp_dump_page(again, 0x106));
	imp_dump_close(again);
	imp_dump_close(dump);
	synthetic_free(&made);
}

static bool stop(void *context, uint64_t done, uint64_t total)
{
	(void)context;
	return done > total;
}

static void refusals(void **state)
{
	struct synthetic made;
	struct imp_dump *dump;
	(void)state;

	synthetic_new(&made, 0x100, 8);
	assert_null(imp_dump_open_bytes("dump", (struct imp_span){ made.bytes, made.size }, &dump));

	struct imp_dump_copy copy = { .dump = dump, .file = memfd_create("copy", MFD_CLOEXEC) };
	struct imp_error *err = imp_dump_copy(&copy, "full");
	assert_int_equal(imp_error_code(err), IMP_ERROR_USAGE);
	imp_error_free(err);
	err = imp_dump_copy(&copy, "vhd");
	assert_int_equal(imp_error_code(err), IMP_ERROR_USAGE);
	imp_error_free(err);
	copy.progress = stop;
	err = imp_dump_copy(&copy, "raw");
	assert_int_equal(imp_error_code(err), IMP_ERROR_INTERRUPTED);
	imp_error_free(err);
	close(copy.file);
	copy.progress = NULL;
	copy.file = -1;
	made.bytes[0x2000 + 4096] = 1;
	err = imp_dump_copy(&copy, "raw");
	assert_int_equal(imp_error_code(err), IMP_ERROR_IO);
	imp_error_free(err);
	imp_dump_close(dump);
	synthetic_free(&made);
}

/* A header that is made says what it was made of. */
static void made_header(void **state)
{
	struct imp_dump_info info = { .major_version = 15,
				      .minor_version = 22621,
				      .machine = 0x8664,
				      .processor_count = 3,
				      .directory_table_base = 0x1ad000,
				      .loaded_module_list = 0xfffff80312345678,
				      .bugcheck_code = 0xd1,
				      .bugcheck_parameters = { 1, 2, 3, 4 },
				      .system_time = 0x1da1f9b12345678 };
	struct synthetic made;
	struct imp_dump *dump;
	(void)state;

	synthetic_new(&made, 0x100, 8);
	imp_dump_header64_make(&info, made.bytes);
	synthetic_put32(&made, 0x88, 1);
	synthetic_put64(&made, 0x98, 0x100);
	synthetic_put64(&made, 0xa0, 8);
	synthetic_put32(&made, 0xf98, 1);
	assert_null(imp_dump_open_bytes("made", (struct imp_span){ made.bytes, made.size }, &dump));
	assert_int_equal(imp_dump_info(dump)->minor_version, 22621);
	assert_int_equal(imp_dump_info(dump)->processor_count, 3);
	assert_int_equal(imp_dump_info(dump)->directory_table_base, 0x1ad000);
	assert_int_equal(imp_dump_info(dump)->loaded_module_list, 0xfffff80312345678);
	assert_int_equal(imp_dump_info(dump)->active_process_head, 0); /* not known */
	assert_int_equal(imp_dump_info(dump)->bugcheck_code, 0xd1);
	assert_int_equal(imp_dump_info(dump)->bugcheck_parameters[3], 4);
	assert_int_equal(imp_dump_info(dump)->system_time, 0x1da1f9b12345678);
	assert_int_equal(imp_dump_info(dump)->context.size, 0);
	imp_dump_close(dump);
	synthetic_free(&made);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type),   cmocka_unit_test(runs_of_a_complete_dump), cmocka_unit_test(truncated), cmocka_unit_test(refusals),
		cmocka_unit_test(made_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
