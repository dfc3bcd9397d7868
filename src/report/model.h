/* The report's blocks, for the files of this folder only. */
#ifndef IMP_REPORT_MODEL_H
#define IMP_REPORT_MODEL_H

#include "report/report.h"

enum imp_block_kind {
	IMP_BLOCK_LINE,
	IMP_BLOCK_VALUE,
	IMP_BLOCK_NOTE,
	IMP_BLOCK_TABLE,
	IMP_BLOCK_TREE,
	IMP_BLOCK_OBJECT,
	IMP_BLOCK_LIST,
	IMP_BLOCK_CLOSE
};

struct imp_cell {
	struct imp_value value; /* its string is the cell's */
	char *text;
};

/* A line below a row. */
struct imp_detail {
	size_t cell_count; /* of the table when it was added */
	char *text;
};

struct imp_table {
	struct imp_report *report;
	const struct imp_column *columns;
	size_t column_count;
	unsigned flags;
	unsigned name_width; /* of a tree */
	struct imp_cell *cells;
	size_t cell_count, cell_capacity;
	struct imp_detail *details;
	size_t detail_count;
};

struct imp_block {
	struct imp_block *next;
	enum imp_block_kind kind;
	const char *key;
	char *text;
	struct imp_value value; /* its string is the block's */
	struct imp_table table;
};

struct imp_noted;

struct imp_report {
	struct imp_block *first, **last;
	struct imp_noted *noted; /* the notes by their text: each is said once */
	bool incomplete;
};

/* A tree is a table of these columns; the text renderer lays it out by itself. */
enum { IMP_TREE_DEPTH, IMP_TREE_OFFSET, IMP_TREE_NAME, IMP_TREE_TEXT, IMP_TREE_VALUE, IMP_TREE_COLUMNS };

#endif
