/*
 * Strings of 16-bit characters, as the C library has them. Order is by code unit; the routines that ignore case compare what
 * towlower makes of both sides.
 */
#include "rtl.h"

size_t wcslen(const WCHAR *string)
{
	size_t length = 0;

	while (string[length] != 0)
		length++;
	return length;
}

size_t wcsnlen(const WCHAR *string, size_t limit)
{
	size_t length = 0;

	while (length < limit && string[length] != 0)
		length++;
	return length;
}

static int RtlpCompareWide(const WCHAR *left, const WCHAR *right, size_t count, int ignore_case)
{
	for (size_t i = 0; i < count; i++) {
		int a = ignore_case ? towlower(left[i]) : left[i];
		int b = ignore_case ? towlower(right[i]) : right[i];

		if (a != b)
			return a < b ? -1 : 1;
		if (a == 0)
			break;
	}
	return 0;
}

int wcscmp(const WCHAR *left, const WCHAR *right)
{
	return RtlpCompareWide(left, right, (size_t)-1, 0);
}

int wcsncmp(const WCHAR *left, const WCHAR *right, size_t count)
{
	return RtlpCompareWide(left, right, count, 0);
}

int _wcsicmp(const WCHAR *left, const WCHAR *right)
{
	return RtlpCompareWide(left, right, (size_t)-1, 1);
}

int _wcsnicmp(const WCHAR *left, const WCHAR *right, size_t count)
{
	return RtlpCompareWide(left, right, count, 1);
}

WCHAR *wcscpy(WCHAR *destination, const WCHAR *source)
{
	memcpy(destination, source, (wcslen(source) + 1) * sizeof(WCHAR));
	return destination;
}

/* Fills the rest of the destination with zeros; a source of count characters or more leaves it without a terminator. */
WCHAR *wcsncpy(WCHAR *destination, const WCHAR *source, size_t count)
{
	size_t length = wcsnlen(source, count);

	memcpy(destination, source, length * sizeof(WCHAR));
	memset(destination + length, 0, (count - length) * sizeof(WCHAR));
	return destination;
}

WCHAR *wcscat(WCHAR *destination, const WCHAR *source)
{
	wcscpy(destination + wcslen(destination), source);
	return destination;
}

WCHAR *wcsncat(WCHAR *destination, const WCHAR *source, size_t count)
{
	size_t length = wcsnlen(source, count);
	WCHAR *end = destination + wcslen(destination);

	memcpy(end, source, length * sizeof(WCHAR));
	end[length] = 0;
	return destination;
}

WCHAR *wcschr(const WCHAR *string, WCHAR character)
{
	for (;; string++) {
		if (*string == character)
			return (WCHAR *)string;
		if (*string == 0)
			return NULL;
	}
}

WCHAR *wcsrchr(const WCHAR *string, WCHAR character)
{
	const WCHAR *found = NULL;

	do {
		if (*string == character)
			found = string;
	} while (*string++ != 0);
	return (WCHAR *)found;
}

WCHAR *wcsstr(const WCHAR *string, const WCHAR *part)
{
	size_t length = wcslen(part);

	for (;; string++) {
		if (wcsncmp(string, part, length) == 0)
			return (WCHAR *)string;
		if (*string == 0)
			return NULL;
	}
}

size_t wcsspn(const WCHAR *string, const WCHAR *set)
{
	size_t length = 0;

	while (string[length] != 0 && wcschr(set, string[length]) != NULL)
		length++;
	return length;
}

WCHAR *_wcslwr(WCHAR *string)
{
	for (WCHAR *at = string; *at != 0; at++)
		*at = towlower(*at);
	return string;
}

WCHAR *_wcsupr(WCHAR *string)
{
	for (WCHAR *at = string; *at != 0; at++)
		*at = towupper(*at);
	return string;
}

WCHAR *_wcsrev(WCHAR *string)
{
	size_t length = wcslen(string);

	for (size_t i = 0; i < length / 2; i++) {
		WCHAR swap = string[i];

		string[i] = string[length - 1 - i];
		string[length - 1 - i] = swap;
	}
	return string;
}
