/* !running !prcb !pcr !irql !cpuinfo: processors. !ready: who waits for one. */
#include "command/commands.h"
#include "command/describe.h"
#include "nt/processor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct listing {
	struct imp_session *session;
	struct imp_report *report;
	struct imp_table *table;
	struct imp_processor processor; /* !ready: whose queue is shown */
	unsigned priority;
	bool idle, stacks;    /* options of !running */
	uint64_t all, idling; /* masks of processors 0 to 63 */
	size_t count;
};

/* [N], in decimal as processors are named everywhere; the current one without it. */
static struct imp_error *parse_processor(struct imp_session *session, const char *arguments, struct imp_processor *processor)
{
	unsigned long number = session->processor;
	char word[16], *end = word;

	if (imp_next_word(&arguments, word, sizeof(word))) {
		number = strtoul(word, &end, 10);
		if (*end || end == word || number >= IMP_MAXIMUM_PROCESSORS)
			return imp_error_new(IMP_ERROR_USAGE, "'%s' is no number of a processor", word);
	}
	if (*imp_skip_blanks(arguments))
		return imp_arguments_end(arguments);
	return imp_processor_read(session->kernel, (unsigned)number, processor);
}

/* The queued spin locks of the processor: '.' not in use, O owned, W waited for (the two low bits of each Lock). */
static void lock_letters(struct imp_kernel *kernel, const struct imp_processor *processor, char *text, size_t size)
{
	enum { LOCK_QUEUE_WAIT = 1, LOCK_QUEUE_OWNER = 2 };
	const struct imp_field *queue;
	uint64_t element = imp_nt_size(kernel, "_KSPIN_LOCK_QUEUE");
	IMP_CLEANUP_ERROR struct imp_error *err = imp_nt_field(kernel, IMP_PRCB_LOCK_QUEUE, &queue);
	size_t length = 0;

	for (uint64_t at = 0; !err && element && at + element <= queue->type.size && length + 1 < size; at += element) {
		uint64_t lock = imp_nt_value(kernel, IMP_SPIN_LOCK_QUEUE_LOCK, processor->prcb + queue->offset + at, 0);

		text[length++] = lock & LOCK_QUEUE_OWNER ? 'O' : lock & LOCK_QUEUE_WAIT ? 'W' : '.';
	}
	text[length] = '\0';
}

static void report_thread_stack(struct listing *listing, uint64_t address)
{
	struct imp_thread thread;
	struct imp_stack *stack = calloc(1, sizeof(*stack));
	struct imp_error *err = stack ? imp_thread_read(listing->session->kernel, address, &thread)
				      : imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for a stack");

	if (!err)
		err = imp_thread_stack(listing->session->kernel, &thread, stack);
	if (!err) {
		imp_report_line(listing->report, "%s", "");
		imp_report_frames(listing->session->kernel, listing->report, stack->frames, stack->count, IMP_STACK_KD);
		imp_report_line(listing->report, "%s", "");
	}
	imp_kernel_note_error(listing->session->kernel, err);
	free(stack);
}

static bool count_masks(void *context, const struct imp_processor *processor)
{
	struct listing *listing = context;
	uint64_t bit = processor->number < 64 ? 1ull << processor->number : 0;

	listing->all |= bit;
	listing->idling |= processor->current_thread == processor->idle_thread ? bit : 0;
	return true;
}

enum { THREAD_TEXT = 24 };

/* "ADDRESS (priority)"; a priority that cannot be read is shown as '?'. Returns whether it could. */
static bool thread_text(struct imp_kernel *kernel, uint64_t thread, char text[THREAD_TEXT], uint64_t *priority)
{
	IMP_CLEANUP_ERROR struct imp_error *err = imp_nt_read(kernel, IMP_THREAD_PRIORITY, thread, priority);

	if (err)
		snprintf(text, THREAD_TEXT, "%016llx ( ?)", (unsigned long long)thread);
	else
		snprintf(text, THREAD_TEXT, "%016llx (%2u)", (unsigned long long)thread, (uint8_t)*priority);
	return !err;
}

static bool show_running(void *context, const struct imp_processor *processor)
{
	struct listing *listing = context;
	struct imp_kernel *kernel = listing->session->kernel;
	bool idle = processor->current_thread == processor->idle_thread, known;
	char locks[33], current[THREAD_TEXT], next[THREAD_TEXT] = "";
	uint64_t priority;

	if (idle && !listing->idle)
		return true;
	if (processor->next_thread)
		thread_text(kernel, processor->next_thread, next, &priority);
	known = thread_text(kernel, processor->current_thread, current, &priority);
	lock_letters(kernel, processor, locks, sizeof(locks));
	imp_report_open_object(listing->report, NULL);
	imp_report_line(listing->report, "%3u    %016llx  %s  %-21s %016llx  %s", processor->number, (unsigned long long)processor->prcb, current,
			next, (unsigned long long)processor->idle_thread, locks);
	imp_report_value(listing->report, "number", imp_number(processor->number));
	imp_report_value(listing->report, "prcb", imp_address(processor->prcb));
	imp_report_value(listing->report, "current_thread", imp_address(processor->current_thread));
	imp_report_value(listing->report, "priority", known ? imp_number(priority) : imp_null());
	imp_report_value(listing->report, "next_thread", processor->next_thread ? imp_address(processor->next_thread) : imp_null());
	imp_report_value(listing->report, "idle_thread", imp_address(processor->idle_thread));
	imp_report_value(listing->report, "idle", imp_bool(idle));
	if (listing->stacks)
		report_thread_stack(listing, processor->current_thread);
	imp_report_close(listing->report);
	return !imp_session_interrupted(listing->session);
}

IMP_COMMAND(running)
{
	struct listing listing = { .session = session, .report = report };
	char word[8];
	struct imp_error *err;

	while (imp_next_word(&arguments, word, sizeof(word))) {
		if (*word != '-' || !word[1] || word[1 + strspn(word + 1, "it")])
			return imp_error_new(IMP_ERROR_USAGE, "!running knows the options -i and -t, not '%s'", word);
		listing.idle |= strchr(word, 'i') != NULL;
		listing.stacks |= strchr(word, 't') != NULL;
	}
	err = imp_processor_each(session->kernel, count_masks, &listing);
	if (err)
		return err;
	imp_report_line(report, "%s", "");
	imp_report_line(report, "System Processors:  (%016llx)", (unsigned long long)listing.all);
	imp_report_line(report, "  Idle Processors:  (%016llx)", (unsigned long long)listing.idling);
	imp_report_line(report, "%s", "");
	if (listing.all == listing.idling && !listing.idle)
		imp_report_line(report, "All processors idle.");
	else
		imp_report_line(report, "       Prcbs             Current         (pri) Next            (pri) Idle");
	imp_report_open_list(report, "processors");
	err = imp_processor_each(session->kernel, show_running, &listing);
	imp_report_close(report);
	return err;
}

static bool show_ready_thread(void *context, uint64_t thread)
{
	struct listing *listing = context;
	struct imp_kernel *kernel = listing->session->kernel;
	uint64_t pid = imp_nt_value(kernel, IMP_THREAD_PID, thread, 0), tid = imp_nt_value(kernel, IMP_THREAD_TID, thread, 0);

	if (!listing->count++)
		imp_report_line(listing->report, "Processor %u: Ready Threads at priority %u", listing->processor.number, listing->priority);
	imp_report_open_object(listing->report, NULL);
	imp_report_line(listing->report, "    THREAD %016llx  Cid %04llx.%04llx  Teb: %016llx Win32Thread: %016llx READY on processor %u",
			(unsigned long long)thread, (unsigned long long)pid, (unsigned long long)tid,
			(unsigned long long)imp_nt_value(kernel, IMP_THREAD_TEB, thread, 0),
			(unsigned long long)imp_nt_value(kernel, IMP_THREAD_WIN32, thread, 0), listing->processor.number);
	imp_report_value(listing->report, "processor", imp_number(listing->processor.number));
	imp_report_value(listing->report, "priority", imp_number(listing->priority));
	imp_report_value(listing->report, "thread", imp_address(thread));
	imp_report_value(listing->report, "pid", imp_number(pid));
	imp_report_value(listing->report, "tid", imp_number(tid));
	imp_report_close(listing->report);
	return !imp_session_interrupted(listing->session);
}

static bool show_ready(void *context, const struct imp_processor *processor)
{
	struct listing *listing = context;
	struct imp_error *err;
	size_t total = 0;
	bool whole = true; /* whether each queue could be read to its end: else nothing is said of the processor but a note */

	listing->processor = *processor;
	for (unsigned priority = IMP_PRIORITIES; priority-- && !imp_session_interrupted(listing->session);) {
		listing->priority = priority;
		listing->count = 0;
		err = imp_processor_ready(listing->session->kernel, processor, priority, show_ready_thread, listing);
		whole = whole && !err;
		imp_kernel_note_error(listing->session->kernel, err);
		total += listing->count;
	}
	if (!total && whole)
		imp_report_line(listing->report, "Processor %u: No threads in READY state", processor->number);
	return !imp_session_interrupted(listing->session);
}

IMP_COMMAND(ready)
{
	struct listing listing = { .session = session, .report = report };
	struct imp_error *err = imp_arguments_end(arguments);

	if (err)
		return err;
	imp_report_open_list(report, "threads");
	err = imp_processor_each(session->kernel, show_ready, &listing);
	imp_report_close(report);
	return err;
}

static void report_threads(struct imp_report *report, const struct imp_processor *processor)
{
	imp_report_value(report, "current_thread", imp_address(processor->current_thread));
	imp_report_value(report, "next_thread", processor->next_thread ? imp_address(processor->next_thread) : imp_null());
	imp_report_value(report, "idle_thread", imp_address(processor->idle_thread));
}

IMP_COMMAND(prcb)
{
	struct imp_kernel *kernel = session->kernel;
	struct imp_processor processor = { 0 };
	struct imp_error *err = parse_processor(session, arguments, &processor);
	uint64_t irql, interrupts, dpc, interrupt, in_kernel, in_user;

	if (err)
		return err;
	irql = imp_nt_value(kernel, IMP_PRCB_IRQL, processor.prcb, 0);
	interrupts = imp_nt_value(kernel, IMP_PRCB_INTERRUPT_COUNT, processor.prcb, 0);
	dpc = imp_nt_value(kernel, IMP_PRCB_DPC_TIME, processor.prcb, 0);
	interrupt = imp_nt_value(kernel, IMP_PRCB_INTERRUPT_TIME, processor.prcb, 0);
	in_kernel = imp_nt_value(kernel, IMP_PRCB_KERNEL_TIME, processor.prcb, 0);
	in_user = imp_nt_value(kernel, IMP_PRCB_USER_TIME, processor.prcb, 0);
	imp_report_line(report, "PRCB for Processor %u at %016llx:", processor.number, (unsigned long long)processor.prcb);
	imp_report_line(report, "Current IRQL -- %u", (unsigned)irql);
	imp_report_line(report, "Threads--  Current %016llx Next %016llx Idle %016llx", (unsigned long long)processor.current_thread,
			(unsigned long long)processor.next_thread, (unsigned long long)processor.idle_thread);
	imp_report_line(report, "Interrupt Count -- %08llx", (unsigned long long)interrupts);
	imp_report_line(report, "Times -- Dpc    %08llx Interrupt %08llx", (unsigned long long)dpc, (unsigned long long)interrupt);
	imp_report_line(report, "         Kernel %08llx User      %08llx", (unsigned long long)in_kernel, (unsigned long long)in_user);
	imp_report_value(report, "number", imp_number(processor.number));
	imp_report_value(report, "prcb", imp_address(processor.prcb));
	imp_report_value(report, "irql", imp_number(irql));
	report_threads(report, &processor);
	imp_report_value(report, "interrupt_count", imp_number(interrupts));
	imp_report_value(report, "dpc_ticks", imp_number(dpc));
	imp_report_value(report, "interrupt_ticks", imp_number(interrupt));
	imp_report_value(report, "kernel_ticks", imp_number(in_kernel));
	imp_report_value(report, "user_ticks", imp_number(in_user));
	return NULL;
}

IMP_COMMAND(pcr)
{
	static const struct {
		const char *title, *key;
		enum imp_nt_field field;
	} rows[] = { { "Irql", "irql", IMP_PCR_IRQL }, { "IDT", "idt", IMP_PCR_IDT }, { "GDT", "gdt", IMP_PCR_GDT }, { "TSS", "tss", IMP_PCR_TSS } };
	struct imp_kernel *kernel = session->kernel;
	struct imp_processor processor = { 0 };
	struct imp_error *err = parse_processor(session, arguments, &processor);
	uint64_t major, minor;

	if (!err && !processor.pcr)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "the kernel's symbols do not tell where in _KPCR its PRCB lies");
	if (!err)
		err = imp_nt_read(kernel, IMP_PCR_MAJOR_VERSION, processor.pcr, &major);
	if (!err)
		err = imp_nt_read(kernel, IMP_PCR_MINOR_VERSION, processor.pcr, &minor);
	if (err)
		return imp_error_context(err, "the control region of processor %u (!prcb shows its control block)", processor.number);
	imp_report_line(report, "KPCR for Processor %u at %016llx:", processor.number, (unsigned long long)processor.pcr);
	imp_report_line(report, "    Major %llu Minor %llu", (unsigned long long)major, (unsigned long long)minor);
	imp_report_line(report, "                         Prcb: %016llx", (unsigned long long)processor.prcb);
	imp_report_value(report, "number", imp_number(processor.number));
	imp_report_value(report, "pcr", imp_address(processor.pcr));
	imp_report_value(report, "major", imp_number(major));
	imp_report_value(report, "minor", imp_number(minor));
	imp_report_value(report, "prcb", imp_address(processor.prcb));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t value = imp_nt_value(kernel, rows[i].field, processor.pcr, 0);

		imp_report_line(report, "%29s: %016llx", rows[i].title, (unsigned long long)value);
		imp_report_value(report, rows[i].key, imp_address(value));
	}
	imp_report_line(report, "%s", "");
	imp_report_line(report, "                CurrentThread: %016llx", (unsigned long long)processor.current_thread);
	imp_report_line(report, "                   NextThread: %016llx", (unsigned long long)processor.next_thread);
	imp_report_line(report, "                   IdleThread: %016llx", (unsigned long long)processor.idle_thread);
	report_threads(report, &processor);
	return NULL;
}

/* Names of x64's levels, as documented ("IRQL" in wdm.h); device levels have none. */
static const char *level_name(uint64_t level)
{
	static const char *const names[] = { [0] = "LOW_LEVEL",    [1] = "APC_LEVEL",  [2] = "DISPATCH_LEVEL", [12] = "DRS_LEVEL",
					     [13] = "CLOCK_LEVEL", [14] = "IPI_LEVEL", [15] = "HIGH_LEVEL" };

	return level < sizeof(names) / sizeof(names[0]) && names[level] ? names[level] : "device level";
}

IMP_COMMAND(irql)
{
	struct imp_processor processor = { 0 };
	uint64_t level = 0;
	struct imp_error *err = parse_processor(session, arguments, &processor);

	if (!err)
		err = imp_nt_read(session->kernel, IMP_PRCB_IRQL, processor.prcb, &level);
	if (err)
		return err;
	imp_report_line(report, "Debugger saved IRQL for processor 0x%x -- %llu (%s)", processor.number, (unsigned long long)level,
			level_name(level));
	imp_report_value(report, "number", imp_number(processor.number));
	imp_report_value(report, "irql", imp_number(level));
	imp_report_value(report, "name", imp_string(level_name(level)));
	return NULL;
}

static bool show_cpu(void *context, const struct imp_processor *processor)
{
	struct listing *listing = context;
	struct imp_kernel *kernel = listing->session->kernel;
	uint64_t family = imp_nt_value(kernel, IMP_PRCB_CPU_TYPE, processor->prcb, 0),
		 model = imp_nt_value(kernel, IMP_PRCB_CPU_MODEL, processor->prcb, 0),
		 stepping = imp_nt_value(kernel, IMP_PRCB_CPU_STEPPING, processor->prcb, 0),
		 mhz = imp_nt_value(kernel, IMP_PRCB_MHZ, processor->prcb, 0),
		 signature = imp_nt_value(kernel, IMP_PRCB_SIGNATURE, processor->prcb, 0),
		 features = imp_nt_value(kernel, IMP_PRCB_FEATURES, processor->prcb, 0);
	char vendor[16];

	imp_processor_vendor(kernel, processor, vendor, sizeof(vendor));
	imp_report_open_object(listing->report, NULL);
	imp_report_line(listing->report, "%2u %2u,%u,%u %-12s %4llu %016llx %08llx", processor->number, (unsigned)family, (unsigned)model,
			(unsigned)stepping, vendor, (unsigned long long)mhz, (unsigned long long)signature, (unsigned long long)features);
	imp_report_value(listing->report, "number", imp_number(processor->number));
	imp_report_value(listing->report, "family", imp_number(family));
	imp_report_value(listing->report, "model", imp_number(model));
	imp_report_value(listing->report, "stepping", imp_number(stepping));
	imp_report_value(listing->report, "manufacturer", *vendor ? imp_string(vendor) : imp_null());
	imp_report_value(listing->report, "mhz", imp_number(mhz));
	imp_report_value(listing->report, "signature", imp_address(signature));
	imp_report_value(listing->report, "features", imp_address(features));
	imp_report_close(listing->report);
	return !imp_session_interrupted(listing->session);
}

IMP_COMMAND(cpuinfo)
{
	struct listing listing = { .session = session, .report = report };
	struct imp_processor processor = { 0 };
	bool one = *imp_skip_blanks(arguments);
	struct imp_error *err = one ? parse_processor(session, arguments, &processor) : NULL;

	if (err)
		return err;
	imp_report_line(report, "CP  F/M/S Manufacturer  MHz PRCB Signature   Features");
	imp_report_open_list(report, "processors");
	if (one)
		show_cpu(&listing, &processor);
	else
		err = imp_processor_each(session->kernel, show_cpu, &listing);
	imp_report_close(report);
	return err;
}
