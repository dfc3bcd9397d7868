/* The hash tables of global and public symbols (GSI): from a name to its symbol records without reading the others. */
#include "symbols/pdb_file.h"

#include <stdlib.h>

/* LHashPbCb of microsoft-pdb: folds ASCII case (and a little more). */
uint32_t imp_pdb_hash(const char *text, size_t size)
{
	uint32_t hash = 0;
	size_t at = 0;

	for (uint32_t word; size - at >= 4; at += 4) {
		memcpy(&word, text + at, 4);
		hash ^= word;
	}
	if (size - at >= 2) {
		uint16_t word;

		memcpy(&word, text + at, 2);
		hash ^= word;
		at += 2;
	}
	if (size - at == 1)
		hash ^= (uint8_t)text[at];
	hash |= 0x20202020;
	hash ^= hash >> 11;
	return hash ^ (hash >> 16);
}

bool imp_gsi_open(struct imp_gsi *gsi, struct imp_stream *stream, uint32_t offset, uint32_t size)
{
	uint32_t signature, version, record_bytes, bucket_bytes;

	if (size < IMP_GSI_HEADER_SIZE)
		return size == 0;
	if (!imp_stream_u32(stream, (uint64_t)offset + IMP_GSI_AT_SIGNATURE, &signature) ||
	    !imp_stream_u32(stream, (uint64_t)offset + IMP_GSI_AT_VERSION, &version) ||
	    !imp_stream_u32(stream, (uint64_t)offset + IMP_GSI_AT_RECORD_BYTES, &record_bytes) ||
	    !imp_stream_u32(stream, (uint64_t)offset + IMP_GSI_AT_BUCKET_BYTES, &bucket_bytes) || signature != UINT32_MAX ||
	    version != IMP_GSI_VERSION || (uint64_t)IMP_GSI_HEADER_SIZE + record_bytes + bucket_bytes > size ||
	    (uint64_t)offset + size > imp_stream_size(stream))
		return false;
	gsi->stream = stream;
	gsi->records = offset + IMP_GSI_HEADER_SIZE;
	gsi->record_count = record_bytes / IMP_GSI_RECORD;
	gsi->bitmap = gsi->records + record_bytes;
	gsi->buckets = gsi->bitmap + IMP_GSI_BITMAP_BYTES;
	gsi->bucket_count = bucket_bytes < IMP_GSI_BITMAP_BYTES ? 0 : (bucket_bytes - IMP_GSI_BITMAP_BYTES) / 4;
	return true;
}

/* The records of bucket `hash`: [*first, *end) in the record array. */
static bool bucket(const struct imp_gsi *gsi, uint32_t hash, uint32_t *first, uint32_t *end)
{
	struct imp_span bitmap;
	uint32_t word, rank = 0;

	if (!gsi->bucket_count || !imp_stream_part(gsi->stream, gsi->bitmap, IMP_GSI_BITMAP_BYTES, &bitmap))
		return false;
	for (uint32_t i = 0; i < hash / 32; i++) {
		imp_span_u32(bitmap, (uint64_t)i * 4, &word);
		rank += (uint32_t)__builtin_popcount(word);
	}
	imp_span_u32(bitmap, (uint64_t)(hash / 32) * 4, &word);
	if (!(word >> hash % 32 & 1))
		return false;
	rank += (uint32_t)__builtin_popcount(word & ((1u << hash % 32) - 1));
	if (rank >= gsi->bucket_count || !imp_stream_u32(gsi->stream, gsi->buckets + (uint64_t)rank * 4, first))
		return false;
	*end = UINT32_MAX;
	if (rank + 1 < gsi->bucket_count && !imp_stream_u32(gsi->stream, gsi->buckets + (uint64_t)(rank + 1) * 4, end))
		return false;
	*first /= IMP_GSI_LINKER_RECORD;
	*end /= IMP_GSI_LINKER_RECORD;
	if (*end > gsi->record_count)
		*end = gsi->record_count;
	return true;
}

static bool visit_records(struct imp_pdb *pdb, const struct imp_gsi *gsi, uint32_t first, uint32_t end,
			  bool (*visit)(void *context, const struct imp_record *record), void *context)
{
	struct imp_record record;
	uint32_t offset;

	for (uint32_t i = first; i < end; i++) {
		/* An offset of n is written as n + 1. */
		if (!imp_stream_u32(gsi->stream, gsi->records + (uint64_t)i * IMP_GSI_RECORD, &offset) || offset == 0)
			continue;
		if (imp_record_at(pdb->records, offset - 1, imp_stream_size(pdb->records), &record) && visit(context, &record))
			return true;
	}
	return false;
}

bool imp_gsi_find(struct imp_pdb *pdb, const struct imp_gsi *gsi, const char *name, bool (*visit)(void *context, const struct imp_record *record),
		  void *context)
{
	uint32_t first, end;

	if (!gsi->stream || !pdb->records || !bucket(gsi, imp_pdb_hash(name, strlen(name)) % IMP_GSI_BUCKETS, &first, &end))
		return false;
	return visit_records(pdb, gsi, first, end, visit, context);
}

bool imp_gsi_each(struct imp_pdb *pdb, const struct imp_gsi *gsi, bool (*visit)(void *context, const struct imp_record *record), void *context)
{
	return gsi->stream && pdb->records && visit_records(pdb, gsi, 0, gsi->record_count, visit, context);
}
