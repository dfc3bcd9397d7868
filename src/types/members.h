/* What the files of src/types share: field lists entry by entry, without resolving the entries' types. */
#ifndef IMP_TYPES_MEMBERS_H
#define IMP_TYPES_MEMBERS_H

#include "types/types.h"

#include "symbols/tpi.h"

/* How deep base classes, unnamed members and nested arrays are followed: far beyond what compilers emit, little enough for the stack. */
enum { IMP_NESTING_LIMIT = 32 };
/* How many entries one question may visit: ends lists that lead back to themselves. */
enum { IMP_MEMBER_LIMIT = 1000000 };

struct imp_member {
	const char *name; /* "" for an unnamed one */
	uint64_t value;   /* of a data member its offset from the start of the outermost type, of an enumerator its value */
	uint32_t type;    /* TPI index; 0 for an enumerator */
};

/* Calls `visit` for each data member (base classes' first) or enumerator of the tag record `index` until it returns false. */
struct imp_error *imp_members_each(struct imp_pdb *pdb, uint32_t index, bool (*visit)(void *context, const struct imp_member *member), void *context);
/* The member `name` of the tag record `index`, looked for in unnamed members too. False when there is none. */
bool imp_member_find(struct imp_pdb *pdb, uint32_t index, const char *name, struct imp_member *member);

/* Whether values of the type are negative when their highest bit is set; of enumerations and bit fields the underlying type decides. */
bool imp_type_is_signed(const struct imp_type *type);

/* A simple type (an index below IMP_TPI_FIRST_RECORD): the names `dt` and C have for it. */
struct imp_simple_type {
	uint8_t kind;
	enum imp_base_kind base;
	uint8_t size;
	const char *dt_name, *c_name;
};
/* NULL for a simple type that is not known. */
const struct imp_simple_type *imp_simple_type(uint32_t index);

#endif
