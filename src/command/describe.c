/* Stacks in reports. */
#include "command/describe.h"

#include <stdio.h>
#include <string.h>

enum { FRAME_COLUMNS = 13, SOURCE_COLUMN = 5 };

const char *imp_name_mark(struct imp_report *report, const struct imp_name *name, char *text, size_t size)
{
	text[0] = '\0';
	if (!name->resolved[0])
		return text;
	snprintf(text, size, " [%s from file]", name->resolved);
	imp_report_note(report,
			"[... from file] marks code of a driver that is no longer in memory: its image file, found by name and size, gave its name"
			" and the way on to the caller; a call instruction stands before each such address in the file.");
	return text;
}

const char *imp_frame_mark(struct imp_report *report, const struct imp_stack_frame *frame, const struct imp_name *name, char *text, size_t size)
{
	if (!frame->scanned)
		return imp_name_mark(report, name, text, size);
	snprintf(text, size, frame->after_call ? " [scanned]" : " [scanned, unchecked]");
	imp_report_note(report, "[scanned] marks words on the stack that are no proven frames: they point behind a call instruction in a loaded "
				"image (unchecked: just into one, as its code is not at hand), and may be left over from earlier calls. With the "
				"images in the image path (-i) stacks are unwound.");
	return text;
}

#define JSON_ONLY                                                                                                                                 \
	{ "module", NULL, IMP_LEFT, 0 }, { "function", NULL, IMP_LEFT, 0 }, { "displacement", NULL, IMP_LEFT, 0 }, { "file", NULL, IMP_LEFT, 0 }, \
		{ "line", NULL, IMP_LEFT, 0 }, { "from_file", NULL, IMP_LEFT, 0 }, { "scanned", NULL, IMP_LEFT, 0 }

static const struct {
	struct imp_column columns[FRAME_COLUMNS];
	unsigned flags;
	const char *index, *address, *source;
} layouts[] = {
	[IMP_STACK_KD] = {
		{ { "index", " #", IMP_LEFT, 2 }, { "child_sp", "Child-SP", IMP_LEFT, 17 }, { "return_address", "RetAddr", IMP_LEFT, 21 },
		  { "address", NULL, IMP_LEFT, 0 }, { "symbol", "Call Site", IMP_LEFT, 0 }, { NULL, NULL, IMP_LEFT, 0 }, JSON_ONLY },
		IMP_TABLE_TITLES, "%02x", "%08x`%08x", " [%s @ %u]",
	},
	[IMP_STACK_MEX] = {
		{ { "index", "#", IMP_LEFT, 1 }, { "child_sp", "Child-SP", IMP_LEFT, 16 }, { "return_address", "Return", IMP_LEFT, 16 },
		  { "address", NULL, IMP_LEFT, 0 }, { "symbol", "Call Site", IMP_LEFT, 0 }, { NULL, "Source", IMP_LEFT, 0 }, JSON_ONLY },
		IMP_TABLE_TITLES, "%x", "%08x%08x", "%s @ %u",
	},
	[IMP_STACK_UNIQUE] = {
		{ { "index", NULL, IMP_LEFT, 0 }, { "child_sp", NULL, IMP_LEFT, 0 }, { "return_address", NULL, IMP_LEFT, 0 },
		  { "address", "", IMP_LEFT, 16 }, { "symbol", "", IMP_LEFT, 0 }, { NULL, NULL, IMP_LEFT, 0 }, JSON_ONLY },
		IMP_TABLE_INDENT, "%x", "%08x%08x", " (%s @ %u)",
	},
};

static void address_cell(struct imp_table *table, const char *format, uint64_t address)
{
	char text[32];

	snprintf(text, sizeof(text), format, (unsigned)(address >> 32), (unsigned)address);
	imp_table_cell(table, imp_address(address), "%s", text);
}

/* A driver without symbols is mostly the one that matters. */
static void note_missing_symbols(struct imp_kernel *kernel, const struct imp_name *name)
{
	if (!name->module || name->module->unloaded || !name->module->symbols_error)
		return;
	if (imp_dump_is_virtual(kernel->dump) && imp_error_code(name->module->symbols_error) == IMP_ERROR_NOT_FOUND)
		imp_kernel_note(
			kernel,
			"a small memory dump holds no images: names of functions in drivers need the image files (-i) and their symbols (-y)");
	else
		imp_kernel_note(kernel, "%s", imp_error_message(name->module->symbols_error));
}

void imp_report_frames(struct imp_kernel *kernel, struct imp_report *report, const struct imp_stack_frame *frames, size_t count,
		       enum imp_stack_layout layout)
{
	struct imp_table *table = imp_report_table(report, "frames", layouts[layout].columns, FRAME_COLUMNS, layouts[layout].flags);
	bool in_column = layouts[layout].columns[SOURCE_COLUMN].title; /* else the source follows the name after one blank */

	for (size_t i = 0; i < count; i++) {
		struct imp_name name;
		char source[320] = "", index[16], mark[IMP_MARK_SIZE];

		imp_frame_name(kernel, &frames[i], &name);
		note_missing_symbols(kernel, &name);
		if (name.file[0])
			snprintf(source, sizeof(source), layouts[layout].source, name.file, name.line);
		snprintf(index, sizeof(index), layouts[layout].index, (unsigned)i);
		imp_table_cell(table, imp_number(i), "%s", index);
		address_cell(table, layouts[layout].address, frames[i].child_sp);
		if (frames[i].return_known)
			address_cell(table, layouts[layout].address, frames[i].return_address);
		else
			imp_table_cell(table, imp_null(), "????????????????");
		address_cell(table, layouts[layout].address, frames[i].address);
		imp_table_cell(table, imp_string(name.text), "%s%s%s", name.text, imp_frame_mark(report, &frames[i], &name, mark, sizeof(mark)),
			       in_column ? "" : source);
		imp_table_cell(table, imp_null(), "%s", source);
		imp_table_cell(table, name.module ? imp_string(name.module->short_name) : imp_null(), "%s", "");
		imp_table_cell(table, *name.symbol ? imp_string(name.symbol) : imp_null(), "%s", "");
		imp_table_cell(table, imp_number(name.displacement), "%s", "");
		imp_table_cell(table, *name.file ? imp_string(name.file) : imp_null(), "%s", "");
		imp_table_cell(table, *name.file ? imp_number(name.line) : imp_null(), "%s", "");
		imp_table_cell(table, imp_bool(frames[i].from_file), "%s", "");
		imp_table_cell(table, imp_bool(frames[i].scanned), "%s", "");
	}
}
