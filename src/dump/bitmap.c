/* Dumps with a page bitmap (DumpType 2 and 5 to 7): a second header says which physical pages are there, one bit each, and they follow in this order.
 * Sources: BMP_HEADER64 as public readers of such dumps describe it; for kernel dumps before Windows 8, _SUMMARY_DUMP64 of the kernel's public symbols.
 */
#include "dump/format.h"

#include <inttypes.h>
#include <stdlib.h>

enum { BITMAP_SIGNATURE = DUMP_HEADER64_SIZE }; /* "SDMP" or "FDMP", then "DUMP" */

/* Where the second header, which stands behind the first, keeps what, within the file. */
static const struct layout {
	uint64_t width;       /* bytes of each field */
	uint64_t header_size; /* where the first page stands in the file */
	uint64_t present;     /* pages */
	uint64_t bits;        /* number of bits */
	uint64_t buffer;
} bitmap_dump = { 8, DUMP_HEADER64_SIZE + 0x20, DUMP_HEADER64_SIZE + 0x28, DUMP_HEADER64_SIZE + 0x30, DUMP_HEADER64_SIZE + 0x38 },
  summary_dump = { 4, DUMP_HEADER64_SIZE + 0x0c, DUMP_HEADER64_SIZE + 0x14, DUMP_HEADER64_SIZE + 0x10, DUMP_HEADER64_SIZE + 0x28 };

enum { SUMMARY_SIZE_OF_BITMAP = DUMP_HEADER64_SIZE + 0x18 }; /* of the RTL_BITMAP: the number of bits again */

/* Pages in front of each block of the bitmap are counted once, so that finding one counts bits within a block only. */
enum { BLOCK_BYTES = 512, BLOCK_BITS = 8 * BLOCK_BYTES };

struct bitmap {
	struct imp_span bytes;
	uint64_t bits;
	uint64_t first_page; /* file offset */
	uint64_t before[];   /* pages present in front of each block */
};

/* The pages present among the bits [from, to) of one block's bytes. */
static uint64_t count_bits(struct imp_span bytes, uint64_t from, uint64_t to)
{
	uint64_t count = 0, at = from;

	while (at < to) {
		uint8_t byte = bytes.data[at / 8];
		uint64_t end = (at / 8 + 1) * 8 < to ? (at / 8 + 1) * 8 : to;
		uint64_t word;

		if (at % 64 == 0 && to - at >= 64 && imp_span_u64(bytes, at / 8, &word)) {
			count += (uint64_t)__builtin_popcountll(word);
			at += 64;
			continue;
		}
		for (; at < end; at++)
			count += byte >> at % 8 & 1;
	}
	return count;
}

static bool read_field(const struct imp_dump *dump, const struct layout *layout, uint64_t offset, uint64_t *value)
{
	*value = 0;
	return imp_span_copy(dump->bytes, offset, value, layout->width);
}

/* What BMP_HEADER64 leaves unused, _SUMMARY_DUMP64 has its numbers in. */
static const struct layout *layout_of(const struct imp_dump *dump)
{
	uint32_t bits, again;

	if (!imp_span_u32(dump->bytes, summary_dump.bits, &bits) || !imp_span_u32(dump->bytes, SUMMARY_SIZE_OF_BITMAP, &again))
		return &bitmap_dump;
	return bits && bits == again && !imp_dump_is_filler(bits, sizeof(bits)) ? &summary_dump : &bitmap_dump;
}

static struct imp_error *read_header(const struct imp_dump *dump, const struct layout *layout, struct bitmap *bitmap)
{
	char signature[8] = { 0 };

	if (!imp_span_copy(dump->bytes, BITMAP_SIGNATURE, signature, sizeof(signature)) ||
	    !read_field(dump, layout, layout->header_size, &bitmap->first_page) || !read_field(dump, layout, layout->bits, &bitmap->bits))
		return imp_error_new(IMP_ERROR_FORMAT, "the file ends inside the header of the page bitmap");
	if (memcmp(signature, "SDMPDUMP", 8) && memcmp(signature, "FDMPDUMP", 8))
		return imp_error_new(IMP_ERROR_FORMAT, "no page bitmap behind the dump header: expected SDMPDUMP or FDMPDUMP at offset 0x%x",
				     BITMAP_SIGNATURE);
	if (bitmap->bits > IMP_PFN_LIMIT || !imp_span_slice(dump->bytes, layout->buffer, (bitmap->bits + 7) / 8, &bitmap->bytes))
		return imp_error_new(IMP_ERROR_FORMAT, "the page bitmap claims %" PRIu64 " pages, but the file ends inside it", bitmap->bits);
	if (bitmap->first_page < layout->buffer + bitmap->bytes.size)
		return imp_error_new(IMP_ERROR_FORMAT, "the page bitmap places the first page at offset 0x%" PRIx64 ", inside the bitmap itself",
				     bitmap->first_page);
	return NULL;
}

static struct imp_error *open_layout(struct imp_dump *dump, const struct layout *layout)
{
	struct bitmap header = { 0 };
	struct imp_error *err = read_header(dump, layout, &header);

	if (err)
		return err;

	uint64_t blocks = (header.bits + BLOCK_BITS - 1) / BLOCK_BITS, size = dump->bytes.size, pages_in_file;
	struct bitmap *bitmap = malloc(sizeof(*bitmap) + blocks * sizeof(bitmap->before[0]));
	if (!bitmap)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
	*bitmap = header;
	dump->state = bitmap;
	for (uint64_t block = 0; block < blocks; block++) {
		uint64_t from = block * BLOCK_BITS, to = from + BLOCK_BITS < header.bits ? from + BLOCK_BITS : header.bits;

		bitmap->before[block] = dump->info.page_count;
		dump->info.page_count += count_bits(bitmap->bytes, from, to);
	}
	if (!dump->info.page_count)
		return imp_error_new(IMP_ERROR_FORMAT, "the page bitmap marks no page as present");
	pages_in_file = size > bitmap->first_page ? (size - bitmap->first_page) >> IMP_PAGE_SHIFT : 0;
	if (pages_in_file < dump->info.page_count)
		dump->info.missing_pages = dump->info.page_count - pages_in_file;
	else
		dump->end = bitmap->first_page + (dump->info.page_count << IMP_PAGE_SHIFT);
	return NULL;
}

struct imp_error *imp_dump_bitmap_open(struct imp_dump *dump)
{
	return open_layout(dump, &bitmap_dump);
}

struct imp_error *imp_dump_summary_open(struct imp_dump *dump)
{
	const struct layout *layout = layout_of(dump);
	uint64_t present;
	struct imp_error *err = open_layout(dump, layout);

	read_field(dump, layout, layout->present, &present);
	if (!err && present != dump->info.page_count)
		err = imp_error_new(IMP_ERROR_FORMAT, "the page bitmap has %" PRIu64 " pages, but its header claims %" PRIu64, dump->info.page_count,
				    present);
	return imp_error_context(err, "a %s (type %" PRIu32 ") is read when it has a page bitmap", dump->info.format, dump->info.dump_type);
}

const uint8_t *imp_dump_bitmap_page(const struct imp_dump *dump, uint64_t pfn)
{
	const struct bitmap *bitmap = dump->state;
	uint64_t block = pfn / BLOCK_BITS, offset;

	if (pfn >= bitmap->bits || !(bitmap->bytes.data[pfn / 8] >> pfn % 8 & 1))
		return NULL;
	/* No overflow: fewer pages than IMP_PFN_LIMIT, and first_page may lie anywhere, so that is checked first. */
	if (bitmap->first_page > dump->bytes.size)
		return NULL;
	offset = bitmap->first_page + ((bitmap->before[block] + count_bits(bitmap->bytes, block * BLOCK_BITS, pfn)) << IMP_PAGE_SHIFT);
	return imp_span_has(dump->bytes, offset, IMP_PAGE_SIZE) ? dump->bytes.data + offset : NULL;
}

uint64_t imp_dump_bitmap_next(const struct imp_dump *dump, uint64_t pfn)
{
	const struct bitmap *bitmap = dump->state;

	while (pfn < bitmap->bits) {
		if (bitmap->bytes.data[pfn / 8] >> pfn % 8)
			break;
		pfn = (pfn / 8 + 1) * 8;
	}
	while (pfn < bitmap->bits && !(bitmap->bytes.data[pfn / 8] >> pfn % 8 & 1))
		pfn++;
	/* Where the file has been cut off, all later pages are missing too. */
	return pfn < bitmap->bits && imp_dump_bitmap_page(dump, pfn) ? pfn : UINT64_MAX;
}
