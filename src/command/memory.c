/* db dw dd dq da du: memory. */
#include "command/commands.h"
#include "command/range.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { MAX_BYTES = 1 << 20, LINE_BYTES = 16, DEFAULT_LINES = 8, MAX_TEXT = 1024 };

struct imp_error *imp_parse_range(struct imp_session *session, const char *arguments, unsigned size, uint64_t otherwise, struct imp_range *range)
{
	uint64_t count = otherwise, end;
	bool first = !session->memory_next && !*imp_skip_blanks(arguments);
	struct imp_error *err = first ? imp_error_new(IMP_ERROR_USAGE, "an address is missing: nothing was shown before to go on from")
				      : imp_argument_or(session, &arguments, session->memory_next, &range->address);

	arguments = imp_skip_blanks(arguments);
	if (!err && (*arguments == 'L' || *arguments == 'l')) {
		arguments++;
		arguments += *arguments == '?';
		err = imp_argument(session, &arguments, "a count after L", &count);
	} else if (!err && *arguments) {
		err = imp_argument(session, &arguments, "an end", &end);
		if (!err && end < range->address)
			err = imp_error_new(IMP_ERROR_USAGE, "the range ends before it begins");
		if (!err)
			count = (end - range->address) / size + 1;
	}
	if (!err)
		err = imp_arguments_end(arguments);
	if (!err && (count > MAX_BYTES / size))
		err = imp_error_new(IMP_ERROR_USAGE, "at most 0x%x elements of this size at once", MAX_BYTES / size);
	range->bytes = err ? 0 : count * size;
	session->memory_next = err ? session->memory_next : range->address + range->bytes;
	return err;
}

/* One line's elements: as hexadecimal, "??" where the dump has nothing. */
static void format_elements(const uint8_t *bytes, size_t have, size_t want, unsigned size, char *text, size_t capacity)
{
	size_t length = 0;

	for (size_t at = 0; at < want && length < capacity; at += size) {
		uint64_t value = 0;
		const char *separator = !at ? "" : size == 1 && at == 8 ? "-" : " ";

		if (at + size > have) {
			length += (size_t)snprintf(text + length, capacity - length, "%s%.*s%s%.*s", separator, (int)(size < 8 ? size * 2 : 8),
						   "????????", size == 8 ? "`" : "", size == 8 ? 8 : 0, "????????");
			continue;
		}
		memcpy(&value, bytes + at, size);
		if (size == 8)
			length += (size_t)snprintf(text + length, capacity - length, "%s%08x`%08x", separator, (unsigned)(value >> 32),
						   (unsigned)value);
		else
			length += (size_t)snprintf(text + length, capacity - length, "%s%0*llx", separator, (int)size * 2, (unsigned long long)value);
	}
}

static void format_characters(const uint8_t *bytes, size_t have, size_t want, char *text)
{
	for (size_t i = 0; i < want; i++)
		text[i] = i >= have ? '?' : isprint(bytes[i]) && bytes[i] < 0x7f ? (char)bytes[i] : '.';
	text[want] = '\0';
}

static const struct imp_column columns[] = {
	{ "address", "", IMP_LEFT, 17 },
	{ "hex", "", IMP_LEFT, 0 },
	{ "text", "", IMP_LEFT, 0 },
};

static struct imp_error *dump_elements(struct imp_session *session, const char *arguments, struct imp_report *report, unsigned size, bool characters)
{
	struct imp_table *table;
	struct imp_range range;
	size_t readable = 0;
	struct imp_error *err = imp_parse_range(session, arguments, size, LINE_BYTES * DEFAULT_LINES / size, &range);

	if (err)
		return err;
	table = imp_report_table(report, "memory", columns, 3, IMP_TABLE_PLAIN);
	for (uint64_t at = 0; at < range.bytes && !imp_session_interrupted(session); at += LINE_BYTES) {
		uint64_t address = range.address + at;
		uint8_t bytes[LINE_BYTES];
		size_t want = range.bytes - at < LINE_BYTES ? (size_t)(range.bytes - at) : LINE_BYTES;
		size_t have = imp_memory_read_some(session->kernel->memory, address, bytes, want);
		char elements[128] = "", text[LINE_BYTES + 1] = "";

		readable += have;
		format_elements(bytes, have, want, size, elements, sizeof(elements));
		if (characters)
			format_characters(bytes, have, want, text);
		imp_table_cell(table, imp_address(address), "%08x`%08x", (unsigned)(address >> 32), (unsigned)address);
		imp_table_cell(table, imp_string(elements), " %s ", elements);
		imp_table_cell(table, characters ? imp_string(text) : imp_null(), "%s", text);
	}
	if (!readable) {
		uint8_t byte;

		return imp_memory_read(session->kernel->memory, range.address, &byte, 1);
	}
	return NULL;
}

IMP_COMMAND(db)
{
	return dump_elements(session, arguments, report, 1, true);
}

IMP_COMMAND(dw)
{
	return dump_elements(session, arguments, report, 2, false);
}

IMP_COMMAND(dd)
{
	return dump_elements(session, arguments, report, 4, false);
}

IMP_COMMAND(dq)
{
	return dump_elements(session, arguments, report, 8, false);
}

/* A string of one- or two-byte characters up to its terminator, at most MAX_TEXT of them. */
static struct imp_error *dump_text(struct imp_session *session, const char *arguments, struct imp_report *report, unsigned size)
{
	struct imp_range range;
	uint8_t bytes[MAX_TEXT * 2];
	char text[MAX_TEXT + 1];
	size_t have, length = 0;
	struct imp_error *err = imp_parse_range(session, arguments, size, 256, &range);

	if (err)
		return err;
	if (range.bytes > (uint64_t)MAX_TEXT * size)
		range.bytes = (uint64_t)MAX_TEXT * size;
	have = imp_memory_read_some(session->kernel->memory, range.address, bytes, range.bytes);
	if (!have)
		return imp_memory_read(session->kernel->memory, range.address, bytes, 1);
	for (; (length + 1) * size <= have; length++) {
		unsigned unit = bytes[length * size] | (size == 2 ? (unsigned)bytes[length * size + 1] << 8 : 0);

		if (!unit)
			break;
		text[length] = unit >= 0x20 && unit < 0x7f ? (char)unit : '.';
	}
	text[length] = '\0';
	imp_report_line(report, "%08x`%08x  \"%s\"", (unsigned)(range.address >> 32), (unsigned)range.address, text);
	imp_report_value(report, "address", imp_address(range.address));
	imp_report_value(report, "text", imp_string(text));
	return NULL;
}

IMP_COMMAND(da)
{
	return dump_text(session, arguments, report, 1);
}

IMP_COMMAND(du)
{
	return dump_text(session, arguments, report, 2);
}
