/* The expression evaluator: recursive descent, depth-limited. */
#include "command/expression.h"
#include "command/arguments.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { MAX_DEPTH = 64, MAX_NAME = 256 };

struct parser {
	const struct imp_expression_names *names;
	const char *at;
	unsigned depth;
	bool blanks_allowed;
};

static struct imp_error *sum(struct parser *parser, uint64_t *value);

static void skip(struct parser *parser)
{
	if (parser->blanks_allowed || parser->depth)
		parser->at = imp_skip_blanks(parser->at);
}

static bool is_name_character(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '!' || c == '$' || c == '@' || c == '?' || c == '~' || c == ':' || c == '`';
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

/* A number in `radix` with ` between digits; false when the word is none, `*overflow` when it is wider than 64 bits. */
static bool parse_digits(const char *word, unsigned radix, uint64_t *value, bool *overflow)
{
	bool any = false;

	*value = 0;
	*overflow = false;
	for (; *word; word++) {
		unsigned digit = (unsigned)digit_value(*word);

		if (*word == '`' && any)
			continue;
		if (digit >= radix)
			return false;
		any = true;
		*overflow |= __builtin_mul_overflow(*value, (uint64_t)radix, value) || __builtin_add_overflow(*value, (uint64_t)digit, value);
	}
	return any;
}

static bool parse_number(const char *word, uint64_t *value, bool *overflow)
{
	static const struct {
		char letter;
		unsigned radix;
	} prefixes[] = { { 'x', 16 }, { 'n', 10 }, { 't', 8 }, { 'y', 2 } };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (word[0] == '0' && tolower((unsigned char)word[1]) == prefixes[i].letter)
			return parse_digits(word + 2, prefixes[i].radix, value, overflow);
	}
	if (parse_digits(word, 16, value, overflow))
		return true;
	/* MASM's own spelling: 0f3h */
	if (isdigit((unsigned char)word[0]) && strlen(word) > 1 && tolower((unsigned char)word[strlen(word) - 1]) == 'h') {
		char digits[MAX_NAME];

		snprintf(digits, sizeof(digits), "%.*s", (int)strlen(word) - 1, word);
		return parse_digits(digits, 16, value, overflow);
	}
	return false;
}

/* The memory operators: poi(ADDR), dwo(ADDR)... */
static size_t operator_size(const char *word)
{
	static const struct {
		const char *name;
		size_t size;
	} operators[] = { { "poi", 8 }, { "qwo", 8 }, { "dwo", 4 }, { "wo", 2 }, { "by", 1 } };

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (!strcasecmp(operators[i].name, word))
			return operators[i].size;
	}
	return 0;
}

static struct imp_error *parenthesis(struct parser *parser, uint64_t *value)
{
	struct imp_error *err;

	parser->at++;
	parser->depth++;
	err = sum(parser, value);
	skip(parser);
	if (!err && *parser->at != ')')
		err = imp_error_new(IMP_ERROR_USAGE, "')' expected at '%s'", parser->at);
	if (!err)
		parser->at++;
	parser->depth--;
	return err;
}

static struct imp_error *word_value(struct parser *parser, uint64_t *value)
{
	char word[MAX_NAME];
	size_t length = 0, size;
	bool overflow;
	struct imp_error *err;

	while (is_name_character(parser->at[length]) && length + 1 < sizeof(word)) {
		word[length] = parser->at[length];
		length++;
	}
	word[length] = '\0';
	if (!length)
		return *parser->at ? imp_error_new(IMP_ERROR_USAGE, "a number, a symbol or '(' expected at '%s'", parser->at)
				   : imp_error_new(IMP_ERROR_USAGE, "the expression ends where a number or a symbol is expected");
	parser->at += length;
	size = operator_size(word);
	if (size && *parser->at == '(') {
		uint64_t address;

		err = parenthesis(parser, &address);
		return err ? err : parser->names->read(parser->names->context, address, size, value);
	}
	if (parse_number(word, value, &overflow))
		return overflow ? imp_error_new(IMP_ERROR_USAGE, "the number '%s' is wider than 64 bits", word) : NULL;
	return parser->names->symbol(parser->names->context, word, value);
}

static struct imp_error *unary(struct parser *parser, uint64_t *value)
{
	bool negative = false;
	struct imp_error *err;

	for (skip(parser); *parser->at == '-' || *parser->at == '+'; skip(parser))
		negative ^= *parser->at++ == '-';
	err = *parser->at == '(' ? parenthesis(parser, value) : word_value(parser, value);
	if (!err && negative)
		*value = 0 - *value;
	return err;
}

static struct imp_error *product(struct parser *parser, uint64_t *value)
{
	struct imp_error *err = unary(parser, value);

	for (skip(parser); !err && (*parser->at == '*' || *parser->at == '/'); skip(parser)) {
		char operator= * parser->at++;
		uint64_t right;

		err = unary(parser, &right);
		if (!err && operator== '/' && !right)
			err = imp_error_new(IMP_ERROR_USAGE, "division by zero");
		if (!err)
			*value = operator== '*' ? *value * right : * value / right;
	}
	return err;
}

static struct imp_error *sum(struct parser *parser, uint64_t *value)
{
	struct imp_error *err;

	if (parser->depth > MAX_DEPTH)
		return imp_error_new(IMP_ERROR_USAGE, "the expression has more than %d nested parentheses", MAX_DEPTH);
	err = product(parser, value);
	for (skip(parser); !err && (*parser->at == '+' || *parser->at == '-'); skip(parser)) {
		char operator= * parser->at++;
		uint64_t right;

		err = product(parser, &right);
		if (!err)
			*value = operator== '+' ? *value + right : * value - right;
	}
	return err;
}

struct imp_error *imp_expression(const struct imp_expression_names *names, const char **text, uint64_t *value)
{
	struct parser parser = { .names = names, .at = imp_skip_blanks(*text) };
	struct imp_error *err = sum(&parser, value);

	if (!err && *parser.at && *parser.at != ' ' && *parser.at != '\t' && *parser.at != ',')
		err = imp_error_new(IMP_ERROR_USAGE, "an operator or a blank expected at '%s'", parser.at);
	*text = parser.at;
	return err;
}

struct imp_error *imp_expression_whole(const struct imp_expression_names *names, const char *text, uint64_t *value)
{
	struct parser parser = { .names = names, .at = text, .blanks_allowed = true };
	struct imp_error *err = sum(&parser, value);

	skip(&parser);
	if (!err && *parser.at)
		err = imp_error_new(IMP_ERROR_USAGE, "an operator expected at '%s'", parser.at);
	return err;
}
