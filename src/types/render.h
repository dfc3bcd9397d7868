/* `dt`: a type, or a value of it in memory, as rows in WinDbg's layout and number formats. Does not print. */
#ifndef IMP_TYPES_RENDER_H
#define IMP_TYPES_RENDER_H

#include "types/types.h"

struct imp_dt_row {
	unsigned depth;   /* nesting, 0 for the type's own fields */
	uint64_t offset;  /* from the start of the structure that the field is in, as `dt` shows it */
	uint64_t address; /* of the field; 0 without a value */
	const char *name; /* of an array's element "[02]" */
	bool is_element;  /* of the array in the row above it */
	const char *text; /* what stands right of the colon: a type, or a value ("0n0", "0y0", "0x1 ''", "_LIST_ENTRY [ 0x... - 0x... ]") */
	const struct imp_field *field;
	bool has_value; /* `value` below was read */
	uint64_t value;
};

/* A choice among fields: names with dots (or ->) between them, each a pattern (* and ?, case-insensitive), maybe an array's index in brackets:
 * "Tcb.WaitBlock[1].Thread". Below the last one nothing more is shown, unless it ends with a dot: then its own fields. Pointers are followed.
 */
struct imp_dt_path {
	const char *text;
	bool found; /* set by imp_dt: some row was shown for it, or the pointer to where it lies cannot be followed */
};
enum { IMP_DT_PATHS = 16 };

struct imp_dt_options {
	struct imp_memory *memory; /* NULL: types only */
	uint64_t address;          /* of the value, with `memory` */
	unsigned depth;            /* levels (at most 32) into nested structures and into what pointers lead to: -r1 is 1 */
	bool nested_only;          /* go into nested structures only, not through pointers (-b) */
	bool elements;             /* a row for each element of an array (-a) */
	bool verbose;              /* tell of structures their kind, number of fields and size (-v) */
	struct imp_dt_path *paths; /* up to IMP_DT_PATHS; none: all fields */
	size_t path_count;
};

/* Calls `visit` for each row of the structure (or element of the array) `type` until it returns false. An unreadable field is a row with text "????????" and does not end the
 * listing. Formats are WinDbg's: enumerators in hexadecimal, "1 ( Name )", null pointers "(null) ", functions "0x...     long " without the symbol.
 * Errors: USAGE when `type` has no fields, or a limit is exceeded, FORMAT when its records are damaged.
 */
struct imp_error *imp_dt(const struct imp_type *type, const struct imp_dt_options *options,
			 bool (*visit)(void *context, const struct imp_dt_row *row), void *context);

#endif
