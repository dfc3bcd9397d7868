/* Numbers in counted strings. Bases are 2, 8, 10 and 16; 0 means 10 when writing, and "look at the prefix" when reading. */
#include "rtl.h"

static NTSTATUS RtlpIntegerToString(ULONGLONG value, ULONG base, PUNICODE_STRING string)
{
	WCHAR digits[65];
	UNICODE_STRING text;

	if (base == 0)
		base = 10;
	if (base != 2 && base != 8 && base != 10 && base != 16)
		return STATUS_INVALID_PARAMETER;
	_ui64tow(value, digits, (int)base);
	_wcsupr(digits);
	RtlInitUnicodeString(&text, digits);
	if (text.Length > string->MaximumLength)
		return STATUS_BUFFER_OVERFLOW;
	RtlCopyUnicodeString(string, &text);
	return STATUS_SUCCESS;
}

NTSTATUS RtlIntegerToUnicodeString(ULONG Value, ULONG Base, PUNICODE_STRING String)
{
	return RtlpIntegerToString(Value, Base, String);
}

NTSTATUS RtlInt64ToUnicodeString(ULONGLONG Value, ULONG Base, PUNICODE_STRING String)
{
	return RtlpIntegerToString(Value, Base, String);
}

/*
 * Leading blanks, a sign and 0x, 0o or 0b are understood; the number ends at the first other character; nothing at all is 0. The
 * value wraps, as NT's does.
 */
NTSTATUS RtlUnicodeStringToInteger(PCUNICODE_STRING String, ULONG Base, PULONG Value)
{
	const WCHAR *at = String->Buffer;
	const WCHAR *end = at + String->Length / sizeof(WCHAR);
	BOOLEAN negative = FALSE;
	ULONG value = 0;

	if (Base != 0 && Base != 2 && Base != 8 && Base != 10 && Base != 16)
		return STATUS_INVALID_PARAMETER;
	while (at < end && *at <= ' ')
		at++;
	if (at < end && (*at == '-' || *at == '+'))
		negative = *at++ == '-';
	if (Base == 0) {
		Base = 10;
		if (end - at >= 2 && at[0] == '0') {
			Base = at[1] == 'x' ? 16 : at[1] == 'o' ? 8 : at[1] == 'b' ? 2 : 10;
			if (Base != 10)
				at += 2;
		}
	}
	for (; at < end; at++) {
		int lower = tolower(*at);
		ULONG digit = isdigit(lower) ? (ULONG)(lower - '0') : lower >= 'a' && lower <= 'f' ? (ULONG)(lower - 'a' + 10) : 16;

		if (digit >= Base)
			break;
		value = value * Base + digit;
	}
	*Value = negative ? 0 - value : value;
	return STATUS_SUCCESS;
}
