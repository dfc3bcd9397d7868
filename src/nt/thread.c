/* Threads: what ETHREAD says of one, and the threads of a process. */
#include "nt/thread.h"
#include "nt/time.h"

#include <string.h>

enum { MAX_THREADS = 65536 };

struct imp_error *imp_thread_read(struct imp_kernel *kernel, uint64_t address, struct imp_thread *thread)
{
	uint64_t value, ticks;
	struct imp_error *err = imp_dispatcher_expect(kernel, address, "ThreadObject", "thread");

	memset(thread, 0, sizeof(*thread));
	thread->address = address;
	if (!err)
		err = imp_nt_read(kernel, IMP_THREAD_STATE, address, &value);
	if (err)
		return err;
	thread->state = (uint8_t)value;
	thread->state_name = imp_thread_state_name(kernel, thread->state);
	thread->waits = !strcmp(thread->state_name, "Waiting");
	thread->runs = !strcmp(thread->state_name, "Running");
	thread->wait_reason = (uint8_t)imp_nt_value(kernel, IMP_THREAD_WAIT_REASON, address, 0);
	thread->wait_reason_name = imp_wait_reason_name(kernel, thread->wait_reason);
	thread->wait_mode = (uint8_t)imp_nt_value(kernel, IMP_THREAD_WAIT_MODE, address, 0);
	thread->process = imp_nt_value(kernel, IMP_THREAD_PROCESS, address, 0);
	thread->attached_process = imp_nt_value(kernel, IMP_THREAD_ATTACHED_PROCESS, address, thread->process);
	thread->pid = imp_nt_value(kernel, IMP_THREAD_PID, address, 0);
	thread->tid = imp_nt_value(kernel, IMP_THREAD_TID, address, 0);
	thread->teb = imp_nt_value(kernel, IMP_THREAD_TEB, address, 0);
	thread->win32_thread = imp_nt_value(kernel, IMP_THREAD_WIN32, address, 0);
	thread->alertable = imp_nt_value(kernel, IMP_THREAD_ALERTABLE, address, 0);
	thread->start_address = imp_nt_value(kernel, IMP_THREAD_START, address, 0);
	thread->win32_start_address = imp_nt_value(kernel, IMP_THREAD_WIN32_START, address, 0);
	thread->kernel_time_ms = imp_ticks_to_ms(kernel, imp_nt_value(kernel, IMP_THREAD_KERNEL_TIME, address, 0));
	thread->user_time_ms = imp_ticks_to_ms(kernel, imp_nt_value(kernel, IMP_THREAD_USER_TIME, address, 0));
	thread->context_switches = imp_nt_value(kernel, IMP_THREAD_SWITCHES, address, 0);
	thread->priority = (int8_t)imp_nt_value(kernel, IMP_THREAD_PRIORITY, address, 0);
	thread->base_priority = (int8_t)imp_nt_value(kernel, IMP_THREAD_BASE_PRIORITY, address, 0);
	/* One byte: PriorityDecrement, of which ForegroundBoost is the low and UnusualBoost the high half. */
	thread->priority_decrement = imp_nt_value(kernel, IMP_THREAD_DECREMENT, address, 0) & 0xff;
	thread->foreground_boost = imp_nt_value(kernel, IMP_THREAD_FOREGROUND_BOOST, address, 0);
	thread->io_priority = imp_nt_value(kernel, IMP_THREAD_IO_PRIORITY, address, 0);
	thread->page_priority = imp_nt_value(kernel, IMP_THREAD_PAGE_PRIORITY, address, 0);
	thread->kernel_stack = imp_nt_value(kernel, IMP_THREAD_KERNEL_STACK, address, 0);
	thread->stack_base = imp_nt_value(kernel, IMP_THREAD_STACK_BASE, address, 0);
	thread->stack_limit = imp_nt_value(kernel, IMP_THREAD_STACK_LIMIT, address, 0);
	thread->wait_blocks = imp_nt_value(kernel, IMP_THREAD_WAIT_BLOCKS, address, 0);
	thread->wait_block_count = imp_nt_value(kernel, IMP_THREAD_WAIT_BLOCK_COUNT, address, 1) & 0xff;
	/* WaitTime is the low half of the tick count when the state began; both wrap together. */
	value = imp_nt_value(kernel, IMP_THREAD_WAIT_TIME, address, 0);
	if (imp_tick_count(kernel, &ticks))
		thread->wait_time_ms = imp_ticks_to_ms(kernel, (uint32_t)(ticks - value));
	return NULL;
}

struct imp_error *imp_thread_each(struct imp_kernel *kernel, uint64_t process, bool (*visit)(void *context, uint64_t address), void *context)
{
	const struct imp_field *head, *link;
	struct imp_error *err = imp_nt_field(kernel, IMP_PROCESS_THREADS, &head);

	if (!err)
		err = imp_nt_field(kernel, IMP_THREAD_LINKS, &link);
	if (!err)
		err = imp_error_context(imp_nt_list(kernel, process + head->offset, link->offset, MAX_THREADS, visit, context),
					"threads of process %016llx", (unsigned long long)process);
	return err;
}
