/* llvm-readobj's answers: see listing.h. */
#include "listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

void listing_run(struct listing *listing, const char *options, const char *image)
{
	char command[4096];
	size_t size = 0, capacity = 1 << 20;

	assert_true(snprintf(command, sizeof(command), "'%s' %s '%s'", READOBJ, options, image) < (int)sizeof(command));
	listing->text = malloc(capacity);
	assert_non_null(listing->text);

	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	size = fread(listing->text, 1, capacity - 1, pipe);
	assert_int_equal(pclose(pipe), 0);
	assert_true(size > 0 && size < capacity - 1);
	listing->text[size] = 0;
	listing->at = listing->text;
}

void listing_free(struct listing *listing)
{
	free(listing->text);
}

static const char *next_line(const char *at)
{
	at += strcspn(at, "\n");
	return *at ? at + 1 : at;
}

const char *listing_next(struct listing *listing, const char *key)
{
	for (const char *line = listing->at; *line; line = next_line(line)) {
		line += strspn(line, " ");
		if (strncmp(line, key, strlen(key)))
			continue;
		listing->at = next_line(line);
		return line + strlen(key);
	}
	return NULL;
}

uint64_t listing_number(struct listing *listing, const char *key)
{
	const char *value = listing_next(listing, key);

	if (!value)
		fail_msg("no line starts with \"%s\"", key);

	const char *parenthesis = memchr(value, '(', strcspn(value, "\n"));
	return strtoull(parenthesis ? parenthesis + 1 : value, NULL, 0);
}

void listing_expect_line(struct listing *listing, const char *line)
{
	const char *found = listing->at + strspn(listing->at, " ");
	size_t length = strcspn(found, "\n");

	if (length != strlen(line) || strncmp(found, line, length))
		fail_msg("expected \"%.*s\", got \"%s\"", (int)length, found, line);
	listing->at = next_line(found);
}
