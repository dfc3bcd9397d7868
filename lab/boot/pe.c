/*
 * Maps a boot image (PE32+, Microsoft's "PE Format" specification): sections with their protections, base relocations applied.
 * Boot images import nothing: the kernel has no one below it and hal.dll and fltmgr.sys only forward to the kernel.
 */
#include "loader.h"

#define DOS_MAGIC           0x5A4D
#define PE_SIGNATURE        0x4550
#define MACHINE_AMD64       0x8664
#define PE32_PLUS           0x20B
#define DIRECTORY_IMPORT    1
#define DIRECTORY_RELOC     5
#define SECTION_EXECUTE     0x20000000u
#define SECTION_WRITE       0x80000000u
#define RELOC_ABSOLUTE      0
#define RELOC_DIR64         10
#define SECTION_HEADER_SIZE 40
#define MAXIMUM_SECTIONS    96

/* A file or a mapped image; getters stop the boot rather than read outside. */
struct span {
	uint8_t *data;
	size_t size;
};

static uint8_t *at(struct span s, uint64_t offset, size_t size)
{
	if (offset > s.size || size > s.size - offset)
		stop("a boot image points outside itself");
	return s.data + offset;
}

static uint16_t get16(struct span s, uint64_t offset)
{
	uint16_t value;

	memcpy(&value, at(s, offset, sizeof(value)), sizeof(value));
	return value;
}

static uint32_t get32(struct span s, uint64_t offset)
{
	uint32_t value;

	memcpy(&value, at(s, offset, sizeof(value)), sizeof(value));
	return value;
}

static uint64_t get64(struct span s, uint64_t offset)
{
	uint64_t value;

	memcpy(&value, at(s, offset, sizeof(value)), sizeof(value));
	return value;
}

static void relocate(struct span image, uint32_t rva, uint32_t size, uint64_t delta)
{
	uint32_t end = rva + size;

	while (rva + 8 <= end) {
		uint32_t page = get32(image, rva);
		uint32_t block = get32(image, rva + 4);

		if (block < 8 || block > end - rva)
			stop("a boot image has a damaged relocation table");
		for (uint32_t i = 8; i + 2 <= block; i += 2) {
			uint16_t entry = get16(image, rva + i);
			uint64_t target = page + (entry & 0xFFFu);

			if (entry >> 12 == RELOC_ABSOLUTE)
				continue;
			if (entry >> 12 != RELOC_DIR64)
				stop("a boot image has a relocation of a kind that x64 does not use");
			uint64_t value = get64(image, target) + delta;
			memcpy(at(image, target, 8), &value, 8);
		}
		rva += block;
	}
}

static void map_range(struct span image, uint64_t base, uint64_t rva, uint64_t size, uint64_t bits)
{
	for (uint64_t offset = 0; offset < size; offset += PAGE_SIZE)
		map_page(base + rva + offset, (uint64_t)at(image, rva + offset, PAGE_SIZE), bits);
}

static void load_section(struct span file, struct span image, uint64_t header, uint64_t base)
{
	uint32_t virtual_size = get32(file, header + 8);
	uint32_t rva = get32(file, header + 12);
	uint32_t raw_size = get32(file, header + 16);
	uint32_t raw = get32(file, header + 20);
	uint32_t characteristics = get32(file, header + 36);
	uint64_t bits = 0;

	if (rva % PAGE_SIZE)
		stop("a boot image has a section that is not page aligned");
	if (raw_size > virtual_size)
		raw_size = virtual_size;
	memcpy(at(image, rva, raw_size), at(file, raw, raw_size), raw_size);
	if (!(characteristics & SECTION_EXECUTE))
		bits |= PTE_NX;
	if (characteristics & SECTION_WRITE)
		bits |= PTE_WRITE | PTE_DIRTY;
	map_range(image, base, rva, PAGES(virtual_size) * PAGE_SIZE, bits);
}

static void copy_name(char *to, size_t size, const char *folder, const char *name)
{
	size_t length = 0;

	for (const char *part = folder; *part && length + 1 < size; part++)
		to[length++] = *part;
	for (; *name && length + 1 < size; name++)
		to[length++] = *name;
	to[length] = 0;
}

void load_image(LOADER_PARAMETER_BLOCK *block, const char *name, const uint8_t *data, size_t size, uint64_t base)
{
	struct span file = { (uint8_t *)data, size };
	uint64_t pe = get32(file, 0x3C);
	uint64_t optional = pe + 24;

	if (get16(file, 0) != DOS_MAGIC || get32(file, pe) != PE_SIGNATURE || get16(file, pe + 4) != MACHINE_AMD64 ||
	    get16(file, optional) != PE32_PLUS)
		stop("a boot image is not a 64-bit PE image");
	uint16_t sections = get16(file, pe + 6);
	uint64_t section_table = optional + get16(file, pe + 20);
	uint32_t image_size = get32(file, optional + 56);
	uint32_t header_size = get32(file, optional + 60);
	uint64_t directories = optional + 112;

	if (sections > MAXIMUM_SECTIONS || get32(file, optional + 108) <= DIRECTORY_RELOC)
		stop("a boot image has headers that no linker writes");
	if (get32(file, directories + 8 * DIRECTORY_IMPORT))
		stop("a boot image imports from another one");

	struct span image = { allocate_pages(PAGES(image_size)), PAGES(image_size) * PAGE_SIZE };
	memcpy(at(image, 0, header_size), at(file, 0, header_size), header_size);
	map_range(image, base, 0, PAGES(header_size) * PAGE_SIZE, PTE_NX);
	for (unsigned i = 0; i < sections; i++)
		load_section(file, image, section_table + i * SECTION_HEADER_SIZE, base);
	relocate(image, get32(file, directories + 8 * DIRECTORY_RELOC), get32(file, directories + 8 * DIRECTORY_RELOC + 4),
		 base - get64(file, optional + 24));
	memcpy(at(image, optional + 24, 8), &base, 8);

	if (block->ModuleCount == LOADER_BLOCK_MODULES)
		stop("too many boot images");
	LOADER_MODULE *module = &block->Modules[block->ModuleCount++];
	module->DllBase = base;
	module->EntryPoint = get32(file, optional + 16) ? base + get32(file, optional + 16) : 0;
	module->SizeOfImage = image_size;
	module->TimeDateStamp = get32(file, pe + 8);
	module->CheckSum = get32(file, optional + 64);
	copy_name(module->BaseDllName, sizeof(module->BaseDllName), "", name);
	copy_name(module->FullDllName, sizeof(module->FullDllName), "\\SystemRoot\\system32\\", name);
}
