/* Finding the kernel in memory without a dump header. Page tables first: what a processor used (an ELF core's note), what the processor start block
 * in low memory holds, or any page that maps itself as Windows' top tables do. Then the image: mapped pages of the system's part of the address
 * space that begin a PE image whose PDB is the kernel's. Then its variables, by symbol.
 * Sources: public listings of PROCESSOR_START_BLOCK (ReactOS' ndk); Windows Internals, 7th ed., ch. 5 (self-map).
 */
#include "nt/find.h"

#include <string.h>
#include <strings.h>

enum {
	TABLE_ENTRIES = 512,
	KERNEL_SLOT = 0x1f0, /* the kernel and its drivers are loaded at FFFFF800'00000000 or above */
	SLOT_SHIFT = 39,     /* one entry of the top table covers 512 GiB */
	PTE_PRESENT = 1,
	PTE_PRESENT_WRITABLE = 3,
	/* Steps that the search may take over all page tables tried: more than any kernel needs, and an end for tables that lead in circles. */
	SEARCH_STEPS = 1 << 22,
	SEARCH_IMAGES = 1 << 12, /* mapped pages that begin like an image: a few hundred drivers, and room */
	DOS_SIGNATURE = 0x5a4d,
	LOW_PAGES = 0x100, /* the start block lies in the first MiB */
	START_BLOCK_JUMP = 0x00,
	START_BLOCK_TARGET = 0x70,
	START_BLOCK_CR3 = 0xa0,
};

#define PTE_FRAME    UINT64_C(0x000ffffffffff000)
#define KERNEL_RANGE UINT64_C(0xfffff80000000000)

struct search {
	struct imp_kernel *kernel;
	unsigned steps, images; /* that are left to try */
	unsigned tables;        /* tried */
};

static uint64_t word(const uint8_t *page, size_t offset)
{
	uint64_t value;

	memcpy(&value, page + offset, sizeof(value));
	return value;
}

static bool maps_itself(const uint8_t *page, uint64_t pfn, unsigned slot)
{
	uint64_t entry = word(page, 8 * (size_t)slot);

	return (entry & PTE_PRESENT_WRITABLE) == PTE_PRESENT_WRITABLE && (entry & PTE_FRAME) >> IMP_PAGE_SHIFT == pfn;
}

static bool is_kernel_pdb(const char *path)
{
	const char *name = path;

	for (const char *at = path; *at; at++) {
		if (*at == '\\' || *at == '/')
			name = at + 1;
	}
	return !strncasecmp(name, "ntkrnl", 6) || !strncasecmp(name, "ntoskrnl", 8);
}

static bool is_kernel(struct search *search, uint64_t address)
{
	struct imp_kernel *kernel = search->kernel;
	uint16_t signature;
	struct imp_pe *pe = NULL;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_memory_u16(kernel->memory, address, &signature);

	if (err || signature != DOS_SIGNATURE || !search->images)
		return false;
	search->images--;
	err = imp_pe_open_memory(kernel->memory, address, &pe);
	if (err)
		return false;
	if (imp_pe_info(pe)->has_rsds && imp_pe_info(pe)->pdb_path && is_kernel_pdb(imp_pe_info(pe)->pdb_path)) {
		imp_kernel_set_image(kernel, address, pe);
		return true;
	}
	imp_pe_close(pe);
	return false;
}

/* Looks for the kernel in the 512 GiB of one entry of the top table. */
static bool search_slot(struct search *search, unsigned slot)
{
	uint64_t address = UINT64_C(0xffff) << 48 | (uint64_t)slot << SLOT_SHIFT, end = address + (UINT64_C(1) << SLOT_SHIFT), size;

	/* The end of the last slot is 0. */
	while (address - 1 < end - 1 && search->steps && search->images) {
		search->steps--;
		if (!imp_memory_maps(search->kernel->memory, address, &size)) {
			address = (address & ~(size - 1)) + size;
			continue;
		}
		if (is_kernel(search, address))
			return true;
		address += IMP_PAGE_SIZE;
	}
	return false;
}

/* The table whose entries cover 512 GiB each, of those for the kernel's half: the top one, or what the last entry of the top of five levels leads to. */
static const uint8_t *kernel_table(const struct imp_dump *dump, uint64_t base, unsigned levels)
{
	const uint8_t *page = imp_dump_page(dump, base >> IMP_PAGE_SHIFT);

	if (!page || levels == 4)
		return page;

	uint64_t entry = word(page, sizeof(uint64_t) * (TABLE_ENTRIES - 1));
	return entry & PTE_PRESENT ? imp_dump_page(dump, (entry & PTE_FRAME) >> IMP_PAGE_SHIFT) : NULL;
}

/* Whether the page tables of `levels` at `base` map a kernel, which is kept then. */
static bool try_levels(struct search *search, uint64_t base, unsigned levels)
{
	struct imp_kernel *kernel = search->kernel;
	const uint8_t *table = kernel_table(kernel->dump, base, levels);
	struct imp_paging paging = { .kernel_table = base, .user_table = base, .levels = levels };

	if (!table)
		return false;
	imp_memory_set_paging(kernel->memory, &paging);
	for (unsigned slot = KERNEL_SLOT; slot < TABLE_ENTRIES; slot++) {
		/* Through the self-map one would see page tables, not memory. */
		if (!maps_itself(table, base >> IMP_PAGE_SHIFT, slot) && word(table, 8 * (size_t)slot) && search_slot(search, slot))
			return true;
	}
	return false;
}

/* The same, with four levels and with five. */
static bool try_table(struct search *search, uint64_t base)
{
	struct imp_kernel *kernel = search->kernel;
	const uint8_t *page = imp_dump_page(kernel->dump, base >> IMP_PAGE_SHIFT);
	IMP_CLEANUP_ERROR struct imp_error *err = page ? imp_memory_new(kernel->dump, base, &kernel->memory) : NULL;

	if (!page || err)
		return false;
	search->tables++;
	for (unsigned levels = 4; levels <= IMP_PAGING_LEVELS; levels++) {
		if (!try_levels(search, base, levels))
			continue;
		kernel->info.directory_table_base = base;
		kernel->info.machine = imp_pe_info(kernel->nt.pe)->machine;
		return true;
	}
	imp_memory_free(kernel->memory);
	kernel->memory = NULL;
	return false;
}

/* The block that processors start through: a jump, an address in the kernel, and the page tables of the System process. */
static bool try_start_blocks(struct search *search)
{
	for (uint64_t pfn = 1; pfn < LOW_PAGES; pfn++) {
		const uint8_t *page = imp_dump_page(search->kernel->dump, pfn);

		if (!page || (word(page, START_BLOCK_JUMP) & 0xffffffffffff00ff) != 0x00000001000600e9 ||
		    word(page, START_BLOCK_TARGET) < KERNEL_RANGE || word(page, START_BLOCK_CR3) & ~PTE_FRAME)
			continue;
		if (try_table(search, word(page, START_BLOCK_CR3)))
			return true;
	}
	return false;
}

static bool try_self_maps(struct search *search)
{
	struct imp_dump *dump = search->kernel->dump;

	for (uint64_t pfn = imp_dump_next_page(dump, 0); pfn != UINT64_MAX && search->steps; pfn = imp_dump_next_page(dump, pfn + 1)) {
		const uint8_t *page = imp_dump_page(dump, pfn);

		for (unsigned slot = TABLE_ENTRIES / 2; slot < TABLE_ENTRIES; slot++) {
			if (!maps_itself(page, pfn, slot))
				continue;
			if (try_table(search, pfn << IMP_PAGE_SHIFT))
				return true;
			break;
		}
	}
	return false;
}

struct imp_error *imp_find_kernel(struct imp_kernel *kernel)
{
	struct search search = { .kernel = kernel, .steps = SEARCH_STEPS, .images = SEARCH_IMAGES };

	if ((kernel->info.directory_table_base && try_table(&search, kernel->info.directory_table_base)) || try_start_blocks(&search) ||
	    try_self_maps(&search))
		return NULL;
	return imp_error_new(
		IMP_ERROR_NOT_FOUND,
		"%s: no Windows kernel in this file (%s, which has no dump header): of %llu pages %u look like the top of page tables, and none of "
		"these maps an image whose PDB is ntkrnlmp.pdb",
		imp_dump_path(kernel->dump), imp_dump_info(kernel->dump)->format, (unsigned long long)kernel->info.page_count, search.tables);
}

static uint64_t variable(struct imp_kernel *kernel, const char *name, size_t size)
{
	uint64_t value;

	imp_kernel_note_error(kernel, imp_kernel_variable(kernel, name, size, &value));
	return value;
}

static uint64_t symbol(struct imp_kernel *kernel, const char *name)
{
	uint64_t address = 0;

	imp_kernel_note_error(kernel, imp_kernel_symbol(kernel, name, &address));
	return address;
}

void imp_find_facts(struct imp_kernel *kernel)
{
	IMP_CLEANUP_ERROR struct imp_error *no_symbols = imp_kernel_need_symbols(kernel);
	struct imp_dump_info *info = &kernel->info;
	uint64_t build, bugcheck;

	if (no_symbols)
		return;
	info->debugger_data_block = symbol(kernel, "KdDebuggerDataBlock");
	info->loaded_module_list = symbol(kernel, "PsLoadedModuleList");
	info->active_process_head = symbol(kernel, "PsActiveProcessHead");
	info->pfn_database = variable(kernel, "MmPfnDatabase", 8);
	info->processor_count = (uint32_t)variable(kernel, "KeNumberProcessors", 4);
	build = variable(kernel, "NtBuildNumber", 4);
	info->major_version = (uint32_t)build >> 28; /* 0xF free, 0xC checked */
	info->minor_version = (uint32_t)build & 0xffff;
	/* KiBugCheckData: the code and four parameters, each as wide as a pointer. */
	bugcheck = symbol(kernel, "KiBugCheckData");
	if (bugcheck) {
		uint64_t data[5] = { 0 };

		imp_kernel_note_error(kernel, imp_memory_read(kernel->memory, bugcheck, data, sizeof(data)));
		info->bugcheck_code = (uint32_t)data[0];
		memcpy(info->bugcheck_parameters, data + 1, sizeof(info->bugcheck_parameters));
	}
}
