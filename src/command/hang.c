/* !hang: what is stuck, why, and where to change it. What is so is src/hang's question; here it is laid out. */
#include "command/commands.h"
#include "command/hang.h"
#include "hang/calls.h"
#include "hang/words.h"
#include "nt/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BEHIND = 20, MOST_ACTS = 16, MOST_LINES = 32 };

struct answering {
	struct imp_session *session;
	struct imp_report *report;
	const struct imp_hang *hang;
};

/* A place in code for programs: the members of the object that is open. */
static void report_place(struct answering *answering, const char *key, uint64_t address, bool is_return)
{
	struct imp_name name;
	char text[IMP_HANG_TEXT];

	imp_symbolize(answering->hang->kernel, address, is_return, &name);
	imp_report_open_object(answering->report, key);
	imp_report_value(answering->report, "address", imp_address(address));
	imp_report_value(answering->report, "symbol", imp_string(imp_hang_place_text(answering->hang, address, is_return, text, sizeof(text))));
	imp_report_value(answering->report, "file", *name.file ? imp_string(name.file) : imp_null());
	imp_report_value(answering->report, "line", *name.file ? imp_number(name.line) : imp_null());
	imp_report_close(answering->report);
}

static void report_wait(struct answering *answering, size_t number)
{
	const struct imp_hang *hang = answering->hang;
	const struct imp_hang_thread *thread = &hang->threads[number];
	char name[96], interval[32], place[IMP_HANG_TEXT] = "in the kernel", object[120], state[IMP_HANG_TEXT];
	bool is_return;
	uint64_t at = imp_hang_wait_place(thread, &is_return);

	if (at)
		imp_hang_place_text(hang, at, is_return, place, sizeof(place));
	imp_format_interval(thread->thread.wait_time_ms, interval, sizeof(interval));
	imp_report_open_object(answering->report, NULL);
	imp_report_value(answering->report, "thread", imp_address(thread->thread.address));
	imp_report_value(answering->report, "pid", imp_number(thread->thread.pid));
	imp_report_value(answering->report, "tid", imp_number(thread->thread.tid));
	imp_report_value(answering->report, "waiting_ms", imp_number(thread->thread.wait_time_ms));
	imp_report_value(answering->report, "fate", imp_string(imp_hang_fate_name(thread->fate)));
	imp_report_value(answering->report, "behind", imp_bool(thread->behind));
	if (at)
		report_place(answering, "place", at, is_return);
	imp_report_open_list(answering->report, "objects");
	for (size_t i = 0; i < thread->object_count; i++) {
		const struct imp_hang_object *awaited = &hang->objects[thread->objects[i]];

		imp_report_open_object(answering->report, NULL);
		imp_report_value(answering->report, "address", imp_address(awaited->address));
		imp_report_value(answering->report, "text", imp_string(imp_hang_object_text(hang, thread->objects[i], object, sizeof(object))));
		imp_report_value(answering->report, "state", imp_string(imp_hang_object_state(hang, thread->objects[i], state, sizeof(state))));
		imp_report_close(answering->report);
		imp_report_line(answering->report, "  %s has waited %s for %s, %s,", imp_hang_thread_text(hang, number, name, sizeof(name)), interval,
				object, state);
	}
	imp_report_close(answering->report);
	imp_report_line(answering->report, "    at %s", place);
	imp_report_close(answering->report);
}

/* Threads of the finding from `first` up to `end`. */
static void report_waits(struct answering *answering, const struct imp_hang_finding *finding, const char *key, size_t first, size_t end)
{
	imp_report_open_list(answering->report, key);
	for (size_t i = first; i < end; i++) {
		if (i - first < MOST_BEHIND)
			report_wait(answering, finding->threads[i]);
	}
	imp_report_close(answering->report);
	if (end - first > MOST_BEHIND)
		imp_report_line(answering->report, "  and %zu more", end - first - MOST_BEHIND);
}

/* Whether a thread of the finding before `index` waits for the same. */
static bool was_told(const struct imp_hang *hang, const struct imp_hang_finding *finding, size_t index, size_t object)
{
	for (size_t i = 0; i < index; i++) {
		const struct imp_hang_thread *thread = &hang->threads[finding->threads[i]];

		for (size_t j = 0; j < thread->object_count; j++) {
			if (thread->objects[j] == object)
				return true;
		}
	}
	return false;
}

static void report_owner(struct answering *answering, size_t object, const struct imp_hang_owner *owner)
{
	char name[120], state[IMP_HANG_TEXT], place[IMP_HANG_TEXT];
	const struct imp_hang *hang = answering->hang;
	size_t thread = imp_hang_find_thread(hang, owner->thread);

	imp_report_open_object(answering->report, NULL);
	imp_report_value(answering->report, "kind", imp_string("owner"));
	imp_report_value(answering->report, "object", imp_address(hang->objects[object].address));
	imp_report_value(answering->report, "thread", imp_address(owner->thread));
	imp_report_value(answering->report, "exited", imp_bool(owner->ended));
	imp_report_value(answering->report, "inferred", imp_bool(owner->inferred));
	imp_hang_object_text(hang, object, name, sizeof(name));
	if (owner->ended)
		imp_report_line(answering->report, "  %s is held by thread %016llx, which has exited: nobody is left to release it.", name,
				(unsigned long long)owner->thread);
	else if (thread != IMP_HANG_NONE && owner->taken) {
		report_place(answering, "acquired", owner->taken, false);
		imp_report_line(answering->report, "  %s was acquired by %s at %s", name, imp_hang_thread_text(hang, thread, state, sizeof(state)),
				imp_hang_place_text(hang, owner->taken, false, place, sizeof(place)));
		imp_report_line(answering->report, "    and is not released before that thread's wait ends.");
	} else if (thread != IMP_HANG_NONE) {
		imp_report_line(answering->report, "  %s is held by %s, which waits itself.", name,
				imp_hang_thread_text(hang, thread, state, sizeof(state)));
	}
	if (thread != IMP_HANG_NONE && hang->threads[thread].fate == IMP_FATE_RUNS)
		imp_report_line(answering->report, "    that thread is ready (priority %lld), and others keep the processor from it.",
				(long long)hang->threads[thread].thread.priority);
	imp_report_close(answering->report);
}

static void report_act(struct answering *answering, const struct imp_hang_act *act)
{
	char place[IMP_HANG_TEXT], wait[IMP_HANG_TEXT], name[96];
	const struct imp_hang *hang = answering->hang;
	bool is_return;
	uint64_t at = imp_hang_wait_place(&hang->threads[act->thread], &is_return);

	imp_report_open_object(answering->report, NULL);
	imp_report_value(answering->report, "kind", imp_string("signal-behind-wait"));
	imp_report_value(answering->report, "object", imp_address(act->target));
	imp_report_value(answering->report, "routine", imp_string(act->routine->name));
	imp_report_value(answering->report, "thread", imp_address(hang->threads[act->thread].thread.address));
	report_place(answering, "place", act->site, false);
	imp_report_close(answering->report);
	imp_report_line(answering->report, "  %s at %s", act->routine->name, imp_hang_place_text(hang, act->site, false, place, sizeof(place)));
	imp_report_line(answering->report, "    lies behind the wait of %s at %s.", imp_hang_thread_text(hang, act->thread, name, sizeof(name)),
			imp_hang_place_text(hang, at, is_return, wait, sizeof(wait)));
}

static bool has_exited_owner(const struct imp_hang_object *object)
{
	for (size_t i = 0; i < object->owner_count; i++) {
		if (object->owners[i].ended)
			return true;
	}
	return false;
}

/* Whether a stuck thread stands in this very call. */
static bool is_waited_in(const struct imp_hang *hang, uint64_t site)
{
	for (size_t i = 0; i < hang->thread_count; i++) {
		if (hang->threads[i].finding != IMP_HANG_NONE && hang->threads[i].wait_site == site)
			return true;
	}
	return false;
}

struct telling {
	struct answering *answering;
	const struct imp_hang_object *object;
	size_t count;
};

static bool is_ahead(const struct imp_hang *hang, const struct imp_hang_object *object, uint64_t site)
{
	for (size_t act = object->first_act; act != IMP_HANG_NONE; act = hang->acts[act].next) {
		if (hang->acts[act].site == site)
			return true;
	}
	return false;
}

/* A call on the object to which nobody can come any more. */
static bool tell_call(void *context, const struct imp_hang_call *call)
{
	struct telling *telling = context;
	const struct imp_hang *hang = telling->answering->hang;
	struct imp_report *report = telling->answering->report;
	bool signals = call->routine->deed == IMP_DEED_SIGNALS || call->routine->deed == IMP_DEED_PULSES || call->routine->deed == IMP_DEED_COMPLETES;
	bool takes = call->routine->deed == IMP_DEED_TAKES || call->routine->deed == IMP_DEED_TAKES_SHARED;
	char place[IMP_HANG_TEXT];

	if (is_waited_in(hang, call->site))
		return true;
	if (is_ahead(hang, telling->object, call->site) || telling->count++ >= MOST_ACTS)
		return true;
	imp_hang_place_text(hang, call->site, false, place, sizeof(place));
	imp_report_open_object(report, NULL);
	imp_report_value(report, "kind", imp_string(signals ? "signal-never-reached-again" : takes ? "acquisition" : "other-wait"));
	imp_report_value(report, "object", imp_address(telling->object->address));
	imp_report_value(report, "routine", imp_string(call->routine->name));
	report_place(telling->answering, "place", call->site, false);
	imp_report_close(report);
	imp_report_line(report, "  %s at %s", call->routine->name, place);
	imp_report_line(report, "    %s, but no thread is before it, and nothing that can still be called leads to it.",
			signals ? "would signal it"
			: takes ? "acquires it"
				: "waits for it too");
	return true;
}

static void report_object(struct answering *answering, const struct imp_hang_thread *thread, size_t number)
{
	const struct imp_hang *hang = answering->hang;
	const struct imp_hang_object *object = &hang->objects[number];
	char name[120];
	size_t count = 0;

	for (size_t i = 0; i < object->owner_count; i++)
		report_owner(answering, number, &object->owners[i]);
	for (size_t act = object->first_act; act != IMP_HANG_NONE && !object->owner_count; act = hang->acts[act].next) {
		if (hang->acts[act].thread != IMP_HANG_NONE && count++ < MOST_ACTS)
			report_act(answering, &hang->acts[act]);
	}
	if (object->owner_count && !has_exited_owner(object))
		return;
	if (imp_hang_is_freed(object)) {
		imp_report_line(answering->report,
				"  no object at %016llx has the thread among its waiters: no call that signals what is there would wake it.",
				(unsigned long long)object->address);
		return;
	}
	imp_hang_calls_on(hang, thread, object, tell_call, &(struct telling){ .answering = answering, .object = object });
	imp_hang_object_text(hang, number, name, sizeof(name));
	if (object->irp)
		imp_report_line(answering->report, "  the completion of IRP %016llx signals it, which device %016llx has.",
				(unsigned long long)object->irp, (unsigned long long)object->irp_device);
	if (object->kind == IMP_HANG_POLLED) {
		imp_report_line(
			answering->report,
			"  the loop calls nothing and reads %016llx again and again; meanwhile its processor runs no DPC and no other thread.",
			(unsigned long long)object->address);
		return;
	}
	for (size_t i = 0; i < object->module_count; i++) {
		const struct imp_hang_module *module = &hang->modules[object->modules[i]];

		if (module->module->unloaded)
			imp_report_line(answering->report, "  %s is no longer in memory: %scall in it can signal %s.", module->module->name,
					count ? "no other " : "no ", name);
		else
			imp_report_line(answering->report,
					"  %s: %zu routine%s that can still be called %s followed; %scall in them, or ahead of a thread that can"
					" still run, signals %s.",
					module->module->name, module->routines, module->routines == 1 ? "" : "s",
					module->routines == 1 ? "was" : "were", count ? "no other " : "no ", name);
	}
}

static void report_gaps(struct answering *answering, const struct imp_hang_finding *finding)
{
	unsigned gaps = 0;

	for (size_t i = 0; i < finding->thread_count; i++) {
		if (answering->hang->threads[finding->threads[i]].fate == IMP_FATE_PROBABLY)
			gaps |= answering->hang->threads[finding->threads[i]].gaps;
	}
	if (gaps)
		imp_report_line(answering->report, "What could not be seen, so that this is probable only:");
	imp_report_open_list(answering->report, "gaps");
	for (unsigned i = 0; i < IMP_GAP_COUNT; i++) {
		if (gaps >> i & 1) {
			imp_report_value(answering->report, NULL, imp_string(imp_hang_gap_text(i)));
			imp_report_line(answering->report, "  %s", imp_hang_gap_text(i));
		}
	}
	imp_report_close(answering->report);
}

/* The places to look at, each once. */
struct lines {
	struct answering *answering;
	uint64_t told[MOST_LINES];
	size_t count;
};

static void report_line_at(struct lines *lines, const char *what, uint64_t address, bool is_return)
{
	char place[IMP_HANG_TEXT];

	for (size_t i = 0; i < lines->count; i++) {
		if (lines->told[i] == address)
			return;
	}
	if (!address || lines->count == MOST_LINES)
		return;
	lines->told[lines->count++] = address;
	imp_report_line(lines->answering->report, "  %-10s %s", what,
			imp_hang_place_text(lines->answering->hang, address, is_return, place, sizeof(place)));
}

static const struct {
	enum imp_deed deed;
	const char *text;
} deed_texts[] = {
	{ IMP_DEED_SIGNALS, "the signal" }, { IMP_DEED_PULSES, "the pulse" },      { IMP_DEED_WAITS, "other wait" },
	{ IMP_DEED_TAKES, "acquired" },     { IMP_DEED_TAKES_SHARED, "acquired" }, { IMP_DEED_COMPLETES, "completion" },
};

static bool report_line_of_call(void *context, const struct imp_hang_call *call)
{
	for (size_t i = 0; i < sizeof(deed_texts) / sizeof(deed_texts[0]); i++) {
		if (deed_texts[i].deed == call->routine->deed && !is_waited_in(((struct lines *)context)->answering->hang, call->site))
			report_line_at(context, deed_texts[i].text, call->site, false);
	}
	return true;
}

static void report_lines(struct answering *answering, const struct imp_hang_finding *finding)
{
	const struct imp_hang *hang = answering->hang;
	struct lines lines = { .answering = answering };

	imp_report_line(answering->report, "Where to look:");
	for (size_t i = 0; i < finding->core_count; i++) {
		bool is_return;
		uint64_t at = imp_hang_wait_place(&hang->threads[finding->threads[i]], &is_return);

		report_line_at(&lines, "the wait", at, is_return);
	}
	for (size_t i = 0; i < finding->core_count; i++) {
		const struct imp_hang_thread *thread = &hang->threads[finding->threads[i]];

		for (size_t j = 0; j < thread->object_count && lines.count < MOST_LINES; j++) {
			const struct imp_hang_object *object = &hang->objects[thread->objects[j]];

			for (size_t k = 0; k < object->owner_count; k++)
				report_line_at(&lines, "acquired", object->owners[k].taken, false);
			for (size_t act = object->first_act; act != IMP_HANG_NONE && !object->owner_count; act = hang->acts[act].next) {
				if (hang->acts[act].thread != IMP_HANG_NONE)
					report_line_at(&lines, "the signal", hang->acts[act].site, false);
			}
			if (!object->owner_count || has_exited_owner(object))
				imp_hang_calls_on(hang, thread, object, report_line_of_call, &lines);
		}
	}
}

static void report_finding(struct answering *answering, const struct imp_hang_finding *finding)
{
	const struct imp_hang *hang = answering->hang;
	char text[2 * IMP_HANG_TEXT];

	imp_report_open_object(answering->report, NULL);
	imp_report_line(answering->report, "%s", "");
	imp_hang_finding_text(hang, finding, text, sizeof(text));
	if (hang->finding_count > 1)
		imp_report_line(answering->report, "%s: %s.", finding->certain ? "Stuck for ever" : "Probably stuck", text);
	imp_report_value(answering->report, "case", imp_string(finding->case_id));
	imp_report_value(answering->report, "case_text", imp_string(finding->case_name));
	imp_report_value(answering->report, "confidence", imp_string(finding->certain ? "certain" : "probable"));
	imp_report_value(answering->report, "text", imp_string(text));
	report_waits(answering, finding, "threads", 0, finding->core_count);
	imp_report_line(answering->report, "Why nobody can end it:");
	imp_report_open_list(answering->report, "evidence");
	for (size_t i = 0; i < finding->core_count; i++) {
		const struct imp_hang_thread *thread = &hang->threads[finding->threads[i]];

		for (size_t j = 0; j < thread->object_count && i < MOST_BEHIND; j++) {
			if (!was_told(hang, finding, i, thread->objects[j]))
				report_object(answering, thread, thread->objects[j]);
		}
	}
	imp_report_close(answering->report);
	report_gaps(answering, finding);
	report_lines(answering, finding);
	imp_hang_cure(hang, finding, text, sizeof(text));
	imp_report_pair(answering->report, "cure", imp_string(text), "What would free it: %s", text);
	if (finding->thread_count > finding->core_count)
		imp_report_line(answering->report, "Stuck behind it:");
	report_waits(answering, finding, "behind", finding->core_count, finding->thread_count);
	imp_report_close(answering->report);
}

/* Why a thread that has waited for long is not stuck. */
static void report_hope(struct answering *answering, const struct imp_hang_thread *thread)
{
	char at[IMP_HANG_TEXT] = "";
	size_t other = thread->hope == IMP_HOPE_THREAD ? imp_hang_find_thread(answering->hang, thread->hope_at) : IMP_HANG_NONE;

	if (other != IMP_HANG_NONE)
		imp_hang_thread_text(answering->hang, other, at, sizeof(at));
	else if (thread->hope == IMP_HOPE_ROUTINE)
		imp_hang_place_text(answering->hang, thread->hope_at, false, at, sizeof(at));
	imp_report_line(answering->report, "    not stuck: %s%s%s", imp_hang_hope_text(thread->hope), *at ? ": " : "", at);
}

/* How many threads are not stuck, and why. */
static void report_others(struct answering *answering, uint64_t max_wait_ms)
{
	const struct imp_hang *hang = answering->hang;
	size_t counts[IMP_HOPE_DPC + 1] = { 0 }, running = 0;

	for (size_t i = 0; i < hang->thread_count; i++) {
		running += hang->threads[i].fate == IMP_FATE_RUNS;
		if (hang->threads[i].fate == IMP_FATE_WAITS || hang->threads[i].fate == IMP_FATE_NOT_JUDGED)
			counts[hang->threads[i].hope]++;
	}
	imp_report_line(answering->report, "%s", "");
	imp_report_line(answering->report, "Not stuck:");
	imp_report_open_list(answering->report, "not_stuck");
	if (running)
		imp_report_line(answering->report, "  %5zu run, or are ready to", running);
	for (size_t i = 0; i <= IMP_HOPE_DPC; i++) {
		if (!counts[i])
			continue;
		imp_report_open_object(answering->report, NULL);
		imp_report_value(answering->report, "threads", imp_number(counts[i]));
		imp_report_value(answering->report, "because", imp_string(imp_hang_hope_text((enum imp_hang_hope)i)));
		imp_report_close(answering->report);
		imp_report_line(answering->report, "  %5zu wait: %s", counts[i], imp_hang_hope_text((enum imp_hang_hope)i));
	}
	imp_report_close(answering->report);
	if (!max_wait_ms)
		return;
	imp_report_line(answering->report, "Waits that are longer than %llu s and not proven to be stuck:", (unsigned long long)max_wait_ms / 1000);
	imp_report_open_list(answering->report, "long_waits");
	for (size_t i = 0; i < hang->thread_count; i++) {
		const struct imp_hang_thread *thread = &hang->threads[i];

		if ((thread->fate == IMP_FATE_WAITS || thread->fate == IMP_FATE_NOT_JUDGED) && thread->hope != IMP_HOPE_WORK &&
		    thread->thread.wait_time_ms > max_wait_ms) {
			report_wait(answering, i);
			report_hope(answering, thread);
		}
	}
	imp_report_close(answering->report);
}

/* [--max-wait S] [--dot] */
static struct imp_error *parse(const char *arguments, uint64_t *max_wait_ms, bool *dot)
{
	char word[32], *end;

	*max_wait_ms = 0;
	*dot = false;
	while (imp_next_word(&arguments, word, sizeof(word))) {
		if (!strcmp(word, "--dot")) {
			*dot = true;
			continue;
		}
		if (strcmp(word, "--max-wait") != 0)
			return imp_error_new(IMP_ERROR_USAGE, "!hang knows the options --max-wait SECONDS and --dot, not '%s'", word);
		if (!imp_next_word(&arguments, word, sizeof(word)))
			return imp_error_new(IMP_ERROR_USAGE, "--max-wait needs a number of seconds");
		*max_wait_ms = strtoull(word, &end, 10) * 1000;
		if (*end || !*max_wait_ms)
			return imp_error_new(IMP_ERROR_USAGE, "--max-wait takes a number of seconds, not '%s'", word);
	}
	return NULL;
}

IMP_COMMAND(hang)
{
	struct answering answering = { .session = session, .report = report };
	struct imp_hang *hang;
	uint64_t max_wait_ms;
	bool dot;
	char text[3 * IMP_HANG_TEXT];
	struct imp_error *err = parse(arguments, &max_wait_ms, &dot);

	if (!err)
		err = imp_hang_examine(session->kernel, &hang);
	if (err)
		return err;
	answering.hang = hang;
	session->stuck = hang->finding_count > 0;
	imp_hang_conclusion(hang, text, sizeof(text));
	if (dot) {
		imp_report_value(report, "conclusion", imp_string(text));
		imp_report_value(report, "stuck", imp_bool(hang->finding_count > 0));
		imp_report_hang_dot(hang, report);
		imp_hang_free(hang);
		return NULL;
	}
	imp_report_pair(report, "conclusion", imp_string(text), "%s", text);
	imp_report_value(report, "stuck", imp_bool(hang->finding_count > 0));
	imp_report_open_list(report, "findings");
	for (size_t i = 0; i < hang->finding_count; i++)
		report_finding(&answering, &hang->findings[i]);
	imp_report_close(report);
	report_others(&answering, max_wait_ms);
	imp_hang_free(hang);
	return NULL;
}
