/* evt, obj: dispatcher objects and who waits for them. */
#include "command/commands.h"
#include "command/describe.h"
#include "nt/dispatcher.h"
#include "types/render.h"

#include <stdio.h>
#include <string.h>

enum { MEX_NAME_WIDTH = 20 }; /* of field names in MEX's view of an event; dt's own are narrower */

struct event_rows {
	struct imp_table *tree;
};

/* MEX adds the hexadecimal value to decimal ones, the decimal one to short bit fields, and the state in words. */
static bool add_row(void *context, const struct imp_dt_row *row)
{
	struct event_rows *rows = context;
	char text[320];
	bool has_parenthesis = strchr(row->text, '(');

	snprintf(text, sizeof(text), "%s", row->text);
	if (row->has_value && !strcmp(row->name, "SignalState"))
		snprintf(text, sizeof(text), "%s --> %s State", row->text, (int32_t)row->value > 0 ? "Signaled" : "Non Signaled");
	else if (row->has_value && !has_parenthesis && !strncmp(row->text, "0n", 2) && row->value > 9)
		snprintf(text, sizeof(text), "%s (0x%x)", row->text, (unsigned)row->value);
	else if (row->has_value && !has_parenthesis && !strncmp(row->text, "0y", 2) && strlen(row->text) > 3)
		snprintf(text, sizeof(text), "%s (0n%llu)", row->text, (unsigned long long)row->value);
	imp_tree_row(rows->tree, row->depth, row->offset, row->name, text, row->has_value ? imp_address(row->value) : imp_null());
	return true;
}

IMP_COMMAND(evt)
{
	struct imp_dispatcher_header header;
	struct event_rows rows;
	struct imp_type type;
	uint64_t address, waiters;
	char ruler[128], title[128];
	struct imp_error *err = imp_argument_last(session, &arguments, "the address of an event", &address);

	if (err)
		return err;
	err = imp_error_context(imp_dispatcher_read(session->kernel, address, &header), "no event at %016llx", (unsigned long long)address);
	if (!err && (!header.structure || strcmp(header.structure, "_KEVENT")))
		err = imp_error_new(IMP_ERROR_FORMAT, "no event at %016llx: its dispatcher header has type 0x%x (%s), an event has 0 or 1",
				    (unsigned long long)address, header.type, header.type_name);
	if (!err && !header.size_fits)
		err = imp_error_new(IMP_ERROR_FORMAT, "no event at %016llx: its dispatcher header does not have the size of an event (freed memory?)",
				    (unsigned long long)address);
	if (!err)
		err = imp_type_find(session->kernel->nt.pdb, "_KEVENT", &type);
	if (err)
		return err;
	snprintf(title, sizeof(title), "dt -r1 nt!_KEVENT %016llx () Recursive: [ -r1 -r2 -r ] Verbose Normal dt", (unsigned long long)address);
	/* MEX's ruler is one longer than its title. */
	memset(ruler, '=', strlen(title) + 1);
	ruler[strlen(title) + 1] = '\0';
	imp_report_line(report, "%s", "");
	imp_report_line(report, "%s", title);
	imp_report_line(report, "%s", ruler);
	imp_report_value(report, "address", imp_address(address));
	imp_report_value(report, "type", imp_string(header.type_name));
	imp_report_value(report, "signaled", imp_bool(header.signal_state > 0));
	rows.tree = imp_report_tree(report, "fields", MEX_NAME_WIDTH);
	err = imp_dt(&type, &(struct imp_dt_options){ .memory = session->kernel->memory, .address = address, .depth = 1 }, add_row, &rows);
	if (err)
		return err;
	waiters = imp_waiters_count(session->kernel, &header);
	imp_report_line(report, "%s", "");
	imp_report_pair(report, "waiters", imp_number(waiters), "Number of waiters: %llu", (unsigned long long)waiters);
	return NULL;
}

struct waiter_listing {
	struct imp_session *session;
	struct imp_report *report;
	struct imp_table *table;
	uint64_t count;
};

static bool visit_waiter(void *context, uint64_t address)
{
	struct waiter_listing *list = context;
	struct imp_thread thread;
	struct imp_error *err = imp_thread_read(list->session->kernel, address, &thread);

	if (err) {
		imp_kernel_note_error(list->session->kernel, imp_error_context(err, "a waiter is left out"));
		return true;
	}
	list->count++;
	imp_report_thread(list->session->kernel, list->report, list->table, &thread);
	return !imp_session_interrupted(list->session);
}

IMP_COMMAND(obj)
{
	struct waiter_listing list = { .session = session, .report = report };
	struct imp_dispatcher_header header;
	bool waiters = false;
	uint64_t address;
	char word[32];
	struct imp_error *err;

	for (arguments = imp_skip_blanks(arguments); *arguments == '-'; arguments = imp_skip_blanks(arguments)) {
		imp_next_word(&arguments, word, sizeof(word));
		if (strcasecmp(word, "-waiters"))
			return imp_error_new(IMP_ERROR_USAGE, "obj knows the option -waiters, not '%s'", word);
		waiters = true;
	}
	err = imp_argument_last(session, &arguments, "the address of an object", &address);
	if (!err)
		err = imp_dispatcher_read(session->kernel, address, &header);
	if (err)
		return err;
	if (!header.size_fits)
		return imp_error_new(IMP_ERROR_FORMAT,
				     "no dispatcher object at %016llx: its header is not that of an event or another object (freed memory?)",
				     (unsigned long long)address);
	if (!header.structure)
		return imp_error_new(IMP_ERROR_FORMAT, "no dispatcher object at %016llx: its header has type 0x%x, which is none",
				     (unsigned long long)address, header.type);
	imp_report_value(report, "address", imp_address(address));
	imp_report_value(report, "type", imp_string(header.type_name));
	imp_report_value(report, "signal_state", imp_signed(header.signal_state));
	if (!waiters) {
		uint64_t count = imp_waiters_count(session->kernel, &header);

		imp_report_line(report, "Object %016llx  Type: %s  SignalState: %d", (unsigned long long)address, header.type_name,
				header.signal_state);
		imp_report_pair(report, "waiter_count", imp_number(count), "Number of waiters: %llu", (unsigned long long)count);
		return NULL;
	}
	list.table = imp_report_threads(report, "waiters");
	imp_kernel_note_error(session->kernel, imp_waiters_each(session->kernel, &header, visit_waiter, &list));
	if (!list.count)
		imp_report_line(report, "No thread waits for this %s.", header.type_name);
	return NULL;
}
