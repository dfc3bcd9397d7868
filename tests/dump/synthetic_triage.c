/* A triage dump made in the test: see synthetic.h. Written from the format's description, not with the reader's constants. */
#include "synthetic.h"

#include <stdlib.h>
#include <string.h>

enum {
	SIZE = 0x6000,
	UNLOADED = 0x20d0,
	PRCB = 0x2200,
	PROCESS = 0x2300,
	THREAD = 0x2400,
	STACK = 0x2500,
	STACK_SIZE = 0x200,
	DRIVERS = 0x2800,
	STRINGS = 0x2a00,
	KDBG = 0x2c00,
	BLOCKS = 0x2d00,
	MEMORY = 0x3000,
	VALID = 0x5004,
	SECONDARY = 0x5008,
};

static void put16(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof(value));
}

static void put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static void put64(uint8_t *at, uint64_t value)
{
	memcpy(at, &value, sizeof(value));
}

static void put_characters(uint8_t *at, const char *text)
{
	for (; *text; text++, at += 2)
		put16(at, (uint8_t)*text);
}

static void put_driver(uint8_t *bytes, unsigned index, uint64_t base, uint32_t size, uint32_t stamp, const char *path)
{
	uint8_t *entry = bytes + DRIVERS + 0x90 * index;
	uint32_t name = STRINGS + 0x80 * index;

	put32(entry, name);
	put64(entry + 8 + 0x30, base);
	put32(entry + 8 + 0x40, size);
	put32(entry + 8 + 0x80, stamp);
	put32(bytes + name, (uint32_t)strlen(path));
	put_characters(bytes + name + 4, path);
}

static void put_block(uint8_t *bytes, unsigned index, uint64_t address, uint32_t offset, uint32_t size)
{
	put64(bytes + BLOCKS + 16 * index, address);
	put32(bytes + BLOCKS + 16 * index + 8, offset);
	put32(bytes + BLOCKS + 16 * index + 12, size);
}

static uint8_t *put_blob(uint8_t *at, uint8_t tag, const char *text, uint32_t before, uint32_t behind)
{
	put32(at, 0x20);
	memset(at + 4, tag, 16);
	put32(at + 0x14, (uint32_t)strlen(text));
	put32(at + 0x18, before);
	put32(at + 0x1c, behind);
	memcpy(at + 0x20 + before, text, strlen(text));
	return at + 0x20 + before + strlen(text) + behind;
}

uint8_t *synthetic_triage(size_t *size)
{
	struct synthetic header;
	uint8_t *bytes = calloc(1, SIZE), *end;

	if (!bytes)
		abort();
	synthetic_new(&header, 0, 1);
	memcpy(bytes, header.bytes, SYNTHETIC_HEADER_SIZE);
	synthetic_free(&header);
	put64(bytes + 0x20, 0xfffff80012345678);
	put64(bytes + 0x80, 0xfffff80012350000);
	put32(bytes + 0xf98, 4);
	put32(bytes + 0x2004, SECONDARY);
	put32(bytes + 0x2008, VALID);
	put32(bytes + 0x200c, 0x348);
	put32(bytes + 0x2010, 0xf00);
	put32(bytes + 0x2018, UNLOADED);
	put32(bytes + 0x201c, PRCB);
	put32(bytes + 0x2020, PROCESS);
	put32(bytes + 0x2024, THREAD);
	put32(bytes + 0x2028, STACK);
	put32(bytes + 0x202c, STACK_SIZE);
	put32(bytes + 0x2030, DRIVERS);
	put32(bytes + 0x2034, 3);
	put64(bytes + 0x2048, 0xffff800000001e00);
	put32(bytes + 0x2070, KDBG);
	put32(bytes + 0x2074, 0x80);
	put32(bytes + 0x2078, BLOCKS);
	put32(bytes + 0x207c, 3);
	put64(bytes + UNLOADED, 1);
	put16(bytes + UNLOADED + 8, 14);
	put16(bytes + UNLOADED + 10, 14);
	put_characters(bytes + UNLOADED + 8 + 0x10, "old.sys");
	put64(bytes + UNLOADED + 8 + 0x28, 0xfffff80020000000);
	put64(bytes + UNLOADED + 8 + 0x30, 0xfffff80020008000);
	for (unsigned i = 0; i < 0x100; i++)
		bytes[PRCB + i] = bytes[PROCESS + i] = bytes[THREAD + i] = (uint8_t)i;
	memset(bytes + STACK, 0x55, STACK_SIZE);
	memset(bytes + KDBG, 0x44, 0x80);
	put_driver(bytes, 0, 0xfffff80012000000, 0x1000000, 0x12345678, "\\SystemRoot\\system32\\ntoskrnl.exe");
	put_driver(bytes, 1, 0xfffff80015000000, 0x3000, 0x11111111, "\\SystemRoot\\System32\\drivers\\bad.sys");
	put_driver(bytes, 2, 0xfffff80016000000, 0x4000, 0x22222222, "good.sys");
	/* Not in the order of their addresses; the last one overlaps the first and the stack. */
	put_block(bytes, 0, 0xffff800000001000, MEMORY, 0x800);
	put_block(bytes, 1, 0xfffff80012000000, MEMORY + 0x800, 0x40);
	put_block(bytes, 2, 0xffff800000001400, MEMORY + 0x1000, 0x900);
	memset(bytes + MEMORY, 0x11, 0x800);
	memset(bytes + MEMORY + 0x800, 0x22, 0x40);
	memset(bytes + MEMORY + 0x1000, 0x33, 0x900);
	put32(bytes + VALID, 0x44475254);
	memcpy(bytes + SECONDARY, "DumpBlob", 8);
	put32(bytes + SECONDARY + 8, 0x10);
	put32(bytes + SECONDARY + 12, 22621);
	end = put_blob(bytes + SECONDARY + 0x10, 0xaa, "first", 8, 3);
	end = put_blob(end, 0xbb, "the second one", 0, 0);
	*size = (size_t)(end - bytes);
	return bytes;
}
