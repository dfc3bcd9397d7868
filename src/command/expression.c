/* The expression evaluator: recursive descent, depth-limited. */
#include "command/expression.h"
#include "command/arguments.h"
#include "command/casts.h"

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

static struct imp_error *any(struct parser *parser, uint64_t *value);

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

static struct imp_error *too_deep(void)
{
	return imp_error_new(IMP_ERROR_USAGE, "the expression has more than %d nested parentheses or signs", MAX_DEPTH);
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
	} readers[] = { { "poi", 8 }, { "qwo", 8 }, { "dwo", 4 }, { "wo", 2 }, { "by", 1 } };

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		if (!strcasecmp(readers[i].name, word))
			return readers[i].size;
	}
	return 0;
}

static struct imp_error *parenthesis(struct parser *parser, uint64_t *value)
{
	struct imp_error *err;

	parser->at++;
	parser->depth++;
	err = any(parser, value);
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

/* `not` of a word that goes on is a name. */
static bool begins_with_word(const char *at, const char *word)
{
	size_t length = strlen(word);

	return !strncasecmp(at, word, length) && !is_name_character(at[length]);
}

static struct imp_error *unary(struct parser *parser, uint64_t *value)
{
	bool negative = false, inverted = false, is_not;
	struct imp_cast cast;
	struct imp_error *err;

	skip(parser);
	is_not = begins_with_word(parser->at, "not");
	if (*parser->at == '-' || *parser->at == '+' || *parser->at == '~' || is_not) {
		negative = *parser->at == '-';
		inverted = *parser->at == '~' || is_not;
		parser->at += is_not ? strlen("not") : 1;
		if (++parser->depth > MAX_DEPTH)
			return too_deep();
		err = unary(parser, value);
		parser->depth--;
	} else if (imp_cast_at(&parser->at, &cast)) {
		if (++parser->depth > MAX_DEPTH)
			return too_deep();
		err = unary(parser, value);
		parser->depth--;
		if (!err)
			*value = imp_cast_value(cast, *value);
	} else {
		err = *parser->at == '(' ? parenthesis(parser, value) : word_value(parser, value);
	}
	if (!err && negative)
		*value = 0 - *value;
	if (!err && inverted)
		*value = ~*value;
	return err;
}

enum op { MULTIPLY, DIVIDE, MODULO, ADD, SUBTRACT, SHIFT_LEFT, SHIFT_RIGHT, AND, EXCLUSIVE_OR, OR };

/* Binary operators of MASM expressions; a higher level binds closer. Longer spellings first. */
static const struct {
	const char *text;
	enum op op;
	unsigned level;
} operators[] = {
	{ "*", MULTIPLY, 5 },     { "/", DIVIDE, 5 },         { "%", MODULO, 5 },       { "mod", MODULO, 5 }, { "+", ADD, 4 },
	{ "-", SUBTRACT, 4 },     { "<<", SHIFT_LEFT, 3 },    { ">>", SHIFT_RIGHT, 3 }, { "&", AND, 2 },      { "and", AND, 2 },
	{ "^", EXCLUSIVE_OR, 1 }, { "xor", EXCLUSIVE_OR, 1 }, { "|", OR, 0 },           { "or", OR, 0 },
};
enum { OPERATOR_COUNT = sizeof(operators) / sizeof(operators[0]) };

/* The index of the operator at `parser->at`, OPERATOR_COUNT when none stands there. */
static size_t find_operator(struct parser *parser)
{
	size_t i;

	skip(parser);
	for (i = 0; i < OPERATOR_COUNT; i++) {
		const char *text = operators[i].text;

		if (is_name_character(*text) ? begins_with_word(parser->at, text) : !strncmp(parser->at, text, strlen(text)))
			break;
	}
	return i;
}

static struct imp_error *apply(enum op op, uint64_t right, uint64_t *value)
{
	if ((op == DIVIDE || op == MODULO) && !right)
		return imp_error_new(IMP_ERROR_USAGE, "division by zero");
	switch (op) {
	case MULTIPLY:
		*value *= right;
		break;
	case DIVIDE:
		*value /= right;
		break;
	case MODULO:
		*value %= right;
		break;
	case ADD:
		*value += right;
		break;
	case SUBTRACT:
		*value -= right;
		break;
	case SHIFT_LEFT:
		*value = right < 64 ? *value << right : 0;
		break;
	case SHIFT_RIGHT:
		*value = right < 64 ? *value >> right : 0;
		break;
	case AND:
		*value &= right;
		break;
	case EXCLUSIVE_OR:
		*value ^= right;
		break;
	case OR:
		*value |= right;
		break;
	}
	return NULL;
}

/* Operands joined by operators of `level` and above. */
static struct imp_error *binary(struct parser *parser, unsigned level, uint64_t *value)
{
	struct imp_error *err = unary(parser, value);

	while (!err) {
		size_t found = find_operator(parser);
		uint64_t right;

		if (found == OPERATOR_COUNT || operators[found].level < level)
			return NULL;
		parser->at += strlen(operators[found].text);
		err = binary(parser, operators[found].level + 1, &right);
		if (!err)
			err = apply(operators[found].op, right, value);
	}
	return err;
}

static struct imp_error *any(struct parser *parser, uint64_t *value)
{
	return parser->depth > MAX_DEPTH ? too_deep() : binary(parser, 0, value);
}

struct imp_error *imp_expression(const struct imp_expression_names *names, const char **text, uint64_t *value)
{
	struct parser parser = { .names = names, .at = imp_skip_blanks(*text) };
	struct imp_error *err = any(&parser, value);

	if (!err && *parser.at && *parser.at != ' ' && *parser.at != '\t' && *parser.at != ',')
		err = imp_error_new(IMP_ERROR_USAGE, "an operator or a blank expected at '%s'", parser.at);
	*text = parser.at;
	return err;
}

struct imp_error *imp_expression_whole(const struct imp_expression_names *names, const char *text, uint64_t *value)
{
	struct parser parser = { .names = names, .at = text, .blanks_allowed = true };
	struct imp_error *err = any(&parser, value);

	skip(&parser);
	if (!err && *parser.at)
		err = imp_error_new(IMP_ERROR_USAGE, "an operator expected at '%s'", parser.at);
	return err;
}
