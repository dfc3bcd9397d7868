/* Processors that spin at raised IRQL: the code at which one stands is a loop that calls nothing, writes nothing, and reads the same memory again and again.
 * Until somebody else changes that memory, no other thread and no DPC runs there.
 */
#include "hang/parts.h"

#include "nt/timer.h"

enum { DISPATCH_LEVEL = 2, MAX_LOOP = 32 /* instructions */, LONG_MS = 100 };

struct loop {
	uint64_t seen[MAX_LOOP];
	size_t count;
	uint16_t written; /* registers */
	const struct imp_step *reads;
	bool from_elsewhere;
	bool closed, busy; /* leads back to its start; does more than look */
};

static bool reads_memory(const struct imp_step *step)
{
	return step->from.kind == IMP_PLACE_MEMORY || (step->operation == IMP_DO_OTHER && step->reads_memory);
}

static void walk(struct imp_hang *hang, uint64_t start, uint64_t address, struct loop *loop)
{
	const struct imp_step *step;
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	if (address == start && (loop->count || loop->from_elsewhere)) {
		loop->closed = true;
		return;
	}
	for (size_t i = 0; i < loop->count; i++) {
		if (loop->seen[i] == address)
			return;
	}
	if (loop->count == MAX_LOOP)
		return;
	err = imp_decode(hang->flow.decoder, address, &step);
	if (err)
		return;
	loop->seen[loop->count++] = address;
	if (step->operation == IMP_DO_BRANCH && step->to.kind == IMP_PLACE_NUMBER)
		walk(hang, start, step->to.number, loop);
	if (step->operation == IMP_DO_JUMP && step->to.kind == IMP_PLACE_NUMBER)
		walk(hang, start, step->to.number, loop);
	else if (step->operation != IMP_DO_JUMP && step->operation != IMP_DO_CALL && step->operation != IMP_DO_RETURN &&
		 step->operation != IMP_DO_STOP)
		walk(hang, start, address + step->length, loop);
}

/* Whether `address` can be come to from `from` without a call, in few instructions. */
static bool leads_to(struct imp_hang *hang, uint64_t from, uint64_t address)
{
	struct loop loop = { .from_elsewhere = true };

	walk(hang, address, from, &loop);
	return loop.closed;
}

/* Looks at what those instructions do that lie on the loop. */
static bool is_spin(struct imp_hang *hang, uint64_t rip, struct loop *loop)
{
	walk(hang, rip, rip, loop);
	for (size_t i = 0; loop->closed && i < loop->count; i++) {
		const struct imp_step *step;
		IMP_CLEANUP_ERROR struct imp_error *err = imp_decode(hang->flow.decoder, loop->seen[i], &step);

		if (err || !leads_to(hang, loop->seen[i], rip))
			continue;
		loop->written |= step->clobbered;
		loop->busy |= step->operation == IMP_DO_PUSH ||
			      (step->to.kind == IMP_PLACE_MEMORY && step->operation != IMP_DO_CALL && !step->reads_memory);
		if (reads_memory(step))
			loop->reads = step;
	}
	return loop->closed && !loop->busy && loop->reads;
}

static bool is_queued(void *context, const struct imp_dpc *dpc, bool threaded)
{
	(void)dpc;
	*(bool *)context |= !threaded;
	return true;
}

/* Whether the processor is at DISPATCH_LEVEL or above: where that is kept (x64 has it in CR8, which a dump need not hold), or since a DPC of its own has not
 * run though the thread has run for long.
 */
static bool is_raised(struct imp_kernel *kernel, const struct imp_processor *processor, const struct imp_thread *thread)
{
	bool queued = false;

	if (imp_nt_value(kernel, IMP_PRCB_IRQL, processor->prcb, 0) >= DISPATCH_LEVEL ||
	    (processor->pcr && imp_nt_value(kernel, IMP_PCR_IRQL, processor->pcr, 0) >= DISPATCH_LEVEL))
		return true;
	if (thread->wait_time_ms < LONG_MS)
		return false;
	imp_kernel_note_error(kernel, imp_dpc_each(kernel, processor, is_queued, &queued));
	return queued;
}

static bool look_at_processor(void *context, const struct imp_processor *processor)
{
	struct imp_hang *hang = context;
	size_t number = imp_hang_find_thread(hang, processor->current_thread), object;
	struct imp_hang_thread *thread = number == IMP_HANG_NONE ? NULL : &hang->threads[number];
	struct imp_registers registers;
	struct imp_flow_state state;
	struct loop loop = { 0 };
	const struct imp_place *place;
	bool exact;
	IMP_CLEANUP_ERROR struct imp_error *err =
		thread ? imp_thread_registers(hang->kernel, &thread->thread, &registers, &exact) : imp_error_new(IMP_ERROR_NOT_FOUND, "idle");

	if (err || !is_raised(hang->kernel, processor, &thread->thread) || !is_spin(hang, registers.rip, &loop))
		return true;
	place = loop.reads->from.kind == IMP_PLACE_MEMORY ? &loop.reads->from : &loop.reads->to;
	if (place->kind != IMP_PLACE_MEMORY || (place->base != IMP_NO_REGISTER && loop.written >> place->base & 1))
		return true; /* it goes through memory: it comes to an end */
	for (unsigned i = 0; i < 16; i++)
		state.registers[i] = imp_flow_number(registers.gpr[i]);
	object = imp_hang_add_object(hang, imp_flow_state_address(&state, place).offset, IMP_HANG_POLLED);
	if (object == IMP_HANG_NONE || !imp_hang_add_wait(hang, number, object))
		return true;
	hang->objects[object].gaps |= IMP_GAP_MEMORY;
	thread->fate = IMP_FATE_PROBABLY;
	thread->hope = IMP_HOPE_NONE;
	return true;
}

void imp_hang_find_spins(struct imp_hang *hang)
{
	imp_kernel_note_error(hang->kernel, imp_processor_each(hang->kernel, look_at_processor, hang));
}
