/* Words and name matching. */
#include "command/arguments.h"

#include <string.h>

#include "symbols/wildcard.h"

const char *imp_skip_blanks(const char *at)
{
	while (*at == ' ' || *at == '\t')
		at++;
	return at;
}

bool imp_next_word(const char **at, char *word, size_t size)
{
	const char *from = imp_skip_blanks(*at);
	bool quoted = *from == '"';
	size_t length = 0;

	if (!*from) {
		*at = from;
		return false;
	}
	from += quoted;
	for (; *from && (quoted ? *from != '"' : *from != ' ' && *from != '\t'); from++) {
		if (length + 1 < size)
			word[length++] = *from;
	}
	word[length] = '\0';
	*at = *from == '"' ? from + 1 : from;
	return true;
}

const char *imp_skip_switches(const char *at)
{
	for (at = imp_skip_blanks(at); *at == '/'; at = imp_skip_blanks(at))
		at += strcspn(at, " \t");
	return at;
}

struct imp_error *imp_arguments_end(const char *at)
{
	at = imp_skip_blanks(at);
	return *at ? imp_error_new(IMP_ERROR_USAGE, "'%s' is too much", at) : NULL;
}

bool imp_filter(const char *part, const char *text)
{
	if (strpbrk(part, "*?"))
		return imp_wildcard_match(part, text);
	return strcasestr(text, part);
}
