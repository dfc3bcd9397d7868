/* The kernel's printf: the host's C library as witness where C says what to print, Microsoft's documentation where only it does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int host_format(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return length;
}

#include "rtl.h"

static void integers_like_the_hosts(void **state)
{
	static const char flags[] = "-+ #0";
	static const char *const conversions[] = { "d", "i", "u", "x", "X", "o", "hd", "hu", "hhd", "hhx", "lld", "llu", "llx", "llX", "llo" };
	static const int64_t values[] = { 0, 1, -1, 7, 8, 255, -128, 32767, -32768, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 0x123456789ab };
	unsigned seed = 20231125;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		const char *conversion = conversions[(unsigned)rand_r(&seed) % 15];
		long long value = values[(unsigned)rand_r(&seed) % 14];
		char format[32] = "[%";
		char ours[128], hosts[128];
		int length;

		for (int i = 0; i < 5; i++) {
			if (rand_r(&seed) % 3 == 0)
				strncat(format, &flags[i], 1);
		}
		if (rand_r(&seed) % 2)
			_snprintf(format + strlen(format), 8, "%d", rand_r(&seed) % 30 + 1);
		if (rand_r(&seed) % 2)
			_snprintf(format + strlen(format), 8, ".%d", rand_r(&seed) % 25);
		strcat(format, conversion);
		strcat(format, "]");
		if (strstr(conversion, "ll") != NULL) {
			length = _snprintf(ours, sizeof(ours), format, value);
			assert_int_equal(length, host_format(hosts, sizeof(hosts), format, value));
		} else {
			length = _snprintf(ours, sizeof(ours), format, (int)value);
			assert_int_equal(length, host_format(hosts, sizeof(hosts), format, (int)value));
		}
		if (strcmp(ours, hosts) != 0)
			fail_msg("%s of %lld: \"%s\", the host says \"%s\"", format, value, ours, hosts);
	}
}

static void strings_like_the_hosts(void **state)
{
	static const char *const formats[] = { "%s", "%10s|", "%-10s|", "%.3s|", "%10.2s|", "%-10.0s|", "%c%%" };
	char ours[64], hosts[64];

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(_snprintf(ours, sizeof(ours), formats[i], "kernel"), host_format(hosts, sizeof(hosts), formats[i], "kernel"));
		assert_string_equal(ours, hosts);
	}
	_snprintf(ours, sizeof(ours), formats[6], 'x');
	assert_string_equal(ours, "x%");
	_snprintf(ours, sizeof(ours), "%*.*s|%-*d|", 6, 2, "kernel", -4, 7);
	assert_string_equal(ours, "    ke|7   |");
}

static const char *print(const char *format, ...)
{
	static char text[256];
	va_list arguments;

	va_start(arguments, format);
	_vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return text;
}

static const char *print_wide(const WCHAR *format, ...)
{
	static char narrow[256];
	WCHAR text[256];
	va_list arguments;
	size_t i = 0;

	va_start(arguments, format);
	_vsnwprintf(text, 256, format, arguments);
	va_end(arguments);
	do {
		narrow[i] = (char)text[i];
	} while (text[i++] != 0);
	return narrow;
}

static void what_only_microsoft_has(void **state)
{
	UNICODE_STRING wide = { 8, 10, L"Namexxx" };
	STRING narrow = { 3, 4, "abcdef" };

	(void)state;
	assert_string_equal(print("%I64x %I64u %I32d %Id", 0x123456789abcULL, 18446744073709551615ULL, -5, -5LL),
			    "123456789abc 18446744073709551615 -5 -5");
	assert_string_equal(print("%p", (void *)0xfffff80312345abcULL), "FFFFF80312345ABC");
	assert_string_equal(print("%p", NULL), "0000000000000000");
	assert_string_equal(print("%ld %lu %lx", -1, 4294967295U, 255), "-1 4294967295 ff");
	assert_string_equal(print("%ws %ls %S %hs %s", L"a", L"b", L"c", "d", "e"), "a b c d e");
	assert_string_equal(print_wide(L"%ws %ls %S %hs %s", L"a", L"b", "c", "d", L"e"), "a b c d e");
	assert_string_equal(print("%wZ|%Z|%6wZ|%.2wZ", &wide, &narrow, &wide, &wide), "Name|abc|  Name|Na");
	assert_string_equal(print_wide(L"%wZ|%Z", &wide, &narrow), "Name|abc");
	assert_string_equal(print("%s %ws %wZ", NULL, NULL, NULL), "(null) (null) (null)");
	assert_string_equal(print("%C%c%wc", L'A', 'B', L'C'), "ABC");
	assert_string_equal(print_wide(L"file_%d.txt", 999), "file_999.txt");
	assert_string_equal(print("%y%"), "y");
}

static void widths_convert_by_utf8(void **state)
{
	WCHAR text[8];

	(void)state;
	assert_string_equal(print("%ws", L"\u00e9\u20ac"), "\xc3\xa9\xe2\x82\xac");
	assert_string_equal(print("%ws", (const WCHAR[]){ 0xd83d, 0xde00, 0 }), "\xf0\x9f\x98\x80");
	assert_string_equal(print("%ws", (const WCHAR[]){ 0xd83d, 0 }), "\xef\xbf\xbd");
	assert_int_equal(_snwprintf(text, 8, L"%hs", "\xc3\xa9\xf0\x9f\x98\x80"), 3);
	assert_int_equal(text[0], 0xe9);
	assert_int_equal(text[1], 0xd83d);
	assert_int_equal(text[2], 0xde00);
}

/* https://learn.microsoft.com/cpp/c-runtime-library/reference/snprintf-snprintf-snprintf-l-snwprintf-snwprintf-l, "Return value". */
static void results_when_it_does_not_fit(void **state)
{
	char text[8] = "xxxxxxx";
	WCHAR wide[8] = L"xxxxxxx";

	(void)state;
	assert_int_equal(_snprintf(text, 4, "%s", "abc"), 3);
	assert_memory_equal(text, "abc\0xxx", 8);
	memset(text, 'x', 7);
	assert_int_equal(_snprintf(text, 3, "%s", "abc"), 3);
	assert_memory_equal(text, "abcxxxx", 8);
	memset(text, 'x', 7);
	assert_int_equal(_snprintf(text, 2, "%s", "abc"), -1);
	assert_memory_equal(text, "abxxxxx", 8);
	assert_int_equal(_snprintf(NULL, 0, "%s", "abc"), 3);
	assert_int_equal(_snwprintf(wide, 2, L"%d", 1234), -1);
	assert_memory_equal(wide, L"12xxxxx", 16);
	assert_int_equal(_snwprintf(wide, 5, L"%d", 1234), 4);
	assert_memory_equal(wide, L"1234\0xx", 16);
	assert_int_equal(swprintf(wide, L"%s", L"ab"), 2);
	assert_int_equal(sprintf(text, "%s", "ab"), 2);
}

/* https://learn.microsoft.com/cpp/c-runtime-library/reference/strcpy-s-wcscpy-s-mbscpy-s and its neighbours, "Return value". */
static void secure_ones(void **state)
{
	char text[8] = "xxxxxxx";
	WCHAR wide[4];

	(void)state;
	assert_int_equal(strcpy_s(text, 4, "abc"), 0);
	assert_int_equal(strcat_s(text, 8, "defg"), 0);
	assert_string_equal(text, "abcdefg");
	assert_int_equal(strcat_s(text, 8, "h"), 34);
	assert_int_equal(text[0], 0);
	assert_int_equal(strncpy_s(text, 4, "abcdef", 3), 0);
	assert_string_equal(text, "abc");
	assert_int_equal(strncpy_s(text, 4, "abcdef", (size_t)-1), 80);
	assert_string_equal(text, "abc");
	assert_int_equal(strcpy_s(text, 4, NULL), 22);
	assert_int_equal(wcscpy_s(wide, 4, L"abcd"), 34);
	assert_int_equal(memcpy_s(text, 2, "abc", 3), 34);
	assert_int_equal(sprintf_s(text, 8, "%d", 1234567), 7);
	assert_int_equal(sprintf_s(text, 8, "%d", 12345678), -1);
	assert_int_equal(text[0], 0);
	assert_int_equal(_snprintf_s(text, 8, (size_t)-1, "%d", 12345678), -1);
	assert_string_equal(text, "1234567");
	assert_int_equal(_snprintf_s(text, 8, 3, "%d", 12345678), -1);
	assert_string_equal(text, "123");
	assert_int_equal(swprintf_s(wide, 4, L"%s", L"abc"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_like_the_hosts), cmocka_unit_test(strings_like_the_hosts),       cmocka_unit_test(what_only_microsoft_has),
		cmocka_unit_test(widths_convert_by_utf8),  cmocka_unit_test(results_when_it_does_not_fit), cmocka_unit_test(secure_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
