/* Page tables as Windows keeps them: see paging.h. Sources: Windows Internals, 7th ed., ch. 5 (self-map, software PTEs, protections); the letters of
 * the flags are those documented for !pte.
 */
#include "nt/paging.h"

enum { INDEX_BITS = 9, TABLE_ENTRIES = 1 << INDEX_BITS };

#define PTE_VALID UINT64_C(1)
#define PTE_FRAME UINT64_C(0x000ffffffffff000)

void imp_paging_learn(struct imp_kernel *kernel)
{
	struct imp_paging paging;
	uint64_t state;
	IMP_CLEANUP_ERROR struct imp_error *no_symbol = imp_kernel_symbol(kernel, "MiState", &state);
	IMP_CLEANUP_ERROR struct imp_error *no_field = NULL;

	if (no_symbol)
		return;
	paging = *imp_memory_paging(kernel->memory);
	no_field = imp_nt_read(kernel, IMP_MI_INVALID_PTE_MASK, state, &paging.invalid_mask);
	if (!no_field)
		imp_memory_set_paging(kernel->memory, &paging);
}

/* Bits of an address that the tables translate. */
static unsigned address_bits(const struct imp_paging *paging)
{
	return IMP_PAGE_SHIFT + INDEX_BITS * paging->levels;
}

static uint64_t sign_extend(uint64_t address, unsigned bits)
{
	return (uint64_t)((int64_t)(address << (64 - bits)) >> (64 - bits));
}

/* The first address of the range at which all page tables are seen: the top table's entry that leads to itself. */
static bool find_self_map(struct imp_kernel *kernel, uint64_t *base)
{
	const struct imp_paging *paging = imp_memory_paging(kernel->memory);
	uint64_t table = paging->kernel_table & PTE_FRAME;

	for (uint64_t i = TABLE_ENTRIES / 2; i < TABLE_ENTRIES; i++) {
		uint64_t entry;
		IMP_CLEANUP_ERROR struct imp_error *err = imp_memory_read_physical(kernel->memory, table + 8 * i, &entry, sizeof(entry));

		if (err)
			return false;
		if (entry & PTE_VALID && (entry & PTE_FRAME) == table) {
			*base = sign_extend(i << (address_bits(paging) - INDEX_BITS), address_bits(paging));
			return true;
		}
	}
	return false;
}

bool imp_pte_address(struct imp_kernel *kernel, uint64_t address, unsigned level, uint64_t *entry)
{
	unsigned bits = address_bits(imp_memory_paging(kernel->memory));
	uint64_t base;

	if (!find_self_map(kernel, &base))
		return false;
	/* A page table is seen as a page; so the entry for that page is the entry of the next level. */
	for (*entry = address; level != (unsigned)-1; level--)
		*entry = base + ((*entry & ((UINT64_C(1) << bits) - 1)) >> IMP_PAGE_SHIFT) * 8;
	return true;
}

bool imp_pte_target(struct imp_kernel *kernel, uint64_t entry, uint64_t *address)
{
	unsigned bits = address_bits(imp_memory_paging(kernel->memory));
	uint64_t base;

	if (!find_self_map(kernel, &base) || entry - base >= UINT64_C(1) << (bits - INDEX_BITS))
		return false;
	*address = sign_extend((entry - base) / 8 << IMP_PAGE_SHIFT, bits);
	return true;
}

const char *imp_pte_level_name(unsigned level)
{
	static const char *const names[IMP_PAGING_LEVELS] = { "PTE", "PDE", "PPE", "PXE", "PML5E" };

	return level < IMP_PAGING_LEVELS ? names[level] : "?";
}

const char *imp_pte_flags(uint64_t entry, unsigned level, char *text)
{
	static const struct {
		uint64_t mask;
		char set, clear;
	} letters[] = {
		{ UINT64_C(1) << 9, 'C', '-' },  { UINT64_C(1) << 8, 'G', '-' }, { UINT64_C(1) << 7, 'L', '-' },
		{ UINT64_C(1) << 6, 'D', '-' },  { UINT64_C(1) << 5, 'A', '-' }, { UINT64_C(1) << 4, 'N', '-' },
		{ UINT64_C(1) << 3, 'T', '-' },  { UINT64_C(1) << 2, 'U', 'K' }, { UINT64_C(1) << 1 | UINT64_C(1) << 11, 'W', 'R' },
		{ UINT64_C(1) << 63, '-', 'E' }, { UINT64_C(1) << 0, 'V', '-' },
	};
	size_t length = 0;

	/* Bit 7 of a page table's entry is PAT. */
	if (!level)
		entry &= ~(UINT64_C(1) << 7);
	for (; length < sizeof(letters) / sizeof(letters[0]); length++)
		text[length] = entry & letters[length].mask ? letters[length].set : letters[length].clear;
	text[length] = '\0';
	return text;
}

static const struct {
	const char *name, *type;
} states[] = {
	[IMP_PAGE_VALID] = { "valid", "_MMPTE_HARDWARE" },
	[IMP_PAGE_TRANSITION] = { "transition", "_MMPTE_TRANSITION" },
	[IMP_PAGE_PROTOTYPE] = { "prototype", "_MMPTE_PROTOTYPE" },
	[IMP_PAGE_NONE] = { "none", NULL },
	[IMP_PAGE_DEMAND_ZERO] = { "demand_zero", "_MMPTE_SOFTWARE" },
	[IMP_PAGE_FILE] = { "page_file", "_MMPTE_SOFTWARE" },
	[IMP_PAGE_VAD] = { "vad", "_MMPTE_PROTOTYPE" },
	[IMP_PAGE_MAPPED_FILE] = { "mapped_file", "_MMPTE_SUBSECTION" },
	[IMP_PAGE_TABLE_MISSING] = { "table_missing", NULL },
	[IMP_PAGE_NOT_CANONICAL] = { "not_canonical", NULL },
};

const char *imp_page_state_name(enum imp_page_state state)
{
	return states[state].name;
}

const char *imp_pte_type(enum imp_page_state state)
{
	return states[state].type;
}

const char *imp_pte_protection(uint64_t protection)
{
	static const char *const names[] = {
		"NoAccess", "ReadOnly", "Execute", "ExecuteRead", "ReadWrite", "WriteCopy", "ExecuteReadWrite", "ExecuteWriteCopy",
	};
	static const char *const guarded[] = {
		"Decommitted",     "Guard ReadOnly",  "Guard Execute",          "Guard ExecuteRead",
		"Guard ReadWrite", "Guard WriteCopy", "Guard ExecuteReadWrite", "Guard ExecuteWriteCopy",
	};
	unsigned low = protection & 7;

	return protection >> 3 == 2 ? guarded[low] : names[low];
}
