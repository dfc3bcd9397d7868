/* Text of strangers on a terminal: which of its bytes could drive it. Who shows text, and what stands in their place, is others' question. */
#ifndef IMP_BASE_PRINTABLE_H
#define IMP_BASE_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of the first character of the `length` bytes (at least one) at `text`. `*printable`: it can go to a terminal as it is. That cannot: control
 * characters, C0, DEL, or C1 (ECMA-48) as UTF-8 writes it, and bytes that are not UTF-8 (RFC 3629), which a terminal of 8 bits takes for one. May be
 * called from a signal handler.
 */
size_t imp_character_length(const char *text, size_t length, bool *printable);
/* Copies `text`, cut to `size` bytes with the NUL, with '?' for what is not printable. As safe. */
void imp_copy_printable(const char *text, char *copy, size_t size);

#endif
