/* What llvm-readobj says about an image, as lines to be matched in order. */
#ifndef TESTS_IMAGE_LISTING_H
#define TESTS_IMAGE_LISTING_H

#include <stdint.h>

struct listing {
	char *text;
	const char *at; /* behind the last line matched */
};

void listing_run(struct listing *listing, const char *options, const char *image);
void listing_free(struct listing *listing);
/* Goes to the next line that starts with `key` (blanks in front not counted); what follows the key, or NULL at the end. */
const char *listing_next(struct listing *listing, const char *key);
/* The number in the next line of this key: "0x1F", "31", or the one in parentheses when there is one. Fails the test without. */
uint64_t listing_number(struct listing *listing, const char *key);
/* Fails the test unless the next line is this, blanks in front not counted. */
void listing_expect_line(struct listing *listing, const char *line);

#endif
