/* KDBG: asked when the PDB has no symbol of that name. */
#include "nt/debugger_data.h"

#define KDBG_TAG 0x4742444bull /* "KDBG" (wdbgexts.h) */

static struct imp_error *read_member(struct imp_kernel *kernel, const char *path, uint64_t *value)
{
	struct imp_field field;
	struct imp_error *err = imp_field_find(kernel->nt.pdb, "_KDDEBUGGER_DATA64", path, &field);

	if (!err)
		err = imp_field_read(kernel->memory, &field, kernel->info.debugger_data_block, value);
	return err;
}

struct imp_error *imp_debugger_data(struct imp_kernel *kernel, const char *name, uint64_t *address)
{
	uint64_t block = kernel->info.debugger_data_block, tag;
	struct imp_error *err = imp_kernel_need_symbols(kernel);

	if (!err)
		err = read_member(kernel, "Header.OwnerTag", &tag);
	if (!err && tag != KDBG_TAG)
		err = imp_error_new(IMP_ERROR_FORMAT, "the debugger data block at %016llx is damaged: its tag is %llx, not KDBG",
				    (unsigned long long)block, (unsigned long long)tag);
	if (!err)
		err = read_member(kernel, name, address);
	if (!err && *address - kernel->nt.base >= kernel->nt.size)
		err = imp_error_new(IMP_ERROR_FORMAT, "the debugger data block at %016llx says that %s is at %016llx, outside the kernel",
				    (unsigned long long)block, name, (unsigned long long)*address);
	return err;
}
