/* dt: types, and values of them. */
#include "command/commands.h"
#include "nt/symbolize.h"
#include "symbols/wildcard.h"
#include "types/render.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NESTING = 16, MAX_TYPES = 20000, MAX_ROWS = 20000, DT_NAME_WIDTH = 16 };

struct dt_request {
	unsigned depth;
	char type[192], field[128];
	struct imp_pdb *pdb;
	const char *module;
	bool has_address;
	uint64_t address;
};

struct row_sink {
	struct imp_session *session;
	struct imp_table *tree;
	const char *field;
	bool inside;
	size_t count;
};

static bool points_to_code(const struct imp_field *field)
{
	struct imp_type target;
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	if (!field || field->type.kind != IMP_TYPE_POINTER)
		return false;
	err = imp_type_at(field->type.pdb, field->type.element, &target);
	return !err && target.kind == IMP_TYPE_FUNCTION;
}

static bool add_row(void *context, const struct imp_dt_row *row)
{
	struct row_sink *sink = context;
	char text[512] = "";
	struct imp_name name;

	if (!row->depth)
		sink->inside = !*sink->field || imp_wildcard_match(sink->field, row->name);
	if (!sink->inside)
		return true;
	if (++sink->count > MAX_ROWS) {
		imp_kernel_note(sink->session->kernel, "only the first %d rows are shown; a smaller -rN or a field's name narrows them", MAX_ROWS);
		return false;
	}
	if (row->has_value && row->value && points_to_code(row->field)) {
		imp_symbolize(sink->session->kernel, row->value, false, &name);
		snprintf(text, sizeof(text), "%s %s", row->text, name.module ? name.text : "");
	}
	imp_tree_row(sink->tree, row->depth, row->offset, row->name, *text ? text : row->text, row->has_value ? imp_address(row->value) : imp_null());
	return !imp_session_interrupted(sink->session);
}

struct name_sink {
	struct imp_session *session;
	struct imp_table *table;
	const char *module;
	size_t count;
};

static bool add_name(void *context, const struct imp_type *type)
{
	struct name_sink *sink = context;

	imp_table_cell(sink->table, imp_string(type->name), "          %s!%s", sink->module, type->name);
	imp_table_cell(sink->table, imp_number(type->size), "%s", "");
	return ++sink->count < MAX_TYPES && !imp_session_interrupted(sink->session);
}

/* Splits "nt!_KEVENT" and finds the module's PDB; without a module it is the kernel's. */
static struct imp_error *choose_pdb(struct imp_session *session, const char *word, struct dt_request *request)
{
	const char *mark = strchr(word, '!');
	struct imp_module *module = &session->kernel->nt;

	if (mark && !(module = imp_module_named(session->kernel, word, (size_t)(mark - word))))
		return imp_error_new(IMP_ERROR_NOT_FOUND, "no module is named '%.*s'; lm lists them", (int)(mark - word), word);
	snprintf(request->type, sizeof(request->type), "%s", mark ? mark + 1 : word);
	request->module = module->short_name;
	return imp_module_pdb(session->kernel, module, &request->pdb);
}

static struct imp_error *parse(struct imp_session *session, const char *arguments, struct dt_request *request)
{
	char word[192];
	struct imp_error *err;

	memset(request, 0, sizeof(*request));
	for (arguments = imp_skip_blanks(arguments); *arguments == '-'; arguments = imp_skip_blanks(arguments)) {
		imp_next_word(&arguments, word, sizeof(word));
		if (word[1] != 'r' || word[2 + strspn(word + 2, "0123456789")])
			return imp_error_new(IMP_ERROR_USAGE, "dt knows the option -r[N], not '%s'", word);
		request->depth = word[2] ? (unsigned)strtoul(word + 2, NULL, 10) : MAX_NESTING;
		if (request->depth > MAX_NESTING)
			request->depth = MAX_NESTING;
	}
	if (!imp_next_word(&arguments, word, sizeof(word)))
		return imp_error_new(IMP_ERROR_USAGE, "dt needs the name of a type, as in dt nt!_KEVENT");
	err = choose_pdb(session, word, request);
	if (err)
		return err;
	arguments = imp_skip_blanks(arguments);
	/* A word that begins like a name is a field; "@$thread", digits and "(" begin an address. */
	if ((isalpha((unsigned char)*arguments) || *arguments == '_') && strspn(arguments, "0123456789abcdefABCDEF`") != strcspn(arguments, " \t") &&
	    !strchr(arguments, '!') && !strpbrk(arguments, "("))
		imp_next_word(&arguments, request->field, sizeof(request->field));
	arguments = imp_skip_blanks(arguments);
	request->has_address = *arguments;
	return request->has_address ? imp_argument_last(session, &arguments, "an address", &request->address) : NULL;
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

IMP_COMMAND(dt)
{
	struct dt_request request;
	struct imp_type type;
	struct row_sink sink = { .session = session, .field = request.field };
	struct imp_error *err = parse(session, arguments, &request);

	if (err)
		return err;
	if (strpbrk(request.type, "*?")) {
		static const struct imp_column columns[] = { { "name", "", IMP_LEFT, 0 }, { "size", NULL, IMP_LEFT, 0 } };
		struct name_sink names = { .session = session, .module = request.module };

		names.table = imp_report_table(report, "types", columns, 2, IMP_TABLE_PLAIN);
		return imp_type_names(request.pdb, request.type, add_name, &names);
	}
	err = imp_type_find(request.pdb, request.type, &type);
	if (err)
		return err;
	imp_report_value(report, "type", imp_string(type.name));
	imp_report_value(report, "size", imp_number(type.size));
	if (request.has_address)
		imp_report_value(report, "address", imp_address(request.address));
	if (type.kind == IMP_TYPE_ENUM)
		return report_enumerators(report, &type);
	sink.tree = imp_report_tree(report, "fields", DT_NAME_WIDTH);
	err = imp_dt(&type, request.has_address ? session->kernel->memory : NULL, request.address, request.depth, add_row, &sink);
	if (!err && *request.field && !sink.count)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "%s has no field '%s'", request.type, request.field);
	return err;
}
