/* Values as text: see value.h. The formats are those of published `dt` listings of WinDbg 6.12 to 10: unsigned numbers up to 9 without a
 * prefix, larger ones with 0x, signed ones with 0n; enumerators in hexadecimal; 64-bit numbers with a backtick when they need more than 32 bits.
 */
#include "types/value.h"

#include "types/members.h"

#include <inttypes.h>
#include <stdlib.h>

/* Text fields are shown up to this many characters. */
enum { TEXT_LIMIT = 4096 };
static const char unreadable[] = "????????";

struct value {
	FILE *out;
	struct imp_memory *memory;
	unsigned nesting;
};

static void write_type(FILE *out, const struct imp_type *type)
{
	char text[512];

	fputs(imp_type_text(type, text, sizeof(text)), out);
}

static void write_address(FILE *out, uint64_t address)
{
	fprintf(out, "0x%08" PRIx64 "`%08" PRIx64, address >> 32, address & UINT32_MAX);
}

/* A number in hexadecimal with its prefix, zero as it is. */
static void write_hex(FILE *out, uint64_t value)
{
	if (value > UINT32_MAX)
		write_address(out, value);
	else
		fprintf(out, value ? "0x%" PRIx64 : "%" PRIx64, value);
}

static void write_unsigned(FILE *out, uint64_t value)
{
	if (value <= 9)
		fprintf(out, "%" PRIu64, value);
	else
		write_hex(out, value);
}

static bool is_text(const struct imp_type *type)
{
	return type->kind == IMP_TYPE_BASE && ((type->size == 1 && (type->base == IMP_BASE_CHAR || type->base == IMP_BASE_UNSIGNED)) ||
					       (type->size == 2 && type->base == IMP_BASE_WCHAR));
}

static bool printable(uint32_t character)
{
	return character >= 0x20 && character < 0x7f;
}

/* Writes a UTF-16 unit that is no part of a surrogate pair as UTF-8. */
static void write_character(FILE *out, uint32_t character)
{
	if (character < 0x80) {
		putc((int)character, out);
	} else if (character < 0x800) {
		putc((int)(0xc0 | character >> 6), out);
		putc((int)(0x80 | (character & 0x3f)), out);
	} else {
		putc((int)(0xe0 | character >> 12), out);
		putc((int)(0x80 | (character >> 6 & 0x3f)), out);
		putc((int)(0x80 | (character & 0x3f)), out);
	}
}

/* Text between quotes, of at most `count` characters of `width` bytes, up to a NUL; what cannot be printed ends it with "???". */
static void write_text(const struct value *v, uint64_t address, uint64_t count, unsigned width)
{
	uint8_t bytes[256];

	if (count > TEXT_LIMIT)
		count = TEXT_LIMIT;
	putc('"', v->out);
	for (uint64_t done = 0; done < count;) {
		size_t wanted = (size_t)(count - done) * width < sizeof(bytes) ? (size_t)(count - done) * width : sizeof(bytes);
		size_t got = imp_memory_read_some(v->memory, address + done * width, bytes, wanted) / width;

		if (got == 0) {
			if (done == 0) {
				fputs("--- memory read error at address ", v->out);
				write_address(v->out, address);
				fputs(" ---", v->out);
			}
			break;
		}
		for (size_t i = 0; i < got; i++) {
			uint32_t character = width == 2 ? (uint32_t)bytes[i * 2] | (uint32_t)bytes[i * 2 + 1] << 8 : bytes[i];
			bool shown = printable(character) || (width == 2 && character >= 0xa0 && (character < 0xd800 || character > 0xdfff));

			if (character == 0 || !shown) {
				fputs(character ? "???\"" : "\"", v->out);
				return;
			}
			write_character(v->out, character);
		}
		done += got;
	}
	putc('"', v->out);
}

static void write_base(FILE *out, const struct imp_type *type, uint64_t value)
{
	switch (type->base) {
	case IMP_BASE_SIGNED:
	case IMP_BASE_HRESULT:
		fprintf(out, "0n%" PRId64, (int64_t)value);
		break;
	case IMP_BASE_FLOAT: {
		float single;
		double number;

		memcpy(&single, &value, sizeof(single));
		memcpy(&number, &value, sizeof(number));
		fprintf(out, "%g", type->size == sizeof(single) ? (double)single : number);
		break;
	}
	case IMP_BASE_CHAR:
		fprintf(out, printable((uint8_t)value) ? "%d '%c'" : "%d ''", (int)(int8_t)value, (int)(uint8_t)value);
		break;
	default:
		if (type->size != 1 || type->base != IMP_BASE_UNSIGNED) {
			write_unsigned(out, value);
			break;
		}
		write_hex(out, value);
		fprintf(out, printable((uint32_t)value) ? " '%c'" : " ''", (int)value);
		break;
	}
}

struct enumerator {
	uint64_t value, mask;
	const char *name;
};

static bool match_enumerator(void *context, const char *name, int64_t value)
{
	struct enumerator *wanted = context;

	if (((uint64_t)value & wanted->mask) != wanted->value)
		return true;
	wanted->name = name;
	return false;
}

static void write_enum(FILE *out, const struct imp_type *type, uint64_t value)
{
	uint64_t mask = type->size < 8 ? ((uint64_t)1 << type->size * 8) - 1 : UINT64_MAX;
	struct enumerator wanted = { .value = value & mask, .mask = mask };
	IMP_CLEANUP_ERROR struct imp_error *err = imp_type_enumerators(type, match_enumerator, &wanted);

	if (wanted.name) {
		fprintf(out, "%" PRIx64 " ( %s )", wanted.value, wanted.name);
	} else {
		write_unsigned(out, wanted.value);
		fputs(" (No matching name)", out);
	}
}

static void write_bits(FILE *out, const struct imp_type *type, uint64_t value)
{
	fputs("0y", out);
	for (unsigned bit = type->bit_length; bit-- > 0;)
		putc(value >> bit & 1 ? '1' : '0', out);
	if (type->bit_length <= 4)
		return;
	fputs(" (", out);
	write_hex(out, type->bit_length < 64 ? value & (((uint64_t)1 << type->bit_length) - 1) : value);
	putc(')', out);
}

/* The number in member `name` of the structure at `address`. */
static bool member_value(const struct value *v, const struct imp_type *type, uint64_t address, const char *name, uint64_t *number)
{
	IMP_CLEANUP_ERROR struct imp_error *err = NULL, *read = NULL;
	struct imp_member member;
	struct imp_field field = { .name = name };

	if (!imp_member_find(type->pdb, type->index, name, &member))
		return false;
	field.offset = member.value;
	err = imp_type_at(type->pdb, member.type, &field.type);
	if (err)
		return false;
	read = imp_field_read(v->memory, &field, address, number);
	return !read;
}

static bool write_list(const struct value *v, const struct imp_type *type, uint64_t address)
{
	uint64_t forward, back;

	if (!member_value(v, type, address, "Flink", &forward) || !member_value(v, type, address, "Blink", &back))
		return false;
	fputs(" [ ", v->out);
	write_address(v->out, forward);
	fputs(" - ", v->out);
	write_address(v->out, back);
	fputs(" ]", v->out);
	return true;
}

static bool write_large_integer(const struct value *v, const struct imp_type *type, uint64_t address)
{
	uint64_t number;

	if (!member_value(v, type, address, "QuadPart", &number))
		return false;
	putc(' ', v->out);
	if (number)
		write_hex(v->out, number);
	else
		fputs("0x0", v->out);
	return true;
}

static bool write_string(const struct value *v, const struct imp_type *type, uint64_t address, unsigned width)
{
	uint64_t length, buffer;

	if (!member_value(v, type, address, "Length", &length) || !member_value(v, type, address, "Buffer", &buffer))
		return false;
	putc(' ', v->out);
	write_text(v, buffer, length / width, width);
	return true;
}

static bool write_unicode_string(const struct value *v, const struct imp_type *type, uint64_t address)
{
	return write_string(v, type, address, 2);
}

static bool write_ansi_string(const struct value *v, const struct imp_type *type, uint64_t address)
{
	return write_string(v, type, address, 1);
}

static bool write_guid(const struct value *v, const struct imp_type *type, uint64_t address)
{
	uint64_t data1, data2, data3;
	struct imp_member data4;
	uint8_t b[8];
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	if (!member_value(v, type, address, "Data1", &data1) || !member_value(v, type, address, "Data2", &data2) ||
	    !member_value(v, type, address, "Data3", &data3) || !imp_member_find(type->pdb, type->index, "Data4", &data4))
		return false;
	err = imp_memory_read(v->memory, address + data4.value, b, sizeof(b));
	if (err)
		return false;
	fprintf(v->out, " {%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%02x%02x-%02x%02x%02x%02x%02x%02x}", data1, data2, data3, b[0], b[1], b[2], b[3],
		b[4], b[5], b[6], b[7]);
	return true;
}

/* Structures whose value `dt` shows beside their name. A type of such a name without the expected members shows its name only. */
static const struct {
	const char *name;
	bool (*write)(const struct value *v, const struct imp_type *type, uint64_t address);
} known_structures[] = {
	{ "_LIST_ENTRY", write_list },
	{ "_LARGE_INTEGER", write_large_integer },
	{ "_ULARGE_INTEGER", write_large_integer },
	{ "_UNICODE_STRING", write_unicode_string },
	{ "_STRING", write_ansi_string },
	{ "_GUID", write_guid },
};

static void write_structure(const struct value *v, const struct imp_type *type, uint64_t address)
{
	write_type(v->out, type);
	for (size_t i = 0; type->name && i < sizeof(known_structures) / sizeof(*known_structures); i++) {
		if (strcmp(type->name, known_structures[i].name) != 0)
			continue;
		if (!known_structures[i].write(v, type, address))
			fprintf(v->out, " %s", unreadable);
		return;
	}
}

static bool write_value(const struct value *v, const struct imp_field *field, uint64_t address, uint64_t *number);

/* What a pointer leads to: a type's name, for text the text, for a number the number. */
static void write_target(const struct value *v, const struct imp_type *pointer, uint64_t address)
{
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;
	struct imp_field target = { .name = "" };
	uint64_t number;

	err = imp_type_at(pointer->pdb, pointer->element, &target.type);
	if (err)
		return;
	if (is_text(&target.type)) {
		putc(' ', v->out);
		write_text(v, address, TEXT_LIMIT, (unsigned)target.type.size);
	} else if (target.type.kind == IMP_TYPE_STRUCT || target.type.kind == IMP_TYPE_UNION) {
		write_structure(v, &target.type, address);
	} else if (v->nesting == 0 && target.type.size && (target.type.kind == IMP_TYPE_BASE || target.type.kind == IMP_TYPE_POINTER)) {
		struct value nested = *v;

		nested.nesting++;
		fputs(" -> ", v->out);
		write_value(&nested, &target, address, &number);
	} else if (target.type.kind == IMP_TYPE_ENUM || target.type.kind == IMP_TYPE_BASE || target.type.kind == IMP_TYPE_FUNCTION) {
		write_type(v->out, &target.type);
	}
}

static void write_array(const struct value *v, const struct imp_type *array, uint64_t address)
{
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;
	struct imp_field first = { .name = "" };
	uint64_t number;

	fprintf(v->out, "[%" PRIu64 "] ", array->count);
	err = imp_type_at(array->pdb, array->element, &first.type);
	if (err || v->nesting > IMP_NESTING_LIMIT)
		return;
	if (is_text(&first.type)) {
		putc(' ', v->out);
		write_text(v, address, array->count, (unsigned)first.type.size);
	} else if (first.type.kind == IMP_TYPE_STRUCT || first.type.kind == IMP_TYPE_UNION) {
		write_type(v->out, &first.type);
	} else {
		struct value nested = *v;

		nested.nesting++;
		write_value(&nested, &first, address, &number);
	}
}

/* Returns whether `*number` is the value. */
static bool write_value(const struct value *v, const struct imp_field *field, uint64_t address, uint64_t *number)
{
	const struct imp_type *type = &field->type;
	struct imp_field here = *field;
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	if (type->kind == IMP_TYPE_ARRAY) {
		write_array(v, type, address);
		return false;
	}
	if (type->kind == IMP_TYPE_STRUCT || type->kind == IMP_TYPE_UNION) {
		write_structure(v, type, address);
		return false;
	}
	if (type->size == 0 || type->size > sizeof(*number)) {
		write_type(v->out, type);
		return false;
	}
	here.offset = 0;
	err = imp_field_read(v->memory, &here, address, number);
	if (err) {
		fputs(unreadable, v->out);
		return false;
	}
	switch (type->kind) {
	case IMP_TYPE_POINTER:
		if (*number == 0) {
			fputs("(null) ", v->out);
			break;
		}
		write_address(v->out, *number);
		putc(' ', v->out);
		write_target(v, type, *number);
		break;
	case IMP_TYPE_ENUM:
		write_enum(v->out, type, *number);
		break;
	case IMP_TYPE_BITFIELD:
		write_bits(v->out, type, *number);
		break;
	default:
		write_base(v->out, type, *number);
		break;
	}
	return true;
}

void imp_value_write(FILE *out, struct imp_memory *memory, const struct imp_field *field, uint64_t address, bool *has_value, uint64_t *value)
{
	struct value v = { out, memory, 0 };

	*value = 0;
	*has_value = write_value(&v, field, address, value);
	if (!*has_value)
		*value = 0;
}
