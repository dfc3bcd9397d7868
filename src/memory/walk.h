/* The x64 page walk, apart from caching. Not for other folders. */
#ifndef IMP_MEMORY_WALK_H
#define IMP_MEMORY_WALK_H

#include "memory/memory.h"

/* Walks the tables that `paging` describes for virtual `address`. Always fills `walk`; the page itself may still be missing in the dump. */
void imp_walk(const struct imp_dump *dump, const struct imp_paging *paging, uint64_t address, struct imp_page_walk *walk);

#endif
