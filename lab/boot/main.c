/*
 * The loader's order of work: memory map and command line from QEMU (hvm_start_info, xen/include/public/arch-x86/hvm/start_info.h),
 * address space, boot images, SMBIOS, and the jump into the kernel.
 */
#include "loader.h"

#define HVM_START_MAGIC    0x336EC578u
#define MEMORY_MAP_RAM     1
#define FOUR_GIB           0x100000000ULL
#define DEBUG_CONSOLE_PORT 0x402

struct hvm_start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t module_count;
	uint64_t modules;
	uint64_t command_line;
	uint64_t rsdp;
	uint64_t memory_map;
	uint32_t memory_map_entries;
	uint32_t reserved;
};

struct memory_map_entry {
	uint64_t address;
	uint64_t size;
	uint32_t type;
	uint32_t reserved;
};

extern uint8_t __loader_start[], __loader_end[];
extern const uint8_t ntoskrnl_image[], ntoskrnl_image_end[], hal_image[], hal_image_end[], fltmgr_image[], fltmgr_image_end[];

static uint64_t free_start, free_end;
static LOADER_PARAMETER_BLOCK loader_block;

void *memcpy(void *to, const void *from, size_t size)
{
	void *result = to;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
	return result;
}

void *memset(void *to, int value, size_t size)
{
	void *result = to;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
	return result;
}

static void console(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	__asm__ volatile("rep outsb" : "+S"(text), "+c"(length) : "d"(DEBUG_CONSOLE_PORT) : "memory");
}

_Noreturn void stop(const char *why)
{
	console("impasse loader: ");
	console(why);
	console("\n");
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* The next 2 MiB boundary behind the last image, so that no page table holds pages of both. */
static uint64_t next_base(const LOADER_PARAMETER_BLOCK *block)
{
	const LOADER_MODULE *last = &block->Modules[block->ModuleCount - 1];

	return (last->DllBase + last->SizeOfImage + 0x1FFFFF) & ~0x1FFFFFULL;
}

void *allocate_pages(uint64_t count)
{
	uint64_t address = free_start;

	if (count > (free_end - free_start) / PAGE_SIZE)
		stop("not enough memory for the boot images");
	free_start += count * PAGE_SIZE;
	return memset((void *)address, 0, count * PAGE_SIZE);
}

static void add_run(uint64_t start, uint64_t end, uint32_t type)
{
	if (start >= end)
		return;
	if (loader_block.RunCount == LOADER_BLOCK_RUNS)
		stop("the memory map has too many pieces");
	LOADER_MEMORY_RUN *run = &loader_block.Runs[loader_block.RunCount++];
	run->BasePage = start / PAGE_SIZE;
	run->PageCount = (end - start) / PAGE_SIZE;
	run->MemoryType = type;
}

/* Finds the RAM that the loader lies in; what follows the loader there is what it allocates from. */
static void find_memory(const struct memory_map_entry *map, uint32_t count)
{
	uint64_t start = (uint64_t)__loader_start, end = (uint64_t)__loader_end;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t last = map[i].address + map[i].size;

		if (map[i].type == MEMORY_MAP_RAM && map[i].address <= start && last >= end) {
			free_start = end;
			free_end = (last < FOUR_GIB ? last : FOUR_GIB) & ~(PAGE_SIZE - 1);
		}
	}
	if (!free_start)
		stop("the memory map does not cover the loader");
}

/* Written last, when it is known how much the loader has taken. QEMU's map is ascending and does not overlap. */
static void describe_memory(const struct memory_map_entry *map, uint32_t count)
{
	uint64_t start = (uint64_t)__loader_start, end = (uint64_t)__loader_end;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t first = (map[i].address + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
		uint64_t last = (map[i].address + map[i].size) & ~(PAGE_SIZE - 1);

		if (map[i].type != MEMORY_MAP_RAM || first >= last)
			continue;
		if (!first) {
			add_run(0, PAGE_SIZE, LoaderBad);
			first = PAGE_SIZE;
		}
		if (first <= start && last >= end) {
			uint64_t smbios = loader_block.SmbiosTable;

			add_run(first, start, LoaderFree);
			add_run(start, end, LoaderLoadedProgram);
			add_run(end, smbios, LoaderSystemCode);
			add_run(smbios, smbios + PAGE_SIZE, LoaderFirmwarePermanent);
			add_run(smbios + PAGE_SIZE, free_start, LoaderSystemCode);
			add_run(free_start, last, LoaderFree);
		} else {
			add_run(first, last, LoaderFree);
		}
	}
}

static void map_boot_stack(void)
{
	uint64_t stack = (uint64_t)allocate_pages(BOOT_STACK_PAGES);

	for (uint64_t i = 0; i < BOOT_STACK_PAGES; i++)
		map_page(BOOT_STACK_TOP - (i + 1) * PAGE_SIZE, stack + (BOOT_STACK_PAGES - 1 - i) * PAGE_SIZE, PTE_WRITE | PTE_DIRTY | PTE_NX);
	loader_block.KernelStack = BOOT_STACK_TOP;
}

static void copy_command_line(const char *text)
{
	size_t length = 0;

	while (text && text[length] && length + 1 < LOADER_BLOCK_OPTIONS) {
		loader_block.LoadOptions[length] = text[length];
		length++;
	}
	if (text && text[length])
		stop("the command line is longer than 2047 characters");
}

_Noreturn void loader_main(const struct hvm_start_info *info)
{
	const struct memory_map_entry *map = (const void *)info->memory_map;

	if (info->magic != HVM_START_MAGIC || info->version < 1)
		stop("not started by the PVH protocol, version 1");
	find_memory(map, info->memory_map_entries);
	loader_block.Size = sizeof(loader_block);
	loader_block.OsMajorVersion = 10;
	loader_block.BootStartTsc = boot_tsc;
	loader_block.Rsdp = info->rsdp;
	copy_command_line((const char *)info->command_line);

	create_address_space();
	load_image(&loader_block, "ntoskrnl.exe", ntoskrnl_image, (size_t)(ntoskrnl_image_end - ntoskrnl_image), KERNEL_BASE);
	load_image(&loader_block, "hal.dll", hal_image, (size_t)(hal_image_end - hal_image), next_base(&loader_block));
	load_image(&loader_block, "fltmgr.sys", fltmgr_image, (size_t)(fltmgr_image_end - fltmgr_image), next_base(&loader_block));
	map_boot_stack();
	map_page(SHARED_USER_DATA, (uint64_t)allocate_pages(1), PTE_WRITE | PTE_DIRTY | PTE_NX);
	build_smbios(&loader_block);
	describe_memory(map, info->memory_map_entries);
	loader_block.DirectoryTable = (uint64_t)kernel_pml4;
	enter_kernel((uint64_t)kernel_pml4, loader_block.KernelStack, loader_block.Modules[0].EntryPoint, (uint64_t)&loader_block);
}
