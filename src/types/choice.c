/* Which fields a `dt` shows: see choice.h. */
#include "types/choice.h"

#include "symbols/wildcard.h"

#include <stdlib.h>

enum { NAME_LIMIT = 256 };

void imp_choice_begin(struct imp_dt_path *paths, size_t count, struct imp_choice *choice)
{
	choice->count = 0;
	for (size_t i = 0; i < count; i++) {
		paths[i].found = false;
		choice->entries[choice->count].rest = paths[i].text;
		choice->entries[choice->count++].path = &paths[i];
	}
}

static void add(struct imp_choice *choice, const char *rest, struct imp_dt_path *path)
{
	choice->entries[choice->count].rest = rest;
	choice->entries[choice->count++].path = path;
}

/* What follows a name or an index: the separator is passed, and the rest goes on below; without one the row is all that was asked for. */
static void pass_on(const char *rest, struct imp_dt_path *path, struct imp_choice *below)
{
	size_t separator = *rest == '.' ? 1 : strncmp(rest, "->", 2) == 0 ? 2 : 0;

	if (separator)
		add(below, rest + separator, path);
	if (!separator || !rest[separator])
		path->found = true;
}

bool imp_choice_field(const struct imp_choice *choice, const char *name, struct imp_choice *below, struct imp_choice *elements)
{
	bool chosen = choice->count == 0;

	below->count = elements->count = 0;
	for (size_t i = 0; i < choice->count; i++) {
		const char *rest = choice->entries[i].rest;
		size_t length = strcspn(rest, ".[-");
		char pattern[NAME_LIMIT];

		if (!*rest) {
			chosen = true;
			continue;
		}
		if (length >= sizeof(pattern))
			continue;
		memcpy(pattern, rest, length);
		pattern[length] = 0;
		if (!imp_wildcard_match(pattern, name))
			continue;
		chosen = true;
		if (rest[length] == '[')
			add(elements, rest + length, choice->entries[i].path);
		else
			pass_on(rest + length, choice->entries[i].path, below);
	}
	return chosen;
}

/* The number in "[N]" and what follows it; false when it is none. */
static bool read_index(const char *text, uint64_t *index, const char **rest)
{
	char *end;

	*index = strtoull(text + 1, &end, 0);
	*rest = end + 1;
	return end != text + 1 && *end == ']' && (!end[1] || end[1] == '.' || strncmp(end + 1, "->", 2) == 0);
}

bool imp_choice_element(const struct imp_choice *elements, uint64_t count, uint64_t *index, struct imp_choice *below)
{
	uint64_t first = count, number;
	const char *rest;

	below->count = 0;
	if (!elements->count)
		return *index < count;
	for (size_t i = 0; i < elements->count; i++)
		if (read_index(elements->entries[i].rest, &number, &rest) && number >= *index && number < first)
			first = number;
	for (size_t i = 0; i < elements->count && first < count; i++) {
		if (!read_index(elements->entries[i].rest, &number, &rest) || number != first)
			continue;
		/* An element that is asked for by its index is shown with its fields. */
		if (!*rest)
			add(below, "", elements->entries[i].path);
		pass_on(rest, elements->entries[i].path, below);
	}
	*index = first;
	return below->count != 0;
}

void imp_choice_unreachable(const struct imp_choice *choice)
{
	for (size_t i = 0; i < choice->count; i++)
		choice->entries[i].path->found = true;
}
