/* Which calls code can come to from a place, and with which arguments: all ways through its branches are followed, with what is known of registers and
 * memory on each. Calls into other functions are the caller's to follow.
 */
#ifndef IMP_HANG_FLOW_H
#define IMP_HANG_FLOW_H

#include "hang/routines.h"
#include "hang/state.h"

struct imp_flow {
	struct imp_kernel *kernel;
	struct imp_decoder *decoder;
	struct imp_routines *routines;
	struct imp_values *values;
	size_t budget; /* instructions that may still be followed */
};

struct imp_flow_call {
	uint64_t site;                      /* of the call; of the jump that ends a function by calling another */
	uint64_t target;                    /* 0: not known */
	const struct imp_routine *routine;  /* of the kernel; NULL: not one of the table */
	bool from_kernel;                   /* the target is the kernel's, known or not: it is not followed */
	const struct imp_flow_state *state; /* before it */
};

/* What made following incomplete. */
enum imp_flow_gap {
	IMP_GAP_NO_CODE = 1,        /* it is neither in the dump nor in a file at hand */
	IMP_GAP_UNKNOWN_JUMP = 2,   /* a jump through a table */
	IMP_GAP_TOO_MUCH = 4,       /* more code than is followed */
	IMP_GAP_UNKNOWN_CALL = 8,   /* a call through a pointer that is not known */
	IMP_GAP_UNKNOWN_OWNER = 16, /* the object or its owner cannot be read */
	IMP_GAP_STACK = 32,         /* a stack could not be walked to its bottom */
	IMP_GAP_MEMORY = 64,        /* who writes to memory that is polled */
	IMP_GAP_SCHEDULE = 128,     /* whether a thread gets a processor some day */
	IMP_GAP_COUNT = 8,
};

/* Follows the code from `start` on with `state`, until it returns, up to the limit. `call` is called for each call that it can come to, again when more ways
 * lead there with other values; when it answers false the way ends there. Returns a set of imp_flow_gap.
 */
unsigned imp_flow_follow(struct imp_flow *flow, uint64_t start, const struct imp_flow_state *state,
			 bool (*call)(void *context, const struct imp_flow_call *call), void *context);

/* Makes and frees what a flow needs. Errors: NO_MEMORY. */
struct imp_error *imp_flow_open(struct imp_kernel *kernel, struct imp_flow *flow);
void imp_flow_close(struct imp_flow *flow);

#endif
