/* Types by name, out of a PDB: sizes, fields, bit fields, arrays, enumerations. Field handles are resolved once and are then plain offsets.
 * render.h makes WinDbg's `dt` of them.
 */
#ifndef IMP_TYPES_TYPES_H
#define IMP_TYPES_TYPES_H

#include "symbols/pdb.h"

enum imp_type_kind {
	IMP_TYPE_BASE,
	IMP_TYPE_POINTER,
	IMP_TYPE_STRUCT,
	IMP_TYPE_UNION,
	IMP_TYPE_ENUM,
	IMP_TYPE_ARRAY,
	IMP_TYPE_BITFIELD,
	IMP_TYPE_FUNCTION
};
enum imp_base_kind {
	IMP_BASE_VOID,
	IMP_BASE_SIGNED,
	IMP_BASE_UNSIGNED,
	IMP_BASE_CHAR,
	IMP_BASE_WCHAR,
	IMP_BASE_BOOL,
	IMP_BASE_FLOAT,
	IMP_BASE_HRESULT
};

/* A type in its PDB; forward references are already resolved to the definition where the PDB has one. Small, passed by value. */
struct imp_type {
	struct imp_pdb *pdb;
	uint32_t index; /* TPI index */
	enum imp_type_kind kind;
	enum imp_base_kind base;          /* for IMP_TYPE_BASE */
	uint64_t size;                    /* bytes; 0 for void, functions and types without a definition */
	uint32_t element;                 /* TPI index: array element, pointer target, bit field's or enum's underlying type */
	uint8_t bit_position, bit_length; /* for IMP_TYPE_BITFIELD */
	uint64_t count;                   /* array elements; fields of a struct or union; enumerators */
	const char *name;                 /* "_KEVENT"; NULL when it has none. Owned by the PDB */
};

struct imp_field {
	const char *name;
	uint64_t offset; /* bytes from the start of the containing type */
	struct imp_type type;
};

/* By exact name ("_KEVENT", "nt!" already stripped); a typedef name (S_UDT) is resolved too. Errors: NOT_FOUND, FORMAT. */
struct imp_error *imp_type_find(struct imp_pdb *pdb, const char *name, struct imp_type *type);
/* By TPI index, const and volatile taken away. Errors: FORMAT (no such record, damaged, or leading back to itself). */
struct imp_error *imp_type_at(struct imp_pdb *pdb, uint32_t index, struct imp_type *type);
/* Calls `visit` for each data member in declaration order, base classes' first, until it returns false. Errors: USAGE when `type` is no
 * structure or union, FORMAT.
 */
struct imp_error *imp_type_fields(const struct imp_type *type, bool (*visit)(void *context, const struct imp_field *field), void *context);
/* Calls `visit` for each enumerator in declaration order, extended as the underlying type says, until it returns false. Errors: USAGE when `type` is
 * no enumeration, FORMAT.
 */
struct imp_error *imp_type_enumerators(const struct imp_type *type, bool (*visit)(void *context, const char *name, int64_t value), void *context);
/* Calls `visit` for each defined tag type whose name matches `pattern` (* and ?, case-insensitive), in order of index, until it returns false. */
struct imp_error *imp_type_names(struct imp_pdb *pdb, const char *pattern, bool (*visit)(void *context, const struct imp_type *type), void *context);
/* "Uint4B", "_LIST_ENTRY", "Ptr64 _KTHREAD", "[32] UChar", "Pos 0, 1 Bit": the way `dt` writes it, cut to `size`. Returns `buffer`. */
const char *imp_type_text(const struct imp_type *type, char *buffer, size_t size);
/* As imp_type_text, but a structure, union or enumeration tells more: "struct _KEVENT, 1 elements, 0x18 bytes". */
const char *imp_type_verbose_text(const struct imp_type *type, char *buffer, size_t size);

/* The field reached by `path` ("Header.WaitListHead.Flink", "WaitBlock[2].Object"): offset accumulated from the start of type `name`.
 * NOT_FOUND names the type, the field and the PDB.
 */
struct imp_error *imp_field_find(struct imp_pdb *pdb, const char *type_name, const char *path, struct imp_field *field);
/* Reads an integer, pointer, enum or bit field of at most 8 bytes at `base` + field->offset, zero- or sign-extended as its type says.
 * Errors: FAULT, USAGE (not such a field), FORMAT (a bit field that its type cannot hold).
 */
struct imp_error *imp_field_read(struct imp_memory *memory, const struct imp_field *field, uint64_t base, uint64_t *value);

#endif
