/*
 * Strings of bytes, as the C library has them. Case is that of ASCII: bytes above 0x7f belong to UTF-8 sequences here and have none.
 */
#include "rtl.h"

static int RtlpLower(char character)
{
	return tolower((unsigned char)character);
}

size_t strlen(const char *string)
{
	size_t length = 0;

	while (string[length] != 0)
		length++;
	return length;
}

size_t strnlen(const char *string, size_t limit)
{
	size_t length = 0;

	while (length < limit && string[length] != 0)
		length++;
	return length;
}

static int RtlpCompareNarrow(const char *left, const char *right, size_t count, int ignore_case)
{
	for (size_t i = 0; i < count; i++) {
		int a = ignore_case ? RtlpLower(left[i]) : (unsigned char)left[i];
		int b = ignore_case ? RtlpLower(right[i]) : (unsigned char)right[i];

		if (a != b)
			return a < b ? -1 : 1;
		if (a == 0)
			break;
	}
	return 0;
}

int strcmp(const char *left, const char *right)
{
	return RtlpCompareNarrow(left, right, (size_t)-1, 0);
}

int strncmp(const char *left, const char *right, size_t count)
{
	return RtlpCompareNarrow(left, right, count, 0);
}

int _stricmp(const char *left, const char *right)
{
	return RtlpCompareNarrow(left, right, (size_t)-1, 1);
}

int _strnicmp(const char *left, const char *right, size_t count)
{
	return RtlpCompareNarrow(left, right, count, 1);
}

char *strcpy(char *destination, const char *source)
{
	memcpy(destination, source, (strlen(source) + 1) * sizeof(char));
	return destination;
}

/* Fills the rest of the destination with zeros; a source of count characters or more leaves it without a terminator. */
char *strncpy(char *destination, const char *source, size_t count)
{
	size_t length = strnlen(source, count);

	memcpy(destination, source, length * sizeof(char));
	memset(destination + length, 0, (count - length) * sizeof(char));
	return destination;
}

char *strcat(char *destination, const char *source)
{
	strcpy(destination + strlen(destination), source);
	return destination;
}

char *strncat(char *destination, const char *source, size_t count)
{
	size_t length = strnlen(source, count);
	char *end = destination + strlen(destination);

	memcpy(end, source, length * sizeof(char));
	end[length] = 0;
	return destination;
}

char *strchr(const char *string, int character)
{
	for (;; string++) {
		if (*string == (char)character)
			return (char *)string;
		if (*string == 0)
			return NULL;
	}
}

char *strrchr(const char *string, int character)
{
	const char *found = NULL;

	do {
		if (*string == (char)character)
			found = string;
	} while (*string++ != 0);
	return (char *)found;
}

char *strstr(const char *string, const char *part)
{
	size_t length = strlen(part);

	for (;; string++) {
		if (strncmp(string, part, length) == 0)
			return (char *)string;
		if (*string == 0)
			return NULL;
	}
}

size_t strspn(const char *string, const char *set)
{
	size_t length = 0;

	while (string[length] != 0 && strchr(set, string[length]) != NULL)
		length++;
	return length;
}

char *_strlwr(char *string)
{
	for (char *at = string; *at != 0; at++)
		*at = (char)tolower((unsigned char)*at);
	return string;
}

char *_strupr(char *string)
{
	for (char *at = string; *at != 0; at++)
		*at = (char)toupper((unsigned char)*at);
	return string;
}

char *_strrev(char *string)
{
	size_t length = strlen(string);

	for (size_t i = 0; i < length / 2; i++) {
		char swap = string[i];

		string[i] = string[length - 1 - i];
		string[length - 1 - i] = swap;
	}
	return string;
}
