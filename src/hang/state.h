/* What is known of registers and memory at a place in the code: numbers, and values that are told by where they come from (a register at the function's
 * entry, a word in memory, what a call returned), plus an offset.
 */
#ifndef IMP_HANG_STATE_H
#define IMP_HANG_STATE_H

#include "hang/decode.h"
#include "image/unwind.h"

/* `base` IMP_VALUE_NUMBER_BASE: the number `offset`. IMP_VALUE_UNKNOWN_BASE: nothing is known. Others: what base stands for, plus `offset`. */
struct imp_flow_value {
	uint32_t base;
	uint64_t offset;
};
enum { IMP_VALUE_NUMBER_BASE, IMP_VALUE_UNKNOWN_BASE, IMP_VALUE_FIRST_BASE };

enum imp_origin {
	IMP_ORIGIN_ENTRY,    /* register `number` at the function's entry */
	IMP_ORIGIN_MEMORY,   /* the 8 bytes at `address` */
	IMP_ORIGIN_RETURNED, /* by the call at `number` */
};

struct imp_flow_base {
	enum imp_origin kind;
	uint64_t number;
	struct imp_flow_value address;
};

enum { IMP_STATE_SLOTS = 48, IMP_STATE_DONE = 8 };

struct imp_flow_state {
	struct imp_flow_value registers[16];
	/* Memory that was written since: 8 bytes each. */
	struct imp_flow_slot {
		struct imp_flow_value address, value;
		bool fresh; /* written since the last call: it may be an argument of the next */
	} slots[IMP_STATE_SLOTS];
	/* Calls on every way here: locks that were taken and not given back, waits that ended. */
	struct imp_flow_done {
		struct imp_flow_value object;
		uint64_t site;
		unsigned deed; /* imp_deed */
	} done[IMP_STATE_DONE];
	unsigned done_count;
	unsigned slot_count;
	/* There were more: what memory holds is not known around those that were forgotten. */
	bool slots_lost;
	uint32_t lost_base; /* IMP_VALUE_UNKNOWN_BASE: of several */
	uint64_t lost_low, lost_high;
};

struct imp_values;

/* The table of bases. Freed with imp_values_free. Errors: NO_MEMORY. */
struct imp_error *imp_values_new(struct imp_values **values);
void imp_values_free(struct imp_values *values);
/* Forgets all bases; states and values made before mean nothing then. */
void imp_values_reset(struct imp_values *values);
/* What `base` (IMP_VALUE_FIRST_BASE or more) stands for. */
const struct imp_flow_base *imp_values_base(const struct imp_values *values, uint32_t base);

static inline struct imp_flow_value imp_flow_number(uint64_t number)
{
	return (struct imp_flow_value){ IMP_VALUE_NUMBER_BASE, number };
}
static inline struct imp_flow_value imp_flow_unknown(void)
{
	return (struct imp_flow_value){ IMP_VALUE_UNKNOWN_BASE, 0 };
}

/* Each register is what it is at a function's entry. */
void imp_flow_state_entry(struct imp_values *values, struct imp_flow_state *state);
/* Behind a call in a frame that was unwound: non-volatile registers are numbers, the others are not known. */
void imp_flow_state_frame(const struct imp_registers *registers, struct imp_flow_state *state);
/* The effect of `step`, which neither calls nor jumps. */
void imp_flow_state_step(struct imp_values *values, struct imp_flow_state *state, const struct imp_step *step);
/* The effect of the call at `site`: volatile registers are lost, rax is what it returned. */
void imp_flow_state_call(struct imp_values *values, struct imp_flow_state *state, uint64_t site);
/* Remembers that `deed` was done to `object` at `site`, and forgets that a lock was taken that it gives back. */
void imp_flow_state_done(struct imp_flow_state *state, const struct imp_flow_done *done, bool gives_back);
/* What `place` holds, and the address of a place in memory. */
struct imp_flow_value imp_flow_state_value(struct imp_values *values, const struct imp_flow_state *state, const struct imp_place *place);
struct imp_flow_value imp_flow_state_address(const struct imp_flow_state *state, const struct imp_place *place);
/* Argument `number` (from 0) of a call that is made in `state`, by the x64 calling convention. */
struct imp_flow_value imp_flow_state_argument(struct imp_values *values, const struct imp_flow_state *state, unsigned number);
/* Whether it may be one at all: in a register, or written to the stack since the call before. */
bool imp_flow_state_passes(const struct imp_flow_state *state, unsigned number);
/* Makes `into` what holds in both; true when it changed. */
bool imp_flow_state_join(struct imp_flow_state *into, const struct imp_flow_state *other);

/* The number that `value` is when the registers at the function's entry were `entry` (NULL: not known) and memory was as it is in the dump. False when
 * that is not known.
 */
bool imp_flow_value_number(struct imp_kernel *kernel, const struct imp_values *values, struct imp_flow_value value, const uint64_t *entry,
			   uint64_t *number);

#endif
