/*
 * The C library's routines that know the destination's size (Annex K as Microsoft has it). A result that does not fit empties the
 * destination and gives ERANGE; kernel mode has no invalid-parameter handler that could end the caller.
 */
#include "format.h"

#define EINVAL       22
#define ERANGE       34
#define STRUNCATE    80
#define RTL_TRUNCATE ((size_t)-1) /* _TRUNCATE: as much as fits is a success */

int memcpy_s(void *destination, size_t size, const void *source, size_t count)
{
	if (count == 0)
		return 0;
	if (destination == NULL)
		return EINVAL;
	if (source == NULL || size < count) {
		memset(destination, 0, size);
		return source == NULL ? EINVAL : ERANGE;
	}
	memcpy(destination, source, count);
	return 0;
}

int memmove_s(void *destination, size_t size, const void *source, size_t count)
{
	if (count == 0)
		return 0;
	if (destination == NULL || source == NULL)
		return EINVAL;
	if (size < count)
		return ERANGE;
	memmove(destination, source, count);
	return 0;
}

/* Puts at most `count` characters of `width` bytes behind the first `length` of the destination. */
static int RtlpPlace(void *destination, size_t size, size_t length, const void *source, size_t source_length, size_t count, size_t width)
{
	int result = 0;

	if (destination == NULL || size == 0)
		return EINVAL;
	if (source == NULL || length >= size) {
		memset(destination, 0, width);
		return EINVAL;
	}
	if (source_length > count)
		source_length = count;
	if (source_length >= size - length) {
		if (count != RTL_TRUNCATE) {
			memset(destination, 0, width);
			return ERANGE;
		}
		source_length = size - length - 1;
		result = STRUNCATE;
	}
	memcpy((char *)destination + length * width, source, source_length * width);
	memset((char *)destination + (length + source_length) * width, 0, width);
	return result;
}

int strcpy_s(char *destination, size_t size, const char *source)
{
	return RtlpPlace(destination, size, 0, source, source != NULL ? strlen(source) : 0, RTL_TRUNCATE - 1, 1);
}

int strncpy_s(char *destination, size_t size, const char *source, size_t count)
{
	return RtlpPlace(destination, size, 0, source, source != NULL ? strnlen(source, count) : 0, count, 1);
}

int strcat_s(char *destination, size_t size, const char *source)
{
	return RtlpPlace(destination, size, destination != NULL ? strnlen(destination, size) : 0, source, source != NULL ? strlen(source) : 0,
			 RTL_TRUNCATE - 1, 1);
}

int strncat_s(char *destination, size_t size, const char *source, size_t count)
{
	return RtlpPlace(destination, size, destination != NULL ? strnlen(destination, size) : 0, source, source != NULL ? strnlen(source, count) : 0,
			 count, 1);
}

int wcscpy_s(WCHAR *destination, size_t size, const WCHAR *source)
{
	return RtlpPlace(destination, size, 0, source, source != NULL ? wcslen(source) : 0, RTL_TRUNCATE - 1, sizeof(WCHAR));
}

int wcsncpy_s(WCHAR *destination, size_t size, const WCHAR *source, size_t count)
{
	return RtlpPlace(destination, size, 0, source, source != NULL ? wcsnlen(source, count) : 0, count, sizeof(WCHAR));
}

int wcscat_s(WCHAR *destination, size_t size, const WCHAR *source)
{
	return RtlpPlace(destination, size, destination != NULL ? wcsnlen(destination, size) : 0, source, source != NULL ? wcslen(source) : 0,
			 RTL_TRUNCATE - 1, sizeof(WCHAR));
}

int wcsncat_s(WCHAR *destination, size_t size, const WCHAR *source, size_t count)
{
	return RtlpPlace(destination, size, destination != NULL ? wcsnlen(destination, size) : 0, source, source != NULL ? wcsnlen(source, count) : 0,
			 count, sizeof(WCHAR));
}

/* The characters written, -1 when the text did not fit: cut where `count` allows it, else an empty destination. */
static int RtlpPrintSecure(void *buffer, size_t size, size_t count, BOOLEAN wide, const void *format, va_list arguments)
{
	struct rtl_output output = { .buffer = buffer, .capacity = size, .wide = wide };
	size_t width = wide ? sizeof(WCHAR) : 1;
	size_t length;

	if (buffer == NULL || size == 0 || format == NULL)
		return -1;
	RtlpFormat(&output, format, arguments);
	length = output.length;
	if (length > count)
		length = count;
	if (length >= size)
		length = count == RTL_TRUNCATE ? size - 1 : 0;
	memset((char *)buffer + length * width, 0, width);
	return length == output.length ? (int)length : -1;
}

int vsprintf_s(char *buffer, size_t size, const char *format, va_list arguments)
{
	return RtlpPrintSecure(buffer, size, RTL_TRUNCATE - 1, FALSE, format, arguments);
}

int vswprintf_s(WCHAR *buffer, size_t size, const WCHAR *format, va_list arguments)
{
	return RtlpPrintSecure(buffer, size, RTL_TRUNCATE - 1, TRUE, format, arguments);
}

int _vsnprintf_s(char *buffer, size_t size, size_t count, const char *format, va_list arguments)
{
	return RtlpPrintSecure(buffer, size, count, FALSE, format, arguments);
}

int _vsnwprintf_s(WCHAR *buffer, size_t size, size_t count, const WCHAR *format, va_list arguments)
{
	return RtlpPrintSecure(buffer, size, count, TRUE, format, arguments);
}

int sprintf_s(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = vsprintf_s(buffer, size, format, arguments);
	va_end(arguments);
	return result;
}

int swprintf_s(WCHAR *buffer, size_t size, const WCHAR *format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = vswprintf_s(buffer, size, format, arguments);
	va_end(arguments);
	return result;
}

int _snprintf_s(char *buffer, size_t size, size_t count, const char *format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = _vsnprintf_s(buffer, size, count, format, arguments);
	va_end(arguments);
	return result;
}

int _snwprintf_s(WCHAR *buffer, size_t size, size_t count, const WCHAR *format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = _vsnwprintf_s(buffer, size, count, format, arguments);
	va_end(arguments);
	return result;
}
