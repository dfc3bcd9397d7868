/* A kernel in a dump: its memory, its modules, its symbols. What it keeps in memory is read by this folder's other files, one per kind of
 * object; how it is shown is src/command's question. Everything degrades: without symbols only the dump's header is known.
 */
#ifndef IMP_NT_KERNEL_H
#define IMP_NT_KERNEL_H

#include "nt/fields.h"
#include "symbols/path.h"
#include "symbols/symbols.h"

struct imp_module {
	uint64_t base, size;
	uint32_t time_date_stamp; /* 0: not known */
	char name[64];            /* "TestDriver.sys" */
	char short_name[64];      /* "TestDriver", "nt" */
	char path[260];
	bool unloaded;        /* from MmUnloadedDrivers: no longer in memory */
	uint64_t unload_time; /* FILETIME; 0: not known */
	bool pe_tried, pdb_tried, symbols_tried, exports_tried;
	struct imp_pe *pe; /* see imp_module_pe */
	bool pe_from_file;
	struct imp_error *pe_error;
	struct imp_pdb *pdb; /* see imp_module_pdb */
	struct imp_error *pdb_error;
	struct imp_dwarf *dwarf; /* see imp_module_symbols */
	struct imp_error *symbols_error;
	struct imp_error *file_error; /* see imp_module_file: why there was none where it was looked for */
	enum imp_reach file_reach;
	struct imp_pdb *exports; /* see imp_module_names */
};

struct imp_field_slot {
	bool tried;
	struct imp_field field;
	struct imp_error *error;
};

struct imp_kernel {
	struct imp_dump *dump;
	struct imp_dump_info info; /* the dump's header; without one, what find.c finds in memory */
	struct imp_memory *memory;
	struct imp_symbol_path *symbol_path, *image_path; /* image_path: image_folders, then the symbol path */
	char *image_folders;
	struct imp_symbol_noise *noise; /* NULL: nobody wants to know what is tried for symbols */
	struct imp_module *modules;     /* loaded ones in load order, then unloaded ones, newest first */
	size_t module_count, loaded_count;
	struct imp_module nt; /* found before the list can be read; also the owner of the kernel's PDB */
	struct imp_field_slot fields[IMP_NT_FIELD_COUNT];
	char *notes[16]; /* what is missing; taken by imp_kernel_notes */
	size_t note_count;
	struct imp_known_waiters *waiters; /* see imp_waiters_find; NULL: no list was walked yet */
	unsigned crash_processor;          /* the one that crashed, where the dump tells; else 0 */
	uint32_t maximum_increment;        /* 100 ns a tick; 0: not read yet */
};

/* Opens the dump `path`. `symbol_path` and `image_path` may be NULL; images are looked for in both. Freed with imp_kernel_close.
 * Errors: as imp_dump_open; NOT_FOUND when a file without a dump header holds no kernel. Missing symbols are no error here: see imp_kernel_need_symbols.
 */
struct imp_error *imp_kernel_open(const char *path, const char *symbol_path, const char *image_path, struct imp_kernel **kernel);
void imp_kernel_close(struct imp_kernel *kernel);

/* Makes `text` (NULL: none) the symbol path, behind -i's the image path too. What is open stays so until imp_kernel_reload. What of the text is not used
 * becomes a note. Errors: NO_MEMORY; the old path stays then.
 */
struct imp_error *imp_kernel_set_symbol_path(struct imp_kernel *kernel, const char *text);
/* Keeps a line for each place where symbols are looked for from now on, or no longer. Errors: NO_MEMORY. */
struct imp_error *imp_kernel_set_noise(struct imp_kernel *kernel, bool noisy);
/* Hands each of these lines to `take` and forgets it. */
void imp_kernel_take_noise(struct imp_kernel *kernel, void (*take)(void *context, const char *line), void *context);

/* Finds the kernel image and its PDB (again, when the path has changed). */
void imp_kernel_reload(struct imp_kernel *kernel);
/* NULL when the kernel's symbols are there; else the sentence that says which PDB is missing and what to do. */
struct imp_error *imp_kernel_need_symbols(struct imp_kernel *kernel);

/* The address of a symbol of the kernel. Errors: NOT_FOUND. */
struct imp_error *imp_kernel_symbol(struct imp_kernel *kernel, const char *name, uint64_t *address);
/* Reads the kernel's variable `name`, `size` bytes (1, 2, 4 or 8). */
struct imp_error *imp_kernel_variable(struct imp_kernel *kernel, const char *name, size_t size, uint64_t *value);

/* Keeps a sentence for the reader of the current result; said twice, it is kept once. */
void imp_kernel_note(struct imp_kernel *kernel, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Keeps the message of `err`, which it takes over; NULL is allowed. */
void imp_kernel_note_error(struct imp_kernel *kernel, struct imp_error *err);
/* Hands each note to `take` and forgets it. */
void imp_kernel_notes(struct imp_kernel *kernel, void (*take)(void *context, const char *note), void *context);

#endif
