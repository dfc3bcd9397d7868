/* A kernel in a triage dump: which of the modules that the dump lists is the kernel, which symbols are its, and where the structures of the crashing
 * thread belong.
 */
#ifndef IMP_NT_TRIAGE_H
#define IMP_NT_TRIAGE_H

#include "nt/kernel.h"

/* Finds the kernel among the dump's modules: kernel->nt becomes it. Errors: NOT_FOUND. */
struct imp_error *imp_triage_find_kernel(struct imp_kernel *kernel);
/* Opens symbols of the kernel when its GUID is not known, as its image is not at hand: those whose variables lie where the dump's header says that they
 * are. Errors: NOT_FOUND.
 */
struct imp_error *imp_triage_open_symbols(struct imp_kernel *kernel, struct imp_pdb **pdb);
/* With the kernel's symbols: puts the blocks of processor, thread and process that the dump holds to their addresses, and sets kernel->crash_processor.
 * What is missing becomes a note.
 */
void imp_triage_place_blocks(struct imp_kernel *kernel);

#endif
