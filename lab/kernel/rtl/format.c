/* printf's language: reading conversion specifications and writing text. What a caller returns is printf.c's question. */
#include "format.h"

enum rtl_size {
	RTL_SIZE_DEFAULT,
	RTL_SIZE_CHAR,  /* hh */
	RTL_SIZE_SHORT, /* h */
	RTL_SIZE_LONG,  /* l: 32 bits on Windows, a wide string for %s; w is the same for strings */
	RTL_SIZE_64,    /* ll, I64, I, z, t, j */
};

struct rtl_spec {
	BOOLEAN left, plus, blank, alternate, zero;
	int width;
	int precision; /* -1: none given */
	enum rtl_size size;
	WCHAR conversion;
};

static void RtlpPut(struct rtl_output *output, WCHAR character)
{
	if (output->length < output->capacity) {
		if (output->wide)
			((WCHAR *)output->buffer)[output->length] = character;
		else
			((char *)output->buffer)[output->length] = (char)character;
	}
	output->length++;
}

static void RtlpPad(struct rtl_output *output, WCHAR character, long long count)
{
	while (count-- > 0)
		RtlpPut(output, character);
}

/* Text of the other width converts as it is written; padding counts the characters of the source, as MSVC's does. */
static void RtlpPutNarrow(struct rtl_output *output, const char *text, size_t length)
{
	for (size_t i = 0; i < length;) {
		ULONG code_point;

		if (!output->wide) {
			RtlpPut(output, (UCHAR)text[i++]);
			continue;
		}
		code_point = RtlpDecodeUtf8((const UCHAR *)text, length, &i);
		if (code_point < 0x10000) {
			RtlpPut(output, (WCHAR)code_point);
		} else {
			RtlpPut(output, (WCHAR)(0xd800 + ((code_point - 0x10000) >> 10)));
			RtlpPut(output, (WCHAR)(0xdc00 + ((code_point - 0x10000) & 0x3ff)));
		}
	}
}

static void RtlpPutWide(struct rtl_output *output, const WCHAR *text, size_t length)
{
	for (size_t i = 0; i < length;) {
		UCHAR bytes[4];
		ULONG count;

		if (output->wide) {
			RtlpPut(output, text[i++]);
			continue;
		}
		count = RtlpEncodeUtf8(RtlpDecodeUtf16(text, length, &i), bytes);
		for (ULONG j = 0; j < count; j++)
			RtlpPut(output, bytes[j]);
	}
}

static void RtlpText(struct rtl_output *output, const struct rtl_spec *spec, const void *text, size_t length, BOOLEAN wide)
{
	long long padding = (long long)spec->width - (long long)length;

	if (!spec->left)
		RtlpPad(output, spec->zero ? '0' : ' ', padding);
	if (wide)
		RtlpPutWide(output, text, length);
	else
		RtlpPutNarrow(output, text, length);
	if (spec->left)
		RtlpPad(output, ' ', padding);
}

/* %s is as wide as the format and %S is the other; a size letter decides over both. */
static BOOLEAN RtlpIsWide(const struct rtl_output *output, const struct rtl_spec *spec)
{
	if (spec->size == RTL_SIZE_SHORT || spec->size == RTL_SIZE_CHAR)
		return FALSE;
	if (spec->size == RTL_SIZE_LONG)
		return TRUE;
	return spec->conversion == 'S' || spec->conversion == 'C' ? !output->wide : output->wide;
}

static void RtlpString(struct rtl_output *output, const struct rtl_spec *spec, const void *text)
{
	BOOLEAN wide = RtlpIsWide(output, spec);
	size_t limit = spec->precision < 0 ? (size_t)-1 : (size_t)spec->precision;

	if (text == NULL) {
		text = "(null)";
		wide = FALSE;
	}
	RtlpText(output, spec, text, wide ? wcsnlen(text, limit) : strnlen(text, limit), wide);
}

/* %Z: STRING; %wZ, %lZ: UNICODE_STRING. Precision counts characters of the string. */
static void RtlpCounted(struct rtl_output *output, const struct rtl_spec *spec, const STRING *string)
{
	BOOLEAN wide = spec->size == RTL_SIZE_LONG;
	size_t length;

	if (string == NULL || string->Buffer == NULL) {
		RtlpText(output, spec, "(null)", 6, FALSE);
		return;
	}
	length = wide ? string->Length / sizeof(WCHAR) : string->Length;
	if (spec->precision >= 0 && length > (size_t)spec->precision)
		length = (size_t)spec->precision;
	RtlpText(output, spec, string->Buffer, length, wide);
}

static void RtlpNumber(struct rtl_output *output, const struct rtl_spec *spec, ULONGLONG value, BOOLEAN negative)
{
	const char *digits = spec->conversion == 'X' || spec->conversion == 'p' ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned radix = spec->conversion == 'o' ? 8 : spec->conversion == 'd' || spec->conversion == 'u' ? 10 : 16;
	char text[24];
	char prefix[2];
	int prefix_length = 0;
	int length = 0;
	long long zeros;
	long long padding;

	if (spec->conversion == 'd' && (negative || spec->plus || spec->blank))
		prefix[prefix_length++] = negative ? '-' : spec->plus ? '+' : ' ';
	if (spec->alternate && radix == 16 && value != 0) {
		prefix[prefix_length++] = '0';
		prefix[prefix_length++] = spec->conversion == 'x' ? 'x' : 'X';
	}
	while (value != 0) {
		text[length++] = digits[value % radix];
		value /= radix;
	}
	zeros = (spec->precision < 0 ? 1 : spec->precision) - length;
	if (zeros <= 0 && spec->alternate && radix == 8)
		zeros = 1;
	if (zeros < 0)
		zeros = 0;
	padding = spec->width - (prefix_length + zeros + length);
	if (spec->zero && !spec->left && spec->precision < 0 && padding > 0) {
		zeros += padding;
		padding = 0;
	}
	if (!spec->left)
		RtlpPad(output, ' ', padding);
	for (int i = 0; i < prefix_length; i++)
		RtlpPut(output, (UCHAR)prefix[i]);
	RtlpPad(output, '0', zeros);
	while (length > 0)
		RtlpPut(output, (UCHAR)text[--length]);
	if (spec->left)
		RtlpPad(output, ' ', padding);
}

/* Wraps va_list, which is an array type on some hosts of the tests and cannot be passed by address from a parameter. */
struct rtl_arguments {
	va_list list;
};

static void RtlpSignedArgument(struct rtl_output *output, const struct rtl_spec *spec, struct rtl_arguments *arguments)
{
	LONGLONG value = spec->size == RTL_SIZE_64 ? va_arg(arguments->list, LONGLONG) : va_arg(arguments->list, int);

	if (spec->size == RTL_SIZE_SHORT)
		value = (short)value;
	if (spec->size == RTL_SIZE_CHAR)
		value = (signed char)value;
	RtlpNumber(output, spec, value < 0 ? 0 - (ULONGLONG)value : (ULONGLONG)value, value < 0);
}

static void RtlpUnsignedArgument(struct rtl_output *output, const struct rtl_spec *spec, struct rtl_arguments *arguments)
{
	ULONGLONG value = spec->size == RTL_SIZE_64 ? va_arg(arguments->list, ULONGLONG) : va_arg(arguments->list, unsigned);

	if (spec->size == RTL_SIZE_SHORT)
		value = (USHORT)value;
	if (spec->size == RTL_SIZE_CHAR)
		value = (UCHAR)value;
	RtlpNumber(output, spec, value, FALSE);
}

static void RtlpConvert(struct rtl_output *output, struct rtl_spec *spec, struct rtl_arguments *arguments)
{
	WCHAR wide_character;
	char character;

	switch (spec->conversion) {
	case 'd':
	case 'i':
		spec->conversion = 'd';
		RtlpSignedArgument(output, spec, arguments);
		break;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		RtlpUnsignedArgument(output, spec, arguments);
		break;
	case 'p':
		spec->precision = 2 * (int)sizeof(PVOID);
		RtlpNumber(output, spec, (ULONG_PTR)va_arg(arguments->list, PVOID), FALSE);
		break;
	case 'c':
	case 'C':
		wide_character = (WCHAR)va_arg(arguments->list, int);
		character = (char)wide_character;
		if (RtlpIsWide(output, spec))
			RtlpText(output, spec, &wide_character, 1, TRUE);
		else
			RtlpText(output, spec, &character, 1, FALSE);
		break;
	case 's':
	case 'S':
		RtlpString(output, spec, va_arg(arguments->list, const void *));
		break;
	case 'Z':
		RtlpCounted(output, spec, va_arg(arguments->list, const STRING *));
		break;
	case 'n':
		(void)va_arg(arguments->list, PVOID);
		break;
	case 'e':
	case 'E':
	case 'f':
	case 'F':
	case 'g':
	case 'G':
	case 'a':
	case 'A':
		(void)va_arg(arguments->list, ULONGLONG);
		RtlpText(output, spec, "<float>", 7, FALSE);
		break;
	default:
		RtlpPut(output, spec->conversion);
		break;
	}
}

static WCHAR RtlpAt(const void *format, BOOLEAN wide, size_t index)
{
	return wide ? ((const WCHAR *)format)[index] : ((const UCHAR *)format)[index];
}

/* A width or precision: digits, or * for an argument. Numbers beyond any buffer are held at a bound so that they cannot overflow. */
static int RtlpCount(const void *format, BOOLEAN wide, size_t *index, struct rtl_arguments *arguments)
{
	int value = 0;

	if (RtlpAt(format, wide, *index) == '*') {
		(*index)++;
		return va_arg(arguments->list, int);
	}
	while (isdigit(RtlpAt(format, wide, *index))) {
		value = value * 10 + (RtlpAt(format, wide, (*index)++) - '0');
		if (value > 0xffffff)
			value = 0xffffff;
	}
	return value;
}

static enum rtl_size RtlpSize(const void *format, BOOLEAN wide, size_t *index)
{
	WCHAR letter = RtlpAt(format, wide, *index);
	WCHAR next = letter != 0 ? RtlpAt(format, wide, *index + 1) : 0;
	WCHAR after = next != 0 ? RtlpAt(format, wide, *index + 2) : 0;

	static const struct {
		char text[4];
		enum rtl_size size;
	} sizes[] = {
		{ "I64", RTL_SIZE_64 }, { "I32", RTL_SIZE_DEFAULT }, { "ll", RTL_SIZE_64 },   { "hh", RTL_SIZE_CHAR },
		{ "l", RTL_SIZE_LONG }, { "w", RTL_SIZE_LONG },      { "h", RTL_SIZE_SHORT }, { "I", RTL_SIZE_64 },
		{ "z", RTL_SIZE_64 },   { "t", RTL_SIZE_64 },        { "j", RTL_SIZE_64 },
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const char *text = sizes[i].text;

		if (text[0] != letter || (text[1] != 0 && text[1] != next) || (text[1] != 0 && text[2] != 0 && text[2] != after))
			continue;
		*index += strlen(text);
		return sizes[i].size;
	}
	return RTL_SIZE_DEFAULT;
}

static void RtlpReadSpec(struct rtl_spec *spec, const void *format, BOOLEAN wide, size_t *index, struct rtl_arguments *arguments)
{
	BOOLEAN more = TRUE;

	memset(spec, 0, sizeof(*spec));
	spec->precision = -1;
	while (more) {
		switch (RtlpAt(format, wide, *index)) {
		case '-':
			spec->left = TRUE;
			break;
		case '+':
			spec->plus = TRUE;
			break;
		case ' ':
			spec->blank = TRUE;
			break;
		case '#':
			spec->alternate = TRUE;
			break;
		case '0':
			spec->zero = TRUE;
			break;
		default:
			more = FALSE;
			continue;
		}
		(*index)++;
	}
	spec->width = RtlpCount(format, wide, index, arguments);
	if (spec->width < 0) {
		spec->left = TRUE;
		spec->width = spec->width < -0xffffff ? 0xffffff : -spec->width;
	}
	if (spec->width > 0xffffff)
		spec->width = 0xffffff;
	if (RtlpAt(format, wide, *index) == '.') {
		(*index)++;
		spec->precision = RtlpCount(format, wide, index, arguments);
		if (spec->precision < 0)
			spec->precision = -1;
		if (spec->precision > 0xffffff)
			spec->precision = 0xffffff;
	}
	spec->size = RtlpSize(format, wide, index);
	spec->conversion = RtlpAt(format, wide, *index);
}

void RtlpFormat(struct rtl_output *output, const void *format, va_list list)
{
	struct rtl_arguments arguments;
	WCHAR character;

	va_copy(arguments.list, list);
	for (size_t i = 0; (character = RtlpAt(format, output->wide, i)) != 0; i++) {
		struct rtl_spec spec;

		if (character != '%') {
			RtlpPut(output, character);
			continue;
		}
		i++;
		RtlpReadSpec(&spec, format, output->wide, &i, &arguments);
		if (spec.conversion == 0)
			break;
		RtlpConvert(output, &spec, &arguments);
	}
	va_end(arguments.list);
}
