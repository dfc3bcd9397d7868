/* Opening a kernel: where its image lies, which PDB belongs to it, and what to say when that is not at hand. */
#include "dump/triage.h"
#include "nt/debugger_data.h"
#include "nt/find.h"
#include "nt/kernel.h"
#include "nt/dispatcher.h"
#include "nt/modules.h"
#include "nt/processor.h"
#include "nt/symbol_paths.h"
#include "nt/triage.h"
#include "nt/paging.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* PsLoadedModuleList is a variable of the kernel image, so the image starts at most this far below it. */
	KERNEL_SEARCH_PAGES = 16384,
	DOS_SIGNATURE = 0x5a4d,
};

void imp_kernel_note(struct imp_kernel *kernel, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	if (!text)
		return;
	for (size_t i = 0; i < kernel->note_count; i++) {
		if (!strcmp(kernel->notes[i], text)) {
			free(text);
			return;
		}
	}
	if (kernel->note_count == sizeof(kernel->notes) / sizeof(kernel->notes[0])) {
		free(text);
		return;
	}
	kernel->notes[kernel->note_count++] = text;
}

void imp_kernel_note_error(struct imp_kernel *kernel, struct imp_error *err)
{
	/* What Ctrl-C ended is not damaged; that it was ended is said once, as the command's error. */
	enum imp_error_code code = err ? imp_error_code(err) : IMP_ERROR_INTERRUPTED;

	/* In a dump of a few blocks most memory is missing: that is said once, not for each thing that would lie there. */
	if (code == IMP_ERROR_FAULT && imp_dump_is_virtual(kernel->dump))
		imp_kernel_note(kernel, "a small memory dump holds only a few blocks of memory: what does not lie in them is left out here");
	else if (code != IMP_ERROR_INTERRUPTED)
		imp_kernel_note(kernel, "%s", imp_error_message(err));
	imp_error_free(err);
}

void imp_kernel_notes(struct imp_kernel *kernel, void (*take)(void *context, const char *note), void *context)
{
	for (size_t i = 0; i < kernel->note_count; i++) {
		if (take)
			take(context, kernel->notes[i]);
		free(kernel->notes[i]);
	}
	kernel->note_count = 0;
}

/* Whether an image that is loaded at `base` contains `inside`. */
static bool is_kernel_image(struct imp_kernel *kernel, uint64_t base, uint64_t inside, struct imp_pe **pe)
{
	uint16_t signature;
	struct imp_error *err = imp_memory_u16(kernel->memory, base, &signature);

	if (!err && signature != DOS_SIGNATURE)
		return false;
	if (!err)
		err = imp_pe_open_memory(kernel->memory, base, pe);
	if (err) {
		imp_error_free(err);
		return false;
	}
	if (inside - base < imp_pe_info(*pe)->size_of_image)
		return true;
	imp_pe_close(*pe);
	*pe = NULL;
	return false;
}

void imp_kernel_name_image(struct imp_kernel *kernel)
{
	snprintf(kernel->nt.name, sizeof(kernel->nt.name), "ntoskrnl.exe");
	snprintf(kernel->nt.short_name, sizeof(kernel->nt.short_name), "nt");
}

void imp_kernel_set_image(struct imp_kernel *kernel, uint64_t base, struct imp_pe *pe)
{
	kernel->nt.base = base;
	kernel->nt.size = imp_pe_info(pe)->size_of_image;
	kernel->nt.time_date_stamp = imp_pe_info(pe)->time_date_stamp;
	kernel->nt.pe = pe;
	kernel->nt.pe_tried = true;
	imp_kernel_name_image(kernel);
}

/* No symbols are known yet, so nothing of NT's structures can be read: the image is recognised by its own headers. */
static struct imp_error *find_kernel_image(struct imp_kernel *kernel)
{
	uint64_t list = kernel->info.loaded_module_list;
	uint64_t base = list & ~(uint64_t)(IMP_PAGE_SIZE - 1);
	struct imp_error *err;

	for (int i = 0; i < KERNEL_SEARCH_PAGES && base >= IMP_PAGE_SIZE; i++, base -= IMP_PAGE_SIZE) {
		struct imp_pe *pe = NULL;

		if (!is_kernel_image(kernel, base, list, &pe))
			continue;
		imp_kernel_set_image(kernel, base, pe);
		return NULL;
	}
	err = imp_error_new(
		IMP_ERROR_NOT_FOUND,
		"no kernel image lies below PsLoadedModuleList (%016llx in the dump's header), so the kernel and its symbols cannot be found",
		(unsigned long long)list);
	if (!kernel->info.missing_pages)
		return err;
	return imp_error_context(err, "the file is truncated: %llu of its %llu pages are missing", (unsigned long long)kernel->info.missing_pages,
				 (unsigned long long)kernel->info.page_count);
}

void imp_kernel_reload(struct imp_kernel *kernel)
{
	struct imp_error *err = NULL;

	imp_modules_unload(kernel);
	imp_waiters_forget(kernel);
	for (size_t i = 0; i < IMP_NT_FIELD_COUNT; i++)
		imp_error_free(kernel->fields[i].error);
	memset(kernel->fields, 0, sizeof(kernel->fields));
	if (imp_dump_triage(kernel->dump))
		imp_module_forget(&kernel->nt); /* its image may be found now */
	if (!kernel->nt.base)
		err = imp_dump_triage(kernel->dump) ? imp_triage_find_kernel(kernel) : find_kernel_image(kernel);
	if (err) {
		imp_error_free(kernel->nt.pdb_error);
		kernel->nt.pdb_error = err;
		kernel->nt.pdb_tried = true;
		return;
	}
	if (!imp_dump_header(kernel->dump).size)
		imp_find_facts(kernel);
	imp_modules_load(kernel);
	if (imp_dump_triage(kernel->dump)) {
		imp_triage_place_blocks(kernel);
		return;
	}
	imp_paging_learn(kernel);
	if (kernel->nt.pdb)
		kernel->crash_processor = imp_processor_crashed(kernel);
}

struct imp_error *imp_kernel_need_symbols(struct imp_kernel *kernel)
{
	struct imp_pdb *pdb;

	if (kernel->nt.pdb)
		return NULL;
	return imp_module_pdb(kernel, &kernel->nt, &pdb);
}

struct imp_error *imp_kernel_symbol(struct imp_kernel *kernel, const char *name, uint64_t *address)
{
	struct imp_symbol symbol;
	struct imp_error *err = imp_kernel_need_symbols(kernel);

	if (!err)
		err = imp_pdb_find(kernel->nt.pdb, name, &symbol);
	if (!err) {
		*address = kernel->nt.base + symbol.rva;
		return NULL;
	}
	if (kernel->nt.pdb) {
		struct imp_error *other = imp_debugger_data(kernel, name, address);

		if (!other) {
			imp_error_free(err);
			return NULL;
		}
		imp_error_free(other);
	}
	return err;
}

struct imp_error *imp_kernel_variable(struct imp_kernel *kernel, const char *name, size_t size, uint64_t *value)
{
	uint64_t address;
	struct imp_error *err = imp_kernel_symbol(kernel, name, &address);

	*value = 0;
	if (!err && size > sizeof(*value))
		err = imp_error_new(IMP_ERROR_USAGE, "nt!%s is wider than 8 bytes", name);
	if (!err)
		err = imp_memory_read(kernel->memory, address, value, size); /* x64: little-endian, as the host */
	return imp_error_context(err, "cannot read nt!%s", name);
}

/* The view through the page tables of the dump's header. PsLoadedModuleList is always there, so it tells how many levels they have. */
static struct imp_error *make_memory(struct imp_kernel *kernel)
{
	const struct imp_dump_info *info = &kernel->info;
	struct imp_paging paging;
	struct imp_error *err = imp_memory_new(kernel->dump, info->directory_table_base, &kernel->memory);

	if (err)
		return err;
	paging = *imp_memory_paging(kernel->memory);
	paging.levels = imp_paging_levels(kernel->dump, info->directory_table_base, info->loaded_module_list);
	imp_memory_set_paging(kernel->memory, &paging);
	return NULL;
}

struct imp_error *imp_kernel_open(const char *path, const char *symbol_path, const char *image_path, struct imp_kernel **result)
{
	struct imp_kernel *kernel = calloc(1, sizeof(*kernel));
	struct imp_error *err;

	*result = NULL;
	if (!kernel)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory to open %s", path);
	err = imp_dump_open(path, &kernel->dump);
	if (!err) {
		kernel->info = *imp_dump_info(kernel->dump);
		if (imp_dump_header(kernel->dump).size)
			err = make_memory(kernel);
		else
			err = imp_find_kernel(kernel);
	}
	if (!err) {
		kernel->image_folders = strdup(image_path ? image_path : "");
		err = kernel->image_folders ? imp_kernel_set_symbol_path(kernel, symbol_path)
					    : imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory to open %s", path);
	}
	if (err) {
		imp_kernel_close(kernel);
		return err;
	}
	imp_kernel_reload(kernel);
	*result = kernel;
	return NULL;
}

void imp_kernel_close(struct imp_kernel *kernel)
{
	if (!kernel)
		return;
	imp_modules_unload(kernel);
	imp_waiters_forget(kernel);
	imp_module_forget(&kernel->nt);
	for (size_t i = 0; i < IMP_NT_FIELD_COUNT; i++)
		imp_error_free(kernel->fields[i].error);
	imp_kernel_notes(kernel, NULL, NULL);
	imp_kernel_free_paths(kernel);
	imp_memory_free(kernel->memory);
	imp_dump_close(kernel->dump);
	free(kernel);
}
