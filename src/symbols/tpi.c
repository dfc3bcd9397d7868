/* Type records: see tpi.h. The stream's index-offset list gives the place of every few-hundredth record; the way from there is walked when
 * first asked for, and kept. Names go through the stream's hash values.
 */
#include "symbols/tpi.h"

#include "symbols/pdb_file.h"

#include <stdlib.h>

/* No place of a record: streams are shorter. */
enum { UNREADABLE = 0xffffffffu };

struct imp_tpi {
	struct imp_stream *stream;
	uint32_t begin, end;           /* indices */
	uint32_t records, records_end; /* offsets in the stream */
	struct imp_stream *hash;       /* NULL: names are found by reading every record */
	uint32_t buckets;
	struct imp_span hashes; /* 4 bytes a type, valid with `hash` */
	struct imp_span anchors;
	uint32_t *offsets;     /* by index - begin; 0 not known yet, UNREADABLE */
	uint32_t *definitions; /* by index - begin; 0 not resolved yet */
};

static bool read_hashes(struct imp_tpi *tpi, struct imp_span header, struct imp_msf *msf)
{
	uint32_t offset, bytes, key_bytes;
	uint16_t number;

	imp_span_u16(header, IMP_TPI_HASH_STREAM, &number);
	imp_span_u32(header, IMP_TPI_HASH_KEY_BYTES, &key_bytes);
	imp_span_u32(header, IMP_TPI_BUCKETS, &tpi->buckets);
	tpi->hash = imp_msf_stream(msf, number);
	if (!tpi->hash)
		return true;
	imp_span_u32(header, IMP_TPI_ANCHORS_OFFSET, &offset);
	imp_span_u32(header, IMP_TPI_ANCHORS_BYTES, &bytes);
	if (!imp_stream_part(tpi->hash, offset, bytes, &tpi->anchors))
		return false;
	imp_span_u32(header, IMP_TPI_HASHES_OFFSET, &offset);
	imp_span_u32(header, IMP_TPI_HASHES_BYTES, &bytes);
	if (!imp_stream_part(tpi->hash, offset, bytes, &tpi->hashes))
		return false;
	if (key_bytes != 4 || tpi->buckets == 0 || bytes / 4 < tpi->end - tpi->begin)
		tpi->hash = NULL;
	return true;
}

struct imp_error *imp_tpi_open(struct imp_pdb *pdb)
{
	struct imp_stream *stream = imp_msf_stream(pdb->msf, IMP_STREAM_TPI);
	struct imp_span header;
	uint32_t version, header_bytes, record_bytes;

	if (!stream || imp_stream_size(stream) == 0)
		return NULL;
	struct imp_tpi *tpi = calloc(1, sizeof(*tpi));
	if (!tpi)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the types of %s", pdb->path);
	pdb->tpi = tpi;
	tpi->stream = stream;
	if (!imp_stream_part(stream, 0, IMP_TPI_HEADER_SIZE, &header))
		return imp_error_new(IMP_ERROR_FORMAT, "%s: its type stream is too short for a header", pdb->path);
	imp_span_u32(header, IMP_TPI_VERSION, &version);
	imp_span_u32(header, IMP_TPI_HEADER_BYTES, &header_bytes);
	imp_span_u32(header, IMP_TPI_BEGIN, &tpi->begin);
	imp_span_u32(header, IMP_TPI_END, &tpi->end);
	imp_span_u32(header, IMP_TPI_RECORD_BYTES, &record_bytes);
	if (version != IMP_TPI_VERSION_V80)
		return imp_error_new(IMP_ERROR_FORMAT, "%s: its type stream has version %u, expected %u", pdb->path, version, IMP_TPI_VERSION_V80);
	/* A record takes 4 bytes at least, which bounds what a false count can make us allocate. */
	if (header_bytes < IMP_TPI_HEADER_SIZE || (uint64_t)header_bytes + record_bytes > imp_stream_size(stream) ||
	    tpi->begin < IMP_TPI_FIRST_RECORD || tpi->end < tpi->begin || tpi->end - tpi->begin > record_bytes / 4)
		return imp_error_new(IMP_ERROR_FORMAT, "%s: the header of its type stream (types 0x%x to 0x%x in %u bytes) contradicts itself",
				     pdb->path, tpi->begin, tpi->end, record_bytes);
	tpi->records = header_bytes;
	tpi->records_end = header_bytes + record_bytes;
	if (!read_hashes(tpi, header, pdb->msf))
		return imp_error_new(IMP_ERROR_FORMAT, "%s: the hash stream of its types is damaged", pdb->path);
	size_t count = tpi->end - tpi->begin;
	tpi->offsets = calloc(count + 1, sizeof(*tpi->offsets));
	tpi->definitions = calloc(count + 1, sizeof(*tpi->definitions));
	if (!tpi->offsets || !tpi->definitions)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the %zu types of %s", count, pdb->path);
	return NULL;
}

void imp_tpi_close(struct imp_tpi *tpi)
{
	if (!tpi)
		return;
	free(tpi->offsets);
	free(tpi->definitions);
	free(tpi);
}

void imp_tpi_range(const struct imp_pdb *pdb, uint32_t *begin, uint32_t *end)
{
	*begin = pdb->tpi ? pdb->tpi->begin : IMP_TPI_FIRST_RECORD;
	*end = pdb->tpi ? pdb->tpi->end : IMP_TPI_FIRST_RECORD;
}

/* The last place at or before record `index` that the stream itself lists. */
static void anchor(const struct imp_tpi *tpi, uint32_t index, uint32_t *at_index, uint32_t *at_offset)
{
	uint32_t low = 0, high = (uint32_t)(tpi->anchors.size / IMP_TPI_ANCHOR), start, offset;

	*at_index = tpi->begin;
	*at_offset = tpi->records;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		imp_span_u32(tpi->anchors, (uint64_t)middle * IMP_TPI_ANCHOR, &start);
		if (start <= index)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return;
	imp_span_u32(tpi->anchors, (uint64_t)(low - 1) * IMP_TPI_ANCHOR, &start);
	imp_span_u32(tpi->anchors, (uint64_t)(low - 1) * IMP_TPI_ANCHOR + 4, &offset);
	if (start < tpi->begin || offset >= tpi->records_end - tpi->records)
		return;
	*at_index = start;
	*at_offset = tpi->records + offset;
}

/* The place of record `index`, UNREADABLE when the way to it is damaged. What is learnt on the way is kept, failures too: no record is passed twice,
 * however often is asked.
 */
static uint32_t locate(struct imp_tpi *tpi, uint32_t index)
{
	struct imp_record record;
	uint32_t at, offset;

	if (tpi->offsets[index - tpi->begin])
		return tpi->offsets[index - tpi->begin];
	anchor(tpi, index, &at, &offset);
	for (uint32_t known = index - 1; index > at && known > at; known--) {
		if (!tpi->offsets[known - tpi->begin])
			continue;
		at = known;
		offset = tpi->offsets[known - tpi->begin];
	}
	for (; at < index; at++) {
		tpi->offsets[at - tpi->begin] = offset;
		if (offset != UNREADABLE)
			offset = imp_record_at(tpi->stream, offset, tpi->records_end, &record) ? (uint32_t)record.next : UNREADABLE;
	}
	tpi->offsets[index - tpi->begin] = offset;
	return offset;
}

bool imp_tpi_record(struct imp_pdb *pdb, uint32_t index, uint16_t *kind, struct imp_span *data)
{
	struct imp_tpi *tpi = pdb->tpi;
	struct imp_record record;

	if (!tpi || index < tpi->begin || index >= tpi->end)
		return false;
	uint32_t offset = locate(tpi, index);
	if (offset == UNREADABLE || !imp_record_at(tpi->stream, offset, tpi->records_end, &record))
		return false;
	*kind = record.kind;
	*data = record.data;
	return true;
}

bool imp_tpi_number(struct imp_span data, uint64_t *offset, uint64_t *value)
{
	uint16_t leaf;

	if (!imp_span_u16(data, *offset, &leaf))
		return false;
	*offset += 2;
	if (leaf < LF_NUMERIC) {
		*value = leaf;
		return true;
	}
	uint64_t bits = 0;
	unsigned bytes;
	bool is_signed = leaf == LF_CHAR || leaf == LF_SHORT || leaf == LF_LONG || leaf == LF_QUADWORD;
	switch (leaf) {
	case LF_CHAR:
		bytes = 1;
		break;
	case LF_SHORT:
	case LF_USHORT:
		bytes = 2;
		break;
	case LF_LONG:
	case LF_ULONG:
		bytes = 4;
		break;
	case LF_QUADWORD:
	case LF_UQUADWORD:
		bytes = 8;
		break;
	default:
		return false;
	}
	if (!imp_span_copy(data, *offset, &bits, bytes))
		return false;
	*offset += bytes;
	if (is_signed && bytes < 8 && bits >> (bytes * 8 - 1))
		bits |= ~(uint64_t)0 << bytes * 8;
	*value = bits;
	return true;
}

bool imp_tpi_tag(struct imp_span data, uint16_t kind, struct imp_tag *tag)
{
	uint64_t at;
	uint16_t properties;

	*tag = (struct imp_tag){ .kind = kind };
	if (kind != LF_CLASS && kind != LF_STRUCTURE && kind != LF_INTERFACE && kind != LF_UNION && kind != LF_ENUM)
		return false;
	if (!imp_span_u16(data, 0, &tag->count) || !imp_span_u16(data, 2, &properties))
		return false;
	if (kind == LF_ENUM) {
		if (!imp_span_u32(data, 4, &tag->underlying) || !imp_span_u32(data, 8, &tag->fields))
			return false;
		at = 12;
	} else {
		if (!imp_span_u32(data, 4, &tag->fields))
			return false;
		at = kind == LF_UNION ? 8 : 16; /* classes have the type they derive from and their virtual table's shape between */
		if (!imp_tpi_number(data, &at, &tag->size))
			return false;
	}
	tag->forward = (properties & PROPERTY_FORWARD) != 0;
	tag->scoped = (properties & PROPERTY_SCOPED) != 0;
	tag->name = imp_span_string(data, at);
	if (tag->name && (properties & PROPERTY_UNIQUE_NAME))
		tag->unique_name = imp_span_string(data, at + strlen(tag->name) + 1);
	return tag->name != NULL;
}

static bool tag_at(struct imp_pdb *pdb, uint32_t index, struct imp_tag *tag)
{
	struct imp_span data;
	uint16_t kind;

	return imp_tpi_record(pdb, index, &kind, &data) && imp_tpi_tag(data, kind, tag);
}

/* Whether the record is the definition meant by `name`, and by `unique_name` where both sides have one. */
static bool defines(struct imp_pdb *pdb, uint32_t index, const char *name, const char *unique_name)
{
	struct imp_tag tag;

	return tag_at(pdb, index, &tag) && !tag.forward && strcmp(tag.name, name) == 0 &&
	       (!unique_name || !tag.unique_name || strcmp(tag.unique_name, unique_name) == 0);
}

/* The definition among the types whose stored hash is that of `key`. The youngest wins: an incremental link leaves older ones behind. */
static uint32_t find_hashed(struct imp_pdb *pdb, const char *key, const char *name, const char *unique_name)
{
	struct imp_tpi *tpi = pdb->tpi;
	uint32_t wanted = imp_pdb_hash(key, strlen(key)) % tpi->buckets, hash;

	for (uint32_t i = tpi->end - tpi->begin; i-- > 0;) {
		memcpy(&hash, tpi->hashes.data + (size_t)i * 4, 4);
		if (hash == wanted && defines(pdb, tpi->begin + i, name, unique_name))
			return tpi->begin + i;
	}
	return 0;
}

static uint32_t find_reading(struct imp_pdb *pdb, const char *name, const char *unique_name)
{
	for (uint32_t index = pdb->tpi->end; index-- > pdb->tpi->begin;)
		if (defines(pdb, index, name, unique_name))
			return index;
	return 0;
}

uint32_t imp_tpi_find(struct imp_pdb *pdb, const char *name)
{
	if (!pdb->tpi)
		return 0;
	return pdb->tpi->hash ? find_hashed(pdb, name, name, NULL) : find_reading(pdb, name, NULL);
}

static uint32_t resolve(struct imp_pdb *pdb, const struct imp_tag *tag)
{
	uint32_t found = 0;

	if (!pdb->tpi->hash)
		return find_reading(pdb, tag->name, tag->unique_name);
	/* Types of a function's scope are hashed by their unique name, all others by their name. */
	if (tag->unique_name && tag->scoped)
		found = find_hashed(pdb, tag->unique_name, tag->name, tag->unique_name);
	if (!found)
		found = find_hashed(pdb, tag->name, tag->name, tag->unique_name);
	/* Unnamed types, and C's types of a function's scope, are hashed by their whole record, which cannot be known from here. */
	if (!found && (tag->scoped || (tag->unique_name && (strstr(tag->name, "<unnamed-") || strstr(tag->name, "__unnamed")))))
		found = find_reading(pdb, tag->name, tag->unique_name);
	return found;
}

uint32_t imp_tpi_definition(struct imp_pdb *pdb, uint32_t index)
{
	struct imp_tag tag;

	if (!pdb->tpi || index < pdb->tpi->begin || index >= pdb->tpi->end)
		return index;
	uint32_t *known = &pdb->tpi->definitions[index - pdb->tpi->begin];
	if (!*known) {
		*known = index;
		if (tag_at(pdb, index, &tag) && tag.forward) {
			uint32_t found = resolve(pdb, &tag);

			*known = found ? found : index;
		}
	}
	return *known;
}

bool imp_tpi_typedef(struct imp_pdb *pdb, const char *name, uint32_t *index)
{
	return imp_global_typedef(pdb, name, index);
}
