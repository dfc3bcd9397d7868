/* Parts of PDBs that today's linkers do not make: streams in scattered blocks, OMAP tables of rearranged images, types without a hash stream.
 * The files are written here, block by block, as the format's description says.
 */
#include "pdbutil.h"
#include "symbols/pdb_file.h"
#include "types/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 512, BLOCKS = 64, MOST_STREAMS = 8 };

struct stream_bytes {
	const void *bytes;
	uint32_t size;
};

static char path[] = "/tmp/impasse-msf-XXXXXX";

static void succeed(struct imp_error *err)
{
	if (err)
		fail_msg("%s", imp_error_message(err));
}

static void put(uint8_t *file, size_t at, uint32_t value)
{
	memcpy(file + at, &value, 4);
}

static void write_bytes(const void *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

/* A file whose streams' blocks lie in descending order; the directory's too. */
static void write_msf(const struct stream_bytes *streams, uint32_t count)
{
	static uint8_t file[BLOCKS * BLOCK];
	uint8_t directory[2 * BLOCK] = { 0 };
	uint32_t free_block = BLOCKS - 1, directory_size = 4 + count * 4;

	memset(file, 0, sizeof(file));
	put(directory, 0, count);
	for (uint32_t i = 0; i < count; i++) {
		put(directory, 4 + i * 4, streams[i].size);
		for (uint32_t done = 0; done < streams[i].size; done += BLOCK) {
			uint32_t length = streams[i].size - done < BLOCK ? streams[i].size - done : BLOCK;

			memcpy(file + free_block * BLOCK, (const uint8_t *)streams[i].bytes + done, length);
			put(directory, directory_size, free_block--);
			directory_size += 4;
		}
	}
	assert_true(directory_size > BLOCK && directory_size <= sizeof(directory));
	memcpy(file,
	       "Microsoft C/C++ MSF 7.00\r\n\x1a"
	       "DS\0\0\0",
	       32);
	put(file, 32, BLOCK);
	put(file, 36, 1);
	put(file, 40, BLOCKS);
	put(file, 44, directory_size);
	put(file, 52, 3);
	put(file, 3 * BLOCK, 5);
	put(file, 3 * BLOCK + 4, 4);
	memcpy(file + 5 * BLOCK, directory, BLOCK);
	memcpy(file + 4 * BLOCK, directory + BLOCK, directory_size - BLOCK);
	write_bytes(file, sizeof(file));
}

static void test_scattered_streams(void **state)
{
	static uint8_t large[20000], small[3] = { 1, 2, 3 };
	struct stream_bytes streams[MOST_STREAMS + 100] = { { NULL, 0 }, { small, 3 }, { large, sizeof(large) }, { small, 2 } };
	struct imp_msf *msf;
	struct imp_span part, again;
	uint32_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(large); i++)
		large[i] = (uint8_t)(i * 7 + i / 256);
	write_msf(streams, MOST_STREAMS + 100); /* enough of them that the directory takes two blocks */
	succeed(imp_msf_open(path, &msf));
	struct imp_stream *stream = imp_msf_stream(msf, 2);
	assert_int_equal(imp_stream_size(stream), sizeof(large));
	/* A part across blocks first, so that the rest has to be brought later; then the whole. */
	assert_true(imp_stream_part(stream, 5000, 700, &part));
	assert_memory_equal(part.data, large + 5000, 700);
	assert_true(imp_stream_u32(stream, 510, &value));
	assert_memory_equal(&value, large + 510, 4);
	assert_true(imp_stream_part(stream, 0, sizeof(large), &again));
	assert_memory_equal(again.data, large, sizeof(large));
	assert_ptr_equal(again.data + 5000, part.data);
	assert_false(imp_stream_part(stream, sizeof(large) - 1, 2, &part));
	assert_false(imp_stream_part(stream, UINT64_MAX, 2, &part));
	assert_true(imp_stream_part(imp_msf_stream(msf, 1), 0, 3, &part));
	assert_memory_equal(part.data, small, 3);
	assert_null(imp_msf_stream(msf, 0));
	assert_null(imp_msf_stream(msf, MOST_STREAMS + 100));
	assert_null(imp_msf_stream(msf, IMP_NO_STREAM));
	imp_msf_close(msf);
}

static void test_omap(void **state)
{
	/* Code that stood at 0x1000..0x10ff went to 0x3000, what stood at 0x1100..0x11ff was removed, 0x1200 and up went to 0x1000. */
	const uint32_t from_original[] = { 0x1000, 0x3000, 0x1100, 0, 0x1200, 0x1000 };
	const uint32_t to_original[] = { 0x1000, 0x1200, 0x2000, 0, 0x3000, 0x1000, 0x3100, 0 };
	struct stream_bytes streams[MOST_STREAMS + 120] = { { NULL, 0 },
							    { from_original, sizeof(from_original) },
							    { to_original, sizeof(to_original) } };
	struct imp_section original = { .rva = 0x1000, .size = 0x1000, .executable = true };
	struct imp_section current[] = { { .rva = 0x1000, .size = 0x3000, .executable = true } };
	struct imp_pdb pdb = { .sections = current, .section_count = 1, .original_sections = &original, .original_section_count = 1 };
	uint32_t rva, offset;
	uint16_t section;

	(void)state;
	write_msf(streams, MOST_STREAMS + 120);
	succeed(imp_msf_open(path, &pdb.msf));
	pdb.from_original = (struct imp_omap){ imp_msf_stream(pdb.msf, 1), 3 };
	pdb.to_original = (struct imp_omap){ imp_msf_stream(pdb.msf, 2), 4 };
	assert_true(imp_section_rva(&pdb, 1, 0x20, &rva));
	assert_int_equal(rva, 0x3020);
	assert_true(imp_section_rva(&pdb, 1, 0x210, &rva));
	assert_int_equal(rva, 0x1010);
	assert_false(imp_section_rva(&pdb, 1, 0x110, &rva)); /* removed */
	assert_false(imp_section_rva(&pdb, 2, 0, &rva));
	assert_false(imp_section_rva(&pdb, 0, 0, &rva));
	assert_true(imp_section_locate(&pdb, 0x3020, &section, &offset));
	assert_int_equal(section, 1);
	assert_int_equal(offset, 0x20);
	assert_true(imp_section_locate(&pdb, 0x1010, &section, &offset));
	assert_int_equal(offset, 0x210);
	assert_false(imp_section_locate(&pdb, 0x2010, &section, &offset)); /* new code, unknown to the PDB */
	assert_false(imp_section_locate(&pdb, 0x800, &section, &offset));
	imp_msf_close(pdb.msf);
}

/* The sample's PDB with the type stream's hash stream taken away: names must be found by reading. */
static void test_types_without_hash(void **state)
{
	static const uint8_t header[] = { 0x0b, 0xca, 0x31, 0x01, 0x38, 0, 0, 0, 0, 0x10, 0, 0 }; /* 20040203, 56 bytes, first index 0x1000 */
	struct stat status;
	struct imp_field with, without;
	struct imp_pdb *whole, *bare;
	FILE *file = fopen(SAMPLE_PDB, "rb");

	(void)state;
	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &status), 0);
	uint8_t *bytes = malloc((size_t)status.st_size);
	assert_int_equal(fread(bytes, 1, (size_t)status.st_size, file), status.st_size);
	fclose(file);
	/* The streams of types and of ids begin alike; both lose their hash. */
	unsigned found = 0;
	for (uint8_t *at = bytes; (at = memmem(at, (size_t)(bytes + status.st_size - at), header, sizeof(header))) != NULL; at++, found++)
		memset(at + 20, 0xff, 2);
	assert_true(found > 0);
	write_bytes(bytes, (size_t)status.st_size);
	free(bytes);
	succeed(imp_pdb_open(SAMPLE_PDB, &whole));
	succeed(imp_pdb_open(path, &bare));
	succeed(imp_field_find(whole, "_SAMPLE_NODE", "Slots[3].Middle", &with));
	succeed(imp_field_find(bare, "_SAMPLE_NODE", "Slots[3].Middle", &without));
	assert_int_equal(with.offset, without.offset);
	assert_int_equal(with.type.index, without.type.index);
	struct imp_error *err = imp_field_find(bare, "_NO_SUCH", "x", &without);
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	imp_error_free(err);
	imp_pdb_close(bare);
	imp_pdb_close(whole);
}

static int set_up(void **state)
{
	(void)state;
	int file = mkstemp(path);

	return file < 0 ? -1 : close(file);
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scattered_streams),
		cmocka_unit_test(test_omap),
		cmocka_unit_test(test_types_without_hash),
	};

	return cmocka_run_group_tests_name("pdb_parts", tests, set_up, tear_down);
}
