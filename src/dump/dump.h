/* A crash dump as physical memory: which pages it holds and what its header says. Knows nothing of NT beyond the header's fields; virtual addresses
 * are src/memory's question, but for the kind of dump that has no pages. One file per format, chosen by a table in dump.c.
 */
#ifndef IMP_DUMP_DUMP_H
#define IMP_DUMP_DUMP_H

#include "base/error.h"
#include "base/span.h"

struct imp_dump;

/* Bits of the header's Attributes that matter to a reader. */
enum {
	IMP_DUMP_INSUFFICIENT = 1 << 2, /* InsufficientDumpfileSize: the dump had to leave memory out */
	IMP_DUMP_ENCRYPTED = 1 << 8,    /* EncryptedDumpData: what follows the header is encrypted */
};

enum { IMP_PAGE_SHIFT = 12, IMP_PAGE_SIZE = 1 << IMP_PAGE_SHIFT };

/* What the header states, as it stands in the file (DUMP_HEADER64); nothing here has been checked against memory. Files without such a header
 * leave it 0, but for what an ELF core's notes say: directory_table_base (a processor's CR3), processor_count and machine.
 */
struct imp_dump_info {
	const char *format;                    /* "complete memory dump", ... */
	uint32_t dump_type;                    /* the header's DumpType; 0: the file has no such header */
	uint32_t major_version, minor_version; /* MajorVersion: 0xF free build; MinorVersion: build number */
	uint32_t machine;                      /* IMAGE_FILE_MACHINE_* */
	uint32_t processor_count;
	uint64_t directory_table_base;                                                       /* physical address of the top page table */
	uint64_t pfn_database, loaded_module_list, active_process_head, debugger_data_block; /* virtual addresses */
	uint32_t bugcheck_code;
	uint64_t bugcheck_parameters[4];
	uint64_t system_time; /* FILETIME, 100 ns since 1601 UTC; 0 when unknown */
	uint64_t up_time;     /* 100 ns; 0 when unknown */
	uint32_t product_type, suite_mask;
	uint32_t attributes;       /* DUMP_FILE_ATTRIBUTES; 0 when unknown */
	struct imp_span context;   /* CONTEXT of the crashing processor, possibly empty */
	struct imp_span exception; /* EXCEPTION_RECORD64, possibly empty */
	char comment[129];
	uint64_t page_count;     /* pages that the file claims to hold */
	uint64_t missing_pages;  /* of these, pages past the end of a truncated file */
	uint64_t range_count;    /* ranges of virtual memory that the file claims to hold instead of pages (a triage dump) */
	uint64_t missing_ranges; /* of these, ranges that are not (whole) in the file */
};

/* Opens and maps `path`: a Windows crash dump, an ELF core of a machine, or (any other file of whole pages, 1 MiB or more) raw memory.
 * `*dump` is the caller's, freed with imp_dump_close. A truncated file opens, with missing_pages counted, as long as its header is whole. Errors: IMP_ERROR_IO; IMP_ERROR_FORMAT with what was expected and found.
 */
struct imp_error *imp_dump_open(const char *path, struct imp_dump **dump);
/* The same for a dump whose bytes are at hand (a test, a fuzzer); they stay the caller's and must outlive it. `name` stands for the path. */
struct imp_error *imp_dump_open_bytes(const char *name, struct imp_span bytes, struct imp_dump **dump);
void imp_dump_close(struct imp_dump *dump);

const struct imp_dump_info *imp_dump_info(const struct imp_dump *dump);
/* DUMP_HEADER64 as it stands in the file, 8 KiB; empty for a file without one. */
struct imp_span imp_dump_header(const struct imp_dump *dump);
const char *imp_dump_path(const struct imp_dump *dump);

/* The 4096 bytes of the physical page number `pfn`, in the mapped file; NULL when the dump does not hold it. */
const uint8_t *imp_dump_page(const struct imp_dump *dump, uint64_t pfn);
/* The first page number, from `pfn` on, that imp_dump_page has; UINT64_MAX when there is none. */
uint64_t imp_dump_next_page(const struct imp_dump *dump, uint64_t pfn);

/* Whether the dump holds ranges of virtual memory instead of physical pages; then it has no page and no page tables. */
bool imp_dump_is_virtual(const struct imp_dump *dump);
/* The bytes from virtual `address` to the end of the range that holds it, in the mapped file; empty when none does, and for a dump of pages. */
struct imp_span imp_dump_virtual(const struct imp_dump *dump, uint64_t address);

#endif
