/* Questions to a program database, whatever it was made of: symbols by name and address, lines, types, their fields, and values of them in a memory
 * that is full of pointers to itself.
 */
#include "pdb_questions.h"
#include "synthetic.h"
#include "types/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* A question that visits is cut off after this many answers: a small input can hold many. */
enum { VISITS = 200 };

#define MEMORY       UINT64_C(0xfffff80000000000)
#define MEMORY_PAGES 4

static struct imp_memory *memory;

static bool visit_symbol(void *context, const struct imp_symbol *symbol)
{
	return symbol->name && ++*(unsigned *)context < VISITS;
}

static bool visit_field(void *context, const struct imp_field *field)
{
	char text[128];

	imp_type_text(&field->type, text, sizeof(text));
	return ++*(unsigned *)context < VISITS;
}

static bool visit_row(void *context, const struct imp_dt_row *row)
{
	(void)row;
	return ++*(unsigned *)context < VISITS;
}

static bool visit_type(void *context, const struct imp_type *type)
{
	unsigned fields = 0, rows = 0;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_type_fields(type, visit_field, &fields);
	IMP_CLEANUP_ERROR struct imp_error *dt_err = imp_dt(type, &(struct imp_dt_options){ .depth = 3 }, visit_row, &rows);

	rows = 0;
	IMP_CLEANUP_ERROR struct imp_error *value_err =
		imp_dt(type, &(struct imp_dt_options){ .memory = memory, .address = MEMORY + 8, .depth = 2 }, visit_row, &rows);

	return ++*(unsigned *)context < VISITS;
}

/* Once a process: pointers that go on to the next word, and every few words text or a number. */
static void make_memory(void)
{
	static struct synthetic dump;
	static struct imp_dump *opened;
	struct imp_error *err;
	uint64_t page;

	synthetic_new(&dump, 0x100, 16);
	page = synthetic_take(&dump, MEMORY_PAGES);
	for (uint64_t at = 0; at < MEMORY_PAGES * UINT64_C(4096); at += 8) {
		uint64_t word = at % 40 ? MEMORY + at + 8 : 0x0064006f006f0067 * at;

		memcpy(synthetic_page(&dump, page) + at, &word, sizeof(word));
	}
	synthetic_map(&dump, MEMORY, page, MEMORY_PAGES);
	err = imp_dump_open_bytes("memory", (struct imp_span){ dump.bytes, dump.size }, &opened);
	if (!err)
		err = imp_memory_new(opened, dump.directory_table_base, &memory);
	if (err)
		abort();
}

void fuzz_ask(struct imp_pdb *pdb)
{
	struct imp_symbol symbol;
	struct imp_line line;
	struct imp_type type;
	struct imp_field field;
	unsigned symbols = 0, types = 0;

	if (!memory)
		make_memory();
	IMP_CLEANUP_ERROR struct imp_error *find_err = imp_pdb_find(pdb, "frames_run", &symbol);
	IMP_CLEANUP_ERROR struct imp_error *each_err = imp_pdb_each(pdb, "*a*", visit_symbol, &symbols);
	for (uint32_t rva = 0x1000; rva < 0x2000; rva += 0x81) {
		IMP_CLEANUP_ERROR struct imp_error *at_err = imp_pdb_at(pdb, rva, &symbol);
		IMP_CLEANUP_ERROR struct imp_error *line_err = imp_pdb_line(pdb, rva, &line);
	}
	IMP_CLEANUP_ERROR struct imp_error *type_err = imp_type_find(pdb, "large", &type);
	IMP_CLEANUP_ERROR struct imp_error *field_err = imp_field_find(pdb, "large", "values[3]", &field);
	IMP_CLEANUP_ERROR struct imp_error *names_err = imp_type_names(pdb, "*", visit_type, &types);
}

const char *fuzz_file(const uint8_t *data, size_t size)
{
	static char path[64];
	static int file = -1;

	if (file < 0)
		file = memfd_create("fuzz", MFD_CLOEXEC);
	if (file < 0 || ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return path;
}
