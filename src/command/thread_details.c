/* A thread in WinDbg's layout: state, what it waits for, its IRPs, owner, times, stack. See thread_details.h. */
#include "command/thread_details.h"
#include "command/commands.h"
#include "command/describe.h"
#include "nt/irp.h"
#include "nt/processor.h"
#include "nt/time.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct irp_listing {
	struct imp_session *session;
	struct imp_report *report;
	unsigned indent;
	bool any;
};

/* "WAIT: (Executive) KernelMode Non-Alertable", "RUNNING on processor 0" */
static void describe_state(struct imp_kernel *kernel, const struct imp_thread *thread, char *text, size_t size)
{
	struct imp_processor processor;
	char *at = text;

	if (thread->waits) {
		snprintf(text, size, "WAIT: (%s) %s %s", thread->wait_reason_name, thread->wait_mode ? "UserMode" : "KernelMode",
			 thread->alertable ? "Alertable" : "Non-Alertable");
		return;
	}
	snprintf(text, size, "%s", thread->state_name);
	for (; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	if (thread->runs) {
		IMP_CLEANUP_ERROR struct imp_error *err = imp_processor_running(kernel, thread->address, &processor);

		if (!err)
			snprintf(at, size - (size_t)(at - text), " on processor %x", processor.number);
	}
}

/* The objects that the thread waits for, one a line. */
static void report_waits(struct imp_kernel *kernel, struct imp_report *report, const struct imp_thread *thread, unsigned indent)
{
	struct imp_wait waits[IMP_MAXIMUM_WAIT_OBJECTS];
	size_t count;

	imp_kernel_note_error(kernel, imp_thread_waits(kernel, thread, waits, IMP_MAXIMUM_WAIT_OBJECTS, &count));
	imp_report_open_list(report, "waits");
	for (size_t i = 0; i < count; i++) {
		const char *type = waits[i].header_known ? waits[i].header.type_name : NULL;

		imp_report_open_object(report, NULL);
		imp_report_line(report, "%*s%016llx  %s", (int)indent + 4, "", (unsigned long long)waits[i].object, type ? type : "Not Found");
		imp_report_value(report, "object", imp_address(waits[i].object));
		imp_report_value(report, "type", imp_string(type));
		imp_report_close(report);
	}
	imp_report_close(report);
}

static bool list_irp(void *context, uint64_t address)
{
	struct irp_listing *list = context;
	struct imp_irp irp;
	struct imp_error *err = imp_irp_read(list->session->kernel, address, &irp);

	if (err) {
		imp_kernel_note_error(list->session->kernel, err);
		return true;
	}
	if (!list->any)
		imp_report_line(list->report, "%*sIRP List:", (int)list->indent, "");
	list->any = true;
	imp_report_open_object(list->report, NULL);
	imp_report_line(list->report, "%*s%016llx: (%04x,%04x) Flags: %08llx  Mdl: %016llx", (int)list->indent + 4, "", (unsigned long long)address,
			(unsigned)irp.type, (unsigned)irp.size, (unsigned long long)irp.flags, (unsigned long long)irp.mdl);
	imp_report_value(list->report, "irp", imp_address(address));
	imp_report_value(list->report, "flags", imp_address(irp.flags));
	imp_report_value(list->report, "mdl", imp_address(irp.mdl));
	imp_report_close(list->report);
	return !imp_session_interrupted(list->session);
}

static void report_process(struct imp_kernel *kernel, struct imp_report *report, unsigned indent, const char *title, const char *key,
			   uint64_t process)
{
	char name[128] = "N/A", address[24] = "N/A";

	if (process) {
		imp_process_name(kernel, process, name, sizeof(name));
		snprintf(address, sizeof(address), "%016llx", (unsigned long long)process);
	}
	imp_report_line(report, "%*s%-25s %-20s  Image:         %s", (int)indent, "", title, address, name);
	imp_report_value(report, key, process ? imp_address(process) : imp_null());
}

static const char *format_clock(uint64_t ms, char *text, size_t size)
{
	snprintf(text, size, "%02llu:%02u:%02u.%03u", (unsigned long long)(ms / 3600000), (unsigned)(ms / 60000 % 60), (unsigned)(ms / 1000 % 60),
		 (unsigned)(ms % 1000));
	return text;
}

static void report_owner_and_times(struct imp_kernel *kernel, struct imp_report *report, const struct imp_thread *thread, unsigned indent)
{
	uint64_t attached = thread->attached_process == thread->process ? 0 : thread->attached_process;
	uint64_t wait_start = imp_nt_value(kernel, IMP_THREAD_WAIT_TIME, thread->address, 0);
	uint64_t ideal = imp_nt_value(kernel, IMP_THREAD_IDEAL_PROCESSOR, thread->address, 0);
	uint64_t start = thread->win32_start_address ? thread->win32_start_address : thread->start_address, ticks;
	struct imp_name name;
	char text[32];
	int blanks = (int)indent;

	report_process(kernel, report, indent, "Owning Process", "process", thread->process);
	report_process(kernel, report, indent, "Attached Process", "attached_process", attached);
	if (imp_tick_count(kernel, &ticks))
		imp_report_line(report, "%*s%-25s %-14llu Ticks: %u (%s)", blanks, "", "Wait Start TickCount", (unsigned long long)wait_start,
				(unsigned)(ticks - wait_start), format_clock(thread->wait_time_ms, text, sizeof(text)));
	imp_report_line(report, "%*s%-25s %-14llu IdealProcessor: %llu", blanks, "", "Context Switch Count",
			(unsigned long long)thread->context_switches, (unsigned long long)ideal);
	imp_report_line(report, "%*s%-25s %s", blanks, "", "UserTime", format_clock(thread->user_time_ms, text, sizeof(text)));
	imp_report_line(report, "%*s%-25s %s", blanks, "", "KernelTime", format_clock(thread->kernel_time_ms, text, sizeof(text)));
	imp_symbolize(kernel, start, false, &name);
	imp_report_line(report, "%*s%s %s (0x%016llx)", blanks, "", thread->win32_start_address ? "Win32 Start Address" : "Start Address",
			name.module ? name.text : "", (unsigned long long)start);
	imp_report_value(report, "wait_start_ticks", imp_number(wait_start));
	imp_report_value(report, "time_ms", imp_number(thread->wait_time_ms));
	imp_report_value(report, "context_switches", imp_number(thread->context_switches));
	imp_report_value(report, "ideal_processor", imp_number(ideal));
	imp_report_value(report, "user_ms", imp_number(thread->user_time_ms));
	imp_report_value(report, "kernel_ms", imp_number(thread->kernel_time_ms));
	imp_report_value(report, "start_address", imp_address(start));
	imp_report_value(report, "start_symbol", name.module ? imp_string(name.text) : imp_null());
}

static void report_stack_and_priority(struct imp_kernel *kernel, struct imp_report *report, const struct imp_thread *thread, unsigned indent)
{
	uint64_t initial = imp_nt_value(kernel, IMP_THREAD_INITIAL_STACK, thread->address, 0);

	imp_report_line(report, "%*sStack Init %016llx Current %016llx", (int)indent, "", (unsigned long long)initial,
			(unsigned long long)thread->kernel_stack);
	imp_report_line(report, "%*sBase %016llx Limit %016llx", (int)indent, "", (unsigned long long)thread->stack_base,
			(unsigned long long)thread->stack_limit);
	imp_report_line(report, "%*sPriority %lld BasePriority %lld PriorityDecrement %llu IoPriority %llu PagePriority %llu", (int)indent, "",
			(long long)thread->priority, (long long)thread->base_priority, (unsigned long long)thread->priority_decrement,
			(unsigned long long)thread->io_priority, (unsigned long long)thread->page_priority);
	imp_report_value(report, "stack_init", imp_address(initial));
	imp_report_value(report, "stack_current", imp_address(thread->kernel_stack));
	imp_report_value(report, "stack_base", imp_address(thread->stack_base));
	imp_report_value(report, "stack_limit", imp_address(thread->stack_limit));
	imp_report_value(report, "priority", imp_signed(thread->priority));
	imp_report_value(report, "base_priority", imp_signed(thread->base_priority));
	imp_report_value(report, "priority_decrement", imp_number(thread->priority_decrement));
	imp_report_value(report, "io_priority", imp_number(thread->io_priority));
	imp_report_value(report, "page_priority", imp_number(thread->page_priority));
}

void imp_report_thread_details(struct imp_session *session, struct imp_report *report, const struct imp_thread *thread, unsigned indent,
			       uint64_t flags, struct imp_stack *stack)
{
	struct imp_kernel *kernel = session->kernel;
	struct irp_listing irps = { session, report, indent, false };
	char state[96];

	describe_state(kernel, thread, state, sizeof(state));
	imp_report_line(report, "%*sTHREAD %016llx  Cid %04llx.%04llx  Teb: %016llx Win32Thread: %016llx %s", (int)indent, "",
			(unsigned long long)thread->address, (unsigned long long)thread->pid, (unsigned long long)thread->tid,
			(unsigned long long)thread->teb, (unsigned long long)thread->win32_thread, state);
	imp_report_value(report, "address", imp_address(thread->address));
	imp_report_value(report, "pid", imp_number(thread->pid));
	imp_report_value(report, "tid", imp_number(thread->tid));
	imp_report_value(report, "state", imp_string(thread->state_name));
	imp_report_value(report, "wait_reason", thread->waits ? imp_string(thread->wait_reason_name) : imp_null());
	if (flags & (IMP_THREAD_WAITS | IMP_THREAD_FULL)) {
		report_waits(kernel, report, thread, indent);
		imp_report_open_list(report, "irps");
		imp_kernel_note_error(kernel, imp_thread_irps(kernel, thread->address, list_irp, &irps));
		imp_report_close(report);
	}
	if (flags & IMP_THREAD_FULL) {
		report_owner_and_times(kernel, report, thread, indent);
		report_stack_and_priority(kernel, report, thread, indent);
		imp_kernel_note_error(kernel, imp_thread_stack(kernel, thread, stack));
		imp_report_frames(kernel, report, stack->frames, stack->count, IMP_STACK_KD);
		imp_report_line(report, "%s", "");
	}
}

IMP_COMMAND(thread)
{
	struct imp_thread thread;
	struct imp_stack *stack;
	uint64_t address, flags;
	struct imp_error *err = imp_argument_or(session, &arguments, session->thread, &address);

	if (!err)
		err = imp_argument_last_or(session, &arguments, IMP_THREAD_WAITS | IMP_THREAD_FULL, &flags);
	if (!err && address == UINT64_MAX) /* WinDbg's -1: the current one */
		address = session->thread;
	if (!err)
		err = imp_thread_read(session->kernel, address, &thread);
	if (err)
		return err;
	stack = calloc(1, sizeof(*stack));
	if (!stack)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for a stack");
	imp_report_thread_details(session, report, &thread, 0, flags, stack);
	free(stack);
	return NULL;
}
