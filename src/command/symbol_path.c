/* .sympath, .symfix, .reload, !sym, !lmi: where symbols are looked for, and where a module's have come from. */
#include "command/commands.h"
#include "nt/modules.h"
#include "symbols/keeper.h"
#include "symbols/wildcard.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void start_again(struct imp_session *session)
{
	imp_kernel_reload(session->kernel);
	imp_session_start(session, session->kernel);
}

static void show_path(struct imp_session *session, struct imp_report *report)
{
	const char *text = imp_symbol_path_text(session->kernel->symbol_path);
	const char *expanded = imp_symbol_path_expanded(session->kernel->symbol_path);

	imp_report_pair(report, "symbol_path", imp_string(text), "Symbol search path is: %s", *text ? text : "*** Invalid ***: it is empty");
	imp_report_value(report, "expanded_symbol_path", imp_string(expanded));
	if (strcmp(text, expanded) != 0)
		imp_report_line(report, "Expanded Symbol search path is: %s", expanded);
}

/* Makes `text` the symbol path, or adds it behind the one that there is. */
static struct imp_error *set_path(struct imp_session *session, const char *text, bool add)
{
	const char *old = imp_symbol_path_text(session->kernel->symbol_path);
	struct imp_error *err;
	char *joined;

	if (asprintf(&joined, "%s%s%s", add ? old : "", add && *old ? ";" : "", text) < 0)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for the symbol path");
	err = imp_kernel_set_symbol_path(session->kernel, joined);
	free(joined);
	if (!err)
		start_again(session);
	return err;
}

/* Whether the arguments begin with the + of .sympath+ and .symfix+, which they are moved behind. */
static bool takes_plus(const char **arguments)
{
	*arguments = imp_skip_blanks(*arguments);
	if (**arguments != '+')
		return false;
	*arguments = imp_skip_blanks(*arguments + 1);
	return true;
}

IMP_COMMAND(sympath)
{
	bool add = takes_plus(&arguments);
	struct imp_error *err = *arguments ? set_path(session, arguments, add) : NULL;

	if (!err)
		show_path(session, report);
	return err;
}

IMP_COMMAND(symfix)
{
	bool add = takes_plus(&arguments);
	struct imp_error *err;
	char *text;

	if (strpbrk(arguments, ";*"))
		return imp_error_new(IMP_ERROR_USAGE, "'%s' is not a folder; .sympath takes whole paths", arguments);
	if (asprintf(&text, "srv*%s%s", arguments, *arguments ? "*" IMP_MICROSOFT_SERVER : "") < 0)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for the symbol path");
	err = set_path(session, text, add);
	free(text);
	if (!err)
		show_path(session, report);
	return err;
}

IMP_COMMAND(sym)
{
	char word[32];
	struct imp_error *err = NULL;

	if (imp_next_word(&arguments, word, sizeof(word))) {
		bool noisy = strcasecmp(word, "noisy") == 0;

		if (!noisy && strcasecmp(word, "quiet") != 0)
			return imp_error_new(IMP_ERROR_USAGE, "'%s' is neither noisy nor quiet", word);
		err = imp_kernel_set_noise(session->kernel, noisy);
	}
	if (!err)
		imp_report_pair(report, "noisy", imp_bool(session->kernel->noise), "%s mode - symbol prompts off",
				session->kernel->noise ? "noisy" : "quiet");
	return err;
}

/* What .reload was asked. */
struct reload {
	bool force;
	char module[128]; /* a pattern; "" means everything */
};

static struct imp_error *parse_reload(const char *arguments, struct reload *reload)
{
	char word[128];

	*reload = (struct reload){ 0 };
	while (imp_next_word(&arguments, word, sizeof(word))) {
		if (strcasecmp(word, "/f") == 0)
			reload->force = true;
		else if (*word == '/')
			return imp_error_new(IMP_ERROR_USAGE, "%s is not known here; /f is, which loads symbols at once and asks servers again",
					     word);
		else if (*reload->module)
			return imp_error_new(IMP_ERROR_USAGE, "'%s' is one argument too many", word);
		else
			snprintf(reload->module, sizeof(reload->module), "%s", word);
	}
	return NULL;
}

static bool is_meant(const struct reload *reload, const struct imp_module *module)
{
	return !*reload->module || imp_wildcard_match(reload->module, module->short_name) || imp_wildcard_match(reload->module, module->name);
}

static const struct imp_column failure_columns[] = {
	{ "module", NULL, IMP_LEFT, 0 },
	{ "error", NULL, IMP_LEFT, 0 },
	{ NULL, "", IMP_LEFT, 0 },
};

/* Loads the symbols of the modules that are meant, now. */
static struct imp_error *load_now(struct imp_session *session, const struct reload *reload, struct imp_report *report)
{
	struct imp_kernel *kernel = session->kernel;
	size_t loaded = 0, count = 0;
	struct imp_table *failures =
		imp_report_table(report, "without_symbols", failure_columns, sizeof(failure_columns) / sizeof(failure_columns[0]), IMP_TABLE_PLAIN);

	for (size_t i = 0; i < kernel->loaded_count && !imp_session_interrupted(session); i++) {
		struct imp_module *module = &kernel->modules[i];
		struct imp_symbols symbols;
		IMP_CLEANUP_ERROR struct imp_error *err = NULL;

		if (!is_meant(reload, module))
			continue;
		count++;
		err = imp_module_symbols(kernel, module, &symbols);
		loaded += !err;
		if (!err)
			continue;
		imp_table_cell(failures, imp_string(module->short_name), "%s", "");
		imp_table_cell(failures, imp_string(imp_error_message(err)), "%s", "");
		imp_table_cell(failures, imp_null(), "*** %s: %s", module->short_name, imp_error_message(err));
	}
	imp_report_value(report, "modules", imp_number(count));
	imp_report_pair(report, "with_symbols", imp_number(loaded), "%zu of %zu module%s with symbols", loaded, count, count == 1 ? "" : "s");
	if (!kernel->loaded_count)
		return imp_kernel_need_symbols(kernel);
	if (!count)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "no loaded module is named '%s'; lm lists them", reload->module);
	if (*reload->module && !loaded)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "no symbols for %s", reload->module);
	return NULL;
}

/* Forgets the symbols of the modules that are meant; those of the kernel are everything's. */
static void forget(struct imp_session *session, const struct reload *reload)
{
	struct imp_kernel *kernel = session->kernel;
	bool everything = !*reload->module;

	for (size_t i = 0; i < kernel->loaded_count; i++)
		everything |= is_meant(reload, &kernel->modules[i]) && kernel->modules[i].base == kernel->nt.base;
	if (everything) {
		start_again(session);
		return;
	}
	for (size_t i = 0; i < kernel->loaded_count; i++) {
		if (is_meant(reload, &kernel->modules[i]))
			imp_module_forget(&kernel->modules[i]);
	}
}

IMP_COMMAND(reload)
{
	struct reload reload;
	struct imp_error *err = parse_reload(arguments, &reload);

	if (err)
		return err;
	if (reload.force)
		imp_keeper_ask_again();
	forget(session, &reload);
	if (reload.force || *reload.module)
		return load_now(session, &reload, report);
	err = imp_kernel_need_symbols(session->kernel);
	if (!err)
		imp_report_pair(report, "modules", imp_number(session->kernel->loaded_count), "%zu modules, kernel symbols from %s",
				session->kernel->loaded_count, imp_pdb_path(session->kernel->nt.pdb));
	return err;
}

/* IMAGE_FILE_MACHINE_* of "PE Format", in WinDbg's words. */
static const char *machine_name(uint16_t machine)
{
	static const struct {
		uint16_t machine;
		const char *name;
	} names[] = { { 0x8664, "X64" }, { 0xaa64, "ARM64" }, { 0x14c, "I386" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].machine == machine)
			return names[i].name;
	}
	return "unknown";
}

static void show_codeview(const struct imp_pe_info *info, struct imp_report *report)
{
	char guid[IMP_GUID_SIZE];

	if (!info->has_rsds) {
		imp_report_line(report, "       CodeView: the image names no PDB, or the dump does not hold the record");
		return;
	}
	imp_guid_text(&info->pdb_guid, "-", guid);
	imp_report_pair(report, "pdb_guid", imp_string(guid), "       CodeView: RSDS - GUID: {%s}", guid);
	imp_report_value(report, "pdb_age", imp_number(info->pdb_age));
	imp_report_pair(report, "pdb", imp_string(info->pdb_path), "                 Age: %x, Pdb: %s", info->pdb_age, info->pdb_path);
}

static void show_image(struct imp_session *session, struct imp_module *module, struct imp_report *report)
{
	const struct imp_pe_info *info;
	struct imp_pe *pe;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_module_pe(session->kernel, module, &pe);
	/* The kernel's image is that of kernel->nt. */
	bool from_file = module->base == session->kernel->nt.base && !module->unloaded ? session->kernel->nt.pe_from_file : module->pe_from_file;

	if (err) {
		imp_report_pair(report, "image_error", imp_string(imp_error_message(err)), "     Image Type: NONE     - %s", imp_error_message(err));
		return;
	}
	info = imp_pe_info(pe);
	imp_report_pair(report, "machine", imp_number(info->machine), "   Machine Type: %u (%s)", info->machine, machine_name(info->machine));
	imp_report_pair(report, "time_date_stamp", imp_address(info->time_date_stamp), "     Time Stamp: %08x", info->time_date_stamp);
	imp_report_pair(report, "size", imp_number(info->size_of_image), "           Size: %x", info->size_of_image);
	imp_report_pair(report, "check_sum", imp_address(info->check_sum), "       CheckSum: %x", info->check_sum);
	show_codeview(info, report);
	if (from_file)
		imp_report_pair(report, "image_file", imp_string(imp_pe_name(pe)), "     Image Type: FILE     - Image read successfully from %s",
				imp_pe_name(pe));
	else
		imp_report_line(report, "     Image Type: MEMORY   - Image read successfully from loaded memory.");
}

static void show_symbols(struct imp_session *session, struct imp_module *module, struct imp_report *report)
{
	struct imp_symbols symbols;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_module_symbols(session->kernel, module, &symbols);
	char kind[8] = "";

	if (err) {
		imp_report_pair(report, "symbol_error", imp_string(imp_error_message(err)), "    Symbol Type: NONE     - %s", imp_error_message(err));
		return;
	}
	for (size_t i = 0; imp_symbols_kind(&symbols)[i] && i + 1 < sizeof(kind); i++)
		kind[i] = (char)toupper((unsigned char)imp_symbols_kind(&symbols)[i]);
	imp_report_pair(report, "symbols", imp_string(imp_symbols_kind(&symbols)), "    Symbol Type: %-8s - Symbols loaded successfully from", kind);
	imp_report_pair(report, "symbol_file", imp_string(imp_symbols_path(&symbols)), "                 %s", imp_symbols_path(&symbols));
	if (symbols.pdb && !strcmp(imp_symbols_kind(&symbols), "pdb"))
		imp_report_pair(report, "private", imp_bool(imp_pdb_has_private(symbols.pdb)), "    Load Report: %s",
				imp_pdb_has_private(symbols.pdb) ? "private symbols & lines" : "public symbols");
}

IMP_COMMAND(lmi)
{
	const struct imp_expression_names names = imp_session_names(session);
	char word[64];
	struct imp_module *module;
	uint64_t address;

	if (!imp_next_word(&arguments, word, sizeof(word)))
		return imp_error_new(IMP_ERROR_USAGE, "which module?");
	module = imp_module_named(session->kernel, word, strlen(word));
	if (!module) {
		IMP_CLEANUP_ERROR struct imp_error *no_address = imp_expression_whole(&names, word, &address);

		module = no_address ? NULL : imp_kernel_module_at(session->kernel, address);
	}
	if (!module)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "no module is named '%s', and none lies there; lm lists them", word);
	imp_report_pair(report, "module", imp_string(module->short_name), "Loaded Module Info: [%s]", word);
	imp_report_line(report, "         Module: %s", module->short_name);
	imp_report_pair(report, "base", imp_address(module->base), "   Base Address: %016llx", (unsigned long long)module->base);
	imp_report_pair(report, "image", imp_string(module->name), "     Image Name: %s", module->name);
	show_image(session, module, report);
	show_symbols(session, module, report);
	return NULL;
}
