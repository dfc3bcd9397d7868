/* Casts of expressions: C's integer types and pointers, by name. */
#ifndef IMP_COMMAND_CASTS_H
#define IMP_COMMAND_CASTS_H

#include <stdbool.h>
#include <stdint.h>

struct imp_cast {
	unsigned bytes; /* of the type; 8 for a pointer */
	bool is_signed;
};

/* Whether "(TYPE)" stands at `*at`, with something to cast behind it; moves behind it. "(int)" and the like; "(ANYTHING *)" is a pointer. */
bool imp_cast_at(const char **at, struct imp_cast *cast);
/* `value` as the type holds it, extended to 64 bits as its sign says. */
uint64_t imp_cast_value(struct imp_cast cast, uint64_t value);

#endif
