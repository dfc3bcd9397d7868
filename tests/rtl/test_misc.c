/* Time, bitmaps, sorting: checked against the host's calendar, counts made bit by bit, and the order itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "rtl.h"

/* Seconds between 1601-01-01 and 1970-01-01. */
#define EPOCH_DIFFERENCE 11644473600LL

static void times_like_the_hosts(void **state)
{
	unsigned seed = 1601;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		int64_t seconds = ((int64_t)rand_r(&seed) << 16 ^ rand_r(&seed)) % 265046774400LL; /* up to the year 9999 */
		LARGE_INTEGER time = { .QuadPart = seconds * 10000000 + 1230000 };
		LARGE_INTEGER back;
		time_t host = (time_t)(seconds - EPOCH_DIFFERENCE);
		struct tm tm;
		TIME_FIELDS fields;

		gmtime_r(&host, &tm);
		RtlTimeToTimeFields(&time, &fields);
		assert_int_equal(fields.Year, tm.tm_year + 1900);
		assert_int_equal(fields.Month, tm.tm_mon + 1);
		assert_int_equal(fields.Day, tm.tm_mday);
		assert_int_equal(fields.Hour, tm.tm_hour);
		assert_int_equal(fields.Minute, tm.tm_min);
		assert_int_equal(fields.Second, tm.tm_sec);
		assert_int_equal(fields.Milliseconds, 123);
		assert_int_equal(fields.Weekday, tm.tm_wday);
		assert_true(RtlTimeFieldsToTime(&fields, &back));
		assert_true(back.QuadPart == time.QuadPart);
	}
}

static void impossible_dates(void **state)
{
	static const TIME_FIELDS dates[] = { { .Year = 1600, .Month = 1, .Day = 1 },  { .Year = 2023, .Month = 2, .Day = 29 },
					     { .Year = 2023, .Month = 13, .Day = 1 }, { .Year = 1900, .Month = 2, .Day = 29 },
					     { .Year = 2023, .Month = 1, .Day = 0 },  { .Year = 2023, .Month = 1, .Day = 1, .Hour = 24 } };
	LARGE_INTEGER time;

	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		TIME_FIELDS fields = dates[i];

		assert_false(RtlTimeFieldsToTime(&fields, &time));
	}
}

static ULONG slow_find_clear(const RTL_BITMAP *bitmap, ULONG count, ULONG from, ULONG to)
{
	for (ULONG i = from; i < to && i + count <= bitmap->SizeOfBitMap; i++) {
		ULONG run = 0;

		while (run < count && !(bitmap->Buffer[(i + run) / 32] >> ((i + run) % 32) & 1))
			run++;
		if (run == count)
			return i;
	}
	return 0xffffffff;
}

static void bitmaps(void **state)
{
	unsigned seed = 37;
	ULONG words[5];
	RTL_BITMAP bitmap;

	(void)state;
	RtlInitializeBitMap(&bitmap, words, 150);
	for (int round = 0; round < 3000; round++) {
		ULONG count = (unsigned)rand_r(&seed) % 40 + 1, hint = (unsigned)rand_r(&seed) % 160, expected;

		RtlClearAllBits(&bitmap);
		for (int i = rand_r(&seed) % 12; i > 0; i--)
			RtlSetBit(&bitmap, (unsigned)rand_r(&seed) % 150);
		if (hint >= 150)
			hint = 0;
		expected = slow_find_clear(&bitmap, count, hint, 150);
		if (expected == 0xffffffff)
			expected = slow_find_clear(&bitmap, count, 0, hint);
		assert_int_equal(RtlFindClearBits(&bitmap, count, hint), expected);
		if (expected == 0xffffffff)
			continue;
		assert_true(RtlAreBitsClear(&bitmap, expected, count));
		expected = RtlNumberOfSetBits(&bitmap);
		assert_true(RtlFindClearBitsAndSet(&bitmap, count, hint) != 0xffffffff);
		assert_int_equal(RtlNumberOfSetBits(&bitmap), expected + count);
	}
	RtlSetAllBits(&bitmap);
	assert_int_equal(RtlNumberOfClearBits(&bitmap), 0);
	RtlClearBits(&bitmap, 140, 10);
	assert_int_equal(RtlFindClearBits(&bitmap, 11, 0), 0xffffffff);
	assert_int_equal(RtlFindClearBits(&bitmap, 10, 0), 140);
	assert_false(RtlAreBitsSet(&bitmap, 149, 2));
}

static int by_value(const void *a, const void *b)
{
	int left = *(const int *)a, right = *(const int *)b;

	return (left > right) - (left < right);
}

static void sorting(void **state)
{
	unsigned seed = 4;

	(void)state;
	for (int round = 0; round < 500; round++) {
		int values[64];
		size_t count = (unsigned)rand_r(&seed) % 64;
		long long sum = 0;

		for (size_t i = 0; i < count; i++)
			sum += values[i] = rand_r(&seed) % 100;
		qsort(values, count, sizeof(values[0]), by_value);
		for (size_t i = 0; i < count; i++) {
			sum -= values[i];
			assert_true(i == 0 || values[i - 1] <= values[i]);
			assert_int_equal(*(int *)bsearch(&values[i], values, count, sizeof(values[0]), by_value), values[i]);
		}
		assert_true(sum == 0);
		assert_null(bsearch(&(int){ 1000 }, values, count, sizeof(values[0]), by_value));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_like_the_hosts),
		cmocka_unit_test(impossible_dates),
		cmocka_unit_test(bitmaps),
		cmocka_unit_test(sorting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
