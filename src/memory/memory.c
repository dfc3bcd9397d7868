/* Virtual memory of a dump: reads across pages, through a small cache of translations, or across the ranges of a dump that has no pages. How a
 * page-table entry is understood is walk.c's.
 */
#include "memory/walk.h"
#include "base/watch.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
	CACHE_SIZE = 1 << 16, /* direct-mapped: pages 256 MiB apart share an entry. Only the parts that are used are ever in memory. */
	PARTS = 8,
};

static const char not_held[] = "a small memory dump holds only a few blocks of memory, and this is not among them";
static const char no_tables[] = "a small memory dump holds no page tables and no physical pages";

struct cached {
	uint64_t tag; /* virtual page number and, above its 52 bits, the generation; 0 when the entry is empty */
	const uint8_t *bytes;
};

#define GENERATION_SHIFT 52

/* A stretch of virtual memory that was added to what the dump says. */
struct part {
	uint64_t address;
	struct imp_span bytes;
};

struct imp_memory {
	const struct imp_dump *dump;
	bool virtual; /* the dump holds ranges instead of pages */
	struct part parts[PARTS];
	size_t part_count;
	struct imp_paging paging;
	uint64_t generation; /* of the entries that count, 1 to 4095 */
	struct cached cache[CACHE_SIZE];
};

/* Other page tables: what was cached before counts no more. */
static void cache_clear(struct imp_memory *memory)
{
	if (++memory->generation >> (64 - GENERATION_SHIFT)) {
		memset(memory->cache, 0, sizeof(memory->cache));
		memory->generation = 1;
	}
}

struct imp_error *imp_memory_new(const struct imp_dump *dump, uint64_t directory_table_base, struct imp_memory **memory)
{
	*memory = calloc(1, sizeof(**memory)); /* the cache's pages stay the system's until they are used */
	if (!*memory)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
	(*memory)->dump = dump;
	(*memory)->virtual = imp_dump_is_virtual(dump);
	(*memory)->paging = (struct imp_paging){ .kernel_table = directory_table_base, .user_table = directory_table_base, .levels = 4 };
	cache_clear(*memory);
	return NULL;
}

struct imp_error *imp_memory_add_part(struct imp_memory *memory, uint64_t address, struct imp_span bytes)
{
	if (!memory->virtual || memory->part_count == PARTS || address > UINT64_MAX - bytes.size)
		return imp_error_new(IMP_ERROR_USAGE, "%zu bytes at %016" PRIx64 " cannot be added to this dump's memory", bytes.size, address);
	memory->parts[memory->part_count++] = (struct part){ address, bytes };
	return NULL;
}

void imp_memory_remove_parts(struct imp_memory *memory)
{
	memory->part_count = 0;
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

/* The reason of a read that Ctrl-C ended. */
static const char stopped[] = "interrupted";

/* What is mapped from `address` to the end of its page, or empty and the reason. */
static struct imp_span rest_of_page(struct imp_memory *memory, uint64_t address, const char **reason)
{
	uint64_t page = address >> IMP_PAGE_SHIFT, tag = page | memory->generation << GENERATION_SHIFT;
	struct cached *cached = &memory->cache[page % CACHE_SIZE];
	size_t within = address & (IMP_PAGE_SIZE - 1);
	struct imp_page_walk walk;

	if (cached->tag != tag) {
		if (imp_watch_stopped()) {
			*reason = stopped;
			return (struct imp_span){ 0 };
		}
		imp_walk(memory->dump, &memory->paging, address, &walk);

		const uint8_t *bytes = walk.resident ? imp_dump_page(memory->dump, walk.physical >> IMP_PAGE_SHIFT) : NULL;
		if (!bytes) {
			*reason = imp_page_state_text(&walk);
			return (struct imp_span){ 0 };
		}
		*cached = (struct cached){ tag, bytes };
	}
	return (struct imp_span){ cached->bytes + within, IMP_PAGE_SIZE - within };
}

/* The same for a dump without pages: to the end of the range or part. */
static struct imp_span rest_of_range(const struct imp_memory *memory, uint64_t address, const char **reason)
{
	struct imp_span rest = imp_dump_virtual(memory->dump, address);

	for (size_t i = 0; i < memory->part_count && !rest.size; i++) {
		struct imp_span bytes = memory->parts[i].bytes;
		uint64_t within = address - memory->parts[i].address;

		if (within < bytes.size)
			imp_span_slice(bytes, within, bytes.size - within, &rest);
	}
	if (!rest.size)
		*reason = not_held;
	return rest;
}

/* Reads up to `size` bytes; fewer only with a reason. */
static size_t read_some(struct imp_memory *memory, uint64_t address, void *buffer, size_t size, const char **reason)
{
	size_t done = 0;

	while (done < size) {
		uint64_t at = address + done;
		struct imp_span rest;
		size_t part;

		if (at < address) {
			*reason = "beyond the end of the address space";
			break;
		}
		rest = memory->virtual ? rest_of_range(memory, at, reason) : rest_of_page(memory, at, reason);
		if (!rest.size)
			break;
		part = rest.size < size - done ? rest.size : size - done;
		memcpy((uint8_t *)buffer + done, rest.data, part);
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
	if (reason == stopped)
		return imp_watch_stop_error();
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
	return imp_error_fault(address, "cannot translate address %016" PRIx64 ": %s", address,
			       memory->virtual ? no_tables : imp_page_state_text(&walk));
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
			return imp_error_fault(at, "cannot read physical address %" PRIx64 ": %s", at,
					       memory->virtual ? no_tables : "page not in this dump");
		memcpy((uint8_t *)buffer + done, bytes + within, part);
		done += part;
	}
	return NULL;
}
