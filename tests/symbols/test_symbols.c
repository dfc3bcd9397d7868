/* Every public, global, function and source line of real PDBs, compared with what llvm-pdbutil says of them. */
#include "pdbutil.h"
#include "symbols/pdb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* A line's beginning, as llvm-pdbutil lists it. */
struct place {
	uint32_t rva, end; /* end: of the code that this and the lines with it describe */
	uint32_t number;
	const char *file;
};

struct witness {
	struct imp_pdb *pdb;
	struct pdbutil_sections sections;
	struct imp_symbol *symbols; /* all that imp_pdb_each gives */
	bool *named;                /* those that llvm-pdbutil lists as well */
	size_t count, capacity;
	char name[4096];
	bool pending;             /* the line with a symbol's address follows that with its name */
	unsigned compared, typed; /* typed: data whose type agrees as well */
	const char *file;
	char *files[4096];
	size_t file_count;
	struct place *places;
	size_t place_count, place_capacity;
	unsigned line_section, line_end;
	bool pending_data;
};

static void succeed(struct imp_error *err)
{
	if (err)
		fail_msg("%s", imp_error_message(err));
}

static bool collect(void *context, const struct imp_symbol *symbol)
{
	struct witness *witness = context;

	if (witness->count == witness->capacity) {
		witness->capacity = witness->capacity ? witness->capacity * 2 : 1024;
		witness->symbols = realloc(witness->symbols, witness->capacity * sizeof(*symbol));
		witness->named = realloc(witness->named, witness->capacity * sizeof(*witness->named));
	}
	if (witness->count)
		assert_true(symbol->rva >= witness->symbols[witness->count - 1].rva);
	witness->named[witness->count] = false;
	witness->symbols[witness->count++] = *symbol;
	return true;
}

static bool address(const struct witness *witness, const char *line, uint32_t *rva)
{
	const char *at = strstr(line, "addr = ");
	unsigned section, offset;

	if (!at || sscanf(at, "addr = %4u:%u", &section, &offset) != 2 || section == 0 || section > witness->sections.count)
		return false;
	*rva = witness->sections.rva[section - 1] + offset;
	return true;
}

/* Whether some symbol of this name lies at `rva`; its entry. */
static const struct imp_symbol *listed(const struct witness *witness, const char *name, uint32_t rva)
{
	size_t low = 0, high = witness->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (witness->symbols[middle].rva < rva)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < witness->count && witness->symbols[low].rva == rva; low++)
		if (strcmp(witness->symbols[low].name, name) == 0) {
			witness->named[low] = true;
			return &witness->symbols[low];
		}
	return NULL;
}

static void check_found(struct witness *witness, uint32_t rva)
{
	struct imp_symbol symbol;

	if (!listed(witness, witness->name, rva))
		fail_msg("%s at RVA 0x%x is not listed", witness->name, rva);
	/* By name: of several of one name any will do, but it must be one of them. */
	succeed(imp_pdb_find(witness->pdb, witness->name, &symbol));
	assert_string_equal(symbol.name, witness->name);
	assert_non_null(listed(witness, symbol.name, symbol.rva));
	/* By address: of several names of one address any will do. */
	succeed(imp_pdb_at(witness->pdb, rva, &symbol));
	if (symbol.rva != rva)
		fail_msg("RVA 0x%x of %s gives %s at 0x%x", rva, witness->name, symbol.name, symbol.rva);
	witness->compared++;
}

static void public_line(void *context, const char *line)
{
	struct witness *witness = context;
	uint32_t rva;

	if (strstr(line, "| S_PUB32 ")) {
		witness->pending = pdbutil_quoted(line, witness->name, sizeof(witness->name));
	} else if (witness->pending) {
		witness->pending = false;
		if (address(witness, line, &rva))
			check_found(witness, rva);
	}
}

static void global_line(void *context, const char *line)
{
	struct witness *witness = context;
	uint32_t rva, type;

	if (strstr(line, "| S_PROCREF ") || strstr(line, "| S_LPROCREF ")) {
		assert_true(pdbutil_quoted(line, witness->name, sizeof(witness->name)));
		struct imp_symbol found;
		succeed(imp_pdb_find(witness->pdb, witness->name, &found));
		assert_int_equal(found.kind, IMP_SYMBOL_FUNCTION);
		witness->compared++;
	} else if (strstr(line, "| S_GDATA32 ") || strstr(line, "| S_LDATA32 ")) {
		witness->pending = pdbutil_quoted(line, witness->name, sizeof(witness->name));
	} else if (witness->pending) {
		witness->pending = false;
		assert_int_equal(sscanf(line, " type = %x", &type), 1);
		if (!address(witness, line, &rva))
			return;
		check_found(witness, rva);
		/* An assembler may declare a function as data in another module; the function is listed then. And modules may differ about a
		 * type; one of them is listed.
		 */
		const struct imp_symbol *symbol = listed(witness, witness->name, rva);
		assert_true(symbol->kind != IMP_SYMBOL_PUBLIC);
		witness->typed += symbol->kind == IMP_SYMBOL_DATA && symbol->type_index == type;
	}
}

/* Of the variables that are listed, those that llvm-pdbutil has named or has not named so far. */
static unsigned data_symbols(const struct witness *witness, bool named)
{
	unsigned count = 0;

	for (size_t i = 0; i < witness->count; i++)
		count += witness->symbols[i].kind == IMP_SYMBOL_DATA && witness->named[i] == named;
	return count;
}

static void check_function(struct witness *witness, uint32_t rva, uint32_t size)
{
	const uint32_t inside[] = { 0, size / 2, size ? size - 1 : 0 };
	struct imp_symbol symbol;

	for (unsigned i = 0; i < 3; i++) {
		succeed(imp_pdb_at(witness->pdb, rva + inside[i], &symbol));
		/* Identical functions are folded to one address: then another's name is as right. */
		if (symbol.rva != rva || symbol.size != size)
			fail_msg("RVA 0x%x in %s (0x%x, %u bytes) gives %s (0x%x, %u bytes)", rva + inside[i], witness->name, rva, size, symbol.name,
				 symbol.rva, symbol.size);
		assert_int_equal(symbol.kind, IMP_SYMBOL_FUNCTION);
	}
	if (!listed(witness, witness->name, rva))
		fail_msg("function %s at RVA 0x%x is not listed", witness->name, rva);
	witness->compared++;
}

/* Functions of any kind with their sizes; data of the module, that which is static in a function too. */
static void module_line(void *context, const char *line)
{
	static const char *const functions[] = { "| S_GPROC32 ", "| S_LPROC32 ", "| S_GPROC32_ID ", "| S_LPROC32_ID ", "| S_LPROC32_DPC " };
	struct witness *witness = context;
	const char *at = strstr(line, "code size = ");
	uint32_t rva;

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (strstr(line, functions[i]))
			witness->pending = pdbutil_quoted(line, witness->name, sizeof(witness->name));
	if (strstr(line, "| S_LDATA32 ") || strstr(line, "| S_GDATA32 ") || strstr(line, "| S_LTHREAD32 ") || strstr(line, "| S_GTHREAD32 ")) {
		witness->pending_data = pdbutil_quoted(line, witness->name, sizeof(witness->name)) && *witness->name;
	} else if (witness->pending && at && address(witness, line, &rva)) {
		witness->pending = false;
		check_function(witness, rva, (uint32_t)strtoul(at + strlen("code size = "), NULL, 10));
	} else if (witness->pending_data && address(witness, line, &rva)) {
		witness->pending_data = false;
		check_found(witness, rva);
	}
}

static void add_place(struct witness *witness, struct place place)
{
	if (witness->place_count == witness->place_capacity) {
		witness->place_capacity = witness->place_capacity ? witness->place_capacity * 2 : 1024;
		witness->places = realloc(witness->places, witness->place_capacity * sizeof(place));
	}
	witness->places[witness->place_count++] = place;
}

/* `  0001:00003010-0000303E, line/addr entries = 9` begins a function; then come `NUMBER OFFSET [!]` several times a line. */
static void source_line(void *context, const char *line)
{
	struct witness *witness = context;
	unsigned section, begin, end;

	if (sscanf(line, " %4u:%8x-%8x, line/addr entries", &section, &begin, &end) == 3) {
		witness->line_section = section;
		witness->line_end = end;
		return;
	}
	/* A file: its name and, in brackets, its check sum. */
	const char *hash = strrchr(line, '(');
	if (line[0] && line[0] != ' ' && hash > line && strncmp(line, "Mod ", 4) != 0) {
		assert_true(witness->file_count < sizeof(witness->files) / sizeof(*witness->files));
		witness->file = witness->files[witness->file_count++] = strndup(line, (size_t)(hash - 1 - line));
		return;
	}
	if (!witness->line_section || line[0] != ' ')
		return;
	uint32_t base = witness->sections.rva[witness->line_section - 1];
	char number[16];
	unsigned offset;
	int length;
	for (; sscanf(line, " %15s %x%n", number, &offset, &length) == 2; line += length + strspn(line + length, " !")) {
		/* Code that debuggers always (ASI) or never (NSI) step into has no line; it belongs to the one before it. */
		if (strcmp(number, "ASI") != 0 && strcmp(number, "NSI") != 0)
			add_place(witness, (struct place){ base + offset, base + witness->line_end, (uint32_t)atoi(number), witness->file });
	}
}

static int compare_places(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	return (a->rva > b->rva) - (a->rva < b->rva);
}

/* The line at `rva` has to be one of the `count` that begin at places[0].rva. */
static void check_line(struct imp_pdb *pdb, uint32_t rva, const struct place *places, size_t count)
{
	struct imp_line found;

	succeed(imp_pdb_line(pdb, rva, &found));
	assert_int_equal(found.rva, places[0].rva);
	for (size_t i = 0; i < count; i++)
		if (places[i].number == found.number && strcmp(places[i].file, found.file) == 0)
			return;
	fail_msg("RVA 0x%x is of line %u of %s, not of line %u of %s", rva, places[0].number, places[0].file, found.number, found.file);
}

/* Each line at its first byte and at its last. */
static void check_lines(struct witness *witness)
{
	struct place *places = witness->places;
	size_t count;

	qsort(places, witness->place_count, sizeof(*places), compare_places);
	for (size_t i = 0; i < witness->place_count; i += count) {
		uint32_t end = places[i].end;

		for (count = 1; i + count < witness->place_count && places[i + count].rva == places[i].rva; count++)
			;
		if (i + count < witness->place_count && places[i + count].rva < end)
			end = places[i + count].rva;
		check_line(witness->pdb, places[i].rva, &places[i], count);
		if (end > places[i].rva)
			check_line(witness->pdb, end - 1, &places[i], count);
		witness->compared += (unsigned)count;
	}
	free(places);
	for (size_t i = 0; i < witness->file_count; i++)
		free(witness->files[i]);
}

static void compare_pdb(const char *path)
{
	struct witness witness = { 0 };

	succeed(imp_pdb_open(path, &witness.pdb));
	pdbutil_sections(path, &witness.sections);
	succeed(imp_pdb_each(witness.pdb, "*", collect, &witness));
	pdbutil_dump("-publics", path, public_line, &witness);
	print_message("    %u publics", witness.compared);
	assert_true(witness.compared > 0);
	witness.compared = 0;
	pdbutil_dump("-globals", path, global_line, &witness);
	print_message(", %u globals", witness.compared);
	assert_true(witness.compared > 0);
	assert_true(witness.typed >= data_symbols(&witness, true));
	witness.compared = 0;
	pdbutil_dump("-symbols", path, module_line, &witness);
	print_message(", %u functions and variables of modules", witness.compared);
	assert_int_equal(data_symbols(&witness, false), 0);
	assert_true(witness.compared > 0);
	witness.compared = 0;
	pdbutil_dump("-l", path, source_line, &witness);
	check_lines(&witness);
	print_message(", %u lines agree\n", witness.compared);
	assert_true(witness.compared > 0);
	free(witness.symbols);
	free(witness.named);
	imp_pdb_close(witness.pdb);
}

static void test_against_pdbutil(void **state)
{
	(void)state;
	assert_true(pdbutil_each_pdb(compare_pdb) > 0);
}

static void identity_line(void *context, const char *line)
{
	char *text = context;

	if (strstr(line, "GUID: {"))
		sscanf(strstr(line, "GUID: {"), "GUID: {%36s", text);
}

static void compare_identity(const char *path)
{
	char expected[64] = "", found[64];
	struct imp_guid guid;
	struct imp_pdb *pdb;
	uint32_t age;

	pdbutil_dump("-summary", path, identity_line, expected);
	succeed(imp_pdb_open(path, &pdb));
	imp_pdb_identity(pdb, &guid, &age);
	const uint8_t *b = guid.bytes;
	snprintf(found, sizeof(found), "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", b[3], b[2], b[1], b[0], b[5], b[4],
		 b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
	assert_string_equal(found, expected);
	assert_true(age > 0);
	imp_pdb_close(pdb);
}

static void test_identity(void **state)
{
	(void)state;
	pdbutil_each_pdb(compare_identity);
}

static bool keep_name(void *context, const struct imp_symbol *symbol)
{
	struct witness *witness = context;

	snprintf(witness->name + strlen(witness->name), sizeof(witness->name) - strlen(witness->name), " %s", symbol->name);
	return ++witness->count < 100;
}

/* The number of the first line of the sample's source that has `text`. */
static unsigned source_number(const char *text)
{
	FILE *source = fopen(TEST_SOURCE_DIR "/sample.c", "r");
	char line[512];
	unsigned number = 1;

	assert_non_null(source);
	while (fgets(line, sizeof(line), source) && !strstr(line, text))
		number++;
	fclose(source);
	return number;
}

/* What sample.c and other.c say of themselves. */
static void test_sample(void **state)
{
	struct witness witness = { 0 };
	struct imp_symbol symbol, by_address;
	struct imp_line line;
	struct imp_pdb *pdb;
	struct imp_error *err;

	(void)state;
	succeed(imp_pdb_open(SAMPLE_PDB, &pdb));
	succeed(imp_pdb_each(pdb, "samplefunc*", keep_name, &witness));
	assert_string_equal(witness.name, " SampleFunction");
	witness = (struct witness){ 0 };
	succeed(imp_pdb_each(pdb, "HELPER", keep_name, &witness)); /* one static function in each of two modules */
	assert_string_equal(witness.name, " helper helper");
	succeed(imp_pdb_find(pdb, "SampleFunction", &symbol));
	assert_int_equal(symbol.kind, IMP_SYMBOL_FUNCTION);
	assert_true(symbol.size > 8);
	succeed(imp_pdb_at(pdb, symbol.rva + 5, &by_address));
	assert_string_equal(by_address.name, "SampleFunction");
	succeed(imp_pdb_line(pdb, symbol.rva, &line));
	assert_non_null(strstr(line.file, "sample.c"));
	assert_int_equal(line.number, source_number(" SampleFunction(") + 1);               /* the opening brace */
	static const char *const data[] = { "SampleStatic", "SampleCalls", "SampleDepth" }; /* of the file, of a function, of a function and thread */
	for (size_t i = 0; i < sizeof(data) / sizeof(*data); i++) {
		char expected[64];

		succeed(imp_pdb_find(pdb, data[i], &symbol));
		assert_int_equal(symbol.kind, IMP_SYMBOL_DATA);
		assert_true(symbol.type_index > 0);
		succeed(imp_pdb_at(pdb, symbol.rva, &by_address));
		assert_string_equal(by_address.name, data[i]);
		snprintf(expected, sizeof(expected), " %s", data[i]);
		witness = (struct witness){ 0 };
		succeed(imp_pdb_each(pdb, data[i], keep_name, &witness));
		assert_string_equal(witness.name, expected);
	}
	err = imp_pdb_find(pdb, "NoSuchSymbol", &symbol);
	assert_non_null(err);
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	assert_non_null(strstr(imp_error_message(err), "NoSuchSymbol"));
	imp_error_free(err);
	err = imp_pdb_at(pdb, 0xffffff00, &symbol);
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	imp_error_free(err);
	err = imp_pdb_line(pdb, 0, &line);
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	imp_error_free(err);
	imp_pdb_close(pdb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_against_pdbutil),
		cmocka_unit_test(test_sample),
	};

	return cmocka_run_group_tests_name("symbols", tests, NULL, NULL);
}
