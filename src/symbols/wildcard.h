/* Name patterns as debuggers take them: `*` any run of characters, `?` any one; case is ignored. */
#ifndef IMP_SYMBOLS_WILDCARD_H
#define IMP_SYMBOLS_WILDCARD_H

#include <stdbool.h>

/* Whether the whole of `text` matches `pattern`. Time is at most the product of both lengths. */
bool imp_wildcard_match(const char *pattern, const char *text);

#endif
