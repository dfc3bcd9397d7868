/* Windows' formats as they are written: complete dumps (runs in the header) and dumps with a page bitmap. The reading side is complete.c, bitmap.c. */
#include "dump/writer.h"

#include <stdlib.h>

enum {
	COMPLETE = 1, /* DumpType */
	BITMAP_FULL = 5,
	BITMAP_KERNEL = 6,
	NUMBER_OF_RUNS = 0x88,
	NUMBER_OF_PAGES = 0x90,
	DUMP_TYPE = 0xf98,
	REQUIRED_DUMP_SPACE = 0xfa0,
	RUNS_SIZE = 16 * DUMP_HEADER64_RUN_CAPACITY,
	SECOND_HEADER_SIZE = 0x38,
	FIRST_PAGE = 0x20, /* within the second header */
	PRESENT = 0x28,
	BITS = 0x30,
	BITS_ALIGNMENT = 64,
	MAX_BITS_SHIFT = 34, /* 64 TiB of memory, a bitmap of 2 GiB: more is no machine of today, but a lie in the source */
};

static void put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static void put64(uint8_t *at, uint64_t value)
{
	memcpy(at, &value, sizeof(value));
}

/* The header of the source (or the one made for it) with the type and, for a complete dump, the runs of the new file. */
static struct imp_error *put_header(struct imp_writer *writer, uint32_t type, uint64_t size)
{
	uint8_t header[DUMP_HEADER64_SIZE];

	memcpy(header, writer->copy->header.data, sizeof(header));
	put32(header + DUMP_TYPE, type);
	put64(header + REQUIRED_DUMP_SPACE, size);
	if (type == COMPLETE) {
		put32(header + NUMBER_OF_RUNS, (uint32_t)writer->run_count);
		put64(header + NUMBER_OF_PAGES, writer->total);
		memset(header + DUMP_HEADER64_RUNS, 0, RUNS_SIZE);
		for (size_t i = 0; i < writer->run_count; i++) {
			put64(header + DUMP_HEADER64_RUNS + 16 * i, writer->runs[i].first);
			put64(header + DUMP_HEADER64_RUNS + 16 * i + 8, writer->runs[i].count);
		}
	}
	writer->copy->size = size;
	return imp_writer_put(writer, 0, header, sizeof(header));
}

struct imp_error *imp_write_full(struct imp_writer *writer)
{
	uint64_t end;
	struct imp_error *err = imp_writer_join(writer, DUMP_HEADER64_RUN_CAPACITY);

	if (!err)
		err = imp_writer_put_runs(writer, DUMP_HEADER64_SIZE, &end);
	return err ? err : put_header(writer, COMPLETE, end);
}

static struct imp_error *write_bitmap(struct imp_writer *writer, uint32_t type)
{
	const struct imp_written_run *last = &writer->runs[writer->run_count - 1];
	uint64_t bits = (last->first + last->count + BITS_ALIGNMENT - 1) / BITS_ALIGNMENT * BITS_ALIGNMENT, size = SECOND_HEADER_SIZE + bits / 8, end;
	uint64_t first_page = (DUMP_HEADER64_SIZE + size + IMP_PAGE_SIZE - 1) & ~(uint64_t)(IMP_PAGE_SIZE - 1);
	uint8_t *second = bits >> MAX_BITS_SHIFT ? NULL : calloc(1, size);

	if (!second)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for a bitmap of %llu pages", (unsigned long long)bits);
	second[0] = type == BITMAP_FULL ? 'F' : 'S';
	memcpy(second + 1, "DMPDUMP", sizeof("DMPDUMP")); /* its end is 0, as what follows */
	put64(second + FIRST_PAGE, first_page);
	put64(second + PRESENT, writer->total);
	put64(second + BITS, bits);
	for (size_t i = 0; i < writer->run_count; i++) {
		for (uint64_t pfn = writer->runs[i].first; pfn < writer->runs[i].first + writer->runs[i].count; pfn++)
			second[SECOND_HEADER_SIZE + pfn / 8] |= (uint8_t)(1 << pfn % 8);
	}

	struct imp_error *err = imp_writer_put(writer, DUMP_HEADER64_SIZE, second, size);
	free(second);
	if (!err)
		err = imp_writer_put_runs(writer, first_page, &end);
	return err ? err : put_header(writer, type, end);
}

struct imp_error *imp_write_bitmap(struct imp_writer *writer)
{
	/* A dump of the kernel's pages only stays one. */
	return write_bitmap(writer, imp_dump_info(writer->copy->dump)->dump_type == BITMAP_KERNEL ? BITMAP_KERNEL : BITMAP_FULL);
}

struct imp_error *imp_write_kernel(struct imp_writer *writer)
{
	return write_bitmap(writer, BITMAP_KERNEL);
}
