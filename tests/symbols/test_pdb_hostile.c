/* PDBs made to waste time: every question about them must end soon. Each took hours before its walk was bounded; CTest's time limit tells. */
#include "symbols/tpi.h"
#include "types/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 4096, MAP_BLOCK = 3, DIRECTORY_BLOCK = 4, FIRST_FREE_BLOCK = 8, INFO_BLOCK = 2, TYPES_HEADER = 56, FIRST = 0x1000 };
enum { MOST_BYTES = 8 << 20, FILE_BYTES = 16 << 20 };

static char path[] = "/tmp/impasse-pdb-XXXXXX";
static uint8_t *types; /* the type stream being made */
static size_t size;

static void put16(uint32_t value)
{
	memcpy(types + size, &value, 2);
	size += 2;
}

static void put32(uint32_t value)
{
	memcpy(types + size, &value, 4);
	size += 4;
}

static void put(uint8_t *file, size_t at, uint32_t value)
{
	memcpy(file + at, &value, 4);
}

/* Writes a PDB of these streams behind the first two, and opens it. */
static struct imp_pdb *open_streams(const struct imp_span *streams, uint32_t count)
{
	static const char magic[32] = "Microsoft C/C++ MSF 7.00\r\n\x1a"
				      "DS\0\0";
	uint8_t *file = calloc(1, FILE_BYTES);
	size_t at = (size_t)DIRECTORY_BLOCK * BLOCK, block_at = at + 4 * (3 + (size_t)count);
	uint32_t block = FIRST_FREE_BLOCK;
	struct imp_pdb *pdb;
	FILE *out = fopen(path, "wb");

	assert_non_null(file);
	assert_non_null(out);
	memcpy(file, magic, sizeof(magic));
	put(file, 32, BLOCK);
	put(file, 52, MAP_BLOCK);
	for (uint32_t i = 0; i < FIRST_FREE_BLOCK - DIRECTORY_BLOCK; i++)
		put(file, MAP_BLOCK * BLOCK + 4 * (size_t)i, DIRECTORY_BLOCK + i);
	put(file, at, 2 + count); /* number of streams, then their sizes: none, 28 bytes, ... */
	put(file, at + 8, 28);
	put(file, block_at, INFO_BLOCK);
	put(file, (size_t)INFO_BLOCK * BLOCK, 20000404);
	for (uint32_t i = 0; i < count; i++) {
		put(file, at + 12 + 4 * (size_t)i, (uint32_t)streams[i].size);
		assert_true((size_t)block * BLOCK + streams[i].size <= FILE_BYTES);
		if (streams[i].size)
			memcpy(file + (size_t)block * BLOCK, streams[i].data, streams[i].size);
		for (uint64_t left = 0; left < streams[i].size; left += BLOCK)
			put(file, block_at += 4, block++);
	}
	assert_true(block_at + 4 <= (size_t)FIRST_FREE_BLOCK * BLOCK);
	put(file, 40, block);
	put(file, 44, (uint32_t)(block_at + 4 - at));
	assert_int_equal(fwrite(file, BLOCK, block, out), block);
	assert_int_equal(fclose(out), 0);
	free(file);

	struct imp_error *err = imp_pdb_open(path, &pdb);
	if (err)
		fail_msg("%s", imp_error_message(err));
	return pdb;
}

/* A PDB of nothing but `count` types, whose records are in `types`. */
static struct imp_pdb *open_types(uint32_t count)
{
	put(types, 0, 20040203);
	put(types, 4, TYPES_HEADER);
	put(types, 8, FIRST);
	put(types, 12, FIRST + count);
	put(types, 16, (uint32_t)size - TYPES_HEADER);
	put(types, 20, 0xffffffff); /* no hash stream */
	return open_streams(&(struct imp_span){ types, size }, 1);
}

static bool count_type(void *context, const struct imp_type *type)
{
	(void)type;
	++*(unsigned *)context;
	return true;
}

/* Half a million records that cannot be reached, because one in front of them has no length: none may be looked for from the beginning again. */
static void test_unreachable_records(void **state)
{
	enum { RECORDS = 1000000 };
	unsigned found = 0;

	(void)state;
	for (uint32_t i = 0; i < RECORDS; i++) {
		put16(i == RECORDS / 2 ? 0 : 2);
		put16(LF_FIELDLIST);
	}
	struct imp_pdb *pdb = open_types(RECORDS);
	struct imp_error *err = imp_type_names(pdb, "*", count_type, &found);
	struct imp_span data;
	uint16_t kind;
	assert_null(err);
	assert_int_equal(found, 0);
	assert_true(imp_tpi_record(pdb, FIRST + RECORDS / 2 - 1, &kind, &data));
	assert_false(imp_tpi_record(pdb, FIRST + RECORDS / 2, &kind, &data));
	assert_false(imp_tpi_record(pdb, FIRST + RECORDS - 1, &kind, &data));
	imp_pdb_close(pdb);
}

static void put_structure(uint32_t fields, const char *name)
{
	put16((uint32_t)(2 + 18 + strlen(name) + 1));
	put16(LF_STRUCTURE);
	put32(0);
	put32(fields);
	put32(0);
	put32(0);
	put16(8);
	memcpy(types + size, name, strlen(name) + 1);
	size += strlen(name) + 1;
}

/* A structure of thousands of unnamed members, each with a field list that holds no members and leads back to itself. */
static void test_endless_field_lists(void **state)
{
	enum { MEMBERS = 5000, LF_VFUNCTAB = 0x1409 };
	struct imp_field field;

	(void)state;
	put16(2 + 12 * MEMBERS); /* 1000: the members */
	put16(LF_FIELDLIST);
	for (unsigned i = 0; i < MEMBERS; i++) {
		put16(LF_MEMBER);
		put16(3);
		put32(FIRST + 2);
		put16(0);
		put16(0xf100); /* an empty name, a byte of padding */
	}
	put_structure(FIRST, "_OUTER");     /* 1001 */
	put_structure(FIRST + 3, "_INNER"); /* 1002 */
	put16(2 + 8 * MEMBERS);             /* 1003: the list without an end */
	put16(LF_FIELDLIST);
	for (unsigned i = 0; i < MEMBERS; i++) {
		put16(i + 1 < MEMBERS ? LF_VFUNCTAB : LF_INDEX);
		put16(0);
		put32(FIRST + 3);
	}
	struct imp_pdb *pdb = open_types(4);
	struct imp_error *err = imp_field_find(pdb, "_OUTER", "Absent", &field);
	assert_non_null(err);
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	imp_error_free(err);
	imp_pdb_close(pdb);
}

static bool count_symbol(void *context, const struct imp_symbol *symbol)
{
	(void)symbol;
	++*(unsigned *)context;
	return true;
}

/* 40,000 modules that all have the same megabytes of variables: together they have no more than the file can hold. */
static void test_modules_share_symbols(void **state)
{
	enum { MODULES = 40000, MODULE_BYTES = 68, VARIABLES = 100000, VARIABLE_BYTES = 24, DBI_HEADER = 64, DEBUG_BYTES = 22 };
	enum { DBI_BYTES = DBI_HEADER + MODULES * MODULE_BYTES + DEBUG_BYTES, SYMBOL_BYTES = 4 + VARIABLES * VARIABLE_BYTES };
	uint8_t *dbi = calloc(1, DBI_BYTES), *symbols = calloc(1, SYMBOL_BYTES), section[40] = { 0 };
	unsigned found = 0;

	(void)state;
	put(dbi, 0, UINT32_MAX);
	memset(dbi + 12, 0xff, 2); /* no globals, publics, records */
	memset(dbi + 16, 0xff, 2);
	memset(dbi + 20, 0xff, 2);
	put(dbi, 24, MODULES * MODULE_BYTES);
	put(dbi, 48, DEBUG_BYTES);
	for (size_t i = 0; i < MODULES; i++) {
		put(dbi, DBI_HEADER + i * MODULE_BYTES + 34, 4);
		put(dbi, DBI_HEADER + i * MODULE_BYTES + 36, SYMBOL_BYTES);
	}
	memset(dbi + DBI_BYTES - DEBUG_BYTES, 0xff, DEBUG_BYTES);
	put(dbi, DBI_BYTES - DEBUG_BYTES + 10, 5 | 0xffff0000); /* section headers */
	put(section, 8, 0x100000);
	put(section, 12, 0x1000);
	put(symbols, 0, 4);
	for (size_t i = 0; i < VARIABLES; i++) {
		size_t at = 4 + i * VARIABLE_BYTES;

		put(symbols, at, (VARIABLE_BYTES - 2) | 0x110c << 16); /* S_LDATA32 */
		put(symbols, at + 8, (uint32_t)i);
		put(symbols, at + 12, 1 | 'v' << 16);
		snprintf((char *)symbols + at + 15, 9, "%x", (unsigned)i);
	}
	struct imp_span streams[] = { { 0 }, { dbi, DBI_BYTES }, { symbols, SYMBOL_BYTES }, { section, sizeof(section) } };
	struct imp_pdb *pdb = open_streams(streams, 4);
	struct imp_symbol symbol;
	struct imp_error *err = imp_pdb_each(pdb, "v*", count_symbol, &found);
	assert_null(err);
	assert_int_equal(found, VARIABLES);
	err = imp_pdb_find(pdb, "v1234", &symbol);
	assert_null(err);
	assert_int_equal(symbol.rva, 0x1000 + 0x1234);
	err = imp_pdb_find(pdb, "absent", &symbol);
	assert_non_null(err);
	imp_error_free(err);
	imp_pdb_close(pdb);
	free(dbi);
	free(symbols);
}

static int set_up(void **state)
{
	(void)state;
	size = TYPES_HEADER;
	types = calloc(1, MOST_BYTES);
	return types ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	free(types);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unreachable_records, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_endless_field_lists, set_up, tear_down),
		cmocka_unit_test(test_modules_share_symbols),
	};
	int descriptor = mkstemp(path);

	if (descriptor < 0)
		return 1;
	close(descriptor);
	int failed = cmocka_run_group_tests_name("pdb_hostile", tests, NULL, NULL);
	unlink(path);
	return failed;
}
