/* UTF-16 as UTF-8: see utf16.h. */
#include "base/utf16.h"

#include <stdbool.h>
#include <string.h>

/* Appends one code point; false when it does not fit. */
static bool put_utf8(char *text, size_t size, size_t *length, uint32_t point)
{
	unsigned char bytes[4];
	size_t count = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	if (*length + count >= size)
		return false;
	for (size_t i = count; i-- > 1; point >>= 6)
		bytes[i] = (unsigned char)(0x80 | (point & 0x3f));
	bytes[0] = (unsigned char)(lead[count] | point);
	memcpy(text + *length, bytes, count);
	*length += count;
	return true;
}

void imp_utf16_text(const uint16_t *units, size_t count, char *text, size_t size)
{
	size_t length = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t point = units[i];

		if (point >= 0xd800 && point < 0xdc00 && i + 1 < count && units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000)
			point = 0x10000 + ((point - 0xd800) << 10) + (units[++i] - 0xdc00u);
		else if (point >= 0xd800 && point < 0xe000)
			point = 0xfffd;
		if (point < 0x20 || (point >= 0x7f && point < 0xa0))
			point = '?';
		if (!put_utf8(text, size, &length, point))
			break;
	}
	text[length] = '\0';
}
