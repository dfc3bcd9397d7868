/* Modules: reading the lists of loaded and unloaded images, and opening their images and PDBs when somebody asks. */
#include "nt/modules.h"
#include "dump/triage.h"
#include "symbols/exports.h"
#include "symbols/identity.h"
#include "nt/triage.h"

#include "symbols/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_MODULES = 1024,       /* several times what Windows loads; each that damage invents is looked for in every folder of the paths */
	MI_UNLOADED_DRIVERS = 50, /* entries of the ring at MmUnloadedDrivers, as the kernel's memory manager calls it */
};

static void set_short_name(struct imp_module *module)
{
	char *dot;

	memcpy(module->short_name, module->name, sizeof(module->short_name));
	dot = strrchr(module->short_name, '.');
	if (dot && dot != module->short_name)
		*dot = '\0';
}

static struct imp_module *add_module(struct imp_kernel *kernel)
{
	/* Grows by doubling: the capacity is the next power of two. */
	if (!(kernel->module_count & (kernel->module_count - 1))) {
		size_t capacity = kernel->module_count ? kernel->module_count * 2 : 1;
		struct imp_module *modules = reallocarray(kernel->modules, capacity, sizeof(*modules));

		if (!modules)
			return NULL;
		kernel->modules = modules;
	}
	memset(&kernel->modules[kernel->module_count], 0, sizeof(kernel->modules[0]));
	return &kernel->modules[kernel->module_count++];
}

static bool add_loaded(void *context, uint64_t entry)
{
	struct imp_kernel *kernel = context;
	struct imp_module module = { 0 };
	uint64_t offset, value, size;
	struct imp_module *added;
	struct imp_error *err = imp_nt_read(kernel, IMP_MODULE_BASE, entry, &module.base);

	if (!err)
		err = imp_nt_read(kernel, IMP_MODULE_SIZE, entry, &size);
	if (err) {
		imp_kernel_note_error(kernel, err);
		return true;
	}
	module.size = size & UINT32_MAX; /* SizeOfImage is 32 bits wide in a PE header, whatever the field's width */
	if (imp_nt_offset(kernel, IMP_MODULE_STAMP, &offset)) {
		err = imp_nt_read(kernel, IMP_MODULE_STAMP, entry, &value);
		if (!err)
			module.time_date_stamp = (uint32_t)value;
		imp_error_free(err);
	}
	if (imp_nt_offset(kernel, IMP_MODULE_NAME, &offset))
		imp_kernel_note_error(kernel, imp_nt_string(kernel, entry + offset, module.name, sizeof(module.name)));
	if (imp_nt_offset(kernel, IMP_MODULE_PATH, &offset))
		imp_error_free(imp_nt_string(kernel, entry + offset, module.path, sizeof(module.path)));
	set_short_name(&module);
	if (module.base == kernel->nt.base)
		snprintf(module.short_name, sizeof(module.short_name), "nt");
	added = add_module(kernel);
	if (added)
		*added = module;
	return added;
}

/* The layout of an entry of MmUnloadedDrivers. Public PDBs do not have its type; it is a UNICODE_STRING, two pointers and a LARGE_INTEGER. */
struct unloaded_layout {
	uint64_t name, start, end, time, size;
};

static bool find_unloaded_layout(struct imp_kernel *kernel, struct unloaded_layout *layout)
{
	uint64_t string = imp_nt_size(kernel, "_UNICODE_STRING"), pointer = sizeof(uint64_t);

	layout->size = imp_nt_size(kernel, "_UNLOADED_DRIVERS");
	if (layout->size && imp_nt_offset(kernel, IMP_UNLOADED_NAME, &layout->name) && imp_nt_offset(kernel, IMP_UNLOADED_START, &layout->start) &&
	    imp_nt_offset(kernel, IMP_UNLOADED_END, &layout->end) && imp_nt_offset(kernel, IMP_UNLOADED_TIME, &layout->time))
		return true;
	*layout = (struct unloaded_layout){ 0, string, string + pointer, string + 2 * pointer, string + 3 * pointer };
	return string;
}

static void add_unloaded(struct imp_kernel *kernel, const struct unloaded_layout *layout, uint64_t entry)
{
	struct imp_module module = { .unloaded = true };
	uint64_t end = 0;
	struct imp_module *added;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_memory_u64(kernel->memory, entry + layout->start, &module.base);

	if (!err)
		err = imp_memory_u64(kernel->memory, entry + layout->end, &end);
	if (!err)
		err = imp_memory_u64(kernel->memory, entry + layout->time, &module.unload_time);
	if (err || !module.base || end <= module.base)
		return; /* an unused slot */
	module.size = end - module.base;
	err = imp_nt_string(kernel, entry + layout->name, module.name, sizeof(module.name));
	if (err || !module.name[0])
		snprintf(module.name, sizeof(module.name), "Unknown_Module_%016llx", (unsigned long long)module.base);
	set_short_name(&module);
	added = add_module(kernel);
	if (added)
		*added = module;
}

static void load_unloaded(struct imp_kernel *kernel)
{
	struct unloaded_layout layout;
	uint64_t array, last;
	struct imp_error *err = imp_kernel_variable(kernel, "MmUnloadedDrivers", 8, &array);

	if (!err)
		err = imp_kernel_variable(kernel, "MmLastUnloadedDriver", 4, &last);
	if (err) {
		imp_kernel_note_error(kernel, imp_error_context(err, "unloaded drivers are not known"));
		return;
	}
	if (!array || !find_unloaded_layout(kernel, &layout))
		return;
	for (uint64_t i = 0; i < MI_UNLOADED_DRIVERS; i++) {
		uint64_t slot = (last + MI_UNLOADED_DRIVERS - 1 - i) % MI_UNLOADED_DRIVERS;

		add_unloaded(kernel, &layout, array + slot * layout.size);
	}
}

static bool add_from_triage(struct imp_kernel *kernel, const struct imp_triage_module *from, bool unloaded)
{
	struct imp_module *module;

	if (!from->base || !from->size)
		return true; /* damaged, and of no use */
	module = add_module(kernel);
	if (!module)
		return false;
	module->base = from->base;
	module->size = from->size;
	module->time_date_stamp = from->time_date_stamp;
	module->unloaded = unloaded;
	if (!unloaded)
		snprintf(module->path, sizeof(module->path), "%s", from->path);
	if (*from->path)
		snprintf(module->name, sizeof(module->name), "%.*s", (int)sizeof(module->name) - 1, imp_base_name(from->path));
	else
		snprintf(module->name, sizeof(module->name), "Unknown_Module_%016llx", (unsigned long long)from->base);
	set_short_name(module);
	if (!unloaded && module->base == kernel->nt.base)
		snprintf(module->short_name, sizeof(module->short_name), "nt");
	return true;
}

/* A triage dump lists its modules itself; the kernel's own lists are not in it. */
static void load_from_triage(struct imp_kernel *kernel, const struct imp_triage *triage)
{
	struct imp_triage_module module;

	if (triage->module_count > MAX_MODULES)
		imp_kernel_note(kernel, "the dump lists %u modules; the first %d are read", triage->module_count, MAX_MODULES);
	for (uint32_t i = 0; i < MAX_MODULES && imp_triage_module(kernel->dump, i, &module) && add_from_triage(kernel, &module, false); i++)
		;
	kernel->loaded_count = kernel->module_count;
	for (uint32_t i = 0; i < MI_UNLOADED_DRIVERS && imp_triage_unloaded(kernel->dump, i, &module) && add_from_triage(kernel, &module, true); i++)
		;
}

static struct imp_error *again(const struct imp_error *err)
{
	return err ? imp_error_new(imp_error_code(err), "%s", imp_error_message(err)) : NULL;
}

struct imp_error *imp_module_file(struct imp_kernel *kernel, struct imp_module *module, enum imp_reach reach, struct imp_pe **pe)
{
	struct imp_error *err;

	*pe = NULL;
	if (module->file_error && (module->file_reach == IMP_REACH_SERVERS || reach == IMP_REACH_LOCAL))
		return again(module->file_error);
	err = imp_symbol_path_open_image(kernel->image_path, module->name, module->time_date_stamp, (uint32_t)module->size, reach, pe);
	if (err && imp_error_code(err) != IMP_ERROR_INTERRUPTED) {
		imp_error_free(module->file_error);
		module->file_error = again(err);
		module->file_reach = reach;
	}
	return err;
}

/* The file behind a loaded image, for what the dump does not hold of it. */
static struct imp_pe *open_file(void *kernel, void *module)
{
	struct imp_pe *file;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_module_file(kernel, module, IMP_REACH_SERVERS, &file);

	return err ? NULL : file;
}

void imp_modules_load(struct imp_kernel *kernel)
{
	const struct imp_triage *triage = imp_dump_triage(kernel->dump);
	uint64_t link;

	/* The kernel's image stays open when everything else is loaded again; its file may have come into reach. */
	if (kernel->nt.pe && !kernel->nt.pe_from_file)
		imp_pe_set_file(kernel->nt.pe, open_file, kernel, &kernel->nt);
	if (triage) {
		IMP_CLEANUP_ERROR struct imp_error *no_symbols = imp_kernel_need_symbols(kernel);

		load_from_triage(kernel, triage);
		return;
	}

	if (imp_nt_offset(kernel, IMP_MODULE_LINKS, &link))
		imp_kernel_note_error(kernel,
				      imp_error_context(imp_nt_list(kernel, kernel->info.loaded_module_list, link, MAX_MODULES, add_loaded, kernel),
							"loaded modules"));
	kernel->loaded_count = kernel->module_count;
	if (kernel->nt.pdb)
		load_unloaded(kernel);
}

static void forget_symbols(struct imp_module *module)
{
	imp_pdb_close(module->pdb);
	imp_pdb_close(module->exports);
	imp_dwarf_close(module->dwarf);
	imp_error_free(module->pdb_error);
	imp_error_free(module->symbols_error);
	imp_error_free(module->file_error);
	module->pdb = module->exports = NULL;
	module->dwarf = NULL;
	module->pdb_error = module->symbols_error = module->file_error = NULL;
	module->pdb_tried = module->symbols_tried = module->exports_tried = false;
}

void imp_module_forget(struct imp_module *module)
{
	forget_symbols(module);
	imp_pe_close(module->pe);
	imp_error_free(module->pe_error);
	module->pe = NULL;
	module->pe_error = NULL;
	module->pe_tried = false;
}

void imp_modules_unload(struct imp_kernel *kernel)
{
	for (size_t i = 0; i < kernel->module_count; i++)
		imp_module_forget(&kernel->modules[i]);
	free(kernel->modules);
	kernel->modules = NULL;
	kernel->module_count = kernel->loaded_count = 0;
	forget_symbols(&kernel->nt);
}

struct imp_module *imp_kernel_module_at(struct imp_kernel *kernel, uint64_t address)
{
	for (size_t i = 0; i < kernel->module_count; i++) {
		if (address - kernel->modules[i].base < kernel->modules[i].size)
			return &kernel->modules[i];
	}
	return address - kernel->nt.base < kernel->nt.size ? &kernel->nt : NULL;
}

struct imp_module *imp_module_named(struct imp_kernel *kernel, const char *name, size_t length)
{
	if (length == 2 && !strncasecmp(name, "nt", 2))
		return kernel->nt.base ? &kernel->nt : NULL;
	for (size_t i = 0; i < kernel->module_count; i++) {
		struct imp_module *module = &kernel->modules[i];

		if ((strlen(module->short_name) == length && !strncasecmp(module->short_name, name, length)) ||
		    (strlen(module->name) == length && !strncasecmp(module->name, name, length)))
			return module;
	}
	return NULL;
}

/* The kernel is in the list of modules too; its image and PDB belong to kernel->nt. */
static struct imp_module *owner(struct imp_kernel *kernel, struct imp_module *module)
{
	return module->base == kernel->nt.base && !module->unloaded ? &kernel->nt : module;
}

static struct imp_error *open_pe(struct imp_kernel *kernel, struct imp_module *module)
{
	struct imp_error *err = NULL;

	/* Of an image, a dump without pages holds its first page at best: the file is better. */
	if (!module->unloaded && imp_dump_is_virtual(kernel->dump) && !(err = imp_module_file(kernel, module, IMP_REACH_SERVERS, &module->pe))) {
		module->pe_from_file = true;
		return NULL;
	}
	imp_error_free(err);
	if (!module->unloaded) {
		err = imp_pe_open_memory(kernel->memory, module->base, &module->pe);
		if (!err) {
			imp_pe_set_file(module->pe, open_file, kernel, module);
			return NULL;
		}
		imp_error_free(err);
	}
	module->pe_from_file = true;
	return imp_module_file(kernel, module, IMP_REACH_SERVERS, &module->pe);
}

struct imp_error *imp_module_pe(struct imp_kernel *kernel, struct imp_module *module, struct imp_pe **pe)
{
	module = owner(kernel, module);
	if (!module->pe_tried) {
		module->pe_tried = true;
		module->pe_error = open_pe(kernel, module);
	}
	*pe = module->pe;
	return again(module->pe_error);
}

/* Without its PDB, an ISF table of it gives a module its symbols and types. `err`, why there is no PDB, is taken over. */
static struct imp_error *open_table(const struct imp_kernel *kernel, struct imp_module *module, const struct imp_pe_info *info, struct imp_error *err)
{
	struct imp_error *table_err =
		imp_table_open(kernel->symbol_path, imp_base_name(info->pdb_path), &info->pdb_guid, info->pdb_age, &module->pdb);

	/* A table that was there and could not be read says more than that no PDB was. */
	if (!table_err || (imp_error_code(err) == IMP_ERROR_NOT_FOUND && imp_error_code(table_err) != IMP_ERROR_NOT_FOUND)) {
		imp_error_free(err);
		return table_err;
	}
	imp_error_free(table_err);
	return err;
}

static struct imp_error *open_pdb(struct imp_kernel *kernel, struct imp_module *module)
{
	const struct imp_pe_info *info;
	struct imp_pe *pe, *file = NULL;
	IMP_CLEANUP_ERROR struct imp_error *reason = NULL;
	struct imp_error *err = imp_module_pe(kernel, module, &pe);

	if (module == &kernel->nt && imp_dump_triage(kernel->dump) && (err || !imp_pe_info(pe)->has_rsds)) {
		imp_error_free(err);
		return imp_triage_open_symbols(kernel, &module->pdb);
	}
	if (err)
		return err;
	info = imp_pe_info(pe);
	/* The record lies behind the headers, where a small dump's pages end; the image file has it too. */
	if (!info->has_rsds && !module->pe_from_file) {
		IMP_CLEANUP_ERROR struct imp_error *no_file = imp_module_file(kernel, module, IMP_REACH_SERVERS, &file);

		if (!no_file)
			info = imp_pe_info(file);
	}
	if (!info->has_rsds) {
		imp_pe_close(file);
		return imp_error_new(IMP_ERROR_NOT_FOUND, "the image %s names no PDB (it has no RSDS record)", module->name);
	}
	err = imp_symbol_path_open_pdb(kernel->symbol_path, imp_base_name(info->pdb_path), &info->pdb_guid, info->pdb_age, info->pdb_path,
				       &module->pdb);
	if (err)
		err = open_table(kernel, module, info, err);
	if (err) {
		reason = err;
		err = imp_error_new(imp_error_code(reason), "no symbols for %s: %s. -y PATH or .sympath PATH tells where the right %s is",
				    module->name, imp_error_message(reason), imp_base_name(info->pdb_path));
	}
	imp_pe_close(file);
	return err;
}

struct imp_error *imp_module_pdb(struct imp_kernel *kernel, struct imp_module *module, struct imp_pdb **pdb)
{
	module = owner(kernel, module);
	if (!module->pdb_tried) {
		module->pdb_tried = true;
		module->pdb_error = open_pdb(kernel, module);
	}
	*pdb = module->pdb;
	return again(module->pdb_error);
}

static struct imp_error *open_dwarf(struct imp_kernel *kernel, struct imp_module *module)
{
	struct imp_pe *image;
	/* What names a PDB was not built by GNU's tools: its image is not worth a download. */
	bool names_pdb = module->pe && imp_pe_info(module->pe)->has_rsds;
	struct imp_error *err = imp_module_file(kernel, module, names_pdb ? IMP_REACH_LOCAL : IMP_REACH_SERVERS, &image);

	if (!err)
		err = imp_dwarf_open(image, &module->dwarf);
	if (!err && imp_dwarf_problem(module->dwarf))
		imp_kernel_note(kernel, "%s", imp_dwarf_problem(module->dwarf));
	return err;
}

static struct imp_error *open_symbols(struct imp_kernel *kernel, struct imp_module *module)
{
	struct imp_pdb *pdb;
	struct imp_error *err = imp_module_pdb(kernel, module, &pdb), *dwarf_err;

	if (!err)
		return NULL;
	dwarf_err = open_dwarf(kernel, module);
	/* Whoever has an image that names a PDB wants to know where that is, not that there is no DWARF. */
	if (dwarf_err && module->pe && !imp_pe_info(module->pe)->has_rsds) {
		imp_error_free(err);
		err = imp_error_new(imp_error_code(dwarf_err),
				    "no symbols for %s: its image names no PDB, and %s. -i FOLDER tells where the image file with its DWARF is",
				    module->name, imp_error_message(dwarf_err));
	} else if (!dwarf_err) {
		imp_error_free(err);
		err = NULL;
	}
	imp_error_free(dwarf_err);
	return err;
}

struct imp_error *imp_module_symbols(struct imp_kernel *kernel, struct imp_module *module, struct imp_symbols *symbols)
{
	module = owner(kernel, module);
	if (!module->symbols_tried) {
		module->symbols_tried = true;
		module->symbols_error = open_symbols(kernel, module);
	}
	*symbols = (struct imp_symbols){ module->pdb, module->dwarf };
	return again(module->symbols_error);
}

struct imp_error *imp_module_names(struct imp_kernel *kernel, struct imp_module *module, struct imp_symbols *symbols)
{
	struct imp_error *err = imp_module_symbols(kernel, module, symbols);

	module = owner(kernel, module);
	if (!err || module->unloaded)
		return err;
	if (!module->exports_tried) {
		struct imp_pe *image;
		IMP_CLEANUP_ERROR struct imp_error *none = imp_module_pe(kernel, module, &image);

		module->exports_tried = true;
		if (!none)
			none = imp_exports_open(image, module->name, &module->exports);
	}
	if (!module->exports)
		return err;
	symbols->pdb = module->exports;
	imp_error_free(err);
	return NULL;
}
