/* Timers and DPC queues: see timer.h. Sources: Windows Internals, 7th ed., ch. 8 (timer table, DPC queues); the encoding of KTIMER.Dpc as Volatility 3
 * and Skywing ("Tale of Two Kernels", on PatchGuard's timers) describe it.
 */
#include "nt/timer.h"
#include "nt/time.h"

#include <string.h>

enum { MAX_TIMERS = 65536, MAX_DPCS = 65536 };

uint64_t imp_timer_decode_dpc(uint64_t encoded, uint64_t timer, uint64_t never, uint64_t always)
{
	unsigned shift = never & 63;
	uint64_t value = encoded ^ never;

	value = shift ? value << shift | value >> (64 - shift) : value;
	return __builtin_bswap64(value ^ timer) ^ always;
}

/* KTIMER.Dpc is kept encoded by kernels that have these two variables. */
static void read_dpc(struct imp_kernel *kernel, struct imp_timer *timer, uint64_t encoded)
{
	uint64_t address, never, always;
	IMP_CLEANUP_ERROR struct imp_error *plain = imp_kernel_symbol(kernel, "KiWaitNever", &address);
	struct imp_error *err;

	if (plain || !encoded) {
		timer->dpc = encoded;
		return;
	}
	err = imp_kernel_variable(kernel, "KiWaitNever", 8, &never);
	if (!err)
		err = imp_kernel_variable(kernel, "KiWaitAlways", 8, &always);
	timer->dpc_encoded = err;
	timer->dpc = err ? 0 : imp_timer_decode_dpc(encoded, timer->address, never, always);
	imp_kernel_note_error(kernel, imp_error_context(err, "the DPCs of timers stay encoded"));
}

struct imp_error *imp_timer_read(struct imp_kernel *kernel, uint64_t address, struct imp_timer *timer)
{
	uint64_t dpc = 0;
	struct imp_error *err;

	memset(timer, 0, sizeof(*timer));
	timer->address = address;
	err = imp_nt_read(kernel, IMP_TIMER_DUE, address, &timer->due_time);
	if (!err)
		err = imp_nt_read(kernel, IMP_TIMER_DPC, address, &dpc);
	if (err)
		return err;
	read_dpc(kernel, timer, dpc);
	timer->period_ms = imp_nt_value(kernel, IMP_TIMER_PERIOD, address, 0);
	return NULL;
}

struct timers {
	struct imp_kernel *kernel;
	bool (*visit)(void *context, const struct imp_timer *timer);
	void *context;
	unsigned list;
	bool go_on;
};

static bool visit_timer(void *context, uint64_t address)
{
	struct timers *timers = context;
	struct imp_timer timer;
	struct imp_error *err = imp_timer_read(timers->kernel, address, &timer);

	timer.list = timers->list;
	if (err)
		imp_kernel_note_error(timers->kernel, err);
	else
		timers->go_on = timers->visit(timers->context, &timer);
	return timers->go_on;
}

struct imp_error *imp_timer_each(struct imp_kernel *kernel, const struct imp_processor *processor,
				 bool (*visit)(void *context, const struct imp_timer *timer), void *context)
{
	struct timers timers = { .kernel = kernel, .visit = visit, .context = context, .go_on = true };
	const struct imp_field *table, *list, *links;
	unsigned lacking = 0;
	uint64_t size = imp_nt_size(kernel, "_KTIMER_TABLE_ENTRY");
	struct imp_error *err = imp_nt_field(kernel, IMP_PRCB_TIMERS, &table);

	if (!err)
		err = imp_nt_field(kernel, IMP_TIMER_ENTRY_LIST, &list);
	if (!err)
		err = imp_nt_field(kernel, IMP_TIMER_LINKS, &links);
	if (!err && !size)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "the kernel's symbols have no type _KTIMER_TABLE_ENTRY");
	if (err)
		return err;
	/* Newer kernels have two tables one after the other, in an array of arrays. */
	for (uint64_t at = 0; timers.go_on && at + size <= table->type.size; at += size, timers.list++) {
		struct imp_error *damaged =
			imp_nt_list(kernel, processor->prcb + table->offset + at + list->offset, links->offset, MAX_TIMERS, visit_timer, &timers);

		/* The first stands for all: there are hundreds of lists, and what damages one damages many. */
		lacking += damaged != NULL;
		if (err)
			imp_error_free(damaged);
		else
			err = damaged;
	}
	imp_kernel_note_error(kernel, imp_error_context(err, "timers of processor %u: %u of %u lists are not whole; the first", processor->number,
							lacking, timers.list));
	return NULL;
}

/* A KSYSTEM_TIME is {low, high, high again}; its first 8 bytes are the time. */
struct imp_error *imp_clocks(struct imp_kernel *kernel, uint64_t *interrupt_time, uint64_t *system_time)
{
	struct imp_error *err = imp_nt_read(kernel, IMP_SHARED_INTERRUPT_TIME, IMP_USER_SHARED_DATA, interrupt_time);

	return err ? err : imp_nt_read(kernel, IMP_SHARED_SYSTEM_TIME, IMP_USER_SHARED_DATA, system_time);
}

struct imp_error *imp_dpc_read(struct imp_kernel *kernel, uint64_t address, struct imp_dpc *dpc)
{
	struct imp_error *err;

	memset(dpc, 0, sizeof(*dpc));
	dpc->address = address;
	err = imp_nt_read(kernel, IMP_DPC_ROUTINE, address, &dpc->routine);
	if (!err)
		err = imp_nt_read(kernel, IMP_DPC_CONTEXT, address, &dpc->context);
	if (!err)
		err = imp_nt_read(kernel, IMP_DPC_ARGUMENT1, address, &dpc->arguments[0]);
	if (!err)
		err = imp_nt_read(kernel, IMP_DPC_ARGUMENT2, address, &dpc->arguments[1]);
	return err;
}

/* Walks one queue. Up to Windows 8 it is a doubly linked list, whose last entry leads back to its head. */
static struct imp_error *walk_queue(struct imp_kernel *kernel, uint64_t head, uint64_t link, bool threaded,
				    bool (*visit)(void *context, const struct imp_dpc *dpc, bool threaded), void *context)
{
	uint64_t entry;
	struct imp_error *err = imp_memory_u64(kernel->memory, head, &entry);

	for (size_t count = 0; !err && entry && entry != head; count++) {
		struct imp_dpc dpc;

		if (count == MAX_DPCS)
			return imp_error_new(IMP_ERROR_FORMAT, "the DPC queue at %016llx has more than %d entries, or leads in circles",
					     (unsigned long long)head, MAX_DPCS);
		err = imp_dpc_read(kernel, entry - link, &dpc);
		if (!err && !visit(context, &dpc, threaded))
			break;
		if (!err)
			err = imp_memory_u64(kernel->memory, entry, &entry);
	}
	return err;
}

struct imp_error *imp_dpc_each(struct imp_kernel *kernel, const struct imp_processor *processor,
			       bool (*visit)(void *context, const struct imp_dpc *dpc, bool threaded), void *context)
{
	const struct imp_field *queues, *first, *link;
	uint64_t size = imp_nt_size(kernel, "_KDPC_DATA");
	struct imp_error *err = imp_nt_field(kernel, IMP_PRCB_DPCS, &queues);

	if (!err)
		err = imp_nt_field(kernel, IMP_DPC_QUEUE_FIRST, &first);
	if (!err)
		err = imp_nt_field(kernel, IMP_DPC_LINK, &link);
	if (!err && !size)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "the kernel's symbols have no type _KDPC_DATA");
	for (uint64_t at = 0; !err && at + size <= queues->type.size; at += size)
		err = walk_queue(kernel, processor->prcb + queues->offset + at + first->offset, link->offset, at != 0, visit, context);
	return imp_error_context(err, "DPCs of processor %u", processor->number);
}
