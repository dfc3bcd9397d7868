/* Opening a dump: which format a file has, told by its signature and DumpType, and a sentence for what is not read.
 * What each format looks like inside is its own file's question.
 */
#include "dump/runs.h"
#include "dump/virtual.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* DumpType values: DUMP_TYPE_* in the published debugger headers; 8 to 10 are the newer kinds, named by the kdmp-parser project. */
static const struct imp_dump_format formats[] = {
	{ 1, "complete memory dump", NULL, imp_dump_complete_open, imp_runs_page, imp_runs_next, free, NULL },
	{ 2, "kernel memory dump", NULL, imp_dump_summary_open, imp_dump_bitmap_page, imp_dump_bitmap_next, free, NULL },
	{ 3, "header dump", "it holds no memory", NULL, NULL, NULL, NULL, NULL },
	{ 4, "small memory dump (triage)", NULL, imp_dump_triage_open, imp_dump_no_page, imp_dump_no_next, imp_dump_triage_close, imp_virtual_at },
	{ 5, "memory dump with page bitmap", NULL, imp_dump_bitmap_open, imp_dump_bitmap_page, imp_dump_bitmap_next, free, NULL },
	{ 6, "live kernel memory dump with page bitmap", NULL, imp_dump_bitmap_open, imp_dump_bitmap_page, imp_dump_bitmap_next, free, NULL },
	{ 7, "automatic memory dump", NULL, imp_dump_summary_open, imp_dump_bitmap_page, imp_dump_bitmap_next, free, NULL },
	{ 8, "kernel memory dump with page ranges", NULL, imp_dump_ranges_open, imp_runs_page, imp_runs_next, free, NULL },
	{ 9, "kernel and user memory dump with page ranges", NULL, imp_dump_ranges_open, imp_runs_page, imp_runs_next, free, NULL },
	{ 10, "complete memory dump with page ranges", NULL, imp_dump_ranges_open, imp_runs_page, imp_runs_next, free, NULL },
};

static void keep(void *state)
{
	(void)state;
}

static const struct imp_dump_format elf_core = { 0, "ELF core of a machine", NULL, imp_dump_elf_open, imp_runs_page, imp_runs_next, free, NULL };
static const struct imp_dump_format raw_memory = {
	0, "raw physical memory", NULL, imp_dump_raw_open, imp_dump_raw_page, imp_dump_raw_next, keep, NULL
};

/* Other files that people mistake for a kernel dump, by their first bytes. */
static const struct signature {
	const char *bytes;
	const char *name;
} signatures[] = {
	{ "PAGEDUMP", "a 32-bit Windows crash dump; only 64-bit ones are read" },
	{ "MDMP", "a user-mode minidump of one process; a kernel dump is needed" },
	{ "KDUMP   ", "a compressed dump of a Linux kernel" },
	{ "hibr", "a hibernation file" },
	{ "HIBR", "a hibernation file" },
	{ "MZ", "a program or driver image" },
	{ "Microsoft C/C++", "a program database (PDB)" },
};

static bool starts_with(struct imp_span bytes, const char *signature)
{
	size_t size = strlen(signature);

	return imp_span_has(bytes, 0, size) && !memcmp(bytes.data, signature, size);
}

/* NULL when `bytes` are none of the files that people mistake for a dump. */
static struct imp_error *refuse_known(struct imp_span bytes)
{
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		if (starts_with(bytes, signatures[i].bytes))
			return imp_error_new(IMP_ERROR_FORMAT, "not a 64-bit Windows crash dump: it is %s", signatures[i].name);
	}
	return NULL;
}

static struct imp_error *refuse(struct imp_span bytes)
{
	char shown[4 * 8 + 1];
	size_t length = 0;

	if (!bytes.size)
		return imp_error_new(IMP_ERROR_FORMAT, "not a Windows crash dump: the file is empty, expected PAGEDU64");
	for (size_t i = 0; i < 8 && i < bytes.size; i++)
		length += (size_t)snprintf(shown + length, sizeof(shown) - length, isprint(bytes.data[i]) ? "%c" : "\\x%02x", bytes.data[i]);
	return imp_error_new(IMP_ERROR_FORMAT, "not a Windows crash dump: starts with %s, expected PAGEDU64", shown);
}

const uint8_t *imp_dump_no_page(const struct imp_dump *dump, uint64_t pfn)
{
	(void)dump;
	(void)pfn;
	return NULL;
}

uint64_t imp_dump_no_next(const struct imp_dump *dump, uint64_t pfn)
{
	(void)dump;
	(void)pfn;
	return UINT64_MAX;
}

static struct imp_error *open_as(struct imp_dump *dump, const struct imp_dump_format *format)
{
	dump->info.format = format->name;
	dump->format = format;
	return format->open(dump);
}

static struct imp_error *open_without_header(struct imp_dump *dump)
{
	struct imp_error *err;

	/* The memory of a machine may begin with the ELF image that it was started from; a core is told from that by its type. */
	if (imp_dump_is_elf(dump->bytes) && (imp_dump_is_elf_core(dump->bytes) || !imp_dump_is_raw(dump->bytes)))
		return open_as(dump, &elf_core);
	err = refuse_known(dump->bytes);
	if (err)
		return err;
	return imp_dump_is_raw(dump->bytes) ? open_as(dump, &raw_memory) : refuse(dump->bytes);
}

static struct imp_error *open_format(struct imp_dump *dump)
{
	if (!starts_with(dump->bytes, "PAGEDU64"))
		return open_without_header(dump);

	struct imp_error *err = imp_dump_header64(dump->bytes, &dump->info);
	if (err)
		return err;
	if (dump->info.attributes & IMP_DUMP_ENCRYPTED)
		return imp_error_new(IMP_ERROR_FORMAT, "this crash dump is encrypted: it has to be decrypted with its key before it can be read");
	imp_span_slice(dump->bytes, 0, DUMP_HEADER64_SIZE, &dump->header);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const struct imp_dump_format *format = &formats[i];

		if (format->type != dump->info.dump_type)
			continue;
		if (!format->open)
			return imp_error_new(IMP_ERROR_FORMAT, "a %s (type %" PRIu32 ") cannot be opened: %s", format->name, format->type,
					     format->why);
		return open_as(dump, format);
	}
	return imp_error_new(
		IMP_ERROR_FORMAT,
		"unknown dump type %" PRIu32 " (0x%" PRIx32
		"), expected 1 (complete memory dump), 4 (small memory dump), 2 or 5 to 7 (with page bitmap), 8 to 10 (with page ranges)",
		dump->info.dump_type, dump->info.dump_type);
}

static struct imp_error *dump_new(const char *name, struct imp_dump **dump)
{
	*dump = calloc(1, sizeof(**dump));
	if (*dump)
		(*dump)->path = strdup(name);
	if (*dump && (*dump)->path)
		return NULL;
	free(*dump);
	*dump = NULL;
	return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
}

/* Reads the format of `dump`, whose bytes are there; takes it over and hands it on through `result`, or frees it. */
static struct imp_error *dump_finish(struct imp_dump *dump, struct imp_dump **result)
{
	struct imp_error *err = imp_error_context(open_format(dump), "%s", dump->path);

	if (err)
		imp_dump_close(dump);
	else
		*result = dump;
	return err;
}

struct imp_error *imp_dump_open(const char *path, struct imp_dump **result)
{
	struct imp_dump *dump;
	struct imp_error *err = dump_new(path, &dump);

	*result = NULL;
	if (err)
		return err;
	err = imp_file_open(path, &dump->file);
	if (err) {
		imp_dump_close(dump);
		return err;
	}
	dump->bytes = dump->file.bytes;
	return dump_finish(dump, result);
}

struct imp_error *imp_dump_open_bytes(const char *name, struct imp_span bytes, struct imp_dump **result)
{
	struct imp_dump *dump;
	struct imp_error *err = dump_new(name, &dump);

	*result = NULL;
	if (err)
		return err;
	dump->bytes = bytes;
	return dump_finish(dump, result);
}

void imp_dump_close(struct imp_dump *dump)
{
	if (!dump)
		return;
	if (dump->format)
		dump->format->close(dump->state);
	imp_file_close(&dump->file);
	free(dump->path);
	free(dump);
}

const struct imp_dump_info *imp_dump_info(const struct imp_dump *dump)
{
	return &dump->info;
}

struct imp_span imp_dump_header(const struct imp_dump *dump)
{
	return dump->header;
}

const char *imp_dump_path(const struct imp_dump *dump)
{
	return dump->path;
}

const uint8_t *imp_dump_page(const struct imp_dump *dump, uint64_t pfn)
{
	return dump->format->page(dump, pfn);
}

uint64_t imp_dump_next_page(const struct imp_dump *dump, uint64_t pfn)
{
	return dump->format->next(dump, pfn);
}

bool imp_dump_is_virtual(const struct imp_dump *dump)
{
	return dump->format->virtual;
}

struct imp_span imp_dump_virtual(const struct imp_dump *dump, uint64_t address)
{
	return dump->format->virtual ? dump->format->virtual(dump, address) : (struct imp_span){ 0 };
}
