/* Memory without a Windows dump header: ELF cores of a machine and raw memory; which pages they hold, and what their notes tell. */
#include "open.h"

enum { FIRST_SEGMENT = 0x40, SEGMENT = 56, OFFSET = 8, PHYSICAL = 24, FILE_SIZE = 32 };

static void segments_and_notes(void **state)
{
	struct synthetic made;
	struct imp_dump *dump;
	(void)state;

	synthetic_new(&made, 0x100, 8);
	synthetic_elf(&made);
	assert_null(open_synthetic(&made, made.size, &dump));
	assert_string_equal(imp_dump_info(dump)->format, "ELF core of a machine");
	assert_int_equal(imp_dump_info(dump)->directory_table_base, made.directory_table_base);
	assert_int_equal(imp_dump_info(dump)->processor_count, 1);
	assert_int_equal(imp_dump_info(dump)->machine, 0x8664);
	assert_int_equal(imp_dump_info(dump)->page_count, 8);
	assert_int_equal(imp_dump_info(dump)->missing_pages, 0);
	assert_int_equal(imp_dump_header(dump).size, 0);
	for (uint64_t page = 0x100; page < 0x108; page++)
		assert_ptr_equal(imp_dump_page(dump, page), synthetic_page(&made, page));
	assert_null(imp_dump_page(dump, 0xff));
	assert_null(imp_dump_page(dump, 0x108));
	assert_null(imp_dump_page(dump, UINT64_MAX));
	assert_int_equal(imp_dump_next_page(dump, 0), 0x100);
	assert_int_equal(imp_dump_next_page(dump, 0x103), 0x103);
	assert_int_equal(imp_dump_next_page(dump, 0x108), UINT64_MAX);
	assert_int_equal(imp_dump_next_page(dump, UINT64_MAX), UINT64_MAX);
	imp_dump_close(dump);

	assert_null(open_synthetic(&made, made.size - 4097, &dump));
	assert_int_equal(imp_dump_info(dump)->missing_pages, 2);
	assert_non_null(imp_dump_page(dump, 0x105));
	assert_null(imp_dump_page(dump, 0x106));
	imp_dump_close(dump);
	synthetic_free(&made);
}

/* Two segments of the same memory, and one that neither begins nor ends with a page. */
static void overlapping_and_odd(void **state)
{
	struct synthetic made;
	struct imp_dump *dump;
	(void)state;

	synthetic_new(&made, 0x100, 8);
	synthetic_elf(&made);
	made.bytes[56] = 4;
	synthetic_put64(&made, FIRST_SEGMENT + SEGMENT + FILE_SIZE, 3 * 4096);
	for (unsigned i = 2; i < 4; i++)
		memcpy(made.bytes + FIRST_SEGMENT + SEGMENT * i, made.bytes + FIRST_SEGMENT + SEGMENT, SEGMENT);
	synthetic_put64(&made, FIRST_SEGMENT + SEGMENT * 2 + PHYSICAL, 0x102000);
	synthetic_put64(&made, FIRST_SEGMENT + SEGMENT * 2 + OFFSET, synthetic_offset(&made, 0x102));
	synthetic_put64(&made, FIRST_SEGMENT + SEGMENT * 3 + PHYSICAL, 0x1ff800);
	synthetic_put64(&made, FIRST_SEGMENT + SEGMENT * 3 + OFFSET, synthetic_offset(&made, 0x106) - 0x800);
	synthetic_put64(&made, FIRST_SEGMENT + SEGMENT * 3 + FILE_SIZE, 0x1fff);
	assert_null(open_synthetic(&made, made.size, &dump));
	assert_int_equal(imp_dump_info(dump)->page_count, 6);
	for (uint64_t page = 0x100; page < 0x105; page++)
		assert_ptr_equal(imp_dump_page(dump, page), synthetic_page(&made, page));
	assert_null(imp_dump_page(dump, 0x1ff));
	assert_ptr_equal(imp_dump_page(dump, 0x200), synthetic_page(&made, 0x106));
	assert_null(imp_dump_page(dump, 0x201));
	imp_dump_close(dump);
	synthetic_free(&made);
}

/* A guest with vmcoreinfo publishes its dump header, and QEMU copies the note. */
static void header_in_a_note(void **state)
{
	enum { NOTE = 0x2000, DATA = NOTE + 24 };
	struct synthetic made, header;
	struct imp_dump *dump;
	(void)state;

	synthetic_new(&header, 0x100, 8);
	synthetic_new(&made, 0x100, 8);
	synthetic_elf(&made);
	synthetic_put64(&made, FIRST_SEGMENT + OFFSET, NOTE);
	synthetic_put64(&made, FIRST_SEGMENT + FILE_SIZE, 24 + 0x2000);
	synthetic_put32(&made, NOTE, 11);
	synthetic_put32(&made, NOTE + 4, 0x2000);
	memcpy(made.bytes + NOTE + 12, "VMCOREINFO", 11);
	memcpy(made.bytes + DATA, header.bytes, 0x2000);
	assert_null(open_synthetic(&made, made.size, &dump));
	assert_int_equal(imp_dump_info(dump)->loaded_module_list, 0xfffff80012345678);
	assert_int_equal(imp_dump_info(dump)->page_count, 8);
	assert_int_equal(imp_dump_header(dump).size, 0x2000);
	assert_ptr_equal(imp_dump_header(dump).data, made.bytes + DATA);
	imp_dump_close(dump);
	synthetic_free(&header);
	synthetic_free(&made);
}

static void lies(void **state)
{
	struct synthetic made;
	struct imp_dump *dump;
	(void)state;

	synthetic_new(&made, 0x100, 8);
	synthetic_elf(&made);
	for (size_t size = 4; size < 64; size++)
		refused(&made, size, "the file ends inside");
	refused(&made, FIRST_SEGMENT + SEGMENT, "the file ends inside the table of 2 ELF segments");
	synthetic_put64(&made, FIRST_SEGMENT + SEGMENT + PHYSICAL, UINT64_MAX - 0xfff);
	refused(&made, made.size, "beyond 52-bit physical addresses");
	synthetic_put64(&made, FIRST_SEGMENT + SEGMENT + PHYSICAL, 0);
	synthetic_put64(&made, FIRST_SEGMENT + SEGMENT + FILE_SIZE, UINT64_C(1) << 51);
	assert_null(open_synthetic(&made, made.size, &dump)); /* as if the rest had been cut off */
	assert_true(imp_dump_info(dump)->missing_pages > UINT64_C(1) << 38);
	imp_dump_close(dump);
	synthetic_put64(&made, FIRST_SEGMENT + SEGMENT + FILE_SIZE, 4095);
	refused(&made, made.size, "holds no physical memory");
	synthetic_put64(&made, FIRST_SEGMENT + FILE_SIZE, UINT64_MAX);
	refused(&made, made.size, "holds no physical memory");
	synthetic_put64(&made, 32, UINT64_MAX - 10);
	refused(&made, made.size, "the file ends inside the table");
	made.bytes[56] = made.bytes[57] = 0xff; /* PN_XNUM */
	synthetic_put64(&made, 40, made.size - 45);
	refused(&made, made.size, "the file ends before it");
	synthetic_put64(&made, 40, UINT64_MAX);
	refused(&made, made.size, "the file ends before it");
	synthetic_put64(&made, 40, 0x800);
	synthetic_put32(&made, 0x800 + 44, UINT32_MAX);
	refused(&made, made.size, "claims 4294967295 segments");
	made.bytes[16] = 2;
	refused(&made, made.size, "not the core of a 64-bit x86 machine");
	synthetic_free(&made);
}

static void raw_memory(void **state)
{
	enum { SIZE = 1 << 20 };
	uint8_t *bytes = calloc(1, SIZE);
	struct imp_dump *dump;
	(void)state;

	assert_non_null(bytes);
	assert_null(imp_dump_open_bytes("raw", (struct imp_span){ bytes, SIZE }, &dump));
	assert_string_equal(imp_dump_info(dump)->format, "raw physical memory");
	assert_int_equal(imp_dump_info(dump)->page_count, 256);
	assert_ptr_equal(imp_dump_page(dump, 255), bytes + 255 * 4096);
	assert_null(imp_dump_page(dump, 256));
	assert_null(imp_dump_page(dump, UINT64_MAX));
	assert_int_equal(imp_dump_next_page(dump, 255), 255);
	assert_int_equal(imp_dump_next_page(dump, 256), UINT64_MAX);
	imp_dump_close(dump);
	memcpy(bytes, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2", 17); /* a program, which a machine was started from */
	assert_null(imp_dump_open_bytes("raw", (struct imp_span){ bytes, SIZE }, &dump));
	assert_string_equal(imp_dump_info(dump)->format, "raw physical memory");
	imp_dump_close(dump);
	memcpy(bytes, "KDUMP   ", 8);

	struct imp_error *err = imp_dump_open_bytes("raw", (struct imp_span){ bytes, SIZE }, &dump);
	assert_non_null(err);
	imp_error_free(err);
	memset(bytes, 0, 8);
	err = imp_dump_open_bytes("raw", (struct imp_span){ bytes, SIZE - 1 }, &dump);
	assert_non_null(err);
	imp_error_free(err);
	free(bytes);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_and_notes), cmocka_unit_test(overlapping_and_odd),
		cmocka_unit_test(header_in_a_note),   cmocka_unit_test(lies),
		cmocka_unit_test(raw_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
