/* Dispatcher objects: what every object that can be waited for begins with, and who waits for it. */
#ifndef IMP_NT_DISPATCHER_H
#define IMP_NT_DISPATCHER_H

#include "nt/kernel.h"

struct imp_dispatcher_header {
	uint64_t address;
	uint8_t type;          /* KOBJECTS, without the lock bit */
	const char *type_name; /* "SynchronizationEvent", as MEX writes it; "Unknown" */
	const char *structure; /* "_KEVENT"; NULL when there is none to show */
	bool size_fits;        /* false: its Size is not that of an object of this type, so it may be freed memory; only events are checked */
	int32_t signal_state;
	uint64_t wait_list; /* address of WaitListHead */
};

/* Reads the header at `address`. Errors: FAULT; NOT_FOUND without symbols. An unknown type is no error. */
struct imp_error *imp_dispatcher_read(struct imp_kernel *kernel, uint64_t address, struct imp_dispatcher_header *header);
/* NULL when the object's type is `enumerator` of KOBJECTS, else the sentence that says what was found instead of a `what`. */
struct imp_error *imp_dispatcher_expect(struct imp_kernel *kernel, uint64_t address, const char *enumerator, const char *what);

/* Calls `visit` with each thread whose wait block is on the object's wait list, in queue order. A damaged list ends with an error after what it holds. */
struct imp_error *imp_waiters_each(struct imp_kernel *kernel, const struct imp_dispatcher_header *header,
				   bool (*visit)(void *context, uint64_t thread), void *context);
/* How many waiters there are (as far as the list can be read). */
uint64_t imp_waiters_count(struct imp_kernel *kernel, const struct imp_dispatcher_header *header);
/* Is `thread` on the object's wait list, and how many wait blocks of others are? The list is walked once and remembered, so that asking for each of
 * thousands of waiters costs no more than walking it. Errors: as imp_waiters_each, after what the list holds; NO_MEMORY, INTERRUPTED: `found` is false.
 */
struct imp_error *imp_waiters_find(struct imp_kernel *kernel, const struct imp_dispatcher_header *header, uint64_t thread, bool *found,
				   uint64_t *others);
/* Forgets what imp_waiters_find remembers: the kernel is closed, or its layouts may have changed. */
void imp_waiters_forget(struct imp_kernel *kernel);

#endif
