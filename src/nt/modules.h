/* Modules: the loaded ones (PsLoadedModuleList) and the drivers that were unloaded (MmUnloadedDrivers), their images and PDBs. */
#ifndef IMP_NT_MODULES_H
#define IMP_NT_MODULES_H

#include "nt/kernel.h"

/* Reads both lists into the kernel; what is missing becomes a note. */
void imp_modules_load(struct imp_kernel *kernel);
/* Forgets them, and the kernel's PDB. */
void imp_modules_unload(struct imp_kernel *kernel);
/* Closes what the module has opened. */
void imp_module_forget(struct imp_module *module);

/* The module whose image covers `address`: a loaded one, else the driver that was unloaded from there last; NULL when there is none. */
struct imp_module *imp_kernel_module_at(struct imp_kernel *kernel, uint64_t address);
/* By name with or without extension, any case; "nt" is the kernel. Loaded ones first. NULL when there is none. */
struct imp_module *imp_module_named(struct imp_kernel *kernel, const char *name, size_t length);

/* The module's image: in the dump, or a file of that name, time stamp and size in the image path (imp_module.pe_from_file). Opened once.
 * Errors are kept and said again.
 */
struct imp_error *imp_module_pe(struct imp_kernel *kernel, struct imp_module *module, struct imp_pe **pe);
/* Opens the image file of the module's name, time stamp and size in the image path and the symbol path; the caller closes it. Where there is none is
 * looked for once. Errors: as imp_symbol_path_open_image.
 */
struct imp_error *imp_module_file(struct imp_kernel *kernel, struct imp_module *module, enum imp_reach reach, struct imp_pe **pe);
/* The PDB that the image's RSDS record names. Opened once. Errors: NOT_FOUND and MISMATCH say which file, GUID and age, and what to do. */
struct imp_error *imp_module_pdb(struct imp_kernel *kernel, struct imp_module *module, struct imp_pdb **pdb);
/* The module's names and lines: its PDB, or else what the image file in the image path has of DWARF and COFF symbols. Looked for once. Errors: as
 * imp_module_pdb.
 */
struct imp_error *imp_module_symbols(struct imp_kernel *kernel, struct imp_module *module, struct imp_symbols *symbols);
/* The same, for names of addresses: a loaded module without symbols has its exports ("export" is their kind) as a last resort. What keeps it from having
 * better ones stays imp_module.symbols_error, and the error when it exports nothing.
 */
struct imp_error *imp_module_names(struct imp_kernel *kernel, struct imp_module *module, struct imp_symbols *symbols);

#endif
