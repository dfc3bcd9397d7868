/* Pool: the blocks of a page, big allocations, use by tag; and what can be said of one block where the pool is a segment heap. */
#ifndef IMP_NT_POOL_H
#define IMP_NT_POOL_H

#include "nt/kernel.h"

enum { IMP_POOL_TAG_SIZE = 5 };

struct imp_pool_block {
	uint64_t address;             /* of its header; of the allocation itself when `big` */
	uint64_t size, previous_size; /* bytes, header included */
	char tag[IMP_POOL_TAG_SIZE];  /* printable: other characters are '.' */
	bool allocated, paged;
};

struct imp_pool_use {
	char tag[IMP_POOL_TAG_SIZE];
	uint64_t nonpaged_allocs, nonpaged_frees, nonpaged_bytes, paged_allocs, paged_frees, paged_bytes;
};

/* Whether the kernel's pool is made of segment heaps (since Windows 10 1903): a page's blocks do not follow each other then. */
bool imp_pool_is_segment_heap(struct imp_kernel *kernel);
/* Calls `visit` for each block of the page that holds `address`, until it returns false. Errors: FAULT; FORMAT when the headers do not chain from the
 * page's start, so that it is no page of pool.
 */
struct imp_error *imp_pool_page_each(struct imp_kernel *kernel, uint64_t address, bool (*visit)(void *context, const struct imp_pool_block *block),
				     void *context);
/* The allocation of a page or more that holds `address` (PoolBigPageTable). Errors: NOT_FOUND, FAULT. */
struct imp_error *imp_pool_big_find(struct imp_kernel *kernel, uint64_t address, struct imp_pool_block *block);
/* The nearest header at or below `address` in its page that could be that of a block around it, for segment heaps: a guess. Errors: NOT_FOUND, FAULT. */
struct imp_error *imp_pool_guess(struct imp_kernel *kernel, uint64_t address, struct imp_pool_block *block);
/* The pool's use by tag, one entry a tag; `*uses` is freed with free. Errors: NOT_FOUND, FAULT, NO_MEMORY. */
struct imp_error *imp_pool_uses(struct imp_kernel *kernel, struct imp_pool_use **uses, size_t *count);

#endif
