/* Name patterns: see wildcard.h. */
#include "symbols/wildcard.h"

#include <stddef.h>

static char fold(char character)
{
	return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

bool imp_wildcard_match(const char *pattern, const char *text)
{
	const char *star = NULL, *resume = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			resume = text;
		} else if (*pattern == '?' || fold(*pattern) == fold(*text)) {
			pattern++;
			text++;
		} else if (star) {
			/* Only the last star needs another try: what stands before it has matched. */
			pattern = star + 1;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == 0;
}
