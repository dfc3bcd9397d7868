/* Virtual memory of a dump: walks page tables, reads across pages, says why a byte cannot be had. Types and symbols are not known here. */
#ifndef IMP_MEMORY_MEMORY_H
#define IMP_MEMORY_MEMORY_H

#include "dump/dump.h"

struct imp_memory;

/* Makes a view of `dump` through the page tables at physical `directory_table_base`. The dump must outlive it; freed with imp_memory_free. */
struct imp_error *imp_memory_new(const struct imp_dump *dump, uint64_t directory_table_base, struct imp_memory **memory);
void imp_memory_free(struct imp_memory *memory);

/* Changes the page tables that the user half (addresses below 2^47) is read through, as `.process` does; the kernel half keeps its own. */
void imp_memory_set_process(struct imp_memory *memory, uint64_t directory_table_base);

/* Reads `size` bytes at virtual `address`, all or nothing. Errors: IMP_ERROR_FAULT carrying the first address that cannot be read and the
 * reason ("page not present", "page not in this dump", "not a canonical address").
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
/* Whether the page tables map `address` (its page may still be missing in the dump). `*size` is what the entry that says so covers, from a multiple
 * of it on: a whole absent table's range is passed over at once. 0 for an address that is not canonical.
 */
bool imp_memory_maps(const struct imp_memory *memory, uint64_t address, uint64_t *size);
/* The physical address itself, for `!db`-style reads and for SMBIOS tables. */
struct imp_error *imp_memory_read_physical(struct imp_memory *memory, uint64_t physical, void *buffer, size_t size);
const struct imp_dump *imp_memory_dump(const struct imp_memory *memory);

#endif
