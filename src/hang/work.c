/* Work items that are queued: what they would signal is ahead of every worker of their queue. When all workers are stuck and no more can be added, the items
 * behind them are never run.
 */
#include "hang/parts.h"

#include <string.h>

enum { MAX_ITEMS = 256, MAX_WORKERS = 256, MAX_QUEUES = 16, PRIORITIES = 32 };

struct work {
	struct imp_hang *hang;
	uint64_t queue;
	size_t workers[MAX_WORKERS], worker_count, item_count;
	bool grows; /* the system adds workers while all are blocked */
};

/* The routine that an item runs, and what it is called with: of a driver's item (IO_WORKITEM) that is not the one in the item itself. */
static bool find_routine(struct imp_kernel *kernel, uint64_t item, uint64_t *routine, uint64_t *first, uint64_t *second)
{
	uint64_t inside;
	struct imp_error *err = imp_nt_read(kernel, IMP_WORK_ITEM_ROUTINE, item, routine);

	*first = err ? 0 : imp_nt_value(kernel, IMP_WORK_ITEM_PARAMETER, item, 0);
	*second = 0;
	if (!err && *routine - kernel->nt.base < kernel->nt.size && imp_nt_offset(kernel, IMP_IO_WORK_ITEM, &inside) && *first == item - inside) {
		uint64_t around = *first;

		err = imp_nt_read(kernel, IMP_IO_WORK_ROUTINE, around, routine);
		*first = imp_nt_value(kernel, IMP_IO_WORK_OBJECT, around, 0);
		*second = imp_nt_value(kernel, IMP_IO_WORK_CONTEXT, around, 0);
	}
	if (err) {
		imp_kernel_note_error(kernel, err);
		return false;
	}
	return *routine - kernel->nt.base >= kernel->nt.size;
}

static bool look_at_item(void *context, uint64_t item)
{
	struct work *work = context;
	uint64_t routine, first, second;

	if (++work->item_count > MAX_ITEMS)
		return false;
	if (!find_routine(work->hang->kernel, item, &routine, &first, &second))
		return true;
	if (work->grows) {
		imp_hang_look_at_item(work->hang, IMP_HANG_NONE, routine, first, second);
		return true;
	}
	for (size_t i = 0; i < work->worker_count; i++)
		imp_hang_look_at_item(work->hang, work->workers[i], routine, first, second);
	return true;
}

/* Whether the queue is one of the system's, with room for more workers than it has. */
static bool can_grow(struct imp_kernel *kernel, uint64_t queue)
{
	uint64_t inside, count, most;
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	if (!imp_nt_offset(kernel, IMP_WORK_QUEUE_PRIQUEUE, &inside))
		return false;
	err = imp_nt_read(kernel, IMP_WORK_QUEUE_COUNT, queue - inside, &count);
	if (!err)
		err = imp_nt_read(kernel, IMP_WORK_QUEUE_MOST, queue - inside, &most);
	return !err && count < most;
}

static void look_at_queue(struct work *work)
{
	struct imp_kernel *kernel = work->hang->kernel;
	struct imp_dispatcher_header header;
	const struct imp_field *entries = NULL;
	uint64_t link;
	bool by_priority;
	struct imp_error *err = imp_dispatcher_read(kernel, work->queue, &header);

	if (!err && header.signal_state <= 0)
		return; /* empty */
	by_priority = !err && !strcmp(header.type_name, "PriQueue");
	if (!err)
		err = imp_nt_field(kernel, by_priority ? IMP_PRIQUEUE_ENTRIES : IMP_QUEUE_ENTRIES, &entries);
	if (!err && !imp_nt_offset(kernel, IMP_WORK_ITEM_LINKS, &link))
		link = 0;
	work->grows = !err && by_priority && can_grow(kernel, work->queue);
	for (unsigned i = 0; !err && i < (by_priority ? PRIORITIES : 1); i++)
		err = imp_nt_list(kernel, work->queue + entries->offset + i * imp_nt_size(kernel, "_LIST_ENTRY"), link, MAX_ITEMS, look_at_item,
				  work);
	imp_kernel_note_error(kernel, err);
}

void imp_hang_find_work(struct imp_hang *hang)
{
	uint64_t seen[MAX_QUEUES];
	size_t count = 0;

	for (size_t i = 0; i < hang->thread_count && count < MAX_QUEUES; i++) {
		struct work work = { .hang = hang };
		bool known = false;

		work.queue = imp_nt_value(hang->kernel, IMP_THREAD_QUEUE, hang->threads[i].thread.address, 0);
		for (size_t j = 0; j < count; j++)
			known |= seen[j] == work.queue;
		if (!work.queue || known)
			continue;
		seen[count++] = work.queue;
		for (size_t j = i; j < hang->thread_count && work.worker_count < MAX_WORKERS; j++) {
			if (imp_nt_value(hang->kernel, IMP_THREAD_QUEUE, hang->threads[j].thread.address, 0) == work.queue)
				work.workers[work.worker_count++] = j;
		}
		look_at_queue(&work);
	}
}
