/* Who can never run again. Every thread that waits is taken to be stuck until something is found that can end its wait; what that wakes is live too, and so
 * on. What is left over waits only for each other, or for nobody. Which of them belong together is groups.c's question.
 */
#include "hang/parts.h"

#include <stdlib.h>

enum { INVERSION_MS = 500 /* less may be the scheduler's turn */ };

/* `thread` can signal `object`. */
struct wake {
	size_t thread, object;
};

struct closing {
	struct imp_hang *hang;
	size_t *queue; /* threads that have come to life */
	size_t count, done;
	struct wake *wakes; /* by thread */
	size_t wake_count;
};

static bool is_stuck(const struct imp_hang_thread *thread)
{
	return thread->fate == IMP_FATE_STUCK || thread->fate == IMP_FATE_PROBABLY;
}

static void revive(struct closing *closing, size_t number, enum imp_hang_fate fate, enum imp_hang_hope hope, uint64_t at)
{
	struct imp_hang_thread *thread = &closing->hang->threads[number];

	if (!is_stuck(thread))
		return;
	thread->fate = fate;
	thread->hope = hope;
	thread->hope_at = at;
	closing->queue[closing->count++] = number;
}

/* Something can still signal the object. */
static void revive_object(struct closing *closing, size_t number, enum imp_hang_hope hope, uint64_t at)
{
	struct imp_hang *hang = closing->hang;
	struct imp_hang_object *object = &hang->objects[number];

	if (object->live)
		return;
	object->live = true;
	object->hope = hope;
	object->hope_at = at;
	for (size_t i = 0; i < object->waiter_count; i++) {
		const struct imp_hang_thread *waiter = &hang->threads[object->waiters[i]];
		bool all = true;

		for (size_t j = 0; waiter->wait_all && j < waiter->object_count; j++)
			all &= hang->objects[waiter->objects[j]].live;
		if (all)
			revive(closing, object->waiters[i], IMP_FATE_WAITS, hope, at);
	}
}

/* Code of the driver that can still run signals something, and which object is not known: it may be any that its code waits for. */
static void revive_module(struct closing *closing, size_t module, bool completes)
{
	struct imp_hang *hang = closing->hang;

	for (size_t i = 0; i < hang->object_count; i++) {
		const struct imp_hang_object *object = &hang->objects[i];

		for (size_t j = 0; j < object->module_count; j++) {
			if (object->modules[j] == module && object->kind == IMP_HANG_DISPATCHER && (completes ? object->irp != 0 : true))
				revive_object(closing, i, hang->modules[module].hope, hang->modules[module].hope_at);
		}
	}
}

static size_t module_of(struct imp_hang *hang, uint64_t address)
{
	struct imp_module *module = imp_kernel_module_at(hang->kernel, address);

	return module ? imp_hang_add_module(hang, module) : IMP_HANG_NONE;
}

static int by_thread(const void *left, const void *right)
{
	const struct wake *a = left, *b = right;

	if (a->thread != b->thread)
		return a->thread < b->thread ? -1 : 1;
	return a->object < b->object ? -1 : a->object > b->object;
}

/* Who can wake whom: owners, and acts on objects that are waited for. */
static bool collect_wakes(struct closing *closing)
{
	struct imp_hang *hang = closing->hang;
	size_t room = hang->act_count + 1;

	for (size_t i = 0; i < hang->object_count; i++)
		room += hang->objects[i].owner_count;
	closing->wakes = calloc(room, sizeof(*closing->wakes));
	if (!closing->wakes)
		return false;
	for (size_t i = 0; i < hang->object_count; i++) {
		const struct imp_hang_object *object = &hang->objects[i];

		for (size_t j = 0; j < object->owner_count; j++) {
			size_t thread = imp_hang_find_thread(hang, object->owners[j].thread);

			if (thread != IMP_HANG_NONE)
				closing->wakes[closing->wake_count++] = (struct wake){ thread, i };
		}
		for (size_t act = object->first_act; act != IMP_HANG_NONE; act = hang->acts[act].next) {
			if (hang->acts[act].thread != IMP_HANG_NONE && !object->owner_count)
				closing->wakes[closing->wake_count++] = (struct wake){ hang->acts[act].thread, i };
		}
	}
	qsort(closing->wakes, closing->wake_count, sizeof(*closing->wakes), by_thread);
	return true;
}

static size_t first_wake(const struct closing *closing, size_t thread)
{
	size_t low = 0, high = closing->wake_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (closing->wakes[middle].thread < thread)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void act_of_thread(struct closing *closing, size_t thread)
{
	uint64_t address = closing->hang->threads[thread].thread.address;

	for (size_t i = first_wake(closing, thread); i < closing->wake_count && closing->wakes[i].thread == thread; i++)
		revive_object(closing, closing->wakes[i].object, IMP_HOPE_THREAD, address);
}

/* What nothing but the threads themselves tells. */
static void revive_first(struct closing *closing)
{
	struct imp_hang *hang = closing->hang;

	for (size_t i = 0; i < hang->thread_count; i++) {
		struct imp_hang_thread *thread = &hang->threads[i];
		bool owned = false;

		if (thread->fate == IMP_FATE_RUNS) {
			closing->queue[closing->count++] = i;
			continue;
		}
		for (size_t j = 0; j < thread->object_count; j++)
			owned |= hang->objects[thread->objects[j]].kind != IMP_HANG_DISPATCHER;
		if (thread->hope != IMP_HOPE_NONE)
			revive(closing, i, thread->hope == IMP_HOPE_USER || thread->hope == IMP_HOPE_KERNEL ? IMP_FATE_NOT_JUDGED : IMP_FATE_WAITS,
			       thread->hope, 0);
		else if (!thread->frame_count && !owned)
			revive(closing, i, IMP_FATE_NOT_JUDGED, IMP_HOPE_KERNEL, 0);
	}
	for (size_t i = 0; i < hang->object_count; i++) {
		const struct imp_hang_object *object = &hang->objects[i];

		for (size_t act = object->first_act; act != IMP_HANG_NONE && !object->owner_count; act = hang->acts[act].next) {
			if (hang->acts[act].root)
				revive_object(closing, i, IMP_HOPE_ROUTINE, hang->acts[act].root);
		}
		if (object->hope != IMP_HOPE_NONE)
			revive_object(closing, i, object->hope, object->hope_at);
	}
}

/* Of the acts on objects that are not known: is their code still to run? */
static bool revive_by_unknown(struct closing *closing)
{
	struct imp_hang *hang = closing->hang;
	bool any = false;

	for (size_t i = 0; i < hang->act_count; i++) {
		const struct imp_hang_act *act = &hang->acts[i];
		bool completes;
		size_t module;

		if (act->target || (act->thread != IMP_HANG_NONE && is_stuck(&hang->threads[act->thread])))
			continue;
		module = module_of(hang, act->site);
		completes = act->routine->deed == IMP_DEED_COMPLETES;
		if (module == IMP_HANG_NONE || (completes ? hang->modules[module].any_completion : hang->modules[module].any_signal))
			continue;
		any = true;
		if (completes)
			hang->modules[module].any_completion = true;
		else
			hang->modules[module].any_signal = true;
		hang->modules[module].hope = act->thread != IMP_HANG_NONE ? IMP_HOPE_THREAD : IMP_HOPE_ROUTINE;
		hang->modules[module].hope_at = act->thread != IMP_HANG_NONE ? hang->threads[act->thread].thread.address : act->root;
		revive_module(closing, module, completes);
	}
	return any;
}

/* What could not be seen of code that can still run makes what is concluded of its driver's waits less than certain. */
static void judge_certainty(struct imp_hang *hang)
{
	for (size_t i = 0; i < hang->thread_count; i++) {
		const struct imp_hang_thread *thread = &hang->threads[i];

		for (size_t j = 0; thread->gaps && !is_stuck(thread) && j < thread->frame_count; j++) {
			size_t module = module_of(hang, thread->frames[j].address);

			if (module != IMP_HANG_NONE)
				hang->modules[module].gaps |= thread->gaps;
		}
	}
	for (size_t i = 0; i < hang->thread_count; i++) {
		struct imp_hang_thread *thread = &hang->threads[i];
		unsigned gaps = 0;

		for (size_t j = 0; is_stuck(thread) && j < thread->object_count; j++) {
			const struct imp_hang_object *object = &hang->objects[thread->objects[j]];

			gaps |= object->gaps;
			for (size_t k = 0; k < object->module_count && object->kind == IMP_HANG_DISPATCHER; k++)
				gaps |= hang->modules[object->modules[k]].gaps;
		}
		if (gaps) {
			thread->fate = IMP_FATE_PROBABLY;
			thread->gaps |= gaps;
		}
	}
}

/* A thread that runs and goes before `owner`, which goes behind `waiter`, too. */
static const struct imp_hang_thread *keeps_processor(const struct imp_hang *hang, const struct imp_thread *owner, const struct imp_thread *waiter)
{
	for (size_t i = 0; i < hang->thread_count; i++) {
		const struct imp_thread *running = &hang->threads[i].thread;

		if (running->runs && running->priority > owner->priority && waiter->priority > owner->priority)
			return &hang->threads[i];
	}
	return NULL;
}

/* The thread that keeps the owner of what `waiter` waits for from running; NULL: none does. */
static const struct imp_hang_thread *inverts(const struct imp_hang *hang, const struct imp_hang_thread *waiter, const struct imp_hang_object *object)
{
	for (size_t i = 0; i < object->owner_count && waiter->thread.wait_time_ms >= INVERSION_MS; i++) {
		size_t owner = imp_hang_find_thread(hang, object->owners[i].thread);
		const struct imp_thread *thread = owner == IMP_HANG_NONE ? NULL : &hang->threads[owner].thread;

		if (thread && !thread->waits && !thread->runs && thread->wait_time_ms >= INVERSION_MS)
			return keeps_processor(hang, thread, &waiter->thread);
	}
	return NULL;
}

/* A lock whose owner is ready and has not run for long, while a thread of higher priority runs, and another of higher priority waits for the lock. */
static void find_inversions(struct imp_hang *hang)
{
	for (size_t i = 0; i < hang->thread_count; i++) {
		struct imp_hang_thread *waiter = &hang->threads[i];

		for (size_t j = 0; waiter->fate == IMP_FATE_WAITS && waiter->hope == IMP_HOPE_THREAD && j < waiter->object_count; j++) {
			const struct imp_hang_thread *running = inverts(hang, waiter, &hang->objects[waiter->objects[j]]);

			if (!running)
				continue;
			waiter->fate = IMP_FATE_PROBABLY;
			waiter->gaps |= IMP_GAP_SCHEDULE;
			waiter->hope_at = running->thread.address;
		}
	}
}

struct imp_error *imp_hang_close(struct imp_hang *hang)
{
	struct closing closing = { .hang = hang };
	bool enough = collect_wakes(&closing);

	closing.queue = calloc(hang->thread_count + 1, sizeof(*closing.queue));
	enough &= closing.queue != NULL;
	if (enough) {
		revive_first(&closing);
		do {
			while (closing.done < closing.count)
				act_of_thread(&closing, closing.queue[closing.done++]);
		} while (revive_by_unknown(&closing) || closing.done < closing.count);
		judge_certainty(hang);
		find_inversions(hang);
	}
	free(closing.queue);
	free(closing.wakes);
	return enough ? NULL : imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for %zu threads", hang->thread_count);
}
