/* The kernel debugger's data block (KDBG): a table in the kernel of where its variables are. */
#ifndef IMP_NT_DEBUGGER_DATA_H
#define IMP_NT_DEBUGGER_DATA_H

#include "nt/kernel.h"

/* The member `name` of KDDEBUGGER_DATA64 ("PsActiveProcessHead"): an address in the kernel. The block's place is in the dump's header, its
 * layout is the type _KDDEBUGGER_DATA64 of the kernel's PDB. Errors: NOT_FOUND; FORMAT when the block is damaged.
 */
struct imp_error *imp_debugger_data(struct imp_kernel *kernel, const char *name, uint64_t *address);

#endif
