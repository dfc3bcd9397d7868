/* Numbers to digits and back in the C library's spellings (_itoa, strtoul, ...). */
#include "rtl.h"

/* Writes value in the radix, lower case, most significant digit first; no terminator. digits must hold 64. Gives their count. */
static int RtlpDigits(ULONGLONG value, int radix, char *digits)
{
	char reversed[64];
	int count = 0;

	do {
		reversed[count++] = "0123456789abcdefghijklmnopqrstuvwxyz"[value % (unsigned)radix];
		value /= (unsigned)radix;
	} while (value != 0);
	for (int i = 0; i < count; i++)
		digits[i] = reversed[count - 1 - i];
	return count;
}

static char *RtlpToNarrow(ULONGLONG value, int negative, char *buffer, int radix)
{
	char digits[64];
	char *to = buffer;
	int count;

	*to = 0;
	if (radix < 2 || radix > 36)
		return buffer;
	count = RtlpDigits(value, radix, digits);
	if (negative)
		*to++ = '-';
	memcpy(to, digits, (size_t)count);
	to[count] = 0;
	return buffer;
}

static WCHAR *RtlpToWide(ULONGLONG value, int negative, WCHAR *buffer, int radix)
{
	char narrow[66];
	size_t i = 0;

	RtlpToNarrow(value, negative, narrow, radix);
	do {
		buffer[i] = (WCHAR)narrow[i];
	} while (narrow[i++] != 0);
	return buffer;
}

/* Only radix 10 has a sign; in any other the bits are shown as they are, in the width of the argument. */
char *_itoa(int value, char *buffer, int radix)
{
	if (radix == 10 && value < 0)
		return RtlpToNarrow(0 - (ULONGLONG)(LONGLONG)value, 1, buffer, radix);
	return RtlpToNarrow((unsigned)value, 0, buffer, radix);
}

WCHAR *_itow(int value, WCHAR *buffer, int radix)
{
	if (radix == 10 && value < 0)
		return RtlpToWide(0 - (ULONGLONG)(LONGLONG)value, 1, buffer, radix);
	return RtlpToWide((unsigned)value, 0, buffer, radix);
}

char *_i64toa(LONGLONG value, char *buffer, int radix)
{
	if (radix == 10 && value < 0)
		return RtlpToNarrow(0 - (ULONGLONG)value, 1, buffer, radix);
	return RtlpToNarrow((ULONGLONG)value, 0, buffer, radix);
}

char *_ui64toa(ULONGLONG value, char *buffer, int radix)
{
	return RtlpToNarrow(value, 0, buffer, radix);
}

WCHAR *_i64tow(LONGLONG value, WCHAR *buffer, int radix)
{
	if (radix == 10 && value < 0)
		return RtlpToWide(0 - (ULONGLONG)value, 1, buffer, radix);
	return RtlpToWide((ULONGLONG)value, 0, buffer, radix);
}

WCHAR *_ui64tow(ULONGLONG value, WCHAR *buffer, int radix)
{
	return RtlpToWide(value, 0, buffer, radix);
}

static int RtlpDigitValue(int character)
{
	if (isdigit(character))
		return character - '0';
	character = tolower(character);
	return character >= 'a' && character <= 'z' ? character - 'a' + 10 : 36;
}

struct rtl_number {
	ULONG value; /* magnitude, ULONG_MAX after an overflow */
	int negative;
	size_t length; /* characters used, 0: no number */
};

/* Reads a number as strtoul does; next(string, i) gives its i-th character, so that both widths share the rules. */
static struct rtl_number RtlpParse(const void *string, int (*next)(const void *, size_t), int base)
{
	struct rtl_number number = { 0 };
	ULONGLONG value = 0;
	int overflow = 0;
	size_t i = 0;
	size_t start;

	while (isspace(next(string, i)))
		i++;
	if (next(string, i) == '-' || next(string, i) == '+')
		number.negative = next(string, i++) == '-';
	if ((base == 0 || base == 16) && next(string, i) == '0' && tolower(next(string, i + 1)) == 'x' && RtlpDigitValue(next(string, i + 2)) < 16) {
		i += 2;
		base = 16;
	} else if (base == 0) {
		base = next(string, i) == '0' ? 8 : 10;
	}
	for (start = i; RtlpDigitValue(next(string, i)) < base; i++) {
		value = value * (unsigned)base + (unsigned)RtlpDigitValue(next(string, i));
		if (value > 0xffffffffULL) {
			overflow = 1;
			value = 0;
		}
	}
	number.value = overflow ? 0xffffffffU : (ULONG)value;
	number.length = i > start ? i : 0;
	return number;
}

static int RtlpNextNarrow(const void *string, size_t index)
{
	return ((const unsigned char *)string)[index];
}

static int RtlpNextWide(const void *string, size_t index)
{
	return ((const WCHAR *)string)[index];
}

ULONG strtoul(const char *string, char **end, int base)
{
	struct rtl_number number = RtlpParse(string, RtlpNextNarrow, base);

	if (end != NULL)
		*end = (char *)string + number.length;
	return number.negative && number.value != 0xffffffffU ? 0 - number.value : number.value;
}

ULONG wcstoul(const WCHAR *string, WCHAR **end, int base)
{
	struct rtl_number number = RtlpParse(string, RtlpNextWide, base);

	if (end != NULL)
		*end = (WCHAR *)string + number.length;
	return number.negative && number.value != 0xffffffffU ? 0 - number.value : number.value;
}

static LONG RtlpSigned(struct rtl_number number)
{
	if (number.negative)
		return number.value > 0x80000000U ? (LONG)0x80000000U : (LONG)(0 - number.value);
	return number.value > 0x7fffffffU ? 0x7fffffff : (LONG)number.value;
}

int atoi(const char *string)
{
	return RtlpSigned(RtlpParse(string, RtlpNextNarrow, 10));
}

LONG atol(const char *string)
{
	return RtlpSigned(RtlpParse(string, RtlpNextNarrow, 10));
}

int _wtoi(const WCHAR *string)
{
	return RtlpSigned(RtlpParse(string, RtlpNextWide, 10));
}

LONG _wtol(const WCHAR *string)
{
	return RtlpSigned(RtlpParse(string, RtlpNextWide, 10));
}
