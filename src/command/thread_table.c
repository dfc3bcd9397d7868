/* Threads in a table: whose, since when and where they wait. The same for obj -waiters and lt. */
#include "command/describe.h"
#include "nt/process.h"
#include "nt/time.h"

#include <stdio.h>
#include <stdlib.h>

static const struct imp_column columns[] = {
	{ "process", "Process", IMP_LEFT, 0 },
	{ "thread", "Thread", IMP_LEFT, 16 },
	{ "tid", "Id", IMP_RIGHT, 4 },
	{ "context_switches", "CSwitches", IMP_RIGHT, 0 },
	{ "user_ms", "User", IMP_RIGHT, 0 },
	{ "kernel_ms", "Kernel", IMP_RIGHT, 0 },
	{ "state", "State", IMP_LEFT, 0 },
	{ "time_ms", "Time", IMP_RIGHT, 0 },
	{ "wait_reason", "Reason", IMP_LEFT, 0 },
	{ "wait_function", "Wait Function", IMP_LEFT, 0 },
	{ "source_file", NULL, IMP_LEFT, 0 },
	{ "source_line", NULL, IMP_LEFT, 0 },
};

struct imp_table *imp_report_threads(struct imp_report *report, const char *key)
{
	return imp_report_table(report, key, columns, sizeof(columns) / sizeof(columns[0]), IMP_TABLE_TITLES | IMP_TABLE_RULER);
}

/* The frame that asked for the thread's wait; "Not Found" when the stack does not tell. */
static void find_wait_function(struct imp_kernel *kernel, const struct imp_thread *thread, struct imp_name *name)
{
	struct imp_stack *stack = calloc(1, sizeof(*stack));
	bool found = false;

	*name = (struct imp_name){ 0 };
	if (stack && thread->waits) {
		struct imp_error *err = imp_thread_stack(kernel, thread, stack);

		found = !err && imp_stack_wait_frame(kernel, stack, name) < stack->count;
		imp_kernel_note_error(kernel, err);
	}
	if (!found)
		*name = (struct imp_name){ .text = "Not Found" };
	if (!thread->waits)
		*name = (struct imp_name){ 0 };
	free(stack);
}

void imp_report_thread(struct imp_kernel *kernel, struct imp_report *report, struct imp_table *table, const struct imp_thread *thread)
{
	struct imp_name name;
	char process[128], time[48], mark[IMP_MARK_SIZE];
	const char *reason = thread->waits ? thread->wait_reason_name : NULL;

	find_wait_function(kernel, thread, &name);
	imp_process_name(kernel, thread->process, process, sizeof(process));
	imp_table_cell(table, imp_string(process), "%s", process);
	imp_table_cell(table, imp_address(thread->address), "%016llx", (unsigned long long)thread->address);
	imp_table_cell(table, imp_number(thread->tid), "%llx", (unsigned long long)thread->tid);
	imp_table_cell(table, imp_number(thread->context_switches), "%llu", (unsigned long long)thread->context_switches);
	imp_table_cell(table, imp_number(thread->user_time_ms), "%s", imp_format_interval(thread->user_time_ms, time, sizeof(time)));
	imp_table_cell(table, imp_number(thread->kernel_time_ms), "%s", imp_format_interval(thread->kernel_time_ms, time, sizeof(time)));
	imp_table_cell(table, imp_string(thread->state_name), "%s", thread->state_name);
	imp_table_cell(table, imp_number(thread->wait_time_ms), "%s", imp_format_interval(thread->wait_time_ms, time, sizeof(time)));
	imp_table_cell(table, imp_string(reason), "%s", reason ? reason : "");
	imp_table_cell(table, thread->waits ? imp_string(name.text) : imp_null(), "%s%s", name.text,
		       imp_name_mark(report, &name, mark, sizeof(mark)));
	imp_table_cell(table, *name.file ? imp_string(name.file) : imp_null(), "%s", "");
	imp_table_cell(table, *name.file ? imp_number(name.line) : imp_null(), "%s", "");
}
