/* Bug checks: names agree with the header of another project, and each description is complete. */
#include "nt/bugcheck.h"
#include "nt/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* Spelled otherwise by Microsoft's reference, or (FA) another bug check's name in that header. */
static const uint32_t otherwise[] = { 0x1d, 0xfa };

static void names_agree_with_mingw(void **state)
{
	static const char path[] = "/usr/share/mingw-w64/include/bugcodes.h";
	char line[256], name[128];
	unsigned code, compared = 0;
	FILE *file = fopen(path, "r");
	(void)state;

	if (!file) {
		print_message("%s is not there: not tested\n", path);
		skip();
	}
	while (fgets(line, sizeof(line), file)) {
		const char *ours;
		bool known = false;

		if (sscanf(line, "#define %127s ((ULONG)%x)", name, &code) != 2)
			continue;
		ours = imp_bugcheck_name(code);
		for (size_t i = 0; i < sizeof(otherwise) / sizeof(otherwise[0]); i++)
			known |= otherwise[i] == code;
		if (!ours || known)
			continue;
		assert_string_equal(ours, name);
		compared++;
	}
	fclose(file);
	assert_true(compared > 100);
}

static void codes(void **state)
{
	(void)state;
	assert_string_equal(imp_bugcheck_name(0x1000007e), "SYSTEM_THREAD_EXCEPTION_NOT_HANDLED_M");
	assert_string_equal(imp_bugcheck_name(0x161), "LIVE_SYSTEM_DUMP");
	assert_string_equal(imp_bugcheck_name(0x1), "APC_INDEX_MISMATCH");
	assert_string_equal(imp_bugcheck_name(0xdeaddead), "MANUALLY_INITIATED_CRASH1");
	assert_null(imp_bugcheck_name(0));
	assert_null(imp_bugcheck_name(0xffffffff));
}

/* The codes that people meet; each has a sentence and says what its first parameter is, unless Microsoft's reference has none either. */
static void common_codes_are_described(void **state)
{
	static const uint32_t common[] = { 0x0a,  0x1a,  0x1e,  0x19,  0x20,  0x39,  0x3b,  0x50,  0x7e,       0x7f,      0x9f,  0xbe,
					   0xc2,  0xc4,  0xc5,  0xd1,  0xe3,  0xef,  0xfc,  0x101, 0x109,      0x116,     0x124, 0x133,
					   0x139, 0x13a, 0x153, 0x154, 0x157, 0x161, 0x162, 0x13c, 0x1000007e, 0x1000008e };
	(void)state;

	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
		const struct imp_bugcheck *known = imp_bugcheck_known(common[i]);

		if (!known || !imp_bugcheck_name(common[i]))
			fail_msg("bug check %x is not described", common[i]);
		assert_true(known->summary[strlen(known->summary) - 1] == '.');
		assert_non_null(known->parameters[0].meaning);
	}
	assert_non_null(imp_bugcheck_known(0xe2));
	assert_null(imp_bugcheck_known(0x12345));
	assert_int_equal(imp_bugcheck_known(0x1000007e)->parameters[3].kind, IMP_PARAMETER_CONTEXT);
	assert_non_null(strstr(imp_bugcheck_case(0x139, 3), "LIST_ENTRY"));
	assert_null(imp_bugcheck_case(0x139, 0x999));
}

static void statuses(void **state)
{
	(void)state;
	assert_string_equal(imp_status_find(0xc0000005)->name, "STATUS_ACCESS_VIOLATION");
	assert_string_equal(imp_status_find(0x80000003)->name, "STATUS_BREAKPOINT");
	assert_null(imp_status_find(0x12345678));
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(names_agree_with_mingw), cmocka_unit_test(codes),
						   cmocka_unit_test(common_codes_are_described), cmocka_unit_test(statuses) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
