/* Page tables as Windows keeps them: where an entry is mapped (the self-map), the L1TF mask, names for what an entry says. The walk itself is
 * src/memory's.
 */
#ifndef IMP_NT_PAGING_H
#define IMP_NT_PAGING_H

#include "nt/kernel.h"

/* Tells the kernel's memory the mask of MiState.Hardware.InvalidPteMask. Without such a field, or symbols, there is none. */
void imp_paging_learn(struct imp_kernel *kernel);

/* The virtual address at which Windows sees the entry of `level` (0: page table) for `address`; false when the top table does not map itself. */
bool imp_pte_address(struct imp_kernel *kernel, uint64_t address, unsigned level, uint64_t *entry);
/* The other way round: whether `entry` is the address of a page-table entry, and the first address that it maps. */
bool imp_pte_target(struct imp_kernel *kernel, uint64_t entry, uint64_t *address);

/* "PTE", "PDE", "PPE", "PXE", "PML5E" of a level. */
const char *imp_pte_level_name(unsigned level);
/* A valid entry's bits as !pte writes them: "---DA--KWEV". Returns `text`, of at least 12 bytes. */
const char *imp_pte_flags(uint64_t entry, unsigned level, char *text);
/* For programs: "valid", "transition", "page_file"... */
const char *imp_page_state_name(enum imp_page_state state);
/* "ReadWrite": what the Protection field of an entry that is not valid means. */
const char *imp_pte_protection(uint64_t protection);
/* The type that describes an entry of this state: "_MMPTE_SOFTWARE"; NULL for none. */
const char *imp_pte_type(enum imp_page_state state);

#endif
