/* Pool blocks: see pool.h. Sources: Windows Internals, 7th ed., ch. 5; the public listing of _POOL_HEADER (sizes in units of 16 bytes; bit 1 of PoolType: in
 * use; bit 0: paged) and _POOL_TRACKER_BIG_PAGES (bit 0 of Va: unused).
 */
#include "nt/pool.h"

#include <stdlib.h>
#include <string.h>

enum {
	UNIT = 16,
	TYPE_PAGED = 1,
	TYPE_IN_USE = 2,
	VA_UNUSED = 1,
	MAX_BIG_ENTRIES = 1 << 24,
	MAX_TAGS = 1 << 20,
	MAX_TABLES = 64,
};

static void put_tag(uint64_t value, char tag[IMP_POOL_TAG_SIZE])
{
	for (size_t i = 0; i < IMP_POOL_TAG_SIZE - 1; i++) {
		unsigned char c = (unsigned char)(value >> 8 * i);

		tag[i] = c >= 0x20 && c < 0x7f ? (char)c : '.';
	}
	tag[IMP_POOL_TAG_SIZE - 1] = '\0';
}

bool imp_pool_is_segment_heap(struct imp_kernel *kernel)
{
	uint64_t address;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_kernel_symbol(kernel, "ExPoolState", &address);

	return !err;
}

static struct imp_error *read_block(struct imp_kernel *kernel, uint64_t address, struct imp_pool_block *block)
{
	static const enum imp_nt_field fields[] = { IMP_POOL_PREVIOUS_SIZE, IMP_POOL_BLOCK_SIZE, IMP_POOL_TYPE, IMP_POOL_TAG };
	uint64_t values[4];
	struct imp_error *err = NULL;

	for (size_t i = 0; !err && i < 4; i++)
		err = imp_nt_read(kernel, fields[i], address, &values[i]);
	if (err)
		return err;
	*block = (struct imp_pool_block){ .address = address,
					  .previous_size = values[0] * UNIT,
					  .size = values[1] * UNIT,
					  .allocated = values[2] & TYPE_IN_USE,
					  .paged = values[2] & TYPE_PAGED };
	put_tag(values[3], block->tag);
	return NULL;
}

/* Walks the page, and hands over its blocks only when `visit` is there. */
static struct imp_error *walk_page(struct imp_kernel *kernel, uint64_t page, bool (*visit)(void *context, const struct imp_pool_block *block),
				   void *context)
{
	uint64_t previous = 0;
	struct imp_error *err = NULL;

	for (uint64_t at = 0; !err && at < IMP_PAGE_SIZE;) {
		struct imp_pool_block block;

		err = read_block(kernel, page + at, &block);
		if (!err && (block.previous_size != previous || !block.size || block.size > IMP_PAGE_SIZE - at))
			err = imp_error_new(IMP_ERROR_FORMAT,
					    "%016llx is no page of pool blocks: the header at +0x%03llx has size 0x%llx, previous size 0x%llx",
					    (unsigned long long)page, (unsigned long long)at, (unsigned long long)block.size,
					    (unsigned long long)block.previous_size);
		if (!err && visit && !visit(context, &block))
			break;
		previous = block.size;
		at += block.size;
	}
	return err;
}

struct imp_error *imp_pool_page_each(struct imp_kernel *kernel, uint64_t address, bool (*visit)(void *context, const struct imp_pool_block *block),
				     void *context)
{
	uint64_t page = address & ~(uint64_t)(IMP_PAGE_SIZE - 1);
	struct imp_error *err = walk_page(kernel, page, NULL, NULL);

	return err ? err : walk_page(kernel, page, visit, context);
}

struct imp_error *imp_pool_big_find(struct imp_kernel *kernel, uint64_t address, struct imp_pool_block *block)
{
	uint64_t table, count, size = imp_nt_size(kernel, "_POOL_TRACKER_BIG_PAGES"), va, bytes, tag;
	struct imp_error *err = imp_kernel_variable(kernel, "PoolBigPageTable", 8, &table);

	if (!err)
		err = imp_kernel_variable(kernel, "PoolBigPageTableSize", 8, &count);
	if (!err && (count > MAX_BIG_ENTRIES || !size))
		err = imp_error_new(IMP_ERROR_FORMAT, "PoolBigPageTable would have %llu entries", (unsigned long long)count);
	for (uint64_t i = 0; !err && i < count; i++) {
		uint64_t entry = table + i * size;

		err = imp_nt_read(kernel, IMP_BIG_POOL_ADDRESS, entry, &va);
		if (err || va & VA_UNUSED || va > address)
			continue;
		err = imp_nt_read(kernel, IMP_BIG_POOL_BYTES, entry, &bytes);
		if (err || address - va >= bytes)
			continue;
		err = imp_nt_read(kernel, IMP_BIG_POOL_TAG, entry, &tag);
		if (err)
			break;
		*block = (struct imp_pool_block){ .address = va, .size = bytes, .allocated = true };
		put_tag(tag, block->tag);
		return NULL;
	}
	return err ? err : imp_error_new(IMP_ERROR_NOT_FOUND, "no big pool allocation holds %016llx", (unsigned long long)address);
}

struct imp_error *imp_pool_guess(struct imp_kernel *kernel, uint64_t address, struct imp_pool_block *block)
{
	uint64_t page = address & ~(uint64_t)(IMP_PAGE_SIZE - 1);

	for (uint64_t at = address & ~(uint64_t)(UNIT - 1);; at -= UNIT) {
		struct imp_error *err = read_block(kernel, at, block);

		if (err)
			return err;
		if (block->allocated && block->size > UNIT && address - at < block->size && block->size <= IMP_PAGE_SIZE && !strchr(block->tag, '.'))
			return NULL;
		if (at == page)
			break;
	}
	return imp_error_new(IMP_ERROR_NOT_FOUND, "no pool header below %016llx in its page could be that of a block around it",
			     (unsigned long long)address);
}

static int by_tag(const void *left, const void *right)
{
	return strcmp(((const struct imp_pool_use *)left)->tag, ((const struct imp_pool_use *)right)->tag);
}

/* One entry a tag: tables of several processors count the same tags. */
static size_t merge(struct imp_pool_use *uses, size_t count)
{
	size_t kept = 0;

	qsort(uses, count, sizeof(*uses), by_tag);
	for (size_t i = 0; i < count; i++) {
		struct imp_pool_use *last = kept ? &uses[kept - 1] : NULL;

		if (!last || by_tag(last, &uses[i])) {
			uses[kept++] = uses[i];
			continue;
		}
		last->nonpaged_allocs += uses[i].nonpaged_allocs;
		last->nonpaged_frees += uses[i].nonpaged_frees;
		last->nonpaged_bytes += uses[i].nonpaged_bytes;
		last->paged_allocs += uses[i].paged_allocs;
		last->paged_frees += uses[i].paged_frees;
		last->paged_bytes += uses[i].paged_bytes;
	}
	return kept;
}

/* Adds one table to what the others said, so that memory is needed for the tags that there are and not for each table's. */
static struct imp_error *add_table(struct imp_kernel *kernel, uint64_t table, uint64_t entries, struct imp_pool_use **uses, size_t *count)
{
	uint64_t size = imp_nt_size(kernel, "_POOL_TRACKER_TABLE"), tag;
	struct imp_pool_use *grown;
	struct imp_error *err = NULL;

	if (!entries)
		return NULL;
	if (*count + entries > MAX_TAGS)
		return imp_error_new(IMP_ERROR_FORMAT, "the pool's tables would have more than %d tags", MAX_TAGS);
	grown = reallocarray(*uses, *count + entries, sizeof(*grown));
	if (!grown)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for %llu tags", (unsigned long long)entries);
	*uses = grown;
	for (uint64_t i = 0; !err && i < entries; i++) {
		struct imp_pool_use *use = &grown[*count];
		uint64_t entry = table + i * size;

		err = imp_nt_read(kernel, IMP_POOL_USE_TAG, entry, &tag);
		if (err || !(uint32_t)tag)
			continue;
		put_tag((uint32_t)tag, use->tag);
		use->nonpaged_allocs = imp_nt_value(kernel, IMP_POOL_USE_NONPAGED_ALLOCS, entry, 0);
		use->nonpaged_frees = imp_nt_value(kernel, IMP_POOL_USE_NONPAGED_FREES, entry, 0);
		use->nonpaged_bytes = imp_nt_value(kernel, IMP_POOL_USE_NONPAGED_BYTES, entry, 0);
		use->paged_allocs = imp_nt_value(kernel, IMP_POOL_USE_PAGED_ALLOCS, entry, 0);
		use->paged_frees = imp_nt_value(kernel, IMP_POOL_USE_PAGED_FREES, entry, 0);
		use->paged_bytes = imp_nt_value(kernel, IMP_POOL_USE_PAGED_BYTES, entry, 0);
		++*count;
	}
	*count = merge(*uses, *count);
	return err;
}

struct imp_error *imp_pool_uses(struct imp_kernel *kernel, struct imp_pool_use **uses, size_t *count)
{
	uint64_t first, entries, tables, table;
	struct imp_error *err = imp_kernel_variable(kernel, "PoolTrackTable", 8, &first);
	IMP_CLEANUP_ERROR struct imp_error *only_one = imp_kernel_symbol(kernel, "ExPoolTagTables", &tables);

	*uses = NULL;
	*count = 0;
	if (!err)
		err = imp_kernel_variable(kernel, "PoolTrackTableSize", 8, &entries);
	if (!err && entries > MAX_TAGS)
		err = imp_error_new(IMP_ERROR_FORMAT, "PoolTrackTable would have %llu entries", (unsigned long long)entries);
	if (!err)
		err = add_table(kernel, first, entries, uses, count);
	/* A table for each processor; one of them is that of PoolTrackTable. */
	for (size_t i = 0; !err && !only_one && i < MAX_TABLES; i++) {
		err = imp_memory_u64(kernel->memory, tables + 8 * i, &table);
		if (err || table >> 47 != 0x1ffff) /* the array ends where no kernel address is */
			break;
		if (table != first)
			err = add_table(kernel, table, entries, uses, count);
	}
	if (err && *count) {
		imp_kernel_note_error(kernel, err);
		return NULL;
	}
	if (err) {
		free(*uses);
		*uses = NULL;
	}
	return err;
}
