/* !timer !dpcs: what will run by itself on each processor. */
#include "command/commands.h"
#include "nt/dispatcher.h"
#include "nt/symbolize.h"
#include "nt/time.h"
#include "nt/timer.h"

#include <stdio.h>
#include <string.h>

struct listing {
	struct imp_session *session;
	struct imp_report *report;
	struct imp_table *table;
	const struct imp_processor *processor;
	uint64_t interrupt_time, system_time;
	uint64_t count;
};

static bool first_waiter(void *context, uint64_t thread)
{
	*(uint64_t *)context = thread;
	return false;
}

/* What happens when the timer is due: the DPC's routine, or the thread that waits for it. */
static void describe_effect(struct listing *list, const struct imp_timer *timer, char *text, size_t size, uint64_t *routine, uint64_t *thread)
{
	struct imp_kernel *kernel = list->session->kernel;
	struct imp_dispatcher_header header;
	struct imp_dpc dpc;
	struct imp_name name;
	struct imp_error *err;

	*text = '\0';
	*routine = *thread = 0;
	err = imp_dispatcher_read(kernel, timer->address, &header);
	if (!err)
		err = imp_waiters_each(kernel, &header, first_waiter, thread);
	imp_kernel_note_error(kernel, err);
	if (timer->dpc) {
		err = imp_dpc_read(kernel, timer->dpc, &dpc);
		if (!err) {
			*routine = dpc.routine;
			imp_symbolize(kernel, dpc.routine, false, &name);
			snprintf(text, size, "%s (DPC @ %016llx)", name.text, (unsigned long long)timer->dpc);
		} else {
			snprintf(text, size, "(DPC @ %016llx)", (unsigned long long)timer->dpc);
		}
		imp_kernel_note_error(kernel, err);
	} else if (timer->dpc_encoded) {
		snprintf(text, size, "(DPC encoded)");
	} else if (*thread) {
		snprintf(text, size, "thread %016llx", (unsigned long long)*thread);
	}
}

static bool list_timer(void *context, const struct imp_timer *timer)
{
	struct listing *list = context;
	char effect[320], fires[48], iso[48];
	uint64_t routine, thread, due = list->system_time ? list->system_time + (timer->due_time - list->interrupt_time) : 0;

	list->count++;
	describe_effect(list, timer, effect, sizeof(effect), &routine, &thread);
	imp_table_cell(list->table, imp_number(list->processor->number), "%s", "");
	imp_table_cell(list->table, imp_number(timer->list), "%u", timer->list);
	imp_table_cell(list->table, imp_address(timer->address), "%016llx", (unsigned long long)timer->address);
	imp_table_cell(list->table, imp_null(), "%08x %08x", (unsigned)timer->due_time, (unsigned)(timer->due_time >> 32));
	imp_table_cell(list->table, imp_address(timer->due_time), "%s", "");
	imp_table_cell(list->table, imp_string(imp_format_iso_time(due, iso, sizeof(iso))), "[%s]", imp_format_file_time(due, fires, sizeof(fires)));
	if (timer->period_ms)
		imp_table_cell(list->table, imp_number(timer->period_ms), "%llu ms", (unsigned long long)timer->period_ms);
	else
		imp_table_cell(list->table, imp_number(0), "%s", "");
	imp_table_cell(list->table, timer->dpc ? imp_address(timer->dpc) : imp_null(), "%s", effect);
	imp_table_cell(list->table, imp_bool(timer->dpc_encoded), "%s", "");
	imp_table_cell(list->table, routine ? imp_address(routine) : imp_null(), "%s", "");
	imp_table_cell(list->table, thread ? imp_address(thread) : imp_null(), "%s", "");
	return !imp_session_interrupted(list->session);
}

static bool list_timers(void *context, const struct imp_processor *processor)
{
	struct listing *list = context;

	list->processor = processor;
	imp_kernel_note_error(list->session->kernel, imp_timer_each(list->session->kernel, processor, list_timer, list));
	return !imp_session_interrupted(list->session);
}

IMP_COMMAND(timer)
{
	static const struct imp_column columns[] = {
		{ "processor", NULL, IMP_LEFT, 0 },      { "list", "List", IMP_LEFT, 0 },
		{ "timer", "Timer", IMP_LEFT, 16 },      { NULL, "Interrupt Low/High", IMP_LEFT, 0 },
		{ "due_time", NULL, IMP_LEFT, 0 },       { "fires", "Fire Time", IMP_LEFT, 0 },
		{ "period_ms", "Period", IMP_RIGHT, 0 }, { "dpc", "DPC/thread", IMP_LEFT, 0 },
		{ "dpc_encoded", NULL, IMP_LEFT, 0 },    { "routine", NULL, IMP_LEFT, 0 },
		{ "thread", NULL, IMP_LEFT, 0 },
	};
	struct listing list = { .session = session, .report = report };
	char now[48];
	struct imp_error *err = imp_arguments_end(arguments);

	if (!err)
		err = imp_kernel_need_symbols(session->kernel);
	if (err)
		return err;
	imp_kernel_note_error(session->kernel, imp_clocks(session->kernel, &list.interrupt_time, &list.system_time));
	imp_report_line(report, "Dump system timers");
	imp_report_line(report, "%s", "");
	if (list.interrupt_time)
		imp_report_line(report, "Interrupt time: %08x %08x [%s]", (unsigned)list.interrupt_time, (unsigned)(list.interrupt_time >> 32),
				imp_format_file_time(list.system_time, now, sizeof(now)));
	else
		imp_report_line(report, "Interrupt time: Not Found");
	imp_report_line(report, "%s", "");
	imp_report_value(report, "interrupt_time", imp_address(list.interrupt_time));
	list.table = imp_report_table(report, "timers", columns, sizeof(columns) / sizeof(columns[0]), IMP_TABLE_TITLES);
	err = imp_processor_each(session->kernel, list_timers, &list);
	imp_report_line(report, "%s", "");
	imp_report_line(report, "Total Timers: %llu", (unsigned long long)list.count);
	return err;
}

static bool list_dpc(void *context, const struct imp_dpc *dpc, bool threaded)
{
	struct listing *list = context;
	struct imp_name name;
	const char *type = threaded ? "Threaded" : "Normal";

	imp_symbolize(list->session->kernel, dpc->routine, false, &name);
	list->count++;
	imp_report_open_object(list->report, NULL);
	imp_report_line(list->report, "%2u: %-8s: 0x%016llx 0x%016llx %s", list->processor->number, type, (unsigned long long)dpc->address,
			(unsigned long long)dpc->routine, name.module ? name.text : "");
	imp_report_value(list->report, "processor", imp_number(list->processor->number));
	imp_report_value(list->report, "type", imp_string(type));
	imp_report_value(list->report, "dpc", imp_address(dpc->address));
	imp_report_value(list->report, "routine", imp_address(dpc->routine));
	imp_report_value(list->report, "symbol", name.module ? imp_string(name.text) : imp_null());
	imp_report_value(list->report, "context", imp_address(dpc->context));
	imp_report_value(list->report, "argument1", imp_address(dpc->arguments[0]));
	imp_report_value(list->report, "argument2", imp_address(dpc->arguments[1]));
	imp_report_close(list->report);
	return !imp_session_interrupted(list->session);
}

static bool list_dpcs(void *context, const struct imp_processor *processor)
{
	struct listing *list = context;

	list->processor = processor;
	imp_kernel_note_error(list->session->kernel, imp_dpc_each(list->session->kernel, processor, list_dpc, list));
	return !imp_session_interrupted(list->session);
}

IMP_COMMAND(dpcs)
{
	struct listing list = { .session = session, .report = report };
	struct imp_error *err = imp_arguments_end(arguments);

	if (!err)
		err = imp_kernel_need_symbols(session->kernel);
	if (err)
		return err;
	imp_report_line(report, "CPU Type      KDPC               Function");
	imp_report_open_list(report, "dpcs");
	err = imp_processor_each(session->kernel, list_dpcs, &list);
	imp_report_close(report);
	if (!err && !list.count)
		imp_report_line(report, "No DPC is queued.");
	return err;
}
