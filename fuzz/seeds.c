/* Writes the seeds that are not simply files: a dump, inputs of fuzz_unwind with each kind of unwind code, and small ISF tables. */
#include "hive_file.h"
#include "synthetic.h"
#include "symbols/dwarf_table.h"
#include "symbols/unpack.h"
#include "unwind_input.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void write_seed(const char *corpus, const char *folder, const char *name, const void *bytes, size_t size)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/%s", corpus, folder, name);
	file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file)) {
		perror(path);
		exit(1);
	}
}

static void write_triage(const char *corpus)
{
	size_t size;
	uint8_t *bytes = synthetic_triage(&size);

	write_seed(corpus, "dump", "triage", bytes, size);
	/* A session on the real one takes 20 times as long. */
	write_seed(corpus, "session", "triage", bytes, size);
	free(bytes);
}

static void write_dump(const char *corpus)
{
	struct synthetic made;

	synthetic_new(&made, 0x10, 8);
	synthetic_map(&made, 0xfffff80000000000, synthetic_take(&made, 1), 1);
	synthetic_set_entry(&made, 0xfffff80000200000, 1, 0x1e3);
	write_seed(corpus, "dump", "complete", made.bytes, made.size);
	write_seed(corpus, "dump", "truncated", made.bytes, made.size - 5000);
	synthetic_put32(&made, 0xf98, 5);
	memcpy(made.bytes + 0x2000, "SDMPDUMP", 8);
	synthetic_put64(&made, 0x2020, 0x3000);
	synthetic_put64(&made, 0x2030, 64);
	synthetic_put64(&made, 0x2038, 0xff00);
	write_seed(corpus, "dump", "bitmap", made.bytes, made.size);
	synthetic_put32(&made, 0xf98, 8);
	synthetic_put32(&made, 0x2000, 0x40);
	memcpy(made.bytes + 0x2004, "RDMPDUMP", 8);
	synthetic_put64(&made, 0x2010, 0x1000 - 0x20);
	synthetic_put64(&made, 0x2018, 0x3000);
	synthetic_put64(&made, 0x2030, 0x11);
	synthetic_put64(&made, 0x2038, 7);
	synthetic_put64(&made, 0x2040, 0);
	write_seed(corpus, "dump", "ranges", made.bytes, made.size);
	synthetic_elf(&made);
	write_seed(corpus, "dump", "elf", made.bytes, made.size);
	synthetic_free(&made);
}

/* A machine whose tables map one page through all levels, a large page, and themselves; and the same as raw memory, where a kernel is looked for. */
static void write_tables(const char *corpus)
{
	enum { PAGES = 6, RAW_PAGES = 256 };
	struct synthetic made;

	synthetic_new(&made, 0, PAGES);
	synthetic_map(&made, 0xfffff80000000000, synthetic_take(&made, 1), 1);
	synthetic_set_entry(&made, 0xfffff80000200000, 1, 0x1e3);
	synthetic_put64(&made, synthetic_offset(&made, 0) + 8 * 0x1ed, 0x63);
	write_seed(corpus, "tables", "self_map", synthetic_page(&made, 0), PAGES * 4096);
	synthetic_free(&made);

	synthetic_new(&made, 0, RAW_PAGES);
	synthetic_map(&made, 0xfffff80000000000, 8, 4);
	synthetic_put64(&made, synthetic_offset(&made, 0) + 8 * 0x1ed, 0x63);
	memcpy(synthetic_page(&made, 8), "MZ", 2);
	write_seed(corpus, "session", "raw", synthetic_page(&made, 0), RAW_PAGES * 4096);
	synthetic_free(&made);
}

static void write_hives(const char *corpus)
{
	uint8_t empty[HIVE_FILE_EMPTY] = { 0 };
	size_t size;
	uint8_t *filled = hive_file_filled(&size);

	hive_file_empty(empty);
	write_seed(corpus, "hive", "empty", empty, sizeof(empty));
	if (filled)
		write_seed(corpus, "hive", "filled", filled, size);
	free(filled);
}

static void write_expressions(const char *corpus)
{
	static const char *const lines[] = {
		"poi(nt!PsLoadedModuleList+0n16)*2 and (unsigned char)@rsp", "0y101 | 0t17 ^ `ffff << 3 mod 5",
		"dt -r2 nt!_EPROCESS @$proc ; us \"a;b\" | grep 'x;y'",      "!mex.us -a $t0;* remark",
		"((ULONG)(qwo(0xfffff80312345678))) >> 2 == not ~1",         "lmvm nt;~0s;? (nt!_EVENT*)x",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char name[16];

		snprintf(name, sizeof(name), "%zu", i);
		write_seed(corpus, "expression", name, lines[i], strlen(lines[i]));
	}
}

static void put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

/* One function over the code, with this UNWIND_INFO, unwound from its middle, where `code` stands; the stack returns into it. */
/* What the process that reads DWARF hands over. */
static void write_dwarf_table(const char *corpus)
{
	struct imp_dwarf_table table = { 0 };
	char path[4096];
	uint32_t name, file;
	int to;

	snprintf(path, sizeof(path), "%s/dwarf/table", corpus);
	to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (to < 0 || !imp_dwarf_table_string(&table, "function", &name) || !imp_dwarf_table_string(&table, "/file.c", &file) ||
	    !imp_dwarf_table_symbol(&table, 0x1000, 0x40, name) || !imp_dwarf_table_symbol(&table, 0x1040, 0x10, name) ||
	    !imp_dwarf_table_line(&table, 0x1000, file, 7) || !imp_dwarf_table_line(&table, 0x1008, file, 8) ||
	    !imp_dwarf_table_line(&table, 0x1050, IMP_DWARF_END_OF_LINES, 0) || !imp_dwarf_table_write(&table, "", to) || close(to)) {
		perror(path);
		exit(1);
	}
	imp_dwarf_table_free(&table);
}

static void write_unwind(const char *corpus, const char *name, const uint8_t *info, size_t info_size, const uint8_t *code, size_t code_size)
{
	uint8_t input[UNWIND_INPUT_STACK + 1024] = { 0 };

	put32(input + UNWIND_INPUT_RVA, UNWIND_IMAGE_CODE_START);
	input[UNWIND_INPUT_BASE_POINTER] = 0x40;
	put32(input + UNWIND_INPUT_PDATA, UNWIND_IMAGE_CODE);
	put32(input + UNWIND_INPUT_PDATA + 4, UNWIND_IMAGE_CODE + 0x1000);
	put32(input + UNWIND_INPUT_PDATA + 8, UNWIND_IMAGE_XDATA);
	memcpy(input + UNWIND_INPUT_XDATA, info, info_size);
	memcpy(input + UNWIND_INPUT_CODE, code, code_size);
	for (size_t at = UNWIND_INPUT_STACK; at < sizeof(input); at += 8) {
		uint64_t value = 0xfffff80010001300;

		memcpy(input + at, &value, sizeof(value));
	}
	write_seed(corpus, "unwind", name, input, sizeof(input));
}
#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

static void write_isf(const char *corpus)
{
	static const char table[] =
		"{\"metadata\":{\"format\":\"6.2.0\",\"windows\":{\"pdb\":{\"GUID\":\"00112233445566778899AABBCCDDEEFF\",\"age\":10,\"database\":\"a."
		"pdb\","
		"\"machine_type\":34404}}},\"base_types\":{\"int\":{\"kind\":\"int\",\"size\":4,\"signed\":true,\"endian\":\"little\"},\"void\":{"
		"\"kind\":"
		"\"void\",\"size\":0,\"signed\":false,\"endian\":\"little\"}},\"enums\":{\"_E\":{\"size\":4,\"base\":\"int\",\"constants\":{\"Low\":-"
		"2,"
		"\"\\u00dc\":1}}},\"user_types\":{\"large\":{\"kind\":\"struct\",\"size\":64,\"fields\":{\"Bits\":{\"offset\":4,\"type\":{\"kind\":"
		"\"bitfield\",\"bit_length\":3,\"bit_position\":5,\"type\":{\"kind\":\"enum\",\"name\":\"_E\"}}},\"values\":{\"offset\":8,\"type\":{"
		"\"kind\":\"array\",\"count\":9,\"subtype\":{\"kind\":\"base\",\"name\":\"int\"}}},\"Next\":{\"offset\":48,\"type\":{\"kind\":"
		"\"pointer\",\"subtype\":{\"kind\":\"struct\",\"name\":\"large\"}}},\"u\":{\"anonymous\":true,\"offset\":0,\"type\":{\"kind\":"
		"\"union\",\"name\":\"_U\"}},\"Call\":{\"offset\":56,\"type\":{\"kind\":\"pointer\",\"subtype\":{\"kind\":\"function\"}}}}},\"_U\":{"
		"\"kind\":\"union\",\"size\":4,\"fields\":{}}},\"symbols\":{\"frames_run\":{\"address\":4096},\"\\\"b\\\"\":{\"address\":8192}}}";

	write_seed(corpus, "isf", "small", table, sizeof(table) - 1);
}

/* The first members of each section of a real table. */
static void cut_isf(const char *corpus, const char *path)
{
	enum { KEPT = 40 };
	static const char *const sections[] = { "user_types", "enums", "symbols" };
	struct imp_unpacked unpacked;

	IMP_CLEANUP_ERROR struct imp_error *err = imp_unpack(path, 64 << 20, &unpacked);
	json_t *table = err ? NULL : json_loadb((const char *)unpacked.text.data, unpacked.text.size, 0, NULL);
	if (!table) {
		fprintf(stderr, "fuzz_seeds: %s\n", err ? imp_error_message(err) : path);
		exit(1);
	}
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		json_t *section = json_object_get(table, sections[i]), *entry;
		unsigned seen = 0;
		const char *name;
		void *next;

		json_object_foreach_safe(section, next, name, entry)
		{
			if (seen++ >= KEPT)
				json_object_del(section, name);
		}
	}
	char *text = json_dumps(table, JSON_COMPACT);
	write_seed(corpus, "isf", "real", text, strlen(text));
	free(text);
	json_decref(table);
	imp_unpacked_close(&unpacked);
}

int main(int argc, char **argv)
{
	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: fuzz_seeds FOLDER [ISF-TABLE]\n");
		return 1;
	}

	const char *corpus = argv[1];
	write_dump(corpus);
	write_tables(corpus);
	write_expressions(corpus);
	write_triage(corpus);
	write_dwarf_table(corpus);
	write_isf(corpus);
	write_hives(corpus);
	if (argc == 3)
		cut_isf(corpus, argv[2]);
	write_unwind(corpus, "push_alloc", BYTES(1, 5, 2, 0, 5, 0x42, 1, 0x30), BYTES(0x90));
	write_unwind(corpus, "large", BYTES(1, 20, 7, 0, 20, 0x11, 0x10, 0, 0, 0, 10, 0x01, 4, 0, 1, 0x70), BYTES(0x90));
	write_unwind(corpus, "frame", BYTES(1, 12, 4, 0x25, 12, 0x64, 3, 0, 8, 3, 4, 0x52, 1, 0x50), BYTES(0x48, 0x8d, 0x65, 0x10, 0x5d, 0xc3));
	write_unwind(corpus, "far", BYTES(1, 30, 9, 0, 30, 0x79, 0, 1, 0, 0, 20, 0x65, 0x40, 0, 0, 0, 10, 0x68, 2, 0, 4, 0x72), BYTES(0x90));
	write_unwind(corpus, "machine", BYTES(1, 5, 2, 0, 5, 0x42, 0, 0x1a), BYTES(0x90));
	write_unwind(corpus, "chained", BYTES(0x21, 5, 2, 0, 5, 0x34, 6, 0, 0, 0x10, 0, 0, 0, 0x20, 0, 0, 0x10, 0x30, 0, 0, 1, 4, 1, 0, 4, 0x32),
		     BYTES(0x90));
	write_unwind(corpus, "version2", BYTES(2, 5, 4, 0, 3, 0x16, 0, 6, 5, 0x42, 1, 0x30), BYTES(0x90));
	write_unwind(corpus, "epilogue", BYTES(1, 5, 2, 0, 5, 0x42, 1, 0x30), BYTES(0x48, 0x83, 0xc4, 0x28, 0x5b, 0x41, 0x5e, 0xc3));
	write_unwind(corpus, "jump", BYTES(1, 5, 2, 0, 5, 0x42, 1, 0x30), BYTES(0x48, 0x81, 0xc4, 0x28, 0, 0, 0, 0xe9, 0, 0, 1, 0));
	return 0;
}
