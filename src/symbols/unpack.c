/* Compressed text: see unpack.h. Formats: "The .xz File Format" 1.0.4, RFC 1952 (gzip). */
#include "symbols/unpack.h"

#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>

/* What liblzma may allocate: enough for the dictionary of xz -9. */
enum { XZ_MEMORY = 72 << 20 };
/* zlib's windowBits for a gzip header. */
enum { GZIP_WINDOW = 16 + MAX_WBITS };

/* Each unpacks all of `packed` to `to`, which has room for `room` bytes, and tells in `*size` how many it wrote. NULL, or what is wrong; too much
 * output shows as a full `to`.
 */
static const char *unpack_xz(struct imp_span packed, uint8_t *to, size_t room, size_t *size)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret result = lzma_stream_decoder(&stream, XZ_MEMORY, LZMA_CONCATENATED);

	stream.next_in = packed.data;
	stream.avail_in = packed.size;
	stream.next_out = to;
	stream.avail_out = room;
	while (result == LZMA_OK && stream.avail_out)
		result = lzma_code(&stream, LZMA_FINISH);
	*size = room - stream.avail_out;
	lzma_end(&stream);
	if (result == LZMA_OK || result == LZMA_STREAM_END)
		return NULL;
	if (result == LZMA_MEM_ERROR)
		return "out of memory for it";
	return result == LZMA_MEMLIMIT_ERROR ? "its dictionary is larger than that of xz -9" : "its xz stream is damaged or truncated";
}

static const char *unpack_gzip(struct imp_span packed, uint8_t *to, size_t room, size_t *size)
{
	z_stream stream = { 0 };
	int result = inflateInit2(&stream, GZIP_WINDOW);

	*size = 0;
	if (result != Z_OK)
		return "out of memory for it";
	/* zlib's counters have 32 bits, which suffices: both lengths were limited to less. */
	stream.next_in = (Bytef *)(uintptr_t)packed.data;
	stream.avail_in = (uInt)packed.size;
	stream.next_out = to;
	stream.avail_out = (uInt)room;
	while (result == Z_OK && stream.avail_out)
		result = inflate(&stream, Z_NO_FLUSH);
	*size = room - stream.avail_out;
	inflateEnd(&stream);
	return result == Z_OK || result == Z_STREAM_END ? NULL : "its gzip stream is damaged or truncated";
}

static const struct format {
	uint8_t magic[6];
	uint8_t magic_size;
	const char *(*unpack)(struct imp_span packed, uint8_t *to, size_t room, size_t *size);
} formats[] = {
	{ { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, unpack_xz },
	{ { 0x1f, 0x8b }, 2, unpack_gzip },
};

static struct imp_error *too_large(const char *path, size_t limit)
{
	return imp_error_new(IMP_ERROR_FORMAT, "%s is not read: unpacked it has more than %zu MiB", path, limit >> 20);
}

static struct imp_error *unpack(const struct format *format, const char *path, size_t limit, struct imp_unpacked *unpacked)
{
	size_t size;
	const char *problem;

	/* One byte more than is allowed tells what is too large. Pages that are not written cost nothing. */
	unpacked->copy = malloc(limit + 1);
	if (!unpacked->copy)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for %s", path);
	problem = format->unpack(unpacked->file.bytes, unpacked->copy, limit + 1, &size);
	imp_file_close(&unpacked->file);
	if (problem)
		return imp_error_new(IMP_ERROR_FORMAT, "%s cannot be unpacked: %s", path, problem);
	if (size > limit)
		return too_large(path, limit);
	unpacked->text = (struct imp_span){ unpacked->copy, size };
	return NULL;
}

struct imp_error *imp_unpack(const char *path, size_t limit, struct imp_unpacked *unpacked)
{
	struct imp_error *err;
	const struct format *format = NULL;

	*unpacked = (struct imp_unpacked){ 0 };
	err = imp_file_open(path, &unpacked->file);
	if (err)
		return err;
	struct imp_span bytes = unpacked->file.bytes;
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats) && !format; i++)
		if (imp_span_has(bytes, 0, formats[i].magic_size) && memcmp(bytes.data, formats[i].magic, formats[i].magic_size) == 0)
			format = &formats[i];
	if (bytes.size > limit)
		err = too_large(path, limit);
	else if (format)
		err = unpack(format, path, limit, unpacked);
	else
		unpacked->text = bytes;
	if (err)
		imp_unpacked_close(unpacked);
	return err;
}

void imp_unpacked_close(struct imp_unpacked *unpacked)
{
	imp_file_close(&unpacked->file);
	free(unpacked->copy);
	*unpacked = (struct imp_unpacked){ 0 };
}
