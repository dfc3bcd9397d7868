/* UTF-16 as UTF-8 that is safe to show. */
#ifndef IMP_BASE_UTF16_H
#define IMP_BASE_UTF16_H

#include <stddef.h>
#include <stdint.h>

/* Writes `count` code units as UTF-8 to `text` (always terminated, cut at a whole character to `size` bytes). What is no character (a lone half of a
 * pair) becomes U+FFFD; control characters (NUL too), which would reach the reader's terminal, become '?'.
 */
void imp_utf16_text(const uint16_t *units, size_t count, char *text, size_t size);

#endif
