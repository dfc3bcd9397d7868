/* x, ln, ?: symbols by name, names by address, and expressions. */
#include "command/commands.h"
#include "nt/symbolize.h"
#include "symbols/wildcard.h"

#include <stdio.h>
#include <string.h>

enum { MAX_SYMBOLS = 100000 };

struct listing {
	struct imp_session *session;
	struct imp_table *table;
	struct imp_module *module;
	size_t count;
};

static bool add_symbol(void *context, const struct imp_symbol *symbol)
{
	static const char *const kinds[] = { [IMP_SYMBOL_PUBLIC] = "public", [IMP_SYMBOL_FUNCTION] = "function", [IMP_SYMBOL_DATA] = "data" };
	struct listing *list = context;
	uint64_t address = list->module->base + symbol->rva;

	imp_table_cell(list->table, imp_address(address), "%08x`%08x", (unsigned)(address >> 32), (unsigned)address);
	imp_table_cell(list->table, imp_string(list->module->short_name), "%s", "");
	imp_table_cell(list->table, imp_string(symbol->name), "%s!%s", list->module->short_name, symbol->name);
	imp_table_cell(list->table, imp_string(kinds[symbol->kind]), "%s", "");
	imp_table_cell(list->table, imp_number(symbol->size), "%s", "");
	return ++list->count < MAX_SYMBOLS && !imp_session_interrupted(list->session);
}

IMP_COMMAND(x)
{
	static const struct imp_column columns[] = {
		{ "address", "", IMP_LEFT, 17 }, { "module", NULL, IMP_LEFT, 0 }, { "name", "", IMP_LEFT, 0 },
		{ "kind", NULL, IMP_LEFT, 0 },   { "size", NULL, IMP_LEFT, 0 },
	};
	struct listing list = { .session = session };
	char pattern[256], module_pattern[128] = "nt";
	const char *mark;
	size_t modules = 0;
	struct imp_error *err = NULL;

	if (!imp_next_word(&arguments, pattern, sizeof(pattern)))
		return imp_error_new(IMP_ERROR_USAGE, "x needs a pattern, as in x nt!Ki*");
	err = imp_arguments_end(arguments);
	if (err)
		return err;
	mark = strchr(pattern, '!');
	if (mark)
		snprintf(module_pattern, sizeof(module_pattern), "%.*s", (int)(mark - pattern), pattern);
	list.table = imp_report_table(report, "symbols", columns, 5, IMP_TABLE_PLAIN);
	for (size_t i = 0; !err && i < session->kernel->module_count; i++) {
		struct imp_symbols symbols;

		list.module = &session->kernel->modules[i];
		if (!imp_wildcard_match(module_pattern, list.module->short_name) || list.module->unloaded)
			continue;
		modules++;
		err = imp_module_names(session->kernel, list.module, &symbols);
		if (!err)
			err = imp_symbols_each(&symbols, mark ? mark + 1 : pattern, add_symbol, &list);
		if (err && strpbrk(module_pattern, "*?")) {
			imp_kernel_note_error(session->kernel, err);
			err = NULL;
		}
	}
	if (!err && imp_session_interrupted(session))
		return imp_session_interruption();
	if (!err && !modules) {
		IMP_CLEANUP_ERROR struct imp_error *no_symbols = imp_kernel_need_symbols(session->kernel);

		return no_symbols ? imp_error_new(imp_error_code(no_symbols), "%s", imp_error_message(no_symbols))
				  : imp_error_new(IMP_ERROR_NOT_FOUND, "no module is named '%s'; lm lists them", module_pattern);
	}
	if (!err && !list.count)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "no symbol matches '%s'", pattern);
	return err;
}

IMP_COMMAND(ln)
{
	struct imp_name name;
	uint64_t address, start;
	struct imp_error *err = imp_argument_last(session, &arguments, "an address", &address);

	if (err)
		return err;
	imp_symbolize(session->kernel, address, false, &name);
	if (!name.module)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "no module is or was at %016llx", (unsigned long long)address);
	start = name.module->unloaded ? name.module->base : address - name.displacement;
	imp_report_line(report, "(%08x`%08x)   %s%s%s%s", (unsigned)(start >> 32), (unsigned)start, name.text, *name.resolved ? " [" : "",
			name.resolved, *name.resolved ? " from file]" : "");
	if (*name.resolved)
		imp_report_note(report, "%s is no longer in memory: symbol and line are those of a file of its name and size", name.module->name);
	imp_report_value(report, "address", imp_address(address));
	imp_report_value(report, "module", imp_string(name.module->short_name));
	imp_report_value(report, "symbol", name.symbol[0] ? imp_string(name.symbol) : imp_null());
	imp_report_value(report, "displacement", imp_number(name.displacement));
	if (name.file[0])
		imp_report_line(report, "%s(%u)", name.file, name.line);
	imp_report_value(report, "file", name.file[0] ? imp_string(name.file) : imp_null());
	imp_report_value(report, "line", name.file[0] ? imp_number(name.line) : imp_null());
	return NULL;
}

IMP_COMMAND(evaluate)
{
	struct imp_expression_names names = imp_session_names(session);
	uint64_t value;
	struct imp_error *err = imp_expression_whole(&names, arguments, &value);

	if (err)
		return err;
	imp_report_line(report, "Evaluate expression: %lld = %08x`%08x", (long long)value, (unsigned)(value >> 32), (unsigned)value);
	imp_report_value(report, "value", imp_address(value));
	imp_report_value(report, "decimal", imp_signed((int64_t)value));
	return NULL;
}
