/* Filling a report: blocks and cells with their own copies of all text. Rendering is text.c's and json.c's. */
#include "report/model.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* then a note is said twice */
#include <uthash.h>

struct imp_noted {
	UT_hash_handle hh;
	const char *text; /* the block's */
};

struct imp_report *imp_report_new(void)
{
	struct imp_report *report = calloc(1, sizeof(*report));

	if (report)
		report->last = &report->first;
	return report;
}

void imp_report_free(struct imp_report *report)
{
	struct imp_noted *noted, *after;

	if (!report)
		return;
	noted = report->noted;
	HASH_CLEAR(hh, report->noted);
	for (; noted; noted = after) {
		after = noted->hh.next;
		free(noted);
	}
	for (struct imp_block *block = report->first, *next; block; block = next) {
		next = block->next;
		for (size_t i = 0; i < block->table.cell_count; i++) {
			free(block->table.cells[i].text);
			free((char *)block->table.cells[i].value.string);
		}
		free(block->table.cells);
		for (size_t i = 0; i < block->table.detail_count; i++)
			free(block->table.details[i].text);
		free(block->table.details);
		free((char *)block->value.string);
		free(block->text);
		free(block);
	}
	free(report);
}

static struct imp_block *add(struct imp_report *report, enum imp_block_kind kind, const char *key)
{
	struct imp_block *block = calloc(1, sizeof(*block));

	if (!block) {
		report->incomplete = true;
		return NULL;
	}
	block->kind = kind;
	block->key = key;
	*report->last = block;
	report->last = &block->next;
	return block;
}

static char *format_text(struct imp_report *report, const char *format, va_list arguments)
{
	char *text;

	if (vasprintf(&text, format, arguments) < 0) {
		report->incomplete = true;
		return NULL;
	}
	return text;
}

static struct imp_value keep(struct imp_report *report, struct imp_value value)
{
	if (!value.string)
		return value;
	value.string = strdup(value.string);
	if (!value.string) {
		report->incomplete = true;
		value.kind = IMP_VALUE_NULL;
	}
	return value;
}

void imp_report_line(struct imp_report *report, const char *format, ...)
{
	struct imp_block *block = add(report, IMP_BLOCK_LINE, NULL);
	va_list arguments;

	if (!block)
		return;
	va_start(arguments, format);
	block->text = format_text(report, format, arguments);
	va_end(arguments);
}

void imp_report_value(struct imp_report *report, const char *key, struct imp_value value)
{
	struct imp_block *block = add(report, IMP_BLOCK_VALUE, key);

	if (block)
		block->value = keep(report, value);
}

void imp_report_pair(struct imp_report *report, const char *key, struct imp_value value, const char *format, ...)
{
	struct imp_block *block = add(report, IMP_BLOCK_LINE, NULL);
	va_list arguments;

	if (block) {
		va_start(arguments, format);
		block->text = format_text(report, format, arguments);
		va_end(arguments);
	}
	imp_report_value(report, key, value);
}

void imp_report_note(struct imp_report *report, const char *format, ...)
{
	va_list arguments;
	char *text;
	struct imp_block *block;
	struct imp_noted *noted;

	va_start(arguments, format);
	text = format_text(report, format, arguments);
	va_end(arguments);
	if (!text)
		return;
	HASH_FIND_STR(report->noted, text, noted);
	block = noted ? NULL : add(report, IMP_BLOCK_NOTE, NULL);
	if (!block) {
		free(text);
		return;
	}
	block->text = text;
	noted = calloc(1, sizeof(*noted));
	if (!noted)
		return;
	noted->text = text;
	HASH_ADD_KEYPTR(hh, report->noted, text, strlen(text), noted);
	if (!noted->hh.tbl)
		free(noted);
}

void imp_report_open_object(struct imp_report *report, const char *key)
{
	add(report, IMP_BLOCK_OBJECT, key);
}

void imp_report_open_list(struct imp_report *report, const char *key)
{
	add(report, IMP_BLOCK_LIST, key);
}

void imp_report_close(struct imp_report *report)
{
	add(report, IMP_BLOCK_CLOSE, NULL);
}

/* A table that cannot be added is replaced by one that nobody sees, so that callers need no second path. */
static struct imp_table *lost_table(struct imp_report *report)
{
	static struct imp_table lost;

	report->incomplete = true;
	lost.report = NULL;
	return &lost;
}

struct imp_table *imp_report_table(struct imp_report *report, const char *key, const struct imp_column *columns, size_t count, unsigned flags)
{
	struct imp_block *block = add(report, IMP_BLOCK_TABLE, key);

	if (!block)
		return lost_table(report);
	block->table = (struct imp_table){ .report = report, .columns = columns, .column_count = count, .flags = flags };
	return &block->table;
}

static struct imp_cell *add_cell(struct imp_table *table)
{
	if (!table->report)
		return NULL;
	if (table->cell_count == table->cell_capacity) {
		size_t capacity = table->cell_capacity ? table->cell_capacity * 2 : 16;
		struct imp_cell *cells = reallocarray(table->cells, capacity, sizeof(*cells));

		if (!cells) {
			table->report->incomplete = true;
			return NULL;
		}
		table->cells = cells;
		table->cell_capacity = capacity;
	}
	table->cells[table->cell_count] = (struct imp_cell){ 0 };
	return &table->cells[table->cell_count++];
}

void imp_table_cell(struct imp_table *table, struct imp_value value, const char *format, ...)
{
	struct imp_cell *cell = add_cell(table);
	va_list arguments;

	if (!cell)
		return;
	cell->value = keep(table->report, value);
	va_start(arguments, format);
	cell->text = format_text(table->report, format, arguments);
	va_end(arguments);
}

void imp_table_detail(struct imp_table *table, const char *format, ...)
{
	struct imp_detail *details = table->report ? reallocarray(table->details, table->detail_count + 1, sizeof(*details)) : NULL;
	va_list arguments;

	if (!details) {
		if (table->report)
			table->report->incomplete = true;
		return;
	}
	table->details = details;
	va_start(arguments, format);
	details[table->detail_count++] = (struct imp_detail){ table->cell_count, format_text(table->report, format, arguments) };
	va_end(arguments);
}

struct imp_table *imp_report_tree(struct imp_report *report, const char *key, unsigned name_width)
{
	static const struct imp_column columns[IMP_TREE_COLUMNS] = {
		[IMP_TREE_DEPTH] = { "depth", "", IMP_LEFT, 0 }, [IMP_TREE_OFFSET] = { "offset", "", IMP_LEFT, 0 },
		[IMP_TREE_NAME] = { "name", "", IMP_LEFT, 0 },   [IMP_TREE_TEXT] = { "text", "", IMP_LEFT, 0 },
		[IMP_TREE_VALUE] = { "value", "", IMP_LEFT, 0 },
	};
	struct imp_block *block = add(report, IMP_BLOCK_TREE, key);

	if (!block)
		return lost_table(report);
	block->table = (struct imp_table){ .report = report, .columns = columns, .column_count = IMP_TREE_COLUMNS, .name_width = name_width };
	return &block->table;
}

static void tree_row(struct imp_table *tree, unsigned depth, unsigned indent, uint64_t offset, const char *offset_text, const char *name,
		     const char *text, struct imp_value value)
{
	imp_table_cell(tree, imp_number(depth), "%*s", (int)indent, "");
	imp_table_cell(tree, imp_number(offset), "%s", offset_text);
	imp_table_cell(tree, imp_string(name), "%s", name);
	imp_table_cell(tree, imp_string(text), "%s", text);
	imp_table_cell(tree, value, "%s", "");
}

void imp_tree_row(struct imp_table *tree, unsigned depth, uint64_t offset, const char *name, const char *text, struct imp_value value)
{
	char offset_text[24];

	snprintf(offset_text, sizeof(offset_text), "+0x%03llx", (unsigned long long)offset);
	tree_row(tree, depth, 3 + 3 * depth, offset, offset_text, name, text, value);
}

void imp_tree_element(struct imp_table *tree, unsigned depth, uint64_t offset, const char *name, const char *text, struct imp_value value)
{
	tree_row(tree, depth, 1 + 3 * depth, offset, "", name, text, value);
}
