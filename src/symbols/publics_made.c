/* The public symbols of a PDB made in memory: their records, and the stream that finds them by name (hash) and by address (map). publics.c reads them. */
#include "symbols/made.h"

#include <stdlib.h>

enum { SYMBOLS_LIMIT = 64 << 20, PUBLICS_LIMIT = 1 << 20 };
/* A stream of as many symbols: 8 bytes each in the hash, 4 in the map, and the tables. */
enum { STREAM_LIMIT = 16 << 20 };

void imp_made_public(struct imp_pdb_made *made, const char *name, size_t length, uint32_t rva)
{
	/* Length, kind, flags, offset, section (the only one), then the name with its terminator, filled to a multiple of 4. */
	size_t size = 4 + IMP_PUB_NAME + length + 1, padding = -size % 4;
	uint32_t at = (uint32_t)made->symbols.size;
	void *publics = made->publics;

	if (made->public_count == PUBLICS_LIMIT)
		imp_made_fail(made, IMP_ERROR_FORMAT, "it has more than 1,048,576 symbols");
	if (size + padding - sizeof(uint16_t) > UINT16_MAX)
		imp_made_fail(made, IMP_ERROR_FORMAT, "one of its symbols has a name that is too long");
	if (!imp_buffer_room(made, &made->symbols, size + padding, SYMBOLS_LIMIT))
		return;
	if (!imp_grow(&publics, made->public_count, &made->public_capacity, sizeof(*made->publics))) {
		imp_made_fail(made, IMP_ERROR_NO_MEMORY, "out of memory for its symbols");
		return;
	}
	made->publics = publics;
	made->publics[made->public_count++] = (struct imp_made_public){ rva, at };
	uint8_t *record = made->symbols.data + at;
	memset(record, 0, size + padding);
	memcpy(record, &(uint16_t){ (uint16_t)(size + padding - sizeof(uint16_t)) }, sizeof(uint16_t));
	memcpy(record + 2, &(uint16_t){ S_PUB32 }, sizeof(uint16_t));
	memcpy(record + 4 + IMP_PUB_OFFSET, &rva, sizeof(rva));
	memcpy(record + 4 + IMP_PUB_SECTION, &(uint16_t){ 1 }, sizeof(uint16_t));
	memcpy(record + 4 + IMP_PUB_NAME, name, length);
	made->symbols.size += size + padding;
}

static const char *name_of(const struct imp_pdb_made *made, const struct imp_made_public *symbol)
{
	return (const char *)made->symbols.data + symbol->record + 4 + IMP_PUB_NAME;
}

static int compare_publics(const void *left, const void *right, void *context)
{
	const struct imp_made_public *a = left, *b = right;

	if (a->rva != b->rva)
		return a->rva < b->rva ? -1 : 1;
	return strcmp(name_of(context, a), name_of(context, b));
}

static void add_u32(struct imp_pdb_made *made, struct imp_buffer *stream, uint32_t value)
{
	imp_buffer_add(made, stream, &value, sizeof(value), STREAM_LIMIT);
}

/* The records in order of their buckets, the bit vector of used buckets, and where each of those begins. */
static void add_hash(struct imp_pdb_made *made, struct imp_buffer *stream, const uint32_t *starts, const uint32_t *order)
{
	uint32_t bitmap[IMP_GSI_BITMAP_WORDS] = { 0 };

	for (size_t i = 0; i < made->public_count; i++) {
		add_u32(made, stream, made->publics[order[i]].record + 1);
		add_u32(made, stream, 1); /* references */
	}
	for (uint32_t bucket = 0; bucket < IMP_GSI_BUCKETS; bucket++)
		if (starts[bucket + 1] > starts[bucket])
			bitmap[bucket / 32] |= 1u << bucket % 32;
	imp_buffer_add(made, stream, bitmap, sizeof(bitmap), STREAM_LIMIT);
	for (uint32_t bucket = 0; bucket < IMP_GSI_BUCKETS; bucket++)
		if (starts[bucket + 1] > starts[bucket])
			add_u32(made, stream, starts[bucket] * IMP_GSI_LINKER_RECORD);
}

/* Sorts symbols into buckets: `starts` (one more than there are buckets) tells where each begins in `order`. */
static void fill_buckets(const struct imp_pdb_made *made, uint32_t *starts, uint32_t *order, uint16_t *buckets)
{
	uint32_t next[IMP_GSI_BUCKETS];

	memset(starts, 0, (IMP_GSI_BUCKETS + 1) * sizeof(*starts));
	for (size_t i = 0; i < made->public_count; i++) {
		const char *name = name_of(made, &made->publics[i]);

		buckets[i] = (uint16_t)(imp_pdb_hash(name, strlen(name)) % IMP_GSI_BUCKETS);
		starts[buckets[i] + 1]++;
	}
	for (uint32_t bucket = 0; bucket < IMP_GSI_BUCKETS; bucket++) {
		next[bucket] = starts[bucket];
		starts[bucket + 1] += starts[bucket];
	}
	for (size_t i = 0; i < made->public_count; i++)
		order[next[buckets[i]]++] = (uint32_t)i;
}

void imp_made_publics(struct imp_pdb_made *made, struct imp_buffer *stream)
{
	uint32_t starts[IMP_GSI_BUCKETS + 1], used = 0, count = (uint32_t)made->public_count;

	if (made->problem || !count)
		return;
	uint32_t *order = calloc(count, sizeof(*order));
	uint16_t *buckets = calloc(count, sizeof(*buckets));
	if (!order || !buckets) {
		free(order);
		free(buckets);
		imp_made_fail(made, IMP_ERROR_NO_MEMORY, "out of memory for its symbols");
		return;
	}
	qsort_r(made->publics, count, sizeof(*made->publics), compare_publics, made);
	fill_buckets(made, starts, order, buckets);
	for (uint32_t bucket = 0; bucket < IMP_GSI_BUCKETS; bucket++)
		used += starts[bucket + 1] > starts[bucket];

	uint32_t bucket_bytes = IMP_GSI_BITMAP_BYTES + used * 4;
	uint32_t header[IMP_PUBLICS_HEADER_SIZE / 4] = { 0 };
	header[IMP_PUBLICS_HASH_BYTES / 4] = IMP_GSI_HEADER_SIZE + count * IMP_GSI_RECORD + bucket_bytes;
	header[IMP_PUBLICS_ADDRESS_BYTES / 4] = count * 4;
	imp_buffer_add(made, stream, header, sizeof(header), STREAM_LIMIT);
	add_u32(made, stream, UINT32_MAX);
	add_u32(made, stream, IMP_GSI_VERSION);
	add_u32(made, stream, count * IMP_GSI_RECORD);
	add_u32(made, stream, bucket_bytes);
	add_hash(made, stream, starts, order);
	for (uint32_t i = 0; i < count; i++)
		add_u32(made, stream, made->publics[i].record);
	free(order);
	free(buckets);
}
