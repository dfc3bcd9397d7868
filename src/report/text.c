/* A report for eyes: WinDbg's and MEX's layout of lines, tables and trees. */
#include "report/model.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 24 };

/* The length of the control character at the beginning of `text`, 0 when there is none: C0 but the line end, DEL, and C1 as UTF-8 writes it. */
static size_t control_length(const char *text, size_t length)
{
	unsigned char first = (unsigned char)text[0], second = length > 1 ? (unsigned char)text[1] : 0;

	if ((first < 0x20 && first != '\n') || first == 0x7f)
		return 1;
	return first == 0xc2 && second >= 0x80 && second < 0xa0 ? 2 : 0;
}

void imp_put_printable(const char *text, size_t length, FILE *to)
{
	for (size_t at = 0; at < length;) {
		size_t control = control_length(text + at, length - at);

		fputc(control ? '?' : text[at], to);
		at += control ? control : 1;
	}
}

/* Writes `text` without the blanks at its end. */
static void put_trimmed(const char *text, size_t length, FILE *to)
{
	while (length && text[length - 1] == ' ')
		length--;
	imp_put_printable(text, length, to);
	fputc('\n', to);
}

/* Width on the terminal: code points of UTF-8, of which names in a dump may consist. */
static unsigned display_width(const char *text)
{
	unsigned width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void pad(FILE *to, unsigned count, char with)
{
	while (count--)
		fputc(with, to);
}

enum row_part { ROW_TITLES = -1, ROW_RULER = -2 };

/* Writes row `row` of the table (or its titles or ruler) with every column as wide as `widths` says. */
static void put_row(const struct imp_table *table, const unsigned *widths, long row, FILE *to)
{
	char *text = NULL;
	size_t length = 0;
	FILE *line = open_memstream(&text, &length);
	bool first = true;

	if (!line)
		return;
	if (table->flags & IMP_TABLE_INDENT)
		fputs("    ", line);
	for (size_t i = 0; i < table->column_count; i++) {
		const struct imp_column *column = &table->columns[i];
		const char *cell = NULL;
		bool right = row == ROW_TITLES ? column->align == IMP_RIGHT : column->align != IMP_LEFT;
		unsigned width;

		if (!column->title || !widths[i])
			continue;
		if (!first)
			fputc(' ', line);
		first = false;
		if (row == ROW_RULER) {
			pad(line, widths[i], '=');
			continue;
		}
		cell = row == ROW_TITLES ? column->title : table->cells[(size_t)row * table->column_count + i].text;
		if (!cell)
			cell = "";
		width = display_width(cell);
		if (right && width < widths[i])
			pad(line, widths[i] - width, ' ');
		fputs(cell, line);
		if (!right && width < widths[i])
			pad(line, widths[i] - width, ' ');
	}
	if (!fclose(line))
		put_trimmed(text, length, to);
	free(text);
}

static void put_table(const struct imp_table *table, FILE *to)
{
	unsigned widths[MAX_COLUMNS] = { 0 };
	bool visible = false;
	size_t rows = table->column_count ? table->cell_count / table->column_count : 0;

	if (table->column_count > MAX_COLUMNS)
		return;
	for (size_t i = 0; i < table->column_count; i++) {
		if (!table->columns[i].title)
			continue;
		visible = true;
		widths[i] = table->columns[i].width;
		if ((table->flags & IMP_TABLE_TITLES) && display_width(table->columns[i].title) > widths[i])
			widths[i] = display_width(table->columns[i].title);
		for (size_t row = 0; row < rows; row++) {
			const char *cell = table->cells[row * table->column_count + i].text;
			unsigned width = cell ? display_width(cell) : 0;

			if (width > widths[i])
				widths[i] = width;
		}
	}
	if (!visible) /* for programs only */
		return;
	if (table->flags & IMP_TABLE_TITLES)
		put_row(table, widths, ROW_TITLES, to);
	if (table->flags & IMP_TABLE_RULER)
		put_row(table, widths, ROW_RULER, to);
	for (size_t row = 0; row < rows; row++)
		put_row(table, widths, (long)row, to);
	if (table->flags & IMP_TABLE_FOOTER) {
		put_row(table, widths, ROW_RULER, to);
		put_row(table, widths, ROW_TITLES, to);
	}
}

static void put_tree(const struct imp_table *tree, FILE *to)
{
	for (size_t i = 0; i + IMP_TREE_COLUMNS <= tree->cell_count; i += IMP_TREE_COLUMNS) {
		const struct imp_cell *row = &tree->cells[i];
		char *line;

		if (!row[IMP_TREE_DEPTH].text || !row[IMP_TREE_OFFSET].text || !row[IMP_TREE_NAME].text || !row[IMP_TREE_TEXT].text)
			continue;
		if (asprintf(&line, "%s%s %-*s : %s", row[IMP_TREE_DEPTH].text, row[IMP_TREE_OFFSET].text, (int)tree->name_width,
			     row[IMP_TREE_NAME].text, row[IMP_TREE_TEXT].text) < 0)
			return;
		put_trimmed(line, strlen(line), to);
		free(line);
	}
}

void imp_report_text(const struct imp_report *report, FILE *to)
{
	for (const struct imp_block *block = report->first; block; block = block->next) {
		switch (block->kind) {
		case IMP_BLOCK_LINE:
			if (block->text)
				put_trimmed(block->text, strlen(block->text), to);
			break;
		case IMP_BLOCK_TABLE:
			put_table(&block->table, to);
			break;
		case IMP_BLOCK_TREE:
			put_tree(&block->table, to);
			break;
		default:
			break;
		}
	}
	for (const struct imp_block *block = report->first; block; block = block->next) {
		if (block->kind != IMP_BLOCK_NOTE || !block->text)
			continue;
		fputs("Note: ", to);
		put_trimmed(block->text, strlen(block->text), to);
	}
	if (report->incomplete)
		fputs("Note: not enough memory; parts of this result are missing.\n", to);
}
