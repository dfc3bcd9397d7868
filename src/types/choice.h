/* Which fields a `dt` shows: the paths that were given, and what is left of them on each level. Knows nothing of types. */
#ifndef IMP_TYPES_CHOICE_H
#define IMP_TYPES_CHOICE_H

#include "types/render.h"

/* The rests of paths that apply to the fields of one structure. None: all fields. */
struct imp_choice {
	struct {
		const char *rest; /* "" after a dot: all */
		struct imp_dt_path *path;
	} entries[IMP_DT_PATHS];
	size_t count;
};

void imp_choice_begin(struct imp_dt_path *paths, size_t count, struct imp_choice *choice);
/* Whether the field `name` is chosen; `below` becomes what is chosen of its fields, `elements` what is chosen of its elements ("[1].Thread"). */
bool imp_choice_field(const struct imp_choice *choice, const char *name, struct imp_choice *below, struct imp_choice *elements);
/* The first chosen element, from `*index` on, of an array of `count`; `*index` is moved to it. False when there is none. Without a choice all are chosen. */
bool imp_choice_element(const struct imp_choice *elements, uint64_t count, uint64_t *index, struct imp_choice *below);
/* What lies here cannot be reached: that no row is shown for it does not mean that there is no such field. */
void imp_choice_unreachable(const struct imp_choice *choice);

#endif
