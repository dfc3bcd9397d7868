/* Triage dumps: which ranges of virtual memory and which modules they hold, what is left of damaged ones, and a real one. */
#include "dump/blobs.h"
#include "dump/triage.h"
#include "memory/memory.h"
#include "synthetic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static struct imp_error *open_bytes(const uint8_t *bytes, size_t size, struct imp_dump **dump)
{
	return imp_dump_open_bytes("triage", (struct imp_span){ bytes, size }, dump);
}

static void set32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static void ranges(void **state)
{
	size_t size;
	uint8_t *bytes = synthetic_triage(&size), read[0x1000];
	struct imp_memory *memory;
	struct imp_dump *dump;
	struct imp_error *err;
	uint64_t physical;
	(void)state;

	assert_null(open_bytes(bytes, size, &dump));
	assert_true(imp_dump_is_virtual(dump));
	assert_int_equal(imp_dump_info(dump)->range_count, 5); /* three blocks, the stack, KDBG */
	assert_int_equal(imp_dump_info(dump)->missing_ranges, 0);
	assert_int_equal(imp_dump_info(dump)->page_count, 0);
	assert_null(imp_dump_page(dump, 0));
	assert_int_equal(imp_dump_next_page(dump, 0), UINT64_MAX);
	assert_int_equal(imp_dump_virtual(dump, 0xfffff80012350000).size, 0x80);
	assert_int_equal(imp_dump_virtual(dump, 0xfffff8001235007f).size, 1);
	assert_int_equal(imp_dump_virtual(dump, 0xfffff80012350080).size, 0);
	assert_int_equal(imp_dump_virtual(dump, 0xfffff8001234ffff).size, 0);
	assert_int_equal(imp_dump_virtual(dump, 0).size, 0);
	assert_int_equal(imp_dump_virtual(dump, UINT64_MAX).size, 0);

	/* Across ranges that touch: 1000 to 1800 of the first block, to 1d00 of the last one; then nothing up to the stack at 1e00. */
	assert_null(imp_memory_new(dump, 0, &memory));
	assert_null(imp_memory_read(memory, 0xffff800000001000, read, 0xd00));
	assert_int_equal(read[0x7ff], 0x11);
	assert_int_equal(read[0x800], 0x33);
	assert_int_equal(imp_memory_read_some(memory, 0xffff800000001c00, read, 0x1000), 0x100);
	assert_int_equal(imp_memory_read_some(memory, 0xffff800000001e00, read, 0x1000), 0x200);
	err = imp_memory_read(memory, 0xffff800000001000, read, 0x1000);
	assert_int_equal(imp_error_code(err), IMP_ERROR_FAULT);
	assert_int_equal(imp_error_address(err), 0xffff800000001d00);
	assert_non_null(strstr(imp_error_message(err), "a small memory dump holds only a few blocks of memory"));
	imp_error_free(err);
	err = imp_memory_translate(memory, 0xffff800000001000, &physical);
	assert_non_null(strstr(imp_error_message(err), "no page tables"));
	imp_error_free(err);

	/* A structure gets its address from who knows it. */
	const struct imp_triage *triage = imp_dump_triage(dump);
	assert_non_null(triage);
	assert_int_equal(triage->thread.size, 0x100);
	assert_int_equal(triage->stack_top, 0xffff800000001e00);
	assert_true(triage->complete);
	assert_null(imp_memory_add_part(memory, 0xffff900000000000, triage->thread));
	assert_null(imp_memory_read(memory, 0xffff900000000010, read, 0xf0));
	assert_int_equal(read[0], 0x10);
	assert_int_equal(imp_memory_read_some(memory, 0xffff9000000000f0, read, 0x100), 0x10);
	imp_memory_free(memory);
	imp_dump_close(dump);
	free(bytes);
}

static void modules(void **state)
{
	size_t size;
	uint8_t *bytes = synthetic_triage(&size);
	struct imp_triage_module module;
	struct imp_dump *dump;
	(void)state;

	assert_null(open_bytes(bytes, size, &dump));
	assert_int_equal(imp_dump_triage(dump)->module_count, 3);
	assert_true(imp_triage_module(dump, 1, &module));
	assert_int_equal(module.base, 0xfffff80015000000);
	assert_int_equal(module.size, 0x3000);
	assert_int_equal(module.time_date_stamp, 0x11111111);
	assert_string_equal(module.path, "\\SystemRoot\\System32\\drivers\\bad.sys");
	assert_false(imp_triage_module(dump, 3, &module));
	assert_true(imp_triage_unloaded(dump, 0, &module));
	assert_string_equal(module.path, "old.sys");
	assert_int_equal(module.base, 0xfffff80020000000);
	assert_int_equal(module.size, 0x8000);
	assert_false(imp_triage_unloaded(dump, 1, &module));
	imp_dump_close(dump);
	free(bytes);
}

static void secondary_data(void **state)
{
	size_t size;
	uint8_t *bytes = synthetic_triage(&size);
	struct imp_blob blobs[4];
	size_t count;
	struct imp_dump *dump;
	struct imp_error *err;
	(void)state;

	assert_null(open_bytes(bytes, size, &dump));
	assert_null(imp_dump_blobs(dump, blobs, 4, &count));
	assert_int_equal(count, 2);
	assert_int_equal(blobs[0].tag[0], 0xaa);
	assert_memory_equal(blobs[0].data.data, "first", blobs[0].data.size);
	assert_int_equal(blobs[1].data.size, 14);
	assert_null(imp_dump_blobs(dump, blobs, 1, &count));
	assert_int_equal(count, 2);
	imp_dump_close(dump);

	/* Cut in the second one: the first is still given. */
	assert_null(open_bytes(bytes, size - 1, &dump));
	err = imp_dump_blobs(dump, blobs, 4, &count);
	assert_non_null(strstr(imp_error_message(err), "claims 14 bytes"));
	imp_error_free(err);
	assert_int_equal(count, 1);
	imp_dump_close(dump);

	/* A header of no size would be read for ever. */
	set32(bytes + 0x5018, 0);
	assert_null(open_bytes(bytes, size, &dump));
	err = imp_dump_blobs(dump, blobs, 4, &count);
	assert_non_null(strstr(imp_error_message(err), "its header has 0 bytes"));
	imp_error_free(err);
	assert_int_equal(count, 0);
	imp_dump_close(dump);

	bytes[0x5008] = 'X';
	assert_null(open_bytes(bytes, size, &dump));
	err = imp_dump_blobs(dump, blobs, 4, &count);
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	imp_error_free(err);
	imp_dump_close(dump);
	free(bytes);
}

static void damage(void **state)
{
	size_t size;
	uint8_t *bytes = synthetic_triage(&size);
	struct imp_triage_module module;
	struct imp_dump *dump;
	struct imp_error *err;
	(void)state;

	err = open_bytes(bytes, 0x207f, &dump);
	assert_non_null(strstr(imp_error_message(err), "the file ends inside the header of the small memory dump"));
	imp_error_free(err);
	err = open_bytes(bytes, 0x2080, &dump);
	assert_non_null(strstr(imp_error_message(err), "holds neither a block of memory nor a module"));
	imp_error_free(err);

	set32(bytes + 0x1050, 0x100);
	err = open_bytes(bytes, size, &dump);
	assert_non_null(strstr(imp_error_message(err), "is encrypted"));
	imp_error_free(err);
	set32(bytes + 0x1050, 4);
	/* Cut inside the blocks: what lies before is there, and it says how many ranges are not. */
	assert_null(open_bytes(bytes, 0x3900, &dump));
	assert_int_equal(imp_dump_info(dump)->missing_ranges, 1);
	assert_true(imp_dump_info(dump)->attributes & IMP_DUMP_INSUFFICIENT);
	assert_int_equal(imp_dump_triage(dump)->module_count, 3);
	assert_false(imp_dump_triage(dump)->complete);
	imp_dump_close(dump);
	/* Cut inside the table of blocks: the second entry's last byte. */
	assert_null(open_bytes(bytes, 0x2d1f, &dump));
	assert_int_equal(imp_dump_info(dump)->range_count, 5);
	assert_int_equal(imp_dump_info(dump)->missing_ranges, 3);
	imp_dump_close(dump);

	/* Counts and offsets that lie. */
	set32(bytes + 0x2034, UINT32_MAX);
	set32(bytes + 0x207c, UINT32_MAX);
	set32(bytes + 0x2800 + 0x90, UINT32_MAX - 2); /* name of module 1 */
	set32(bytes + 0x2b00, UINT32_MAX);            /* characters of module 2's */
	memset(bytes + 0x20d0, 0xff, 8);
	memset(bytes + 0x2d00, 0xff, 8); /* a block at the end of the address space */
	assert_null(open_bytes(bytes, size, &dump));
	assert_true(imp_dump_triage(dump)->module_count < 0x6000 / 0x90);
	assert_true(imp_triage_module(dump, 1, &module));
	assert_string_equal(module.path, "");
	assert_true(imp_triage_module(dump, 2, &module));
	assert_memory_equal(module.path, "good.sys?", 9);
	for (uint32_t i = 0; imp_triage_unloaded(dump, i, &module); i++)
		;
	assert_int_equal(imp_dump_virtual(dump, UINT64_MAX).size, 0);
	imp_dump_close(dump);
	free(bytes);
}

static const char *real_path(char *path, size_t size)
{
	const char *shared = getenv("IMPASSE_SHARED");

	snprintf(path, size, "%s/data/windows/triage_x64.dmp", shared ? shared : TEST_SOURCE_DIR "/../../../shared");
	if (access(path, R_OK)) {
		print_message("%s is not there: not tested\n", path);
		skip();
	}
	return path;
}

/* Microsoft's debugger says of this dump: 151 modules; the address of the crash is in amdppm.sys, at fffff8048b580000, 3b000 bytes long. */
static void real_dump(void **state)
{
	struct imp_triage_module module;
	struct imp_blob blobs[32];
	char path[4096];
	struct imp_dump *dump;
	unsigned holding = 0;
	size_t count;
	(void)state;

	assert_null(imp_dump_open(real_path(path, sizeof(path)), &dump));
	const struct imp_dump_info *info = imp_dump_info(dump);
	const struct imp_triage *triage = imp_dump_triage(dump);
	assert_int_equal(info->bugcheck_code, 0x1000007e);
	assert_int_equal(info->bugcheck_parameters[1], 0xfffff8048b58334c);
	assert_int_equal(info->missing_ranges, 0);
	assert_true(triage->complete);
	assert_int_equal(triage->module_count, 151);
	for (uint32_t i = 0; imp_triage_module(dump, i, &module); i++) {
		assert_int_equal(module.base & 0xfff, 0);
		assert_int_equal(module.size & 0xfff, 0);
		assert_int_equal(module.path[0], '\\');
		if (info->bugcheck_parameters[1] - module.base >= module.size)
			continue;
		holding++;
		assert_int_equal(module.base, 0xfffff8048b580000);
		assert_int_equal(module.size, 0x3b000);
		assert_string_equal(module.path, "\\SystemRoot\\System32\\drivers\\amdppm.sys");
	}
	assert_int_equal(holding, 1);
	/* The kernel's image begins in the dump, and its header agrees with the list. */
	struct imp_span image = imp_dump_virtual(dump, 0xfffff8047ba00000);
	uint32_t nt = 0, stamp = 0, size = 0;
	assert_true(imp_span_u32(image, 0x3c, &nt) && imp_span_u32(image, nt + 8, &stamp) && imp_span_u32(image, nt + 0x50, &size));
	assert_true(imp_triage_module(dump, 0, &module));
	assert_int_equal(module.time_date_stamp, stamp);
	assert_int_equal(module.size, size);
	assert_int_equal(triage->unloaded_count, 4);
	assert_true(imp_triage_unloaded(dump, 3, &module));
	assert_string_equal(module.path, "mcupdate.dll");
	/* The pieces of secondary data reach exactly to the end of the file. */
	assert_null(imp_dump_blobs(dump, blobs, 32, &count));
	assert_int_equal(count, 20);
	imp_dump_close(dump);
}

/* Every cut of the real dump opens or is refused with a sentence; flipped bytes do no harm. */
static void real_dump_damaged(void **state)
{
	enum { TRIES = 400, FLIPS = 16 };
	struct imp_triage_module module;
	struct imp_blob blobs[4];
	char path[4096];
	struct imp_dump *dump;
	uint8_t *bytes;
	long size;
	FILE *file;
	(void)state;

	file = fopen(real_path(path, sizeof(path)), "rb");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	bytes = malloc((size_t)size);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
	fclose(file);
	srand(4);
	for (unsigned i = 0; i < TRIES; i++) {
		uint8_t saved[FLIPS];
		size_t at[FLIPS], cut = i % 2 ? (size_t)size : (size_t)rand() % (size_t)size, count;
		struct imp_error *err;

		for (unsigned j = 0; j < FLIPS; j++) {
			at[j] = (size_t)rand() % (j % 2 ? (size_t)size : 0x2100);
			saved[j] = bytes[at[j]];
			bytes[at[j]] = (uint8_t)rand();
		}
		memcpy(bytes, "PAGEDU64", 8);
		set32(bytes + 0xf98, 4);
		err = open_bytes(bytes, cut, &dump);
		if (!err) {
			for (uint32_t j = 0; imp_triage_module(dump, j, &module) || imp_triage_unloaded(dump, j, &module); j++)
				;
			imp_error_free(imp_dump_blobs(dump, blobs, 4, &count));
			imp_dump_virtual(dump, 0xfffff8047ba00000);
			imp_dump_close(dump);
		}
		imp_error_free(err);
		for (unsigned j = FLIPS; j-- > 0;)
			bytes[at[j]] = saved[j];
	}
	free(bytes);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges), cmocka_unit_test(modules),   cmocka_unit_test(secondary_data),
		cmocka_unit_test(damage), cmocka_unit_test(real_dump), cmocka_unit_test(real_dump_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
