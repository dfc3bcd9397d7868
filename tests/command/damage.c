/* Damages a copy of a dump for the tests: writes at a virtual address, or flips seeded random bytes in a range of them.
 * damage FILE write ADDRESS HEXBYTES | damage FILE flip ADDRESS SIZE SEED COUNT
 */
#include "memory/memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct imp_memory *memory;

/* The byte of the mapped copy that stands at a virtual address; NULL when the dump does not hold it. */
static uint8_t *byte_at(uint64_t address)
{
	uint64_t physical;
	const uint8_t *page;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_memory_translate(memory, address, &physical);

	if (err)
		return NULL;
	page = imp_dump_page(imp_memory_dump(memory), physical >> IMP_PAGE_SHIFT);
	return page ? (uint8_t *)page + (physical & (IMP_PAGE_SIZE - 1)) : NULL;
}

static int fail(const char *what)
{
	fprintf(stderr, "damage: %s\n", what);
	return 1;
}

static int write_bytes(uint64_t address, const char *hexadecimal)
{
	for (; hexadecimal[0] && hexadecimal[1]; hexadecimal += 2, address++) {
		char digits[3] = { hexadecimal[0], hexadecimal[1], 0 };
		uint8_t *byte = byte_at(address);

		if (!byte)
			return fail("the address is not in the dump");
		*byte = (uint8_t)strtoul(digits, NULL, 16);
	}
	return 0;
}

static int flip_bytes(uint64_t address, uint64_t size, unsigned seed, unsigned count)
{
	srandom(seed);
	for (unsigned i = 0; size && i < count; i++) {
		uint8_t *byte = byte_at(address + (((uint64_t)random() << 31) + (uint64_t)random()) % size);

		if (byte)
			*byte ^= (uint8_t)(1 + random() % 255);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct imp_dump *dump;
	struct stat info;
	void *bytes;
	int file = argc > 3 ? open(argv[1], O_RDWR) : -1;

	if (file < 0 || fstat(file, &info))
		return fail("usage: damage FILE write ADDRESS HEXBYTES | flip ADDRESS SIZE SEED COUNT");
	bytes = mmap(NULL, (size_t)info.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (bytes == MAP_FAILED)
		return fail("cannot map the file");
	if (imp_dump_open_bytes(argv[1], (struct imp_span){ bytes, (size_t)info.st_size }, &dump) ||
	    imp_memory_new(dump, imp_dump_info(dump)->directory_table_base, &memory))
		return fail("cannot open the dump");
	if (!strcmp(argv[2], "write") && argc == 5)
		return write_bytes(strtoull(argv[3], NULL, 16), argv[4]);
	if (!strcmp(argv[2], "flip") && argc == 7)
		return flip_bytes(strtoull(argv[3], NULL, 16), strtoull(argv[4], NULL, 16), (unsigned)atoi(argv[5]), (unsigned)atoi(argv[6]));
	return fail("write or flip?");
}
