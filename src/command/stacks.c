/* us, k: stacks of many threads grouped, and the stack of one. */
#include "command/commands.h"
#include "command/describe.h"
#include "command/stack_arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Threads whose stacks hold the same addresses. */
struct group {
	struct imp_stack_frame *frames;
	size_t frame_count;
	uint64_t *threads;
	size_t thread_count, thread_capacity;
};

struct unique {
	struct imp_session *session;
	const char *filter;
	struct imp_stack *stack; /* of the thread being looked at */
	struct group *groups;
	size_t group_count, group_capacity;
	uint64_t matching, total, without_stack;
	struct imp_error *err;
};

static bool frame_matches(struct imp_kernel *kernel, const char *filter, const struct imp_stack_frame *frame)
{
	struct imp_name name;
	char text[1024];

	imp_frame_name(kernel, frame, &name);
	snprintf(text, sizeof(text), "%s %s %s", name.text, name.resolved, name.file);
	return imp_filter(filter, text);
}

static bool stack_matches(struct unique *unique)
{
	for (size_t i = 0; i < unique->stack->count; i++) {
		if (frame_matches(unique->session->kernel, unique->filter, &unique->stack->frames[i]))
			return true;
	}
	return !*unique->filter;
}

static struct group *find_group(struct unique *unique)
{
	for (size_t i = 0; i < unique->group_count; i++) {
		struct group *group = &unique->groups[i];
		size_t frame = 0;

		while (group->frame_count == unique->stack->count && frame < group->frame_count &&
		       group->frames[frame].address == unique->stack->frames[frame].address)
			frame++;
		if (group->frame_count == unique->stack->count && frame == group->frame_count)
			return group;
	}
	return NULL;
}

/* Makes room for one more element; the array keeps its address in `*array`. */
static bool grow(void **array, size_t count, size_t *capacity, size_t size)
{
	size_t more = *capacity ? *capacity * 2 : 8;
	void *grown;

	if (count < *capacity)
		return true;
	grown = reallocarray(*array, more, size);
	if (!grown)
		return false;
	*array = grown;
	*capacity = more;
	return true;
}

static bool add_group(struct unique *unique, struct group **group)
{
	size_t count = unique->stack->count;

	if (!grow((void **)&unique->groups, unique->group_count, &unique->group_capacity, sizeof(unique->groups[0])))
		return false;
	*group = &unique->groups[unique->group_count];
	memset(*group, 0, sizeof(**group));
	(*group)->frames = calloc(count ? count : 1, sizeof((*group)->frames[0]));
	if (!(*group)->frames)
		return false;
	memcpy((*group)->frames, unique->stack->frames, count * sizeof((*group)->frames[0]));
	(*group)->frame_count = count;
	unique->group_count++;
	return true;
}

static bool visit_thread(void *context, uint64_t address)
{
	struct unique *unique = context;
	struct imp_kernel *kernel = unique->session->kernel;
	struct imp_thread thread;
	struct group *group;
	struct imp_error *err;

	if (imp_session_interrupted(unique->session)) {
		unique->err = imp_session_interruption();
		return false;
	}
	err = imp_thread_read(kernel, address, &thread);
	if (err) {
		imp_kernel_note_error(kernel, err);
		return true;
	}
	unique->total++;
	err = imp_thread_stack(kernel, &thread, unique->stack);
	if (err) {
		imp_error_free(err);
		unique->without_stack++;
		return true;
	}
	if (!stack_matches(unique))
		return true;
	unique->matching++;
	group = find_group(unique);
	if ((!group && !add_group(unique, &group)) ||
	    !grow((void **)&group->threads, group->thread_count, &group->thread_capacity, sizeof(group->threads[0]))) {
		unique->err = imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for the stacks");
		return false;
	}
	group->threads[group->thread_count++] = address;
	return true;
}

static bool visit_process(void *context, uint64_t address)
{
	struct unique *unique = context;

	imp_kernel_note_error(unique->session->kernel, imp_thread_each(unique->session->kernel, address, visit_thread, unique));
	return !unique->err;
}

/* Few threads first: what is rare is what one looks for. Groups of the same size stay in the order of the threads. */
static void sort_groups(struct unique *unique)
{
	for (size_t i = 1; i < unique->group_count; i++) {
		struct group group = unique->groups[i];
		size_t at = i;

		for (; at && unique->groups[at - 1].thread_count > group.thread_count; at--)
			unique->groups[at] = unique->groups[at - 1];
		unique->groups[at] = group;
	}
}

static void report_group(struct imp_kernel *kernel, struct imp_report *report, const struct group *group)
{
	char *text = NULL;
	size_t size = 0;
	FILE *line = open_memstream(&text, &size);

	imp_report_open_object(report, NULL);
	imp_report_open_list(report, "threads");
	for (size_t i = 0; i < group->thread_count; i++) {
		imp_report_value(report, NULL, imp_address(group->threads[i]));
		if (line)
			fprintf(line, "%s%016llx", i ? " " : "", (unsigned long long)group->threads[i]);
	}
	imp_report_close(report);
	if (line && !fclose(line))
		imp_report_line(report, "%zu thread%s [stats]: %s", group->thread_count, group->thread_count == 1 ? "" : "s", text);
	free(text);
	imp_report_frames(kernel, report, group->frames, group->frame_count, IMP_STACK_UNIQUE);
	imp_report_line(report, "%s", "");
	imp_report_close(report);
}

static struct imp_error *collect(struct unique *unique, bool everywhere)
{
	struct imp_kernel *kernel = unique->session->kernel;
	struct imp_error *err = imp_kernel_need_symbols(kernel);

	if (!err && everywhere)
		err = imp_process_each(kernel, visit_process, unique);
	else if (!err && !unique->session->process)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "no process is chosen and System cannot be found; .process ADDRESS chooses one");
	else if (!err)
		err = imp_thread_each(kernel, unique->session->process, visit_thread, unique);
	if (err && unique->total) {
		imp_kernel_note_error(kernel, err);
		err = NULL;
	}
	return err ? err : unique->err;
}

IMP_COMMAND(us)
{
	char filter[256] = "";
	struct unique unique = { .session = session, .filter = filter };
	bool everywhere = false;
	struct imp_error *err;

	while (imp_next_word(&arguments, filter, sizeof(filter)) && !strcmp(filter, "-a")) {
		everywhere = true;
		filter[0] = '\0';
	}
	err = *filter == '-' ? imp_error_new(IMP_ERROR_USAGE, "us knows the option -a, not '%s'", filter) : imp_arguments_end(arguments);
	if (err)
		return err;
	unique.stack = calloc(1, sizeof(*unique.stack));
	if (!unique.stack)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for a stack");
	err = collect(&unique, everywhere);
	sort_groups(&unique);
	imp_report_open_list(report, "stacks");
	for (size_t i = 0; i < unique.group_count; i++)
		report_group(session->kernel, report, &unique.groups[i]);
	imp_report_close(report);
	if (!err || unique.total) {
		imp_report_line(report, "Threads matching filter: %llu out of %llu", (unsigned long long)unique.matching,
				(unsigned long long)unique.total);
		imp_report_value(report, "matching", imp_number(unique.matching));
		imp_report_value(report, "total", imp_number(unique.total));
		imp_report_value(report, "without_stack", imp_number(unique.without_stack));
	}
	for (size_t i = 0; i < unique.group_count; i++) {
		free(unique.groups[i].frames);
		free(unique.groups[i].threads);
	}
	free(unique.groups);
	free(unique.stack);
	return err;
}

/* [THREAD] [COUNT]: a number that cannot be the address of a thread is a count of frames, as WinDbg's k takes it. */
static struct imp_error *parse_thread_and_count(struct imp_session *session, const char *arguments, uint64_t *address, uint64_t *count)
{
	enum { LOWEST_ADDRESS = 0x10000 }; /* nothing lies in the first 64 KiB */
	struct imp_error *err = imp_argument_or(session, &arguments, session->thread, address);

	*count = IMP_STACK_FRAMES;
	if (!err && *address && *address < LOWEST_ADDRESS) {
		*count = *address;
		*address = session->thread;
	} else if (!err) {
		err = imp_argument_or(session, &arguments, *count, count);
	}
	return err ? err : imp_arguments_end(arguments);
}

enum stack_form { FORM_FRAMES, FORM_NO_SOURCE, FORM_MEMORY, FORM_ARGUMENTS, FORM_SP_AND_ARGUMENTS, FORM_CALL_SITES };

/* Without source lines; `memory`: with the bytes of stack that each frame's callee took. */
static void report_plain(struct imp_kernel *kernel, struct imp_report *report, const struct imp_stack *stack, size_t count, bool memory)
{
	static const struct imp_column columns[] = {
		{ "index", " #", IMP_LEFT, 2 },           { "memory", "Memory", IMP_RIGHT, 9 },
		{ "child_sp", "Child-SP", IMP_LEFT, 17 }, { "return_address", "RetAddr", IMP_LEFT, 21 },
		{ "address", NULL, IMP_LEFT, 0 },         { "symbol", "Call Site", IMP_LEFT, 0 },
	};
	static const struct imp_column without_memory[] = {
		{ "index", " #", IMP_LEFT, 2 },           { NULL, NULL, IMP_LEFT, 0 },
		{ "child_sp", "Child-SP", IMP_LEFT, 17 }, { "return_address", "RetAddr", IMP_LEFT, 21 },
		{ "address", NULL, IMP_LEFT, 0 },         { "symbol", "Call Site", IMP_LEFT, 0 },
	};
	struct imp_table *table =
		imp_report_table(report, "frames", memory ? columns : without_memory, sizeof(columns) / sizeof(columns[0]), IMP_TABLE_TITLES);

	for (size_t i = 0; i < count; i++) {
		const struct imp_stack_frame *frame = &stack->frames[i];
		uint64_t used = i ? frame->child_sp - stack->frames[i - 1].child_sp : 0;
		struct imp_name name;
		char mark[IMP_MARK_SIZE];

		imp_frame_name(kernel, frame, &name);
		imp_table_cell(table, imp_number(i), "%02x", (unsigned)i);
		if (i)
			imp_table_cell(table, imp_number(used), "%llx", (unsigned long long)used);
		else
			imp_table_cell(table, imp_null(), "%s", "");
		imp_table_cell(table, imp_address(frame->child_sp), "%08x`%08x", (unsigned)(frame->child_sp >> 32), (unsigned)frame->child_sp);
		if (frame->return_known)
			imp_table_cell(table, imp_address(frame->return_address), "%08x`%08x", (unsigned)(frame->return_address >> 32),
				       (unsigned)frame->return_address);
		else
			imp_table_cell(table, imp_null(), "????????????????");
		imp_table_cell(table, imp_address(frame->address), "%s", "");
		imp_table_cell(table, imp_string(name.text), "%s%s", name.text, imp_frame_mark(report, frame, &name, mark, sizeof(mark)));
	}
}

static void report_stack(struct imp_kernel *kernel, struct imp_report *report, const struct imp_stack *stack, size_t count, enum stack_form form)
{
	if (form == FORM_FRAMES)
		imp_report_frames(kernel, report, stack->frames, count, IMP_STACK_KD);
	else if (form == FORM_NO_SOURCE || form == FORM_MEMORY)
		report_plain(kernel, report, stack, count, form == FORM_MEMORY);
	else if (form == FORM_CALL_SITES)
		imp_report_call_sites(kernel, report, stack, count);
	else
		imp_report_frames_with_arguments(kernel, report, stack, count, form == FORM_SP_AND_ARGUMENTS);
}

static struct imp_error *show_stack(struct imp_session *session, const char *arguments, struct imp_report *report, enum stack_form form)
{
	struct imp_session_registers registers;
	struct imp_thread thread;
	struct imp_stack *stack;
	uint64_t address, count;
	struct imp_error *err = parse_thread_and_count(session, arguments, &address, &count);
	bool current = !err && address == session->thread;

	if (current)
		err = imp_session_registers(session, &registers);
	current = current && !err && registers.from_context;
	if (!err && !current)
		err = imp_thread_read(session->kernel, address, &thread);
	if (err)
		return err;
	stack = calloc(1, sizeof(*stack));
	if (!stack)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for a stack");
	err = current ? imp_registers_stack(session->kernel, &registers.general, stack) : imp_thread_stack(session->kernel, &thread, stack);
	if (!err) {
		imp_report_value(report, "thread", address ? imp_address(address) : imp_null());
		report_stack(session->kernel, report, stack, count < stack->count ? (size_t)count : stack->count, form);
	}
	free(stack);
	return err;
}

IMP_COMMAND(k)
{
	return show_stack(session, arguments, report, FORM_FRAMES);
}

IMP_COMMAND(kL)
{
	return show_stack(session, arguments, report, FORM_NO_SOURCE);
}

IMP_COMMAND(kf)
{
	return show_stack(session, arguments, report, FORM_MEMORY);
}

IMP_COMMAND(kb)
{
	return show_stack(session, arguments, report, FORM_ARGUMENTS);
}

IMP_COMMAND(kv)
{
	return show_stack(session, arguments, report, FORM_SP_AND_ARGUMENTS);
}

IMP_COMMAND(kc)
{
	return show_stack(session, arguments, report, FORM_CALL_SITES);
}
