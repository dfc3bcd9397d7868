/* Virtual memory of a dump: reads across pages, through a small cache of translations. How a page-table entry is understood is walk.c's. */
#include "memory/walk.h"

#include <inttypes.h>
#include <stdlib.h>

enum { CACHE_SIZE = 1024 }; /* direct-mapped: pages 4 MiB apart share an entry */

struct cached {
	uint64_t page; /* virtual page number; never a valid one when the entry is empty */
	const uint8_t *bytes;
};

struct imp_memory {
	const struct imp_dump *dump;
	struct imp_paging paging;
	struct cached cache[CACHE_SIZE];
};

static void cache_clear(struct imp_memory *memory)
{
	for (size_t i = 0; i < CACHE_SIZE; i++)
		memory->cache[i].page = UINT64_MAX;
}

struct imp_error *imp_memory_new(const struct imp_dump *dump, uint64_t directory_table_base, struct imp_memory **memory)
{
	*memory = malloc(sizeof(**memory));
	if (!*memory)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
	(*memory)->dump = dump;
	(*memory)->paging = (struct imp_paging){ .kernel_table = directory_table_base, .user_table = directory_table_base, .levels = 4 };
	cache_clear(*memory);
	return NULL;
}

void imp_memory_free(struct imp_memory *memory)
{
	free(memory);
}

void imp_memory_set_process(struct imp_memory *memory, uint64_t directory_table_base)
{
	if (memory->paging.user_table == directory_table_base)
		return;
	memory->paging.user_table = directory_table_base;
	cache_clear(memory);
}

const struct imp_paging *imp_memory_paging(const struct imp_memory *memory)
{
	return &memory->paging;
}

void imp_memory_set_paging(struct imp_memory *memory, const struct imp_paging *paging)
{
	memory->paging = *paging;
	cache_clear(memory);
}

void imp_memory_walk(const struct imp_memory *memory, const struct imp_paging *paging, uint64_t address, struct imp_page_walk *walk)
{
	imp_walk(memory->dump, paging ? paging : &memory->paging, address, walk);
}

const struct imp_dump *imp_memory_dump(const struct imp_memory *memory)
{
	return memory->dump;
}

/* The mapped page that holds `address`, or NULL and the reason. */
static const uint8_t *page_at(struct imp_memory *memory, uint64_t address, const char **reason)
{
	uint64_t page = address >> IMP_PAGE_SHIFT;
	struct cached *cached = &memory->cache[page % CACHE_SIZE];
	struct imp_page_walk walk;

	if (cached->page == page)
		return cached->bytes;
	imp_walk(memory->dump, &memory->paging, address, &walk);

	const uint8_t *bytes = walk.resident ? imp_dump_page(memory->dump, walk.physical >> IMP_PAGE_SHIFT) : NULL;
	if (!bytes) {
		*reason = imp_page_state_text(&walk);
		return NULL;
	}
	*cached = (struct cached){ page, bytes };
	return bytes;
}

/* Reads up to `size` bytes; fewer only with a reason. */
static size_t read_some(struct imp_memory *memory, uint64_t address, void *buffer, size_t size, const char **reason)
{
	size_t done = 0;

	while (done < size) {
		uint64_t at = address + done;
		size_t within = at & (IMP_PAGE_SIZE - 1);
		size_t part = IMP_PAGE_SIZE - within < size - done ? IMP_PAGE_SIZE - within : size - done;

		if (at < address) {
			*reason = "beyond the end of the address space";
			break;
		}

		const uint8_t *bytes = page_at(memory, at, reason);
		if (!bytes)
			break;
		memcpy((uint8_t *)buffer + done, bytes + within, part);
		done += part;
	}
	return done;
}

struct imp_error *imp_memory_read(struct imp_memory *memory, uint64_t address, void *buffer, size_t size)
{
	const char *reason = NULL;
	size_t done = read_some(memory, address, buffer, size, &reason);

	if (done == size)
		return NULL;
	return imp_error_fault(address + done, "cannot read address %016" PRIx64 ": %s", address + done, reason);
}

size_t imp_memory_read_some(struct imp_memory *memory, uint64_t address, void *buffer, size_t size)
{
	const char *reason;

	return read_some(memory, address, buffer, size, &reason);
}

struct imp_error *imp_memory_u8(struct imp_memory *memory, uint64_t address, uint8_t *value)
{
	return imp_memory_read(memory, address, value, sizeof(*value));
}

struct imp_error *imp_memory_u16(struct imp_memory *memory, uint64_t address, uint16_t *value)
{
	return imp_memory_read(memory, address, value, sizeof(*value));
}

struct imp_error *imp_memory_u32(struct imp_memory *memory, uint64_t address, uint32_t *value)
{
	return imp_memory_read(memory, address, value, sizeof(*value));
}

struct imp_error *imp_memory_u64(struct imp_memory *memory, uint64_t address, uint64_t *value)
{
	return imp_memory_read(memory, address, value, sizeof(*value));
}

struct imp_error *imp_memory_translate(struct imp_memory *memory, uint64_t address, uint64_t *physical)
{
	struct imp_page_walk walk;

	imp_walk(memory->dump, &memory->paging, address, &walk);
	*physical = walk.physical;
	if (walk.resident)
		return NULL;
	return imp_error_fault(address, "cannot translate address %016" PRIx64 ": %s", address, imp_page_state_text(&walk));
}

bool imp_memory_maps(const struct imp_memory *memory, uint64_t address, uint64_t *size)
{
	struct imp_page_walk walk;

	imp_walk(memory->dump, &memory->paging, address, &walk);
	*size = walk.size;
	return walk.state == IMP_PAGE_VALID || walk.state == IMP_PAGE_TRANSITION;
}

struct imp_error *imp_memory_read_physical(struct imp_memory *memory, uint64_t physical, void *buffer, size_t size)
{
	size_t done = 0;

	while (done < size) {
		uint64_t at = physical + done;
		size_t within = at & (IMP_PAGE_SIZE - 1);
		size_t part = IMP_PAGE_SIZE - within < size - done ? IMP_PAGE_SIZE - within : size - done;
		const uint8_t *bytes = at < physical ? NULL : imp_dump_page(memory->dump, at >> IMP_PAGE_SHIFT);

		if (!bytes)
			return imp_error_fault(at, "cannot read physical address %" PRIx64 ": page not in this dump", at);
		memcpy((uint8_t *)buffer + done, bytes + within, part);
		done += part;
	}
	return NULL;
}
