/* ELF cores of a whole machine, as QEMU's dump-guest-memory and libvirt's `dump --memory-only` write them: each PT_LOAD segment is a run of
 * physical memory (p_paddr), notes named QEMU hold the processors' registers, and one named VMCOREINFO the dump header that the guest has
 * published (docs/specs/vmcoreinfo of QEMU).
 * Sources: the System V ABI's ELF chapters (64-bit); QEMU's target/i386/arch_dump.c for the notes.
 */
#include "dump/runs.h"

#include <inttypes.h>

enum {
	EI_CLASS = 4,
	EI_DATA = 5,
	ELF_CLASS64 = 2,
	ELF_LITTLE_ENDIAN = 1,
	E_TYPE = 16,
	ET_CORE = 4,
	E_MACHINE = 18,
	EM_X86_64 = 62,
	E_PHOFF = 32,
	E_SHOFF = 40,
	E_PHENTSIZE = 54,
	E_PHNUM = 56,
	PN_XNUM = 0xffff, /* more segments than that: their number is in section 0's sh_info */
	SH_INFO = 44,
	PHDR_SIZE = 56,
	P_TYPE = 0,
	P_OFFSET = 8,
	P_PADDR = 24,
	P_FILESZ = 32,
	PT_LOAD = 1,
	PT_NOTE = 4,
	NOTE_HEADER_SIZE = 12,
	IMAGE_FILE_MACHINE_AMD64 = 0x8664,
	MAX_SEGMENTS = 1 << 20,
	MAX_NOTES = 1 << 16,
	/* QEMUCPUState: version, size, 18 general registers, 10 segment registers of 24 bytes, cr0 to cr4 */
	QEMU_STATE_CR3 = 8 + 18 * 8 + 10 * 24 + 3 * 8,
	QEMU_STATE_VERSION = 1,
	CR3_FLAGS = 0xfff, /* PCID, or the cache bits */
};

struct segment {
	uint32_t type;
	uint64_t offset, physical, size;
};

bool imp_dump_is_elf(struct imp_span bytes)
{
	return imp_span_has(bytes, 0, 4) && !memcmp(bytes.data,
						    "\x7f"
						    "ELF",
						    4);
}

bool imp_dump_is_elf_core(struct imp_span bytes)
{
	uint16_t type;

	return imp_dump_is_elf(bytes) && imp_span_u16(bytes, E_TYPE, &type) && type == ET_CORE;
}

static struct imp_error *count_segments(struct imp_span bytes, uint32_t *count)
{
	uint16_t type, machine, size, short_count;
	uint64_t sections;
	uint8_t class, data;

	if (!imp_span_u8(bytes, EI_CLASS, &class) || !imp_span_u8(bytes, EI_DATA, &data) || !imp_span_u16(bytes, E_TYPE, &type) ||
	    !imp_span_u16(bytes, E_MACHINE, &machine) || !imp_span_u16(bytes, E_PHENTSIZE, &size) || !imp_span_u16(bytes, E_PHNUM, &short_count))
		return imp_error_new(IMP_ERROR_FORMAT, "the file ends inside the ELF header");
	if (class != ELF_CLASS64 || data != ELF_LITTLE_ENDIAN || type != ET_CORE || machine != EM_X86_64)
		return imp_error_new(IMP_ERROR_FORMAT, "an ELF file, but not the core of a 64-bit x86 machine (type %u, machine %u, expected %d, %d)",
				     type, machine, ET_CORE, EM_X86_64);
	*count = short_count;
	if (short_count == PN_XNUM &&
	    (!imp_span_u64(bytes, E_SHOFF, &sections) || sections > bytes.size || !imp_span_u32(bytes, sections + SH_INFO, count)))
		return imp_error_new(IMP_ERROR_FORMAT, "the ELF header says that section 0 has the number of segments, but the file ends before it");
	if (size != PHDR_SIZE || *count > MAX_SEGMENTS)
		return imp_error_new(IMP_ERROR_FORMAT,
				     "the ELF header claims %" PRIu32 " segments with headers of %u bytes, expected at most %d of %d", *count, size,
				     MAX_SEGMENTS, PHDR_SIZE);
	return NULL;
}

static bool read_segment(struct imp_span bytes, uint32_t index, struct segment *segment)
{
	struct imp_span header;
	uint64_t table;

	return imp_span_u64(bytes, E_PHOFF, &table) && table <= bytes.size &&
	       imp_span_slice(bytes, table + PHDR_SIZE * (uint64_t)index, PHDR_SIZE, &header) && imp_span_u32(header, P_TYPE, &segment->type) &&
	       imp_span_u64(header, P_OFFSET, &segment->offset) && imp_span_u64(header, P_PADDR, &segment->physical) &&
	       imp_span_u64(header, P_FILESZ, &segment->size);
}

static uint64_t padded(uint32_t size)
{
	return ((uint64_t)size + 3) & ~UINT64_C(3);
}

/* Takes the first processor's page tables (it may stand in a process, but the kernel's half is the same in all) and the dump header that a guest
 * with vmcoreinfo leaves for QEMU, which copies the note as it is.
 */
static void read_note(struct imp_dump *dump, const char *name, struct imp_span data)
{
	uint32_t version;
	uint64_t table;

	if (!strcmp(name, "VMCOREINFO") && data.size == DUMP_HEADER64_SIZE && !memcmp(data.data, "PAGEDU64", 8))
		dump->header = data;
	if (!strcmp(name, "QEMU") && imp_span_u32(data, 0, &version) && version == QEMU_STATE_VERSION && imp_span_u64(data, QEMU_STATE_CR3, &table) &&
	    !dump->info.processor_count++)
		dump->info.directory_table_base = table & ~(uint64_t)CR3_FLAGS;
}

static void read_notes(struct imp_dump *dump, const struct segment *segment)
{
	struct imp_span notes, data;
	uint64_t at = 0;
	uint32_t name_size, size;

	if (!imp_span_slice(dump->bytes, segment->offset, segment->size, &notes))
		return;
	for (unsigned i = 0; i < MAX_NOTES && imp_span_u32(notes, at, &name_size) && imp_span_u32(notes, at + 4, &size); i++) {
		uint64_t start = at + NOTE_HEADER_SIZE + padded(name_size);
		const char *name = imp_span_string(notes, at + NOTE_HEADER_SIZE);

		if (name && imp_span_slice(notes, start, size, &data))
			read_note(dump, name, data);
		at = start + padded(size);
	}
}

/* Whole pages only: what does not begin or end with a page cannot be one. */
static struct imp_error *add_segment(struct imp_runs *runs, const struct segment *segment)
{
	uint64_t lost = -segment->physical & (IMP_PAGE_SIZE - 1);
	struct imp_run run = { .first = (segment->physical + lost) >> IMP_PAGE_SHIFT, .offset = segment->offset + lost };

	if (segment->size <= lost)
		return NULL;
	run.count = (segment->size - lost) >> IMP_PAGE_SHIFT;
	if (segment->physical + lost < segment->physical || run.offset < lost || run.count > IMP_PFN_LIMIT || run.first > IMP_PFN_LIMIT - run.count)
		return imp_error_new(IMP_ERROR_FORMAT,
				     "the ELF segment at physical address 0x%" PRIx64 " (0x%" PRIx64 " bytes) goes beyond 52-bit physical addresses",
				     segment->physical, segment->size);
	if (run.count)
		runs->run[runs->count++] = run;
	return NULL;
}

/* QEMU lists memory once for each virtual address of it when asked for paging: what an earlier run has is cut off from the later one. */
static void make_disjoint(struct imp_runs *runs)
{
	uint64_t end = 0;
	size_t kept = 0;

	imp_runs_sort(runs);
	for (size_t i = 0; i < runs->count; i++) {
		struct imp_run run = runs->run[i];
		uint64_t known = end > run.first ? end - run.first : 0;

		if (known >= run.count)
			continue;
		run.first += known;
		run.count -= known;
		run.offset += known << IMP_PAGE_SHIFT;
		end = run.first + run.count;
		runs->run[kept++] = run;
	}
	runs->count = kept;
}

struct imp_error *imp_dump_elf_open(struct imp_dump *dump)
{
	uint32_t count;
	struct imp_error *err = count_segments(dump->bytes, &count);
	/* No more than the file has room for, whatever it claims. */
	struct imp_runs *runs = err ? NULL : imp_runs_new(count < dump->bytes.size / PHDR_SIZE ? count : dump->bytes.size / PHDR_SIZE);

	if (!err && !runs)
		err = imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
	if (err)
		return err;
	dump->state = runs;
	for (uint32_t i = 0; !err && i < count; i++) {
		struct segment segment;

		if (!read_segment(dump->bytes, i, &segment))
			return imp_error_new(IMP_ERROR_FORMAT, "the file ends inside the table of %" PRIu32 " ELF segments", count);
		if (segment.type == PT_LOAD)
			err = add_segment(runs, &segment);
		else if (segment.type == PT_NOTE)
			read_notes(dump, &segment);
	}
	if (!err && dump->header.size)
		err = imp_dump_header64(dump->header, &dump->info);
	if (err)
		return err;
	dump->info.machine = IMAGE_FILE_MACHINE_AMD64;
	make_disjoint(runs);
	if (!runs->count)
		return imp_error_new(IMP_ERROR_FORMAT, "the ELF core holds no physical memory");
	for (size_t i = 0; i < runs->count; i++) {
		const struct imp_run *run = &runs->run[i];
		uint64_t there = run->offset < dump->bytes.size ? (dump->bytes.size - run->offset) >> IMP_PAGE_SHIFT : 0;

		dump->info.page_count += run->count;
		dump->info.missing_pages += there < run->count ? run->count - there : 0;
	}
	return NULL;
}
