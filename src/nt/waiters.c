/* Who waits for a dispatcher object: the wait blocks on its wait list. A list that is asked for one thread after the other is walked once. */
#include "nt/dispatcher.h"

#include "base/watch.h"

#include <stdlib.h>
#include <string.h>
#define HASH_NONFATAL_OOM 1 /* what was not added has no table */
#include <uthash.h>

enum { MAX_WAITERS = 65536, MAX_KEPT = 1 << 18 };

/* A thread and an object that has it on its wait list. */
struct waiting {
	struct pair {
		uint64_t object, thread;
	} key;
	uint64_t blocks; /* a thread may wait for the same object with several */
	UT_hash_handle hh;
};

/* An object whose list was walked. */
struct walked {
	uint64_t object, blocks;
	struct imp_error *err; /* where the list is damaged */
	UT_hash_handle hh;
};

struct imp_known_waiters {
	struct waiting *waiting;
	struct walked *walked;
};

struct walk {
	struct imp_kernel *kernel;
	bool (*visit)(void *context, uint64_t thread);
	void *context;
	uint64_t count;
	struct imp_error *err;
};

static bool visit_block(void *context, uint64_t block)
{
	struct walk *walk = context;
	uint64_t thread;

	walk->err = imp_nt_read(walk->kernel, IMP_WAIT_BLOCK_THREAD, block, &thread);
	if (walk->err)
		return false;
	walk->count++;
	return !walk->visit || walk->visit(walk->context, thread);
}

static struct imp_error *walk_list(struct walk *walk, const struct imp_dispatcher_header *header)
{
	const struct imp_field *link;
	struct imp_error *err = imp_nt_field(walk->kernel, IMP_WAIT_BLOCK_LIST, &link);

	if (!err)
		err = imp_error_context(imp_nt_list(walk->kernel, header->wait_list, link->offset, MAX_WAITERS, visit_block, walk),
					"waiters of %016llx", (unsigned long long)header->address);
	if (err) {
		imp_error_free(walk->err);
		return err;
	}
	return walk->err;
}

struct imp_error *imp_waiters_each(struct imp_kernel *kernel, const struct imp_dispatcher_header *header,
				   bool (*visit)(void *context, uint64_t thread), void *context)
{
	struct walk walk = { .kernel = kernel, .visit = visit, .context = context };

	return walk_list(&walk, header);
}

uint64_t imp_waiters_count(struct imp_kernel *kernel, const struct imp_dispatcher_header *header)
{
	struct walk walk = { .kernel = kernel };

	imp_kernel_note_error(kernel, walk_list(&walk, header));
	return walk.count;
}

void imp_waiters_forget(struct imp_kernel *kernel)
{
	struct imp_known_waiters *known = kernel->waiters;
	struct waiting *waiting, *next_waiting;
	struct walked *walked, *next_walked;

	if (!known)
		return;
	waiting = known->waiting;
	walked = known->walked;
	HASH_CLEAR(hh, known->waiting);
	HASH_CLEAR(hh, known->walked);
	for (; waiting; waiting = next_waiting) {
		next_waiting = waiting->hh.next;
		free(waiting);
	}
	for (; walked; walked = next_walked) {
		next_walked = walked->hh.next;
		imp_error_free(walked->err);
		free(walked);
	}
	free(known);
	kernel->waiters = NULL;
}

struct keeping {
	struct imp_known_waiters *known;
	struct walked *walked;
	bool no_memory;
};

static struct waiting *find_waiting(struct imp_known_waiters *known, uint64_t object, uint64_t thread)
{
	struct pair key = { object, thread };
	struct waiting *waiting;

	HASH_FIND(hh, known->waiting, &key, sizeof(key), waiting); /* NOLINT(clang-analyzer-core.*): the analyzer loses sight of the key's bytes */
	return waiting;
}

static bool keep_waiter(void *context, uint64_t thread)
{
	struct keeping *keeping = context;
	struct waiting *waiting = find_waiting(keeping->known, keeping->walked->object, thread);

	if (!waiting) {
		waiting = calloc(1, sizeof(*waiting));
		if (!waiting) {
			keeping->no_memory = true;
			return false;
		}
		waiting->key = (struct pair){ keeping->walked->object, thread };
		HASH_ADD(hh, keeping->known->waiting, key, sizeof(waiting->key), waiting);
		if (!waiting->hh.tbl) {
			free(waiting);
			keeping->no_memory = true;
			return false;
		}
	}
	waiting->blocks++;
	keeping->walked->blocks++;
	return true;
}

static struct walked *find_walked(const struct imp_kernel *kernel, uint64_t object)
{
	struct walked *walked = NULL;

	if (kernel->waiters)
		HASH_FIND(hh, kernel->waiters->walked, &object, sizeof(object), walked);
	return walked;
}

static struct imp_error *walk_once(struct imp_kernel *kernel, const struct imp_dispatcher_header *header)
{
	struct keeping keeping = { 0 };

	if (find_walked(kernel, header->address))
		return NULL;
	if (kernel->waiters && HASH_COUNT(kernel->waiters->waiting) + HASH_COUNT(kernel->waiters->walked) > MAX_KEPT)
		imp_waiters_forget(kernel);
	if (!kernel->waiters)
		kernel->waiters = calloc(1, sizeof(*kernel->waiters));
	keeping.known = kernel->waiters;
	keeping.walked = calloc(1, sizeof(*keeping.walked));
	if (keeping.known && keeping.walked) {
		keeping.walked->object = header->address;
		HASH_ADD(hh, keeping.known->walked, object, sizeof(keeping.walked->object), keeping.walked);
	}
	if (!keeping.known || !keeping.walked || !keeping.walked->hh.tbl) {
		free(keeping.walked);
		keeping.no_memory = true;
	} else {
		keeping.walked->err = imp_waiters_each(kernel, header, keep_waiter, &keeping);
		if (!keeping.no_memory && !imp_watch_stopped())
			return NULL;
	}
	imp_waiters_forget(kernel); /* half a list is none */
	return keeping.no_memory ? imp_error_new(IMP_ERROR_NO_MEMORY, "no memory for the waiters of %016llx", (unsigned long long)header->address)
				 : imp_watch_stop_error();
}

struct imp_error *imp_waiters_find(struct imp_kernel *kernel, const struct imp_dispatcher_header *header, uint64_t thread, bool *found,
				   uint64_t *others)
{
	const struct waiting *waiting;
	const struct walked *walked;
	struct imp_error *err = walk_once(kernel, header);

	*found = false;
	*others = 0;
	if (err)
		return err;
	walked = find_walked(kernel, header->address);
	waiting = find_waiting(kernel->waiters, header->address, thread);
	*found = waiting != NULL;
	*others = walked->blocks - (waiting ? waiting->blocks : 0);
	return walked->err ? imp_error_new(imp_error_code(walked->err), "%s", imp_error_message(walked->err)) : NULL;
}
