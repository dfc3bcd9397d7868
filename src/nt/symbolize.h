/* Addresses as names: `nt!KeWaitForSingleObject+0x256`, `<Unloaded_TestDriver.sys>+0x122b`, and the source line. */
#ifndef IMP_NT_SYMBOLIZE_H
#define IMP_NT_SYMBOLIZE_H

#include "nt/modules.h"

struct imp_name {
	char text[256];            /* as WinDbg writes it; "0x..." when nothing covers the address */
	struct imp_module *module; /* NULL: no module there */
	char symbol[160];          /* without module; "" when there is none */
	uint64_t displacement;     /* from the symbol, else from the module's base */
	char file[260];            /* source file as the compiler wrote it; "" when not known */
	uint32_t line;
	char resolved[224]; /* an unloaded module with its image and PDB at hand: "TestDriver!FileMoveThread+0x47" */
};

/* Never fails: what is not known is left out. `is_return` says that `address` is a return address: the source line is then that of the call
 * before it (WinDbg shows the statement after).
 */
void imp_symbolize(struct imp_kernel *kernel, uint64_t address, bool is_return, struct imp_name *name);

/* The address of `name`: "nt!KiSwapContext", or without module, the kernel's first and then each module whose PDB is open or can be found;
 * the name of a module is its base.
 * Errors: NOT_FOUND with the name.
 */
struct imp_error *imp_symbol_address(struct imp_kernel *kernel, const char *name, uint64_t *address);

#endif
