/* !reg: the registry's hives, keys and values. */
#include "command/commands.h"
#include "nt/registry.h"
#include "nt/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_SHOWN = 10000, TEXT_SIZE = 2048 };

struct listing {
	struct imp_session *session;
	struct imp_report *report;
	struct imp_table *table;
	const struct imp_registry_key *key;
	struct imp_registry_key *subkey; /* room for one */
	size_t count;
};

static bool list_hive(void *context, uint64_t address)
{
	struct listing *list = context;
	struct imp_hive hive;
	struct imp_error *err = imp_hive_read(list->session->kernel, address, &hive);

	if (err) {
		imp_kernel_note_error(list->session->kernel, err);
		return true;
	}
	imp_table_cell(list->table, imp_address(address), "%016llx", (unsigned long long)address);
	imp_table_cell(list->table, imp_number(hive.lengths[0]), "%llx", (unsigned long long)hive.lengths[0]);
	imp_table_cell(list->table, imp_address(hive.maps[0]), "%016llx", (unsigned long long)hive.maps[0]);
	imp_table_cell(list->table, imp_number(hive.lengths[1]), "%llx", (unsigned long long)hive.lengths[1]);
	imp_table_cell(list->table, imp_address(hive.maps[1]), "%016llx", (unsigned long long)hive.maps[1]);
	imp_table_cell(list->table, imp_address(hive.base_block), "%016llx", (unsigned long long)hive.base_block);
	imp_table_cell(list->table, imp_string(hive.root_path), "%s", hive.root_path);
	imp_table_cell(list->table, imp_string(hive.file), "%s", *hive.file ? hive.file : *hive.user_name ? hive.user_name : "<NONAME>");
	return !imp_session_interrupted(list->session);
}

static struct imp_error *show_hives(struct imp_session *session, const char *arguments, struct imp_report *report)
{
	static const struct imp_column columns[] = {
		{ "hive", "HiveAddr", IMP_LEFT, 16 },
		{ "stable_length", "Stable Length", IMP_RIGHT, 0 },
		{ "stable_map", "Stable Map", IMP_LEFT, 0 },
		{ "volatile_length", "Volatile Length", IMP_RIGHT, 0 },
		{ "volatile_map", "Volatile Map", IMP_LEFT, 0 },
		{ "base_block", "BaseBlock", IMP_LEFT, 0 },
		{ "root_path", "Root", IMP_LEFT, 0 },
		{ "file", "FileName", IMP_LEFT, 0 },
	};
	struct listing list = { .session = session, .report = report };
	struct imp_error *err = imp_arguments_end(arguments);

	if (err)
		return err;
	list.table = imp_report_table(report, "hives", columns, sizeof(columns) / sizeof(columns[0]), IMP_TABLE_TITLES | IMP_TABLE_RULER);
	return imp_hive_each(session->kernel, list_hive, &list);
}

static bool list_subkey(void *context, uint32_t cell)
{
	struct listing *list = context;
	struct imp_error *err = imp_registry_key_read(list->session->kernel, &list->key->hive, cell, list->subkey);

	if (err) {
		imp_kernel_note_error(list->session->kernel, err);
		return true;
	}
	imp_table_cell(list->table, imp_address(list->subkey->address), "%016llx", (unsigned long long)list->subkey->address);
	imp_table_cell(list->table, imp_number(cell), "%08x", cell);
	imp_table_cell(list->table, imp_string(list->subkey->name), "%s", list->subkey->name);
	if (++list->count < MAX_SHOWN)
		return !imp_session_interrupted(list->session);
	imp_kernel_note(list->session->kernel, "only the first %d subkeys are shown", MAX_SHOWN);
	return false;
}

static bool list_value(void *context, const struct imp_registry_value *value)
{
	struct listing *list = context;
	char text[TEXT_SIZE];

	imp_registry_value_text(value, text, sizeof(text));
	imp_table_cell(list->table, imp_string(imp_registry_type_name(value->type)), "%s", imp_registry_type_name(value->type));
	imp_table_cell(list->table, imp_number(value->type), "%s", "");
	imp_table_cell(list->table, imp_string(value->name), "%s", *value->name ? value->name : "(Default)");
	imp_table_cell(list->table, imp_number(value->size), "%s", "");
	imp_table_cell(list->table, value->have || !value->size ? imp_string(text) : imp_null(), "%s", value->have || !value->size ? text : "??");
	return !imp_session_interrupted(list->session);
}

static struct imp_error *show_key(struct imp_session *session, struct imp_report *report, const struct imp_registry_key *key)
{
	static const struct imp_column subkey_columns[] = {
		{ "address", "[SubKeyAddr]", IMP_LEFT, 16 },
		{ "cell", "[Cell]", IMP_LEFT, 0 },
		{ "name", "[SubKeyName]", IMP_LEFT, 0 },
	};
	static const struct imp_column value_columns[] = {
		{ "type", "[ValueType]", IMP_LEFT, 19 }, { "type_number", NULL, IMP_LEFT, 0 },   { "name", "[ValueName]", IMP_LEFT, 29 },
		{ "size", NULL, IMP_LEFT, 0 },           { "data", "[ValueData]", IMP_LEFT, 0 },
	};
	struct listing list = { .session = session, .report = report, .key = key, .subkey = malloc(sizeof(*list.subkey)) };
	char iso[48], time[48];
	struct imp_error *err = NULL;

	if (!list.subkey)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for a key");
	imp_report_pair(report, "hive", imp_address(key->hive.address), "Hive         %016llx", (unsigned long long)key->hive.address);
	imp_report_pair(report, "key", imp_address(key->address), "KeyNode      %016llx", (unsigned long long)key->address);
	imp_report_pair(report, "cell", imp_number(key->cell), "Cell         %08x", key->cell);
	imp_report_pair(report, "name", imp_string(key->name), "Name         %s", key->name);
	imp_report_pair(report, "written", imp_string(imp_format_iso_time(key->write_time, iso, sizeof(iso))), "Written      %s",
			imp_format_file_time(key->write_time, time, sizeof(time)));
	imp_report_line(report, "%s", "");
	if (key->subkey_count) {
		list.table = imp_report_table(report, "subkeys", subkey_columns, 3, IMP_TABLE_TITLES);
		err = imp_registry_subkeys(session->kernel, key, list_subkey, &list);
		imp_report_line(report, "%s", "");
	}
	free(list.subkey);
	/* Damaged subkeys do not hide the values. */
	imp_kernel_note_error(session->kernel, err);
	if (!key->value_count)
		return NULL;
	list.table = imp_report_table(report, "values", value_columns, sizeof(value_columns) / sizeof(value_columns[0]), IMP_TABLE_TITLES);
	return imp_registry_values(session->kernel, key, list_value, &list);
}

static struct imp_error *query_key(struct imp_session *session, const char *arguments, struct imp_report *report)
{
	struct imp_registry_key *key;
	char path[1024];
	size_t length;
	struct imp_error *err;

	/* Names of keys have blanks in them: the path is all that is left. */
	snprintf(path, sizeof(path), "%s", imp_skip_blanks(arguments));
	for (length = strlen(path); length && (path[length - 1] == ' ' || path[length - 1] == '"' || path[length - 1] == '\\');)
		path[--length] = '\0';
	if (!length)
		return imp_error_new(IMP_ERROR_USAGE, "the path of a key is missing");
	key = malloc(sizeof(*key));
	if (!key)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for a key");
	err = imp_registry_find(session->kernel, path + (*path == '"'), key);
	if (!err)
		err = show_key(session, report, key);
	free(key);
	return err;
}

/* HIVE CELL */
static struct imp_error *hive_and_cell(struct imp_session *session, const char *arguments, struct imp_hive *hive, uint64_t *cell)
{
	uint64_t address;
	struct imp_error *err = imp_argument(session, &arguments, "the address of a hive (see !reg hivelist)", &address);

	if (!err)
		err = imp_argument_last(session, &arguments, "the index of a cell", cell);
	if (!err && *cell > UINT32_MAX)
		err = imp_error_new(IMP_ERROR_USAGE, "a cell's index has 32 bits");
	return err ? err : imp_hive_read(session->kernel, address, hive);
}

static struct imp_error *key_info(struct imp_session *session, const char *arguments, struct imp_report *report)
{
	struct imp_registry_key *key = malloc(sizeof(*key));
	struct imp_hive hive;
	uint64_t cell;
	struct imp_error *err =
		key ? hive_and_cell(session, arguments, &hive, &cell) : imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for a key");

	if (!err)
		err = imp_registry_key_read(session->kernel, &hive, (uint32_t)cell, key);
	if (!err)
		err = show_key(session, report, key);
	free(key);
	return err;
}

static struct imp_error *cell_index(struct imp_session *session, const char *arguments, struct imp_report *report)
{
	struct imp_hive hive;
	uint64_t cell, address = 0;
	struct imp_error *err = hive_and_cell(session, arguments, &hive, &cell);

	if (!err)
		err = imp_hive_cell(session->kernel, &hive, (uint32_t)cell, &address);
	if (!err)
		imp_report_pair(report, "address", imp_address(address), "pcell:  %016llx", (unsigned long long)address);
	return err;
}

IMP_COMMAND(reg)
{
	static const struct {
		const char *name;
		struct imp_error *(*run)(struct imp_session *session, const char *arguments, struct imp_report *report);
	} forms[] = {
		{ "hivelist", show_hives }, { "querykey", query_key }, { "q", query_key }, { "keyinfo", key_info }, { "cellindex", cell_index },
	};
	char form[32] = "";
	struct imp_error *err = imp_kernel_need_symbols(session->kernel);

	imp_next_word(&arguments, form, sizeof(form));
	for (size_t i = 0; !err && i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (!strcasecmp(forms[i].name, form)) {
			uint64_t before = imp_registry_enter(session->kernel);

			err = forms[i].run(session, arguments, report);
			imp_registry_leave(session->kernel, before);
			return err;
		}
	}
	return err ? err : imp_error_new(IMP_ERROR_USAGE, *form ? "!reg has no form '%s'" : "what to show is missing%s", form);
}
