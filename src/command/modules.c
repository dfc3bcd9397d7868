/* lm: modules and what is known of their symbols. */
#include "command/commands.h"
#include "nt/modules.h"
#include "nt/time.h"
#include "symbols/wildcard.h"

#include <stdio.h>
#include <string.h>

static const struct imp_column columns[] = {
	{ NULL, "start             end", IMP_LEFT, 37 },
	{ "start", NULL, IMP_LEFT, 0 },
	{ "end", NULL, IMP_LEFT, 0 },
	{ "name", "module name", IMP_LEFT, 0 },
	{ "image", NULL, IMP_LEFT, 0 },
	{ "path", NULL, IMP_LEFT, 0 },
	{ "time_date_stamp", NULL, IMP_LEFT, 0 },
	{ "pdb", NULL, IMP_LEFT, 0 },
	{ "unload_time", NULL, IMP_LEFT, 0 },
	{ "size", NULL, IMP_LEFT, 0 },
	{ "symbols", NULL, IMP_LEFT, 0 },
	{ "symbol_file", NULL, IMP_LEFT, 0 },
};
enum { COLUMN_COUNT = sizeof(columns) / sizeof(columns[0]) };

/* What is known about the module's symbols without looking for them, in WinDbg's words; with `look`, looks. */
static void describe_symbols(struct imp_session *session, struct imp_module *module, bool look, char *text, size_t size, struct imp_symbols *symbols)
{
	const char *kind;
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	*symbols = (struct imp_symbols){ 0 };
	text[0] = '\0';
	if (!look && module->base != session->kernel->nt.base && !module->symbols_tried) {
		snprintf(text, size, "(deferred)");
		return;
	}
	err = imp_module_names(session->kernel, module, symbols);
	if (err) {
		snprintf(text, size, "(no symbols)");
		return;
	}
	kind = imp_symbols_kind(symbols);
	if (symbols->pdb && imp_pdb_has_private(symbols->pdb))
		kind = "private pdb";
	snprintf(text, size, "(%s symbols)%*s%s", kind, 13 - (int)strlen(kind), "", imp_symbols_path(symbols));
}

/* The lines that v adds below a module's own, as far as they are known. The time stamp of a reproducible build is a hash: it is not shown as a
 * time.
 */
static void add_details(struct imp_table *table, const struct imp_module *module)
{
	char time[64];

	if (*module->path)
		imp_table_detail(table, "    Image path: %s", module->path);
	imp_table_detail(table, "    Image name: %s", module->name);
	if (module->time_date_stamp)
		imp_table_detail(table, "    Timestamp:        %08X", module->time_date_stamp);
	imp_table_detail(table, "    ImageSize:        %08llX", (unsigned long long)module->size);
	if (module->unload_time)
		imp_table_detail(table, "    Unloaded:         %s", imp_format_session_time(module->unload_time, time, sizeof(time)));
}

/* What the options ask for. */
struct choice {
	bool verbose;
	bool loaded_only;
	bool paths, names, stamps; /* in place of what is known of the symbols */
};

/* What stands behind a loaded module's name: its symbols, or what was asked for in their place. */
static void describe(const struct imp_module *module, const struct choice *choice, char *text, size_t size)
{
	char stamp[24] = "";

	if (!choice->paths && !choice->names && !choice->stamps)
		return;
	if (choice->stamps)
		snprintf(stamp, sizeof(stamp), "(%08X)", module->time_date_stamp);
	snprintf(text, size, "%s%s%s",
		 choice->paths   ? module->path
		 : choice->names ? module->name
				 : "",
		 choice->stamps && (choice->paths || choice->names) ? " " : "", stamp);
}

static void add_module(struct imp_session *session, struct imp_table *table, struct imp_module *module, const struct choice *choice)
{
	uint64_t end = module->base + module->size;
	char symbols[512], iso[48];
	struct imp_symbols from;

	describe_symbols(session, module, choice->verbose && !module->unloaded, symbols, sizeof(symbols), &from);
	describe(module, choice, symbols, sizeof(symbols));
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
	bool has_pdb = from.pdb && strcmp(imp_pdb_kind(from.pdb), "export") != 0;
	imp_table_cell(table, has_pdb ? imp_string(imp_pdb_path(from.pdb)) : imp_null(), "%s", "");
	imp_table_cell(table, imp_string(imp_format_iso_time(module->unload_time, iso, sizeof(iso))), "%s", "");
	imp_table_cell(table, imp_number(module->size), "%s", "");
	imp_table_cell(table, imp_string(imp_symbols_kind(&from)), "%s", "");
	imp_table_cell(table, imp_string(imp_symbols_path(&from)), "%s", "");
	if (choice->verbose)
		add_details(table, module);
}

/* lm [OPTIONS] [m PATTERN] [PATTERN]: WinDbg writes the options without blanks too (lmvm PATTERN); they come here as "vm PATTERN". k and u choose
 * between modules of the kernel and of the user half; only the kernel's are listed.
 */
static void parse_options(const char *arguments, char *pattern, size_t size, struct choice *choice)
{
	char word[128];
	bool is_pattern = false;

	*choice = (struct choice){ 0 };
	snprintf(pattern, size, "*");
	while (imp_next_word(&arguments, word, sizeof(word))) {
		/* nt is the kernel, not the options n and t. */
		if (is_pattern || !strcmp(word, "nt") || strlen(word) > IMP_LM_MOST_OPTIONS || word[strspn(word, IMP_LM_OPTIONS)]) {
			snprintf(pattern, size, "%s", word);
			continue;
		}
		choice->verbose |= strchr(word, 'v') != NULL;
		choice->loaded_only |= strchr(word, 'o') != NULL;
		choice->paths |= strchr(word, 'f') != NULL;
		choice->names |= strchr(word, 'n') != NULL;
		choice->stamps |= strchr(word, 't') != NULL;
		is_pattern = strchr(word, 'm') != NULL;
	}
}

static bool matches(const char *pattern, const struct imp_module *module)
{
	return imp_wildcard_match(pattern, module->short_name) || imp_wildcard_match(pattern, module->name);
}

/* Adds a table `key` of the modules [from, to) that match: the loaded ones begin at 0. Returns how many there are. */
static size_t report_modules(struct imp_session *session, struct imp_report *report, const char *key, const char *pattern,
			     const struct choice *choice, size_t from, size_t to)
{
	struct imp_kernel *kernel = session->kernel;
	bool loaded = from == 0;
	size_t count = 0;
	struct imp_table *table;

	for (size_t i = from; i < to; i++)
		count += matches(pattern, &kernel->modules[i]);
	if (count && !loaded) {
		imp_report_line(report, "%s", "");
		imp_report_line(report, "Unloaded modules:");
	}
	table = imp_report_table(report, key, columns, COLUMN_COUNT, loaded ? IMP_TABLE_TITLES : IMP_TABLE_PLAIN);
	for (size_t i = from; i < to; i++) {
		if (matches(pattern, &kernel->modules[i]))
			add_module(session, table, &kernel->modules[i], choice);
	}
	return count;
}

IMP_COMMAND(lm)
{
	struct imp_kernel *kernel = session->kernel;
	char pattern[128];
	struct choice choice;
	size_t count;
	struct imp_error *err = kernel->module_count ? NULL : imp_kernel_need_symbols(kernel);

	if (err)
		return err;
	parse_options(arguments, pattern, sizeof(pattern), &choice);
	count = report_modules(session, report, "modules", pattern, &choice, 0, kernel->loaded_count);
	if (!choice.loaded_only)
		count += report_modules(session, report, "unloaded_modules", pattern, &choice, kernel->loaded_count, kernel->module_count);
	if (!count && strcmp(pattern, "*"))
		return imp_error_new(IMP_ERROR_NOT_FOUND, "no module is named '%s'; lm lists them", pattern);
	return NULL;
}
