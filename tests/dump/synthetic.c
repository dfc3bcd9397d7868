/* A complete memory dump made in the test: see synthetic.h. Written from the format's description, not with the reader's constants. */
#include "synthetic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Tests are built without assertions too, so this is not assert(). */
static void require(int condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "synthetic dump: %s\n", what);
	abort();
}

void synthetic_put32(struct synthetic *dump, size_t offset, uint32_t value)
{
	memcpy(dump->bytes + offset, &value, sizeof(value));
}

void synthetic_put64(struct synthetic *dump, size_t offset, uint64_t value)
{
	memcpy(dump->bytes + offset, &value, sizeof(value));
}

void synthetic_new(struct synthetic *dump, uint64_t first_page, uint64_t page_count)
{
	*dump = (struct synthetic){ .first_page = first_page, .page_count = page_count, .next_page = first_page };
	dump->size = SYNTHETIC_HEADER_SIZE + page_count * 4096;
	dump->file = memfd_create("synthetic", MFD_CLOEXEC);
	require(dump->file >= 0 && !ftruncate(dump->file, (off_t)dump->size), "no memory file");
	dump->bytes = mmap(NULL, dump->size, PROT_READ | PROT_WRITE, MAP_SHARED, dump->file, 0);
	require(dump->bytes != MAP_FAILED, "not mapped");

	/* Windows fills the header with "PAGE" before it writes fields. */
	for (size_t i = 0; i < SYNTHETIC_HEADER_SIZE; i += 4)
		memcpy(dump->bytes + i, "PAGE", 4);
	memcpy(dump->bytes, "PAGEDU64", 8);
	synthetic_put32(dump, 0x8, 0xf);
	synthetic_put32(dump, 0xc, 22621);
	dump->directory_table_base = synthetic_take(dump, 1) * 4096;
	synthetic_put64(dump, 0x10, dump->directory_table_base);
	synthetic_put64(dump, 0x18, 0xfffffa8000000000);
	synthetic_put64(dump, 0x20, 0xfffff80012345678);
	synthetic_put64(dump, 0x28, 0xfffff80023456789);
	synthetic_put32(dump, 0x30, 0x8664);
	synthetic_put32(dump, 0x34, 7);
	synthetic_put32(dump, 0x38, 0x161);
	synthetic_put64(dump, 0x40, 0x5461736b6d6772);
	synthetic_put64(dump, 0x48, 1);
	synthetic_put64(dump, 0x50, 2);
	synthetic_put64(dump, 0x58, 3);
	synthetic_put64(dump, 0x80, 0xfffff80034567890);
	synthetic_put32(dump, 0x88, 1);
	synthetic_put64(dump, 0x90, page_count);
	synthetic_put64(dump, 0x98, first_page);
	synthetic_put64(dump, 0xa0, page_count);
	synthetic_put32(dump, 0xf98, 1);
	synthetic_put64(dump, 0xfa8, 0x1da1f9b12345678);
	synthetic_put64(dump, 0x1030, 3503220000);
	synthetic_put32(dump, 0x1040, 1);
	synthetic_put32(dump, 0x1044, 0x110);
}

static void put16(struct synthetic *dump, size_t offset, uint16_t value)
{
	memcpy(dump->bytes + offset, &value, sizeof(value));
}

static void put_segment(struct synthetic *dump, unsigned index, uint32_t type, uint64_t offset, uint64_t physical, uint64_t size)
{
	size_t at = 0x40 + 56 * index;

	synthetic_put32(dump, at, type);
	synthetic_put64(dump, at + 8, offset);
	synthetic_put64(dump, at + 24, physical);
	synthetic_put64(dump, at + 32, size);
	synthetic_put64(dump, at + 40, size);
}

void synthetic_elf(struct synthetic *dump)
{
	memset(dump->bytes, 0, SYNTHETIC_HEADER_SIZE);
	memcpy(dump->bytes, "\177ELF\2\1\1", 7);
	put16(dump, 16, 4);  /* ET_CORE */
	put16(dump, 18, 62); /* EM_X86_64 */
	synthetic_put32(dump, 20, 1);
	synthetic_put64(dump, 32, 0x40);
	put16(dump, 52, 64);
	put16(dump, 54, 56);
	put16(dump, 56, 2);
	put_segment(dump, 0, 4, SYNTHETIC_ELF_NOTES, 0, 12 + 8 + 440);
	put_segment(dump, 1, 1, SYNTHETIC_HEADER_SIZE, dump->first_page * 4096, dump->page_count * 4096);
	synthetic_put32(dump, SYNTHETIC_ELF_NOTES, 5);
	synthetic_put32(dump, SYNTHETIC_ELF_NOTES + 4, 440);
	memcpy(dump->bytes + SYNTHETIC_ELF_NOTES + 12, "QEMU", 4);
	synthetic_put32(dump, SYNTHETIC_ELF_NOTES + 20, 1);
	synthetic_put32(dump, SYNTHETIC_ELF_NOTES + 24, 440);
	synthetic_put64(dump, SYNTHETIC_ELF_NOTES + 20 + 416, dump->directory_table_base | 2); /* cr3, with a PCID */
}

void synthetic_free(struct synthetic *dump)
{
	munmap(dump->bytes, dump->size);
	close(dump->file);
}

uint64_t synthetic_take(struct synthetic *dump, uint64_t count)
{
	uint64_t page = dump->next_page;

	dump->next_page += count;
	require(dump->next_page <= dump->first_page + dump->page_count, "no page left");
	return page;
}

size_t synthetic_offset(const struct synthetic *dump, uint64_t page)
{
	require(page >= dump->first_page && page < dump->first_page + dump->page_count, "no such page");
	return SYNTHETIC_HEADER_SIZE + (page - dump->first_page) * 4096;
}

uint8_t *synthetic_page(const struct synthetic *dump, uint64_t page)
{
	return dump->bytes + synthetic_offset(dump, page);
}

void synthetic_set_entry(struct synthetic *dump, uint64_t address, unsigned level, uint64_t entry)
{
	uint64_t table = dump->directory_table_base / 4096;

	for (unsigned at = 3; at > level; at--) {
		uint64_t next, *slot = (uint64_t *)synthetic_page(dump, table) + (address >> (12 + 9 * at) & 511);

		if (!*slot)
			*slot = synthetic_take(dump, 1) << 12 | 0x67;
		next = *slot << 12 >> 24;
		table = next;
	}
	((uint64_t *)synthetic_page(dump, table))[address >> (12 + 9 * level) & 511] = entry;
}

void synthetic_map(struct synthetic *dump, uint64_t address, uint64_t page, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		synthetic_set_entry(dump, address + i * 4096, 0, (page + i) << 12 | 0x63);
}
