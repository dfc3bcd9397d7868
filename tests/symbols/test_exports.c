/* Exports as symbols: each that llvm-readobj finds in an image of MinGW's is found by name and by address, and no other. */
#include "symbols/exports.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

enum { MOST_EXPORTS = 256 };

static struct {
	char name[128];
	uint32_t rva;
} wanted[MOST_EXPORTS];

/* What llvm-readobj says of the image's exports. */
static size_t read_wanted(const char *image)
{
	char command[1024], line[512];
	size_t count = 0;
	unsigned rva;

	snprintf(command, sizeof(command), "%s --coff-exports '%s'", READOBJ, image);
	FILE *output = popen(command, "r");
	assert_non_null(output);
	while (fgets(line, sizeof(line), output) && count < MOST_EXPORTS) {
		if (sscanf(line, " Name: %127s", wanted[count].name) == 1)
			continue;
		if (sscanf(line, " RVA: %x", &rva) == 1)
			wanted[count++].rva = rva;
	}
	assert_int_equal(pclose(output), 0);
	return count;
}

static bool count_symbol(void *context, const struct imp_symbol *symbol)
{
	size_t *count = context;

	(void)symbol;
	++*count;
	return true;
}

static void test_image(void **state)
{
	size_t count = read_wanted(EXPORTING_IMAGE), found = 0;
	struct imp_symbol symbol;
	struct imp_pdb *exports;
	struct imp_pe *image;

	(void)state;
	assert_true(count > 2);
	assert_null(imp_pe_open_file(EXPORTING_IMAGE, &image));
	assert_null(imp_exports_open(image, "some.sys", &exports));
	imp_pe_close(image);
	assert_string_equal(imp_pdb_kind(exports), "export");
	assert_string_equal(imp_pdb_path(exports), "some.sys");
	for (size_t i = 0; i < count; i++) {
		assert_null(imp_pdb_find(exports, wanted[i].name, &symbol));
		assert_int_equal(symbol.rva, wanted[i].rva);
		assert_null(imp_pdb_at(exports, wanted[i].rva, &symbol));
		assert_int_equal(symbol.rva, wanted[i].rva);
	}
	assert_null(imp_pdb_each(exports, "*", count_symbol, &found));
	assert_int_equal(found, count);
	imp_pdb_close(exports);
}

static void test_none(void **state)
{
	struct imp_pdb *exports;
	struct imp_pe *image;

	(void)state;
	assert_null(imp_pe_open_file(SAMPLE_IMAGE, &image));
	struct imp_error *err = imp_exports_open(image, "none.sys", &exports);
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	assert_null(exports);
	imp_error_free(err);
	imp_pe_close(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_image), cmocka_unit_test(test_none) };

	return cmocka_run_group_tests_name("exports", tests, NULL, NULL);
}
