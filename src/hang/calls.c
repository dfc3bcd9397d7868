/* Every call of a driver's code on an object: see calls.h. Each function of .pdata is followed by itself, from its entry. */
#include "hang/calls.h"
#include "hang/parts.h"

enum { BUDGET = 400000 /* instructions of one driver */, MAX_FUNCTIONS = 20000, MAX_CALLS = 4096 };

struct reading {
	struct imp_hang *hang;
	struct imp_hang_module *module;
	uint64_t function;
};

static bool is_of_interest(const struct imp_routine *routine)
{
	return routine && routine->object != IMP_NO_ARGUMENT && (routine->deed <= IMP_DEED_TAKES_SHARED || routine->deed == IMP_DEED_COMPLETES) &&
	       routine->deed != IMP_DEED_WAITS_MANY;
}

static bool look_at_call(void *context, const struct imp_flow_call *flow)
{
	struct reading *reading = context;
	struct imp_hang_call call = { .site = flow->site, .function = reading->function, .routine = flow->routine };
	struct imp_flow_value object;

	if (!is_of_interest(flow->routine) || reading->module->call_count == MAX_CALLS)
		return true;
	object = imp_flow_state_argument(reading->hang->flow.values, flow->state, flow->routine->object);
	if (!imp_flow_value_number(reading->hang->kernel, reading->hang->flow.values, object, NULL, &call.object))
		call.object = 0;
	call.has_offset = object.base >= IMP_VALUE_FIRST_BASE;
	call.offset = object.offset;
	for (size_t i = 0; i < reading->module->call_count; i++) {
		const struct imp_hang_call *known = &reading->module->calls[i];

		if (known->site == call.site && known->object == call.object && known->has_offset == call.has_offset && known->offset == call.offset)
			return true;
	}
	return imp_hang_add_call(reading->module, &call);
}

static void read_module(struct imp_hang *hang, struct imp_hang_module *module)
{
	struct reading reading = { hang, module, 0 };
	struct imp_runtime_function function;
	struct imp_flow_state state;
	struct imp_pe *pe;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_module_pe(hang->kernel, module->module, &pe);

	hang->flow.budget = BUDGET;
	module->calls_read = true;
	for (uint32_t i = 0; !err && i < MAX_FUNCTIONS && hang->flow.budget && imp_pe_function_number(pe, i, &function); i++) {
		reading.function = module->module->base + function.begin;
		imp_values_reset(hang->flow.values);
		imp_flow_state_entry(hang->flow.values, &state);
		imp_flow_follow(&hang->flow, reading.function, &state, look_at_call, &reading);
	}
}

void imp_hang_read_calls(struct imp_hang *hang)
{
	for (size_t i = 0; i < hang->thread_count; i++) {
		const struct imp_hang_thread *thread = &hang->threads[i];

		for (size_t j = 0; (thread->fate == IMP_FATE_STUCK || thread->fate == IMP_FATE_PROBABLY) && j < thread->object_count; j++) {
			const struct imp_hang_object *object = &hang->objects[thread->objects[j]];

			for (size_t k = 0; k < object->module_count; k++) {
				if (!hang->modules[object->modules[k]].calls_read)
					read_module(hang, &hang->modules[object->modules[k]]);
			}
		}
	}
}

void imp_hang_calls_on(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object,
		       bool (*visit)(void *context, const struct imp_hang_call *call), void *context)
{
	for (size_t i = 0; i < object->module_count && !imp_hang_is_freed(object); i++) {
		const struct imp_hang_module *module = &hang->modules[object->modules[i]];

		for (size_t j = 0; j < module->call_count; j++) {
			const struct imp_hang_call *call = &module->calls[j];
			bool fits = call->object ? call->object == object->address
						 : call->has_offset && thread->wait_by_pointer && call->offset == thread->wait_offset;

			if (call->routine->deed == IMP_DEED_COMPLETES)
				fits = object->irp != 0;

			if (fits && !visit(context, call))
				return;
		}
	}
}
