/* A report for programs: one JSON object in one line. docs/json.md describes the members. */
#include "report/model.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NESTING = 16 };

/* A JSON string of bytes that may not be UTF-8 (names in a dump): what is not becomes '?'. */
static json_t *make_string(const char *text)
{
	json_t *string = json_string(text);
	char *copy;

	if (string)
		return string;
	copy = strdup(text);
	if (!copy)
		return json_null();
	for (char *at = copy; *at; at++) {
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	}
	string = json_string(copy);
	free(copy);
	return string ? string : json_null();
}

static json_t *make_value(const struct imp_value *value)
{
	char text[32];

	switch (value->kind) {
	case IMP_VALUE_STRING:
		return make_string(value->string);
	case IMP_VALUE_NUMBER:
		if (value->number <= INT64_MAX)
			return json_integer((json_int_t)value->number);
		snprintf(text, sizeof(text), "%llu", (unsigned long long)value->number);
		return json_string(text);
	case IMP_VALUE_SIGNED:
		return json_integer((json_int_t)value->number);
	case IMP_VALUE_ADDRESS:
		snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value->number);
		return json_string(text);
	case IMP_VALUE_BOOL:
		return json_boolean(value->number);
	case IMP_VALUE_NULL:
		break;
	}
	return json_null();
}

static json_t *make_table(const struct imp_table *table)
{
	json_t *rows = json_array(), *one;

	for (size_t i = 0; i + table->column_count <= table->cell_count; i += table->column_count) {
		json_t *row = json_object();

		for (size_t column = 0; column < table->column_count; column++) {
			if (table->columns[column].key)
				json_object_set_new(row, table->columns[column].key, make_value(&table->cells[i + column].value));
		}
		json_array_append_new(rows, row);
	}
	if (!(table->flags & IMP_TABLE_ONE))
		return rows;
	one = json_incref(json_array_get(rows, 0));
	json_decref(rows);
	return one ? one : json_null();
}

/* Puts `member`, which it takes over, into the object or list `parent`. */
static void put(json_t *parent, const char *key, json_t *member)
{
	if (json_is_array(parent))
		json_array_append_new(parent, member);
	else if (key)
		json_object_set_new(parent, key, member);
	else
		json_decref(member);
}

void imp_report_json(const struct imp_report *report, const char *command, const char *error, FILE *to)
{
	json_t *stack[MAX_NESTING];
	size_t depth = 0;
	json_t *notes = json_array();
	json_t *root = json_object();

	stack[0] = root;
	json_object_set_new(root, "command", make_string(command));
	json_object_set_new(root, "ok", json_boolean(!error));
	if (error)
		json_object_set_new(root, "error", make_string(error));
	for (const struct imp_block *block = report->first; block; block = block->next) {
		json_t *member;

		switch (block->kind) {
		case IMP_BLOCK_VALUE:
			put(stack[depth], block->key, make_value(&block->value));
			break;
		case IMP_BLOCK_NOTE:
			json_array_append_new(notes, make_string(block->text));
			break;
		case IMP_BLOCK_TABLE:
		case IMP_BLOCK_TREE:
			if (block->key)
				put(stack[depth], block->key, make_table(&block->table));
			break;
		case IMP_BLOCK_OBJECT:
		case IMP_BLOCK_LIST:
			member = block->kind == IMP_BLOCK_LIST ? json_array() : json_object();
			put(stack[depth], block->key, member);
			if (depth + 1 < MAX_NESTING)
				stack[++depth] = member;
			break;
		case IMP_BLOCK_CLOSE:
			depth -= depth > 0;
			break;
		case IMP_BLOCK_LINE:
			break;
		}
	}
	if (report->incomplete)
		json_array_append_new(notes, json_string("not enough memory; parts of this result are missing"));
	if (json_array_size(notes))
		json_object_set(root, "notes", notes);
	json_decref(notes);
	json_dumpf(root, to, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
	json_decref(root);
	fputc('\n', to);
}
