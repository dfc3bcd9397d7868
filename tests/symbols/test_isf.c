/* ISF tables: real ones of Windows kernels, every type and symbol compared with what jansson reads out of the same file; tables that Volatility's format
 * allows but those do not show; damaged and oversized ones; and where tables are found.
 */
#include "symbols/identity.h"
#include "symbols/isf.h"
#include "symbols/tables.h"
#include "types/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <glob.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <uthash.h>

static char folder[] = "/tmp/impasse-isf-XXXXXX";

static void succeed(struct imp_error *err)
{
	if (err)
		fail_msg("%s", imp_error_message(err));
}

static void __attribute__((format(printf, 1, 2))) shell(const char *format, ...)
{
	char command[4096];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	assert_int_equal(system(command), 0);
}

static json_t *member(json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);

	if (!value)
		fail_msg("the table has no \"%s\" where the test expects it", name);
	return value;
}

static uint64_t number(json_t *object, const char *name)
{
	return (uint64_t)json_integer_value(member(object, name));
}

static const char *string(json_t *object, const char *name)
{
	return json_string_value(member(object, name));
}

/* Whether `type` is what a descriptor of the table says. */
static void compare_type(json_t *table, json_t *descriptor, const struct imp_type *type)
{
	const char *kind = string(descriptor, "kind");
	struct imp_type element;

	if (strcmp(kind, "pointer") == 0 || strcmp(kind, "array") == 0 || strcmp(kind, "bitfield") == 0) {
		succeed(imp_type_at(type->pdb, type->element, &element));
		compare_type(table, member(descriptor, kind[0] == 'b' ? "type" : "subtype"), &element);
	}
	if (strcmp(kind, "pointer") == 0) {
		assert_int_equal(type->kind, IMP_TYPE_POINTER);
		assert_int_equal(type->size, 8);
	} else if (strcmp(kind, "array") == 0) {
		assert_int_equal(type->kind, IMP_TYPE_ARRAY);
		/* Elements of a type without a definition have no size, and the table no other place for the count. */
		if (element.size) {
			assert_int_equal(type->count, number(descriptor, "count"));
			assert_int_equal(type->size, element.size * type->count);
		}
	} else if (strcmp(kind, "bitfield") == 0) {
		assert_int_equal(type->kind, IMP_TYPE_BITFIELD);
		assert_int_equal(type->bit_length, number(descriptor, "bit_length"));
		assert_int_equal(type->bit_position, number(descriptor, "bit_position"));
	} else if (strcmp(kind, "function") == 0) {
		assert_int_equal(type->kind, IMP_TYPE_FUNCTION);
	} else if (strcmp(kind, "base") == 0) {
		json_t *base = member(member(table, "base_types"), string(descriptor, "name"));

		assert_int_equal(type->kind, IMP_TYPE_BASE);
		assert_int_equal(type->size, number(base, "size"));
		if (strcmp(string(base, "kind"), "int") == 0 && strcmp(string(descriptor, "name"), "HRESULT") != 0 &&
		    strcmp(string(descriptor, "name"), "wchar") != 0)
			assert_int_equal(type->base, json_is_true(member(base, "signed")) ? IMP_BASE_SIGNED : IMP_BASE_UNSIGNED);
	} else {
		assert_string_equal(type->name, string(descriptor, "name"));
		assert_int_equal(type->kind, kind[0] == 'e' ? IMP_TYPE_ENUM : kind[0] == 'u' ? IMP_TYPE_UNION : IMP_TYPE_STRUCT);
	}
}

struct comparison {
	json_t *table, *entries;
	size_t count;
	uint64_t last;
};

static bool compare_field(void *context, const struct imp_field *field)
{
	struct comparison *comparison = context;
	json_t *entry = member(comparison->entries, field->name);

	assert_int_equal(field->offset, number(entry, "offset"));
	assert_true(field->offset >= comparison->last);
	comparison->last = field->offset;
	compare_type(comparison->table, member(entry, "type"), &field->type);
	comparison->count++;
	return true;
}

static bool compare_enumerator(void *context, const char *name, int64_t value)
{
	struct comparison *comparison = context;

	assert_int_equal(value, json_integer_value(member(comparison->entries, name)));
	comparison->count++;
	return true;
}

static unsigned compare_types(json_t *table, struct imp_pdb *pdb)
{
	struct comparison comparison = { .table = table };
	struct imp_type type;
	const char *name;
	json_t *entry;
	unsigned fields = 0;

	json_object_foreach(member(table, "user_types"), name, entry)
	{
		succeed(imp_type_find(pdb, name, &type));
		assert_int_equal(type.size, number(entry, "size"));
		comparison = (struct comparison){ .table = table, .entries = member(entry, "fields") };
		succeed(imp_type_fields(&type, compare_field, &comparison));
		assert_int_equal(comparison.count, json_object_size(comparison.entries));
		fields += (unsigned)comparison.count;
	}
	json_object_foreach(member(table, "enums"), name, entry)
	{
		succeed(imp_type_find(pdb, name, &type));
		assert_int_equal(type.size, number(entry, "size"));
		comparison = (struct comparison){ .table = table, .entries = member(entry, "constants") };
		succeed(imp_type_enumerators(&type, compare_enumerator, &comparison));
		assert_int_equal(comparison.count, json_object_size(comparison.entries));
	}
	return fields;
}

static bool compare_symbol(void *context, const struct imp_symbol *symbol)
{
	struct comparison *comparison = context;

	assert_int_equal(symbol->rva, number(member(comparison->entries, symbol->name), "address"));
	assert_true(symbol->rva >= comparison->last);
	comparison->last = symbol->rva;
	comparison->count++;
	return true;
}

static void compare_symbols(json_t *table, struct imp_pdb *pdb)
{
	struct comparison comparison = { .entries = member(table, "symbols") };
	struct imp_symbol symbol;
	const char *name;
	json_t *entry;

	succeed(imp_pdb_each(pdb, "*", compare_symbol, &comparison));
	assert_int_equal(comparison.count, json_object_size(comparison.entries));
	json_object_foreach(comparison.entries, name, entry)
	{
		succeed(imp_pdb_find(pdb, name, &symbol));
		assert_string_equal(symbol.name, name);
		assert_int_equal(symbol.rva, number(entry, "address"));
		succeed(imp_pdb_at(pdb, symbol.rva, &symbol));
		assert_int_equal(symbol.rva, number(entry, "address"));
	}
}

static void identity_text(struct imp_pdb *pdb, char *text, size_t size)
{
	char digits[IMP_GUID_SIZE];
	struct imp_guid guid;
	uint32_t age;

	imp_pdb_identity(pdb, &guid, &age);
	imp_guid_text(&guid, "", digits);
	snprintf(text, size, "%s-%u", digits, age);
}

static void shared_tables(glob_t *found)
{
	const char *shared = getenv("IMPASSE_SHARED");
	char pattern[4096];

	snprintf(pattern, sizeof(pattern), "%s/data/windows/*.json.xz", shared ? shared : PROJECT_DIR "/../shared");
	if (glob(pattern, 0, NULL, found) != 0)
		print_message("  no tables of Windows kernels: %s matches nothing\n", pattern);
}

static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void test_real_tables(void **state)
{
	glob_t found = { 0 };

	(void)state;
	shared_tables(&found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char command[4096], identity[64];
		struct imp_pdb *pdb;
		double start = milliseconds();

		succeed(imp_isf_open(found.gl_pathv[i], NULL, &pdb));
		double took = milliseconds() - start;
		snprintf(command, sizeof(command), "xz -dc '%s'", found.gl_pathv[i]);
		FILE *text = popen(command, "r");
		json_t *table = json_loadf(text, 0, NULL);
		assert_int_equal(pclose(text), 0);
		assert_non_null(table);
		unsigned fields = compare_types(table, pdb);
		compare_symbols(table, pdb);
		identity_text(pdb, identity, sizeof(identity));
		assert_non_null(strstr(found.gl_pathv[i], identity)); /* the file's name says who it is */
		print_message("  %s: %zu types with %u fields, %zu symbols agree; opened in %.0f ms of processor time\n", identity,
			      json_object_size(member(table, "user_types")), fields, json_object_size(member(table, "symbols")), took);
		json_decref(table);
		imp_pdb_close(pdb);
	}
	globfree(&found);
}

/* A small table of all that the format knows, with places for parts that tests replace. */
#define METADATA(guid, age)                                                                           \
	"\"metadata\":{\"format\":\"6.2.0\",\"windows\":{\"pdb\":{\"GUID\":\"" guid "\",\"age\":" age \
	",\"database\":\"Small.pdb\",\"machine_type\":34404}}}"
#define SMALL_GUID "00112233445566778899AABBCCDDEEFF"
static const char metadata[] = METADATA(SMALL_GUID, "10");
static const char base_types[] = "\"base_types\":{\"int\":{\"kind\":\"int\",\"size\":4,\"signed\":true,\"endian\":\"little\"},"
				 "\"pointer\":{\"kind\":\"int\",\"size\":8,\"signed\":false,\"endian\":\"little\"},"
				 "\"strange\":{\"kind\":\"int\",\"size\":3,\"signed\":false,\"endian\":\"little\"}}";
static const char enums[] = "\"enums\":{\"_E\":{\"size\":4,\"base\":\"int\",\"constants\":{\"Low\":-2,\"High\":2147483647,\"\\u00dcber\":1}}}";
static const char user_types[] =
	"\"user_types\":{"
	"\"_INNER\":{\"kind\":\"union\",\"size\":4,\"fields\":{\"Whole\":{\"offset\":0,\"type\":{\"kind\":\"base\",\"name\":\"int\"}}}},"
	"\"_OUTER\":{\"kind\":\"struct\",\"size\":64,\"fields\":{"
	"\"Bits\":{\"offset\":4,\"type\":{\"kind\":\"bitfield\",\"bit_length\":3,\"bit_position\":5,\"type\":{\"kind\":\"enum\",\"name\":\"_E\"}}},"
	"\"Grid\":{\"offset\":8,\"type\":{\"subtype\":{\"subtype\":{\"name\":\"_INNER\",\"kind\":\"union\"},\"kind\":\"array\",\"count\":2},"
	"\"kind\":\"array\",\"count\":3}},"
	"\"Unknown\":{\"offset\":32,\"type\":{\"kind\":\"pointer\",\"subtype\":{\"kind\":\"struct\",\"name\":\"_ELSEWHERE\"}}},"
	"\"unnamed_field_0\":{\"anonymous\":true,\"offset\":0,\"type\":{\"kind\":\"union\",\"name\":\"_INNER\"}},"
	"\"Strange\":{\"offset\":40,\"type\":{\"kind\":\"base\",\"name\":\"strange\"}}}}}";
static const char symbols[] = "\"symbols\":{\"One\":{\"address\":4096},\"\\\"Two\\\"\":{\"address\":8192,\"linkage_name\":\"_Two\"},"
			      "\"KernelOfAnother\":{\"address\":18446744071578845184}}";

static char *write_table(const char *name, const char *first, const char *second, const char *third, const char *fourth, const char *fifth)
{
	static char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "{%s, %s,\n%s,%s,%s }\n", first, second, third, fourth, fifth);
	assert_int_equal(fclose(file), 0);
	return path;
}

static bool keep_enumerator(void *context, const char *name, int64_t value)
{
	char *text = context;

	sprintf(text + strlen(text), "%s=%lld ", name, (long long)value);
	return true;
}

/* Sections in another order than Volatility writes them, escapes, and what Windows' tables do not have. */
static void test_small_table(void **state)
{
	const char *path = write_table("small.json", user_types, symbols, enums, metadata, base_types);
	struct imp_field field;
	struct imp_symbol symbol;
	struct imp_type type;
	struct imp_pdb *pdb;
	char text[128] = "", identity[64];

	(void)state;
	succeed(imp_isf_open(path, NULL, &pdb));
	identity_text(pdb, identity, sizeof(identity));
	assert_string_equal(identity, SMALL_GUID "-10");
	assert_string_equal(imp_pdb_kind(pdb), "isf");
	succeed(imp_type_find(pdb, "_E", &type));
	succeed(imp_type_enumerators(&type, keep_enumerator, text));
	assert_string_equal(text, "Low=-2 \u00dcber=1 High=2147483647 ");
	succeed(imp_field_find(pdb, "_OUTER", "Whole", &field)); /* through the unnamed union */
	assert_int_equal(field.offset, 0);
	succeed(imp_field_find(pdb, "_OUTER", "Grid[2][1].Whole", &field));
	assert_int_equal(field.offset, 8 + 2 * 8 + 4);
	succeed(imp_field_find(pdb, "_OUTER", "Bits", &field));
	assert_int_equal(field.type.bit_position, 5);
	assert_int_equal(field.type.bit_length, 3);
	assert_int_equal(field.type.size, 4);
	succeed(imp_field_find(pdb, "_OUTER", "Unknown", &field));
	assert_string_equal(imp_type_text(&field.type, text, sizeof(text)), "Ptr64 _ELSEWHERE");
	succeed(imp_field_find(pdb, "_OUTER", "Strange", &field));
	assert_string_equal(imp_type_text(&field.type, text, sizeof(text)), "<no type>");
	succeed(imp_pdb_find(pdb, "\"Two\"", &symbol));
	assert_int_equal(symbol.rva, 8192);
	succeed(imp_pdb_at(pdb, 8191, &symbol));
	assert_string_equal(symbol.name, "One");
	struct imp_error *err = imp_pdb_find(pdb, "KernelOfAnother", &symbol);
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	imp_error_free(err);
	struct imp_line line;
	err = imp_pdb_line(pdb, 4096, &line);
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	imp_error_free(err);
	imp_pdb_close(pdb);
}

/* What `path` is refused for has to contain `sentence`. */
static void refused(const char *path, enum imp_error_code code, const char *sentence)
{
	struct imp_pdb *pdb;
	struct imp_error *err = imp_isf_open(path, NULL, &pdb);

	assert_null(pdb);
	if (!err)
		fail_msg("%s was read; it should be refused: %s", path, sentence);
	if (imp_error_code(err) != code || !strstr(imp_error_message(err), sentence))
		fail_msg("expected \"%s\" (%d), got \"%s\" (%d)", sentence, code, imp_error_message(err), imp_error_code(err));
	imp_error_free(err);
}

#define USER(fields) "\"user_types\":{\"_A\":{\"kind\":\"struct\",\"size\":8,\"fields\":{" fields "}}}"
#define FIELD(type)  USER("\"F\":{\"offset\":0,\"type\":" type "}")

static void test_wrong_tables(void **state)
{
	static const struct {
		const char *user_types, *sentence;
	} cases[] = {
		{ "\"user_types\":7", "an object is expected" },
		{ FIELD("{\"kind\":\"base\"}"), "a type has no name" },
		{ FIELD("{\"kind\":\"base\",\"name\":\"float\"}"), "not in base_types" },
		{ FIELD("{\"kind\":\"pointer\"}"), "of what it is made" },
		{ FIELD("{\"kind\":\"reference\"}"), "a kind that ISF does not have" },
		{ FIELD("{\"kind\":\"array\",\"count\":4611686018427387904,\"subtype\":{\"kind\":\"base\",\"name\":\"int\"}}"), "more than 4 GiB" },
		{ FIELD("{\"kind\":\"array\",\"count\":1.5,\"subtype\":{\"kind\":\"base\",\"name\":\"int\"}}"), "a whole number" },
		{ FIELD("{\"kind\":\"bitfield\",\"bit_length\":65,\"bit_position\":0,\"type\":{\"kind\":\"base\",\"name\":\"int\"}}"), "bit field" },
		{ USER("\"F\":{\"offset\":-8,\"type\":{\"kind\":\"base\",\"name\":\"int\"}}"), "beyond 4 GiB" },
		{ USER("\"F\":{\"offset\":0}"), "a field has no type" },
		{ "\"user_types\":{\"_A\":{\"kind\":\"table\",\"size\":1,\"fields\":{}}}", "neither struct, class nor union" },
		{ "\"user_types\":{\"_A\":{\"kind\":\"struct\",\"size\":99999999999999999999,\"fields\":{}}}", "64 bits" },
		{ "\"user_types\":{\"_A\":{\"kind\":\"struct\",\"size\":-9223372036854775809,\"fields\":{}}}", "64 bits" },
		{ "\"user_types\":{\"_E\":{\"kind\":\"struct\",\"size\":1,\"fields\":{}}}", "there twice" },
		{ "\"user_types\":{\"_A\":{\"kind\":\"struct\",\"size\":1,\"fields\":{}}", "at byte" },
		{ "\"types\":{}", "no section \"user_types\"" },
	};
	char *deep = NULL;
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		refused(write_table("wrong.json", base_types, enums, metadata, symbols, cases[i].user_types), IMP_ERROR_FORMAT, cases[i].sentence);

	FILE *text = open_memstream(&deep, &size);
	fprintf(text, "\"user_types\":{\"_A\":{\"kind\":\"struct\",\"size\":8,\"fields\":{\"F\":{\"offset\":0,\"type\":");
	for (unsigned i = 0; i < 50; i++)
		fprintf(text, "{\"kind\":\"pointer\",\"subtype\":");
	fprintf(text, "{\"kind\":\"function\"}");
	for (unsigned i = 0; i < 50; i++)
		fprintf(text, "}");
	fprintf(text, "}}}}");
	fclose(text);
	refused(write_table("deep.json", base_types, enums, metadata, symbols, deep), IMP_ERROR_FORMAT, "too deep");
	free(deep);

	refused(write_table("other.json", base_types, enums, "\"metadata\":{\"format\":\"9.0.0\"}", symbols, user_types), IMP_ERROR_FORMAT,
		"version 9 of the ISF format");
	refused(write_table("other.json", base_types, enums, "\"metadata\":{\"format\":\"6.2.0\",\"linux\":{}}", symbols, user_types),
		IMP_ERROR_MISMATCH, "not a table of a Windows PDB");
	refused(write_table("other.json", base_types, enums, METADATA("00112233445566778899AABBCCDDEE", "1"), symbols, user_types),
		IMP_ERROR_MISMATCH, "not a table of a Windows PDB");
	shell("echo hello > %s/text.json; : > %s/empty.json; sed 's/34404/332/' %s/small.json > %s/x86.json", folder, folder, folder, folder);
	char path[4096];
	snprintf(path, sizeof(path), "%s/text.json", folder);
	refused(path, IMP_ERROR_FORMAT, "an object is expected");
	snprintf(path, sizeof(path), "%s/empty.json", folder);
	refused(path, IMP_ERROR_FORMAT, "an object is expected");
	snprintf(path, sizeof(path), "%s/x86.json", folder);
	refused(path, IMP_ERROR_MISMATCH, "machine type 0x14c");
	snprintf(path, sizeof(path), "%s/missing.json", folder);
	refused(path, IMP_ERROR_IO, "cannot open");
}

static void test_compressed(void **state)
{
	static const char *const forms[] = { "xz", "gz" };
	char path[4096];
	struct imp_pdb *pdb;

	(void)state;
	write_table("packed.json", base_types, enums, metadata, symbols, user_types);
	shell("cd %s; xz -k packed.json; gzip -k packed.json", folder);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/packed.json.%s", folder, forms[i]);
		succeed(imp_isf_open(path, NULL, &pdb));
		imp_pdb_close(pdb);
		/* Cut, and with a byte changed. */
		shell("cd %s; head -c 300 packed.json.%s > cut.json; cp packed.json.%s bad.json; printf x | dd of=bad.json bs=1 seek=200 "
		      "conv=notrunc "
		      "status=none",
		      folder, forms[i], forms[i]);
		snprintf(path, sizeof(path), "%s/cut.json", folder);
		refused(path, IMP_ERROR_FORMAT, "damaged or truncated");
		snprintf(path, sizeof(path), "%s/bad.json", folder);
		refused(path, IMP_ERROR_FORMAT, "damaged or truncated");
		/* A few KiB that unpack to 100 MiB. */
		shell("cd %s; head -c 100M /dev/zero | %s -1 > bomb.json", folder, i ? "gzip" : "xz");
		snprintf(path, sizeof(path), "%s/bomb.json", folder);
		refused(path, IMP_ERROR_FORMAT, "more than 64 MiB");
	}
}

/* Whether the table is found by `elements` (printf-style, with the test's folder), and as which file. */
static void expect_found(const char *elements, const char *file)
{
	static const struct imp_guid guid = { { 0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff } };
	struct imp_symbol_path *path;
	struct imp_pdb *pdb;
	char text[4096];

	snprintf(text, sizeof(text), elements, folder, folder);
	succeed(imp_symbol_path_new(text, &path));
	struct imp_error *err = imp_table_open(path, "D:\\build\\small.pdb", &guid, 10, &pdb);
	if (file && err)
		fail_msg("%s: %s", text, imp_error_message(err));
	if (file)
		assert_non_null(strstr(imp_pdb_path(pdb), file));
	else
		assert_non_null(err);
	imp_error_free(err);
	imp_pdb_close(pdb);
	imp_symbol_path_free(path);
}

static bool accept_second(void *context, struct imp_pdb *pdb)
{
	unsigned *asked = context;

	(void)pdb;
	return ++*asked == 2;
}

static void test_finding(void **state)
{
	struct imp_symbol_path *path;
	struct imp_error *err;
	struct imp_pdb *pdb;
	unsigned asked = 0;
	char text[4096];

	(void)state;
	shell("cd %s; mkdir -p flat volatility/windows/SMALL.PDB plain others; cp small.json plain/by-metadata.json; cp small.json flat/" SMALL_GUID
	      "-10.json; xz -c small.json > volatility/windows/SMALL.PDB/00112233445566778899aabbccddeeff-10.JSON.XZ; cp x86.json others/; "
	      "sed s/0011223344/0011223355/ small.json > others/00112233555566778899AABBCCDDEEFF-10.json",
	      folder);
	expect_found("%s/flat", "flat/" SMALL_GUID "-10.json");
	expect_found("%s/volatility", "SMALL.PDB/0011");
	expect_found("%s/plain", "plain/by-metadata.json");
	expect_found("%s/others;%s/small.json", "small.json");
	expect_found("%s/others", NULL);
	expect_found("%s/nowhere", NULL);

	snprintf(text, sizeof(text), "%s/others;%s/flat", folder, folder);
	succeed(imp_symbol_path_new(text, &path));
	succeed(imp_table_open_accepted(path, "small.pdb", accept_second, &asked, &pdb));
	assert_non_null(strstr(imp_pdb_path(pdb), "flat/" SMALL_GUID));
	imp_pdb_close(pdb);
	err = imp_table_open_accepted(path, "tall.pdb", accept_second, &asked, &pdb);
	assert_int_equal(imp_error_code(err), IMP_ERROR_MISMATCH);
	assert_non_null(strstr(imp_error_message(err), "Small.pdb, not of tall.pdb"));
	imp_error_free(err);
	imp_symbol_path_free(path);
}

/* A list of fields longer than a record may be goes on in further records. */
static void test_long_lists(void **state)
{
	enum { COUNT = 20000 };
	struct imp_field field;
	struct imp_type type;
	struct imp_pdb *pdb;
	char *text = NULL;
	size_t size;

	(void)state;
	FILE *stream = open_memstream(&text, &size);
	fprintf(stream, "\"user_types\":{\"_LONG\":{\"kind\":\"struct\",\"size\":%u,\"fields\":{", COUNT * 4);
	for (unsigned i = 0; i < COUNT; i++)
		fprintf(stream, "%s\"Field%u\":{\"offset\":%u,\"type\":{\"kind\":\"base\",\"name\":\"int\"}}", i ? "," : "", i, (COUNT - 1 - i) * 4);
	fprintf(stream, "}}}");
	fclose(stream);
	succeed(imp_isf_open(write_table("long.json", base_types, enums, metadata, symbols, text), NULL, &pdb));
	succeed(imp_type_find(pdb, "_LONG", &type));
	assert_int_equal(type.count, COUNT);
	succeed(imp_field_find(pdb, "_LONG", "Field0", &field));
	assert_int_equal(field.offset, (COUNT - 1) * 4);
	imp_pdb_close(pdb);
	free(text);
}

/* Whoever writes a table chooses its names: these collide in a hash table of uthash's. */
static void test_colliding_names(void **state)
{
	enum { COUNT = 60000, SAME_BITS = 0x7f, MOST_SECONDS = 2 };
	struct imp_type type;
	struct imp_pdb *pdb;
	char *text = NULL, name[16] = "";
	size_t size;

	(void)state;
	FILE *stream = open_memstream(&text, &size);
	for (unsigned i = 0, count = 0; count < COUNT; i++) {
		unsigned hash;

		snprintf(name, sizeof(name), "%08x", i);
		HASH_JEN(name, 8, hash);
		if ((hash & SAME_BITS) == 0)
			fprintf(stream, "%s\"%s\":{\"kind\":\"struct\",\"size\":8,\"fields\":{}}", count++ ? "," : "\"user_types\":{", name);
	}
	fputs("}", stream);
	fclose(stream);
	const char *path = write_table("colliding.json", base_types, enums, metadata, symbols, text);
	clock_t start = clock();
	succeed(imp_isf_open(path, NULL, &pdb));
	assert_true(clock() - start < MOST_SECONDS * CLOCKS_PER_SEC);
	succeed(imp_type_find(pdb, name, &type));
	assert_int_equal(type.size, 8);
	imp_pdb_close(pdb);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real_tables),     cmocka_unit_test(test_small_table), cmocka_unit_test(test_wrong_tables),
		cmocka_unit_test(test_compressed),      cmocka_unit_test(test_finding),     cmocka_unit_test(test_long_lists),
		cmocka_unit_test(test_colliding_names),
	};

	if (!mkdtemp(folder))
		return 1;
	int failed = cmocka_run_group_tests_name("isf", tests, NULL, NULL);
	shell("rm -rf %s", folder);
	return failed;
}
