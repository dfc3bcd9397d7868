/* Who waits for a dispatcher object: the wait blocks on its wait list. */
#include "nt/dispatcher.h"

enum { MAX_WAITERS = 65536 };

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
