/* Strings, counted and not: the C library as the standard has it, the Rtl routines as the driver kit documents them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Before rtl.h gives the names to the kernel's routines. */
static void *host_memmove(void *to, const void *from, size_t count)
{
	return memmove(to, from, count);
}

#include "rtl.h"

static UNICODE_STRING unicode(const WCHAR *text)
{
	UNICODE_STRING string;

	RtlInitUnicodeString(&string, text);
	return string;
}

static void blocks_overlap(void **state)
{
	unsigned seed = 22621;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		unsigned char ours[128], hosts[128];
		size_t from = (unsigned)rand_r(&seed) % 64, to = (unsigned)rand_r(&seed) % 64, count = (unsigned)rand_r(&seed) % 64;

		for (size_t i = 0; i < sizeof(ours); i++)
			ours[i] = hosts[i] = (unsigned char)rand_r(&seed);
		assert_ptr_equal(memmove(ours + to, ours + from, count), ours + to);
		host_memmove(hosts + to, hosts + from, count);
		assert_memory_equal(ours, hosts, sizeof(ours));
		memset(ours + to, round, count);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(ours[to + i], (unsigned char)round);
	}
	assert_int_equal(RtlCompareMemory("abcd", "abxd", 4), 2);
	assert_true(memcmp("a", "b", 1) < 0);
	assert_true(memcmp("\xff", "\x01", 1) > 0);
	assert_null(memchr("abc", 'd', 3));
}

static void c_strings(void **state)
{
	char text[16] = "abc";
	WCHAR wide[16] = L"C:\\Temp";

	(void)state;
	assert_int_equal(strlen("kernel"), 6);
	assert_true(strcmp("\xff", "a") > 0);
	assert_int_equal(_stricmp("KeSetEvent", "kesetevent"), 0);
	assert_true(_strnicmp("abcX", "ABCy", 4) < 0);
	assert_string_equal(strcat(text, "def"), "abcdef");
	assert_string_equal(strrchr(text, 'd'), "def");
	assert_ptr_equal(strchr(text, 0), text + 6);
	assert_string_equal(strstr(text, "cde"), "cdef");
	assert_null(strstr(text, "xyz"));
	strncpy(text, "xy", 4);
	assert_memory_equal(text, "xy\0\0ef", 7);
	assert_int_equal(wcslen(wide), 7);
	assert_ptr_equal(wcschr(wide, L'\\'), wide + 2);
	assert_ptr_equal(wcsrchr(wide, L'x'), NULL);
	assert_int_equal(_wcsicmp(wide, L"c:\\TEMP"), 0);
	assert_true(wcscmp(L"a", L"b") < 0);
	assert_ptr_equal(wcsstr(wide, L"Temp"), wide + 3);
	_wcsupr(wide);
	assert_memory_equal(wide, L"C:\\TEMP", 16);
}

static void case_pairs(void **state)
{
	static const WCHAR pairs[][2] = { { L'a', L'A' },   { 0xe9, 0xc9 },   { 0xff, 0x178 },    { 0x3b1, 0x391 },
					  { 0x44f, 0x42f }, { 0x561, 0x531 }, { 0x1e01, 0x1e00 }, { 0xff41, 0xff21 } };
	static const WCHAR alone[] = { L'1', 0xdf, 0xb5, 0x131, 0x17f, 0x2126, 0x4e00, 0xd800 };

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_int_equal(RtlUpcaseUnicodeChar(pairs[i][0]), pairs[i][1]);
		assert_int_equal(RtlDowncaseUnicodeChar(pairs[i][1]), pairs[i][0]);
	}
	for (size_t i = 0; i < sizeof(alone) / sizeof(alone[0]); i++)
		assert_int_equal(RtlUpcaseUnicodeChar(alone[i]), alone[i]);
	for (unsigned c = 0; c < 0x10000; c++) {
		WCHAR upper = RtlUpcaseUnicodeChar((WCHAR)c);

		assert_int_equal(RtlUpcaseUnicodeChar(upper), upper);
		if (upper != c)
			assert_int_equal(RtlDowncaseUnicodeChar(upper), c);
	}
}

static void counted_strings(void **state)
{
	WCHAR buffer[8];
	UNICODE_STRING name = { 0, sizeof(buffer), buffer };
	UNICODE_STRING upper = unicode(L"\\DOSDEVICES"), lower = unicode(L"\\DosDevices"), prefix = unicode(L"\\dos");

	(void)state;
	assert_int_equal(lower.Length, 22);
	assert_int_equal(lower.MaximumLength, 24);
	assert_true(RtlEqualUnicodeString(&upper, &lower, TRUE));
	assert_false(RtlEqualUnicodeString(&upper, &lower, FALSE));
	assert_true(RtlPrefixUnicodeString(&prefix, &lower, TRUE));
	assert_false(RtlPrefixUnicodeString(&lower, &prefix, TRUE));
	assert_true(RtlCompareUnicodeString(&prefix, &lower, TRUE) < 0);
	assert_int_equal(RtlAppendUnicodeToString(&name, L"abc"), STATUS_SUCCESS);
	assert_int_equal(name.Length, 6);
	assert_int_equal(buffer[3], 0);
	assert_int_equal(RtlAppendUnicodeStringToString(&name, &prefix), STATUS_SUCCESS);
	assert_int_equal(RtlAppendUnicodeToString(&name, L"xy"), STATUS_BUFFER_TOO_SMALL);
	assert_int_equal(name.Length, 14);
	RtlCopyUnicodeString(&name, &lower);
	assert_int_equal(name.Length, 16);
	RtlCopyUnicodeString(&name, NULL);
	assert_int_equal(name.Length, 0);
}

static void conversions(void **state)
{
	WCHAR buffer[12];
	UNICODE_STRING name = { 0, sizeof(buffer), buffer }, source = unicode(L"K\u00e4fer");
	UNICODE_STRING hex = unicode(L"0x1F"), minus = unicode(L"  -12x"), tight = { 0, 2, buffer };
	ANSI_STRING ansi;
	ULONG value;

	(void)state;
	assert_int_equal(RtlUnicodeStringToAnsiString(&ansi, &source, TRUE), STATUS_SUCCESS);
	assert_string_equal(ansi.Buffer, "K\xc3\xa4"
					 "fer");
	assert_int_equal(RtlAnsiStringToUnicodeString(&name, &ansi, FALSE), STATUS_SUCCESS);
	assert_true(RtlEqualUnicodeString(&name, &source, FALSE));
	assert_int_equal(RtlAnsiStringToUnicodeString(&tight, &ansi, FALSE), STATUS_BUFFER_OVERFLOW);
	RtlFreeAnsiString(&ansi);
	assert_null(ansi.Buffer);
	assert_int_equal(RtlIntegerToUnicodeString(0xBEEF, 16, &name), STATUS_SUCCESS);
	assert_memory_equal(buffer, L"BEEF", 10);
	assert_int_equal(RtlIntegerToUnicodeString(100, 10, &tight), STATUS_BUFFER_OVERFLOW);
	assert_int_equal(RtlIntegerToUnicodeString(1, 7, &name), STATUS_INVALID_PARAMETER);
	assert_int_equal(RtlUnicodeStringToInteger(&hex, 0, &value), STATUS_SUCCESS);
	assert_int_equal(value, 31);
	assert_int_equal(RtlUnicodeStringToInteger(&minus, 10, &value), STATUS_SUCCESS);
	assert_int_equal((int32_t)value, -12);
	assert_int_equal(atoi(" -42abc"), -42);
	assert_int_equal(strtoul("0x10", NULL, 0), 16);
	assert_int_equal(strtoul("99999999999", NULL, 10), 0xffffffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_overlap),  cmocka_unit_test(c_strings),   cmocka_unit_test(case_pairs),
		cmocka_unit_test(counted_strings), cmocka_unit_test(conversions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
