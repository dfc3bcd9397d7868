/* Multi-stream files: see msf.h. Every number of the file is checked against the file's size before anything is allocated for it. */
#include "symbols/msf.h"

#include "base/file.h"

#include <stdlib.h>

static const char msf_magic[32] = "Microsoft C/C++ MSF 7.00\r\n\x1a"
				  "DS\0\0";

/* The superblock's fields, by offset. */
enum { SB_BLOCK_SIZE = 32, SB_BLOCK_COUNT = 40, SB_DIRECTORY_BYTES = 44, SB_BLOCK_MAP = 52, SB_SIZE = 56 };
enum { NIL_STREAM_SIZE = 0xffffffffu };

struct imp_stream {
	struct imp_msf *msf;
	uint32_t size;
	struct imp_span blocks; /* the stream's block numbers, 4 bytes each */
	const uint8_t *data;    /* NULL until first used; the mapping or `copy` */
	uint8_t *copy;          /* for streams in scattered blocks, or in memory only */
	uint8_t *present;       /* scattered blocks: one flag a block: brought to `copy` */
};

struct imp_msf {
	struct imp_file file;
	uint32_t block_size, block_count;
	uint8_t *directory_copy; /* when the directory's blocks are scattered */
	struct imp_stream *streams;
	uint32_t stream_count;
};

static uint32_t blocks_for(const struct imp_msf *msf, uint32_t bytes)
{
	return (uint32_t)(((uint64_t)bytes + msf->block_size - 1) / msf->block_size);
}

static uint32_t block_at(struct imp_span blocks, uint32_t index)
{
	uint32_t block = UINT32_MAX;

	imp_span_u32(blocks, (uint64_t)index * 4, &block);
	return block;
}

/* Where `count` blocks follow each other in the file, the bytes of the first; NULL when they are scattered or outside the file. */
static const uint8_t *contiguous(const struct imp_msf *msf, struct imp_span blocks, uint32_t count, uint32_t bytes)
{
	struct imp_span part;
	uint32_t first = block_at(blocks, 0);

	for (uint32_t i = 1; i < count; i++)
		if (block_at(blocks, i) != (uint64_t)first + i)
			return NULL;
	return imp_span_slice(msf->file.bytes, (uint64_t)first * msf->block_size, bytes, &part) ? part.data : NULL;
}

static bool copy_block(const struct imp_msf *msf, struct imp_span blocks, uint32_t index, uint8_t *to, uint32_t bytes)
{
	uint32_t offset = index * msf->block_size;
	uint32_t length = bytes - offset < msf->block_size ? bytes - offset : msf->block_size;

	return imp_span_copy(msf->file.bytes, (uint64_t)block_at(blocks, index) * msf->block_size, to + offset, length);
}

static struct imp_error *read_directory(struct imp_msf *msf, const char *path, struct imp_span *directory)
{
	struct imp_span file = msf->file.bytes;
	struct imp_span map;
	uint32_t bytes, map_block;

	imp_span_u32(file, SB_DIRECTORY_BYTES, &bytes);
	imp_span_u32(file, SB_BLOCK_MAP, &map_block);
	uint32_t count = blocks_for(msf, bytes);
	if (bytes < 4 || bytes > file.size || !imp_span_slice(file, (uint64_t)map_block * msf->block_size, (uint64_t)count * 4, &map))
		return imp_error_new(IMP_ERROR_FORMAT, "%s: the stream directory (%u bytes, block map at block %u) lies outside the file", path,
				     bytes, map_block);
	const uint8_t *data = contiguous(msf, map, count, bytes);
	if (!data) {
		msf->directory_copy = malloc(bytes);
		if (!msf->directory_copy)
			return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the stream directory of %s", path);
		for (uint32_t i = 0; i < count; i++)
			if (!copy_block(msf, map, i, msf->directory_copy, bytes))
				return imp_error_new(IMP_ERROR_FORMAT, "%s: block %u of the stream directory lies outside the file", path, i);
		data = msf->directory_copy;
	}
	*directory = (struct imp_span){ data, bytes };
	return NULL;
}

static struct imp_error *read_streams(struct imp_msf *msf, const char *path, struct imp_span directory)
{
	uint64_t offset, blocks_used = 0;
	uint32_t count;

	imp_span_u32(directory, 0, &count);
	if (count > (directory.size - 4) / 4)
		return imp_error_new(IMP_ERROR_FORMAT, "%s: a directory of %zu bytes cannot list %u streams", path, directory.size, count);
	msf->streams = calloc(count ? count : 1, sizeof(*msf->streams));
	if (!msf->streams)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the %u streams of %s", count, path);
	msf->stream_count = count;
	offset = 4 + (uint64_t)count * 4;
	for (uint32_t i = 0; i < count; i++) {
		struct imp_stream *stream = &msf->streams[i];

		stream->msf = msf;
		imp_span_u32(directory, 4 + (uint64_t)i * 4, &stream->size);
		if (stream->size == NIL_STREAM_SIZE)
			stream->size = 0;
		uint32_t blocks = blocks_for(msf, stream->size);
		if (!imp_span_slice(directory, offset, (uint64_t)blocks * 4, &stream->blocks))
			return imp_error_new(IMP_ERROR_FORMAT, "%s: the block list of stream %u runs past the stream directory", path, i);
		offset += (uint64_t)blocks * 4;
		/* Stream 0 is the previous directory, whose blocks may be in use again. */
		if (i > 0)
			blocks_used += blocks;
	}
	/* No block belongs to two streams; this also bounds what copies of streams can cost. */
	if (blocks_used > msf->block_count)
		return imp_error_new(IMP_ERROR_FORMAT, "%s: its streams claim %llu blocks of a file of %u", path, (unsigned long long)blocks_used,
				     msf->block_count);
	return NULL;
}

static struct imp_error *read_superblock(struct imp_msf *msf, const char *path)
{
	struct imp_span file = msf->file.bytes;
	struct imp_span directory = { 0 };
	struct imp_error *err;

	if (!imp_span_has(file, 0, SB_SIZE) || memcmp(file.data, msf_magic, sizeof(msf_magic)) != 0)
		return imp_error_new(IMP_ERROR_FORMAT, "%s is not a PDB 7.0 file: it does not begin with \"Microsoft C/C++ MSF 7.00\"", path);
	imp_span_u32(file, SB_BLOCK_SIZE, &msf->block_size);
	imp_span_u32(file, SB_BLOCK_COUNT, &msf->block_count);
	if (msf->block_size < 512 || msf->block_size > 65536 || (msf->block_size & (msf->block_size - 1)))
		return imp_error_new(IMP_ERROR_FORMAT, "%s: %u is not a block size of a PDB", path, msf->block_size);
	if ((uint64_t)msf->block_count * msf->block_size > file.size)
		return imp_error_new(IMP_ERROR_FORMAT, "%s is truncated: its header says %u blocks of %u bytes, the file has %zu bytes", path,
				     msf->block_count, msf->block_size, file.size);
	err = read_directory(msf, path, &directory);
	if (err)
		return err;
	return read_streams(msf, path, directory);
}

struct imp_error *imp_msf_open(const char *path, struct imp_msf **msf)
{
	struct imp_error *err;
	struct imp_msf *made = calloc(1, sizeof(*made));

	*msf = NULL;
	if (!made)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for %s", path);
	err = imp_file_open(path, &made->file);
	if (!err)
		err = read_superblock(made, path);
	if (err) {
		imp_msf_close(made);
		return err;
	}
	*msf = made;
	return NULL;
}

struct imp_error *imp_msf_of_streams(const struct imp_span *contents, uint32_t count, struct imp_msf **msf)
{
	struct imp_msf *made = calloc(1, sizeof(*made));

	if (made)
		made->streams = calloc(count, sizeof(*made->streams));
	*msf = made && made->streams ? made : NULL;
	for (uint32_t i = 0; i < count; i++) {
		void *bytes = (void *)(uintptr_t)contents[i].data;

		if (*msf)
			made->streams[i] = (struct imp_stream){ .msf = made, .size = (uint32_t)contents[i].size, .data = bytes, .copy = bytes };
		else
			free(bytes);
	}
	if (*msf) {
		made->stream_count = count;
		return NULL;
	}
	free(made);
	return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for %u streams", count);
}

uint64_t imp_msf_size(const struct imp_msf *msf)
{
	return msf->file.bytes.size;
}

void imp_msf_close(struct imp_msf *msf)
{
	if (!msf)
		return;
	for (uint32_t i = 0; i < msf->stream_count; i++) {
		free(msf->streams[i].copy);
		free(msf->streams[i].present);
	}
	free(msf->streams);
	free(msf->directory_copy);
	imp_file_close(&msf->file);
	free(msf);
}

struct imp_stream *imp_msf_stream(struct imp_msf *msf, uint32_t index)
{
	/* Stream 0 holds nothing for readers, and its blocks were not counted. */
	return index > 0 && index < msf->stream_count ? &msf->streams[index] : NULL;
}

uint32_t imp_stream_size(const struct imp_stream *stream)
{
	return stream->size;
}

/* Decides, once, where the stream's bytes come from. */
static bool stream_prepare(struct imp_stream *stream)
{
	uint32_t count = blocks_for(stream->msf, stream->size);

	stream->data = contiguous(stream->msf, stream->blocks, count, stream->size);
	if (stream->data)
		return true;
	stream->copy = malloc(stream->size);
	stream->present = calloc(count, 1);
	if (!stream->copy || !stream->present) {
		free(stream->copy);
		free(stream->present);
		stream->copy = stream->present = NULL;
		return false;
	}
	stream->data = stream->copy;
	return true;
}

bool imp_stream_part(struct imp_stream *stream, uint64_t offset, uint64_t size, struct imp_span *part)
{
	*part = (struct imp_span){ 0 };
	if (offset > stream->size || size > stream->size - offset)
		return false;
	if (size == 0)
		return true;
	if (!stream->data && !stream_prepare(stream))
		return false;
	if (stream->present) {
		uint32_t last = (uint32_t)((offset + size - 1) / stream->msf->block_size);

		for (uint32_t i = (uint32_t)(offset / stream->msf->block_size); i <= last; i++) {
			if (stream->present[i])
				continue;
			if (!copy_block(stream->msf, stream->blocks, i, stream->copy, stream->size))
				return false;
			stream->present[i] = 1;
		}
	}
	*part = (struct imp_span){ stream->data + offset, (size_t)size };
	return true;
}

bool imp_stream_u16(struct imp_stream *stream, uint64_t offset, uint16_t *value)
{
	struct imp_span part;

	return imp_stream_part(stream, offset, sizeof(*value), &part) && imp_span_u16(part, 0, value);
}

bool imp_stream_u32(struct imp_stream *stream, uint64_t offset, uint32_t *value)
{
	struct imp_span part;

	return imp_stream_part(stream, offset, sizeof(*value), &part) && imp_span_u32(part, 0, value);
}
