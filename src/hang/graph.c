/* The arrays behind the wait graph, and finding threads, objects and timers in them by address. */
#include "hang/graph.h"

#include <stdlib.h>
#include <string.h>
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct imp_hang_index {
	uint64_t address;
	size_t number;
	UT_hash_handle hh;
};

static bool add_index(struct imp_hang_index **index, uint64_t address, size_t number)
{
	struct imp_hang_index *entry = malloc(sizeof(*entry));

	if (!entry)
		return false;
	*entry = (struct imp_hang_index){ .address = address, .number = number };
	HASH_ADD(hh, *index, address, sizeof(address), entry);
	if (entry->hh.tbl)
		return true;
	free(entry);
	return false;
}

static size_t find_index(struct imp_hang_index *index, uint64_t address)
{
	const struct imp_hang_index *entry;

	HASH_FIND(hh, index, &address, sizeof(address), entry);
	return entry ? entry->number : IMP_HANG_NONE;
}

static void free_index(struct imp_hang_index *index)
{
	struct imp_hang_index *entry = index, *next;

	HASH_CLEAR(hh, index);
	for (; entry; entry = next) {
		next = entry->hh.next;
		free(entry);
	}
}

/* Room for one more of `size` bytes; false without memory. */
static bool grow(void *array, size_t count, size_t *capacity, size_t size)
{
	void **items = array;
	size_t more = *capacity ? 2 * *capacity : 16;
	void *grown;

	if (count < *capacity)
		return true;
	grown = reallocarray(*items, more, size);
	if (!grown)
		return false;
	*items = grown;
	*capacity = more;
	return true;
}

size_t imp_hang_add_thread(struct imp_hang *hang, const struct imp_thread *thread)
{
	size_t number = hang->thread_count;

	if (!grow(&hang->threads, number, &hang->thread_capacity, sizeof(*hang->threads)) || !add_index(&hang->thread_index, thread->address, number))
		return IMP_HANG_NONE;
	hang->threads[hang->thread_count++] = (struct imp_hang_thread){ .thread = *thread, .finding = IMP_HANG_NONE };
	return number;
}

static size_t add_object(struct imp_hang *hang, struct imp_hang_index **index, uint64_t address, enum imp_hang_kind kind)
{
	size_t number = find_index(*index, address);

	if (number != IMP_HANG_NONE)
		return number;
	number = hang->object_count;
	if (!grow(&hang->objects, number, &hang->object_capacity, sizeof(*hang->objects)) || !add_index(index, address, number))
		return IMP_HANG_NONE;
	hang->objects[hang->object_count++] = (struct imp_hang_object){ .address = address, .kind = kind, .first_act = IMP_HANG_NONE };
	return number;
}

size_t imp_hang_add_object(struct imp_hang *hang, uint64_t address, enum imp_hang_kind kind)
{
	return add_object(hang, &hang->object_index, address, kind);
}

size_t imp_hang_add_freed(struct imp_hang *hang, uint64_t address)
{
	return add_object(hang, &hang->freed_index, address, IMP_HANG_DISPATCHER);
}

bool imp_hang_add_alias(struct imp_hang *hang, uint64_t alias, size_t object)
{
	return find_index(hang->object_index, alias) != IMP_HANG_NONE || add_index(&hang->object_index, alias, object);
}

size_t imp_hang_add_module(struct imp_hang *hang, struct imp_module *module)
{
	for (size_t i = 0; i < hang->module_count; i++) {
		if (hang->modules[i].module == module)
			return i;
	}
	if (!grow(&hang->modules, hang->module_count, &hang->module_capacity, sizeof(*hang->modules)))
		return IMP_HANG_NONE;
	hang->modules[hang->module_count] = (struct imp_hang_module){ .module = module };
	return hang->module_count++;
}

size_t imp_hang_add_act(struct imp_hang *hang, const struct imp_hang_act *act)
{
	size_t number = hang->act_count, object = act->target ? imp_hang_find_object(hang, act->target) : IMP_HANG_NONE;

	if (!grow(&hang->acts, number, &hang->act_capacity, sizeof(*hang->acts)))
		return IMP_HANG_NONE;
	hang->acts[number] = *act;
	hang->acts[number].next = IMP_HANG_NONE;
	if (object != IMP_HANG_NONE) {
		hang->acts[number].next = hang->objects[object].first_act;
		hang->objects[object].first_act = number;
	}
	hang->act_count++;
	return number;
}

bool imp_hang_add_call(struct imp_hang_module *module, const struct imp_hang_call *call)
{
	if (!grow(&module->calls, module->call_count, &module->call_capacity, sizeof(*module->calls)))
		return false;
	module->calls[module->call_count++] = *call;
	return true;
}

bool imp_hang_add_wait(struct imp_hang *hang, size_t thread, size_t object)
{
	struct imp_hang_thread *waiter = &hang->threads[thread];
	struct imp_hang_object *awaited = &hang->objects[object];
	size_t *objects = reallocarray(waiter->objects, waiter->object_count + 1, sizeof(*objects));

	if (!objects)
		return false;
	waiter->objects = objects;
	objects[waiter->object_count++] = object;
	if (!grow(&awaited->waiters, awaited->waiter_count, &awaited->waiter_capacity, sizeof(*awaited->waiters)))
		return false;
	awaited->waiters[awaited->waiter_count++] = thread;
	return true;
}

void imp_hang_add_owner(struct imp_hang *hang, size_t object, const struct imp_hang_owner *owner)
{
	struct imp_hang_object *owned = &hang->objects[object];

	for (size_t i = 0; i < owned->owner_count; i++) {
		if (owned->owners[i].thread == owner->thread)
			return;
	}
	if (owned->owner_count < IMP_HANG_HELD)
		owned->owners[owned->owner_count++] = *owner;
	else
		owned->gaps |= IMP_GAP_TOO_MUCH;
}

size_t imp_hang_find_thread(const struct imp_hang *hang, uint64_t address)
{
	return find_index(hang->thread_index, address);
}

size_t imp_hang_find_object(const struct imp_hang *hang, uint64_t address)
{
	return find_index(hang->object_index, address);
}

bool imp_hang_is_freed(const struct imp_hang_object *object)
{
	return object->kind == IMP_HANG_DISPATCHER && !object->header_known;
}

bool imp_hang_add_timer(struct imp_hang *hang, uint64_t address)
{
	return imp_hang_timer_is_set(hang, address) || add_index(&hang->timer_index, address, 0);
}

bool imp_hang_timer_is_set(const struct imp_hang *hang, uint64_t address)
{
	return find_index(hang->timer_index, address) != IMP_HANG_NONE;
}

void imp_hang_graph_free(struct imp_hang *hang)
{
	for (size_t i = 0; i < hang->thread_count; i++) {
		free(hang->threads[i].frames);
		free(hang->threads[i].objects);
	}
	for (size_t i = 0; i < hang->object_count; i++)
		free(hang->objects[i].waiters);
	for (size_t i = 0; i < hang->finding_count; i++)
		free(hang->findings[i].threads);
	free(hang->threads);
	free(hang->objects);
	free(hang->acts);
	for (size_t i = 0; i < hang->module_count; i++)
		free(hang->modules[i].calls);
	free(hang->modules);
	free(hang->findings);
	free_index(hang->thread_index);
	free_index(hang->object_index);
	free_index(hang->freed_index);
	free_index(hang->timer_index);
}
