/* t, !thread, .thread: one thread. lt: the threads of a process. */
#include "command/commands.h"
#include "command/describe.h"
#include "nt/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void report_summary(struct imp_kernel *kernel, struct imp_report *report, const struct imp_thread *thread)
{
	static const struct imp_column columns[] = {
		{ NULL, "Process", IMP_LEFT, 0 },
		{ "process", NULL, IMP_LEFT, 0 },
		{ "process_name", NULL, IMP_LEFT, 0 },
		{ NULL, "Thread", IMP_LEFT, 0 },
		{ "thread", NULL, IMP_LEFT, 0 },
		{ NULL, "CID", IMP_LEFT, 9 },
		{ "pid", NULL, IMP_LEFT, 0 },
		{ "tid", NULL, IMP_LEFT, 0 },
		{ "user_ms", "UserTime", IMP_RIGHT, 0 },
		{ "kernel_ms", "KernelTime", IMP_RIGHT, 0 },
		{ "context_switches", "ContextSwitches", IMP_RIGHT, 0 },
		{ "wait_reason", "Wait Reason", IMP_LEFT, 0 },
		{ "time_ms", "Time", IMP_RIGHT, 7 },
		{ "state", "State", IMP_LEFT, 0 },
	};
	struct imp_table *table = imp_report_table(report, "thread", columns, sizeof(columns) / sizeof(columns[0]), IMP_TABLE_TITLES | IMP_TABLE_ONE);
	char process[128], time[48];

	imp_process_name(kernel, thread->process, process, sizeof(process));
	imp_table_cell(table, imp_null(), "%s (%016llx)", process, (unsigned long long)thread->process);
	imp_table_cell(table, imp_address(thread->process), "%s", "");
	imp_table_cell(table, imp_string(process), "%s", "");
	imp_table_cell(table, imp_null(), "%016llx (E|K|W|R|V)", (unsigned long long)thread->address);
	imp_table_cell(table, imp_address(thread->address), "%s", "");
	imp_table_cell(table, imp_null(), "%llx.%llx", (unsigned long long)thread->pid, (unsigned long long)thread->tid);
	imp_table_cell(table, imp_number(thread->pid), "%s", "");
	imp_table_cell(table, imp_number(thread->tid), "%s", "");
	imp_table_cell(table, imp_number(thread->user_time_ms), "%s", imp_format_interval(thread->user_time_ms, time, sizeof(time)));
	imp_table_cell(table, imp_number(thread->kernel_time_ms), "%s", imp_format_interval(thread->kernel_time_ms, time, sizeof(time)));
	imp_table_cell(table, imp_number(thread->context_switches), "%llu", (unsigned long long)thread->context_switches);
	imp_table_cell(table, thread->waits ? imp_string(thread->wait_reason_name) : imp_null(), "%s", thread->waits ? thread->wait_reason_name : "");
	imp_table_cell(table, imp_number(thread->wait_time_ms), "%s", imp_format_interval(thread->wait_time_ms, time, sizeof(time)));
	imp_table_cell(table, imp_string(thread->state_name), "%s", thread->state_name);
}

static void report_waits(struct imp_kernel *kernel, struct imp_report *report, const struct imp_thread *thread)
{
	static const struct imp_column columns[] = {
		{ "object", "Object", IMP_LEFT, 16 },
		{ "type", "Type", IMP_LEFT, 0 },
		{ "other_waiters", "Other Waiters", IMP_RIGHT, 0 },
		{ "signal_state", NULL, IMP_LEFT, 0 },
	};
	struct imp_wait waits[IMP_MAXIMUM_WAIT_OBJECTS];
	struct imp_table *table;
	size_t count;

	imp_kernel_note_error(kernel, imp_thread_waits(kernel, thread, waits, IMP_MAXIMUM_WAIT_OBJECTS, &count));
	if (!count)
		return;
	imp_report_line(report, "%s", "");
	imp_report_line(report, "WaitBlockList:");
	table = imp_report_table(report, "waits", columns, 4, IMP_TABLE_TITLES | IMP_TABLE_INDENT);
	for (size_t i = 0; i < count; i++) {
		const struct imp_wait *wait = &waits[i];
		bool known = wait->header_known;

		imp_table_cell(table, imp_address(wait->object), "%016llx", (unsigned long long)wait->object);
		imp_table_cell(table, known ? imp_string(wait->header.type_name) : imp_null(), "%s", known ? wait->header.type_name : "Not Found");
		if (known)
			imp_table_cell(table, imp_number(wait->other_waiters), "%llu", (unsigned long long)wait->other_waiters);
		else
			imp_table_cell(table, imp_null(), "?");
		imp_table_cell(table, known ? imp_signed(wait->header.signal_state) : imp_null(), "%s", "");
	}
}

static void report_priority(struct imp_report *report, const struct imp_thread *thread)
{
	static const struct imp_column columns[] = {
		{ "current", "Current", IMP_LEFT, 0 },
		{ "base", "Base", IMP_LEFT, 0 },
		{ "decrement", "Decrement", IMP_LEFT, 0 },
		{ "foreground_boost", "ForegroundBoost", IMP_LEFT, 0 },
		{ "io", "IO", IMP_LEFT, 0 },
		{ "page", "Page", IMP_LEFT, 0 },
	};
	const int64_t values[] = { thread->priority,
				   thread->base_priority,
				   (int64_t)thread->priority_decrement,
				   (int64_t)thread->foreground_boost,
				   (int64_t)thread->io_priority,
				   (int64_t)thread->page_priority };
	struct imp_table *table;

	imp_report_line(report, "%s", "");
	imp_report_line(report, "Priority:");
	table = imp_report_table(report, "priority", columns, 6, IMP_TABLE_TITLES | IMP_TABLE_INDENT | IMP_TABLE_ONE);
	for (size_t i = 0; i < 6; i++)
		imp_table_cell(table, imp_signed(values[i]), "%lld", (long long)values[i]);
}

IMP_COMMAND(t)
{
	struct imp_thread thread;
	struct imp_stack *stack;
	uint64_t address;
	struct imp_error *err = imp_argument_last_or(session, &arguments, session->thread, &address);

	if (!err)
		err = imp_thread_read(session->kernel, address, &thread);
	if (err)
		return err;
	report_summary(session->kernel, report, &thread);
	report_waits(session->kernel, report, &thread);
	report_priority(report, &thread);
	stack = calloc(1, sizeof(*stack));
	if (!stack)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for a stack");
	err = imp_thread_stack(session->kernel, &thread, stack);
	imp_report_line(report, "%s", "");
	imp_report_frames(session->kernel, report, stack->frames, stack->count, IMP_STACK_MEX);
	free(stack);
	return err;
}

struct thread_listing {
	struct imp_session *session;
	struct imp_report *report;
	struct imp_table *table;
};

static bool list_thread(void *context, uint64_t address)
{
	struct thread_listing *list = context;
	struct imp_thread thread;
	struct imp_error *err = imp_thread_read(list->session->kernel, address, &thread);

	if (!err)
		imp_report_thread(list->session->kernel, list->report, list->table, &thread);
	imp_kernel_note_error(list->session->kernel, err);
	return !imp_session_interrupted(list->session);
}

IMP_COMMAND(lt)
{
	struct thread_listing list = { .session = session, .report = report };
	struct imp_process process;
	uint64_t address;
	struct imp_error *err = imp_argument_process(session, &arguments, &address);

	if (!err)
		err = imp_arguments_end(arguments);
	if (!err)
		err = imp_process_read(session->kernel, address, &process);
	if (err)
		return err;
	list.table = imp_report_threads(report, "threads");
	return imp_thread_each(session->kernel, address, list_thread, &list);
}

IMP_COMMAND(set_thread)
{
	uint64_t address;
	struct imp_error *err;

	arguments = imp_skip_switches(arguments);
	err = imp_argument_last_or(session, &arguments, session->thread, &address);
	if (!err && address != session->thread)
		err = imp_session_set_thread(session, address);
	if (!err)
		imp_report_pair(report, "thread", imp_address(session->thread), "Implicit thread is now %08x`%08x", (unsigned)(session->thread >> 32),
				(unsigned)session->thread);
	return err;
}
