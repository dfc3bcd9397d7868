/* What a thread's frames have done: the innermost one's call that waits, with the object that it named, and the locks that each took on its way and has not
 * given back. A function is followed from its entry to where its frame stands; what its registers were at the entry is found by comparing what following
 * says of registers and stack at that place with what the frame really has there.
 */
#include "hang/parts.h"

#include <string.h>

enum { BUDGET = 20000, /* instructions of one function */ };

struct search {
	struct imp_flow *flow;
	uint64_t return_address;
	struct imp_flow_state state;
	uint64_t site;
	const struct imp_routine *routine;
	bool found;
};

static bool look_at_call(void *context, const struct imp_flow_call *call)
{
	struct search *search = context;
	const struct imp_step *step;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_decode(search->flow->decoder, call->site, &step);

	if (err || call->site + step->length != search->return_address)
		return true;
	if (search->found) {
		imp_flow_state_join(&search->state, call->state);
	} else {
		search->state = *call->state;
		search->site = call->site;
		search->routine = call->routine;
		search->found = true;
	}
	return true;
}

static bool function_start(struct imp_kernel *kernel, uint64_t address, uint64_t *start)
{
	struct imp_module *module = imp_kernel_module_at(kernel, address);
	struct imp_runtime_function function;
	struct imp_pe *pe;
	IMP_CLEANUP_ERROR struct imp_error *err = module ? imp_module_pe(kernel, module, &pe) : imp_error_new(IMP_ERROR_NOT_FOUND, "no module");

	if (err || !imp_pe_function(pe, (uint32_t)(address - 1 - module->base), &function))
		return false;
	*start = module->base + function.begin;
	return true;
}

static void learn(const struct imp_values *values, struct imp_flow_value value, uint64_t number, uint64_t entry[16])
{
	const struct imp_flow_base *base;

	if (value.base < IMP_VALUE_FIRST_BASE)
		return;
	base = imp_values_base(values, value.base);
	if (base->kind == IMP_ORIGIN_ENTRY && !entry[base->number])
		entry[base->number] = number - value.offset;
}

static void learn_entry(struct imp_hang *hang, const struct search *search, const struct imp_registers *registers, uint64_t entry[16])
{
	static const uint8_t kept[] = { IMP_RBX, IMP_RSP, IMP_RBP, IMP_RSI, IMP_RDI, IMP_R8 + 4, IMP_R8 + 5, IMP_R8 + 6, IMP_R8 + 7 };
	uint64_t address, word;

	memset(entry, 0, 16 * sizeof(*entry));
	for (size_t i = 0; i < sizeof(kept); i++)
		learn(hang->flow.values, search->state.registers[kept[i]], registers->gpr[kept[i]], entry);
	for (unsigned i = 0; i < search->state.slot_count; i++) {
		const struct imp_flow_slot *slot = &search->state.slots[i];
		IMP_CLEANUP_ERROR struct imp_error *err = NULL;

		if (!imp_flow_value_number(hang->kernel, hang->flow.values, slot->address, entry, &address))
			continue;
		err = imp_memory_u64(hang->kernel->memory, address, &word);
		if (!err)
			learn(hang->flow.values, slot->value, word, entry);
	}
}

/* Follows the function of `frame` up to it. */
static bool follow_to(struct imp_hang *hang, const struct imp_hang_frame *frame, struct search *search, uint64_t entry[16])
{
	struct imp_flow_state state;
	uint64_t start;

	if (!frame->is_return || !function_start(hang->kernel, frame->address, &start))
		return false;
	*search = (struct search){ .flow = &hang->flow, .return_address = frame->address };
	imp_values_reset(hang->flow.values);
	imp_flow_state_entry(hang->flow.values, &state);
	hang->flow.budget = BUDGET;
	imp_flow_follow(&hang->flow, start, &state, look_at_call, search);
	if (search->found)
		learn_entry(hang, search, &frame->registers, entry);
	return search->found;
}

static void add_done(struct imp_hang *hang, struct imp_hang_thread *thread, const struct search *search, const uint64_t entry[16])
{
	for (unsigned i = 0; i < search->state.done_count && thread->done_count < IMP_HANG_HELD; i++) {
		const struct imp_flow_done *done = &search->state.done[i];
		uint64_t object;

		if (imp_flow_value_number(hang->kernel, hang->flow.values, done->object, entry, &object))
			thread->done[thread->done_count++] = (struct imp_hang_done){ object, done->site, (enum imp_deed)done->deed };
	}
}

void imp_hang_ask(struct imp_hang *hang, struct imp_hang_thread *thread, struct imp_hang_asked *asked)
{
	struct search search;
	uint64_t entry[16];

	*asked = (struct imp_hang_asked){ 0 };
	for (size_t i = 0; i < thread->frame_count; i++) {
		if (!follow_to(hang, &thread->frames[i], &search, entry))
			continue;
		add_done(hang, thread, &search, entry);
		if (i)
			continue;
		asked->site = search.site;
		asked->routine = search.routine;
		if (search.routine && search.routine->object != IMP_NO_ARGUMENT) {
			struct imp_flow_value value = imp_flow_state_argument(hang->flow.values, &search.state, search.routine->object);

			asked->by_pointer = value.base >= IMP_VALUE_FIRST_BASE;
			asked->offset = value.offset;
		}
		if (search.routine && search.routine->object != IMP_NO_ARGUMENT &&
		    !imp_flow_value_number(hang->kernel, hang->flow.values,
					   imp_flow_state_argument(hang->flow.values, &search.state, search.routine->object), entry, &asked->object))
			asked->object = 0;
	}
}
