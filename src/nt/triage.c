/* A kernel in a triage dump: see triage.h. */
#include "nt/triage.h"
#include "dump/triage.h"
#include "nt/find.h"
#include "nt/modules.h"
#include "symbols/tables.h"

#include <stdio.h>
#include <string.h>

struct imp_error *imp_triage_find_kernel(struct imp_kernel *kernel)
{
	struct imp_triage_module module;
	/* A variable of the kernel. */
	uint64_t inside = kernel->info.loaded_module_list ? kernel->info.loaded_module_list : kernel->info.debugger_data_block;

	for (uint32_t i = 0; imp_triage_module(kernel->dump, i, &module); i++) {
		if (inside - module.base >= module.size)
			continue;
		kernel->nt.base = module.base;
		kernel->nt.size = module.size;
		kernel->nt.time_date_stamp = module.time_date_stamp;
		snprintf(kernel->nt.path, sizeof(kernel->nt.path), "%s", module.path);
		imp_kernel_name_image(kernel);
		return NULL;
	}
	return imp_error_new(
		IMP_ERROR_NOT_FOUND,
		"of the %u modules that the dump lists, none covers PsLoadedModuleList (%016llx in its header): the kernel and its symbols "
		"cannot be found",
		imp_dump_triage(kernel->dump)->module_count, (unsigned long long)inside);
}

/* Whether the variables that the header names lie where it says that they are. Two or more that agree to the byte are no accident. */
static bool is_of_this_kernel(void *context, struct imp_pdb *pdb)
{
	const struct imp_kernel *kernel = context;
	const struct {
		const char *name;
		uint64_t address;
	} variables[] = {
		{ "PsLoadedModuleList", kernel->info.loaded_module_list },
		{ "PsActiveProcessHead", kernel->info.active_process_head },
		{ "KdDebuggerDataBlock", kernel->info.debugger_data_block },
	};
	unsigned agreeing = 0;

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		struct imp_symbol symbol;
		IMP_CLEANUP_ERROR struct imp_error *err = imp_pdb_find(pdb, variables[i].name, &symbol);

		if (err || !variables[i].address)
			continue;
		if (kernel->nt.base + symbol.rva != variables[i].address)
			return false;
		agreeing++;
	}
	return agreeing >= 2;
}

struct imp_error *imp_triage_open_symbols(struct imp_kernel *kernel, struct imp_pdb **pdb)
{
	IMP_CLEANUP_ERROR struct imp_error *reason = imp_table_open_accepted(kernel->symbol_path, "ntkrnlmp.pdb", is_of_this_kernel, kernel, pdb);

	if (!reason)
		return NULL;
	return imp_error_new(
		imp_error_code(reason),
		"no symbols for the kernel (%s, time stamp %08X, 0x%llx bytes, not in this small dump): %s. -y PATH or .sympath PATH tells "
		"where its ntkrnlmp.pdb or ISF table is, -i PATH where %s itself is, which says which PDB is the right one",
		kernel->nt.name, kernel->nt.time_date_stamp, (unsigned long long)kernel->nt.size, imp_error_message(reason), kernel->nt.name);
}

/* The field of a structure that lies in the file. */
static struct imp_error *read_field(struct imp_kernel *kernel, enum imp_nt_field id, struct imp_span structure, uint64_t *value)
{
	const struct imp_field *field;
	struct imp_error *err = imp_nt_field(kernel, id, &field);

	*value = 0;
	if (!err && (field->type.size > sizeof(*value) || !imp_span_copy(structure, field->offset, value, field->type.size)))
		err = imp_error_new(IMP_ERROR_FORMAT, "the dump's copy of the structure has only %zu bytes", structure.size);
	return err;
}

static struct imp_error *place_processor(struct imp_kernel *kernel, struct imp_span prcb)
{
	uint64_t array, number, address;
	struct imp_error *err = read_field(kernel, IMP_PRCB_NUMBER, prcb, &number);

	if (!err)
		err = imp_kernel_symbol(kernel, "KiProcessorBlock", &array);
	if (!err)
		err = imp_memory_u64(kernel->memory, array + 8 * number, &address);
	if (err)
		return err;
	kernel->crash_processor = (unsigned)number;
	return imp_memory_add_part(kernel->memory, address, prcb);
}

void imp_triage_place_blocks(struct imp_kernel *kernel)
{
	const struct imp_triage *triage = imp_dump_triage(kernel->dump);
	uint64_t thread = 0, process = 0;
	struct imp_error *err;

	if (!triage->complete)
		imp_kernel_note(kernel, "the small dump was not written to its end, or has been cut off");
	if (kernel->info.missing_ranges)
		imp_kernel_note(kernel, "the file is truncated: %llu of its %llu blocks of memory are missing",
				(unsigned long long)kernel->info.missing_ranges, (unsigned long long)kernel->info.range_count);
	imp_memory_remove_parts(kernel->memory);
	if (!kernel->nt.pdb)
		return;
	err = imp_error_context(place_processor(kernel, triage->prcb), "the processor that crashed");
	imp_kernel_note_error(kernel, err);
	err = read_field(kernel, IMP_PRCB_CURRENT_THREAD, triage->prcb, &thread);
	if (!err && triage->thread.size)
		err = imp_memory_add_part(kernel->memory, thread, triage->thread);
	if (!err)
		err = read_field(kernel, IMP_THREAD_ATTACHED_PROCESS, triage->thread, &process);
	if (!err && triage->process.size)
		err = imp_memory_add_part(kernel->memory, process, triage->process);
	imp_kernel_note_error(kernel, imp_error_context(err, "the thread that crashed"));
}
