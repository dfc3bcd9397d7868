/*
 * The SMBIOS structure table (DMTF DSP0134): firmware, system, processor, end. What the processor is called comes from CPUID.
 */
#include "loader.h"

#define CPUID_BRAND       0x80000002u
#define SMBIOS_BIOS       0
#define SMBIOS_SYSTEM     1
#define SMBIOS_PROCESSOR  4
#define SMBIOS_END        127
#define BIOS_HEADER       0x12
#define SYSTEM_HEADER     0x1B
#define PROCESSOR_HEADER  0x2A
#define END_HEADER        4
#define PROCESSOR_CENTRAL 3
#define PROCESSOR_ENABLED 0x41 /* socket populated, CPU enabled */

struct table {
	uint8_t *data;
	size_t size;
	uint16_t handles;
};

static void cpuid(uint32_t leaf, uint32_t out[4])
{
	__asm__ volatile("cpuid" : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3]) : "a"(leaf), "c"(0));
}

/* Begins a structure: the formatted part is zero but for its header; strings follow by add_string. */
static uint8_t *begin(struct table *t, uint8_t type, uint8_t length)
{
	uint8_t *s = t->data + t->size;

	s[0] = type;
	s[1] = length;
	s[2] = (uint8_t)t->handles;
	s[3] = (uint8_t)(t->handles++ >> 8);
	t->size += length;
	return s;
}

static void add_string(struct table *t, const char *text)
{
	while (*text && t->size < PAGE_SIZE - 64)
		t->data[t->size++] = (uint8_t)*text++;
	t->data[t->size++] = 0;
}

static void end(struct table *t)
{
	t->data[t->size++] = 0;
}

static void add_processor(struct table *t)
{
	uint32_t words[4];
	char vendor[13] = { 0 };
	char brand[49] = { 0 };
	const char *trimmed = brand;

	cpuid(0, words);
	memcpy(vendor, &words[1], 4);
	memcpy(vendor + 4, &words[3], 4);
	memcpy(vendor + 8, &words[2], 4);
	for (uint32_t i = 0; i < 3; i++) {
		cpuid(CPUID_BRAND + i, words);
		memcpy(brand + 16 * i, words, 16);
	}
	while (*trimmed == ' ')
		trimmed++;

	uint8_t *s = begin(t, SMBIOS_PROCESSOR, PROCESSOR_HEADER);
	cpuid(1, words);
	s[0x04] = 1;
	s[0x05] = PROCESSOR_CENTRAL;
	s[0x06] = 2; /* family: unknown, the brand string says it */
	s[0x07] = 2;
	memcpy(s + 0x08, &words[0], 4);
	memcpy(s + 0x0C, &words[3], 4);
	s[0x10] = *trimmed ? 3 : 0;
	s[0x18] = PROCESSOR_ENABLED;
	s[0x19] = 2;               /* upgrade: unknown */
	memset(s + 0x1A, 0xFF, 6); /* no cache structures */
	s[0x23] = s[0x24] = s[0x25] = 1;
	add_string(t, "CPU 0");
	add_string(t, vendor);
	if (*trimmed)
		add_string(t, trimmed);
	end(t);
}

void build_smbios(LOADER_PARAMETER_BLOCK *block)
{
	struct table t = { allocate_pages(1), 0, 0 };
	uint8_t *s = begin(&t, SMBIOS_BIOS, BIOS_HEADER);

	s[0x04] = 1;
	s[0x05] = 2;
	s[0x0A] = 0x08; /* characteristics are not supported */
	add_string(&t, "Impasse");
	add_string(&t, "PVH loader");
	end(&t);

	s = begin(&t, SMBIOS_SYSTEM, SYSTEM_HEADER);
	s[0x04] = 1;
	s[0x05] = 2;
	s[0x18] = 6; /* woken by the power switch */
	add_string(&t, "QEMU");
	add_string(&t, "microvm");
	end(&t);

	add_processor(&t);

	begin(&t, SMBIOS_END, END_HEADER);
	end(&t);
	end(&t);
	block->SmbiosTable = (uint64_t)t.data;
	block->SmbiosLength = (uint32_t)t.size;
	block->SmbiosMajor = 3;
	block->SmbiosMinor = 0;
}
