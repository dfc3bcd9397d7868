/* DWARF and COFF symbols in images, against llvm-symbolizer for every byte of code, and in images that are not what they should be: cut ones and ones
 * with bytes changed at random (seeded).
 */
#include "base/sandbox.h"
#include "symbols/dwarf_read.h"
#include "symbols/symbols.h"
#include "types/render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define IMAGE(version) DWARF_SAMPLES "_" version ".sys"

#define BASE UINT64_C(0x140000000)

enum { SEED = 20261122, ROUNDS = 100, MOST_CHANGES = 24 };

static struct imp_dwarf *open_image(const char *path)
{
	struct imp_dwarf *dwarf;
	struct imp_pe *image;

	assert_null(imp_pe_open_file(path, &image));
	assert_null(imp_dwarf_open(image, &dwarf));
	assert_string_equal(imp_dwarf_path(dwarf), path);
	assert_null(imp_dwarf_problem(dwarf));
	return dwarf;
}

static void text_section(const char *path, struct imp_pe_section *text)
{
	struct imp_pe *image;

	assert_null(imp_pe_open_file(path, &image));
	assert_true(imp_pe_section(image, 0, text));
	assert_string_equal(text->name, ".text");
	imp_pe_close(image);
}

/* What llvm-symbolizer says of one address. */
struct witness {
	char function[512], file[512];
	unsigned long long start;
	unsigned line;
};

static bool next_line(FILE *from, char *text, size_t size)
{
	if (!fgets(text, (int)size, from))
		return false;
	text[strcspn(text, "\n")] = '\0';
	return true;
}

/* One answer of --verbose: for each function at the address, innermost inlined one first, its name and lines "  KEY: VALUE"; then an empty line. The
 * line is the innermost one's, the function the one that is no inlined instance.
 */
static bool next_witness(FILE *from, struct witness *witness)
{
	char text[512];

	memset(witness, 0, sizeof(*witness));
	while (next_line(from, text, sizeof(text)) && *text) {
		if (*text != ' ') {
			snprintf(witness->function, sizeof(witness->function), "%s", text);
			witness->start = 0;
		}
		if (!*witness->file)
			sscanf(text, " Filename: %511s", witness->file);
		if (!witness->line)
			sscanf(text, " Line: %u", &witness->line);
		sscanf(text, " Function start address: %llx", &witness->start);
	}
	return *witness->function;
}

static FILE *ask_symbolizer(const char *path, const struct imp_pe_section *text)
{
	char script[] = "/tmp/impasse-dwarf-XXXXXX", *command;
	int file = mkstemp(script);
	FILE *questions = fdopen(file, "w"), *answers;

	for (uint32_t rva = text->rva; rva < text->rva + text->virtual_size; rva++)
		fprintf(questions, "0x%x\n", rva);
	assert_int_equal(fclose(questions), 0);
	assert_true(asprintf(&command, "exec 3<%s; rm %s; %s --obj=%s --inlines --functions=short --relative-address --verbose <&3", script, script,
			     SYMBOLIZER, path) > 0);
	answers = popen(command, "r");
	assert_non_null(answers);
	free(command);
	return answers;
}

static void compare_with_symbolizer(const char *path)
{
	struct imp_dwarf *dwarf = open_image(path);
	struct imp_pe_section text;
	struct witness witness;
	unsigned functions = 0, lines = 0;

	text_section(path, &text);
	FILE *answers = ask_symbolizer(path, &text);
	for (uint32_t rva = text.rva; rva < text.rva + text.virtual_size; rva++) {
		struct imp_symbol symbol;
		struct imp_line line;

		assert_true(next_witness(answers, &witness));
		struct imp_error *err = imp_dwarf_at(dwarf, rva, &symbol);
		/* Where it knows no line, its name may be a COFF symbol's, of which several can be at one address. */
		if (strcmp(witness.function, "??") != 0 && witness.line) {
			if (err || strcmp(symbol.name, witness.function) != 0)
				fail_msg("0x%x is in %s, not %s", rva, witness.function, err ? imp_error_message(err) : symbol.name);
			assert_int_equal(symbol.kind, IMP_SYMBOL_FUNCTION);
			assert_true(rva - symbol.rva < symbol.size);
			assert_true(!witness.start || symbol.rva == (uint32_t)(witness.start - BASE));
			functions++;
		}
		imp_error_free(err);
		err = imp_dwarf_line(dwarf, rva, &line);
		if (witness.line) {
			if (err || line.number != witness.line || strcmp(line.file, witness.file) != 0)
				fail_msg("0x%x is %s:%u, not %s:%u", rva, witness.file, witness.line, err ? imp_error_message(err) : line.file,
					 err ? 0 : line.number);
			lines++;
		} else {
			assert_non_null(err);
		}
		imp_error_free(err);
	}
	assert_int_equal(pclose(answers), 0);
	print_message("  %s: %u of %u bytes in functions, %u with lines\n", path, functions, text.virtual_size, lines);
	assert_true(functions > 100 && lines > 100);
	imp_dwarf_close(dwarf);
}

static void test_each_byte(void **state)
{
	(void)state;
	compare_with_symbolizer(IMAGE("4"));
	compare_with_symbolizer(IMAGE("5"));
}

/* What the sample's own source says. */
static void test_functions(void **state)
{
	static const char *const images[] = { IMAGE("4"), IMAGE("5") };
	struct imp_symbol symbol, at;
	struct imp_line line;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct imp_dwarf *dwarf = open_image(images[i]);
		const struct imp_symbols symbols = { .dwarf = dwarf };

		assert_string_equal(imp_symbols_kind(&symbols), "dwarf");
		assert_null(imp_symbols_find(&symbols, "DwarfLoop", &symbol));
		assert_int_equal(symbol.kind, IMP_SYMBOL_FUNCTION);
		assert_true(symbol.size > 16);
		assert_null(imp_symbols_at(&symbols, symbol.rva + 5, &at));
		assert_string_equal(at.name, "DwarfLoop");
		assert_int_equal(at.rva, symbol.rva);
		assert_null(imp_symbols_line(&symbols, symbol.rva, &line));
		assert_string_equal(strrchr(line.file, '/') + 1, "dwarf_sample.c");
		/* No compiler described this one: it has a COFF symbol and no line. */
		assert_null(imp_symbols_find(&symbols, "DwarfAssembly", &symbol));
		assert_int_equal(symbol.kind, IMP_SYMBOL_PUBLIC);
		assert_null(imp_symbols_at(&symbols, symbol.rva + 2, &at));
		assert_string_equal(at.name, "DwarfAssembly");
		assert_null(imp_symbols_find(&symbols, "DwarfGlobal", &symbol));
		struct imp_error *err = imp_symbols_find(&symbols, "NoSuchFunction", &symbol);
		assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
		imp_error_free(err);
		imp_dwarf_close(dwarf);
	}
}

struct listing {
	uint32_t last;
	unsigned count, helpers;
};

static bool list(void *context, const struct imp_symbol *symbol)
{
	struct listing *listing = context;

	assert_true(symbol->rva >= listing->last);
	listing->last = symbol->rva;
	listing->count++;
	listing->helpers += strcmp(symbol->name, "helper") == 0;
	return true;
}

static void test_list(void **state)
{
	struct imp_dwarf *dwarf = open_image(IMAGE("4"));
	struct listing all = { 0 }, helpers = { 0 };

	(void)state;
	assert_null(imp_dwarf_each(dwarf, "*", list, &all));
	assert_null(imp_dwarf_each(dwarf, "HELP*", list, &helpers));
	assert_true(all.count > 8);
	assert_int_equal(all.helpers, 2); /* each unit has one, and neither is listed twice for its COFF symbol */
	assert_int_equal(helpers.count, 2);
	imp_dwarf_close(dwarf);
}

/* Without DWARF the same names are there, as COFF symbols. */
static void test_coff_only(void **state)
{
	struct imp_dwarf *with = open_image(IMAGE("4")), *without = open_image(IMAGE("0"));
	const struct imp_symbols symbols = { .dwarf = without };
	struct imp_symbol symbol, other;
	struct imp_line line;

	(void)state;
	assert_string_equal(imp_symbols_kind(&symbols), "coff");
	assert_null(imp_dwarf_find(with, "DwarfLoop", &symbol));
	assert_null(imp_symbols_find(&symbols, "DwarfLoop", &other));
	assert_int_equal(symbol.rva, other.rva);
	assert_null(imp_symbols_at(&symbols, symbol.rva + 7, &other));
	assert_string_equal(other.name, "DwarfLoop");
	struct imp_error *err = imp_symbols_line(&symbols, symbol.rva, &line);
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	imp_error_free(err);
	imp_dwarf_close(with);
	imp_dwarf_close(without);
}

/* In this process, where the sanitizers' findings are seen: the same functions and lines as from the other. */
static void test_in_this_process(void **state)
{
	static const char *const images[] = { IMAGE("4"), IMAGE("5") };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct imp_dwarf_table here = { 0 }, apart = { 0 };
		char problem[128];
		struct imp_pe *image;

		assert_null(imp_pe_open_file(images[i], &image));
		imp_dwarf_read(image, &here, problem, sizeof(problem));
		assert_string_equal(problem, "");
		assert_null(imp_dwarf_read_apart(image, &apart, problem, sizeof(problem)));
		assert_string_equal(problem, "");
		assert_true(here.symbol_count > 5 && here.line_count > 20);
		assert_int_equal(here.symbol_count, apart.symbol_count);
		assert_int_equal(here.line_count, apart.line_count);
		assert_memory_equal(here.symbols, apart.symbols, here.symbol_count * sizeof(*here.symbols));
		assert_memory_equal(here.lines, apart.lines, here.line_count * sizeof(*here.lines));
		imp_dwarf_table_free(&here);
		imp_dwarf_table_free(&apart);
		imp_pe_close(image);
	}
}

/* A confined process can still write to the one file that it kept, and can open no other. */
static void test_confinement(void **state)
{
	int ends[2], status;
	char seen = 0;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		bool confined = imp_sandbox_compute_only(ends[1]);
		char result = !confined ? '?' : open("/dev/null", O_RDONLY) < 0 && socket(AF_INET, SOCK_STREAM, 0) < 0 && fork() < 0 ? 'y' : 'n';

		_exit(write(ends[1], &result, 1) == 1 ? 0 : 1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &seen, 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(ends[0]);
	if (seen == '?')
		print_message("  this system cannot confine a process\n");
	else
		assert_int_equal(seen, 'y');
}

static uint8_t *read_whole(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	*size = (size_t)ftell(file);
	rewind(file);
	uint8_t *bytes = malloc(*size);
	assert_int_equal(fread(bytes, 1, *size, file), *size);
	fclose(file);
	return bytes;
}

static uint32_t random_state;

static uint32_t random_number(void)
{
	/* Numerical Recipes' generator: the same everywhere. */
	random_state = random_state * 1664525u + 1013904223u;
	return random_state >> 8;
}

static bool count_row(void *context, const struct imp_dt_row *row)
{
	return strlen(row->text) < SIZE_MAX && ++*(unsigned *)context < 200;
}

static bool ask_type(void *context, const struct imp_type *type)
{
	unsigned rows = 0;

	(void)context;
	imp_error_free(imp_dt(type, &(struct imp_dt_options){ .depth = 2 }, count_row, &rows));
	return true;
}

/* Opens and asks: an answer or a sentence, in a time that people wait. */
static bool ask_everything(const uint8_t *bytes, size_t size)
{
	struct imp_dwarf *dwarf;
	struct imp_pe *image;
	struct imp_symbol symbol;
	struct imp_pdb *types;
	struct imp_line line;
	struct listing listing = { 0 };
	struct timespec start, end;
	struct imp_error *err = imp_pe_open_bytes("damaged.sys", (struct imp_span){ bytes, size }, &image);

	clock_gettime(CLOCK_MONOTONIC, &start);
	if (!err)
		err = imp_dwarf_open(image, &dwarf);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - start.tv_sec < 30);
	if (err) {
		assert_true(strlen(imp_error_message(err)) > 10);
		imp_error_free(err);
		return false;
	}
	for (uint32_t rva = 0; rva < 0x3000; rva += 7) {
		imp_error_free(imp_dwarf_at(dwarf, rva, &symbol));
		imp_error_free(imp_dwarf_line(dwarf, rva, &line));
	}
	imp_error_free(imp_dwarf_find(dwarf, "DwarfLoop", &symbol));
	imp_error_free(imp_dwarf_each(dwarf, "*", list, &listing));
	err = imp_dwarf_types(dwarf, &types);
	if (!err)
		err = imp_type_names(types, "*", ask_type, NULL);
	assert_true(!err || strlen(imp_error_message(err)) > 10);
	imp_error_free(err);
	imp_dwarf_close(dwarf);
	return true;
}

static void damage(const char *path)
{
	unsigned opened = 0;
	size_t size;
	uint8_t *good = read_whole(path, &size), *bad = malloc(size);

	random_state = SEED;
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned changes = 1 + random_number() % MOST_CHANGES;

		memcpy(bad, good, size);
		/* One in four leaves the headers as they are, so that all of it is debug information that is damaged. */
		for (unsigned i = 0; i < changes; i++)
			bad[round % 4 ? 0x400 + random_number() % (size - 0x400) : random_number() % size] = (uint8_t)random_number();
		opened += ask_everything(bad, round % 8 == 7 ? random_number() % size : size);
	}
	print_message("  seed %u: %u of %u damaged copies of %s still opened\n", SEED, opened, ROUNDS, path);
	free(good);
	free(bad);
}

static void test_damage(void **state)
{
	(void)state;
	damage(IMAGE("4"));
	damage(IMAGE("5"));
	damage(IMAGE("0"));
}

static bool add_row(void *context, const struct imp_dt_row *row)
{
	FILE *listing = context;

	return fprintf(listing, "%u +0x%03llx %s : %s\n", row->depth, (unsigned long long)row->offset, row->name, row->text) > 0;
}

static bool add_enumerator(void *context, const char *name, int64_t value)
{
	return fprintf(context, "%s = %lld\n", name, (long long)value) > 0;
}

/* A type with all that is below it. */
static char *list_type(struct imp_pdb *pdb, const char *name)
{
	struct imp_type type;
	char *text = NULL;
	size_t size;
	FILE *listing = open_memstream(&text, &size);
	struct imp_error *err = imp_type_find(pdb, name, &type);

	if (!err) {
		fprintf(listing, "%s, %llu bytes\n", type.name, (unsigned long long)type.size);
		err = type.kind == IMP_TYPE_ENUM ? imp_type_enumerators(&type, add_enumerator, listing)
						 : imp_dt(&type, &(struct imp_dt_options){ .depth = 3 }, add_row, listing);
	}
	fclose(listing);
	if (err)
		fail_msg("%s", imp_error_message(err));
	return text;
}

/* Says which line is the first that differs: the whole texts are long. */
static void same_lines(const char *found, const char *expected)
{
	while (*found && strcspn(found, "\n") == strcspn(expected, "\n") && strncmp(found, expected, strcspn(found, "\n") + 1) == 0) {
		found += strcspn(found, "\n") + 1;
		expected += strcspn(expected, "\n") + 1;
	}
	if (*found || *expected)
		fail_msg("\"%.*s\" should be \"%.*s\"", (int)strcspn(found, "\n"), found, (int)strcspn(expected, "\n"), expected);
}

/* Types as GCC's DWARF has them, against those in the PDB that clang makes of the same source. */
static void test_types(void **state)
{
	static const char *const names[] = { "_DWARF_NODE", "DWARF_PAIR", "dwarf_number", "dwarf_inner", "dwarf_state" };
	static const char *const images[] = { IMAGE("4"), IMAGE("5") };
	struct imp_pdb *theirs, *ours;

	(void)state;
	assert_null(imp_pdb_open(DWARF_SAMPLES ".pdb", &theirs));
	for (size_t i = 0; i < 2; i++) {
		struct imp_dwarf *dwarf = open_image(images[i]);

		assert_null(imp_dwarf_types(dwarf, &ours));
		for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
			char *expected = list_type(theirs, names[n]), *found = list_type(ours, names[n]);

			/* clang's names tell in what an unnamed structure lies. */
			for (char *at = expected, *end; (at = strstr(at, " : ")) && (end = strstr(at, "::<")); at += 3)
				if (end < strchr(at, '\n'))
					memmove(at + 3, strstr(at, "<unnamed-tag>\n"), strlen(strstr(at, "<unnamed-tag>\n")) + 1);
			same_lines(found, expected);
			free(expected);
			free(found);
		}
		imp_dwarf_close(dwarf);
	}
	imp_pdb_close(theirs);
	struct imp_dwarf *coff = open_image(IMAGE("0"));
	struct imp_error *err = imp_dwarf_types(coff, &ours);
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	assert_non_null(strstr(imp_error_message(err), "COFF symbols only"));
	imp_error_free(err);
	imp_dwarf_close(coff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_byte), cmocka_unit_test(test_functions),       cmocka_unit_test(test_list),
		cmocka_unit_test(test_coff_only), cmocka_unit_test(test_in_this_process), cmocka_unit_test(test_confinement),
		cmocka_unit_test(test_damage),    cmocka_unit_test(test_types),
	};

	return cmocka_run_group_tests_name("dwarf", tests, NULL, NULL);
}
