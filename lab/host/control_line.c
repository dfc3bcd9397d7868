/* The control channel's lines; see control_line.h. */

#include "control_line.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
	char *text;
	size_t used;
	bool full;
};

static void put(struct writer *writer, char byte)
{
	if (writer->used >= IMP_CONTROL_LINE_MAX) {
		writer->full = true;
		return;
	}
	writer->text[writer->used++] = byte;
}

static void put_text(struct writer *writer, const char *text)
{
	for (; *text; text++)
		put(writer, *text);
}

static void put_value(struct writer *writer, const char *value)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *value; value++) {
		unsigned char byte = (unsigned char)*value;

		if (byte >= 0x20 && byte != 0x7f && byte != '%') {
			put(writer, (char)byte);
			continue;
		}
		put(writer, '%');
		put(writer, digits[byte >> 4]);
		put(writer, digits[byte & 15]);
	}
}

struct imp_error *imp_control_encode(uint32_t sequence, const char *verb, const struct imp_control_pair *pairs, size_t count, char *line,
				     size_t *length)
{
	struct writer writer = { .text = line };
	char number[16];

	snprintf(number, sizeof(number), "%" PRIu32 " ", sequence);
	put_text(&writer, number);
	put_text(&writer, verb);
	for (size_t i = 0; i < count; i++) {
		put(&writer, '\t');
		put_text(&writer, pairs[i].key);
		put(&writer, '=');
		put_value(&writer, pairs[i].value);
	}
	put(&writer, '\n');
	line[writer.used] = '\0';
	*length = writer.used;
	if (writer.full)
		return imp_error_new(IMP_ERROR_USAGE, "the request %s is longer than the %d bytes of a control line", verb, IMP_CONTROL_LINE_MAX);
	return NULL;
}

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

/* What the kernel and its drivers name must not drive the reader's terminal, neither as a value nor quoted in an error. */
static void disarm(char *text)
{
	for (; *text; text++) {
		if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7f)
			*text = '?';
	}
}

/* Undoes %XX in place; false for a broken sequence or one that stands for NUL. */
static bool decode_value(char *value)
{
	char *to = value;

	for (const char *from = value; *from; from++) {
		int high, low;

		if (*from != '%') {
			*to++ = *from;
			continue;
		}
		high = hex_digit(from[1]);
		low = high < 0 ? -1 : hex_digit(from[2]);
		if (low < 0 || (high == 0 && low == 0))
			return false;
		*to++ = (char)(high << 4 | low);
		from += 2;
	}
	*to = '\0';
	disarm(value);
	return true;
}

/* Adds the TAB-separated `key=value` fields of `text`, which is changed, to `fields`. */
static struct imp_error *decode_fields(char *text, json_t *fields)
{
	char *rest = text;
	char *field;

	while ((field = strsep(&rest, "\t"))) {
		char *equals = strchr(field, '=');

		if (!equals || equals == field)
			return imp_error_new(IMP_ERROR_FORMAT, "the kernel sent a field without key=value: %.80s", field);
		*equals = '\0';
		if (!decode_value(equals + 1))
			return imp_error_new(IMP_ERROR_FORMAT, "the kernel sent a broken %%XX in the value of %.80s", field);
		if (json_object_set_new(fields, field, json_string(equals + 1)) < 0)
			return imp_error_new(IMP_ERROR_FORMAT, "the kernel sent a field that is not UTF-8: %.80s", field);
	}
	return NULL;
}

/* `rest` follows "SEQ + " or "SEQ = "; parses a result's status and skips to the fields. */
static struct imp_error *decode_status(char **rest, uint32_t *status)
{
	*status = 0;
	for (int i = 0; i < 8; i++) {
		int digit = hex_digit((*rest)[i]);

		if (digit < 0)
			return imp_error_new(IMP_ERROR_FORMAT, "the kernel sent a result without an 8-digit NTSTATUS: %.80s", *rest);
		*status = *status << 4 | (uint32_t)digit;
	}
	*rest += 8;
	if (**rest == '\t')
		(*rest)++;
	else if (**rest)
		return imp_error_new(IMP_ERROR_FORMAT, "the kernel sent a result with something behind its NTSTATUS: %.80s", *rest);
	return NULL;
}

struct imp_error *imp_control_decode(const char *text, struct imp_control_line *line)
{
	char *copy = strdup(text);
	char *rest = copy;
	struct imp_error *err = NULL;
	uint64_t sequence = 0;

	*line = (struct imp_control_line){ .fields = json_object() };
	if (!copy || !line->fields) {
		err = imp_error_new(IMP_ERROR_NO_MEMORY, "no memory for an answer of the kernel");
		goto out;
	}
	disarm(copy);
	while (*rest >= '0' && *rest <= '9' && sequence <= UINT32_MAX)
		sequence = sequence * 10 + (uint64_t)(*rest++ - '0');
	line->sequence = (uint32_t)sequence;
	if (rest == copy || sequence > UINT32_MAX || rest[0] != ' ' || (rest[1] != '+' && rest[1] != '=' && rest[1] != '>')) {
		err = imp_error_new(IMP_ERROR_FORMAT, "the kernel sent a line that is neither a row nor a result: %.80s", copy);
		goto out;
	}
	line->kind = rest[1] == '+' ? IMP_CONTROL_ROW : rest[1] == '=' ? IMP_CONTROL_RESULT : IMP_CONTROL_MORE;
	rest += 2;
	if (*rest == ' ' || *rest == '\t')
		rest++;
	if (line->kind == IMP_CONTROL_RESULT)
		err = decode_status(&rest, &line->status);
	if (!err && *rest)
		err = decode_fields(rest, line->fields);
out:
	free(copy);
	if (err) {
		json_decref(line->fields);
		line->fields = NULL;
	}
	return err;
}
