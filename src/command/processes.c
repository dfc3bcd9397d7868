/* tl, p, !process, .process: processes. */
#include "command/commands.h"
#include "nt/time.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct listing {
	struct imp_session *session;
	const char *filter;
	bool by_pid;
	uint64_t pid;
	struct imp_process *found;
	size_t count, capacity;
	uint64_t zombies;
	struct imp_error *err;
};

static bool wanted(const struct listing *list, const struct imp_process *process)
{
	return !*list->filter || imp_filter(list->filter, process->name) || (list->by_pid && process->pid == list->pid);
}

static bool list_process(void *context, uint64_t address)
{
	struct listing *list = context;
	struct imp_process process;
	struct imp_error *err;

	if (imp_session_interrupted(list->session)) {
		list->err = imp_session_interruption();
		return false;
	}
	err = imp_process_read(list->session->kernel, address, &process);
	if (err) {
		imp_kernel_note_error(list->session->kernel, err);
		return true;
	}
	if (process.is_zombie) {
		list->zombies++;
		return true;
	}
	if (!wanted(list, &process))
		return true;
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? list->capacity * 2 : 32;
		struct imp_process *found = reallocarray(list->found, capacity, sizeof(*found));

		if (!found) {
			list->err = imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for the list of processes");
			return false;
		}
		list->found = found;
		list->capacity = capacity;
	}
	list->found[list->count++] = process;
	return true;
}

/* Numbers in a filter are PIDs too: hexadecimal, or 0n decimal. Returns whether `filter` is one. */
static bool parse_pid(const char *filter, uint64_t *pid)
{
	char *end;
	bool decimal = filter[0] == '0' && tolower((unsigned char)filter[1]) == 'n';

	if (!isxdigit((unsigned char)filter[0]))
		return false;
	*pid = strtoull(filter + (decimal ? 2 : 0), &end, decimal ? 10 : 16);
	return !*end;
}

static void report_list(struct imp_report *report, const struct listing *list)
{
	static const struct imp_column columns[] = {
		{ NULL, "PID", IMP_LEFT, 0 },    { "pid", NULL, IMP_LEFT, 0 },     { "address", "Address", IMP_LEFT, 16 },
		{ "name", "Name", IMP_LEFT, 0 }, { "threads", NULL, IMP_LEFT, 0 },
	};
	struct imp_table *table;
	char hexadecimal[24], decimal[24];
	int hexadecimal_width = 0, decimal_width = 0, width;

	for (size_t i = 0; i < list->count; i++) {
		width = snprintf(hexadecimal, sizeof(hexadecimal), "0x%llx", (unsigned long long)list->found[i].pid);
		hexadecimal_width = width > hexadecimal_width ? width : hexadecimal_width;
		width = snprintf(decimal, sizeof(decimal), "0n%llu", (unsigned long long)list->found[i].pid);
		decimal_width = width > decimal_width ? width : decimal_width;
	}
	table = imp_report_table(report, "processes", columns, sizeof(columns) / sizeof(columns[0]),
				 IMP_TABLE_TITLES | IMP_TABLE_RULER | IMP_TABLE_FOOTER);
	for (size_t i = 0; i < list->count; i++) {
		const struct imp_process *process = &list->found[i];

		snprintf(hexadecimal, sizeof(hexadecimal), "0x%llx", (unsigned long long)process->pid);
		snprintf(decimal, sizeof(decimal), "0n%llu", (unsigned long long)process->pid);
		imp_table_cell(table, imp_null(), "%-*s %-*s", hexadecimal_width, hexadecimal, decimal_width, decimal);
		imp_table_cell(table, imp_number(process->pid), "%s", "");
		imp_table_cell(table, imp_address(process->address), "%016llx", (unsigned long long)process->address);
		imp_table_cell(table, imp_string(process->name), "%s", process->name);
		imp_table_cell(table, imp_number(process->active_threads), "%s", "");
	}
	imp_report_value(report, "zombies", imp_number(list->zombies));
	if (list->zombies) {
		imp_report_line(report, "%s", "");
		imp_report_line(report, "Warning! Zombie process(es) detected (not displayed). Count: %llu [zombie report]",
				(unsigned long long)list->zombies);
	}
}

IMP_COMMAND(tl)
{
	char filter[128] = "";
	struct listing list = { .session = session, .filter = filter };
	struct imp_error *err;

	imp_next_word(&arguments, filter, sizeof(filter));
	err = imp_arguments_end(arguments);
	if (err)
		return err;
	list.by_pid = parse_pid(filter, &list.pid);
	err = imp_process_each(session->kernel, list_process, &list);
	if (err && !list.count && !list.zombies) {
		free(list.found);
		return err;
	}
	imp_kernel_note_error(session->kernel, err);
	report_list(report, &list);
	free(list.found);
	return list.err;
}

/* "4 MB", "652.32 MB", "40 KB", "272 B" */
static const char *format_size(uint64_t bytes, char *text, size_t size)
{
	static const char *const units[] = { "B", "KB", "MB", "GB", "TB" };
	size_t unit = 0;
	double value = (double)bytes;
	int length;

	for (; value >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
		value /= 1024;
	length = snprintf(text, size, "%.2f", value);
	while (length > 1 && text[length - 1] == '0')
		text[--length] = '\0';
	if (text[length - 1] == '.')
		text[--length] = '\0';
	snprintf(text + length, size - (size_t)length, " %s", units[unit]);
	return text;
}

static void report_process(struct imp_report *report, const struct imp_process *process)
{
	static const struct imp_column columns[] = {
		{ "name", "Name", IMP_LEFT, 0 },      { NULL, "Address", IMP_LEFT, 0 },      { "address", NULL, IMP_LEFT, 0 },
		{ "session", "Ses", IMP_RIGHT, 0 },   { "pid", "PID", IMP_LEFT, 0 },         { "parent_pid", "Parent", IMP_LEFT, 0 },
		{ "peb", "PEB", IMP_LEFT, 0 },        { NULL, "Create Time", IMP_LEFT, 0 },  { "create_time", NULL, IMP_LEFT, 0 },
		{ "modules", "Mods", IMP_RIGHT, 0 },  { "handles", "Handle", IMP_RIGHT, 0 }, { "threads", "Thrd", IMP_RIGHT, 0 },
		{ "user", "User Name", IMP_LEFT, 0 },
	};
	struct imp_table *table = imp_report_table(report, "process", columns, sizeof(columns) / sizeof(columns[0]),
						   IMP_TABLE_TITLES | IMP_TABLE_RULER | IMP_TABLE_ONE);
	unsigned long long pid = process->pid, parent = process->parent_pid;
	char time[48], iso[48];

	imp_table_cell(table, imp_string(process->name), "%s", process->name);
	imp_table_cell(table, imp_null(), "%016llx (E|K|O)", (unsigned long long)process->address);
	imp_table_cell(table, imp_address(process->address), "%s", "");
	imp_table_cell(table, imp_number(process->session), "%llu", (unsigned long long)process->session);
	imp_table_cell(table, imp_number(pid), "%llx (0n%llu)", pid, pid);
	imp_table_cell(table, imp_number(parent), "%llx (0n%llu)", parent, parent);
	imp_table_cell(table, imp_address(process->peb), "%016llx", (unsigned long long)process->peb);
	imp_table_cell(table, imp_null(), "%s", imp_format_file_time(process->create_time, time, sizeof(time)));
	imp_table_cell(table, imp_string(imp_format_iso_time(process->create_time, iso, sizeof(iso))), "%s", "");
	/* A process without PEB has no user-mode modules; those of others are in user pages. */
	imp_table_cell(table, process->peb ? imp_null() : imp_number(0), "%s", process->peb ? "?" : "0");
	imp_table_cell(table, imp_number(process->handle_count), "%llu", (unsigned long long)process->handle_count);
	imp_table_cell(table, imp_number(process->active_threads), "%llu", (unsigned long long)process->active_threads);
	imp_table_cell(table, *process->user ? imp_string(process->user) : imp_null(), "%s", *process->user ? process->user : "Not Found");
}

static void report_memory(struct imp_report *report, const struct imp_process *process)
{
	static const struct imp_column columns[] = {
		{ "virtual_size", "VM", IMP_RIGHT_CELLS, 0 },
		{ "peak_virtual_size", "Peak", IMP_RIGHT_CELLS, 0 },
		{ "commit_charge", "Commit Size", IMP_RIGHT_CELLS, 0 },
		{ "nonpaged_quota", "NPP Quota", IMP_RIGHT_CELLS, 0 },
	};
	const uint64_t sizes[] = { process->virtual_size, process->peak_virtual_size, process->commit_charge, process->nonpaged_quota };
	struct imp_table *table;
	char text[32];

	imp_report_line(report, "%s", "");
	imp_report_line(report, "Memory Details:");
	imp_report_line(report, "%s", "");
	table = imp_report_table(report, "memory", columns, 4, IMP_TABLE_TITLES | IMP_TABLE_RULER | IMP_TABLE_INDENT | IMP_TABLE_ONE);
	for (size_t i = 0; i < 4; i++)
		imp_table_cell(table, imp_number(sizes[i]), "%s", format_size(sizes[i], text, sizeof(text)));
}

IMP_COMMAND(p)
{
	struct imp_process process;
	uint64_t address;
	struct imp_error *err = imp_argument_process(session, &arguments, &address);

	if (!err)
		err = imp_arguments_end(arguments);
	if (!err)
		err = imp_kernel_need_symbols(session->kernel);
	if (!err)
		err = imp_process_read(session->kernel, address, &process);
	if (err)
		return err;
	report_process(report, &process);
	report_memory(report, &process);
	/* MEX ends with links to its other commands; these are the ones that exist here. */
	imp_report_line(report, "%s", "");
	imp_report_line(report, "Show Threads: Unique Stacks    !mex.listthreads (!lt) %016llx    !process %016llx 7", (unsigned long long)address,
			(unsigned long long)address);
	return NULL;
}

IMP_COMMAND(set_process)
{
	uint64_t address;
	struct imp_error *err;

	arguments = imp_skip_switches(arguments);
	err = imp_argument_process(session, &arguments, &address);
	if (!err)
		err = imp_arguments_end(arguments);
	if (!err && address != session->process)
		err = imp_session_set_process(session, address);
	if (!err)
		imp_report_pair(report, "process", imp_address(session->process), "Implicit process is now %08x`%08x",
				(unsigned)(session->process >> 32), (unsigned)session->process);
	return err;
}
