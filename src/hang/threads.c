/* The nodes of the graph: threads with what they wait for, and why some of them need no more thought. */
#include "hang/parts.h"

#include "base/watch.h"
#include "nt/process.h"
#include "nt/timer.h"

#include <stdlib.h>
#include <string.h>

enum { USER_MODE = 1, WAIT_ALL = 0 };

struct reading {
	struct imp_hang *hang;
	struct imp_error *err;
};

static bool add_timer(void *context, const struct imp_timer *timer)
{
	struct reading *reading = context;

	return imp_hang_add_timer(reading->hang, timer->address);
}

static bool read_timers(void *context, const struct imp_processor *processor)
{
	struct reading *reading = context;

	imp_kernel_note_error(reading->hang->kernel, imp_timer_each(reading->hang->kernel, processor, add_timer, reading));
	return true;
}

/* The kernel's routine that `address` lies in, when it is one of the table. */
static const struct imp_routine *routine_around(struct imp_hang *hang, uint64_t address)
{
	struct imp_module *module = imp_kernel_module_at(hang->kernel, address);
	struct imp_runtime_function function;
	struct imp_pe *pe;
	IMP_CLEANUP_ERROR struct imp_error *err = module ? imp_module_pe(hang->kernel, module, &pe) : imp_error_new(IMP_ERROR_NOT_FOUND, "no module");

	return !err && imp_pe_function(pe, (uint32_t)(address - 1 - module->base), &function)
		       ? imp_routine_at(hang->flow.routines, module->base + function.begin)
		       : NULL;
}

/* Keeps the frames outside the kernel. A frame whose module is not at hand ends what is known. */
static bool read_frames(struct imp_hang *hang, struct imp_hang_thread *thread)
{
	struct imp_stack stack;
	struct imp_hang_frame frames[IMP_HANG_FRAMES];
	IMP_CLEANUP_ERROR struct imp_error *err = imp_thread_stack(hang->kernel, &thread->thread, &stack);

	for (size_t i = 0; i < stack.count && thread->frame_count < IMP_HANG_FRAMES; i++) {
		const struct imp_stack_frame *frame = &stack.frames[i];

		if (frame->scanned)
			break;
		if (frame->address - hang->kernel->nt.base < hang->kernel->nt.size)
			continue;
		if (!thread->frame_count && i)
			thread->callee = routine_around(hang, stack.frames[i - 1].address);
		frames[thread->frame_count++] = (struct imp_hang_frame){ frame->address, frame->is_return, frame->from_file, frame->registers };
	}
	thread->stack_incomplete = err || !stack.complete || stack.scanned;
	if (!thread->frame_count)
		return true;
	thread->frames = malloc(thread->frame_count * sizeof(*frames));
	if (!thread->frames)
		thread->frame_count = 0;
	else
		memcpy(thread->frames, frames, thread->frame_count * sizeof(*frames));
	return thread->frames != NULL;
}

static bool is_type(const struct imp_dispatcher_header *header, const char *suffix)
{
	size_t length = strlen(header->type_name), tail = strlen(suffix);

	return length >= tail && !strcmp(header->type_name + length - tail, suffix);
}

/* Why the wait for this object needs no further look. */
static enum imp_hang_hope object_hope(const struct imp_hang *hang, const struct imp_wait *wait)
{
	if (!wait->header_known)
		return IMP_HOPE_NONE;
	if (is_type(&wait->header, "Queue"))
		return IMP_HOPE_WORK;
	if (is_type(&wait->header, "Timer") && imp_hang_timer_is_set(hang, wait->object))
		return IMP_HOPE_TIMER;
	if (is_type(&wait->header, "Timer2") || is_type(&wait->header, "Process"))
		return IMP_HOPE_KERNEL; /* no list tells that it is set; a process ends when user mode wants it to */
	return wait->header.signal_state > 0 ? IMP_HOPE_SIGNALLED : IMP_HOPE_NONE;
}

static enum imp_hang_hope thread_hope(const struct imp_hang *hang, const struct imp_thread *thread, const struct imp_wait *waits, size_t count,
				      bool all)
{
	uint64_t timer;

	if (thread->wait_mode == USER_MODE)
		return IMP_HOPE_USER;
	if (imp_nt_offset(hang->kernel, IMP_THREAD_TIMER, &timer) && imp_hang_timer_is_set(hang, thread->address + timer))
		return IMP_HOPE_TIMER;
	for (size_t i = 0; i < count && (!all || count == 1); i++) {
		enum imp_hang_hope hope = object_hope(hang, &waits[i]);

		if (hope != IMP_HOPE_NONE)
			return hope;
	}
	return IMP_HOPE_NONE;
}

static size_t add_object(struct imp_hang *hang, size_t number, const struct imp_hang_asked *asked, const struct imp_wait *wait)
{
	struct imp_hang_object *object;
	size_t index = imp_hang_lock_of(hang, number, asked, wait->object);

	if (index == IMP_HANG_NONE)
		index = wait->header_known ? imp_hang_add_object(hang, wait->object, IMP_HANG_DISPATCHER) : imp_hang_add_freed(hang, wait->object);
	if (index == IMP_HANG_NONE)
		return index;
	object = &hang->objects[index];
	object->header = wait->header;
	object->header_known = wait->header_known;
	if (object->kind == IMP_HANG_DISPATCHER && wait->header_known && is_type(&wait->header, "Mutant"))
		object->kind = IMP_HANG_MUTEX;
	if (object->kind == IMP_HANG_DISPATCHER && wait->header_known && is_type(&wait->header, "Thread"))
		object->kind = IMP_HANG_THREAD;
	return index;
}

/* The drivers whose code waits for the object. */
static void add_modules(struct imp_hang *hang, const struct imp_hang_thread *thread, size_t number)
{
	struct imp_hang_object *object = &hang->objects[number];

	for (size_t i = 0; i < thread->frame_count; i++) {
		struct imp_module *module = imp_kernel_module_at(hang->kernel, thread->frames[i].address);
		size_t index = module ? imp_hang_add_module(hang, module) : IMP_HANG_NONE;
		bool known = index == IMP_HANG_NONE;

		for (size_t j = 0; j < object->module_count && !known; j++)
			known = object->modules[j] == index;
		if (!known && object->module_count < IMP_HANG_OBJECT_MODULES)
			object->modules[object->module_count++] = index;
	}
}

static bool asks_for_wait(const struct imp_routine *routine)
{
	return routine && routine->deed >= IMP_DEED_WAITS && routine->deed <= IMP_DEED_TAKES_SHARED;
}

/* Threads that run, or that something will surely wake, still are of interest: they may wake others. */
static struct imp_error *read_thread(struct imp_hang *hang, uint64_t address)
{
	struct imp_thread read;
	struct imp_wait waits[IMP_MAXIMUM_WAIT_OBJECTS];
	struct imp_hang_thread *thread;
	struct imp_hang_asked asked = { 0 };
	uint64_t type = 1;
	size_t count = 0, number;
	struct imp_error *err = imp_thread_read(hang->kernel, address, &read);

	if (err)
		return err;
	number = imp_hang_add_thread(hang, &read);
	if (number == IMP_HANG_NONE)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for the wait graph");
	thread = &hang->threads[number];
	thread->fate = !strcmp(read.state_name, "Terminated") ? IMP_FATE_ENDED : read.waits ? IMP_FATE_STUCK : IMP_FATE_RUNS;
	if (thread->fate == IMP_FATE_ENDED)
		return NULL;
	if (read.waits) {
		imp_kernel_note_error(hang->kernel, imp_thread_waits(hang->kernel, &read, waits, IMP_MAXIMUM_WAIT_OBJECTS, &count));
		if (count)
			type = imp_nt_value(hang->kernel, IMP_WAIT_BLOCK_TYPE, waits[0].block, 1);
		thread->wait_all = type == WAIT_ALL;
		thread->hope = thread_hope(hang, &read, waits, count, thread->wait_all);
		if (!count && thread->hope == IMP_HOPE_NONE)
			thread->hope = IMP_HOPE_KERNEL; /* suspended, or its wait blocks are not at hand */
	}
	if (thread->hope == IMP_HOPE_USER)
		return NULL;
	if (!read_frames(hang, thread))
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for the threads' stacks");
	imp_hang_ask(hang, thread, &asked);
	thread->wait_site = asked.site;
	if (!asked.routine)
		asked.routine = thread->callee;
	thread->wait_routine = asked.routine;
	thread->wait_by_pointer = asked.by_pointer;
	thread->wait_offset = asked.offset;
	for (size_t i = 0; i < count && thread->hope != IMP_HOPE_WORK; i++) {
		size_t object = add_object(hang, number, &asked, &waits[i]);

		if (object == IMP_HANG_NONE || !imp_hang_add_wait(hang, number, object))
			return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for the wait graph");
		add_modules(hang, thread, object);
	}
	/* The driver has called something else of the kernel's, which waits for what the kernel knows: unless that is an IRP, it is not judged. */
	if (thread->hope == IMP_HOPE_NONE && thread->frame_count && !asks_for_wait(asked.routine) && !thread->stack_incomplete)
		thread->hope = IMP_HOPE_KERNEL;
	return NULL;
}

static bool visit_thread(void *context, uint64_t address)
{
	struct reading *reading = context;
	struct imp_error *err = read_thread(reading->hang, address);

	if (err && imp_error_code(err) == IMP_ERROR_NO_MEMORY) {
		reading->err = err;
		return false;
	}
	imp_kernel_note_error(reading->hang->kernel, err);
	return !imp_watch_stopped();
}

static bool visit_process(void *context, uint64_t process)
{
	struct reading *reading = context;

	imp_kernel_note_error(reading->hang->kernel, imp_thread_each(reading->hang->kernel, process, visit_thread, reading));
	return !reading->err && !imp_watch_stopped();
}

struct imp_error *imp_hang_read_threads(struct imp_hang *hang)
{
	struct reading reading = { .hang = hang };
	struct imp_error *err;

	imp_kernel_note_error(hang->kernel, imp_processor_each(hang->kernel, read_timers, &reading));
	err = imp_process_each(hang->kernel, visit_process, &reading);
	if (reading.err) {
		imp_error_free(err);
		return reading.err;
	}
	if (imp_watch_stopped()) {
		imp_error_free(err);
		return imp_watch_stop_error();
	}
	if (err && hang->thread_count) {
		imp_kernel_note_error(hang->kernel, err);
		return NULL;
	}
	return err;
}
