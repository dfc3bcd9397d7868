/* What a finding is called: a table of the ways in which threads come to stand still, told apart by the objects and by what the threads did. */
#include "hang/calls.h"
#include "hang/parts.h"

#include <string.h>

static const struct imp_hang_thread *core(const struct imp_hang *hang, const struct imp_hang_finding *finding, size_t index)
{
	return &hang->threads[finding->threads[index]];
}

static const struct imp_hang_owner *own_entry(const struct imp_hang_object *object, uint64_t thread)
{
	for (size_t i = 0; i < object->owner_count; i++) {
		if (object->owners[i].thread == thread)
			return &object->owners[i];
	}
	return NULL;
}

/* Whether some wait of the core fits. */
static bool any_wait(const struct imp_hang *hang, const struct imp_hang_finding *finding,
		     bool (*fits)(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object))
{
	for (size_t i = 0; i < finding->core_count; i++) {
		const struct imp_hang_thread *thread = core(hang, finding, i);

		for (size_t j = 0; j < thread->object_count; j++) {
			if (fits(hang, thread, &hang->objects[thread->objects[j]]))
				return true;
		}
	}
	return false;
}

static bool upgrades(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	const struct imp_hang_owner *own = own_entry(object, thread->thread.address);

	(void)hang;
	return own && !own->exclusive && !thread->asks_shared;
}

static bool holds_it(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	(void)hang;
	return own_entry(object, thread->thread.address) != NULL;
}

static bool owner_has_ended(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	(void)hang;
	(void)thread;
	for (size_t i = 0; i < object->owner_count; i++) {
		if (object->owners[i].ended)
			return true;
	}
	return false;
}

static bool is_freed(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	(void)hang;
	(void)thread;
	return imp_hang_is_freed(object);
}

static bool in_unload(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	(void)object;
	for (size_t i = 0; i < hang->module_count; i++) {
		for (size_t j = 0; j < thread->frame_count && hang->modules[i].unload_end; j++) {
			if (thread->frames[j].address - hang->modules[i].unload < hang->modules[i].unload_end - hang->modules[i].unload)
				return true;
		}
	}
	return false;
}

static bool is_called(const struct imp_hang_object *object, const char *type)
{
	return object->header_known && !strcmp(object->header.type_name, type);
}

static bool is_semaphore(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	(void)hang;
	(void)thread;
	return object->kind == IMP_HANG_DISPATCHER && is_called(object, "Semaphore");
}

struct history {
	const struct imp_hang *hang;
	const struct imp_hang_object *object;
	bool pulsed, waited;
};

/* Whether a thread stands in this very call. */
static bool stands_in(const struct imp_hang *hang, const struct imp_hang_object *object, uint64_t site)
{
	for (size_t i = 0; i < object->waiter_count; i++) {
		if (hang->threads[object->waiters[i]].wait_site == site)
			return true;
	}
	return false;
}

static bool look_at_call(void *context, const struct imp_hang_call *call)
{
	struct history *history = context;

	history->pulsed |= call->routine->deed == IMP_DEED_PULSES;
	history->waited |= call->routine->deed == IMP_DEED_WAITS && !stands_in(history->hang, history->object, call->site);
	return true;
}

static struct history read_history(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	struct history history = { .hang = hang, .object = object };

	imp_hang_calls_on(hang, thread, object, look_at_call, &history);
	return history;
}

static bool was_pulsed(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	return read_history(hang, thread, object).pulsed;
}

/* Nobody is left to set an auto-reset event, for which other code waits too, and that code is past its wait: it took the signal. */
static bool was_taken(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	return object->kind == IMP_HANG_DISPATCHER && is_called(object, "SynchronizationEvent") && object->first_act == IMP_HANG_NONE &&
	       read_history(hang, thread, object).waited;
}

static bool has_owner(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	(void)hang;
	(void)thread;
	return object->owner_count > 0;
}

static bool is_dispatcher(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	(void)hang;
	(void)thread;
	return object->first_act != IMP_HANG_NONE;
}

/* Whether the core waits for more than one object. */
static bool waits_for_several(const struct imp_hang *hang, const struct imp_hang_finding *finding)
{
	for (size_t i = 1; i < finding->core_count; i++) {
		if (core(hang, finding, i)->object_count && core(hang, finding, i)->objects[0] != core(hang, finding, 0)->objects[0])
			return true;
	}
	return false;
}

static bool is_gone(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	struct imp_module *module = thread->frame_count ? imp_kernel_module_at(hang->kernel, thread->frames[0].address) : NULL;

	return module && module->unloaded && object->kind == IMP_HANG_DISPATCHER && object->first_act == IMP_HANG_NONE;
}

static bool is_polled(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	(void)hang;
	(void)thread;
	return object->kind == IMP_HANG_POLLED;
}

static bool is_inverted(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	(void)hang;
	(void)object;
	return thread->gaps & IMP_GAP_SCHEDULE;
}

static bool is_of_irp(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	(void)hang;
	(void)thread;
	return object->irp != 0;
}

/* What would end the wait is a work item, behind workers that are stuck. */
static bool is_queued(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object)
{
	(void)thread;
	for (size_t act = object->first_act; act != IMP_HANG_NONE; act = hang->acts[act].next) {
		if (hang->acts[act].item)
			return true;
	}
	return false;
}

static const struct {
	const char *id, *name;
	bool (*fits)(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object);
	bool several; /* only when the threads wait for more than one object */
} cases[] = {
	{ "spin-at-raised-irql", "spin at raised IRQL", is_polled, false },
	{ "priority-inversion", "priority inversion", is_inverted, false },
	{ "work-queue-starvation", "work queue whose workers all wait for items behind them", is_queued, false },
	{ "irp-never-completed", "IRP that its driver never completes", is_of_irp, false },
	{ "driver-unloaded", "driver that was unloaded under its waiting threads", is_gone, false },
	{ "memory-freed", "wait for an object whose memory was freed or overwritten", is_freed, false },
	{ "reader-to-writer-upgrade", "reader that wants to become the writer while it is still a reader", upgrades, false },
	{ "self-deadlock", "self-deadlock: a lock is acquired again by the thread that holds it", holds_it, false },
	{ "abandoned-lock", "lock whose owner has exited", owner_has_ended, false },
	{ "unload-wait", "unloading waits for a thread that the unloading keeps from going on", in_unload, false },
	{ "semaphore-exhausted", "semaphore whose permits are all held by threads that wait for one more", is_semaphore, false },
	{ "pulse-lost", "signal that was given before the wait, and lost", was_pulsed, false },
	{ "circular-wait", "circular wait", has_owner, true },
	{ "signal-taken", "auto-reset signal that was taken by another waiter", was_taken, false },
	{ "circular-wait", "circular wait", is_dispatcher, true },
};

void imp_hang_name_case(struct imp_hang *hang, struct imp_hang_finding *finding)
{
	bool several = waits_for_several(hang, finding);

	finding->case_id = "nobody-left-to-signal";
	finding->case_name = "nobody is left to signal it";
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if ((cases[i].several && !several) || !any_wait(hang, finding, cases[i].fits))
			continue;
		finding->case_id = cases[i].id;
		finding->case_name = cases[i].name;
		return;
	}
}
