/* What the files of src/dump share: an open dump, a row of the table of formats, the 64-bit header. Not for other folders. */
#ifndef IMP_DUMP_FORMAT_H
#define IMP_DUMP_FORMAT_H

#include "base/file.h"
#include "dump/dump.h"

/* One kind of dump file. `open` reads what follows the header and sets dump->state, info.page_count and info.missing_pages; it is NULL for
 * a kind that is known but not read, and `why` then says why not.
 */
struct imp_dump_format {
	uint32_t type; /* the header's DumpType; 0 without such a header */
	const char *name;
	const char *why;
	struct imp_error *(*open)(struct imp_dump *dump);
	const uint8_t *(*page)(const struct imp_dump *dump, uint64_t pfn);
	uint64_t (*next)(const struct imp_dump *dump, uint64_t pfn); /* as imp_dump_next_page */
	void (*close)(void *state);
	struct imp_span (*virtual)(const struct imp_dump *dump, uint64_t address); /* as imp_dump_virtual; NULL for a kind that holds pages */
};

struct imp_dump {
	char *path;
	struct imp_file file; /* empty when the bytes are the caller's */
	struct imp_span bytes;
	struct imp_span header; /* DUMP_HEADER64, empty without one */
	struct imp_dump_info info;
	const struct imp_dump_format *format;
	void *state;
	uint64_t end; /* of the memory in the file, where secondary data may follow; 0: not known */
};

/* Where DUMP_HEADER64 keeps what, and where it ends. Source: the public listing of the structure (ntdump headers, QEMU's win_dump_defs.h). */
enum {
	DUMP_HEADER64_MEMORY_BLOCK = 0x88,
	DUMP_HEADER64_RUNS = 0x98,
	DUMP_HEADER64_RUN_CAPACITY = 43, /* runs that fit in front of the CONTEXT */
	DUMP_HEADER64_SIZE = 0x2000,
};

/* Physical addresses have at most 52 bits, page numbers 40. */
#define IMP_PFN_LIMIT (UINT64_C(1) << 40)

/* Reads DUMP_HEADER64 into `info`; `bytes` starts with PAGEDU64. Errors: FORMAT when the file ends inside the header. */
struct imp_error *imp_dump_header64(struct imp_span bytes, struct imp_dump_info *info);
/* Whether `value` is the filler that Windows leaves in fields it did not write ("PAGE" repeated). */
bool imp_dump_is_filler(uint64_t value, size_t size);

struct imp_error *imp_dump_complete_open(struct imp_dump *dump);
struct imp_error *imp_dump_bitmap_open(struct imp_dump *dump);
/* For kinds that need not have a page bitmap: also checks that the bitmap has as many pages as its header says. */
struct imp_error *imp_dump_summary_open(struct imp_dump *dump);
const uint8_t *imp_dump_bitmap_page(const struct imp_dump *dump, uint64_t pfn);
uint64_t imp_dump_bitmap_next(const struct imp_dump *dump, uint64_t pfn);
struct imp_error *imp_dump_ranges_open(struct imp_dump *dump);
struct imp_error *imp_dump_triage_open(struct imp_dump *dump);
void imp_dump_triage_close(void *state);
/* imp_dump_format's members for a kind that has no pages. */
const uint8_t *imp_dump_no_page(const struct imp_dump *dump, uint64_t pfn);
uint64_t imp_dump_no_next(const struct imp_dump *dump, uint64_t pfn);
bool imp_dump_is_elf(struct imp_span bytes);
bool imp_dump_is_elf_core(struct imp_span bytes);
struct imp_error *imp_dump_elf_open(struct imp_dump *dump);
/* Whether `bytes`, which have no signature, may be physical memory: by their size. */
bool imp_dump_is_raw(struct imp_span bytes);
struct imp_error *imp_dump_raw_open(struct imp_dump *dump);
const uint8_t *imp_dump_raw_page(const struct imp_dump *dump, uint64_t pfn);
uint64_t imp_dump_raw_next(const struct imp_dump *dump, uint64_t pfn);

#endif
