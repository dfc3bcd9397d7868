/* The expression evaluator, against WinDbg's documented MASM rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "command/expression.h"

static struct imp_error *symbol(void *context, const char *name, uint64_t *value)
{
	(void)context;
	if (strcmp(name, "nt!KiSwapContext") && strcmp(name, "KiSwapContext"))
		return imp_error_new(IMP_ERROR_NOT_FOUND, "no symbol '%s'", name);
	*value = 0xfffff80344e6fe10;
	return NULL;
}

static struct imp_error *read_memory(void *context, uint64_t address, size_t size, uint64_t *value)
{
	(void)context;
	if (address != 0x1000)
		return imp_error_fault(address, "page not present");
	*value = 0x8877665544332211 & (size == 8 ? UINT64_MAX : (1ull << size * 8) - 1);
	return NULL;
}

static const struct imp_expression_names names = { NULL, symbol, read_memory };

static void values(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} rows[] = {
		{ "10", 0x10 },
		{ "0x10", 0x10 },
		{ "0n10", 10 },
		{ "0y101", 5 },
		{ "0t17", 15 },
		{ "ffff8004`d569df40", 0xffff8004d569df40 },
		{ "FFFF8004D569DF40", 0xffff8004d569df40 },
		{ "0f3h", 0xf3 },
		{ "1 + 2 * 3", 7 },
		{ "(1+2)*3", 9 },
		{ "0n100/0n7", 14 },
		{ "-1", UINT64_MAX },
		{ "2-3", UINT64_MAX },
		{ "nt!KiSwapContext+0x76", 0xfffff80344e6fe86 },
		{ "KiSwapContext + 76", 0xfffff80344e6fe86 },
		{ "poi(1000)", 0x8877665544332211 },
		{ "dwo(0n4096)", 0x44332211 },
		{ "5 & 3", 1 },
		{ "5 and 3 or 8", 9 },
		{ "1 | 2 ^ 3 & 6", 1 },
		{ "1 + 1 << 4", 0x20 },
		{ "1 << 40", 0 },
		{ "0n10 mod 4 + 1", 3 },
		/* casts, with the widths of the compilers for Windows */
		{ "(unsigned char)1234", 0x34 },
		{ "(char)ff", UINT64_MAX },
		{ "(char)7f", 0x7f },
		{ "(USHORT) 12345", 0x2345 },
		{ "(long)80000000", 0xffffffff80000000 },
		{ "(unsigned long)-1", 0xffffffff },
		{ "(unsigned __int64)-1", UINT64_MAX },
		{ "(ULONG)1 + 2", 3 },
		{ "(nt!_EVENT *)1000", 0x1000 },
		{ "(UCHAR)(100 + 1)", 1 },
		{ "-(UCHAR)ff", (uint64_t)-0xff },
		{ "(1000)", 0x1000 },
		{ "by(1000)", 0x11 },
		{ "wo(1000)", 0x2211 },
		{ "qwo(1000)", 0x8877665544332211 },
		{ "~0 >> 3c", 0xf },
		{ "not 1", UINT64_MAX - 1 },
		{ "-~5", 6 },
		{ "--1", 1 },
		{ "8-4-2", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t value;
		struct imp_error *err = imp_expression_whole(&names, rows[i].text, &value);

		if (err)
			fail_msg("%s: %s", rows[i].text, imp_error_message(err));
		assert_int_equal(value, rows[i].value);
	}
}

static void mistakes(void **state)
{
	static const char *const rows[] = { "",          "1+",      "(1",  "1)",       "1/0",   "nosuch", "poi(2000)", "11112222333344445",
					    "by(1000)&", "1 mod 0", "not", "1 modx 2", "5 << ", "+",      "()",        "1 2" };
	char deep[2000];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t value;
		struct imp_error *err = imp_expression_whole(&names, rows[i], &value);

		if (!err)
			fail_msg("'%s' is accepted", rows[i]);
		imp_error_free(err);
	}
	deep[sizeof(deep) - 1] = '\0';
	for (const char *with = "(-~"; *with; with++) {
		uint64_t value;
		struct imp_error *err;

		memset(deep, *with, sizeof(deep) - 1);
		err = imp_expression_whole(&names, deep, &value);
		assert_non_null(err);
		imp_error_free(err);
	}
}

static void arguments_end_at_blanks(void **state)
{
	const char *text = "  ffff8004`d569df40 L4";
	uint64_t value;

	(void)state;
	assert_null(imp_expression(&names, &text, &value));
	assert_int_equal(value, 0xffff8004d569df40);
	assert_string_equal(text, " L4");
	text = "( 1 + 2 ) 7";
	assert_null(imp_expression(&names, &text, &value));
	assert_int_equal(value, 3);
	assert_string_equal(text, " 7");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(arguments_end_at_blanks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
