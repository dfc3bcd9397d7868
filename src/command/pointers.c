/* dps dds dpp dpa dpu and their kin: memory as pointers, with what they point to. ds dS: counted strings. */
#include "command/commands.h"
#include "command/range.h"
#include "nt/symbolize.h"

#include <stdio.h>
#include <string.h>

enum { MAX_TEXT = 64, DEFAULT_COUNT = 16 };

enum pointed { POINTED_SYMBOL, POINTED_POINTER, POINTED_TEXT8, POINTED_TEXT16 };

/* The text at `address`, up to its terminator; false when nothing is readable there or it does not begin with a printable character. */
static bool read_text(struct imp_kernel *kernel, uint64_t address, unsigned size, char text[MAX_TEXT + 1])
{
	uint8_t bytes[MAX_TEXT * 2];
	size_t have = imp_memory_read_some(kernel->memory, address, bytes, (size_t)MAX_TEXT * size), length = 0;

	for (; (length + 1) * size <= have; length++) {
		unsigned unit = bytes[length * size] | (size == 2 ? (unsigned)bytes[length * size + 1] << 8 : 0);

		if (!unit)
			break;
		text[length] = unit >= 0x20 && unit < 0x7f ? (char)unit : '.';
	}
	text[length] = '\0';
	return have;
}

static void symbol_cells(struct imp_table *table, struct imp_kernel *kernel, uint64_t value)
{
	struct imp_name name;

	imp_symbolize(kernel, value, false, &name);
	imp_table_cell(table, name.module ? imp_string(name.text) : imp_null(), "%s", name.module ? name.text : "");
	imp_table_cell(table, imp_null(), "%s", "");
}

/* The columns behind a pointer's value: what it points to, and as text. */
static void pointed_cells(struct imp_table *table, struct imp_kernel *kernel, uint64_t value, enum pointed pointed)
{
	uint64_t target;
	char text[MAX_TEXT + 1];
	bool readable;

	if (pointed == POINTED_SYMBOL) {
		symbol_cells(table, kernel, value);
		return;
	}
	if (pointed == POINTED_POINTER) {
		IMP_CLEANUP_ERROR struct imp_error *err = imp_memory_u64(kernel->memory, value, &target);
		struct imp_name name;

		if (err) {
			imp_table_cell(table, imp_null(), "????????`????????");
			imp_table_cell(table, imp_null(), "%s", "");
			return;
		}
		imp_symbolize(kernel, target, false, &name);
		imp_table_cell(table, imp_address(target), "%08x`%08x", (unsigned)(target >> 32), (unsigned)target);
		imp_table_cell(table, name.module ? imp_string(name.text) : imp_null(), "%s", name.module ? name.text : "");
		return;
	}
	readable = read_text(kernel, value, pointed == POINTED_TEXT16 ? 2 : 1, text);
	if (readable)
		imp_table_cell(table, imp_string(text), "\"%s\"", text);
	else
		imp_table_cell(table, imp_null(), "????????");
	imp_table_cell(table, imp_null(), "%s", "");
}

/* Columns of the three kinds; the second of "symbol" and "text" is only there to have one number of columns. */
static const struct imp_column columns[][4] = {
	[POINTED_SYMBOL] = { { "address", "", IMP_LEFT, 17 },
			     { "value", "", IMP_LEFT, 18 },
			     { "symbol", "", IMP_LEFT, 0 },
			     { NULL, NULL, IMP_LEFT, 0 } },
	[POINTED_POINTER] = { { "address", "", IMP_LEFT, 17 },
			      { "value", "", IMP_LEFT, 18 },
			      { "target", "", IMP_LEFT, 17 },
			      { "symbol", "", IMP_LEFT, 0 } },
	[POINTED_TEXT8] = { { "address", "", IMP_LEFT, 17 },
			    { "value", "", IMP_LEFT, 18 },
			    { "text", "", IMP_LEFT, 0 },
			    { NULL, NULL, IMP_LEFT, 0 } },
	[POINTED_TEXT16] = { { "address", "", IMP_LEFT, 17 },
			     { "value", "", IMP_LEFT, 18 },
			     { "text", "", IMP_LEFT, 0 },
			     { NULL, NULL, IMP_LEFT, 0 } },
};

/* `size`: bytes of a pointer. */
static struct imp_error *dump_pointers(struct imp_session *session, const char *arguments, struct imp_report *report, unsigned size,
				       enum pointed pointed)
{
	struct imp_table *table;
	struct imp_range range;
	bool readable = false;
	struct imp_error *first_error = NULL, *err = imp_parse_range(session, arguments, size, DEFAULT_COUNT, &range);

	if (err)
		return err;
	table = imp_report_table(report, "memory", columns[pointed], 4, IMP_TABLE_PLAIN);
	for (uint64_t at = 0; at < range.bytes && !imp_session_interrupted(session); at += size) {
		uint64_t address = range.address + at, value = 0;
		struct imp_error *unreadable = imp_memory_read(session->kernel->memory, address, &value, size);

		imp_table_cell(table, imp_address(address), "%08x`%08x", (unsigned)(address >> 32), (unsigned)address);
		if (unreadable) {
			imp_table_cell(table, imp_null(), size == 8 ? " ????????`????????" : " ????????");
			imp_table_cell(table, imp_null(), "%s", "");
			imp_table_cell(table, imp_null(), "%s", "");
			first_error = first_error ? first_error : unreadable;
			if (first_error != unreadable)
				imp_error_free(unreadable);
			continue;
		}
		readable = true;
		if (size == 8)
			imp_table_cell(table, imp_address(value), " %08x`%08x", (unsigned)(value >> 32), (unsigned)value);
		else
			imp_table_cell(table, imp_address(value), " %08x", (unsigned)value);
		pointed_cells(table, session->kernel, value, pointed);
	}
	if (!readable)
		return first_error;
	imp_error_free(first_error);
	return NULL;
}

#define POINTER_COMMAND(name, size, pointed)                                     \
	IMP_COMMAND(name)                                                        \
	{                                                                        \
		return dump_pointers(session, arguments, report, size, pointed); \
	}
POINTER_COMMAND(dps, 8, POINTED_SYMBOL)
POINTER_COMMAND(dds, 4, POINTED_SYMBOL)
POINTER_COMMAND(dpp, 8, POINTED_POINTER)
POINTER_COMMAND(ddp, 4, POINTED_POINTER)
POINTER_COMMAND(dpa, 8, POINTED_TEXT8)
POINTER_COMMAND(dda, 4, POINTED_TEXT8)
POINTER_COMMAND(dpu, 8, POINTED_TEXT16)
POINTER_COMMAND(ddu, 4, POINTED_TEXT16)

/* A counted string: STRING and UNICODE_STRING have one layout, with characters of one or two bytes. */
static struct imp_error *dump_string(struct imp_session *session, const char *arguments, struct imp_report *report, unsigned size)
{
	uint64_t address, length, buffer;
	char text[1024];
	struct imp_error *err =
		imp_argument_last(session, &arguments, size == 2 ? "the address of a UNICODE_STRING" : "the address of a STRING", &address);

	if (!err)
		err = imp_nt_read(session->kernel, IMP_STRING_LENGTH, address, &length);
	if (!err)
		err = imp_nt_read(session->kernel, IMP_STRING_BUFFER, address, &buffer);
	if (!err && size == 2) {
		err = imp_nt_string(session->kernel, address, text, sizeof(text));
	} else if (!err) {
		size_t bytes = length < sizeof(text) ? (size_t)length : sizeof(text) - 1;

		err = imp_memory_read(session->kernel->memory, buffer, text, bytes);
		for (size_t i = 0; i < bytes; i++)
			text[i] = text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '.';
		text[bytes] = '\0';
	}
	if (err)
		return err;
	imp_report_line(report, "%08x`%08x  \"%s\"", (unsigned)(buffer >> 32), (unsigned)buffer, text);
	imp_report_value(report, "address", imp_address(address));
	imp_report_value(report, "buffer", imp_address(buffer));
	imp_report_value(report, "length", imp_number(length));
	imp_report_value(report, "text", imp_string(text));
	return NULL;
}

IMP_COMMAND(ds)
{
	return dump_string(session, arguments, report, 1);
}

IMP_COMMAND(dS)
{
	return dump_string(session, arguments, report, 2);
}
