/* A complete memory dump made in the test: header, runs, page tables. Lies (truncated files, damaged headers) are made of it by the tests. */
#ifndef TESTS_DUMP_SYNTHETIC_H
#define TESTS_DUMP_SYNTHETIC_H

#include <stdint.h>
#include <stddef.h>

struct synthetic {
	int file;       /* memory file that holds the dump, for mapping parts of it elsewhere */
	uint8_t *bytes; /* the same, mapped shared */
	size_t size;
	uint64_t first_page, page_count;
	uint64_t next_page; /* first page that has not been handed out */
	uint64_t directory_table_base;
};

enum { SYNTHETIC_HEADER_SIZE = 0x2000, SYNTHETIC_ELF_NOTES = 0x200 };

/* One run of `page_count` zeroed pages from `first_page` on. An empty top page table is made in it. */
void synthetic_new(struct synthetic *dump, uint64_t first_page, uint64_t page_count);
void synthetic_free(struct synthetic *dump);
/* The next unused page; its number. */
uint64_t synthetic_take(struct synthetic *dump, uint64_t count);
uint8_t *synthetic_page(const struct synthetic *dump, uint64_t page);
/* Where the page stands in the file. */
size_t synthetic_offset(const struct synthetic *dump, uint64_t page);
/* Writes `entry` as the entry of `level` (0: page table, 1: page directory, 2: directory pointer table) for `address`, making the tables above. */
void synthetic_set_entry(struct synthetic *dump, uint64_t address, unsigned level, uint64_t entry);
/* Maps `count` pages present and writable. */
void synthetic_map(struct synthetic *dump, uint64_t address, uint64_t page, uint64_t count);
/* Makes the dump's first 8 KiB those of an ELF core: a note segment (QEMU's, with CR3), and one segment for the pages, which stay where they are. */
void synthetic_elf(struct synthetic *dump);
/* A triage dump of three modules, one unloaded driver, blocks of memory of which some overlap, a stack, KDBG and two pieces of secondary data. Its
 * bytes are freed by the caller.
 */
uint8_t *synthetic_triage(size_t *size);
void synthetic_put32(struct synthetic *dump, size_t offset, uint32_t value);
void synthetic_put64(struct synthetic *dump, size_t offset, uint64_t value);

#endif
