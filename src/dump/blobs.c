/* Secondary data behind a dump's memory: see blobs.h. Source: DUMP_BLOB_FILE_HEADER and DUMP_BLOB_HEADER of the WDK, and a real dump. */
#include "dump/blobs.h"
#include "dump/format.h"

#include <inttypes.h>

enum {
	/* DUMP_BLOB_FILE_HEADER */
	FILE_HEADER_SIZE = 0x08,
	FILE_HEADER_END = 0x10, /* behind the build number */
	/* DUMP_BLOB_HEADER */
	BLOB_TAG = 0x04,
	BLOB_DATA_SIZE = 0x14,
	BLOB_PRE_PAD = 0x18,
	BLOB_POST_PAD = 0x1c,
	BLOB_HEADER_END = 0x20,
};

static const char signature[8] = { 'D', 'u', 'm', 'p', 'B', 'l', 'o', 'b' };

static bool begins_at(const struct imp_dump *dump, uint64_t at)
{
	char bytes[sizeof(signature)];

	return at && imp_span_copy(dump->bytes, at, bytes, sizeof(bytes)) && !memcmp(bytes, signature, sizeof(signature));
}

/* Reads the piece at `*at` and moves behind it. */
static struct imp_error *next(const struct imp_dump *dump, uint64_t *at, struct imp_blob *blob)
{
	uint32_t header, size, before, behind;

	if (!imp_span_has(dump->bytes, *at, BLOB_HEADER_END))
		return imp_error_new(IMP_ERROR_FORMAT, "the file ends inside the secondary data, in the header at offset 0x%" PRIx64, *at);
	imp_span_u32(dump->bytes, *at, &header);
	imp_span_copy(dump->bytes, *at + BLOB_TAG, blob->tag, sizeof(blob->tag));
	imp_span_u32(dump->bytes, *at + BLOB_DATA_SIZE, &size);
	imp_span_u32(dump->bytes, *at + BLOB_PRE_PAD, &before);
	imp_span_u32(dump->bytes, *at + BLOB_POST_PAD, &behind);
	if (header < BLOB_HEADER_END)
		return imp_error_new(IMP_ERROR_FORMAT,
				     "the secondary data at offset 0x%" PRIx64 " is damaged: its header has %" PRIu32 " bytes, expected %d", *at,
				     header, BLOB_HEADER_END);
	if (!imp_span_slice(dump->bytes, *at + header + before, size, &blob->data))
		return imp_error_new(IMP_ERROR_FORMAT,
				     "the secondary data at offset 0x%" PRIx64 " claims %" PRIu32 " bytes, but the file ends inside them", *at, size);
	*at += (uint64_t)header + before + size + behind;
	return NULL;
}

struct imp_error *imp_dump_blobs(const struct imp_dump *dump, struct imp_blob *blobs, size_t capacity, size_t *count)
{
	uint64_t at = dump->end;
	uint32_t header;
	struct imp_error *err = NULL;

	*count = 0;
	if (!begins_at(dump, at))
		return imp_error_new(IMP_ERROR_NOT_FOUND, "this dump has no secondary data: no DumpBlob stands behind its memory");
	imp_span_u32(dump->bytes, at + FILE_HEADER_SIZE, &header);
	if (header < FILE_HEADER_END)
		return imp_error_new(IMP_ERROR_FORMAT, "the secondary data is damaged: its first header has %" PRIu32 " bytes, expected %d", header,
				     FILE_HEADER_END);
	for (at += header; at < dump->bytes.size; ++*count) {
		struct imp_blob blob;

		err = next(dump, &at, &blob);
		if (err)
			break;
		if (*count < capacity)
			blobs[*count] = blob;
	}
	return err;
}
