/* Finding the kernel in memory that comes without a dump header (raw memory, ELF cores). */
#ifndef IMP_NT_FIND_H
#define IMP_NT_FIND_H

#include "nt/kernel.h"

/* Finds page tables that map a kernel image, and makes kernel->memory and kernel->nt of them; kernel->info gets directory_table_base and machine.
 * Errors: NOT_FOUND, saying what was looked for.
 */
struct imp_error *imp_find_kernel(struct imp_kernel *kernel);
/* Fills kernel->info with what a dump header would say, from the kernel's variables. What cannot be had stays 0; the reason becomes a note. */
void imp_find_facts(struct imp_kernel *kernel);

/* kernel.c's: the kernel is the image `pe` at `base`; takes `pe` over. */
void imp_kernel_set_image(struct imp_kernel *kernel, uint64_t base, struct imp_pe *pe);
void imp_kernel_name_image(struct imp_kernel *kernel);

#endif
