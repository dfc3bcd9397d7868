/* `dt` of the sample's structures over memory that the test lays out: the text of each row is what published WinDbg listings show for such
 * values ("+0x232 PreviousMode : 1 ''", "+0x338 VirtualSize : 0x00000201`0b3ad000", "+0x005 Dpl : 0y00", "PoolType : 200 ( NonPagedPoolNx )").
 */
#include "pdbutil.h"
#include "types/render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Two pages of memory, in place of a dump's. */
enum { MEMORY_SIZE = 0x2000 };
static const uint64_t memory_base = 0xffff800012340000;
struct imp_memory {
	uint8_t bytes[MEMORY_SIZE];
};

size_t imp_memory_read_some(struct imp_memory *memory, uint64_t address, void *buffer, size_t size)
{
	if (address < memory_base || address - memory_base >= MEMORY_SIZE)
		return 0;
	size_t there = MEMORY_SIZE - (size_t)(address - memory_base);
	size = size < there ? size : there;
	memcpy(buffer, memory->bytes + (address - memory_base), size);
	return size;
}

struct imp_error *imp_memory_read(struct imp_memory *memory, uint64_t address, void *buffer, size_t size)
{
	if (imp_memory_read_some(memory, address, buffer, size) == size)
		return NULL;
	return imp_error_fault(address, "cannot read %llx", (unsigned long long)address);
}

static struct imp_pdb *pdb;
static struct imp_memory *memory;

static void succeed(struct imp_error *err)
{
	if (err)
		fail_msg("%s", imp_error_message(err));
}

static uint64_t field_address(const char *type, const char *path, uint64_t base)
{
	struct imp_field field;

	succeed(imp_field_find(pdb, type, path, &field));
	return base + field.offset;
}

static void put_at(uint64_t address, const void *bytes, size_t size)
{
	assert_true(address >= memory_base && address - memory_base + size <= MEMORY_SIZE);
	memcpy(memory->bytes + (address - memory_base), bytes, size);
}

static void put(const char *path, uint64_t value, size_t size)
{
	put_at(field_address("sample_values", path, memory_base), &value, size);
}

static void put_wide(uint64_t address, const char *text)
{
	for (; *text; text++, address += 2)
		put_at(address, (const uint8_t[]){ (uint8_t)*text, 0 }, 2);
}

static void fill(void)
{
	const uint64_t there = memory_base + 0x1000;
	const float single = 1.5f;
	const double number = -0.25;

	put("Char", (uint8_t)-3, 1);
	put("Byte", '-', 1);
	put("Short", (uint16_t)-2, 2);
	put("Word", 0x14c, 2);
	put("Int", 0x60001, 4);
	put("Dword", 9, 4);
	put("Int64", (uint64_t)-25920000000000, 8);
	put("Qword", 0x201000000ab, 8);
	put_at(field_address("sample_values", "Float", memory_base), &single, 4);
	put_at(field_address("sample_values", "Double", memory_base), &number, 8);
	put("Wide", 'A', 2);
	put("Flag", 1, 1);
	put_at(field_address("sample_values", "Text", memory_base), "GenuineIntel", 12);
	put_wide(field_address("sample_values", "WideText", memory_base), "C:\\Win");
	put("Binary[0]", 0xcc, 1);
	put("Numbers[0]", 0xd03982f0, 4);
	put("List.Flink", 0xffff8004d2e7d180, 8);
	put("List.Blink", 0xffff8004d5773180, 8);
	put("Large.QuadPart", 0x01d5094ee0f80f70, 8);
	put("String.Length", 14, 2);
	put("String.Buffer", there, 8);
	put_wide(there, "\\Driver");
	put("StringPointer", field_address("sample_values", "String", memory_base), 8);
	put("Guid.Data1", 0x2a7ed8a5, 4);
	put("Guid.Data2", 0xd796, 2);
	put("Guid.Data3", 0x443d, 2);
	put_at(field_address("sample_values", "Guid.Data4", memory_base), "\x80\xcf\x72\x00\x04\x4e\xdf\x83", 8);
	put("State", 0x20, 4);
	put("Unknown", 7, 4);
	put("WideState", 0xfedcba9876543210, 8);
	put("Void", 4, 8);
	put("Node", there + 0x200, 8);
	put("NumberPointer", there + 0x100, 8);
	put("TextPointer", there + 0x140, 8);
	put_at(there + 0x140, "hello\x01", 6);
	put("Function", 0xfffff80012341230, 8);
	/* Bit 1, Two 2, Four 8, Five 16, Many 0xc8 */
	put("Bit", 1 | 2 << 1 | 8 << 3 | 16 << 7 | 0xc8 << 12, 4);
}

static const struct {
	const char *name, *text;
	bool has_value;
} expected_values[] = {
	{ "Char", "-3 ''", true },
	{ "Byte", "0x2d '-'", true },
	{ "Short", "0n-2", true },
	{ "Word", "0x14c", true },
	{ "Int", "0n393217", true },
	{ "Dword", "9", true },
	{ "Int64", "0n-25920000000000", true },
	{ "Qword", "0x00000201`000000ab", true },
	{ "Float", "1.5", true },
	{ "Double", "-0.25", true },
	{ "Wide", "0x41", true },
	{ "Flag", "1", true },
	{ "Text", "[12]  \"GenuineIntel\"", false },
	{ "WideText", "[8]  \"C:\\Win\"", false },
	{ "Binary", "[4]  \"???\"", false },
	{ "Numbers", "[3] 0xd03982f0", false },
	{ "Pointers", "[2] (null) ", false },
	{ "List", "_LIST_ENTRY [ 0xffff8004`d2e7d180 - 0xffff8004`d5773180 ]", false },
	{ "Lists", "[2] _LIST_ENTRY", false },
	{ "Large", "_LARGE_INTEGER 0x01d5094e`e0f80f70", false },
	{ "Zero", "_LARGE_INTEGER 0x0", false },
	{ "String", "_UNICODE_STRING \"\\Driver\"", false },
	{ "StringPointer", NULL, true }, /* the address, then the text: below */
	{ "Guid", "_GUID {2a7ed8a5-d796-443d-80cf-7200044edf83}", false },
	{ "State", "20 ( SampleStopped )", true },
	{ "Unknown", "7 (No matching name)", true },
	{ "WideState", "fedcba9876543210 ( SampleLarge )", true },
	{ "Null", "(null) ", true },
	{ "Void", "0x00000000`00000004 Void", true },
	{ "Node", "0xffff8000`12341200 _SAMPLE_NODE", true },
	{ "NumberPointer", "0xffff8000`12341100  -> 0", true },
	{ "TextPointer", "0xffff8000`12341140  \"hello???\"", true },
	{ "Function", "0xfffff800`12341230     int ", true },
	{ "Bit", "0y1", true },
	{ "Two", "0y10", true },
	{ "Four", "0y1000", true },
	{ "Five", "0y10000 (0x10)", true },
	{ "Many", "0y00000000000011001000 (0xc8)", true },
};

static bool check_row(void *context, const struct imp_dt_row *row)
{
	size_t *next = context;

	assert_true(*next < sizeof(expected_values) / sizeof(*expected_values));
	assert_string_equal(row->name, expected_values[*next].name);
	if (expected_values[*next].text && strcmp(row->text, expected_values[*next].text) != 0)
		fail_msg("%s: \"%s\" instead of \"%s\"", row->name, row->text, expected_values[*next].text);
	assert_int_equal(row->has_value, expected_values[*next].has_value);
	assert_int_equal(row->address, memory_base + row->offset);
	assert_int_equal(row->depth, 0);
	if (strcmp(row->name, "StringPointer") == 0)
		assert_non_null(strstr(row->text, " _UNICODE_STRING \"\\Driver\""));
	if (strcmp(row->name, "Int") == 0)
		assert_int_equal(row->value, 0x60001);
	if (strcmp(row->name, "Short") == 0)
		assert_int_equal((int64_t)row->value, -2);
	if (strcmp(row->name, "Five") == 0)
		assert_int_equal(row->value, 16);
	++*next;
	return true;
}

static void test_values(void **state)
{
	struct imp_type type;
	size_t next = 0;

	(void)state;
	fill();
	succeed(imp_type_find(pdb, "sample_values", &type));
	succeed(imp_dt(&type, &(struct imp_dt_options){ .memory = memory, .address = memory_base }, check_row, &next));
	assert_int_equal(next, sizeof(expected_values) / sizeof(*expected_values));
}

static bool row_line(void *context, const struct imp_dt_row *row)
{
	char *listing = context;

	sprintf(listing + strlen(listing), "%*s+0x%03llx %-16s : %s\n", 3 + 3 * (int)row->depth, "", (unsigned long long)row->offset, row->name,
		row->text);
	return strlen(listing) < 60000;
}

/* Types only, one level deep: the layout of the walk-through's block, with the types that `dt` prints without an address. */
static void test_nested_types(void **state)
{
	static char listing[65536];
	struct imp_type type;

	(void)state;
	succeed(imp_type_find(pdb, "_SAMPLE_HEADER", &type));
	succeed(imp_dt(&type, &(struct imp_dt_options){ .depth = 1 }, row_line, listing));
	assert_string_equal(listing, "   +0x000 Lock             : Int4B\n"
				     "   +0x000 Type             : UChar\n"
				     "   +0x001 Signalling       : UChar\n"
				     "   +0x002 Size             : UChar\n"
				     "   +0x003 Reserved         : UChar\n"
				     "   +0x000 TimerType        : UChar\n"
				     "   +0x001 Absolute         : Pos 0, 1 Bit\n"
				     "   +0x001 Wake             : Pos 1, 1 Bit\n"
				     "   +0x001 EncodedTolerableDelay : Pos 2, 6 Bits\n"
				     "   +0x002 Hand             : UChar\n"
				     "   +0x003 Index            : Pos 0, 6 Bits\n"
				     "   +0x003 Inserted         : Pos 6, 1 Bit\n"
				     "   +0x003 Expired          : Pos 7, 1 Bit\n"
				     "   +0x004 SignalState      : Int4B\n"
				     "   +0x008 WaitListHead     : _LIST_ENTRY\n"
				     "      +0x000 Flink            : Ptr64 _LIST_ENTRY\n"
				     "      +0x008 Blink            : Ptr64 _LIST_ENTRY\n");
}

/* Values one level deep; what pointers lead to is listed as well, with offsets from its own start. */
static void test_nested_values(void **state)
{
	static char listing[65536];
	struct imp_type type;
	uint64_t self = memory_base + 0x1800;

	(void)state;
	memset(memory->bytes, 0, MEMORY_SIZE);
	put_at(self, &self, 8);
	succeed(imp_type_find(pdb, "_LIST_ENTRY", &type));
	succeed(imp_dt(&type, &(struct imp_dt_options){ .memory = memory, .address = self, .depth = 1 }, row_line, listing));
	assert_string_equal(listing, "   +0x000 Flink            : 0xffff8000`12341800 _LIST_ENTRY [ 0xffff8000`12341800 - 0x00000000`00000000 ]\n"
				     "      +0x000 Flink            : 0xffff8000`12341800 _LIST_ENTRY [ 0xffff8000`12341800 - 0x00000000`00000000 ]\n"
				     "      +0x008 Blink            : (null) \n"
				     "   +0x008 Blink            : (null) \n");
}

static void test_unreadable(void **state)
{
	static char listing[65536];
	struct imp_type type;

	(void)state;
	succeed(imp_type_find(pdb, "_SAMPLE_HEADER", &type));
	/* The last 8 bytes of the memory hold Lock and SignalState; the list lies behind its end. */
	memset(memory->bytes, 0, MEMORY_SIZE);
	succeed(imp_dt(&type, &(struct imp_dt_options){ .memory = memory, .address = memory_base + MEMORY_SIZE - 8 }, row_line, listing));
	assert_non_null(strstr(listing, "SignalState      : 0n0\n"));
	assert_non_null(strstr(listing, "WaitListHead     : _LIST_ENTRY ????????\n"));
	listing[0] = 0;
	succeed(imp_dt(&type, &(struct imp_dt_options){ .memory = memory, .address = 0x1000 }, row_line, listing));
	assert_non_null(strstr(listing, "Lock             : ????????\n"));
}

/* The rows of _SAMPLE_NODE (at `address` when that is not 0) for paths; names and texts of each, and what was not found. */
static const char *choose(const char *const *texts, size_t count, uint64_t address, bool elements)
{
	static char listing[65536];
	struct imp_dt_path paths[IMP_DT_PATHS] = { 0 };
	struct imp_dt_options options = { .paths = paths, .path_count = count, .address = address, .elements = elements };
	struct imp_type type;

	listing[0] = 0;
	for (size_t i = 0; i < count; i++)
		paths[i].text = texts[i];
	options.memory = address ? memory : NULL;
	succeed(imp_type_find(pdb, "_SAMPLE_NODE", &type));
	succeed(imp_dt(&type, &options, row_line, listing));
	for (size_t i = 0; i < count; i++)
		if (!paths[i].found)
			sprintf(listing + strlen(listing), "no %s\n", texts[i]);
	return listing;
}
#define CHOOSE(address, elements, ...) \
	choose((const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *), address, elements)

/* Offsets are those of sample.h as the compiler lays it out: test_types compares them with llvm-pdbutil's. */
static void test_choices(void **state)
{
	uint64_t first = memory_base, second = memory_base + 0x800;

	(void)state;
	assert_string_equal(CHOOSE(0, false, "NEXT", "sta*"), "   +0x018 Next             : Ptr64 _SAMPLE_NODE\n"
							      "   +0x0bc State            : sample_state\n");
	assert_string_equal(CHOOSE(0, false, "Header.SignalState", "Header.WaitListHead."), "   +0x000 Header           : \n"
											    "      +0x004 SignalState      : Int4B\n"
											    "      +0x008 WaitListHead     : \n"
											    "         +0x000 Flink            : Ptr64 _LIST_ENTRY\n"
											    "         +0x008 Blink            : Ptr64 _LIST_ENTRY\n");
	assert_string_equal(CHOOSE(0, false, "Next->State", "Header.Nothing", "Nothing"), "   +0x000 Header           : \n"
											  "   +0x018 Next             : Ptr64 _SAMPLE_NODE\n"
											  "      +0x0bc State            : sample_state\n"
											  "no Header.Nothing\n"
											  "no Nothing\n");
	assert_string_equal(CHOOSE(0, false, "Matrix[2]", "Matrix[3]", "Matrix[x]"), "   +0x080 Matrix           : [3] [5] Int4B\n"
										     "      +0x0a8 [02]             : [5] Int4B\n"
										     "no Matrix[3]\n"
										     "no Matrix[x]\n");
	assert_string_equal(CHOOSE(0, true, "Matrix"), "   +0x080 Matrix           : [3] [5] Int4B\n"
						       "      +0x080 [00]             : [5] Int4B\n"
						       "      +0x094 [01]             : [5] Int4B\n"
						       "      +0x0a8 [02]             : [5] Int4B\n");

	/* Elements without end cost nothing unless they are asked for. */
	assert_string_equal(CHOOSE(0, false, "Matrix[18446744073709551615]"), "   +0x080 Matrix           : [3] [5] Int4B\n"
									      "no Matrix[18446744073709551615]\n");

	memset(memory->bytes, 0, MEMORY_SIZE);
	put_at(first + 0x18, &second, 8);
	put_at(second + 0xbc, &(uint32_t){ 0x20 }, 4);
	assert_string_equal(CHOOSE(first, false, "Next.State", "Next.Next.Next.State"),
			    "   +0x018 Next             : 0xffff8000`12340800 _SAMPLE_NODE\n"
			    "      +0x018 Next             : (null) \n"
			    "      +0x0bc State            : 20 ( SampleStopped )\n");
}

static bool stop_at_second(void *context, const struct imp_dt_row *row)
{
	(void)row;
	return ++*(unsigned *)context < 2;
}

static void test_stops_and_refuses(void **state)
{
	struct imp_type type;
	struct imp_error *err;
	unsigned rows = 0;

	(void)state;
	succeed(imp_type_find(pdb, "_SAMPLE_NODE", &type));
	succeed(imp_dt(&type, &(struct imp_dt_options){ .depth = 3 }, stop_at_second, &rows));
	assert_int_equal(rows, 2);
	err = imp_dt(&type, &(struct imp_dt_options){ .depth = 1000 }, stop_at_second, &rows);
	assert_int_equal(imp_error_code(err), IMP_ERROR_USAGE);
	imp_error_free(err);
	succeed(imp_type_find(pdb, "sample_state", &type));
	err = imp_dt(&type, &(struct imp_dt_options){ .depth = 0 }, stop_at_second, &rows);
	assert_int_equal(imp_error_code(err), IMP_ERROR_USAGE);
	imp_error_free(err);
}

static void test_field_read(void **state)
{
	struct imp_field field;
	uint64_t value;

	(void)state;
	memset(memory->bytes, 0, MEMORY_SIZE);
	uint64_t bits = 0x1b; /* -5 in five bits */
	succeed(imp_field_find(pdb, "sample_slot", "Signed", &field));
	put_at(memory_base + field.offset, &bits, 4);
	succeed(imp_field_read(memory, &field, memory_base, &value));
	assert_int_equal((int64_t)value, -5);
	bits = 0xfabcdef5;
	succeed(imp_field_find(pdb, "sample_slot", "Middle", &field));
	put_at(memory_base + field.offset, &bits, 4);
	succeed(imp_field_read(memory, &field, memory_base, &value));
	assert_int_equal(value, 0xabcdef);
	succeed(imp_field_find(pdb, "_SAMPLE_NODE", "State", &field));
	bits = 0xffffffff;
	put_at(memory_base + field.offset, &bits, 4);
	succeed(imp_field_read(memory, &field, memory_base, &value));
	assert_int_equal((int64_t)value, -1);
	struct imp_error *err = imp_field_read(memory, &field, 0x1000, &value);
	assert_int_equal(imp_error_code(err), IMP_ERROR_FAULT);
	imp_error_free(err);
	succeed(imp_field_find(pdb, "_SAMPLE_NODE", "Header", &field));
	err = imp_field_read(memory, &field, memory_base, &value);
	assert_int_equal(imp_error_code(err), IMP_ERROR_USAGE);
	imp_error_free(err);
}

/* The walk-through's event: its bytes, and the block that `!mex.evt` printed of it, line by line. */
struct walk_through {
	FILE *text;
	unsigned rows;
};

static bool same_as_printed(void *context, const struct imp_dt_row *row)
{
	struct walk_through *printed = context;
	char line[512], ours[512];

	assert_non_null(fgets(line, sizeof(line), printed->text));
	line[strcspn(line, "\r\n")] = 0;
	/* What mex adds to `dt`: numbers in the other base, words. */
	static const char *const added[] = { " -->", " (0x60001)", " (0n0)" };
	for (unsigned i = 0; i < 3; i++) {
		char *at = strstr(line, added[i]);
		if (at)
			*at = 0;
	}
	snprintf(ours, sizeof(ours), "%*s+0x%03llx %-20s : %s", 3 + 3 * (int)row->depth, "", (unsigned long long)row->offset, row->name, row->text);
	assert_string_equal(ours, line);
	printed->rows++;
	return true;
}

static void test_walk_through(void **state)
{
	const char *shared = getenv("IMPASSE_SHARED");
	struct walk_through printed = { 0 };
	struct imp_pdb *kernel;
	struct imp_type type;
	char path[4096], line[512];
	const uint64_t links[] = { 0xffff8004d2e7d180, 0xffff8004d5773180 };

	(void)state;
	snprintf(path, sizeof(path), "%s/seed/event-deadlock.md", shared ? shared : PROJECT_DIR "/../shared");
	printed.text = fopen(path, "r");
	if (!printed.text || access(BUILD_DIR "/lab/ntkrnlmp.pdb", R_OK) != 0) {
		print_message("  not compared: %s\n", printed.text ? "the lab's kernel is not built" : "the walk-through is not there");
		if (printed.text)
			fclose(printed.text);
		skip();
	}
	succeed(imp_pdb_open(BUILD_DIR "/lab/ntkrnlmp.pdb", &kernel));
	succeed(imp_type_find(kernel, "_KEVENT", &type));
	memset(memory->bytes, 0, MEMORY_SIZE);
	put_at(memory_base, "\x01\x00\x06\x00", 4);
	put_at(memory_base + 8, links, sizeof(links));
	do {
		assert_non_null(fgets(line, sizeof(line), printed.text));
	} while (strncmp(line, "dt -r1 nt!_KEVENT", 17) != 0);
	assert_non_null(fgets(line, sizeof(line), printed.text));
	succeed(imp_dt(&type, &(struct imp_dt_options){ .memory = memory, .address = memory_base, .depth = 1 }, same_as_printed, &printed));
	assert_int_equal(printed.rows, 60);
	fclose(printed.text);
	imp_pdb_close(kernel);
}

static int set_up(void **state)
{
	(void)state;
	memory = calloc(1, sizeof(*memory));
	succeed(imp_pdb_open(SAMPLE_PDB, &pdb));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	imp_pdb_close(pdb);
	free(memory);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),     cmocka_unit_test(test_nested_types), cmocka_unit_test(test_nested_values),
		cmocka_unit_test(test_unreadable), cmocka_unit_test(test_choices),      cmocka_unit_test(test_stops_and_refuses),
		cmocka_unit_test(test_field_read), cmocka_unit_test(test_walk_through),
	};

	return cmocka_run_group_tests_name("dt", tests, set_up, tear_down);
}
