/* PE32+ images, from a file or from a dump's memory: headers, sections, exports, the RSDS record, .pdata. Unwinding is unwind.h's. */
#ifndef IMP_IMAGE_PE_H
#define IMP_IMAGE_PE_H

#include "memory/memory.h"
#include <stdbool.h>

struct imp_pe;

struct imp_guid {
	uint8_t bytes[16]; /* as stored: Data1..Data3 little-endian */
};

struct imp_pe_info {
	uint16_t machine;                                                /* IMAGE_FILE_MACHINE_* */
	uint32_t time_date_stamp, size_of_image, check_sum, entry_point; /* entry_point: RVA */
	uint64_t image_base;                                             /* preferred, from the header */
	uint32_t section_count;
	bool has_rsds;
	struct imp_guid pdb_guid; /* valid with has_rsds */
	uint32_t pdb_age;
	const char *pdb_path; /* as the linker wrote it; owned by the image */
};

struct imp_pe_section {
	char name[9];
	uint32_t rva, virtual_size, raw_offset, raw_size, characteristics;
};

/* One RUNTIME_FUNCTION of .pdata. */
struct imp_runtime_function {
	uint32_t begin, end, unwind_info; /* RVAs; end exclusive */
};

/* Opens the image file `path` (mapped, laid out by section). Freed with imp_pe_close. Errors: IO, FORMAT (what was expected and found). */
struct imp_error *imp_pe_open_file(const char *path, struct imp_pe **pe);
/* The same for an image file whose bytes are at hand; they stay the caller's and must outlive it. `name` is for error messages. */
struct imp_error *imp_pe_open_bytes(const char *name, struct imp_span bytes, struct imp_pe **pe);
/* Opens the image loaded at `base` in `memory` (must outlive it). Headers that are paged out: IMP_ERROR_FAULT. */
struct imp_error *imp_pe_open_memory(struct imp_memory *memory, uint64_t base, struct imp_pe **pe);
void imp_pe_close(struct imp_pe *pe);
/* Tells a loaded image where its file is: what the dump does not hold of the headers and of sections that nobody writes to (code, unwind data, exports) is
 * then read from the file. `open` is called once, when that is needed first, with both contexts; it returns the open file, which the image takes over, or
 * NULL; when this is called again it is asked again. That it is the right file is the caller's responsibility. Words that the loader relocated are as in the file.
 */
void imp_pe_set_file(struct imp_pe *pe, struct imp_pe *(*open)(void *context, void *image), void *context, void *image);

const struct imp_pe_info *imp_pe_info(const struct imp_pe *pe);
/* Section number `index`, from 0; false when there are fewer. */
bool imp_pe_section(const struct imp_pe *pe, uint32_t index, struct imp_pe_section *section);
/* Reads `size` bytes at `rva`, as loaded (an image file's zero-filled tail reads as zeros). Errors: FAULT, FORMAT. */
struct imp_error *imp_pe_read(const struct imp_pe *pe, uint32_t rva, void *buffer, size_t size);
/* The .pdata entry that covers `rva`; false when none does (a leaf function, or no .pdata at hand). */
bool imp_pe_function(const struct imp_pe *pe, uint32_t rva, struct imp_runtime_function *function);
/* The .pdata entry number `index`, from 0; false when there are fewer, or it cannot be read. */
bool imp_pe_function_number(const struct imp_pe *pe, uint32_t index, struct imp_runtime_function *function);
/* Calls `visit` for each named export until it returns false. `name` lives during the call only. Forwarders to other modules are left out.
 * Errors: FAULT, FORMAT; an image without exports is none.
 */
struct imp_error *imp_pe_exports(const struct imp_pe *pe, bool (*visit)(void *context, const char *name, uint32_t ordinal, uint32_t rva),
				 void *context);

/* The name of the routine whose address the loader puts into the slot at `rva` of the import address table; false when that cannot be told (imported by
 * ordinal, or the directory is not at hand: drivers often discard it once they are loaded).
 */
bool imp_pe_import_at(const struct imp_pe *pe, uint32_t rva, char *name, size_t size);

/* Below: of image files only; an image in a dump's memory has none of it. */

/* All bytes of the file; they live as long as `pe`. */
struct imp_span imp_pe_bytes(const struct imp_pe *pe);
/* What errors call the image: its path. Owned by it. */
const char *imp_pe_name(const struct imp_pe *pe);
/* The whole name of section number `index`, also where it is longer than a section header has room for ("/4" leads to the COFF string table).
 * Owned by the image; NULL when there are fewer sections.
 */
const char *imp_pe_section_name(const struct imp_pe *pe, uint32_t index);
/* What the file holds of section number `index`, without padding; empty when that does not lie in the file. */
struct imp_span imp_pe_section_bytes(const struct imp_pe *pe, uint32_t index);
/* Calls `visit` for each COFF symbol that is a place in a section, in the table's order, until it returns false. `name` lives during the call only.
 * A damaged table ends where the damage begins.
 */
void imp_pe_symbols(const struct imp_pe *pe, bool (*visit)(void *context, const char *name, uint32_t rva, bool is_function), void *context);

#endif
