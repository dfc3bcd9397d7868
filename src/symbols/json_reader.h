/* JSON read token by token in place: for files of many megabytes of which a tree in memory would take several times their size. Knows nothing of what
 * the text means. Grammar: RFC 8259.
 */
#ifndef IMP_SYMBOLS_JSON_READER_H
#define IMP_SYMBOLS_JSON_READER_H

#include "base/span.h"

/* The longest string that is read; C++'s decorated names are cut at 4096 by their compilers. */
enum { IMP_JSON_STRING_LIMIT = 8192 };
/* How deep objects and arrays may lie in each other. */
enum { IMP_JSON_DEPTH_LIMIT = 64 };

struct imp_json {
	struct imp_span text;
	size_t at;
	bool begun;          /* the object that is being read has not given a member yet */
	const char *problem; /* a static text; once set every question is answered with false. Where: `at` */
	char decoded[IMP_JSON_STRING_LIMIT];
};

/* A string as its bytes: in place, or, when it has escapes, decoded: then it lives until the next string with escapes is read. */
struct imp_json_string {
	const char *text; /* not terminated; never NULL after success; contains no NUL */
	size_t length;
};

void imp_json_begin(struct imp_json *json, struct imp_span text, size_t at);

/* Each reads one value and moves past it; false, with `problem` set, when the next value is of another kind or damaged. */
bool imp_json_string(struct imp_json *json, struct imp_json_string *value);
/* An integer as two's complement in 64 bits. Fractions, exponents and what does not fit are a problem. */
bool imp_json_integer(struct imp_json *json, uint64_t *value);
bool imp_json_boolean(struct imp_json *json, bool *value);
/* Any value, without looking into it further than its end requires. */
bool imp_json_skip(struct imp_json *json);

/* Enters an object; then each call of imp_json_member gives a member's name and stands at its value, which has to be read or skipped before the
 * next call; false at the object's end, and when there is a problem.
 */
bool imp_json_object(struct imp_json *json);
bool imp_json_member(struct imp_json *json, struct imp_json_string *name);
/* Makes a string live as long as `copy` or the text do. */
void imp_json_keep(const struct imp_json *json, struct imp_json_string *string, char copy[static IMP_JSON_STRING_LIMIT]);
bool imp_json_is(const struct imp_json_string *string, const char *text);

#endif
