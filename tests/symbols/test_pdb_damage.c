/* PDBs that are not what they should be: other files, cut ones, and ones with bytes changed at random (seeded). Every question must end with an
 * answer or a sentence; the sanitizers' build says whether it did so cleanly.
 */
#include "pdbutil.h"
#include "types/render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEED = 20231125, ROUNDS = 32, MOST_CHANGES = 40 };

static char folder[] = "/tmp/impasse-pdb-XXXXXX";
static char target[64];

static void write_file(const void *bytes, size_t size)
{
	FILE *file = fopen(target, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static uint8_t *read_whole(const char *path, size_t *size)
{
	struct stat status;
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &status), 0);
	uint8_t *bytes = malloc((size_t)status.st_size);
	*size = fread(bytes, 1, (size_t)status.st_size, file);
	fclose(file);
	return bytes;
}

/* What an error says must be a sentence about this file or question. */
static bool sentence(struct imp_error *err)
{
	if (!err)
		return false;
	assert_true(strlen(imp_error_message(err)) > 10);
	imp_error_free(err);
	return true;
}

struct tally {
	unsigned symbols, types, fields;
	struct imp_pdb *pdb;
};

static bool touch_symbol(void *context, const struct imp_symbol *symbol)
{
	struct tally *tally = context;
	struct imp_symbol found;
	struct imp_line line;

	sentence(imp_pdb_find(tally->pdb, symbol->name, &found));
	sentence(imp_pdb_at(tally->pdb, symbol->rva + 1, &found));
	sentence(imp_pdb_line(tally->pdb, symbol->rva, &line));
	return ++tally->symbols < 400;
}

static bool touch_row(void *context, const struct imp_dt_row *row)
{
	assert_non_null(row->name);
	assert_non_null(row->text);
	return ++((struct tally *)context)->fields < 20000;
}

static bool touch_enumerator(void *context, const char *name, int64_t value)
{
	(void)value;
	assert_non_null(name);
	return ++((struct tally *)context)->fields < 20000;
}

static bool touch_type(void *context, const struct imp_type *type)
{
	struct tally *tally = context;
	struct imp_type found;
	char text[256];

	sentence(imp_type_find(type->pdb, type->name, &found));
	imp_type_text(type, text, sizeof(text));
	if (type->kind == IMP_TYPE_ENUM)
		sentence(imp_type_enumerators(type, touch_enumerator, tally));
	else
		sentence(imp_dt(type, &(struct imp_dt_options){ .depth = 2 }, touch_row, tally));
	return ++tally->types < 200;
}

static bool ask_everything(const char *path)
{
	struct tally tally = { 0 };
	struct imp_symbol symbol;
	struct imp_line line;
	struct imp_type type;

	if (sentence(imp_pdb_open(path, &tally.pdb))) {
		assert_null(tally.pdb);
		return false;
	}
	sentence(imp_pdb_each(tally.pdb, "*", touch_symbol, &tally));
	sentence(imp_type_names(tally.pdb, "*", touch_type, &tally));
	for (uint32_t rva = 0; rva < 0x8000; rva += 0x333) {
		sentence(imp_pdb_at(tally.pdb, rva, &symbol));
		sentence(imp_pdb_line(tally.pdb, rva, &line));
	}
	/* Indices below 0x1000 are simple types, which no PDB can damage: a few will do. */
	for (uint32_t index = 0xff0; index < 0x1400; index++)
		sentence(imp_type_at(tally.pdb, index, &type));
	imp_pdb_close(tally.pdb);
	return true;
}

static uint32_t random_state;

static uint32_t random_number(void)
{
	/* Numerical Recipes' generator: the same everywhere. */
	random_state = random_state * 1664525u + 1013904223u;
	return random_state >> 8;
}

static void corrupt_pdb(const char *path)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	unsigned opened = 0;
	size_t size;
	uint8_t *good = read_whole(path, &size), *bad = malloc(size);

	random_state = SEED;
	for (unsigned round = 0; round < ROUNDS; round++) {
		memcpy(bad, good, size);
		unsigned changes = 1 + random_number() % MOST_CHANGES;
		/* Every other round changes bytes at the start of blocks, where headers and lists stand. */
		for (unsigned i = 0; i < changes; i++) {
			size_t at = random_number() % size;

			if (round % 2)
				at = (at & ~(size_t)0xfff) + random_number() % 96;
			if (at >= size)
				continue;
			bad[at] = random_number() % 2 ? values[random_number() % 5] : (uint8_t)random_number();
		}
		write_file(bad, size);
		opened += ask_everything(target);
	}
	print_message("    seed %u: %u of %u damaged copies still opened\n", SEED, opened, ROUNDS);
	free(good);
	free(bad);
}

static void test_random_damage(void **state)
{
	(void)state;
	pdbutil_each_pdb(corrupt_pdb);
}

/* Each 4-byte number of the directory and of the headers at an extreme, one at a time. */
static void test_extreme_numbers(void **state)
{
	static const uint32_t extremes[] = { 0, 1, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff };
	size_t size;
	uint8_t *good = read_whole(SAMPLE_PDB, &size);
	uint32_t block_size, map;

	(void)state;
	memcpy(&block_size, good + 32, 4);
	memcpy(&map, good + 52, 4);
	memcpy(&map, good + (size_t)map * block_size, 4);
	const struct {
		size_t at, bytes;
	} regions[] = { { 32, 24 }, { (size_t)map * block_size, 512 } };
	for (unsigned r = 0; r < 2; r++) {
		for (size_t at = regions[r].at; at < regions[r].at + regions[r].bytes; at += 4) {
			uint32_t kept;

			memcpy(&kept, good + at, 4);
			for (unsigned e = 0; e < sizeof(extremes) / sizeof(*extremes); e++) {
				memcpy(good + at, &extremes[e], 4);
				write_file(good, size);
				ask_everything(target);
			}
			memcpy(good + at, &kept, 4);
		}
	}
	free(good);
}

static void expect_sentence(const void *bytes, size_t size, const char *says)
{
	struct imp_pdb *pdb;

	write_file(bytes, size);
	struct imp_error *err = imp_pdb_open(target, &pdb);
	assert_non_null(err);
	assert_int_equal(imp_error_code(err), IMP_ERROR_FORMAT);
	assert_non_null(strstr(imp_error_message(err), target));
	if (!strstr(imp_error_message(err), says))
		fail_msg("\"%s\" does not say \"%s\"", imp_error_message(err), says);
	imp_error_free(err);
}

static void test_not_a_pdb(void **state)
{
	size_t size;
	uint8_t *good = read_whole(SAMPLE_PDB, &size);
	struct imp_pdb *pdb;

	(void)state;
	expect_sentence("", 0, "not a PDB 7.0 file");
	expect_sentence("MZ and no more", 14, "not a PDB 7.0 file");
	expect_sentence(good, 40, "not a PDB 7.0 file");
	expect_sentence(good, size - 4096, "truncated");
	expect_sentence(good, size / 2, "truncated");
	free(good);
	struct imp_error *err = imp_pdb_open("/nonexistent/ntkrnlmp.pdb", &pdb);
	assert_int_equal(imp_error_code(err), IMP_ERROR_IO);
	imp_error_free(err);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(target, sizeof(target), "%s/damaged.pdb", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(target);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_a_pdb),
		cmocka_unit_test(test_extreme_numbers),
		cmocka_unit_test(test_random_damage),
	};

	return cmocka_run_group_tests_name("pdb_damage", tests, set_up, tear_down);
}
