/* Every type record of real PDBs (kinds, sizes, fields with their offsets and bits, enumerators) compared with what llvm-pdbutil says of it. */
#include "pdbutil.h"
#include "types/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST = 0x1000, MOST = 200000 };

/* What llvm-pdbutil prints of one record. */
struct member {
	char kind; /* 'm'ember, 'b'ase class, 'e'numerator */
	char *name;
	uint32_t type;
	uint64_t value;
};
struct record {
	char kind[16]; /* without LF_ */
	char *name;
	bool forward;
	uint32_t fields, type, continuation; /* type: element, referent, underlying or return type */
	uint64_t size;
	unsigned bit_offset, bits, pointer_bits;
	struct member *members;
	size_t member_count, member_capacity;
};
struct dump {
	struct record *records;
	uint32_t count;
	struct record *last;
	char simple[FIRST][24]; /* names of the simple types that records refer to */
};

static void succeed(struct imp_error *err)
{
	if (err)
		fail_msg("%s", imp_error_message(err));
}

static bool number_after(const char *line, const char *label, uint64_t *value)
{
	const char *at = strstr(line, label);

	if (!at || at[strlen(label)] == '<')
		return false;
	*value = strtoull(at + strlen(label), NULL, 0);
	if (at[strlen(label)] == '-')
		*value = (uint64_t)strtoll(at + strlen(label), NULL, 0);
	return true;
}

static uint32_t index_after(const char *line, const char *label)
{
	uint64_t value = 0;

	number_after(line, label, &value);
	return (uint32_t)value;
}

static struct member *add_member(struct record *record, char kind)
{
	if (record->member_count == record->member_capacity) {
		record->member_capacity = record->member_capacity ? record->member_capacity * 2 : 16;
		record->members = realloc(record->members, record->member_capacity * sizeof(*record->members));
	}
	record->members[record->member_count] = (struct member){ .kind = kind };
	return &record->members[record->member_count++];
}

static void member_line(struct record *record, const char *line)
{
	struct member *member;
	char name[4096];

	if (strstr(line, "- LF_MEMBER ")) {
		member = add_member(record, 'm');
		assert_true(pdbutil_quoted(line, name, sizeof(name)));
		member->name = strdup(name);
		member->type = index_after(line, "Type = ");
		number_after(line, "offset = ", &member->value);
	} else if (strstr(line, "- LF_ENUMERATE [")) {
		const char *begin = strchr(line, '[') + 1, *end = strstr(begin, " = ");
		member = add_member(record, 'e');
		member->name = strndup(begin, (size_t)(end - begin));
		number_after(end, " = ", &member->value);
	} else if (strstr(line, "- LF_BCLASS")) {
		add_member(record, 'b');
	} else if (strstr(line, "- LF_INDEX continuation = ")) {
		record->continuation = index_after(line, "continuation = ");
	} else if (record->member_count && record->members[record->member_count - 1].kind == 'b' && strstr(line, " type = ")) {
		member = &record->members[record->member_count - 1];
		if (member->type)
			return; /* a method's, which follows */
		member->type = index_after(line, " type = ");
		number_after(line, "offset = ", &member->value);
	}
}

/* `0x0074 (int)`, several times a line. */
static void simple_types(struct dump *dump, const char *line)
{
	char name[24];
	unsigned index;

	for (const char *at = strstr(line, "0x0"); at; at = strstr(at + 1, "0x0"))
		if (sscanf(at, "0x%4x (%23[^)])", &index, name) == 2 && index < FIRST)
			strcpy(dump->simple[index], name);
}

static void type_line(void *context, const char *line)
{
	struct dump *dump = context;
	struct record *record = dump->last;
	char kind[16], name[4096];
	unsigned index;
	uint64_t value;

	if (sscanf(line, " 0x%x | LF_%15[A-Z0-9_]", &index, kind) == 2) {
		assert_int_equal(index, FIRST + dump->count);
		assert_true(dump->count < MOST);
		record = dump->last = &dump->records[dump->count++];
		strcpy(record->kind, kind);
		if (pdbutil_quoted(line, name, sizeof(name)))
			record->name = strdup(name);
		return;
	}
	if (!record)
		return;
	simple_types(dump, line);
	if (strcmp(record->kind, "FIELDLIST") == 0) {
		member_line(record, line);
		return;
	}
	if (strstr(line, "field list: "))
		record->fields = index_after(line, "field list: ");
	if (strstr(line, "underlying type: "))
		record->type = index_after(line, "underlying type: ");
	if (strstr(line, "options: ") && strstr(line, "forward ref"))
		record->forward = true;
	if (number_after(line, "sizeof ", &value) || number_after(line, " size: ", &value))
		record->size = value;
	static const char *const type_labels[] = { "element type: ", "referent = ", "return type = ", " type = " };
	for (unsigned i = 0; i < 4 && !record->type; i++)
		record->type = index_after(line, type_labels[i]);
	if (strstr(line, "kind = ptr"))
		record->pointer_bits = (unsigned)strtoul(strstr(line, "kind = ptr") + strlen("kind = ptr"), NULL, 10);
	if (number_after(line, "bit offset = ", &value))
		record->bit_offset = (unsigned)value;
	if (number_after(line, "# bits = ", &value))
		record->bits = (unsigned)value;
}

static struct record *record_of(const struct dump *dump, uint32_t index)
{
	return index >= FIRST && index - FIRST < dump->count ? &dump->records[index - FIRST] : NULL;
}

/* The definition that a forward reference means, by llvm-pdbutil's records: the last one of that name. */
static uint32_t defined(const struct dump *dump, uint32_t index)
{
	const struct record *record = record_of(dump, index);

	for (unsigned i = 0; record && strcmp(record->kind, "MODIFIER") == 0 && i < 8; i++) {
		index = record->type;
		record = record_of(dump, index);
	}
	if (!record || !record->forward)
		return index;
	for (uint32_t i = dump->count; i-- > 0;)
		if (!dump->records[i].forward && dump->records[i].name && strcmp(dump->records[i].kind, "POINTER") != 0 &&
		    strcmp(dump->records[i].name, record->name) == 0)
			return FIRST + i;
	return index;
}

/* The fields that are to be expected of a tag record, in order, base classes' first come where they stand. */
struct expected {
	const struct dump *dump;
	struct member *list;
	size_t count, capacity, next;
	unsigned fields;
};

static void expect(struct expected *expected, const struct record *tag, uint64_t base)
{
	for (uint32_t list = tag->fields; list;) {
		const struct record *record = record_of(expected->dump, list);

		assert_non_null(record);
		list = record->continuation;
		for (size_t i = 0; i < record->member_count; i++) {
			struct member member = record->members[i];

			if (member.kind == 'b') {
				expect(expected, record_of(expected->dump, defined(expected->dump, member.type)), base + member.value);
				continue;
			}
			if (member.kind == 'm')
				member.value += base;
			if (expected->count == expected->capacity) {
				expected->capacity = expected->capacity ? expected->capacity * 2 : 64;
				expected->list = realloc(expected->list, expected->capacity * sizeof(member));
			}
			expected->list[expected->count++] = member;
		}
	}
}

static bool compare_field(void *context, const struct imp_field *field)
{
	struct expected *expected = context;
	const struct member *member = &expected->list[expected->next++];
	const struct record *bits;

	assert_true(expected->next <= expected->count);
	assert_string_equal(field->name, member->name);
	assert_int_equal(field->offset, member->value);
	assert_int_equal(field->type.index, defined(expected->dump, member->type));
	bits = record_of(expected->dump, field->type.index);
	if (bits && strcmp(bits->kind, "BITFIELD") == 0) {
		assert_int_equal(field->type.kind, IMP_TYPE_BITFIELD);
		assert_int_equal(field->type.bit_position, bits->bit_offset);
		assert_int_equal(field->type.bit_length, bits->bits);
	}
	expected->fields++;
	return true;
}

static bool compare_enumerator(void *context, const char *name, int64_t value)
{
	struct expected *expected = context;
	const struct member *member = &expected->list[expected->next++];

	assert_true(expected->next <= expected->count);
	assert_string_equal(name, member->name);
	/* LLVM writes negative values of 4-byte enumerations as large positive ones. */
	if (value < 0 && member->value == (uint32_t)value)
		return true;
	assert_int_equal(value, (int64_t)member->value);
	return true;
}

static void compare_tag(struct imp_pdb *pdb, const struct dump *dump, uint32_t index, unsigned *fields)
{
	const struct record *record = record_of(dump, index);
	struct expected expected = { .dump = dump };
	struct imp_type type, found;
	struct imp_field field;

	succeed(imp_type_at(pdb, index, &type));
	assert_string_equal(type.name, record->name);
	expect(&expected, record, 0);
	if (strcmp(record->kind, "ENUM") == 0) {
		assert_int_equal(type.kind, IMP_TYPE_ENUM);
		assert_int_equal(type.element, record->type);
		succeed(imp_type_enumerators(&type, compare_enumerator, &expected));
	} else {
		assert_int_equal(type.kind, strcmp(record->kind, "UNION") == 0 ? IMP_TYPE_UNION : IMP_TYPE_STRUCT);
		assert_int_equal(type.size, record->size);
		succeed(imp_type_fields(&type, compare_field, &expected));
	}
	assert_int_equal(expected.next, expected.count);
	/* By name: the same one, or the youngest of that name. Unnamed types and those of a function's scope cannot be asked for. */
	struct imp_error *err = imp_type_find(pdb, record->name, &found);
	if (!err) {
		assert_string_equal(found.name, record->name);
		for (size_t i = 0; i < expected.count && type.kind != IMP_TYPE_ENUM && found.index == index && !strstr(record->name, "<unnamed");
		     i++) {
			if (!*expected.list[i].name || strpbrk(expected.list[i].name, ".["))
				continue;
			succeed(imp_field_find(pdb, record->name, expected.list[i].name, &field));
			assert_string_equal(field.name, expected.list[i].name);
		}
	} else if (!strstr(record->name, "<unnamed") && !strstr(record->name, "::") && strcmp(record->name, "local_only") != 0) {
		fail_msg("%s", imp_error_message(err));
	}
	imp_error_free(err);
	*fields += expected.fields;
	free(expected.list);
}

static void compare_other(struct imp_pdb *pdb, const struct dump *dump, uint32_t index)
{
	const struct record *record = record_of(dump, index);
	struct imp_type type, element;

	succeed(imp_type_at(pdb, index, &type));
	if (strcmp(record->kind, "ARRAY") == 0) {
		assert_int_equal(type.kind, IMP_TYPE_ARRAY);
		assert_int_equal(type.size, record->size);
		assert_int_equal(type.element, record->type);
		succeed(imp_type_at(pdb, type.element, &element));
		assert_int_equal(type.count * element.size, element.size ? type.size : 0);
	} else if (strcmp(record->kind, "POINTER") == 0) {
		assert_int_equal(type.kind, IMP_TYPE_POINTER);
		assert_int_equal(type.element, record->type);
		if (record->pointer_bits)
			assert_int_equal(type.size * 8, record->pointer_bits);
	} else if (strcmp(record->kind, "BITFIELD") == 0) {
		assert_int_equal(type.kind, IMP_TYPE_BITFIELD);
		assert_int_equal(type.element, record->type);
	} else if (strcmp(record->kind, "MODIFIER") == 0) {
		assert_int_equal(type.index, defined(dump, index));
	} else if (strcmp(record->kind, "PROCEDURE") == 0 || strcmp(record->kind, "MFUNCTION") == 0) {
		assert_int_equal(type.kind, IMP_TYPE_FUNCTION);
		assert_int_equal(type.element, record->type);
	}
}

/* The simple types' sizes, by the names that llvm-pdbutil has for them. */
static const struct {
	const char *name;
	uint64_t size;
} simple_sizes[] = {
	{ "void", 0 },
	{ "char", 1 },
	{ "signed char", 1 },
	{ "unsigned char", 1 },
	{ "bool", 1 },
	{ "char8_t", 1 },
	{ "short", 2 },
	{ "unsigned short", 2 },
	{ "wchar_t", 2 },
	{ "char16_t", 2 },
	{ "int", 4 },
	{ "unsigned", 4 },
	{ "long", 4 },
	{ "unsigned long", 4 },
	{ "char32_t", 4 },
	{ "float", 4 },
	{ "HRESULT", 4 },
	{ "double", 8 },
	{ "__int64", 8 },
	{ "unsigned __int64", 8 },
	{ "std::nullptr_t", 8 },
	{ "__int128", 16 },
	{ "unsigned __int128", 16 },
};

static unsigned compare_simple(struct imp_pdb *pdb, const struct dump *dump)
{
	unsigned count = 0;

	for (uint32_t index = 1; index < FIRST; index++) {
		const char *name = dump->simple[index];
		struct imp_type type;
		bool known = false;

		if (!*name)
			continue;
		succeed(imp_type_at(pdb, index, &type));
		if (name[strlen(name) - 1] == '*') {
			assert_int_equal(type.kind, IMP_TYPE_POINTER);
			assert_int_equal(type.size, 8);
			known = true;
		}
		for (size_t i = 0; i < sizeof(simple_sizes) / sizeof(*simple_sizes) && !known; i++) {
			known = strcmp(simple_sizes[i].name, name) == 0;
			if (known && type.size != simple_sizes[i].size)
				fail_msg("%s (0x%x) has %llu bytes, not %llu", name, index, (unsigned long long)type.size,
					 (unsigned long long)simple_sizes[i].size);
		}
		if (!known)
			fail_msg("the test does not know the simple type %s (0x%x)", name, index);
		count++;
	}
	return count;
}

static bool is_tag(const struct record *record)
{
	static const char *const kinds[] = { "STRUCTURE", "CLASS", "UNION", "ENUM", "INTERFACE" };

	for (unsigned i = 0; i < 5; i++)
		if (strcmp(record->kind, kinds[i]) == 0)
			return true;
	return false;
}

static void compare_pdb(const char *path)
{
	static struct dump dump;
	struct imp_pdb *pdb;
	unsigned tags = 0, others = 0, fields = 0;

	memset(&dump, 0, sizeof(dump));
	dump.records = calloc(MOST, sizeof(*dump.records));
	pdbutil_dump("-types -dont-resolve-forward-refs", path, type_line, &dump);
	succeed(imp_pdb_open(path, &pdb));
	for (uint32_t i = 0; i < dump.count; i++) {
		const struct record *record = &dump.records[i];

		if (is_tag(record) && !record->forward) {
			compare_tag(pdb, &dump, FIRST + i, &fields);
			tags++;
		} else if (!is_tag(record) && strcmp(record->kind, "FIELDLIST") != 0) {
			compare_other(pdb, &dump, FIRST + i);
			others++;
		}
	}
	print_message("    %u structures, unions and enumerations with %u fields, %u other types, %u simple ones agree\n", tags, fields, others,
		      compare_simple(pdb, &dump));
	assert_true(tags > 0 && fields > 0 && others > 0);
	imp_pdb_close(pdb);
	for (uint32_t i = 0; i < dump.count; i++) {
		for (size_t m = 0; m < dump.records[i].member_count; m++)
			free(dump.records[i].members[m].name);
		free(dump.records[i].members);
		free(dump.records[i].name);
	}
	free(dump.records);
}

static void test_against_pdbutil(void **state)
{
	(void)state;
	assert_true(pdbutil_each_pdb(compare_pdb) > 0);
}

static void typedef_line(void *context, const char *line)
{
	static char name[4096];
	struct imp_pdb *pdb = context;
	struct imp_type type;
	unsigned index;

	if (strstr(line, "| S_UDT ")) {
		if (!pdbutil_quoted(line, name, sizeof(name)))
			name[0] = 0;
	} else if (name[0] && sscanf(line, " original type = %x", &index) == 1) {
		struct imp_type original;
		succeed(imp_type_find(pdb, name, &type));
		succeed(imp_type_at(pdb, index, &original));
		/* A type of that name goes before a typedef of it; of several typedefs of one name any will do. */
		if (type.index != original.index && (!type.name || strcmp(type.name, name) != 0) && type.kind != original.kind)
			fail_msg("%s is 0x%x, not 0x%x", name, type.index, original.index);
		name[0] = 0;
	}
}

static void compare_typedefs(const char *path)
{
	struct imp_pdb *pdb;

	succeed(imp_pdb_open(path, &pdb));
	pdbutil_dump("-globals", path, typedef_line, pdb);
	imp_pdb_close(pdb);
}

static void test_typedefs(void **state)
{
	(void)state;
	pdbutil_each_pdb(compare_typedefs);
}

static void expect_field(struct imp_pdb *pdb, const char *path, uint64_t offset, uint64_t size)
{
	struct imp_field field;

	succeed(imp_field_find(pdb, "_SAMPLE_NODE", path, &field));
	assert_int_equal(field.offset, offset);
	assert_int_equal(field.type.size, size);
}

static void expect_failure(struct imp_pdb *pdb, const char *type, const char *path, enum imp_error_code code, const char *says)
{
	struct imp_field field;
	struct imp_error *err = imp_field_find(pdb, type, path, &field);

	assert_non_null(err);
	assert_int_equal(imp_error_code(err), code);
	if (!strstr(imp_error_message(err), says))
		fail_msg("\"%s\" does not say \"%s\"", imp_error_message(err), says);
	imp_error_free(err);
}

/* Paths through the sample's structures; the offsets are those of the C declarations in sample.h. */
static void test_paths(void **state)
{
	struct imp_pdb *pdb;

	(void)state;
	succeed(imp_pdb_open(SAMPLE_PDB, &pdb));
	expect_field(pdb, "Header", 0, 24);
	expect_field(pdb, "Header.WaitListHead.Blink", 16, 8);
	expect_field(pdb, "Header.Hand", 2, 1);
	expect_field(pdb, "Slots[2].Object", 32 + 2 * 24 + 8, 8);
	expect_field(pdb, "Slots[0x3]", 32 + 3 * 24, 24);
	expect_field(pdb, "Matrix[2][3]", 128 + (2 * 5 + 3) * 4, 4);
	expect_field(pdb, "Matrix[1]", 128 + 5 * 4, 20);
	expect_field(pdb, "Inner2", 202, 2);
	expect_field(pdb, "Named.Bytes[3]", 203, 1);
	expect_field(pdb, "Callback", 192, 8);
	expect_failure(pdb, "_SAMPLE_NODE", "Header.NoSuchField", IMP_ERROR_NOT_FOUND, "_SAMPLE_HEADER");
	expect_failure(pdb, "_SAMPLE_NODE", "Header.NoSuchField", IMP_ERROR_NOT_FOUND, "NoSuchField");
	expect_failure(pdb, "_SAMPLE_NODE", "Header.NoSuchField", IMP_ERROR_NOT_FOUND, "sample.pdb");
	expect_failure(pdb, "_SAMPLE_NODE", "Slots[4]", IMP_ERROR_NOT_FOUND, "element 4 of an array of 4");
	expect_failure(pdb, "_SAMPLE_NODE", "Slots[", IMP_ERROR_USAGE, "[NUMBER]");
	expect_failure(pdb, "_SAMPLE_NODE", "Slots[1]Key", IMP_ERROR_USAGE, "dots");
	expect_failure(pdb, "_SAMPLE_NODE", "Next.Header", IMP_ERROR_USAGE, "not a structure");
	expect_failure(pdb, "_SAMPLE_NODE", "State[1]", IMP_ERROR_USAGE, "not an array");
	expect_failure(pdb, "_NO_SUCH_TYPE", "Field", IMP_ERROR_NOT_FOUND, "_NO_SUCH_TYPE");
	imp_pdb_close(pdb);
}

static bool join_name(void *context, const struct imp_type *type)
{
	char *names = context;

	strcat(strcat(names, " "), type->name);
	return true;
}

static void expect_text(struct imp_pdb *pdb, const char *path, const char *expected)
{
	char text[256];
	struct imp_field field;

	succeed(imp_field_find(pdb, "_SAMPLE_NODE", path, &field));
	assert_string_equal(imp_type_text(&field.type, text, sizeof(text)), expected);
}

static void test_names(void **state)
{
	char names[1024] = "", text[8];
	struct imp_field field;
	struct imp_pdb *pdb;

	(void)state;
	succeed(imp_pdb_open(SAMPLE_PDB, &pdb));
	succeed(imp_type_names(pdb, "_sample_*e?", join_name, names));
	assert_string_equal(names, " _SAMPLE_HEADER");
	expect_text(pdb, "Header.Lock", "Int4B");
	expect_text(pdb, "Header.Type", "UChar");
	expect_text(pdb, "Header.Absolute", "Pos 0, 1 Bit");
	expect_text(pdb, "Header.EncodedTolerableDelay", "Pos 2, 6 Bits");
	expect_text(pdb, "Header.WaitListHead", "_LIST_ENTRY");
	expect_text(pdb, "Next", "Ptr64 _SAMPLE_NODE");
	expect_text(pdb, "Slots", "[4] sample_slot");
	expect_text(pdb, "Slots[0].Object", "Ptr64 Void");
	expect_text(pdb, "Matrix", "[3] [5] Int4B");
	expect_text(pdb, "State", "sample_state");
	expect_text(pdb, "Callback", "Ptr64     int ");
	expect_text(pdb, "Name", "Ptr64 Char");
	/* A short buffer cuts the text and keeps its terminator. */
	succeed(imp_field_find(pdb, "_SAMPLE_NODE", "Next", &field));
	assert_string_equal(imp_type_text(&field.type, text, sizeof(text)), "Ptr64 _");
	imp_pdb_close(pdb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_pdbutil),
		cmocka_unit_test(test_typedefs),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("types", tests, NULL, NULL);
}
