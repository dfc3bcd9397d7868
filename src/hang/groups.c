/* Findings: the stuck threads that belong together, the ones that keep each other first, and behind them those that only wait for these. */
#include "hang/parts.h"

#include <stdlib.h>

struct grouping {
	struct imp_hang *hang;
	size_t *parent; /* of threads, then of objects: union-find */
	bool *peeled;   /* of threads: nobody else's wait depends on it */
};

static bool is_stuck(const struct imp_hang_thread *thread)
{
	return thread->fate == IMP_FATE_STUCK || thread->fate == IMP_FATE_PROBABLY;
}

static size_t find(size_t *parent, size_t node)
{
	while (parent[node] != node) {
		parent[node] = parent[parent[node]];
		node = parent[node];
	}
	return node;
}

static void unite(size_t *parent, size_t a, size_t b)
{
	parent[find(parent, a)] = find(parent, b);
}

static bool waits_for_freed(const struct imp_hang *hang, const struct imp_hang_thread *thread)
{
	for (size_t i = 0; i < thread->object_count; i++) {
		if (imp_hang_is_freed(&hang->objects[thread->objects[i]]))
			return true;
	}
	return false;
}

/* Who waits for what was at the same address before does not belong to those who wait for what is there now. */
static bool is_of_another_time(const struct imp_hang *hang, const struct imp_hang_object *object, const struct imp_hang_thread *waker)
{
	return !imp_hang_is_freed(object) && waits_for_freed(hang, waker);
}

/* Calls `visit` for each stuck thread that could end a wait for the object. */
static void each_waker(struct imp_hang *hang, const struct imp_hang_object *object, void (*visit)(void *context, size_t thread), void *context)
{
	for (size_t i = 0; i < object->owner_count; i++) {
		size_t thread = imp_hang_find_thread(hang, object->owners[i].thread);

		if (thread != IMP_HANG_NONE && is_stuck(&hang->threads[thread]))
			visit(context, thread);
	}
	for (size_t act = object->first_act; act != IMP_HANG_NONE && !object->owner_count; act = hang->acts[act].next) {
		const struct imp_hang_thread *thread = hang->acts[act].thread == IMP_HANG_NONE ? NULL : &hang->threads[hang->acts[act].thread];

		if (thread && is_stuck(thread) && !is_of_another_time(hang, object, thread))
			visit(context, hang->acts[act].thread);
	}
}

struct uniting {
	size_t *parent, node;
};

static void unite_waker(void *context, size_t thread)
{
	struct uniting *uniting = context;

	unite(uniting->parent, uniting->node, thread);
}

/* Linear in waits and wakers: a thread is needed by objects, an object by the waiters that are still looked at. */
struct peeling {
	size_t *needed, *waited; /* of threads: objects that need it; of objects: waiters */
	bool *peeled;
	int change;
	size_t *list, count; /* threads that nothing needs any more */
};

static void count_waker(void *context, size_t thread)
{
	struct peeling *peeling = context;

	peeling->needed[thread] += (size_t)peeling->change;
	if (peeling->change < 0 && !peeling->needed[thread] && !peeling->peeled[thread])
		peeling->list[peeling->count++] = thread;
}

static void start_peeling(struct imp_hang *hang, struct peeling *peeling)
{
	for (size_t i = 0; i < hang->object_count; i++) {
		for (size_t j = 0; j < hang->objects[i].waiter_count; j++)
			peeling->waited[i] += is_stuck(&hang->threads[hang->objects[i].waiters[j]]);
		if (peeling->waited[i])
			each_waker(hang, &hang->objects[i], count_waker, peeling);
	}
	for (size_t i = 0; i < hang->thread_count; i++) {
		if (is_stuck(&hang->threads[i]) && !peeling->needed[i])
			peeling->list[peeling->count++] = i;
	}
}

/* Takes threads away on whom no wait depends, again and again: those that are left keep each other. */
static bool peel(struct grouping *grouping)
{
	struct imp_hang *hang = grouping->hang;
	size_t threads = hang->thread_count + 1;
	struct peeling peeling = { .needed = calloc(threads, sizeof(size_t)),
				   .waited = calloc(hang->object_count + 1, sizeof(size_t)),
				   .list = calloc(threads, sizeof(size_t)),
				   .peeled = grouping->peeled,
				   .change = 1 };
	bool enough = peeling.needed && peeling.waited && peeling.list;

	if (enough)
		start_peeling(hang, &peeling);
	peeling.change = -1;
	for (size_t i = 0; enough && i < peeling.count; i++) {
		const struct imp_hang_thread *thread = &hang->threads[peeling.list[i]];

		grouping->peeled[peeling.list[i]] = true;
		for (size_t j = 0; j < thread->object_count; j++) {
			if (!--peeling.waited[thread->objects[j]])
				each_waker(hang, &hang->objects[thread->objects[j]], count_waker, &peeling);
		}
	}
	free(peeling.needed);
	free(peeling.waited);
	free(peeling.list);
	return enough;
}

static bool has_stuck_waker(struct imp_hang *hang, const struct imp_hang_object *object)
{
	for (size_t i = 0; i < object->owner_count; i++) {
		size_t thread = imp_hang_find_thread(hang, object->owners[i].thread);

		if (thread != IMP_HANG_NONE && is_stuck(&hang->threads[thread]))
			return true;
	}
	for (size_t act = object->first_act; act != IMP_HANG_NONE && !object->owner_count; act = hang->acts[act].next) {
		if (hang->acts[act].thread != IMP_HANG_NONE)
			return true;
	}
	return false;
}

/* Those that keep each other, and those that wait for what nobody would signal. */
static bool is_core(const struct grouping *grouping, size_t number)
{
	const struct imp_hang_thread *thread = &grouping->hang->threads[number];

	if (!grouping->peeled[number])
		return true;
	for (size_t i = 0; i < thread->object_count; i++) {
		if (!has_stuck_waker(grouping->hang, &grouping->hang->objects[thread->objects[i]]))
			return true;
	}
	return !thread->object_count;
}

static bool add_finding(struct grouping *grouping, size_t root)
{
	struct imp_hang *hang = grouping->hang;
	struct imp_hang_finding *finding = reallocarray(hang->findings, hang->finding_count + 1, sizeof(*finding));
	size_t count = 0;

	if (!finding)
		return false;
	hang->findings = finding;
	finding += hang->finding_count;
	*finding = (struct imp_hang_finding){ .certain = true, .object = IMP_HANG_NONE };
	for (size_t i = 0; i < hang->thread_count; i++)
		count += is_stuck(&hang->threads[i]) && find(grouping->parent, i) == root;
	finding->threads = calloc(count + 1, sizeof(*finding->threads));
	if (!finding->threads)
		return false;
	for (int behind = 0; behind < 2; behind++) {
		for (size_t i = 0; i < hang->thread_count; i++) {
			struct imp_hang_thread *thread = &hang->threads[i];

			if (!is_stuck(thread) || find(grouping->parent, i) != root || is_core(grouping, i) == behind)
				continue;
			thread->behind = behind;
			thread->finding = hang->finding_count;
			finding->threads[finding->thread_count++] = i;
			finding->core_count += !behind;
			finding->certain &= thread->fate == IMP_FATE_STUCK;
			if (thread->thread.wait_time_ms > finding->longest_ms)
				finding->longest_ms = thread->thread.wait_time_ms;
		}
	}
	hang->finding_count++;
	if (hang->threads[finding->threads[0]].object_count)
		finding->object = hang->threads[finding->threads[0]].objects[0];
	finding->known =
		finding->object != IMP_HANG_NONE && (hang->objects[finding->object].header_known || hang->objects[finding->object].owner_count);
	imp_hang_name_case(hang, finding);
	return true;
}

/* Surer ones first, then those with more threads, then those that have waited longer. */
static int by_weight(const void *left, const void *right)
{
	const struct imp_hang_finding *a = left, *b = right;

	if (a->certain != b->certain)
		return a->certain ? -1 : 1;
	if (a->known != b->known)
		return a->known ? -1 : 1;
	if (a->thread_count != b->thread_count)
		return a->thread_count > b->thread_count ? -1 : 1;
	return a->longest_ms > b->longest_ms ? -1 : a->longest_ms < b->longest_ms;
}

struct imp_error *imp_hang_group(struct imp_hang *hang)
{
	size_t nodes = hang->thread_count + hang->object_count;
	struct grouping grouping = { .hang = hang,
				     .parent = calloc(nodes + 1, sizeof(size_t)),
				     .peeled = calloc(hang->thread_count + 1, sizeof(bool)) };
	bool enough = grouping.parent && grouping.peeled;

	for (size_t i = 0; enough && i < nodes; i++)
		grouping.parent[i] = i;
	for (size_t i = 0; enough && i < hang->object_count; i++) {
		struct uniting uniting = { grouping.parent, hang->thread_count + i };
		bool any = false;

		for (size_t j = 0; j < hang->objects[i].waiter_count; j++) {
			if (is_stuck(&hang->threads[hang->objects[i].waiters[j]])) {
				unite(grouping.parent, hang->objects[i].waiters[j], uniting.node);
				any = true;
			}
		}
		if (any)
			each_waker(hang, &hang->objects[i], unite_waker, &uniting);
	}
	enough = enough && peel(&grouping);
	for (size_t i = 0; enough && i < hang->thread_count; i++) {
		if (is_stuck(&hang->threads[i]) && hang->threads[i].finding == IMP_HANG_NONE)
			enough = add_finding(&grouping, find(grouping.parent, i));
	}
	if (enough && hang->finding_count)
		qsort(hang->findings, hang->finding_count, sizeof(*hang->findings), by_weight);
	for (size_t i = 0; enough && i < hang->finding_count; i++) {
		for (size_t j = 0; j < hang->findings[i].thread_count; j++)
			hang->threads[hang->findings[i].threads[j]].finding = i;
	}
	free(grouping.parent);
	free(grouping.peeled);
	return enough ? NULL : imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for %zu threads", hang->thread_count);
}
