/* dt: types, variables, and values of them. What was asked for is dt_arguments.c's question. */
#include "command/commands.h"
#include "command/dt.h"
#include "nt/symbolize.h"
#include "types/value.h"

#include <stdlib.h>
#include <uthash.h>

enum { MAX_TYPES = 20000, MAX_ROWS = 20000, MAX_ENTRIES = 100000, DT_NAME_WIDTH = 16 };

struct row_sink {
	struct imp_session *session;
	struct imp_table *tree;
	size_t count;
};

static bool points_to_code(const struct imp_field *field)
{
	struct imp_type target;
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	if (field->type.kind != IMP_TYPE_POINTER)
		return false;
	err = imp_type_at(field->type.pdb, field->type.element, &target);
	return !err && target.kind == IMP_TYPE_FUNCTION;
}

static bool add_row(void *context, const struct imp_dt_row *row)
{
	struct row_sink *sink = context;
	struct imp_value value = row->has_value ? imp_address(row->value) : imp_null();
	char text[512] = "";
	struct imp_name name;

	if (++sink->count > MAX_ROWS) {
		imp_kernel_note(sink->session->kernel, "only the first %d rows are shown; a smaller -rN or fields' names narrow them", MAX_ROWS);
		return false;
	}
	if (row->has_value && row->value && points_to_code(row->field)) {
		imp_symbolize(sink->session->kernel, row->value, false, &name);
		snprintf(text, sizeof(text), "%s %s", row->text, name.module ? name.text : "");
	}
	(row->is_element ? imp_tree_element : imp_tree_row)(sink->tree, row->depth, row->offset, row->name, *text ? text : row->text, value);
	return !imp_session_interrupted(sink->session);
}

struct name_sink {
	struct imp_session *session;
	struct imp_table *table;
	const char *module;
	bool verbose;
	size_t count;
};

static bool add_name(void *context, const struct imp_type *type)
{
	struct name_sink *sink = context;
	char text[512];

	if (sink->verbose)
		imp_table_cell(sink->table, imp_string(type->name), "          %s!%s", sink->module, imp_type_verbose_text(type, text, sizeof(text)));
	else
		imp_table_cell(sink->table, imp_string(type->name), "          %s!%s", sink->module, type->name);
	imp_table_cell(sink->table, imp_number(type->size), "%s", "");
	return ++sink->count < MAX_TYPES && !imp_session_interrupted(sink->session);
}

static struct imp_error *report_names(struct imp_session *session, struct imp_report *report, const struct imp_dt_request *request)
{
	static const struct imp_column columns[] = { { "name", "", IMP_LEFT, 0 }, { "size", NULL, IMP_LEFT, 0 } };
	struct name_sink names = { .session = session, .module = request->module->short_name, .verbose = request->options.verbose };

	names.table = imp_report_table(report, "types", columns, 2, IMP_TABLE_PLAIN);
	return imp_type_names(request->pdb, request->name, add_name, &names);
}

static bool add_enumerator(void *context, const char *name, int64_t value)
{
	struct imp_table *table = context;

	imp_table_cell(table, imp_string(name), "   %s", name);
	imp_table_cell(table, imp_signed(value), "= 0n%lld", (long long)value);
	return true;
}

static struct imp_error *report_enumerators(struct imp_report *report, const struct imp_type *type)
{
	static const struct imp_column columns[] = { { "name", "", IMP_LEFT, 0 }, { "value", "", IMP_LEFT, 0 } };

	imp_report_line(report, "Enum %s,  %llu total enums", type->name, (unsigned long long)type->count);
	imp_report_line(report, "%s", "");
	return imp_type_enumerators(type, add_enumerator, imp_report_table(report, "enumerators", columns, 2, IMP_TABLE_PLAIN));
}

/* A value that is no structure, on a line of its own. */
static struct imp_error *report_value(struct imp_report *report, const struct imp_dt_request *request)
{
	struct imp_field field = { .name = request->name, .type = request->type };
	char type[512], *text = NULL;
	bool has_value = false;
	uint64_t value;
	size_t size;
	FILE *out;

	if (request->type.kind == IMP_TYPE_FUNCTION || !request->has_address) {
		imp_report_line(report, "   %s", imp_type_text(&request->type, type, sizeof(type)));
		return NULL;
	}
	out = open_memstream(&text, &size);
	if (!out)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the value of %s", request->name);
	imp_value_write(out, request->options.memory, &field, request->options.address, &has_value, &value);
	fclose(out);
	imp_report_pair(report, "value", has_value ? imp_address(value) : imp_null(), "   %s", text);
	free(text);
	return NULL;
}

/* The error for the first field that nothing was shown for. */
static struct imp_error *missing_field(const struct imp_dt_request *request)
{
	for (size_t i = 0; i < request->options.path_count; i++)
		if (!request->paths[i].found)
			return imp_error_new(IMP_ERROR_NOT_FOUND, "%s has no field '%s'", request->name, request->paths[i].text);
	return NULL;
}

/* The fields of a structure, or of what a pointer leads to. */
static struct imp_error *report_fields(struct row_sink *sink, struct imp_report *report, struct imp_dt_request *request)
{
	struct imp_type type = request->type;
	struct imp_error *err = NULL;

	if (type.kind != IMP_TYPE_STRUCT && type.kind != IMP_TYPE_UNION) {
		struct imp_field pointer = { .name = request->name, .type = type };
		uint64_t target = 0;

		err = report_value(report, request);
		if (!err && type.kind == IMP_TYPE_POINTER && request->has_address) {
			IMP_CLEANUP_ERROR struct imp_error *unreadable =
				imp_field_read(request->options.memory, &pointer, request->options.address, &target);

			request->options.address = target;
			if (unreadable || !target)
				return NULL;
		}
		if (!err && type.kind == IMP_TYPE_POINTER)
			err = imp_type_at(type.pdb, type.element, &type);
		bool has_rows =
			type.kind == IMP_TYPE_STRUCT || type.kind == IMP_TYPE_UNION || (type.kind == IMP_TYPE_ARRAY && request->options.elements);
		if (err || !has_rows)
			return err;
	}
	sink->tree = imp_report_tree(report, "fields", DT_NAME_WIDTH);
	err = imp_dt(&type, &request->options, add_row, sink);
	return err ? err : missing_field(request);
}

struct visited {
	uint64_t address;
	UT_hash_handle hh;
};

/* Remembers an entry of the list; false when it was there before, or memory is short. */
static bool visit_once(struct visited **all, uint64_t address)
{
	struct visited *visited;

	HASH_FIND(hh, *all, &address, sizeof(address), visited);
	if (visited || !(visited = calloc(1, sizeof(*visited))))
		return false;
	visited->address = address;
	HASH_ADD(hh, *all, address, sizeof(visited->address), visited);
	return true;
}

/* Writes an entry's title. The list's head, which is no entry, is known by its symbol; false for that. */
static bool report_entry_title(struct imp_session *session, struct imp_report *report, const struct imp_dt_request *request, uint64_t into)
{
	uint64_t address = request->options.address;
	struct imp_name name = { .displacement = 1 };

	if (into)
		imp_symbolize(session->kernel, address + into, false, &name);
	bool is_head = name.module && name.displacement == 0;
	imp_report_line(report, "%s at 0x%08llx`%08llx%s%s", request->link, (unsigned long long)(address >> 32),
			(unsigned long long)(address & UINT32_MAX), is_head ? ": the list's head, " : "", is_head ? name.text : "");
	imp_report_line(report, "%s", "---------------------------------------------");
	if (is_head)
		imp_report_value(report, "head", imp_string(name.text));
	return !is_head;
}

/* The entries of a list, each with its fields, until it is back at the first one, or ends with a null pointer. */
static struct imp_error *report_list(struct row_sink *sink, struct imp_report *report, struct imp_dt_request *request)
{
	struct imp_kernel *kernel = sink->session->kernel;
	struct visited *visited = NULL, *entry, *next_entry;
	uint64_t first = request->options.address, next = first, into;
	struct imp_field link;
	struct imp_error *err = imp_dt_link(request, &link, &into);

	if (err)
		return err;
	imp_report_open_list(report, "entries");
	while (!err && sink->count <= MAX_ROWS && !imp_session_interrupted(sink->session)) {
		if (!visit_once(&visited, next)) {
			if (next != first)
				imp_kernel_note(kernel, "the list leads back to %016llx, not to its first entry", (unsigned long long)next);
			break;
		}
		if (HASH_COUNT(visited) > MAX_ENTRIES) {
			imp_kernel_note(kernel, "only the first %d entries of the list are shown", MAX_ENTRIES);
			break;
		}
		request->options.address = next;
		imp_report_open_object(report, NULL);
		imp_report_value(report, "address", imp_address(next));
		if (report_entry_title(sink->session, report, request, into))
			err = report_fields(sink, report, request);
		imp_report_line(report, "%s", "");
		imp_report_close(report);
		IMP_CLEANUP_ERROR struct imp_error *unreadable = imp_field_read(request->options.memory, &link, request->options.address, &next);
		if (unreadable) {
			imp_kernel_note(kernel, "the list cannot be followed further: %s", imp_error_message(unreadable));
			break;
		}
		if (next == 0)
			break;
		next -= into;
	}
	imp_report_close(report);
	entry = visited;
	HASH_CLEAR(hh, visited);
	for (; entry; entry = next_entry) {
		next_entry = entry->hh.next;
		free(entry);
	}
	return err;
}

/* Says what is shown before its fields. */
static void report_title(struct imp_report *report, const struct imp_dt_request *request)
{
	char text[512];

	imp_report_value(report, "type", imp_string(imp_type_text(&request->type, text, sizeof(text))));
	imp_report_value(report, "size", imp_number(request->type.size));
	if (request->has_address)
		imp_report_value(report, "address", imp_address(request->options.address));
	if (request->type.kind == IMP_TYPE_FUNCTION)
		snprintf(text, sizeof(text), "function");
	if (request->is_variable)
		imp_report_line(report, "%s!%s @ 0x%08llx`%08llx Type %s", request->module->short_name, request->name,
				(unsigned long long)(request->options.address >> 32), (unsigned long long)(request->options.address & UINT32_MAX),
				text);
	else if (request->options.verbose && !*request->link)
		imp_report_line(report, "%s", imp_type_verbose_text(&request->type, text, sizeof(text)));
}

IMP_COMMAND(dt)
{
	struct imp_dt_request request;
	struct row_sink sink = { .session = session };
	struct imp_error *err = imp_dt_parse(session, arguments, &request);

	if (err)
		return err;
	if (imp_dt_is_pattern(&request))
		return report_names(session, report, &request);
	report_title(report, &request);
	if (request.type.kind == IMP_TYPE_ENUM && !request.has_address)
		return report_enumerators(report, &request.type);
	return *request.link ? report_list(&sink, report, &request) : report_fields(&sink, report, &request);
}
