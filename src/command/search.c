/* s: values and text in memory. dl: linked lists. */
#include "command/commands.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PAGE = 0x1000,
	MAX_PATTERN = 256,
	MAX_HITS = 10000,
	DEFAULT_LIST = 0x20,
	MAX_LIST = 100000,
	MAX_LIST_WORDS = 16,
	HIT_BYTES = 16,
};
#define MAX_SEARCH (256ull << 20) /* bytes without L?, as documented for ranges */

struct pattern {
	uint8_t bytes[MAX_PATTERN];
	size_t length;
	unsigned element; /* bytes */
};

struct range {
	uint64_t address, bytes;
};

static struct imp_error *parse_range(struct imp_session *session, const char **arguments, unsigned element, struct range *range)
{
	uint64_t count, end;
	bool unlimited = false;
	struct imp_error *err = imp_argument(session, arguments, "an address", &range->address);

	*arguments = imp_skip_blanks(*arguments);
	if (!err && (**arguments == 'L' || **arguments == 'l')) {
		++*arguments;
		unlimited = **arguments == '?';
		*arguments += unlimited;
		err = imp_argument(session, arguments, "a count after L", &count);
		if (!err && __builtin_mul_overflow(count, (uint64_t)element, &range->bytes))
			err = imp_error_new(IMP_ERROR_USAGE, "the range is wider than 64 bits");
	} else if (!err) {
		err = imp_argument(session, arguments, "L COUNT or the end of the range", &end);
		if (!err && end < range->address)
			err = imp_error_new(IMP_ERROR_USAGE, "the range ends before it begins");
		range->bytes = err ? 0 : end - range->address;
		range->bytes += range->bytes != UINT64_MAX;
	}
	if (!err && range->bytes > MAX_SEARCH && !unlimited)
		err = imp_error_new(IMP_ERROR_USAGE, "more than 256 MiB are searched with L? only");
	if (!err && range->bytes && range->address + (range->bytes - 1) < range->address)
		err = imp_error_new(IMP_ERROR_USAGE, "the range goes beyond the last address");
	return err;
}

static struct imp_error *parse_values(struct imp_session *session, const char *arguments, struct pattern *pattern)
{
	for (arguments = imp_skip_blanks(arguments); *arguments; arguments = imp_skip_blanks(arguments)) {
		uint64_t value;
		struct imp_error *err = imp_argument(session, &arguments, "a value", &value);

		if (err)
			return err;
		if (pattern->element < 8 && value >> (8 * pattern->element))
			return imp_error_new(IMP_ERROR_USAGE, "%llx is wider than %u bytes", (unsigned long long)value, pattern->element);
		if (pattern->length + pattern->element > MAX_PATTERN)
			return imp_error_new(IMP_ERROR_USAGE, "at most %d bytes can be searched for", MAX_PATTERN);
		memcpy(pattern->bytes + pattern->length, &value, pattern->element);
		pattern->length += pattern->element;
	}
	return NULL;
}

/* Text up to the end, or "quoted". */
static struct imp_error *parse_text(const char *arguments, unsigned element, struct pattern *pattern)
{
	size_t length;

	arguments = imp_skip_blanks(arguments);
	length = strlen(arguments);
	if (length > 1 && *arguments == '"' && arguments[length - 1] == '"') {
		arguments++;
		length -= 2;
	}
	if (length * element > MAX_PATTERN)
		return imp_error_new(IMP_ERROR_USAGE, "at most %u characters can be searched for", MAX_PATTERN / element);
	for (size_t i = 0; i < length; i++)
		pattern->bytes[i * element] = (uint8_t)arguments[i];
	pattern->length = length * element;
	return NULL;
}

static void report_hit(struct imp_session *session, struct imp_table *table, uint64_t address, unsigned element)
{
	uint8_t bytes[HIT_BYTES];
	size_t have = imp_memory_read_some(session->kernel->memory, address, bytes, sizeof(bytes));
	char values[64] = "", text[HIT_BYTES + 1] = "";

	for (size_t at = 0; at + element <= have; at += element) {
		uint64_t value = 0;
		size_t length = strlen(values);

		memcpy(&value, bytes + at, element);
		if (element == 8)
			snprintf(values + length, sizeof(values) - length, "%s%08x`%08x", at ? " " : "", (unsigned)(value >> 32), (unsigned)value);
		else
			snprintf(values + length, sizeof(values) - length, "%s%0*llx",
				 !at                       ? ""
				 : element == 1 && at == 8 ? "-"
							   : " ",
				 (int)element * 2, (unsigned long long)value);
	}
	for (size_t i = 0; i < have && element < 8; i++)
		text[i] = isprint(bytes[i]) && bytes[i] < 0x7f ? (char)bytes[i] : '.';
	imp_table_cell(table, imp_address(address), "%08x`%08x", (unsigned)(address >> 32), (unsigned)address);
	imp_table_cell(table, imp_string(values), " %s ", values);
	imp_table_cell(table, imp_string(text), "%s", text);
}

/* Searches page by page; a page's last bytes stay in front of the next one, so that a hit across pages is found. Hits lie at multiples of the element
 * from the start of the range, as WinDbg finds them.
 */
static void search(struct imp_session *session, struct imp_report *report, struct imp_table *table, const struct pattern *pattern, struct range range)
{
	uint8_t window[MAX_PATTERN + PAGE];
	size_t kept = 0, hits = 0;
	uint64_t at = range.address, left = range.bytes;

	while (left && !imp_session_interrupted(session)) {
		size_t want = PAGE - (size_t)(at % PAGE), have, from = 0;

		want = want < left ? want : (size_t)left;
		have = imp_memory_read_some(session->kernel->memory, at, window + kept, want);
		while (kept + have >= pattern->length && from <= kept + have - pattern->length) {
			const uint8_t *hit = memmem(window + from, kept + have - from, pattern->bytes, pattern->length);
			uint64_t address;

			if (!hit)
				break;
			address = at - kept + (uint64_t)(hit - window);
			from = (size_t)(hit - window) + 1;
			if ((address - range.address) % pattern->element)
				continue;
			report_hit(session, table, address, pattern->element);
			if (++hits == MAX_HITS) {
				imp_report_note(report, "only the first %d hits are shown; a smaller range shows the others", MAX_HITS);
				return;
			}
		}
		at += want;
		left -= want;
		imp_watch_progress("searching", range.bytes - left, range.bytes);
		/* A hit goes through what is readable only. */
		kept = have < want ? 0 : kept + have;
		if (kept > pattern->length - 1) {
			memmove(window, window + kept - (pattern->length - 1), pattern->length - 1);
			kept = pattern->length - 1;
		}
	}
}

IMP_COMMAND(search)
{
	static const struct {
		char letter;
		unsigned element;
		bool text;
	} kinds[] = { { 'b', 1, false }, { 'w', 2, false }, { 'd', 4, false }, { 'q', 8, false }, { 'a', 1, true }, { 'u', 2, true } };
	static const struct imp_column columns[] = { { "address", "", IMP_LEFT, 17 }, { "hex", "", IMP_LEFT, 0 }, { "text", "", IMP_LEFT, 0 } };
	struct pattern pattern = { .element = 1 };
	struct range range;
	bool text = false;
	struct imp_error *err;

	arguments = imp_skip_blanks(arguments);
	if (*arguments == '-') {
		size_t i;

		for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && kinds[i].letter != arguments[1]; i++)
			;
		if (i == sizeof(kinds) / sizeof(kinds[0]) || !strchr(" \t", arguments[2]))
			return imp_error_new(IMP_ERROR_USAGE, "s knows the options -b -w -d -q -a -u, not '%.*s'", (int)strcspn(arguments, " \t"),
					     arguments);
		pattern.element = kinds[i].element;
		text = kinds[i].text;
		arguments += 2;
	}
	err = parse_range(session, &arguments, pattern.element, &range);
	if (!err)
		err = text ? parse_text(arguments, pattern.element, &pattern) : parse_values(session, arguments, &pattern);
	if (!err && !pattern.length)
		err = imp_error_new(IMP_ERROR_USAGE, "what to search for is missing");
	if (err)
		return err;
	search(session, report, imp_report_table(report, "memory", columns, 3, IMP_TABLE_PLAIN), &pattern, range);
	return NULL;
}

/* The first word of an entry leads forward, the second one backward. */
static struct imp_error *walk(struct imp_session *session, struct imp_report *report, uint64_t head, uint64_t count, uint64_t words, bool backward)
{
	static const struct imp_column columns[] = { { "address", "", IMP_LEFT, 17 }, { "hex", "", IMP_LEFT, 0 } };
	struct imp_table *table = imp_report_table(report, "memory", columns, 2, IMP_TABLE_PLAIN);
	uint64_t entry = head;

	for (uint64_t i = 0; i < count && !imp_session_interrupted(session); i++) {
		uint64_t content[MAX_LIST_WORDS];
		char text[MAX_LIST_WORDS * 18 + 1] = "";
		struct imp_error *err = imp_memory_read(session->kernel->memory, entry, content, 8 * (size_t)(words > 2 ? words : 2));

		if (err)
			return imp_error_context(err, "entry %llu", (unsigned long long)i);
		for (uint64_t word = 0; word < words; word++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%08x`%08x", word ? " " : "", (unsigned)(content[word] >> 32),
				 (unsigned)content[word]);
		imp_table_cell(table, imp_address(entry), "%08x`%08x", (unsigned)(entry >> 32), (unsigned)entry);
		imp_table_cell(table, imp_string(text), " %s", text);
		entry = content[backward];
		if (!entry || entry == head)
			break;
	}
	return NULL;
}

static struct imp_error *list(struct imp_session *session, const char *arguments, struct imp_report *report, bool backward)
{
	uint64_t head, count = DEFAULT_LIST, words = 2;
	struct imp_error *err = imp_argument(session, &arguments, "the address of a list", &head);

	if (!err)
		err = imp_argument_or(session, &arguments, count, &count);
	if (!err)
		err = imp_argument_last_or(session, &arguments, words, &words);
	if (!err && (!count || count > MAX_LIST || !words || words > MAX_LIST_WORDS))
		err = imp_error_new(IMP_ERROR_USAGE, "1 to 0x%x entries of 1 to 0x%x words can be shown", MAX_LIST, MAX_LIST_WORDS);
	return err ? err : walk(session, report, head, count, words, backward);
}

IMP_COMMAND(dl)
{
	return list(session, arguments, report, false);
}

IMP_COMMAND(dlb)
{
	return list(session, arguments, report, true);
}
