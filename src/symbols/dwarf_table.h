/* What is kept of an image's DWARF and COFF symbols: places with names, and where each source line begins. Plain arrays, which one process can hand
 * to another. Where their content comes from is dwarf_read.c's question. Not for other folders.
 */
#ifndef IMP_SYMBOLS_DWARF_TABLE_H
#define IMP_SYMBOLS_DWARF_TABLE_H

#include "base/error.h"
#include "base/span.h"

/* The file of a line entry that only ends the lines before it. */
#define IMP_DWARF_END_OF_LINES UINT32_MAX

struct imp_dwarf_symbol {
	uint32_t rva, size; /* size 0: not known */
	uint32_t name;      /* offset in the strings */
};

struct imp_dwarf_line {
	uint32_t rva;
	uint32_t file; /* offset in the strings, or IMP_DWARF_END_OF_LINES */
	uint32_t number;
};

struct imp_dwarf_table {
	struct imp_dwarf_symbol *symbols;
	struct imp_dwarf_line *lines;
	char *strings;
	uint32_t symbol_count, line_count, string_size;
	uint32_t symbol_capacity, line_capacity, string_capacity;
};

void imp_dwarf_table_free(struct imp_dwarf_table *table);
/* These add to the table; false when there is no memory. `*offset` is where the text stands. */
bool imp_dwarf_table_string(struct imp_dwarf_table *table, const char *text, uint32_t *offset);
bool imp_dwarf_table_symbol(struct imp_dwarf_table *table, uint32_t rva, uint32_t size, uint32_t name);
bool imp_dwarf_table_line(struct imp_dwarf_table *table, uint32_t rva, uint32_t file, uint32_t number);

/* Sorts by RVA, as the look-ups need it. False when there is no memory. */
bool imp_dwarf_table_sort(struct imp_dwarf_table *table);
/* The last symbol or line at or below `rva` of a sorted table; NULL when there is none. */
const struct imp_dwarf_symbol *imp_dwarf_table_symbol_at(const struct imp_dwarf_table *table, uint32_t rva);
const struct imp_dwarf_line *imp_dwarf_table_line_at(const struct imp_dwarf_table *table, uint32_t rva);

/* Writes the table to a file; `problem` (may be "") says what stopped the reading early. False when the file does not take it. */
bool imp_dwarf_table_write(const struct imp_dwarf_table *table, const char *problem, int file);
/* Takes a table from the bytes that imp_dwarf_table_write wrote, and trusts none of them. `problem` is set as it was. Errors: FORMAT, NO_MEMORY. */
struct imp_error *imp_dwarf_table_parse(struct imp_span bytes, struct imp_dwarf_table *table, char *problem, size_t size);

#endif
