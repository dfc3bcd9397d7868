/* Rendering of reports: the walk-through's tables, letter for letter, and the same as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

static char *render(const struct imp_report *report, bool json)
{
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	if (json)
		imp_report_json(report, "test", NULL, to);
	else
		imp_report_text(report, false, to);
	fclose(to);
	return text;
}

static void waiters(struct imp_report *report)
{
	static const struct imp_column columns[] = {
		{ "process", "Process", IMP_LEFT, 0 },     { "thread", "Thread", IMP_LEFT, 16 },   { "tid", "Id", IMP_RIGHT, 4 },
		{ "switches", "CSwitches", IMP_RIGHT, 0 }, { NULL, "Wait Function", IMP_LEFT, 0 }, { "hidden", NULL, IMP_LEFT, 0 },
	};
	struct imp_table *table = imp_report_table(report, "waiters", columns, 6, IMP_TABLE_TITLES | IMP_TABLE_RULER);

	for (int i = 0; i < 2; i++) {
		imp_table_cell(table, imp_string("System"), "System");
		imp_table_cell(table, imp_address(0xffff8004d2e7d040), "%s", i ? "ffff8004d5773040" : "ffff8004d2e7d040");
		imp_table_cell(table, imp_number(0x1410), "%s", i ? "24dc" : "1410");
		imp_table_cell(table, imp_number(i ? 3723 : 1), "%d", i ? 3723 : 1);
		imp_table_cell(table, imp_null(), "%s", i ? "TestDriver!FileCreationThread+0x14b" : "TestDriver!FileMoveThread+0x47");
		imp_table_cell(table, imp_bool(i), "%s", "");
	}
}

static void table_text(void **state)
{
	struct imp_report *report = imp_report_new();
	char *text;

	(void)state;
	waiters(report);
	text = render(report, false);
	assert_string_equal(text, "Process Thread             Id CSwitches Wait Function\n"
				  "======= ================ ==== ========= ===================================\n"
				  "System  ffff8004d2e7d040 1410         1 TestDriver!FileMoveThread+0x47\n"
				  "System  ffff8004d5773040 24dc      3723 TestDriver!FileCreationThread+0x14b\n");
	free(text);
	imp_report_free(report);
}

static void titles_over_right_cells(void **state)
{
	static const struct imp_column columns[] = {
		{ "a", "VM", IMP_RIGHT_CELLS, 0 },
		{ "b", "Peak", IMP_RIGHT_CELLS, 0 },
		{ "c", "Commit Size", IMP_RIGHT_CELLS, 0 },
		{ "d", "NPP Quota", IMP_RIGHT_CELLS, 0 },
	};
	static const char *const cells[] = { "4 MB", "652.32 MB", "40 KB", "272 B" };
	struct imp_report *report = imp_report_new();
	struct imp_table *table = imp_report_table(report, "memory", columns, 4, IMP_TABLE_TITLES | IMP_TABLE_RULER | IMP_TABLE_INDENT);
	char *text;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		imp_table_cell(table, imp_null(), "%s", cells[i]);
	text = render(report, false);
	assert_string_equal(text, "    VM   Peak      Commit Size NPP Quota\n"
				  "    ==== ========= =========== =========\n"
				  "    4 MB 652.32 MB       40 KB     272 B\n");
	free(text);
	imp_report_free(report);
}

static void footer_and_trees(void **state)
{
	static const struct imp_column columns[] = { { NULL, "PID", IMP_LEFT, 0 }, { "name", "Name", IMP_LEFT, 0 } };
	struct imp_report *report = imp_report_new();
	struct imp_table *table = imp_report_table(report, "processes", columns, 2, IMP_TABLE_TITLES | IMP_TABLE_RULER | IMP_TABLE_FOOTER);
	struct imp_table *tree;
	char *text;

	(void)state;
	imp_table_cell(table, imp_null(), "%-6s %-6s", "0x4", "0n4");
	imp_table_cell(table, imp_string("System"), "System");
	tree = imp_report_tree(report, "fields", 20);
	imp_tree_row(tree, 0, 0, "Header", "_DISPATCHER_HEADER", imp_null());
	imp_tree_row(tree, 1, 4, "SignalState", "0n0 --> Non Signaled State", imp_address(0));
	text = render(report, false);
	assert_string_equal(text, "PID           Name\n"
				  "============= ======\n"
				  "0x4    0n4    System\n"
				  "============= ======\n"
				  "PID           Name\n"
				  "   +0x000 Header               : _DISPATCHER_HEADER\n"
				  "      +0x004 SignalState          : 0n0 --> Non Signaled State\n");
	free(text);
	imp_report_free(report);
}

static void json_of_everything(void **state)
{
	struct imp_report *report = imp_report_new();
	json_t *root, *member;
	char *text;

	(void)state;
	waiters(report);
	imp_report_pair(report, "count", imp_number(2), "Number of waiters: %d", 2);
	imp_report_open_list(report, "stacks");
	imp_report_open_object(report, NULL);
	imp_report_value(report, "address", imp_address(UINT64_MAX));
	imp_report_close(report);
	imp_report_close(report);
	imp_report_value(report, "minus", imp_signed(-1));
	imp_report_value(report, "big", imp_number(UINT64_MAX));
	imp_report_value(report, "bad", imp_string("\xff\xfe"));
	imp_report_note(report, "said once");
	imp_report_note(report, "said once");
	text = render(report, true);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	root = json_loads(text, 0, NULL);
	assert_non_null(root);
	assert_true(json_is_true(json_object_get(root, "ok")));
	member = json_object_get(root, "waiters");
	assert_int_equal(json_array_size(member), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(member, 0), "thread")), "0xffff8004d2e7d040");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(member, 1), "switches")), 3723);
	assert_true(json_is_true(json_object_get(json_array_get(member, 1), "hidden")));
	assert_int_equal(json_integer_value(json_object_get(root, "count")), 2);
	member = json_array_get(json_object_get(root, "stacks"), 0);
	assert_string_equal(json_string_value(json_object_get(member, "address")), "0xffffffffffffffff");
	assert_int_equal(json_integer_value(json_object_get(root, "minus")), -1);
	assert_string_equal(json_string_value(json_object_get(root, "big")), "18446744073709551615");
	assert_string_equal(json_string_value(json_object_get(root, "bad")), "??");
	assert_int_equal(json_array_size(json_object_get(root, "notes")), 1);
	json_decref(root);
	free(text);
	imp_report_free(report);
}

static void control_characters_stay_off_the_terminal(void **state)
{
	static const struct imp_column columns[] = { { "name", "", IMP_LEFT, 0 } };
	struct imp_report *report = imp_report_new();
	char *text;

	(void)state;
	imp_table_cell(imp_report_table(report, "names", columns, 1, IMP_TABLE_PLAIN), imp_string("x"), "%s",
		       "\033[2Jevil\x7f \xc2\x9b \xc3\xa9\nforged row");
	imp_tree_row(imp_report_tree(report, "fields", 4), 0, 0, "a\033b", "c\rd", imp_null());
	imp_report_line(report, "%s", "e\bf\nforged line");
	imp_report_note(report, "%s", "g\ah\nNote: forged");
	/* To a terminal of 8 bits a bare 0x9b begins a sequence; longer forms and halves of characters are no UTF-8. */
	imp_report_line(report, "%s",
			"\x9b"
			"5n \xe0\x82\x9b \xf0\x80\x82\x9b \xc3( \xe2\x82\xac \xf0\x9f\x98\x80 \xed\xa0\x80 \xe2\x82");
	text = render(report, false);
	assert_string_equal(text, "?[2Jevil? ? \xc3\xa9?forged row\n"
				  "   +0x000 a?b  : c?d\n"
				  "e?f?forged line\n"
				  "?5n ??? ???? ?( \xe2\x82\xac \xf0\x9f\x98\x80 ??? ??\n"
				  "Note: g?h?Note: forged\n");
	free(text);
	imp_report_free(report);
}

/* Lines below rows, and columns that stay where they are when a name's bytes are no characters. */
static void details_and_widths(void **state)
{
	static const struct imp_column columns[] = { { "name", "Name", IMP_LEFT, 0 }, { "size", "Size", IMP_LEFT, 0 } };
	static const char *const names[] = { "a.sys", "\x9b\x9b\xc3\xa9", "c" };
	struct imp_report *report = imp_report_new();
	struct imp_table *table = imp_report_table(report, "modules", columns, 2, IMP_TABLE_TITLES);
	char *text;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		imp_table_cell(table, imp_string(names[i]), "%s", names[i]);
		imp_table_cell(table, imp_number(i), "%u", i);
		for (unsigned line = 0; line < i; line++)
			imp_table_detail(table, "    line %u of %s", line, "x\ny");
	}
	text = render(report, false);
	assert_string_equal(text, "Name  Size\n"
				  "a.sys 0\n"
				  "??\xc3\xa9   1\n"
				  "    line 0 of x?y\n"
				  "c     2\n"
				  "    line 0 of x?y\n"
				  "    line 1 of x?y\n");
	free(text);
	imp_report_free(report);
}

/* A damaged dump can make a note of every line. What grew with the square of that took longer for these than CTest waits. */
static void many_notes(void **state)
{
	enum { NOTES = 100000 };
	struct imp_report *report = imp_report_new();
	char *text, *at;
	unsigned notes = 0;

	(void)state;
	for (unsigned i = 0; i < NOTES; i++) {
		imp_report_line(report, "line");
		imp_report_note(report, "the same");
		imp_report_note(report, "number %u", i);
	}
	text = render(report, false);
	for (at = text; at && *at; at = strchr(at, '\n'), at += at != NULL)
		notes += !strncmp(at, "Note: ", 6);
	assert_int_equal(notes, NOTES + 1);
	free(text);
	imp_report_free(report);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_text),
		cmocka_unit_test(titles_over_right_cells),
		cmocka_unit_test(footer_and_trees),
		cmocka_unit_test(json_of_everything),
		cmocka_unit_test(control_characters_stay_off_the_terminal),
		cmocka_unit_test(details_and_widths),
		cmocka_unit_test(many_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
