/* The control channel's lines, against docs/lab.md. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/control_line.h"

static void encodes_bytes_that_would_break_a_line(void **state)
{
	struct imp_control_pair pairs[] = { { "service", "a\tb\n" }, { "image", "\\??\\C:\\50% \x7f\xc3\xa9.sys" } };
	char line[IMP_CONTROL_LINE_MAX + 1];
	size_t length;

	(void)state;
	assert_null(imp_control_encode(7, "driver.load", pairs, 2, line, &length));
	assert_string_equal(line, "7 driver.load\tservice=a%09b%0A\timage=\\??\\C:\\50%25 %7F\xc3\xa9.sys\n");
	assert_int_equal(length, strlen(line));
}

static void refuses_a_request_that_is_too_long(void **state)
{
	char *value = calloc(1, IMP_CONTROL_LINE_MAX + 1);
	struct imp_control_pair pair = { "service", value };
	char line[IMP_CONTROL_LINE_MAX + 1];
	struct imp_error *err;
	size_t length;

	(void)state;
	/* "1 x TAB service=" and the line end are 13 bytes. */
	memset(value, 'a', IMP_CONTROL_LINE_MAX - 13);
	assert_null(imp_control_encode(1, "x", &pair, 1, line, &length));
	assert_int_equal(length, IMP_CONTROL_LINE_MAX);
	value[IMP_CONTROL_LINE_MAX - 13] = 'a';
	err = imp_control_encode(1, "x", &pair, 1, line, &length);
	assert_non_null(err);
	assert_int_equal(imp_error_code(err), IMP_ERROR_USAGE);
	imp_error_free(err);
	free(value);
}

static void decodes_rows_and_results(void **state)
{
	struct imp_control_line line;

	(void)state;
	assert_null(imp_control_decode("12 +\tthread=0xffff\tdriver=%25%20", &line));
	assert_int_equal(line.sequence, 12);
	assert_int_equal(line.kind, IMP_CONTROL_ROW);
	assert_string_equal(json_string_value(json_object_get(line.fields, "driver")), "% ");
	json_decref(line.fields);
	/* What a driver is named must not drive a terminal. */
	assert_null(imp_control_decode("12 +\tdriver=%1B[2J\033x%7F\tstate=a", &line));
	assert_string_equal(json_string_value(json_object_get(line.fields, "driver")), "?[2J?x?");
	assert_string_equal(json_string_value(json_object_get(line.fields, "state")), "a");
	json_decref(line.fields);
	assert_null(imp_control_decode("4294967295 = c0000263\tmissing=KeX\tempty=", &line));
	assert_int_equal(line.sequence, UINT32_MAX);
	assert_int_equal(line.kind, IMP_CONTROL_RESULT);
	assert_int_equal(line.status, 0xc0000263);
	assert_string_equal(json_string_value(json_object_get(line.fields, "missing")), "KeX");
	assert_string_equal(json_string_value(json_object_get(line.fields, "empty")), "");
	json_decref(line.fields);
	assert_null(imp_control_decode("0 = 00000000", &line));
	assert_int_equal(json_object_size(line.fields), 0);
	json_decref(line.fields);
}

static void refuses_what_is_no_answer(void **state)
{
	static const char *const lines[] = {
		"",
		"x",
		"1",
		"1 ",
		"1 ?",
		" = 00000000",
		"-1 = 00000000",
		"4294967296 = 00000000",
		"99999999999999999999 = 00000000",
		"1 = 0000000",
		"1 = 0000000g",
		"1 = 000000000",
		"1 = 00000000 a=b",
		"1 +\tnokey",
		"1 +\t=value",
		"1 +\ta=%",
		"1 +\ta=%4",
		"1 +\ta=%zz",
		"1 +\ta=%00",
		"1 +\ta=\xff",
		"1 +\t\xc3=b",
		"1 +\ta=1\t",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct imp_control_line line;
		struct imp_error *err = imp_control_decode(lines[i], &line);

		if (!err)
			fail_msg("accepted: %s", lines[i]);
		assert_int_equal(imp_error_code(err), IMP_ERROR_FORMAT);
		assert_null(line.fields);
		imp_error_free(err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_bytes_that_would_break_a_line),
		cmocka_unit_test(refuses_a_request_that_is_too_long),
		cmocka_unit_test(decodes_rows_and_results),
		cmocka_unit_test(refuses_what_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
