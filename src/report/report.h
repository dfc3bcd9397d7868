/* Results: what a command found, once, for eyes and for programs. A report is a list of blocks (line, value, table, tree, object, list);
 * text.c renders it in WinDbg's layout, json.c as one JSON object. Knows nothing of kernels.
 */
#ifndef IMP_REPORT_REPORT_H
#define IMP_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct imp_report;
struct imp_table;

enum imp_value_kind {
	IMP_VALUE_NULL, /* not known */
	IMP_VALUE_STRING,
	IMP_VALUE_NUMBER, /* JSON integer */
	IMP_VALUE_SIGNED,
	IMP_VALUE_ADDRESS, /* JSON string "0x...": not every JSON reader keeps 64 bits of a number */
	IMP_VALUE_BOOL,
};

/* What a program reads. `string` need only live during the call that it is passed to. */
struct imp_value {
	enum imp_value_kind kind;
	const char *string;
	uint64_t number;
};

static inline struct imp_value imp_null(void)
{
	return (struct imp_value){ .kind = IMP_VALUE_NULL };
}
static inline struct imp_value imp_string(const char *s)
{
	return (struct imp_value){ .kind = s ? IMP_VALUE_STRING : IMP_VALUE_NULL, .string = s };
}
static inline struct imp_value imp_number(uint64_t n)
{
	return (struct imp_value){ .kind = IMP_VALUE_NUMBER, .number = n };
}
static inline struct imp_value imp_signed(int64_t n)
{
	return (struct imp_value){ .kind = IMP_VALUE_SIGNED, .number = (uint64_t)n };
}
static inline struct imp_value imp_address(uint64_t n)
{
	return (struct imp_value){ .kind = IMP_VALUE_ADDRESS, .number = n };
}
static inline struct imp_value imp_bool(bool b)
{
	return (struct imp_value){ .kind = IMP_VALUE_BOOL, .number = b };
}

enum imp_align {
	IMP_LEFT,
	IMP_RIGHT,       /* title and cells */
	IMP_RIGHT_CELLS, /* cells right, title left */
};

struct imp_column {
	const char *key;   /* JSON member; NULL: in the text only */
	const char *title; /* NULL: in the JSON only */
	enum imp_align align;
	unsigned width; /* least width; grows with the cells */
};

enum imp_table_flag {
	IMP_TABLE_PLAIN = 0,
	IMP_TABLE_TITLES = 1, /* a row of titles */
	IMP_TABLE_RULER = 2,  /* ==== under the titles */
	IMP_TABLE_FOOTER = 4, /* ruler and titles again at the end */
	IMP_TABLE_INDENT = 8, /* four blanks in front */
	IMP_TABLE_ONE = 16,   /* always one row: in the JSON an object, not a list */
};

/* NULL without memory. Freed with imp_report_free (NULL allowed). When memory runs out while it is filled, the rest is missing and it says so. */
struct imp_report *imp_report_new(void);
void imp_report_free(struct imp_report *report);
/* A line for eyes; not in the JSON. "" is an empty line. What is not printable in it is shown as '?', as in cells and notes: a name in a dump must not
 * break a line, forge one or drive the terminal.
 */
void imp_report_line(struct imp_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A member `key` for programs; not in the text. Keys are string literals: they are not copied. */
void imp_report_value(struct imp_report *report, const char *key, struct imp_value value);
/* Both: a line and a member. */
void imp_report_pair(struct imp_report *report, const char *key, struct imp_value value, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Something the reader must know about the result (partial, degraded); a line "Note: ..." and a member of "notes". Said twice, it is kept once. */
void imp_report_note(struct imp_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Nesting for programs: what follows up to imp_report_close is inside `key`. Inside a list `key` is NULL. */
void imp_report_open_object(struct imp_report *report, const char *key);
void imp_report_open_list(struct imp_report *report, const char *key);
void imp_report_close(struct imp_report *report);

/* Starts a table; `columns` (`count` of them) must outlive the report. Each `count` cells are a row. Owned by the report. */
struct imp_table *imp_report_table(struct imp_report *report, const char *key, const struct imp_column *columns, size_t count, unsigned flags);
/* The next cell: what programs read, and what eyes read. */
void imp_table_cell(struct imp_table *table, struct imp_value value, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A line for eyes below the row whose last cell was added just before. */
void imp_table_detail(struct imp_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Starts the rows of a `dt`: in text `   +0x000 Header           : _DISPATCHER_HEADER`, names padded to `name_width`; in JSON a list of objects.
 * Owned by the report.
 */
struct imp_table *imp_report_tree(struct imp_report *report, const char *key, unsigned name_width);
void imp_tree_row(struct imp_table *tree, unsigned depth, uint64_t offset, const char *name, const char *text, struct imp_value value);
/* An element of the array in the row above: in text `    [02] 0x1`. */
void imp_tree_element(struct imp_table *tree, unsigned depth, uint64_t offset, const char *name, const char *text, struct imp_value value);

/* Writes `text` with control characters, ends of lines too, as '?': names in a dump or a symbol file must not drive the reader's terminal. */
void imp_put_printable(const char *text, size_t length, FILE *to);
/* Writes the report for eyes; with `colour` titles, symbols and notes are set off by ECMA-48's escape sequences, and nothing else has any. */
void imp_report_text(const struct imp_report *report, bool colour, FILE *to);
/* Writes one line: a JSON object with "command", "ok", the members, "notes" when there are any, and "error" (NULL: none). */
void imp_report_json(const struct imp_report *report, const char *command, const char *error, FILE *to);

#endif
