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

enum { BLOCK = 4096, INFO_BLOCK = 6, TYPES_BLOCK = 7, TYPES_HEADER = 56, FIRST = 0x1000 };
enum { MOST_BYTES = 8 << 20 };

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

/* Writes a PDB of nothing but `count` types, whose records are in `types`, and opens it. */
static struct imp_pdb *open_types(uint32_t count)
{
	static const char magic[32] = "Microsoft C/C++ MSF 7.00\r\n\x1a"
				      "DS\0\0";
	uint32_t blocks = TYPES_BLOCK + (uint32_t)((size + BLOCK - 1) / BLOCK), at = 4 * BLOCK;
	uint8_t *file = calloc(blocks, BLOCK);
	struct imp_pdb *pdb;
	FILE *out = fopen(path, "wb");

	memcpy(file, magic, sizeof(magic));
	put(file, 32, BLOCK);
	put(file, 40, blocks);
	put(file, 52, 3); /* the block map, which names the directory's blocks 4 and 5 */
	put(file, 3 * BLOCK, 4);
	put(file, 3 * BLOCK + 4, 5);
	put(file, at, 4); /* streams: none, 28 bytes, the types, none */
	put(file, at + 8, 28);
	put(file, at + 12, (uint32_t)size);
	put(file, at += 20, INFO_BLOCK);
	for (uint32_t block = TYPES_BLOCK; block < blocks; block++)
		put(file, at += 4, block);
	put(file, 44, at + 4 - 4 * BLOCK);
	assert_true(at + 4 <= INFO_BLOCK * BLOCK);
	put(file, INFO_BLOCK * BLOCK, 20000404);
	put(types, 0, 20040203);
	put(types, 4, TYPES_HEADER);
	put(types, 8, FIRST);
	put(types, 12, FIRST + count);
	put(types, 16, (uint32_t)size - TYPES_HEADER);
	put(types, 20, 0xffffffff); /* no hash stream */
	memcpy(file + (size_t)TYPES_BLOCK * BLOCK, types, size);
	assert_non_null(out);
	assert_int_equal(fwrite(file, BLOCK, blocks, out), blocks);
	assert_int_equal(fclose(out), 0);
	free(file);

	struct imp_error *err = imp_pdb_open(path, &pdb);
	if (err)
		fail_msg("%s", imp_error_message(err));
	return pdb;
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
	};
	int descriptor = mkstemp(path);

	if (descriptor < 0)
		return 1;
	close(descriptor);
	int failed = cmocka_run_group_tests_name("pdb_hostile", tests, NULL, NULL);
	unlink(path);
	return failed;
}
