/* !stacks: all threads of all processes, and what each is blocked in. */
#include "command/commands.h"
#include "command/describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WITH_FRAMES = 2 }; /* the level that shows whole stacks, as documented for !stacks */

struct walk {
	struct imp_session *session;
	struct imp_report *report;
	struct imp_stack *stack;
	const char *filter;
	uint64_t level, process;
	bool process_shown;
	size_t count;
};

static bool matches(struct walk *walk)
{
	if (!*walk->filter)
		return true;
	for (size_t i = 0; i < walk->stack->count; i++) {
		struct imp_name name;

		imp_frame_name(walk->session->kernel, &walk->stack->frames[i], &name);
		if (imp_filter(walk->filter, name.text) || imp_filter(walk->filter, name.resolved))
			return true;
	}
	return false;
}

/* "Blocked" is WinDbg's word for a thread that waits; others are shown by their state. */
static void report_thread(struct walk *walk, const struct imp_thread *thread)
{
	enum { HUNDRED_NS_PER_MS = 10000 };
	struct imp_kernel *kernel = walk->session->kernel;
	struct imp_name name = { .text = "" };
	uint64_t ticks = kernel->maximum_increment ? thread->wait_time_ms * HUNDRED_NS_PER_MS / kernel->maximum_increment : 0;
	const char *state = thread->waits ? "Blocked" : thread->state_name;

	if (!walk->process_shown) {
		char process[128];

		imp_process_name(kernel, walk->process, process, sizeof(process));
		imp_report_line(walk->report, "                            [%016llx %s]", (unsigned long long)walk->process, process);
	}
	walk->process_shown = true;
	if (walk->stack->count && imp_stack_wait_frame(kernel, walk->stack, &name) == walk->stack->count)
		imp_frame_name(kernel, &walk->stack->frames[0], &name);
	imp_report_open_object(walk->report, NULL);
	imp_report_line(walk->report, "%4llx.%06llx  %016llx %07llx %-10s %s", (unsigned long long)thread->pid, (unsigned long long)thread->tid,
			(unsigned long long)thread->address, (unsigned long long)ticks, state, name.text);
	imp_report_value(walk->report, "pid", imp_number(thread->pid));
	imp_report_value(walk->report, "tid", imp_number(thread->tid));
	imp_report_value(walk->report, "thread", imp_address(thread->address));
	imp_report_value(walk->report, "ticks", imp_number(ticks));
	imp_report_value(walk->report, "state", imp_string(state));
	imp_report_value(walk->report, "blocker", *name.text ? imp_string(name.text) : imp_null());
	if (walk->level >= WITH_FRAMES)
		imp_report_frames(kernel, walk->report, walk->stack->frames, walk->stack->count, IMP_STACK_UNIQUE);
	imp_report_close(walk->report);
	walk->count++;
}

static bool look_at_thread(void *context, uint64_t address)
{
	struct walk *walk = context;
	struct imp_thread thread;
	struct imp_error *err = imp_thread_read(walk->session->kernel, address, &thread);

	if (!err) {
		IMP_CLEANUP_ERROR struct imp_error *no_stack = imp_thread_stack(walk->session->kernel, &thread, walk->stack);

		if (no_stack)
			walk->stack->count = 0;
		if (matches(walk))
			report_thread(walk, &thread);
	}
	imp_kernel_note_error(walk->session->kernel, err);
	return !imp_session_interrupted(walk->session);
}

static bool look_at_process(void *context, uint64_t address)
{
	struct walk *walk = context;

	walk->process = address;
	walk->process_shown = false;
	imp_kernel_note_error(walk->session->kernel, imp_thread_each(walk->session->kernel, address, look_at_thread, walk));
	return !imp_session_interrupted(walk->session);
}

IMP_COMMAND(stacks)
{
	struct walk walk = { .session = session, .report = report };
	char level[8] = "", filter[256] = "";
	struct imp_error *err = NULL;

	arguments = imp_skip_blanks(arguments);
	if (strchr("012", *arguments) && *arguments && strchr(" \t", arguments[1])) {
		imp_next_word(&arguments, level, sizeof(level));
		walk.level = (uint64_t)(*level - '0');
	}
	imp_next_word(&arguments, filter, sizeof(filter));
	err = imp_arguments_end(arguments);
	if (err)
		return err;
	walk.filter = filter;
	walk.stack = calloc(1, sizeof(*walk.stack));
	if (!walk.stack)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for a stack");
	imp_report_line(report, "Proc.Thread  .Thread  Ticks   ThreadState Blocker");
	imp_report_open_list(report, "threads");
	err = imp_process_each(session->kernel, look_at_process, &walk);
	imp_report_close(report);
	imp_report_line(report, "%s", "");
	imp_report_line(report, "Threads Processed: %zu", walk.count);
	free(walk.stack);
	return err;
}
