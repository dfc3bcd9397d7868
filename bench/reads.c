/* 1,000,000 reads of 8 bytes at random virtual addresses of a dump's kernel half, through its page tables; or with -p, for comparison, of 8 bytes at
 * random places of the file by pread. Usage: reads [-p] DUMP
 */
#include "memory/memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READS = 1000000, MOST_PAGES = 1 << 20 };

#define KERNEL_HALF UINT64_C(0xffff800000000000)

static uint64_t state = 20251122;

/* xorshift64 (Marsaglia 2003). */
static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void need(struct imp_error *err)
{
	if (!err)
		return;
	fprintf(stderr, "reads: %s\n", imp_error_message(err));
	exit(1);
}

/* The pages of the kernel half that are mapped and in the dump, at most MOST_PAGES. */
static size_t find_pages(struct imp_memory *memory, uint64_t *pages)
{
	uint64_t address = KERNEL_HALF, size, word;
	size_t count = 0;

	do {
		if (!imp_memory_maps(memory, address, &size)) {
			address = (address & ~(size - 1)) + size;
			continue;
		}
		if (imp_memory_read_some(memory, address, &word, sizeof(word)) == sizeof(word))
			pages[count++] = address;
		address += IMP_PAGE_SIZE;
	} while (address && count < MOST_PAGES);
	return count;
}

static uint64_t read_virtual(const char *path)
{
	uint64_t *pages = malloc(MOST_PAGES * sizeof(*pages)), sum = 0;
	struct imp_dump *dump;
	struct imp_memory *memory;
	size_t count;

	need(imp_dump_open(path, &dump));
	need(imp_memory_new(dump, imp_dump_info(dump)->directory_table_base, &memory));
	count = pages ? find_pages(memory, pages) : 0;
	if (!count) {
		fprintf(stderr, "reads: no page of the kernel in %s\n", path);
		exit(1);
	}
	for (unsigned i = 0; i < READS; i++) {
		uint64_t random = next(), word;

		need(imp_memory_u64(memory, pages[random % count] + (random >> 40) % (IMP_PAGE_SIZE - 8), &word));
		sum += word;
	}
	printf("%zu pages\n", count);
	imp_memory_free(memory);
	imp_dump_close(dump);
	free(pages);
	return sum;
}

static uint64_t read_file(const char *path)
{
	struct stat info;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t sum = 0;

	if (file < 0 || fstat(file, &info) || info.st_size <= IMP_PAGE_SIZE) {
		perror(path);
		exit(1);
	}
	for (unsigned i = 0; i < READS; i++) {
		uint64_t word = 0;

		if (pread(file, &word, sizeof(word), (off_t)(next() % (uint64_t)(info.st_size - 8))) != sizeof(word)) {
			perror(path);
			exit(1);
		}
		sum += word;
	}
	close(file);
	return sum;
}

int main(int argc, char **argv)
{
	bool plain = argc == 3 && argv[1][0] == '-' && argv[1][1] == 'p';

	if (argc != 2 + plain) {
		fprintf(stderr, "usage: reads [-p] DUMP\n");
		return 1;
	}
	/* The sum is shown so that no read can be left out. */
	printf("sum %016" PRIx64 "\n", plain ? read_file(argv[2]) : read_virtual(argv[1]));
	return 0;
}
