/* kb, kv: "Args to Child" are the four words of a frame's home area, which lies where its caller's Child-SP points (x64 calling convention). They are
 * the arguments only where the callee has stored them there.
 */
#include "command/stack_arguments.h"
#include "command/describe.h"

#include <stdio.h>
#include <string.h>

enum { HOME_WORDS = 4 };

static void split(uint64_t value, char *text, size_t size)
{
	snprintf(text, size, "%08x`%08x", (unsigned)(value >> 32), (unsigned)value);
}

static void home_area(struct imp_kernel *kernel, const struct imp_stack *stack, size_t frame, char *text, size_t size)
{
	bool has_caller = frame + 1 < stack->count;

	*text = '\0';
	for (size_t i = 0; i < HOME_WORDS; i++) {
		char word[24] = "????????`????????";
		uint64_t value;
		IMP_CLEANUP_ERROR struct imp_error *err =
			has_caller ? imp_memory_u64(kernel->memory, stack->frames[frame + 1].child_sp + 8 * i, &value) : NULL;

		if (has_caller && !err)
			split(value, word, sizeof(word));
		snprintf(text + strlen(text), size - strlen(text), "%s%s", i ? " " : "", word);
	}
}

static void call_site_cell(struct imp_kernel *kernel, struct imp_report *report, struct imp_table *table, const struct imp_stack_frame *frame,
			   bool in_column)
{
	struct imp_name name;
	char mark[IMP_MARK_SIZE], source[320] = "";

	imp_frame_name(kernel, frame, &name);
	if (in_column && name.file[0])
		snprintf(source, sizeof(source), " [%s @ %u]", name.file, name.line);
	imp_table_cell(table, imp_string(name.text), "%s%s%s%s", in_column ? ": " : "", name.text,
		       imp_frame_mark(report, frame, &name, mark, sizeof(mark)), source);
}

void imp_report_frames_with_arguments(struct imp_kernel *kernel, struct imp_report *report, const struct imp_stack *stack, size_t count,
				      bool child_sp)
{
	static const struct imp_column columns[2][5] = {
		{ { "index", " #", IMP_LEFT, 2 },
		  { "child_sp", NULL, IMP_LEFT, 0 },
		  { "return_address", "RetAddr", IMP_LEFT, 21 },
		  { "home_area", ": Args to Child", IMP_LEFT, 73 },
		  { "symbol", ": Call Site", IMP_LEFT, 0 } },
		{ { "index", " #", IMP_LEFT, 2 },
		  { "child_sp", "Child-SP", IMP_LEFT, 17 },
		  { "return_address", "RetAddr", IMP_LEFT, 21 },
		  { "home_area", ": Args to Child", IMP_LEFT, 73 },
		  { "symbol", ": Call Site", IMP_LEFT, 0 } },
	};
	struct imp_table *table = imp_report_table(report, "frames", columns[child_sp], 5, IMP_TABLE_TITLES);

	for (size_t i = 0; i < count; i++) {
		const struct imp_stack_frame *frame = &stack->frames[i];
		char sp[24], back[24] = "????????`????????", words[80];

		split(frame->child_sp, sp, sizeof(sp));
		if (frame->return_known)
			split(frame->return_address, back, sizeof(back));
		home_area(kernel, stack, i, words, sizeof(words));
		imp_table_cell(table, imp_number(i), "%02x", (unsigned)i);
		imp_table_cell(table, imp_address(frame->child_sp), "%s", sp);
		imp_table_cell(table, frame->return_known ? imp_address(frame->return_address) : imp_null(), "%s", back);
		imp_table_cell(table, imp_string(words), ": %s", words);
		call_site_cell(kernel, report, table, frame, true);
	}
}

void imp_report_call_sites(struct imp_kernel *kernel, struct imp_report *report, const struct imp_stack *stack, size_t count)
{
	static const struct imp_column columns[] = { { "index", " #", IMP_LEFT, 2 }, { "symbol", "Call Site", IMP_LEFT, 0 } };
	struct imp_table *table = imp_report_table(report, "frames", columns, 2, IMP_TABLE_TITLES);

	for (size_t i = 0; i < count; i++) {
		imp_table_cell(table, imp_number(i), "%02x", (unsigned)i);
		call_site_cell(kernel, report, table, &stack->frames[i], false);
	}
}
