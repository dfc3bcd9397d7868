/* What lies ahead of a thread: from where each of its frames outside the kernel goes on, all ways are followed, into the functions that they call, and each
 * call that would signal something is an act of that thread.
 */
#include "hang/parts.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 8, MAX_ENTERED = 64, BUDGET = 40000 /* instructions ahead of one thread */, MAX_ACTS = 64 /* of one thread */ };

struct looking {
	struct imp_hang *hang;
	size_t thread;
	uint64_t item; /* the routine of the work item that is looked at; 0: none */
	unsigned depth, gaps;
	size_t acts_before;
	struct entered {
		uint64_t function;
		struct imp_flow_value arguments[2];
	} entered[MAX_ENTERED];
	size_t entered_count;
};

static bool is_same(struct imp_flow_value a, struct imp_flow_value b)
{
	return a.base == b.base && a.offset == b.offset;
}

/* Whether the function is entered for the first time with these arguments. */
static bool enter(struct looking *looking, const struct imp_flow_call *call)
{
	struct entered now = { .function = call->target };

	now.arguments[0] = call->state->registers[IMP_RCX];
	now.arguments[1] = call->state->registers[IMP_RDX];
	for (size_t i = 0; i < looking->entered_count; i++) {
		const struct entered *before = &looking->entered[i];

		if (before->function == now.function && is_same(before->arguments[0], now.arguments[0]) &&
		    is_same(before->arguments[1], now.arguments[1]))
			return false;
	}
	if (looking->entered_count == MAX_ENTERED || looking->depth == MAX_DEPTH) {
		looking->gaps |= IMP_GAP_TOO_MUCH;
		return false;
	}
	looking->entered[looking->entered_count++] = now;
	return true;
}

static void add_act(struct looking *looking, const struct imp_flow_call *call)
{
	struct imp_hang *hang = looking->hang;
	struct imp_flow_value object = imp_flow_state_argument(hang->flow.values, call->state, call->routine->object);
	struct imp_hang_act act = { .thread = looking->thread, .site = call->site, .routine = call->routine, .item = looking->item };

	if (looking->thread == IMP_HANG_NONE)
		act.root = looking->item;

	if (!imp_flow_value_number(hang->kernel, hang->flow.values, object, NULL, &act.target)) {
		act.target = 0;
		act.has_offset = object.base != IMP_VALUE_UNKNOWN_BASE;
		act.offset = object.offset;
	}
	for (size_t i = looking->acts_before; i < hang->act_count; i++) {
		if (hang->acts[i].site == act.site && hang->acts[i].target == act.target && hang->acts[i].has_offset == act.has_offset)
			return;
	}
	if (hang->act_count - looking->acts_before == MAX_ACTS || imp_hang_add_act(hang, &act) == IMP_HANG_NONE)
		looking->gaps |= IMP_GAP_TOO_MUCH;
}

static bool look_at_call(void *context, const struct imp_flow_call *call)
{
	struct looking *looking = context;
	struct imp_flow_state inside;

	if (call->routine &&
	    (call->routine->deed == IMP_DEED_SIGNALS || call->routine->deed == IMP_DEED_PULSES || call->routine->deed == IMP_DEED_COMPLETES))
		add_act(looking, call);
	if (call->from_kernel || !call->target || !enter(looking, call))
		return true;
	inside = *call->state;
	inside.registers[IMP_RSP].offset -= sizeof(uint64_t);
	looking->depth++;
	looking->gaps |= imp_flow_follow(&looking->hang->flow, call->target, &inside, look_at_call, looking);
	looking->depth--;
	return true;
}

static void look_ahead(struct imp_hang *hang, size_t number)
{
	struct imp_hang_thread *thread = &hang->threads[number];
	struct looking looking = { .hang = hang, .thread = number, .acts_before = hang->act_count };

	hang->flow.budget = BUDGET;
	imp_values_reset(hang->flow.values);
	for (size_t i = 0; i < thread->frame_count; i++) {
		struct imp_flow_state state;

		imp_flow_state_frame(&thread->frames[i].registers, &state);
		looking.gaps |= imp_flow_follow(&hang->flow, thread->frames[i].address, &state, look_at_call, &looking);
	}
	if (thread->frame_count && thread->stack_incomplete)
		looking.gaps |= IMP_GAP_STACK;
	thread->gaps = looking.gaps;
}

void imp_hang_look_ahead(struct imp_hang *hang)
{
	for (size_t i = 0; i < hang->thread_count; i++)
		look_ahead(hang, i);
}

void imp_hang_look_at_item(struct imp_hang *hang, size_t thread, uint64_t routine, uint64_t first, uint64_t second)
{
	struct looking looking = { .hang = hang, .thread = thread, .item = routine, .acts_before = hang->act_count };
	struct imp_flow_state state;

	hang->flow.budget = BUDGET;
	imp_values_reset(hang->flow.values);
	imp_flow_state_entry(hang->flow.values, &state);
	state.registers[IMP_RCX] = imp_flow_number(first);
	state.registers[IMP_RDX] = imp_flow_number(second);
	looking.gaps = imp_flow_follow(&hang->flow, routine, &state, look_at_call, &looking);
	if (thread != IMP_HANG_NONE)
		hang->threads[thread].gaps |= looking.gaps;
}
