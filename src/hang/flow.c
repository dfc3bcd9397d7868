/* Following code: see flow.h. A state is kept for each instruction that a branch leads to; it only ever loses knowledge, so following ends. */
#include "hang/flow.h"

#include "base/watch.h"

#include <stdlib.h>
#include <string.h>
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

enum { MAX_LEADERS = 4096, NAME_SIZE = 128 };

struct leader {
	uint64_t address;
	bool waiting; /* to be followed */
	struct leader *next;
	struct imp_flow_state state;
	UT_hash_handle hh;
};

struct following {
	struct imp_flow *flow;
	struct leader *leaders, *waiting;
	bool (*call)(void *context, const struct imp_flow_call *call);
	void *context;
	unsigned gaps;
};

struct imp_error *imp_flow_open(struct imp_kernel *kernel, struct imp_flow *flow)
{
	struct imp_error *err;

	*flow = (struct imp_flow){ .kernel = kernel };
	err = imp_decoder_new(kernel, &flow->decoder);
	if (!err)
		err = imp_routines_new(kernel, &flow->routines);
	if (!err)
		err = imp_values_new(&flow->values);
	return err;
}

void imp_flow_close(struct imp_flow *flow)
{
	imp_decoder_free(flow->decoder);
	imp_routines_free(flow->routines);
	imp_values_free(flow->values);
	*flow = (struct imp_flow){ 0 };
}

static bool is_kernel(const struct imp_flow *flow, uint64_t address)
{
	return address - flow->kernel->nt.base < flow->kernel->nt.size;
}

/* `address` is a slot of the import address table, or another pointer to code. */
static void through_slot(struct imp_flow *flow, uint64_t slot, struct imp_flow_call *call)
{
	struct imp_module *module = imp_kernel_module_at(flow->kernel, slot);
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;
	char name[NAME_SIZE];
	struct imp_pe *pe;

	if (!module || !module->unloaded) {
		err = imp_memory_u64(flow->kernel->memory, slot, &call->target);
		if (!err)
			return;
		call->target = 0;
		imp_error_free(err);
		err = NULL;
	}
	if (module)
		err = imp_module_pe(flow->kernel, module, &pe);
	if (!module || err || !imp_pe_import_at(pe, (uint32_t)(slot - module->base), name, sizeof(name)))
		return;
	call->routine = imp_routine_named(name);
	call->from_kernel = true;
}

/* GNU's linker calls imports through a jump. */
static void through_thunk(struct imp_flow *flow, struct imp_flow_call *call)
{
	const struct imp_step *step;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_decode(flow->decoder, call->target, &step);

	if (!err && step->operation == IMP_DO_JUMP && step->to.kind == IMP_PLACE_MEMORY && step->to.base == IMP_NO_REGISTER &&
	    step->to.index == IMP_NO_REGISTER)
		through_slot(flow, step->to.number, call);
}

/* Where a call or jump leads. */
static void find_target(struct imp_flow *flow, const struct imp_flow_state *state, const struct imp_step *step, struct imp_flow_call *call)
{
	const struct imp_place *to = &step->to;

	if (to->kind == IMP_PLACE_NUMBER) {
		call->target = to->number;
		if (!is_kernel(flow, call->target))
			through_thunk(flow, call);
	} else if (to->kind == IMP_PLACE_MEMORY && to->base == IMP_NO_REGISTER && to->index == IMP_NO_REGISTER && !to->segment) {
		through_slot(flow, to->number, call);
	} else if (!imp_flow_value_number(flow->kernel, flow->values, imp_flow_state_value(flow->values, state, to), NULL, &call->target)) {
		call->target = 0;
	}
	if (call->target && is_kernel(flow, call->target)) {
		call->from_kernel = true;
		call->routine = imp_routine_at(flow->routines, call->target);
	}
	if (call->routine && call->routine->deed == IMP_DEED_CALLS_REGISTER) {
		call->routine = NULL;
		call->from_kernel = false;
		if (!imp_flow_value_number(flow->kernel, flow->values, state->registers[IMP_RAX], NULL, &call->target))
			call->target = 0;
		call->from_kernel = is_kernel(flow, call->target);
	}
}

static void reach(struct following *following, uint64_t address, const struct imp_flow_state *state)
{
	struct leader *leader;

	HASH_FIND(hh, following->leaders, &address, sizeof(address), leader);
	if (leader) {
		if (!imp_flow_state_join(&leader->state, state) || leader->waiting)
			return;
	} else {
		leader = HASH_COUNT(following->leaders) < MAX_LEADERS ? malloc(sizeof(*leader)) : NULL;
		if (!leader) {
			following->gaps |= IMP_GAP_TOO_MUCH;
			return;
		}
		leader->address = address;
		leader->state = *state;
		HASH_ADD(hh, following->leaders, address, sizeof(leader->address), leader);
		if (!leader->hh.tbl) {
			free(leader);
			following->gaps |= IMP_GAP_TOO_MUCH;
			return;
		}
	}
	leader->waiting = true;
	leader->next = following->waiting;
	following->waiting = leader;
}

static void remember(struct imp_flow *flow, const struct imp_flow_call *call, struct imp_flow_state *state)
{
	struct imp_flow_done done = { .site = call->site };

	if (!call->routine || call->routine->object == IMP_NO_ARGUMENT || call->routine->deed > IMP_DEED_TAKES_SHARED)
		return;
	done.deed = call->routine->deed;
	done.object = imp_flow_state_argument(flow->values, state, call->routine->object);
	if (done.object.base != IMP_VALUE_UNKNOWN_BASE && done.deed != IMP_DEED_PULSES)
		imp_flow_state_done(state, &done, done.deed == IMP_DEED_SIGNALS);
}

/* A call; false when the way ends here. */
static bool make_call(struct following *following, const struct imp_step *step, struct imp_flow_state *state)
{
	struct imp_flow_call call = { .site = step->address, .state = state };

	find_target(following->flow, state, step, &call);
	if (!call.target && !call.from_kernel)
		following->gaps |= IMP_GAP_UNKNOWN_CALL;
	if (!following->call(following->context, &call) || (call.routine && call.routine->deed == IMP_DEED_ENDS))
		return false;
	remember(following->flow, &call, state);
	imp_flow_state_call(following->flow->values, state, step->address);
	return true;
}

/* Where the code goes on after the jump `step`: 0 when the way ends. */
static uint64_t jump(struct following *following, const struct imp_step *step, struct imp_flow_state *state)
{
	struct imp_flow_call call = { .site = step->address };

	find_target(following->flow, state, step, &call);
	if (call.from_kernel) { /* the last call of a function; what it returns to is the caller's code */
		struct imp_flow_state before = *state;

		/* Its arguments lie behind the return address, which a call would still have to push. */
		before.registers[IMP_RSP].offset += 8;
		call.state = &before;
		following->call(following->context, &call);
		return 0;
	}
	if (!call.target)
		following->gaps |= IMP_GAP_UNKNOWN_JUMP;
	return call.target;
}

/* Follows one way until it ends or comes to where others have been. */
static void follow_way(struct following *following, uint64_t address, struct imp_flow_state *state)
{
	struct imp_flow *flow = following->flow;

	for (bool first = true;; first = false) {
		const struct imp_step *step;
		struct leader *leader;
		IMP_CLEANUP_ERROR struct imp_error *err = NULL;

		HASH_FIND(hh, following->leaders, &address, sizeof(address), leader);
		if (leader && !first) {
			reach(following, address, state);
			return;
		}
		if (!flow->budget || imp_watch_stopped()) {
			following->gaps |= IMP_GAP_TOO_MUCH;
			return;
		}
		flow->budget--;
		err = imp_decode(flow->decoder, address, &step);
		if (err) {
			following->gaps |= imp_error_code(err) == IMP_ERROR_NO_MEMORY ? IMP_GAP_TOO_MUCH : IMP_GAP_NO_CODE;
			return;
		}
		address += step->length;
		switch (step->operation) {
		case IMP_DO_RETURN:
		case IMP_DO_STOP:
			return;
		case IMP_DO_CALL:
			if (!make_call(following, step, state))
				return;
			break;
		case IMP_DO_JUMP:
			address = jump(following, step, state);
			if (address)
				reach(following, address, state);
			return;
		case IMP_DO_BRANCH:
			if (step->to.kind == IMP_PLACE_NUMBER)
				reach(following, step->to.number, state);
			reach(following, address, state);
			return;
		default:
			imp_flow_state_step(flow->values, state, step);
		}
	}
}

unsigned imp_flow_follow(struct imp_flow *flow, uint64_t start, const struct imp_flow_state *state,
			 bool (*call)(void *context, const struct imp_flow_call *call), void *context)
{
	struct following following = { .flow = flow, .call = call, .context = context };
	struct leader *leader, *next;

	reach(&following, start, state);
	while (following.waiting) {
		struct imp_flow_state here = following.waiting->state;

		leader = following.waiting;
		following.waiting = leader->next;
		leader->waiting = false;
		follow_way(&following, leader->address, &here);
	}
	leader = following.leaders;
	HASH_CLEAR(hh, following.leaders);
	for (; leader; leader = next) {
		next = leader->hh.next;
		free(leader);
	}
	return following.gaps;
}
