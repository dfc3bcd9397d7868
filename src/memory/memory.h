/* Virtual memory of a dump: walks page tables, reads across pages, says why a byte cannot be had. Types and symbols are not known here. */
#ifndef IMP_MEMORY_MEMORY_H
#define IMP_MEMORY_MEMORY_H

#include "dump/dump.h"

struct imp_memory;

enum { IMP_PAGING_LEVELS = 5 }; /* at most */

/* How virtual addresses are translated. */
struct imp_paging {
	uint64_t kernel_table, user_table; /* physical addresses of the top page tables of the two halves */
	unsigned levels;                   /* 4, or 5 where CR4.LA57 is set */
	uint64_t invalid_mask;             /* address bits that Windows sets in entries that are not valid, against L1TF; 0: none */
};

/* What the entry that ended a walk says of the page. */
enum imp_page_state {
	IMP_PAGE_VALID,
	IMP_PAGE_TRANSITION,    /* taken from a working set, still in memory */
	IMP_PAGE_PROTOTYPE,     /* shared: found through its section's prototype entry, when resident */
	IMP_PAGE_NONE,          /* the entry is zero */
	IMP_PAGE_DEMAND_ZERO,   /* zeroes when it is touched first */
	IMP_PAGE_FILE,          /* paged out */
	IMP_PAGE_VAD,           /* shared, and only the VAD describes it */
	IMP_PAGE_MAPPED_FILE,   /* the prototype entry refers to the mapped file (_MMPTE_SUBSECTION) */
	IMP_PAGE_TABLE_MISSING, /* in the dump */
	IMP_PAGE_NOT_CANONICAL,
};

struct imp_page_entry {
	uint64_t physical; /* where it lies */
	uint64_t value;
};

/* The way to one page. Level 0 is the page table's, levels - 1 the top's. */
struct imp_page_walk {
	uint64_t address;
	unsigned levels;
	unsigned last; /* the lowest level whose entry was read; `levels`: none was */
	struct imp_page_entry entries[IMP_PAGING_LEVELS];
	enum imp_page_state state;
	uint64_t size;     /* bytes that the last entry covers: 4 KiB, 2 MiB, 1 GiB, or an absent table's range; 0 when not canonical */
	bool resident;     /* `physical` is set; its page may still be missing in the dump */
	uint64_t physical; /* of `address` */
	uint64_t prototype, prototype_value; /* address and value of the prototype entry; 0: none */
	bool prototype_read;
};

/* Makes a view of `dump` through the page tables at physical `directory_table_base`. The dump must outlive it; freed with imp_memory_free. */
struct imp_error *imp_memory_new(const struct imp_dump *dump, uint64_t directory_table_base, struct imp_memory **memory);
void imp_memory_free(struct imp_memory *memory);

/* How `memory` translates now; a new view has four levels and no mask. Setting it forgets cached translations. */
const struct imp_paging *imp_memory_paging(const struct imp_memory *memory);
void imp_memory_set_paging(struct imp_memory *memory, const struct imp_paging *paging);
/* Changes the page tables that the user half is read through, as `.process` does; the kernel half keeps its own. */
void imp_memory_set_process(struct imp_memory *memory, uint64_t directory_table_base);

/* Says what is at `address` in a dump that holds ranges of virtual memory: a structure that the file has, but not its address. `bytes` lie in the dump's
 * file. Errors: USAGE when there are too many such parts, or the dump holds pages.
 */
struct imp_error *imp_memory_add_part(struct imp_memory *memory, uint64_t address, struct imp_span bytes);
void imp_memory_remove_parts(struct imp_memory *memory);

/* Reads `size` bytes at virtual `address`, all or nothing. Errors: IMP_ERROR_FAULT carrying the first address that cannot be read and the
 * reason (imp_page_state_text's; of a dump without pages, that this kind does not hold it); IMP_ERROR_INTERRUPTED once the watch (base/watch.h)
 * says stop.
 */
struct imp_error *imp_memory_read(struct imp_memory *memory, uint64_t address, void *buffer, size_t size);
/* Reads as much as there is from `address` on, stopping at the first unreadable page; returns the bytes read. */
size_t imp_memory_read_some(struct imp_memory *memory, uint64_t address, void *buffer, size_t size);
/* One number, little-endian, at any alignment. Errors as imp_memory_read. */
struct imp_error *imp_memory_u8(struct imp_memory *memory, uint64_t address, uint8_t *value);
struct imp_error *imp_memory_u16(struct imp_memory *memory, uint64_t address, uint16_t *value);
struct imp_error *imp_memory_u32(struct imp_memory *memory, uint64_t address, uint32_t *value);
struct imp_error *imp_memory_u64(struct imp_memory *memory, uint64_t address, uint64_t *value);

/* Translates one virtual address to a physical one. Errors as imp_memory_read. */
struct imp_error *imp_memory_translate(struct imp_memory *memory, uint64_t address, uint64_t *physical);
/* How many levels the tables at `directory_table_base` have: 5 when only so `address`, which is known to be mapped, leads to a page of the dump; else 4.
 * (A dump's header does not hold CR4.)
 */
unsigned imp_paging_levels(const struct imp_dump *dump, uint64_t directory_table_base, uint64_t address);
/* The way to the page of `address`, by `paging` (NULL: as the view does). */
void imp_memory_walk(const struct imp_memory *memory, const struct imp_paging *paging, uint64_t address, struct imp_page_walk *walk);
/* Why the page that `walk` looked for cannot be read, as the end of a sentence: "page not present (paged out to a page file)". */
const char *imp_page_state_text(const struct imp_page_walk *walk);
/* Whether the page tables map `address` (its page may still be missing in the dump). `*size` is what the entry that says so covers, from a multiple
 * of it on: a whole absent table's range is passed over at once. 0 for an address that is not canonical.
 */
bool imp_memory_maps(const struct imp_memory *memory, uint64_t address, uint64_t *size);
/* The physical address itself, for `!db`-style reads and for SMBIOS tables. */
struct imp_error *imp_memory_read_physical(struct imp_memory *memory, uint64_t physical, void *buffer, size_t size);
const struct imp_dump *imp_memory_dump(const struct imp_memory *memory);

#endif
