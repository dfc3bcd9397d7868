/* Ranges of virtual memory in a file: what a dump is made of that holds no physical pages. Not for other folders. */
#ifndef IMP_DUMP_VIRTUAL_H
#define IMP_DUMP_VIRTUAL_H

#include "dump/format.h"

struct imp_virtual_range {
	uint64_t address; /* address + bytes.size does not overflow */
	struct imp_span bytes;
};

struct imp_virtual {
	struct imp_virtual_range *ranges; /* after imp_virtual_sort ascending and disjoint */
	size_t count, capacity;
};

/* Makes room for `capacity` ranges; false without memory. Freed with imp_virtual_free. */
bool imp_virtual_room(struct imp_virtual *virtual, size_t capacity);
void imp_virtual_free(struct imp_virtual *virtual);
/* Adds one, for which there must be room. */
void imp_virtual_add(struct imp_virtual *virtual, uint64_t address, struct imp_span bytes);
/* To be called once, after the last one. Where ranges overlap, the one that begins first holds what both have. */
void imp_virtual_sort(struct imp_virtual *virtual);
/* imp_dump_format's member for a dump whose state begins with an imp_virtual: as imp_dump_virtual. */
struct imp_span imp_virtual_at(const struct imp_dump *dump, uint64_t address);

#endif
