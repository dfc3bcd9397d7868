/* JSON read token by token: see json_reader.h. */
#include "symbols/json_reader.h"

void imp_json_begin(struct imp_json *json, struct imp_span text, size_t at)
{
	json->text = text;
	json->at = at;
	json->begun = false;
	json->problem = NULL;
}

static bool fail(struct imp_json *json, const char *problem)
{
	if (!json->problem)
		json->problem = problem;
	return false;
}

/* The next character that is no white space, left where it is; 0 at the end. */
static char peek(struct imp_json *json)
{
	while (json->at < json->text.size) {
		char next = (char)json->text.data[json->at];

		if (next != ' ' && next != '\n' && next != '\t' && next != '\r')
			return next;
		json->at++;
	}
	return 0;
}

static bool expect(struct imp_json *json, char wanted, const char *problem)
{
	if (json->problem || peek(json) != wanted)
		return fail(json, problem);
	json->at++;
	return true;
}

static bool hexadecimal(const struct imp_json *json, size_t at, uint32_t *value)
{
	*value = 0;
	for (size_t i = at; i < at + 4; i++) {
		char digit = i < json->text.size ? (char)json->text.data[i] : 0;

		if (digit >= '0' && digit <= '9')
			*value = *value << 4 | (uint32_t)(digit - '0');
		else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f')
			*value = *value << 4 | (uint32_t)((digit | 0x20) - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* Writes a code point as UTF-8; returns how many bytes. */
static size_t encode(uint32_t code, char *to)
{
	if (code < 0x80) {
		to[0] = (char)code;
		return 1;
	}
	size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	static const uint8_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	to[0] = (char)(lead[more] | code >> more * 6);
	for (size_t i = 1; i <= more; i++)
		to[i] = (char)(0x80 | (code >> (more - i) * 6 & 0x3f));
	return more + 1;
}

/* The escape behind a backslash, at `json->at`. A surrogate without its other half becomes U+FFFD. */
static bool escape(struct imp_json *json, uint32_t *code)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	uint32_t low;
	char letter = json->at < json->text.size ? (char)json->text.data[json->at++] : 0;

	if (letter != 'u') {
		const char *found = letter ? strchr(letters, letter) : NULL;

		*code = found ? (uint8_t)meanings[found - letters] : 0;
		return found != NULL;
	}
	if (!hexadecimal(json, json->at, code) || *code == 0)
		return false;
	json->at += 4;
	if (*code < 0xd800 || *code > 0xdfff)
		return true;
	if (*code < 0xdc00 && imp_span_has(json->text, json->at, 6) && memcmp(json->text.data + json->at, "\\u", 2) == 0 &&
	    hexadecimal(json, json->at + 2, &low) && low >= 0xdc00 && low <= 0xdfff) {
		json->at += 6;
		*code = 0x10000 + ((*code & 0x3ff) << 10 | (low & 0x3ff));
	} else {
		*code = 0xfffd;
	}
	return true;
}

/* The rest of a string, from the first escape on; `length` bytes before it are copied. */
static bool decode(struct imp_json *json, size_t start, struct imp_json_string *value)
{
	size_t length = json->at - start;
	uint32_t code;

	memcpy(json->decoded, json->text.data + start, length);
	while (json->at < json->text.size) {
		char next = (char)json->text.data[json->at++];

		if (next == '"') {
			*value = (struct imp_json_string){ json->decoded, length };
			return true;
		}
		if (length + 4 > sizeof(json->decoded))
			return fail(json, "a string is too long");
		if ((uint8_t)next < 0x20)
			return fail(json, "a string holds a control character");
		if (next != '\\') {
			json->decoded[length++] = next;
			continue;
		}
		if (!escape(json, &code))
			return fail(json, "a string holds an escape that means nothing");
		length += encode(code, json->decoded + length);
	}
	return fail(json, "a string does not end");
}

bool imp_json_string(struct imp_json *json, struct imp_json_string *value)
{
	*value = (struct imp_json_string){ "", 0 };
	if (!expect(json, '"', "a string is expected"))
		return false;
	size_t start = json->at;
	for (; json->at < json->text.size && json->at - start < IMP_JSON_STRING_LIMIT; json->at++) {
		uint8_t next = json->text.data[json->at];

		if (next == '"') {
			*value = (struct imp_json_string){ (const char *)json->text.data + start, json->at - start };
			json->at++;
			return true;
		}
		if (next == '\\')
			return decode(json, start, value);
		if (next < 0x20)
			return fail(json, "a string holds a control character");
	}
	return fail(json, json->at < json->text.size ? "a string is too long" : "a string does not end");
}

bool imp_json_integer(struct imp_json *json, uint64_t *value)
{
	bool negative = peek(json) == '-';
	size_t first = json->at + negative;

	*value = 0;
	if (json->problem)
		return false;
	for (json->at = first; json->at < json->text.size; json->at++) {
		uint8_t digit = (uint8_t)(json->text.data[json->at] - '0');

		if (digit > 9)
			break;
		if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, digit, value))
			return fail(json, "a number does not fit in 64 bits");
	}
	if (json->at == first)
		return fail(json, "a number is expected");
	char next = json->at < json->text.size ? (char)json->text.data[json->at] : 0;
	if (next == '.' || next == 'e' || next == 'E')
		return fail(json, "a whole number is expected");
	if (negative && *value > (uint64_t)INT64_MAX + 1)
		return fail(json, "a number does not fit in 64 bits");
	if (negative)
		*value = -*value;
	return true;
}

bool imp_json_boolean(struct imp_json *json, bool *value)
{
	*value = peek(json) == 't';
	const char *word = *value ? "true" : "false";
	if (json->problem || !imp_span_has(json->text, json->at, strlen(word)) || memcmp(json->text.data + json->at, word, strlen(word)) != 0)
		return fail(json, "true or false is expected");
	json->at += strlen(word);
	return true;
}

static bool skip_string(struct imp_json *json)
{
	for (json->at++; json->at < json->text.size; json->at++) {
		const uint8_t *quote = memchr(json->text.data + json->at, '"', json->text.size - json->at);
		size_t slashes = 0;

		if (!quote)
			break;
		size_t end = (size_t)(quote - json->text.data);
		while (end - slashes > json->at && json->text.data[end - slashes - 1] == '\\')
			slashes++;
		json->at = end;
		if (slashes % 2 == 0) {
			json->at++;
			return true;
		}
	}
	return fail(json, "a string does not end");
}

bool imp_json_skip(struct imp_json *json)
{
	unsigned depth = 0;

	if (json->problem)
		return false;
	do {
		char next = peek(json);

		switch (next) {
		case '"':
			if (!skip_string(json))
				return false;
			break;
		case '{':
		case '[':
			json->at++;
			if (++depth > IMP_JSON_DEPTH_LIMIT)
				return fail(json, "objects lie too deep in each other");
			break;
		case '}':
		case ']':
			if (depth == 0)
				return fail(json, "a value is expected");
			depth--;
			json->at++;
			break;
		case ',':
		case ':':
			if (depth == 0)
				return fail(json, "a value is expected");
			json->at++;
			break;
		case 0:
			return fail(json, "it ends in the middle");
		default: { /* a number or a word */
			size_t start = json->at;

			while (json->at < json->text.size && !strchr(",:]}[{\" \n\t\r", json->text.data[json->at]))
				json->at++;
			if (json->at == start)
				return fail(json, "a value is expected");
			break;
		}
		}
	} while (depth);
	return true;
}

bool imp_json_object(struct imp_json *json)
{
	json->begun = expect(json, '{', "an object is expected");
	return json->begun;
}

bool imp_json_member(struct imp_json *json, struct imp_json_string *name)
{
	bool first = json->begun;

	json->begun = false;
	*name = (struct imp_json_string){ "", 0 };
	if (json->problem)
		return false;
	if (peek(json) == '}') {
		json->at++;
		return false;
	}
	if (!first && !expect(json, ',', "a comma or the end of the object is expected"))
		return false;
	return imp_json_string(json, name) && expect(json, ':', "a colon is expected");
}

void imp_json_keep(const struct imp_json *json, struct imp_json_string *string, char copy[static IMP_JSON_STRING_LIMIT])
{
	if (string->text == json->decoded)
		string->text = memcpy(copy, string->text, string->length);
}

bool imp_json_is(const struct imp_json_string *string, const char *text)
{
	return string->length == strlen(text) && memcmp(string->text, text, string->length) == 0;
}
