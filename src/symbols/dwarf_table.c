/* Tables of names and lines: see dwarf_table.h. */
#include "symbols/dwarf_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PROBLEM_SIZE = 160 };

/* In front of the arrays in a file. */
struct header {
	char magic[8];
	uint32_t symbol_count, line_count, string_size;
	char problem[PROBLEM_SIZE];
};
static const char magic[8] = "impdwrf";

void imp_dwarf_table_free(struct imp_dwarf_table *table)
{
	free(table->symbols);
	free(table->lines);
	free(table->strings);
	*table = (struct imp_dwarf_table){ 0 };
}

/* Makes room for `more` elements of `size` bytes in the array `*array`. */
static bool reserve(void **array, uint32_t *capacity, uint32_t count, uint32_t more, size_t size)
{
	uint32_t needed, larger;
	void *grown;

	if (__builtin_add_overflow(count, more, &needed))
		return false;
	if (needed <= *capacity)
		return true;
	larger = *capacity < 64 ? 64 : *capacity;
	while (larger < needed) {
		if (larger > UINT32_MAX / 2)
			return false;
		larger *= 2;
	}
	grown = reallocarray(*array, larger, size);
	if (!grown)
		return false;
	*array = grown;
	*capacity = larger;
	return true;
}

bool imp_dwarf_table_string(struct imp_dwarf_table *table, const char *text, uint32_t *offset)
{
	size_t size = strlen(text) + 1;

	if (size > INT32_MAX || !reserve((void **)&table->strings, &table->string_capacity, table->string_size, (uint32_t)size, 1))
		return false;
	*offset = table->string_size;
	memcpy(table->strings + table->string_size, text, size);
	table->string_size += (uint32_t)size;
	return true;
}

bool imp_dwarf_table_symbol(struct imp_dwarf_table *table, uint32_t rva, uint32_t size, uint32_t name)
{
	if (!reserve((void **)&table->symbols, &table->symbol_capacity, table->symbol_count, 1, sizeof(*table->symbols)))
		return false;
	table->symbols[table->symbol_count++] = (struct imp_dwarf_symbol){ rva, size, name };
	return true;
}

bool imp_dwarf_table_line(struct imp_dwarf_table *table, uint32_t rva, uint32_t file, uint32_t number)
{
	if (!reserve((void **)&table->lines, &table->line_capacity, table->line_count, 1, sizeof(*table->lines)))
		return false;
	table->lines[table->line_count++] = (struct imp_dwarf_line){ rva, file, number };
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct imp_dwarf_symbol *left = a, *right = b;

	if (left->rva != right->rva)
		return left->rva < right->rva ? -1 : 1;
	if (left->size != right->size)
		return left->size < right->size ? -1 : 1;
	return left->name < right->name ? -1 : left->name > right->name;
}

struct ordered_line {
	struct imp_dwarf_line line;
	uint32_t order;
};

/* Of two at one address the one that the compiler wrote later holds, but the end of another sequence never does. */
static int by_address(const void *a, const void *b)
{
	const struct ordered_line *left = a, *right = b;
	bool left_ends = left->line.file == IMP_DWARF_END_OF_LINES, right_ends = right->line.file == IMP_DWARF_END_OF_LINES;

	if (left->line.rva != right->line.rva)
		return left->line.rva < right->line.rva ? -1 : 1;
	if (left_ends != right_ends)
		return left_ends ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

bool imp_dwarf_table_sort(struct imp_dwarf_table *table)
{
	struct ordered_line *ordered;

	if (table->symbol_count)
		qsort(table->symbols, table->symbol_count, sizeof(*table->symbols), by_place);
	if (!table->line_count)
		return true;
	ordered = calloc(table->line_count, sizeof(*ordered));
	if (!ordered)
		return false;
	for (uint32_t i = 0; i < table->line_count; i++)
		ordered[i] = (struct ordered_line){ table->lines[i], i };
	qsort(ordered, table->line_count, sizeof(*ordered), by_address);
	for (uint32_t i = 0; i < table->line_count; i++)
		table->lines[i] = ordered[i].line;
	free(ordered);
	return true;
}

const struct imp_dwarf_symbol *imp_dwarf_table_symbol_at(const struct imp_dwarf_table *table, uint32_t rva)
{
	uint32_t low = 0, high = table->symbol_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (table->symbols[middle].rva <= rva)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &table->symbols[low - 1] : NULL;
}

const struct imp_dwarf_line *imp_dwarf_table_line_at(const struct imp_dwarf_table *table, uint32_t rva)
{
	uint32_t low = 0, high = table->line_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (table->lines[middle].rva <= rva)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &table->lines[low - 1] : NULL;
}

static bool write_all(int file, const void *bytes, size_t size)
{
	const char *from = bytes;

	while (size) {
		ssize_t written = write(file, from, size);

		if (written <= 0)
			return false;
		from += written;
		size -= (size_t)written;
	}
	return true;
}

bool imp_dwarf_table_write(const struct imp_dwarf_table *table, const char *problem, int file)
{
	struct header header = { .symbol_count = table->symbol_count, .line_count = table->line_count, .string_size = table->string_size };

	memcpy(header.magic, magic, sizeof(magic));
	snprintf(header.problem, sizeof(header.problem), "%s", problem);
	return write_all(file, &header, sizeof(header)) && write_all(file, table->symbols, table->symbol_count * sizeof(*table->symbols)) &&
	       write_all(file, table->lines, table->line_count * sizeof(*table->lines)) && write_all(file, table->strings, table->string_size);
}

/* Copies the array of `count` elements at `*at`; false when there is no memory for it. */
static bool take(struct imp_span bytes, uint64_t *at, void **array, uint32_t count, size_t size)
{
	if (!count)
		return true;
	*array = calloc(count, size);
	if (!*array)
		return false;
	imp_span_copy(bytes, *at, *array, count * size);
	*at += (uint64_t)count * size;
	return true;
}

static bool is_string(const struct imp_dwarf_table *table, uint32_t offset)
{
	return offset < table->string_size;
}

static bool is_sound(const struct imp_dwarf_table *table)
{
	if (table->string_size && table->strings[table->string_size - 1])
		return false;
	for (uint32_t i = 0; i < table->symbol_count; i++) {
		if (!is_string(table, table->symbols[i].name))
			return false;
	}
	for (uint32_t i = 0; i < table->line_count; i++) {
		if (table->lines[i].file != IMP_DWARF_END_OF_LINES && !is_string(table, table->lines[i].file))
			return false;
	}
	return true;
}

struct imp_error *imp_dwarf_table_parse(struct imp_span bytes, struct imp_dwarf_table *table, char *problem, size_t size)
{
	struct header header;
	uint64_t at = sizeof(header);

	*table = (struct imp_dwarf_table){ 0 };
	if (!imp_span_copy(bytes, 0, &header, sizeof(header)) || memcmp(header.magic, magic, sizeof(magic)) != 0 ||
	    bytes.size != at + (uint64_t)header.symbol_count * sizeof(*table->symbols) + (uint64_t)header.line_count * sizeof(*table->lines) +
				  header.string_size)
		return imp_error_new(IMP_ERROR_FORMAT, "reading it ended before everything was read");
	snprintf(problem, size, "%.*s", PROBLEM_SIZE - 1, header.problem);
	table->symbol_count = table->symbol_capacity = header.symbol_count;
	table->line_count = table->line_capacity = header.line_count;
	table->string_size = table->string_capacity = header.string_size;
	if (!take(bytes, &at, (void **)&table->symbols, header.symbol_count, sizeof(*table->symbols)) ||
	    !take(bytes, &at, (void **)&table->lines, header.line_count, sizeof(*table->lines)) ||
	    !take(bytes, &at, (void **)&table->strings, header.string_size, 1)) {
		imp_dwarf_table_free(table);
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for its names and lines");
	}
	if (is_sound(table))
		return NULL;
	imp_dwarf_table_free(table);
	return imp_error_new(IMP_ERROR_FORMAT, "what was read of it makes no sense");
}
