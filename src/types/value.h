/* One value in memory as text, in the number formats of WinDbg's `dt`. */
#ifndef IMP_TYPES_VALUE_H
#define IMP_TYPES_VALUE_H

#include "types/types.h"

#include <stdio.h>

/* Writes the value of `field` at `address` to `out`. `*has_value` tells that `*value` is it: numbers, pointers, enumerations and bit fields of
 * at most 8 bytes. Memory that cannot be read is text, too.
 */
void imp_value_write(FILE *out, struct imp_memory *memory, const struct imp_field *field, uint64_t address, bool *has_value, uint64_t *value);

#endif
