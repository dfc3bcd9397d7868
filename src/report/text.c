/* A report for eyes: WinDbg's and MEX's layout of lines, tables and trees. */
#include "report/model.h"

#include "base/printable.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 24 };

void imp_put_printable(const char *text, size_t length, FILE *to)
{
	for (size_t at = 0, size; at < length; at += size) {
		bool printable;

		size = imp_character_length(text + at, length - at, &printable);
		if (printable)
			fwrite(text + at, size, 1, to);
		else
			fputc('?', to);
	}
}

/* Colours are escape sequences of ECMA-48 (SGR); all of them are written here. */
enum style { STYLE_PLAIN, STYLE_HEADING, STYLE_SYMBOL, STYLE_NOTE };
static const char *const style_codes[] = { [STYLE_PLAIN] = "", [STYLE_HEADING] = "\033[1m", [STYLE_SYMBOL] = "\033[36m", [STYLE_NOTE] = "\033[33m" };
static const char style_end[] = "\033[0m";

/* Where text goes, and whether it may have colours. */
struct page {
	FILE *to;
	bool colour;
};

static void put_styled(const struct page *page, enum style style, const char *text, size_t length)
{
	bool styled = page->colour && style != STYLE_PLAIN && length;

	if (styled)
		fputs(style_codes[style], page->to);
	imp_put_printable(text, length, page->to);
	if (styled)
		fputs(style_end, page->to);
}

/* Writes a line without the blanks at its end. */
static void put_line(const struct page *page, enum style style, const char *text)
{
	size_t length = strlen(text);

	while (length && text[length - 1] == ' ')
		length--;
	put_styled(page, style, text, length);
	fputc('\n', page->to);
}

/* What names code is told from the addresses around it. */
static enum style column_style(const struct imp_column *column)
{
	static const char *const symbols[] = { "symbol", "function", "wait_function", "blocker" };

	for (size_t i = 0; column->key && i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		if (!strcmp(symbols[i], column->key))
			return STYLE_SYMBOL;
	}
	return STYLE_PLAIN;
}

/* Width on the terminal: code points of UTF-8, of which names in a dump may consist, and a '?' for each byte that belongs to none. */
static unsigned display_width(const char *text)
{
	unsigned width = 0;
	bool printable;

	for (size_t left = strlen(text), length; left; left -= length, text += length, width++)
		length = imp_character_length(text, left, &printable);
	return width;
}

static void pad(FILE *to, unsigned count, char with)
{
	while (count--)
		fputc(with, to);
}

enum row_part { ROW_TITLES = -1, ROW_RULER = -2 };

static const char *cell_text(const struct imp_table *table, long row, size_t column)
{
	const char *cell = row == ROW_TITLES ? table->columns[column].title : table->cells[(size_t)row * table->column_count + column].text;

	return cell ? cell : "";
}

/* Writes row `row` of the table (or its titles or ruler) with every column as wide as `widths` says. Blanks are written when something follows them. */
static void put_row(const struct imp_table *table, const unsigned *widths, long row, const struct page *page)
{
	unsigned blanks = table->flags & IMP_TABLE_INDENT ? 4 : 0;
	bool first = true;

	for (size_t i = 0; i < table->column_count; i++) {
		const struct imp_column *column = &table->columns[i];
		bool right = row == ROW_TITLES ? column->align == IMP_RIGHT : column->align != IMP_LEFT;
		const char *cell;
		unsigned width, fill;
		size_t length;

		if (!column->title || !widths[i])
			continue;
		blanks += !first;
		first = false;
		if (row == ROW_RULER) {
			pad(page->to, blanks, ' ');
			pad(page->to, widths[i], '=');
			blanks = 0;
			continue;
		}
		cell = cell_text(table, row, i);
		width = display_width(cell);
		fill = width < widths[i] ? widths[i] - width : 0;
		blanks += right ? fill : 0;
		length = strlen(cell);
		while (length && cell[length - 1] == ' ')
			length--;
		if (length) {
			pad(page->to, blanks, ' ');
			blanks = 0;
			put_styled(page, row == ROW_TITLES ? STYLE_HEADING : column_style(column), cell, length);
		}
		blanks += (unsigned)(strlen(cell) - length) + (right ? 0 : fill);
	}
	fputc('\n', page->to);
}

static void put_table(const struct imp_table *table, const struct page *page)
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
		put_row(table, widths, ROW_TITLES, page);
	if (table->flags & IMP_TABLE_RULER)
		put_row(table, widths, ROW_RULER, page);
	for (size_t row = 0, detail = 0; row < rows; row++) {
		put_row(table, widths, (long)row, page);
		for (; detail < table->detail_count && table->details[detail].cell_count <= (row + 1) * table->column_count; detail++)
			put_line(page, STYLE_PLAIN, table->details[detail].text ? table->details[detail].text : "");
	}
	if (table->flags & IMP_TABLE_FOOTER) {
		put_row(table, widths, ROW_RULER, page);
		put_row(table, widths, ROW_TITLES, page);
	}
}

static void put_tree(const struct imp_table *tree, const struct page *page)
{
	for (size_t i = 0; i + IMP_TREE_COLUMNS <= tree->cell_count; i += IMP_TREE_COLUMNS) {
		const struct imp_cell *row = &tree->cells[i];
		char *line;

		if (!row[IMP_TREE_DEPTH].text || !row[IMP_TREE_OFFSET].text || !row[IMP_TREE_NAME].text || !row[IMP_TREE_TEXT].text)
			continue;
		/* An element of an array has no offset of its own. */
		int length = *row[IMP_TREE_OFFSET].text
				     ? asprintf(&line, "%s%s %-*s : %s", row[IMP_TREE_DEPTH].text, row[IMP_TREE_OFFSET].text, (int)tree->name_width,
						row[IMP_TREE_NAME].text, row[IMP_TREE_TEXT].text)
				     : asprintf(&line, "%s%s %s", row[IMP_TREE_DEPTH].text, row[IMP_TREE_NAME].text, row[IMP_TREE_TEXT].text);
		if (length < 0)
			return;
		put_line(page, STYLE_PLAIN, line);
		free(line);
	}
}

void imp_report_text(const struct imp_report *report, bool colour, FILE *to)
{
	const struct page page = { to, colour };

	for (const struct imp_block *block = report->first; block; block = block->next) {
		switch (block->kind) {
		case IMP_BLOCK_LINE:
			if (block->text)
				put_line(&page, STYLE_PLAIN, block->text);
			break;
		case IMP_BLOCK_TABLE:
			put_table(&block->table, &page);
			break;
		case IMP_BLOCK_TREE:
			put_tree(&block->table, &page);
			break;
		default:
			break;
		}
	}
	for (const struct imp_block *block = report->first; block; block = block->next) {
		if (block->kind != IMP_BLOCK_NOTE || !block->text)
			continue;
		put_styled(&page, STYLE_NOTE, "Note:", strlen("Note:"));
		fputc(' ', to);
		put_line(&page, STYLE_PLAIN, block->text);
	}
	if (report->incomplete)
		fputs("Note: not enough memory; parts of this result are missing.\n", to);
}
