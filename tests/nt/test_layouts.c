/* Are the names that src/nt looks for those of real kernels? Each field of the table is looked up in the symbols of Windows 10 19041 and Windows 11 22000,
 * and what walk.c knows of page-table entries is compared with their types.
 */
#include "memory/memory.h"
#include "nt/fields.h"
#include "nt/kernel.h"
#include "symbols/isf.h"
#include "synthetic.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *id, *name;
} field_names[] = {
#define F(id, type, path) { #id, type "." path },
	IMP_NT_FIELDS(F)
#undef F
};

/* Fields of the lab's or of older kernels only, with the reason. */
static const char *const not_everywhere[] = {
	"SWITCH_RETURN",      "SWITCH_RBP", /* _KSWITCH_FRAME is of the lab's PDB; others are unwound from KiSwapContext */
	"HMAP_BLOCK_ADDRESS",               /* Windows 8.1 and earlier */
	"UNLOADED_NAME",      "UNLOADED_START", "UNLOADED_END", "UNLOADED_TIME", /* not in public symbols: docs/formats.md */
};

static void shared_tables(glob_t *found)
{
	const char *shared = getenv("IMPASSE_SHARED");
	char pattern[512];

	snprintf(pattern, sizeof(pattern), "%s/data/windows/*.json.xz", shared ? shared : PROJECT_DIR "/../shared");
	if (glob(pattern, 0, NULL, found)) {
		printf("no tables %s\n", pattern);
		found->gl_pathc = 0;
	}
}

static bool expected_missing(const char *id)
{
	for (size_t i = 0; i < sizeof(not_everywhere) / sizeof(not_everywhere[0]); i++) {
		if (!strcmp(not_everywhere[i], id))
			return true;
	}
	return false;
}

static void every_field_is_real(void **state)
{
	struct synthetic made;
	struct imp_dump *dump;
	glob_t found;
	size_t missing = 0;
	(void)state;

	synthetic_new(&made, 0, 2);
	assert_null(imp_dump_open_bytes("synthetic", (struct imp_span){ made.bytes, made.size }, &dump));
	shared_tables(&found);
	for (size_t table = 0; table < found.gl_pathc; table++) {
		struct imp_kernel kernel = { .dump = dump };

		assert_null(imp_isf_open(found.gl_pathv[table], NULL, &kernel.nt.pdb));
		for (size_t i = 0; i < IMP_NT_FIELD_COUNT; i++) {
			const struct imp_field *field;
			struct imp_error *err = imp_nt_field(&kernel, (enum imp_nt_field)i, &field);

			if (err && !expected_missing(field_names[i].id)) {
				printf("%s: %s\n", strrchr(found.gl_pathv[table], '/') + 1, imp_error_message(err));
				missing++;
			}
			imp_error_free(err);
			imp_error_free(kernel.fields[i].error);
		}
		imp_pdb_close(kernel.nt.pdb);
	}
	globfree(&found);
	imp_dump_close(dump);
	synthetic_free(&made);
	assert_int_equal(missing, 0);
}

/* The bits that src/memory/walk.c knows. PageFrameNumber has 36 bits up to Windows 10, 40 later; the rest is the same in both. */
static void page_table_entries(void **state)
{
	static const struct {
		const char *type, *field;
		unsigned position, length;
	} bits[] = {
		{ "_MMPTE_HARDWARE", "Valid", 0, 1 },
		{ "_MMPTE_HARDWARE", "LargePage", 7, 1 },
		{ "_MMPTE_HARDWARE", "PageFrameNumber", 12, 0 },
		{ "_MMPTE_SOFTWARE", "SwizzleBit", 4, 1 },
		{ "_MMPTE_SOFTWARE", "Protection", 5, 5 },
		{ "_MMPTE_SOFTWARE", "Prototype", 10, 1 },
		{ "_MMPTE_SOFTWARE", "Transition", 11, 1 },
		{ "_MMPTE_SOFTWARE", "PageFileLow", 12, 4 },
		{ "_MMPTE_SOFTWARE", "PageFileHigh", 32, 32 },
		{ "_MMPTE_TRANSITION", "SwizzleBit", 4, 1 },
		{ "_MMPTE_TRANSITION", "PageFrameNumber", 12, 0 },
		{ "_MMPTE_PROTOTYPE", "Prototype", 10, 1 },
		{ "_MMPTE_PROTOTYPE", "SwizzleBit", 4, 1 },
		{ "_MMPTE_PROTOTYPE", "ProtoAddress", 16, 48 },
		{ "_MMPTE_SUBSECTION", "Prototype", 10, 1 },
		{ "_MMPTE_SUBSECTION", "SubsectionAddress", 16, 48 },
	};
	glob_t found;
	(void)state;

	shared_tables(&found);
	for (size_t table = 0; table < found.gl_pathc; table++) {
		struct imp_pdb *pdb;

		assert_null(imp_isf_open(found.gl_pathv[table], NULL, &pdb));
		for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
			struct imp_field field;

			assert_null(imp_field_find(pdb, bits[i].type, bits[i].field, &field));
			assert_int_equal(field.offset, 0);
			assert_int_equal(field.type.kind, IMP_TYPE_BITFIELD);
			assert_int_equal(field.type.bit_position, bits[i].position);
			if (bits[i].length)
				assert_int_equal(field.type.bit_length, bits[i].length);
			else
				assert_true(field.type.bit_length == 36 || field.type.bit_length == 40);
		}
		imp_pdb_close(pdb);
	}
	globfree(&found);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_real),
		cmocka_unit_test(page_table_entries),
	};

	return cmocka_run_group_tests_name("nt_layouts", tests, NULL, NULL);
}
