/* Hives: the list of them, and the storage maps that lead from a cell's index to its address. See registry.h.
 * Sources: the public listings of _CMHIVE, _HHIVE, _DUAL, _HMAP_*; Windows Internals, 7th ed., part 2, ch. 10 (cell maps).
 */
#include "nt/process.h"
#include "nt/registry.h"

#include <string.h>
#include <strings.h>

enum {
	MAX_HIVES = 4096,
	HIVE_SIGNATURE = (int)0xbee0bee0, /* of every HHIVE */
	OFFSET_BITS = 12,                 /* of a cell index: offset in its block */
	TABLE_BITS = 9,
	DIRECTORY_BITS = 10,
	BIN_FLAGS = 0xf, /* low bits of PermanentBinAddress */
	CELL_HEADER = 4, /* the size that stands before a cell's contents */
};

struct search {
	struct imp_kernel *kernel;
	uint64_t process;
};

static bool is_registry(void *context, uint64_t process)
{
	struct search *search = context;
	char name[128];

	imp_process_name(search->kernel, process, name, sizeof(name));
	if (!strcasecmp(name, "Registry"))
		search->process = process;
	return !search->process;
}

uint64_t imp_registry_enter(struct imp_kernel *kernel)
{
	struct search search = { kernel, 0 };
	uint64_t before = imp_memory_paging(kernel->memory)->user_table, table;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_process_each(kernel, is_registry, &search);

	if (search.process) {
		IMP_CLEANUP_ERROR struct imp_error *no_table = imp_nt_read(kernel, IMP_PROCESS_DIRECTORY_BASE, search.process, &table);

		if (!no_table)
			imp_memory_set_process(kernel->memory, table);
	}
	return before;
}

void imp_registry_leave(struct imp_kernel *kernel, uint64_t previous)
{
	imp_memory_set_process(kernel->memory, previous);
}

static void read_string(struct imp_kernel *kernel, enum imp_nt_field id, uint64_t base, char *text, size_t size)
{
	uint64_t offset;

	*text = '\0';
	if (imp_nt_offset(kernel, id, &offset))
		imp_error_free(imp_nt_string(kernel, base + offset, text, size));
}

static struct imp_error *read_storage(struct imp_kernel *kernel, uint64_t address, struct imp_hive *hive)
{
	uint64_t size = imp_nt_size(kernel, "_DUAL");
	const struct imp_field *storage;
	struct imp_error *err = imp_nt_field(kernel, IMP_HIVE_STORAGE, &storage);

	for (size_t i = 0; !err && i < 2; i++) {
		uint64_t dual = address + storage->offset + i * size;

		err = imp_nt_read(kernel, IMP_DUAL_LENGTH, dual, &hive->lengths[i]);
		if (!err)
			err = imp_nt_read(kernel, IMP_DUAL_MAP, dual, &hive->maps[i]);
	}
	return err;
}

struct imp_error *imp_hive_read(struct imp_kernel *kernel, uint64_t address, struct imp_hive *hive)
{
	uint64_t signature, root;
	struct imp_error *err;

	memset(hive, 0, sizeof(*hive));
	hive->address = address; /* a CMHIVE begins with its HHIVE */
	hive->root = UINT32_MAX;
	err = imp_nt_read(kernel, IMP_HIVE_SIGNATURE, address, &signature);
	if (!err && (uint32_t)signature != (uint32_t)HIVE_SIGNATURE)
		err = imp_error_new(IMP_ERROR_FORMAT, "no hive at %016llx: its signature is %08llx", (unsigned long long)address,
				    (unsigned long long)signature);
	if (!err)
		err = imp_nt_read(kernel, IMP_HIVE_BASE_BLOCK, address, &hive->base_block);
	if (!err)
		err = read_storage(kernel, address, hive);
	if (err)
		return err;
	read_string(kernel, IMP_HIVE_FILE, address, hive->file, sizeof(hive->file));
	read_string(kernel, IMP_HIVE_USER_NAME, address, hive->user_name, sizeof(hive->user_name));
	read_string(kernel, IMP_HIVE_ROOT_PATH, address, hive->root_path, sizeof(hive->root_path));
	err = imp_nt_read(kernel, IMP_BASE_BLOCK_ROOT, hive->base_block, &root);
	if (!err)
		hive->root = (uint32_t)root;
	imp_error_free(err);
	return NULL;
}

struct imp_error *imp_hive_each(struct imp_kernel *kernel, bool (*visit)(void *context, uint64_t hive), void *context)
{
	const struct imp_field *link;
	uint64_t head;
	struct imp_error *err = imp_kernel_need_symbols(kernel);

	if (err)
		return err;
	err = imp_kernel_symbol(kernel, "CmpHiveListHead", &head);
	if (err) {
		imp_error_free(err);
		return imp_error_new(IMP_ERROR_NOT_FOUND, "this kernel keeps no registry hives (its symbols have no CmpHiveListHead)");
	}
	err = imp_nt_field(kernel, IMP_HIVE_LINKS, &link);
	if (!err)
		err = imp_nt_list(kernel, head, link->offset, MAX_HIVES, visit, context);
	return imp_error_context(err, "hives");
}

/* Windows 8.1 and earlier keep the block's address itself in the map, later ones the bin's and the block's offset in it. */
static struct imp_error *block_address(struct imp_kernel *kernel, uint64_t entry, uint64_t *block)
{
	uint64_t bin, offset;

	if (!imp_nt_offset(kernel, IMP_HMAP_BIN, &offset))
		return imp_nt_read(kernel, IMP_HMAP_BLOCK_ADDRESS, entry, block);

	struct imp_error *err = imp_nt_read(kernel, IMP_HMAP_BIN, entry, &bin);
	if (!err)
		err = imp_nt_read(kernel, IMP_HMAP_BLOCK_OFFSET, entry, &offset);
	*block = err ? 0 : (bin & ~(uint64_t)BIN_FLAGS) + offset;
	return err;
}

struct imp_error *imp_hive_cell(struct imp_kernel *kernel, const struct imp_hive *hive, uint32_t cell, uint64_t *address)
{
	unsigned storage = cell >> 31, directory = cell >> (OFFSET_BITS + TABLE_BITS) & ((1u << DIRECTORY_BITS) - 1);
	uint64_t offset = cell & ((1u << OFFSET_BITS) - 1), index = cell >> OFFSET_BITS & ((1u << TABLE_BITS) - 1), table, block;
	uint64_t size = imp_nt_size(kernel, "_HMAP_ENTRY");
	const struct imp_field *tables, *entries;
	struct imp_error *err;

	if (!hive->maps[storage] || (cell & INT32_MAX) >= hive->lengths[storage])
		return imp_error_new(IMP_ERROR_FORMAT, "cell %08x is outside of the hive at %016llx", cell, (unsigned long long)hive->address);
	err = imp_nt_field(kernel, IMP_HMAP_DIRECTORY, &tables);
	if (!err)
		err = imp_nt_field(kernel, IMP_HMAP_TABLE, &entries);
	if (!err)
		err = imp_memory_u64(kernel->memory, hive->maps[storage] + tables->offset + (uint64_t)8 * directory, &table);
	if (!err)
		err = block_address(kernel, table + entries->offset + index * size, &block);
	if (!err && !block)
		err = imp_error_new(IMP_ERROR_FORMAT, "its block is not in memory");
	*address = err ? 0 : block + offset + CELL_HEADER;
	return imp_error_context(err, "cannot find cell %08x of the hive at %016llx", cell, (unsigned long long)hive->address);
}
