/* Casts. The widths are those of the x64 compilers for Windows: long has 32 bits. */
#include "command/casts.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { MAX_TYPE = 64 }; /* characters of a type's name */

static const struct {
	const char *name;
	struct imp_cast cast;
} types[] = {
	{ "char", { 1, true } },
	{ "signed char", { 1, true } },
	{ "unsigned char", { 1, false } },
	{ "short", { 2, true } },
	{ "unsigned short", { 2, false } },
	{ "wchar_t", { 2, false } },
	{ "int", { 4, true } },
	{ "unsigned int", { 4, false } },
	{ "unsigned", { 4, false } },
	{ "long", { 4, true } },
	{ "unsigned long", { 4, false } },
	{ "long long", { 8, true } },
	{ "unsigned long long", { 8, false } },
	{ "__int64", { 8, true } },
	{ "unsigned __int64", { 8, false } },
	{ "CHAR", { 1, true } },
	{ "UCHAR", { 1, false } },
	{ "SHORT", { 2, true } },
	{ "USHORT", { 2, false } },
	{ "LONG", { 4, true } },
	{ "ULONG", { 4, false } },
	{ "LONGLONG", { 8, true } },
	{ "ULONGLONG", { 8, false } },
	{ "LONG64", { 8, true } },
	{ "ULONG64", { 8, false } },
	{ "ULONG_PTR", { 8, false } },
	{ "BYTE", { 1, false } },
	{ "WORD", { 2, false } },
	{ "DWORD", { 4, false } },
	{ "DWORD64", { 8, false } },
	{ "PVOID", { 8, false } },
};

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

static bool is_name_character(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '!';
}

/* Copies the words up to ')' with single blanks between them, without '*'; false when something else stands there. */
static bool read_type(const char **at, char *name, bool *is_pointer)
{
	size_t length = 0;

	*is_pointer = false;
	for (*at = skip_blanks(*at); is_name_character(**at) || **at == '*'; *at = skip_blanks(*at)) {
		if (**at == '*') {
			*is_pointer = true;
			++*at;
			continue;
		}
		if (*is_pointer)
			return false;
		if (length)
			name[length++] = ' ';
		for (; is_name_character(**at); ++*at) {
			if (length + 2 >= MAX_TYPE)
				return false;
			name[length++] = **at;
		}
	}
	name[length] = '\0';
	return length && !isdigit((unsigned char)*name) && **at == ')';
}

bool imp_cast_at(const char **at, struct imp_cast *cast)
{
	const char *end = *at + 1;
	char name[MAX_TYPE];
	bool is_pointer;

	if (**at != '(' || !read_type(&end, name, &is_pointer))
		return false;
	end++;
	if (!*skip_blanks(end))
		return false;
	if (is_pointer) {
		*cast = (struct imp_cast){ 8, false };
		*at = end;
		return true;
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!strcmp(types[i].name, name)) {
			*cast = types[i].cast;
			*at = end;
			return true;
		}
	}
	return false;
}

uint64_t imp_cast_value(struct imp_cast cast, uint64_t value)
{
	unsigned bits = 8 * cast.bytes;
	uint64_t mask, sign;

	if (bits >= 64)
		return value;
	mask = (1ull << bits) - 1;
	sign = 1ull << (bits - 1);
	value &= mask;
	return cast.is_signed && value & sign ? value | ~mask : value;
}
