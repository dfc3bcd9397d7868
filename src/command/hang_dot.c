/* !hang --dot: the graph of what is stuck, for Graphviz. Threads, objects and kinds of edges differ in shape and in words as well as in colour. */
#include "command/hang.h"
#include "hang/words.h"
#include "nt/time.h"

#include <stdio.h>
#include <string.h>

enum { MOST_NODES = 400 /* threads: more cannot be read, and take Graphviz minutes */ };

/* A label in quotes: `text` may hold what a dump or a symbol file says. */
static void quote(const char *text, char *quoted, size_t size)
{
	size_t length = 0;

	for (; *text && length + 3 < size; text++) {
		if (*text == '"' || *text == '\\')
			quoted[length++] = '\\';
		quoted[length++] = (unsigned char)*text < 0x20 ? '?' : *text;
	}
	quoted[length] = '\0';
}

static void put_thread(const struct imp_hang *hang, struct imp_report *report, size_t number)
{
	const struct imp_hang_thread *thread = &hang->threads[number];
	char name[96], place[IMP_HANG_TEXT] = "", quoted[2 * IMP_HANG_TEXT], interval[32];
	bool is_return, stuck = thread->finding != IMP_HANG_NONE;
	uint64_t at = imp_hang_wait_place(thread, &is_return);

	if (at)
		imp_hang_place_text(hang, at, is_return, place, sizeof(place));
	quote(place, quoted, sizeof(quoted));
	imp_format_interval(thread->thread.wait_time_ms, interval, sizeof(interval));
	imp_report_line(report, "  t%zu [shape=box, style=\"%s\", color=\"%s\", label=\"%s\\n%s\\n%s since %s\"];", number, stuck ? "bold" : "dashed",
			stuck ? "#b00020" : "#4a6a4a", imp_hang_thread_text(hang, number, name, sizeof(name)), quoted,
			imp_hang_fate_name(thread->fate), interval);
}

static void put_object(const struct imp_hang *hang, struct imp_report *report, size_t number)
{
	char name[120], state[IMP_HANG_TEXT], quoted[2 * IMP_HANG_TEXT];

	quote(imp_hang_object_state(hang, number, state, sizeof(state)), quoted, sizeof(quoted));
	imp_report_line(report, "  o%zu [shape=%s, label=\"%s\\n%s\"];", number,
			hang->objects[number].kind == IMP_HANG_DISPATCHER ? "ellipse" : "hexagon",
			imp_hang_object_text(hang, number, name, sizeof(name)), quoted);
}

static void put_wakers(const struct imp_hang *hang, struct imp_report *report, size_t number)
{
	const struct imp_hang_object *object = &hang->objects[number];

	for (size_t i = 0; i < object->owner_count; i++) {
		size_t thread = imp_hang_find_thread(hang, object->owners[i].thread);

		if (thread == IMP_HANG_NONE)
			continue;
		if (hang->threads[thread].finding == IMP_HANG_NONE)
			put_thread(hang, report, thread);
		imp_report_line(report, "  o%zu -> t%zu [style=bold, arrowhead=diamond, label=\"held by\"];", number, thread);
	}
	for (size_t act = object->first_act; act != IMP_HANG_NONE && !object->owner_count; act = hang->acts[act].next) {
		char place[IMP_HANG_TEXT], quoted[2 * IMP_HANG_TEXT];

		if (hang->acts[act].thread == IMP_HANG_NONE || hang->threads[hang->acts[act].thread].finding == IMP_HANG_NONE)
			continue;
		quote(imp_hang_place_text(hang, hang->acts[act].site, false, place, sizeof(place)), quoted, sizeof(quoted));
		imp_report_line(report, "  o%zu -> t%zu [style=dotted, arrowhead=empty, label=\"would be signalled by\\n%s\\n%s\"];", number,
				hang->acts[act].thread, hang->acts[act].routine->name, quoted);
	}
}

void imp_report_hang_dot(const struct imp_hang *hang, struct imp_report *report)
{
	char text[3 * IMP_HANG_TEXT], quoted[4 * IMP_HANG_TEXT];
	size_t shown = 0;

	quote(imp_hang_conclusion(hang, text, sizeof(text)), quoted, sizeof(quoted));
	imp_report_line(report, "digraph hang {");
	imp_report_line(report, "  graph [label=\"%s\", labelloc=t, rankdir=LR];", quoted);
	for (size_t i = 0; i < hang->thread_count && shown < MOST_NODES; i++) {
		const struct imp_hang_thread *thread = &hang->threads[i];

		if (thread->finding == IMP_HANG_NONE)
			continue;
		shown++;
		put_thread(hang, report, i);
		for (size_t j = 0; j < thread->object_count; j++)
			imp_report_line(report, "  t%zu -> o%zu [label=\"waits for\"];", i, thread->objects[j]);
	}
	for (size_t i = 0; i < hang->object_count; i++) {
		bool stuck = false;

		for (size_t j = 0; j < hang->objects[i].waiter_count && !stuck; j++)
			stuck = hang->threads[hang->objects[i].waiters[j]].finding != IMP_HANG_NONE;
		if (stuck) {
			put_object(hang, report, i);
			put_wakers(hang, report, i);
		}
	}
	imp_report_line(report, "}");
}
