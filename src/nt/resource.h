/* Executive resources (ERESOURCE): readers-writer locks that know their owners. */
#ifndef IMP_NT_RESOURCE_H
#define IMP_NT_RESOURCE_H

#include "nt/dispatcher.h"

struct imp_resource {
	uint64_t address, owner_table;
	int64_t active_count; /* 0: free */
	uint64_t owner_count; /* threads that hold it */
	bool exclusive;       /* held by one thread alone */
	uint64_t contention_count, shared_waiters, exclusive_waiters;
};

struct imp_resource_owner {
	uint64_t thread; /* or what the driver has set as owner pointer */
	bool is_pointer; /* set with ExSetResourceOwnerPointer: the low bits of OwnerThread */
	uint64_t count;  /* times acquired */
};

/* Reads the resource at `address`. Errors: FAULT; FORMAT when its list entry's neighbours do not point back, so that no resource lies there. */
struct imp_error *imp_resource_read(struct imp_kernel *kernel, uint64_t address, struct imp_resource *resource);
/* Calls `visit` for each resource on ExpSystemResourcesList until it returns false. Errors: NOT_FOUND when the kernel has no such list; as imp_nt_list. */
struct imp_error *imp_resource_each(struct imp_kernel *kernel, bool (*visit)(void *context, uint64_t resource), void *context);
/* Calls `visit` for each owner until it returns false. Errors: FAULT; FORMAT (a table of an impossible size). */
struct imp_error *imp_resource_owners(struct imp_kernel *kernel, const struct imp_resource *resource,
				      bool (*visit)(void *context, const struct imp_resource_owner *owner), void *context);
/* Calls `visit` for each thread that waits for exclusive or shared access, until it returns false. Errors: FAULT and
 * FORMAT, after those that were found; NOT_FOUND where the symbols do not tell.
 */
struct imp_error *imp_resource_waiters(struct imp_kernel *kernel, const struct imp_resource *resource, bool exclusive,
				       bool (*visit)(void *context, uint64_t thread), void *context);

#endif
