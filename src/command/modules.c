/* lm, .sympath, .reload: modules and where their symbols come from. */
#include "command/commands.h"
#include "nt/modules.h"
#include "nt/time.h"

#include <stdio.h>
#include <string.h>

static const struct imp_column columns[] = {
	{ NULL, "start             end", IMP_LEFT, 37 }, { "start", NULL, IMP_LEFT, 0 }, { "end", NULL, IMP_LEFT, 0 },
	{ "name", "module name", IMP_LEFT, 0 },          { "image", NULL, IMP_LEFT, 0 }, { "path", NULL, IMP_LEFT, 0 },
	{ "time_date_stamp", NULL, IMP_LEFT, 0 },        { "pdb", NULL, IMP_LEFT, 0 },   { "unload_time", NULL, IMP_LEFT, 0 },
};

/* What is known about the module's symbols without looking for them; with `look`, looks. */
static void describe_symbols(struct imp_session *session, struct imp_module *module, bool look, char *text, size_t size, const char **path)
{
	struct imp_pdb *pdb = NULL;
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	*path = NULL;
	text[0] = '\0';
	if (!look && module->base != session->kernel->nt.base && !module->pdb_tried) {
		snprintf(text, size, "(deferred)");
		return;
	}
	err = imp_module_pdb(session->kernel, module, &pdb);
	if (err) {
		snprintf(text, size, "(no symbols)");
		return;
	}
	*path = imp_pdb_path(pdb);
	snprintf(text, size, "(pdb symbols)          %s", *path);
}

static void add_module(struct imp_session *session, struct imp_table *table, struct imp_module *module, bool look)
{
	uint64_t end = module->base + module->size;
	char symbols[512], iso[48];
	const char *pdb;

	describe_symbols(session, module, look, symbols, sizeof(symbols), &pdb);
	imp_table_cell(table, imp_null(), "%08x`%08x %08x`%08x", (unsigned)(module->base >> 32), (unsigned)module->base, (unsigned)(end >> 32),
		       (unsigned)end);
	imp_table_cell(table, imp_address(module->base), "%s", "");
	imp_table_cell(table, imp_address(end), "%s", "");
	if (module->unloaded)
		imp_table_cell(table, imp_string(module->short_name), "%s", module->name);
	else
		imp_table_cell(table, imp_string(module->short_name), "%-8s   %s", module->short_name, symbols);
	imp_table_cell(table, imp_string(module->name), "%s", "");
	imp_table_cell(table, *module->path ? imp_string(module->path) : imp_null(), "%s", "");
	imp_table_cell(table, module->time_date_stamp ? imp_address(module->time_date_stamp) : imp_null(), "%s", "");
	imp_table_cell(table, imp_string(pdb), "%s", "");
	imp_table_cell(table, imp_string(imp_format_iso_time(module->unload_time, iso, sizeof(iso))), "%s", "");
}

/* lm [v] [m PATTERN] [PATTERN]: WinDbg writes the options without blanks too (lmvm PATTERN); they come here as "vm PATTERN". */
static void parse_options(const char *arguments, char *pattern, size_t size, bool *verbose)
{
	char word[128];

	*verbose = false;
	snprintf(pattern, size, "*");
	while (imp_next_word(&arguments, word, sizeof(word))) {
		bool options = strlen(word) <= 2 && !word[strspn(word, "vmu")];

		*verbose |= options && strchr(word, 'v');
		if (!options)
			snprintf(pattern, size, "%s", word);
	}
}

IMP_COMMAND(lm)
{
	struct imp_kernel *kernel = session->kernel;
	char pattern[128];
	struct imp_table *table;
	bool verbose;
	struct imp_error *err = imp_kernel_need_symbols(kernel);

	if (err)
		return err;
	parse_options(arguments, pattern, sizeof(pattern), &verbose);
	table = imp_report_table(report, "modules", columns, sizeof(columns) / sizeof(columns[0]), IMP_TABLE_TITLES);
	for (size_t i = 0; i < kernel->loaded_count; i++) {
		if (imp_matches(pattern, kernel->modules[i].short_name) || imp_matches(pattern, kernel->modules[i].name))
			add_module(session, table, &kernel->modules[i], verbose);
	}
	if (kernel->module_count > kernel->loaded_count) {
		imp_report_line(report, "%s", "");
		imp_report_line(report, "Unloaded modules:");
	}
	table = imp_report_table(report, "unloaded_modules", columns, sizeof(columns) / sizeof(columns[0]), IMP_TABLE_PLAIN);
	for (size_t i = kernel->loaded_count; i < kernel->module_count; i++) {
		if (imp_matches(pattern, kernel->modules[i].short_name) || imp_matches(pattern, kernel->modules[i].name))
			add_module(session, table, &kernel->modules[i], false);
	}
	return NULL;
}

static void start_again(struct imp_session *session)
{
	imp_kernel_reload(session->kernel);
	imp_session_start(session, session->kernel);
}

IMP_COMMAND(sympath)
{
	struct imp_error *err = NULL;
	bool add;

	arguments = imp_skip_blanks(arguments);
	add = *arguments == '+';
	if (add)
		arguments = imp_skip_blanks(arguments + 1);
	if (*arguments) {
		struct imp_symbol_path *fresh = NULL;

		if (!add)
			err = imp_symbol_path_new(arguments, &fresh);
		else
			err = imp_symbol_path_append(session->kernel->symbol_path, arguments);
		if (!err && fresh) {
			imp_symbol_path_free(session->kernel->symbol_path);
			session->kernel->symbol_path = fresh;
		}
		if (!err)
			err = imp_symbol_path_append(session->kernel->image_path, arguments);
		if (err)
			return err;
		start_again(session);
	}
	imp_report_pair(report, "symbol_path", imp_string(imp_symbol_path_text(session->kernel->symbol_path)), "Symbol search path is: %s",
			imp_symbol_path_text(session->kernel->symbol_path));
	return NULL;
}

IMP_COMMAND(reload)
{
	struct imp_error *err;

	(void)arguments;
	start_again(session);
	err = imp_kernel_need_symbols(session->kernel);
	if (!err)
		imp_report_pair(report, "modules", imp_number(session->kernel->loaded_count), "%zu modules, kernel symbols from %s",
				session->kernel->loaded_count, imp_pdb_path(session->kernel->nt.pdb));
	return err;
}
