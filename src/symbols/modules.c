/* The DBI stream's module list and section contributions: which object file gave the code at an address. */
#include "symbols/pdb_file.h"

#include <stdlib.h>

/* An entry of the module list (MODI), by offset; two NUL-terminated names follow, then padding to 4 bytes. */
enum { MODULE_STREAM = 34, MODULE_SYMBOL_BYTES = 36, MODULE_C11_BYTES = 40, MODULE_C13_BYTES = 44, MODULE_NAMES = 64 };
/* A section contribution (SC), by offset. */
enum { CONTRIBUTION_SECTION = 0, CONTRIBUTION_OFFSET = 4, CONTRIBUTION_SIZE = 8, CONTRIBUTION_MODULE = 16, CONTRIBUTION_BYTES = 28 };
static const uint32_t contributions_v60 = 0xeffe0000u + 19970605u;
static const uint32_t contributions_v2 = 0xeffe0000u + 20140516u; /* 4 bytes more an entry */

bool imp_pdb_modules_read(struct imp_pdb *pdb)
{
	struct imp_span list;
	size_t capacity = 0;
	uint64_t at = 0;

	if (pdb->modules_read)
		return pdb->module_count > 0;
	pdb->modules_read = true;
	if (!pdb->dbi || !imp_stream_part(pdb->dbi, pdb->modules_offset, pdb->modules_size, &list))
		return false;
	while (imp_span_has(list, at, MODULE_NAMES) && pdb->module_count < UINT16_MAX) {
		struct imp_pdb_module module = { 0 };
		void *modules = pdb->modules;

		imp_span_u16(list, at + MODULE_STREAM, &module.stream);
		imp_span_u32(list, at + MODULE_SYMBOL_BYTES, &module.symbol_bytes);
		imp_span_u32(list, at + MODULE_C11_BYTES, &module.c11_bytes);
		imp_span_u32(list, at + MODULE_C13_BYTES, &module.c13_bytes);
		const char *name = imp_span_string(list, at + MODULE_NAMES);
		const char *object = name ? imp_span_string(list, at + MODULE_NAMES + strlen(name) + 1) : NULL;
		if (!object)
			break;
		if (!imp_grow(&modules, pdb->module_count, &capacity, sizeof(module)))
			break;
		pdb->modules = modules;
		pdb->modules[pdb->module_count++] = module;
		at = (at + MODULE_NAMES + strlen(name) + 1 + strlen(object) + 1 + 3) & ~(uint64_t)3;
	}
	return pdb->module_count > 0;
}

void imp_pdb_modules_free(struct imp_pdb *pdb)
{
	for (uint32_t i = 0; i < pdb->module_count; i++) {
		free(pdb->modules[i].code.symbols);
		free(pdb->modules[i].data.symbols);
	}
	free(pdb->modules);
}

struct contributions {
	struct imp_span entries;
	uint32_t entry_size, count;
};

static bool contributions_open(struct imp_pdb *pdb, struct contributions *list)
{
	struct imp_span part;
	uint32_t version;

	if (!pdb->dbi || !imp_stream_part(pdb->dbi, pdb->contributions_offset, pdb->contributions_size, &part) || !imp_span_u32(part, 0, &version) ||
	    (version != contributions_v60 && version != contributions_v2))
		return false;
	list->entry_size = version == contributions_v2 ? CONTRIBUTION_BYTES + 4 : CONTRIBUTION_BYTES;
	list->count = (uint32_t)((part.size - 4) / list->entry_size);
	return imp_span_slice(part, 4, (uint64_t)list->count * list->entry_size, &list->entries);
}

/* The entry's start as one number: section above, offset below. */
static uint64_t contribution_key(const struct contributions *list, uint32_t index)
{
	uint64_t at = (uint64_t)index * list->entry_size;
	uint16_t section = 0;
	uint32_t offset = 0;

	imp_span_u16(list->entries, at + CONTRIBUTION_SECTION, &section);
	imp_span_u32(list->entries, at + CONTRIBUTION_OFFSET, &offset);
	return (uint64_t)section << 32 | offset;
}

/* The module of entry `index` when that entry covers `key`. */
static struct imp_pdb_module *contribution_module(struct imp_pdb *pdb, const struct contributions *list, uint32_t index, uint64_t key)
{
	uint64_t start = contribution_key(list, index), at = (uint64_t)index * list->entry_size;
	uint32_t size = 0;
	uint16_t module = UINT16_MAX;

	imp_span_u32(list->entries, at + CONTRIBUTION_SIZE, &size);
	imp_span_u16(list->entries, at + CONTRIBUTION_MODULE, &module);
	if (key < start || key - start >= size || module >= pdb->module_count)
		return NULL;
	return &pdb->modules[module];
}

struct imp_pdb_module *imp_pdb_module_at(struct imp_pdb *pdb, uint16_t section, uint32_t offset)
{
	uint64_t key = (uint64_t)section << 32 | offset;
	struct contributions list;

	if (!imp_pdb_modules_read(pdb) || !contributions_open(pdb, &list))
		return NULL;
	uint32_t low = 0, high = list.count;
	while (pdb->contributions_order != IMP_CONTRIBUTIONS_UNSORTED && low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (contribution_key(&list, middle) <= key)
			low = middle + 1;
		else
			high = middle;
	}
	struct imp_pdb_module *module = low ? contribution_module(pdb, &list, low - 1, key) : NULL;
	if (module || pdb->contributions_order == IMP_CONTRIBUTIONS_SORTED)
		return module;
	/* Linkers sort the list, but nothing says that they must: a miss is believed only when the list is seen to be in order. */
	if (pdb->contributions_order == IMP_CONTRIBUTIONS_UNKNOWN) {
		pdb->contributions_order = IMP_CONTRIBUTIONS_SORTED;
		for (uint32_t i = 1; i < list.count; i++)
			if (contribution_key(&list, i - 1) > contribution_key(&list, i))
				pdb->contributions_order = IMP_CONTRIBUTIONS_UNSORTED;
	}
	if (pdb->contributions_order == IMP_CONTRIBUTIONS_SORTED)
		return NULL;
	for (uint32_t i = 0; i < list.count; i++) {
		module = contribution_module(pdb, &list, i, key);
		if (module)
			return module;
	}
	return NULL;
}
