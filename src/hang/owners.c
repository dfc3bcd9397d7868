/* Who holds what is waited for: from the object where it records its owner, else (push locks) from the code of the threads: who took it and has not given it
 * back.
 */
#include "hang/parts.h"

#include "nt/lock.h"
#include "nt/resource.h"

#include <string.h>

/* Waits for locks have reasons of their own (KWAIT_REASON). */
static const struct {
	const char *reason;
	enum imp_hang_kind kind;
} lock_reasons[] = {
	{ "WrFastMutex", IMP_HANG_FAST_MUTEX },
	{ "WrGuardedMutex", IMP_HANG_FAST_MUTEX },
	{ "WrResource", IMP_HANG_RESOURCE },
	{ "WrPushLock", IMP_HANG_PUSH_LOCK },
};

struct search {
	uint64_t thread, resource;
	bool found, exclusive;
	struct imp_hang *hang;
};

static bool is_searched(void *context, uint64_t thread)
{
	struct search *search = context;

	search->found |= thread == search->thread;
	return !search->found;
}

static bool look_at_resource(void *context, uint64_t address)
{
	struct search *search = context;
	struct imp_resource resource;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_resource_read(search->hang->kernel, address, &resource);

	for (int exclusive = 0; !err && exclusive < 2 && !search->found; exclusive++) {
		if (!(exclusive ? resource.exclusive_waiters : resource.shared_waiters))
			continue;
		err = imp_resource_waiters(search->hang->kernel, &resource, exclusive, is_searched, search);
		search->exclusive = exclusive;
	}
	if (search->found)
		search->resource = address;
	return !search->found;
}

/* The resource in whose list of waiters the thread is. */
static uint64_t find_resource(struct imp_hang *hang, struct imp_hang_thread *thread, uint64_t named)
{
	struct search search = { .thread = thread->thread.address, .hang = hang };

	if (named)
		look_at_resource(&search, named);
	if (!search.found) {
		IMP_CLEANUP_ERROR struct imp_error *err = imp_resource_each(hang->kernel, look_at_resource, &search);
	}
	if (search.found)
		thread->asks_shared = !search.exclusive;
	return search.found ? search.resource : named;
}

size_t imp_hang_lock_of(struct imp_hang *hang, size_t number, const struct imp_hang_asked *asked, uint64_t object)
{
	struct imp_hang_thread *thread = &hang->threads[number];
	bool takes = asked->routine && (asked->routine->deed == IMP_DEED_TAKES || asked->routine->deed == IMP_DEED_TAKES_SHARED);
	uint64_t lock = takes ? asked->object : 0;

	for (size_t i = 0; i < sizeof(lock_reasons) / sizeof(lock_reasons[0]); i++) {
		if (strcmp(lock_reasons[i].reason, thread->thread.wait_reason_name))
			continue;
		thread->asks_shared = takes && asked->routine->deed == IMP_DEED_TAKES_SHARED;
		if (lock_reasons[i].kind == IMP_HANG_FAST_MUTEX) {
			IMP_CLEANUP_ERROR struct imp_error *err = imp_fast_mutex_of_event(hang->kernel, object, &lock);
		}
		if (lock_reasons[i].kind == IMP_HANG_RESOURCE)
			lock = find_resource(hang, thread, lock);
		return lock ? imp_hang_add_object(hang, lock, lock_reasons[i].kind) : IMP_HANG_NONE;
	}
	return IMP_HANG_NONE;
}

static void add_owner(struct imp_hang *hang, size_t object, struct imp_hang_owner owner)
{
	size_t number = imp_hang_find_thread(hang, owner.thread);

	owner.ended = number == IMP_HANG_NONE || hang->threads[number].fate == IMP_FATE_ENDED;
	for (size_t i = 0; number != IMP_HANG_NONE && i < hang->threads[number].done_count; i++) {
		if (hang->threads[number].done[i].object == hang->objects[object].address)
			owner.taken = hang->threads[number].done[i].site;
	}
	imp_hang_add_owner(hang, object, &owner);
}

struct adding {
	struct imp_hang *hang;
	size_t object;
	bool exclusive;
};

static bool add_resource_owner(void *context, const struct imp_resource_owner *owner)
{
	struct adding *adding = context;

	if (owner->is_pointer)
		adding->hang->objects[adding->object].gaps |= IMP_GAP_UNKNOWN_OWNER;
	else
		add_owner(adding->hang, adding->object, (struct imp_hang_owner){ .thread = owner->thread, .exclusive = adding->exclusive });
	return true;
}

static struct imp_error *read_owners(struct imp_hang *hang, size_t number)
{
	struct imp_hang_object *object = &hang->objects[number];
	struct adding adding = { .hang = hang, .object = number };
	struct imp_resource resource;
	struct imp_lock lock = { 0 };
	struct imp_error *err = NULL;

	if (object->kind == IMP_HANG_MUTEX)
		err = imp_mutant_read(hang->kernel, object->address, &lock);
	else if (object->kind == IMP_HANG_FAST_MUTEX)
		err = imp_fast_mutex_read(hang->kernel, object->address, &lock);
	else if (object->kind == IMP_HANG_THREAD)
		lock = (struct imp_lock){ .owner = object->address, .held = true };
	if (!err && lock.held && lock.owner)
		add_owner(hang, number, (struct imp_hang_owner){ .thread = lock.owner, .exclusive = true });
	if (object->kind == IMP_HANG_RESOURCE) {
		err = imp_resource_read(hang->kernel, object->address, &resource);
		adding.exclusive = !err && resource.exclusive;
		if (!err)
			err = imp_resource_owners(hang->kernel, &resource, add_resource_owner, &adding);
	}
	return err;
}

/* The locks that record no owner: whoever took one and has not given it back, as far as its frames tell. */
static void infer_owners(struct imp_hang *hang)
{
	for (size_t i = 0; i < hang->thread_count; i++) {
		const struct imp_hang_thread *thread = &hang->threads[i];

		for (size_t j = 0; j < thread->done_count; j++) {
			const struct imp_hang_done *done = &thread->done[j];
			size_t object = done->deed == IMP_DEED_TAKES || done->deed == IMP_DEED_TAKES_SHARED ? imp_hang_find_object(hang, done->object)
													    : IMP_HANG_NONE;

			if (object == IMP_HANG_NONE || hang->objects[object].kind != IMP_HANG_PUSH_LOCK)
				continue;
			add_owner(hang, object,
				  (struct imp_hang_owner){
					  .thread = thread->thread.address, .exclusive = done->deed == IMP_DEED_TAKES, .inferred = true });
		}
	}
}

void imp_hang_find_owners(struct imp_hang *hang)
{
	for (size_t i = 0; i < hang->object_count; i++) {
		struct imp_error *err = read_owners(hang, i);

		if (err)
			hang->objects[i].gaps |= IMP_GAP_UNKNOWN_OWNER;
		imp_kernel_note_error(hang->kernel, err);
	}
	infer_owners(hang);
}
