/* Characters that can be shown: see printable.h. */
#include "base/printable.h"

#include <string.h>

/* The bytes that `first` says a character has; 0 when none begins so. */
static size_t announced_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The longer forms of shorter characters, surrogates and what is beyond U+10FFFF are told by the second byte. */
static bool is_second(unsigned char first, unsigned char second)
{
	unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80, most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

	return second >= least && second <= most;
}

size_t imp_character_length(const char *text, size_t length, bool *printable)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t size = announced_length(*bytes);

	*printable = size == 1 && *bytes >= ' ' && *bytes != 0x7f;
	if (size < 2 || size > length || !is_second(bytes[0], bytes[1]))
		return 1;
	for (size_t i = 2; i < size; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 1;
	}
	*printable = bytes[0] > 0xc2 || bytes[1] >= 0xa0;
	return size;
}

void imp_copy_printable(const char *text, char *copy, size_t size)
{
	size_t left = strlen(text), room = size - 1;
	bool printable;

	while (left) {
		size_t length = imp_character_length(text, left, &printable), shown = printable ? length : 1;

		if (shown > room)
			break;
		memcpy(copy, printable ? text : "?", shown);
		copy += shown;
		room -= shown;
		text += length;
		left -= length;
	}
	*copy = '\0';
}
