/*
 * The C library's printf family with the results that Microsoft documents for it: the characters written; -1 when the counted
 * ones had to cut the text (which then has no terminator, as it has none when it fills the buffer exactly).
 */
#include "format.h"

/* Enough for any destination whose size the caller does not tell. */
#define RTL_UNBOUNDED ((size_t)-1)

static int RtlpPrint(void *buffer, size_t count, BOOLEAN wide, const void *format, va_list arguments)
{
	struct rtl_output output = { .buffer = buffer, .capacity = count, .wide = wide };

	/* No buffer and no room asks for the length. */
	RtlpFormat(&output, format, arguments);
	if (buffer == NULL && count == 0)
		return (int)output.length;
	if (output.length > count)
		return -1;
	if (output.length < count) {
		if (wide)
			((WCHAR *)buffer)[output.length] = 0;
		else
			((char *)buffer)[output.length] = 0;
	}
	return (int)output.length;
}

int _vsnprintf(char *buffer, size_t count, const char *format, va_list arguments)
{
	return RtlpPrint(buffer, count, FALSE, format, arguments);
}

int _vsnwprintf(WCHAR *buffer, size_t count, const WCHAR *format, va_list arguments)
{
	return RtlpPrint(buffer, count, TRUE, format, arguments);
}

int vsprintf(char *buffer, const char *format, va_list arguments)
{
	return RtlpPrint(buffer, RTL_UNBOUNDED, FALSE, format, arguments);
}

int _vswprintf(WCHAR *buffer, const WCHAR *format, va_list arguments)
{
	return RtlpPrint(buffer, RTL_UNBOUNDED, TRUE, format, arguments);
}

int _snprintf(char *buffer, size_t count, const char *format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = RtlpPrint(buffer, count, FALSE, format, arguments);
	va_end(arguments);
	return result;
}

int sprintf(char *buffer, const char *format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = RtlpPrint(buffer, RTL_UNBOUNDED, FALSE, format, arguments);
	va_end(arguments);
	return result;
}

int _snwprintf(WCHAR *buffer, size_t count, const WCHAR *format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = RtlpPrint(buffer, count, TRUE, format, arguments);
	va_end(arguments);
	return result;
}

int swprintf(WCHAR *buffer, const WCHAR *format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = RtlpPrint(buffer, RTL_UNBOUNDED, TRUE, format, arguments);
	va_end(arguments);
	return result;
}
