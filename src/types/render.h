/* `dt`: a type, or a value of it in memory, as rows in WinDbg's layout and number formats. Does not print. */
#ifndef IMP_TYPES_RENDER_H
#define IMP_TYPES_RENDER_H

#include "types/types.h"

struct imp_dt_row {
	unsigned depth;   /* nesting, 0 for the type's own fields */
	uint64_t offset;  /* from the start of the structure that the field is in, as `dt` shows it */
	uint64_t address; /* of the field; 0 without a value */
	const char *name;
	const char *text; /* what stands right of the colon: a type, or a value ("0n0", "0y0", "0x1 ''", "_LIST_ENTRY [ 0x... - 0x... ]") */
	const struct imp_field *field;
	bool has_value; /* `value` below was read */
	uint64_t value;
};

/* Calls `visit` for each row of the structure `type`, at `address` in `memory` (NULL memory: types only), until it returns false, going `depth`
 * levels (at most 32) into nested structures and into what pointers lead to (`-r1` is 1). An unreadable field is a row with text "????????" and
 * does not end the listing. Formats are WinDbg's: enumerators in hexadecimal, "1 ( Name )", null pointers "(null) ", functions "0x...     long "
 * without the symbol. Errors: USAGE when `type` has no fields, FORMAT when its records are damaged.
 */
struct imp_error *imp_dt(const struct imp_type *type, struct imp_memory *memory, uint64_t address, unsigned depth,
			 bool (*visit)(void *context, const struct imp_dt_row *row), void *context);

#endif
