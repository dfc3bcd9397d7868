/* ELF cores as they are written: one PT_LOAD segment a run, and the dump header as the VMCOREINFO note that QEMU writes for guests that publish
 * one. The processors' registers are not in it: a dump header does not have those of all. The reading side is elf.c.
 */
#include "dump/writer.h"

#include <elf.h>
#include <stdlib.h>

static const char note_name[] = "VMCOREINFO";

enum { NOTE_NAME_SIZE = 12 /* padded to 4 */, NOTE_SIZE = sizeof(Elf64_Nhdr) + NOTE_NAME_SIZE + DUMP_HEADER64_SIZE };

static uint64_t page_aligned(uint64_t size)
{
	return (size + IMP_PAGE_SIZE - 1) & ~(uint64_t)(IMP_PAGE_SIZE - 1);
}

static struct imp_error *put_note(struct imp_writer *writer, uint64_t offset)
{
	uint8_t note[NOTE_SIZE] = { 0 };
	Elf64_Nhdr header = { .n_namesz = sizeof(note_name), .n_descsz = DUMP_HEADER64_SIZE };

	memcpy(note, &header, sizeof(header));
	memcpy(note + sizeof(header), note_name, sizeof(note_name));
	memcpy(note + sizeof(header) + NOTE_NAME_SIZE, writer->copy->header.data, DUMP_HEADER64_SIZE);
	return imp_writer_put(writer, offset, note, sizeof(note));
}

/* More segments than e_phnum can tell are counted in section 0. */
static struct imp_error *put_header(struct imp_writer *writer, size_t segments, uint64_t section)
{
	Elf64_Ehdr header = {
		.e_type = ET_CORE, .e_machine = EM_X86_64, .e_version = EV_CURRENT, .e_phoff = sizeof(header), .e_ehsize = sizeof(header)
	};
	Elf64_Shdr first = { .sh_info = (Elf64_Word)segments };

	memcpy(header.e_ident, ELFMAG, SELFMAG);
	header.e_ident[EI_CLASS] = ELFCLASS64;
	header.e_ident[EI_DATA] = ELFDATA2LSB;
	header.e_ident[EI_VERSION] = EV_CURRENT;
	header.e_phentsize = sizeof(Elf64_Phdr);
	header.e_phnum = (Elf64_Half)(segments < PN_XNUM ? segments : PN_XNUM);
	if (segments >= PN_XNUM) {
		struct imp_error *err = imp_writer_put(writer, section, &first, sizeof(first));

		if (err)
			return err;
		header.e_shoff = section;
		header.e_shentsize = sizeof(Elf64_Shdr);
		header.e_shnum = 1;
	}
	return imp_writer_put(writer, 0, &header, sizeof(header));
}

struct imp_error *imp_write_elf(struct imp_writer *writer)
{
	size_t notes = writer->copy->header.size ? 1 : 0, segments = writer->run_count + notes;
	uint64_t section = sizeof(Elf64_Ehdr) + segments * sizeof(Elf64_Phdr), note = section + sizeof(Elf64_Shdr);
	uint64_t start = page_aligned(note + notes * NOTE_SIZE), at = start;
	Elf64_Phdr *table = calloc(segments, sizeof(*table));
	struct imp_error *err;

	if (!table)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
	if (notes)
		table[0] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = note, .p_filesz = NOTE_SIZE, .p_memsz = NOTE_SIZE };
	for (size_t i = 0; i < writer->run_count; i++) {
		uint64_t address = writer->runs[i].first << IMP_PAGE_SHIFT, size = writer->runs[i].count << IMP_PAGE_SHIFT;

		table[notes + i] =
			(Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = at, .p_vaddr = address, .p_paddr = address, .p_filesz = size, .p_memsz = size };
		at += size;
	}
	err = put_header(writer, segments, section);
	if (!err)
		err = imp_writer_put(writer, sizeof(Elf64_Ehdr), table, segments * sizeof(*table));
	free(table);
	if (!err && notes)
		err = put_note(writer, note);
	if (!err)
		err = imp_writer_put_runs(writer, start, &writer->copy->size);
	return err;
}
