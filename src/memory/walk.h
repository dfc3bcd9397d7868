/* The x64 page walk, apart from caching. Not for other folders. */
#ifndef IMP_MEMORY_WALK_H
#define IMP_MEMORY_WALK_H

#include "memory/memory.h"

struct imp_walk {
	const struct imp_dump *dump;
	uint64_t kernel_table, user_table; /* physical addresses of the top page tables of the two halves */
};

/* Finds the physical address of virtual `address`. NULL when `*physical` is set, else the reason in words (a constant). The page itself may
 * still be missing in the dump.
 */
const char *imp_walk(const struct imp_walk *walk, uint64_t address, uint64_t *physical);
/* Whether the tables map `address`; `*size` is what the entry that says so covers, from a multiple of it on. */
bool imp_walk_maps(const struct imp_walk *walk, uint64_t address, uint64_t *size);

#endif
