/* PE32+ headers and sections, and reading an image by RVA, whether it is a file or loaded in a dump's memory.
 * What lies in the directories is directories.c's question. Source: Microsoft's "PE Format".
 */
#include "image/pe_image.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	DOS_LFANEW = 0x3c,
	/* from the PE signature on */
	COFF_MACHINE = 4,
	COFF_NUMBER_OF_SECTIONS = 6,
	COFF_TIME_DATE_STAMP = 8,
	COFF_POINTER_TO_SYMBOL_TABLE = 12,
	COFF_NUMBER_OF_SYMBOLS = 16,
	COFF_SIZE_OF_OPTIONAL_HEADER = 20,
	OPTIONAL_HEADER = 24,
	/* from the optional header on */
	OPTIONAL_MAGIC = 0,
	OPTIONAL_ADDRESS_OF_ENTRY_POINT = 16,
	OPTIONAL_IMAGE_BASE = 24,
	OPTIONAL_SECTION_ALIGNMENT = 32,
	OPTIONAL_SIZE_OF_IMAGE = 56,
	OPTIONAL_SIZE_OF_HEADERS = 60,
	OPTIONAL_CHECK_SUM = 64,
	OPTIONAL_NUMBER_OF_RVA_AND_SIZES = 108,
	OPTIONAL_DATA_DIRECTORIES = 112,
	MAGIC_PE32 = 0x10b,
	MAGIC_PE32_PLUS = 0x20b,
	/* within a section header */
	SECTION_HEADER_SIZE = 40,
	SECTION_VIRTUAL_SIZE = 8,
	SECTION_RVA = 12,
	SECTION_RAW_SIZE = 16,
	SECTION_RAW_OFFSET = 20,
	SECTION_CHARACTERISTICS = 36,
	SECTION_LIMIT = 96, /* the loader's, says "PE Format" */
};

#define IMAGE_SCN_MEM_WRITE UINT32_C(0x80000000) /* "PE Format": the section can be written to */

/* Reads header bytes: these lie at the same place in the file and in memory. */
static struct imp_error *read_header(const struct imp_pe *pe, uint64_t offset, void *buffer, size_t size)
{
	if (pe->memory)
		return imp_memory_read(pe->memory, pe->base + offset, buffer, size);
	if (imp_span_copy(pe->bytes, offset, buffer, size))
		return NULL;
	return imp_error_new(IMP_ERROR_FORMAT, "the file ends inside the PE headers: %zu bytes, %" PRIu64 " needed", pe->bytes.size, offset + size);
}

static uint32_t get32(const uint8_t *bytes, size_t offset)
{
	uint32_t value;

	memcpy(&value, bytes + offset, sizeof(value));
	return value;
}

static uint16_t get16(const uint8_t *bytes, size_t offset)
{
	uint16_t value;

	memcpy(&value, bytes + offset, sizeof(value));
	return value;
}

/* Checks the DOS and PE signatures and the magic; `*nt` becomes the offset of the PE signature, `coff` what stands there. */
static struct imp_error *read_signatures(const struct imp_pe *pe, uint64_t *nt, uint8_t coff[OPTIONAL_HEADER])
{
	uint8_t dos[DOS_LFANEW + 4], magic[2];
	struct imp_error *err = read_header(pe, 0, dos, 2);

	if (err)
		return err;
	if (dos[0] != 'M' || dos[1] != 'Z')
		return imp_error_new(IMP_ERROR_FORMAT, "not a PE image: starts with %02x %02x, expected MZ", dos[0], dos[1]);
	err = read_header(pe, 0, dos, sizeof(dos));
	if (err)
		return err;
	*nt = get32(dos, DOS_LFANEW);
	err = read_header(pe, *nt, coff, OPTIONAL_HEADER);
	if (err)
		return err;
	if (memcmp(coff, "PE\0", 4))
		return imp_error_new(IMP_ERROR_FORMAT, "not a PE image: %02x %02x %02x %02x at its header's offset 0x%" PRIx64 ", expected PE",
				     coff[0], coff[1], coff[2], coff[3], *nt);
	err = read_header(pe, *nt + OPTIONAL_HEADER, magic, sizeof(magic));
	if (err)
		return err;
	if (get16(magic, OPTIONAL_MAGIC) == MAGIC_PE32)
		return imp_error_new(IMP_ERROR_FORMAT, "a 32-bit image (PE32, machine 0x%04x); only 64-bit ones (PE32+) are read",
				     get16(coff, COFF_MACHINE));
	if (get16(magic, OPTIONAL_MAGIC) != MAGIC_PE32_PLUS)
		return imp_error_new(IMP_ERROR_FORMAT, "not a PE32+ image: its optional header starts with 0x%04x, expected 0x%04x",
				     get16(magic, OPTIONAL_MAGIC), MAGIC_PE32_PLUS);
	return NULL;
}

static struct imp_error *read_optional_header(struct imp_pe *pe, uint64_t nt, const uint8_t coff[OPTIONAL_HEADER])
{
	uint8_t optional[OPTIONAL_DATA_DIRECTORIES + sizeof(struct pe_directory) * PE_DIRECTORY_COUNT];
	size_t size = get16(coff, COFF_SIZE_OF_OPTIONAL_HEADER);

	if (size < OPTIONAL_DATA_DIRECTORIES)
		return imp_error_new(IMP_ERROR_FORMAT, "its optional header has %zu bytes, PE32+ needs at least %d", size, OPTIONAL_DATA_DIRECTORIES);
	if (size > sizeof(optional))
		size = sizeof(optional);

	struct imp_error *err = read_header(pe, nt + OPTIONAL_HEADER, optional, size);
	if (err)
		return err;
	pe->info.machine = get16(coff, COFF_MACHINE);
	pe->info.section_count = get16(coff, COFF_NUMBER_OF_SECTIONS);
	pe->info.time_date_stamp = get32(coff, COFF_TIME_DATE_STAMP);
	pe->symbol_table = get32(coff, COFF_POINTER_TO_SYMBOL_TABLE);
	pe->symbol_count = get32(coff, COFF_NUMBER_OF_SYMBOLS);
	pe->info.entry_point = get32(optional, OPTIONAL_ADDRESS_OF_ENTRY_POINT);
	pe->info.image_base = get32(optional, OPTIONAL_IMAGE_BASE) | (uint64_t)get32(optional, OPTIONAL_IMAGE_BASE + 4) << 32;
	pe->info.size_of_image = get32(optional, OPTIONAL_SIZE_OF_IMAGE);
	pe->info.check_sum = get32(optional, OPTIONAL_CHECK_SUM);
	pe->size_of_headers = get32(optional, OPTIONAL_SIZE_OF_HEADERS);
	pe->section_alignment = get32(optional, OPTIONAL_SECTION_ALIGNMENT);
	if (!pe->section_alignment || pe->section_alignment & (pe->section_alignment - 1))
		return imp_error_new(IMP_ERROR_FORMAT, "its section alignment is 0x%" PRIx32 ", expected a power of two", pe->section_alignment);

	uint32_t count = get32(optional, OPTIONAL_NUMBER_OF_RVA_AND_SIZES);
	for (uint32_t i = 0; i < count && i < PE_DIRECTORY_COUNT; i++) {
		size_t offset = OPTIONAL_DATA_DIRECTORIES + sizeof(struct pe_directory) * i;

		if (offset + sizeof(struct pe_directory) > size)
			break;
		pe->directories[i] = (struct pe_directory){ get32(optional, offset), get32(optional, offset + 4) };
	}
	return NULL;
}

static struct imp_error *read_sections(struct imp_pe *pe, uint64_t table)
{
	uint32_t count = pe->info.section_count;

	if (count > SECTION_LIMIT)
		return imp_error_new(IMP_ERROR_FORMAT, "it has %" PRIu32 " sections, Windows loads at most %d", count, SECTION_LIMIT);
	if (table + (uint64_t)count * SECTION_HEADER_SIZE > (pe->memory ? pe->info.size_of_image : pe->bytes.size))
		return imp_error_new(IMP_ERROR_FORMAT, "its table of %" PRIu32 " sections goes beyond the image", count);
	pe->sections = calloc(count ? count : 1, sizeof(*pe->sections));
	if (!pe->sections)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
	for (uint32_t i = 0; i < count; i++) {
		struct imp_pe_section *section = &pe->sections[i];
		uint8_t header[SECTION_HEADER_SIZE];
		struct imp_error *err = read_header(pe, table + (uint64_t)i * SECTION_HEADER_SIZE, header, sizeof(header));

		if (err)
			return err;
		memcpy(section->name, header, 8);
		section->virtual_size = get32(header, SECTION_VIRTUAL_SIZE);
		section->rva = get32(header, SECTION_RVA);
		section->raw_size = get32(header, SECTION_RAW_SIZE);
		section->raw_offset = get32(header, SECTION_RAW_OFFSET);
		section->characteristics = get32(header, SECTION_CHARACTERISTICS);
	}
	return NULL;
}

static struct imp_error *parse(struct imp_pe *pe)
{
	uint8_t coff[OPTIONAL_HEADER] = { 0 };
	uint64_t nt = 0;
	struct imp_error *err = read_signatures(pe, &nt, coff);

	if (!err)
		err = read_optional_header(pe, nt, coff);
	if (!err)
		err = read_sections(pe, nt + OPTIONAL_HEADER + get16(coff, COFF_SIZE_OF_OPTIONAL_HEADER));
	if (!err)
		err = imp_pe_find_rsds(pe);
	return err;
}

/* Parses what `pe` holds and hands it on, or frees it. `pe->name` NULL means that there was no memory for it. */
static struct imp_error *finish(struct imp_pe *pe, struct imp_pe **result)
{
	struct imp_error *err = pe->name ? imp_error_context(parse(pe), "%s", pe->name) : imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");

	*result = err ? NULL : pe;
	if (err)
		imp_pe_close(pe);
	return err;
}

struct imp_error *imp_pe_open_bytes(const char *name, struct imp_span bytes, struct imp_pe **result)
{
	struct imp_pe *pe = calloc(1, sizeof(*pe));

	*result = NULL;
	if (!pe)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
	pe->name = strdup(name);
	pe->bytes = bytes;
	return finish(pe, result);
}

struct imp_error *imp_pe_open_file(const char *path, struct imp_pe **result)
{
	struct imp_file file;
	struct imp_pe *pe;
	struct imp_error *err = imp_file_open(path, &file);

	*result = NULL;
	if (err)
		return err;
	pe = calloc(1, sizeof(*pe));
	if (!pe) {
		imp_file_close(&file);
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
	}
	pe->name = strdup(path);
	pe->file = file;
	pe->bytes = file.bytes;
	return finish(pe, result);
}

struct imp_error *imp_pe_open_memory(struct imp_memory *memory, uint64_t base, struct imp_pe **result)
{
	struct imp_pe *pe = calloc(1, sizeof(*pe));

	*result = NULL;
	if (!pe)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
	if (asprintf(&pe->name, "image at %016" PRIx64, base) < 0)
		pe->name = NULL;
	pe->memory = memory;
	pe->base = base;
	return finish(pe, result);
}

void imp_pe_close(struct imp_pe *pe)
{
	if (!pe)
		return;
	imp_file_close(&pe->file);
	if (pe->backing)
		imp_pe_close(pe->backing->file);
	free(pe->backing);
	free(pe->sections);
	free(pe->pdb_path);
	free(pe->name);
	free(pe);
}

const struct imp_pe_info *imp_pe_info(const struct imp_pe *pe)
{
	return &pe->info;
}

bool imp_pe_section(const struct imp_pe *pe, uint32_t index, struct imp_pe_section *section)
{
	if (index >= pe->info.section_count)
		return false;
	*section = pe->sections[index];
	return true;
}

/* The bytes of an image file from `rva` to the end of the header or section they are in: `*size` of them, of which the first `stored->size` are
 * in the file and the rest are zeros. False when nothing is loaded there.
 */
static bool file_range(const struct imp_pe *pe, uint32_t rva, struct imp_span *stored, uint64_t *size)
{
	if (rva < pe->size_of_headers) {
		*size = pe->size_of_headers - rva;
		if (!imp_span_slice(pe->bytes, rva, *size, stored))
			imp_span_slice(pe->bytes, rva, rva < pe->bytes.size ? pe->bytes.size - rva : 0, stored);
		return true;
	}
	for (uint32_t i = 0; i < pe->info.section_count; i++) {
		const struct imp_pe_section *section = &pe->sections[i];
		uint64_t alignment = pe->section_alignment;
		/* A section without a virtual size is as long as its data. The tail of its last page is loaded with it. */
		uint64_t length = section->virtual_size ? section->virtual_size : section->raw_size;
		uint64_t loaded = (length + alignment - 1) & ~(alignment - 1);
		uint64_t raw_size = section->raw_size < loaded ? section->raw_size : loaded;
		uint64_t within = (uint64_t)rva - section->rva;

		if (rva < section->rva || within >= loaded)
			continue;
		*size = loaded - within;
		*stored = (struct imp_span){ 0 };
		if (within < raw_size) {
			uint64_t offset = section->raw_offset + within;
			uint64_t count = raw_size - within;

			/* Raw data that the file ought to hold and does not is an error, not zeros. */
			if (!imp_span_slice(pe->bytes, offset, count, stored))
				return false;
		}
		return true;
	}
	return false;
}

void imp_pe_set_file(struct imp_pe *pe, struct imp_pe *(*open)(void *context, void *image), void *context, void *image)
{
	if (!pe->memory || (pe->backing && pe->backing->file))
		return;
	if (!pe->backing)
		pe->backing = calloc(1, sizeof(*pe->backing));
	if (pe->backing)
		*pe->backing = (struct pe_backing){ .open = open, .context = context, .image = image };
}

/* Whether [rva, rva + size) of a loaded image is as its file has it. */
static bool is_constant(const struct imp_pe *pe, uint32_t rva, size_t size)
{
	if (rva < pe->size_of_headers)
		return size <= pe->size_of_headers - rva;
	for (uint32_t i = 0; i < pe->info.section_count; i++) {
		const struct imp_pe_section *section = &pe->sections[i];
		uint32_t within = rva - section->rva;

		if (rva >= section->rva && within < section->virtual_size)
			return size <= section->virtual_size - within && !(section->characteristics & IMAGE_SCN_MEM_WRITE);
	}
	return false;
}

static struct imp_error *read_loaded(const struct imp_pe *pe, uint32_t rva, void *buffer, size_t size)
{
	struct imp_error *err = imp_memory_read(pe->memory, pe->base + rva, buffer, size), *file_err;
	struct pe_backing *backing = pe->backing;

	if (!err || !backing || imp_error_code(err) != IMP_ERROR_FAULT || !is_constant(pe, rva, size))
		return err;
	if (backing->open) {
		backing->file = backing->open(backing->context, backing->image);
		backing->open = NULL;
	}
	if (!backing->file)
		return err;
	file_err = imp_pe_read(backing->file, rva, buffer, size);
	if (file_err) {
		imp_error_free(file_err);
		return err;
	}
	imp_error_free(err);
	return NULL;
}

struct imp_error *imp_pe_read(const struct imp_pe *pe, uint32_t rva, void *buffer, size_t size)
{
	uint8_t *to = buffer;

	if (pe->memory)
		return read_loaded(pe, rva, buffer, size);
	while (size) {
		struct imp_span stored;
		uint64_t there;

		if (!file_range(pe, rva, &stored, &there))
			return imp_error_fault(pe->base + rva, "%s: cannot read RVA 0x%" PRIx32 ": no section of the file holds it", pe->name, rva);

		uint64_t rest = (UINT64_C(1) << 32) - rva; /* of the RVAs that there are */
		if (there > rest)
			there = rest;
		size_t part = there < size ? (size_t)there : size;
		size_t copied = stored.size < part ? stored.size : part;
		if (copied)
			memcpy(to, stored.data, copied);
		memset(to + copied, 0, part - copied);
		to += part;
		size -= part;
		if (size && part > UINT32_MAX - rva)
			return imp_error_fault(pe->base + rva, "%s: cannot read beyond RVA 0xffffffff", pe->name);
		rva += (uint32_t)part;
	}
	return NULL;
}

bool imp_pe_string(const struct imp_pe *pe, uint32_t rva, char *buffer, size_t size)
{
	for (size_t done = 0; done < size;) {
		/* Stop at page ends, so that a string at the end of the last readable page is read. */
		size_t part = IMP_PAGE_SIZE - ((rva + done) & (IMP_PAGE_SIZE - 1));

		if (part > 64)
			part = 64;
		if (part > size - done)
			part = size - done;
		if (done > UINT32_MAX - rva)
			return false;

		IMP_CLEANUP_ERROR struct imp_error *err = imp_pe_read(pe, rva + (uint32_t)done, buffer + done, part);
		if (err)
			return false;
		if (memchr(buffer + done, 0, part))
			return true;
		done += part;
	}
	buffer[size - 1] = 0;
	return true;
}
