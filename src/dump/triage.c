/* Triage dumps (DumpType 4): TRIAGE_DUMP64 behind the header says where in the file the few blocks of virtual memory, the list of modules and the
 * structures of the crashing thread are. There are no physical pages. Source: mindumpdef.h of the Windows SDK, as rizin (dmp_specs.h) and Ghidra (pagedump) list it.
 */
#include "dump/triage.h"
#include "base/utf16.h"
#include "dump/virtual.h"

#include <inttypes.h>
#include <stdlib.h>

/* TRIAGE_DUMP64, within the file; offsets that it states are from the file's start. */
enum {
	TRIAGE_DUMP64 = DUMP_HEADER64_SIZE,
	SIZE_OF_DUMP = TRIAGE_DUMP64 + 0x04,
	VALID_OFFSET = TRIAGE_DUMP64 + 0x08,
	UNLOADED_DRIVERS_OFFSET = TRIAGE_DUMP64 + 0x18,
	PRCB_OFFSET = TRIAGE_DUMP64 + 0x1c,
	PROCESS_OFFSET = TRIAGE_DUMP64 + 0x20,
	THREAD_OFFSET = TRIAGE_DUMP64 + 0x24,
	CALL_STACK_OFFSET = TRIAGE_DUMP64 + 0x28,
	SIZE_OF_CALL_STACK = TRIAGE_DUMP64 + 0x2c,
	DRIVER_LIST_OFFSET = TRIAGE_DUMP64 + 0x30,
	DRIVER_COUNT = TRIAGE_DUMP64 + 0x34,
	TOP_OF_STACK = TRIAGE_DUMP64 + 0x48,
	DATA_PAGE_ADDRESS = TRIAGE_DUMP64 + 0x60,
	DATA_PAGE_OFFSET = TRIAGE_DUMP64 + 0x68,
	DATA_PAGE_SIZE = TRIAGE_DUMP64 + 0x6c,
	DEBUGGER_DATA_OFFSET = TRIAGE_DUMP64 + 0x70,
	DEBUGGER_DATA_SIZE = TRIAGE_DUMP64 + 0x74,
	DATA_BLOCKS_OFFSET = TRIAGE_DUMP64 + 0x78,
	DATA_BLOCKS_COUNT = TRIAGE_DUMP64 + 0x7c,
	TRIAGE_DUMP64_END = TRIAGE_DUMP64 + 0x80,
};

/* What they lead to. */
enum {
	DATA_BLOCK_SIZE = 16, /* address, offset in the file, size */
	DRIVER_SIZE = 0x90,   /* DUMP_DRIVER_ENTRY64: DriverNameOffset, then the loader's entry */
	DRIVER_BASE = 0x38,
	DRIVER_IMAGE_SIZE = 0x48,
	DRIVER_TIME_DATE_STAMP = 0x88,
	UNLOADED_FIRST = 8, /* behind their number */
	UNLOADED_SIZE = 0x38,
	UNLOADED_NAME = 0x10, /* 12 characters; the name's length in bytes is at 0 */
	UNLOADED_CHARACTERS = 12,
	UNLOADED_START = 0x28,
	UNLOADED_END = 0x30,
	BLOCK_LIMIT = 1 << 20, /* a real dump has a few thousand */
};

#define VALID_MARK UINT32_C(0x44475254) /* "TRGD" */

struct state {
	struct imp_virtual virtual; /* first: imp_virtual_at finds it as the dump's state */
	struct imp_triage triage;
	struct imp_span modules, unloaded; /* the entries that lie in the file */
};

/* The getters cannot fail: imp_dump_triage_open has checked that TRIAGE_DUMP64 is there. */
static uint32_t get32(const struct imp_dump *dump, uint64_t offset)
{
	uint32_t value;

	imp_span_u32(dump->bytes, offset, &value);
	return value;
}

static uint64_t get64(const struct imp_dump *dump, uint64_t offset)
{
	uint64_t value;

	imp_span_u64(dump->bytes, offset, &value);
	return value;
}

/* As many whole entries of `size` bytes at file offset `at`, at most `count`, as the file has. */
static struct imp_span entries(const struct imp_dump *dump, uint64_t at, uint64_t count, uint64_t size)
{
	uint64_t there = at && at < dump->bytes.size ? (dump->bytes.size - at) / size : 0;
	struct imp_span part;

	imp_span_slice(dump->bytes, at, (there < count ? there : count) * size, &part);
	return part;
}

/* The structures stand one behind the other, so each is at most as long as up to the next one. */
static struct imp_span structure(const struct imp_dump *dump, uint64_t offset_field, uint64_t next_field)
{
	uint64_t at = get32(dump, offset_field), end = get32(dump, next_field);
	struct imp_span part = { 0 };

	if (at && end > at)
		imp_span_slice(dump->bytes, at, end - at, &part);
	return part;
}

static void add_range(struct imp_dump *dump, uint64_t address, uint64_t offset, uint64_t size)
{
	struct state *state = dump->state;
	struct imp_span bytes;

	if (!size)
		return;
	dump->info.range_count++;
	/* A size beyond the end of the address space can only be a lie. */
	if (imp_span_slice(dump->bytes, offset, size, &bytes) && address <= UINT64_MAX - size)
		imp_virtual_add(&state->virtual, address, bytes);
	else
		dump->info.missing_ranges++;
}

static void add_ranges(struct imp_dump *dump, struct imp_span blocks)
{
	uint64_t address;
	uint32_t offset, size;

	for (uint64_t at = 0; at < blocks.size; at += DATA_BLOCK_SIZE) {
		imp_span_u64(blocks, at, &address);
		imp_span_u32(blocks, at + 8, &offset);
		imp_span_u32(blocks, at + 12, &size);
		add_range(dump, address, offset, size);
	}
	add_range(dump, get64(dump, TOP_OF_STACK), get32(dump, CALL_STACK_OFFSET), get32(dump, SIZE_OF_CALL_STACK));
	add_range(dump, get64(dump, DATA_PAGE_ADDRESS), get32(dump, DATA_PAGE_OFFSET), get32(dump, DATA_PAGE_SIZE));
	if (dump->info.debugger_data_block)
		add_range(dump, dump->info.debugger_data_block, get32(dump, DEBUGGER_DATA_OFFSET), get32(dump, DEBUGGER_DATA_SIZE));
}

static void read_lists(struct imp_dump *dump, struct state *state)
{
	uint64_t unloaded = get32(dump, UNLOADED_DRIVERS_OFFSET), unloaded_count = 0;
	uint32_t count = get32(dump, DRIVER_COUNT);

	state->modules = entries(dump, get32(dump, DRIVER_LIST_OFFSET), count, DRIVER_SIZE);
	state->triage.module_count = (uint32_t)(state->modules.size / DRIVER_SIZE);
	if (unloaded)
		imp_span_u64(dump->bytes, unloaded, &unloaded_count);
	state->unloaded = entries(dump, unloaded + UNLOADED_FIRST, unloaded_count, UNLOADED_SIZE);
	state->triage.unloaded_count = (uint32_t)(state->unloaded.size / UNLOADED_SIZE);
}

struct imp_error *imp_dump_triage_open(struct imp_dump *dump)
{
	struct imp_span blocks;
	struct state *state;
	uint32_t mark, claimed;

	if (!imp_span_has(dump->bytes, TRIAGE_DUMP64, TRIAGE_DUMP64_END - TRIAGE_DUMP64))
		return imp_error_new(IMP_ERROR_FORMAT, "the file ends inside the header of the small memory dump: %zu bytes, expected at least %d",
				     dump->bytes.size, TRIAGE_DUMP64_END);
	claimed = get32(dump, DATA_BLOCKS_COUNT);
	blocks = entries(dump, get32(dump, DATA_BLOCKS_OFFSET), claimed < BLOCK_LIMIT ? claimed : BLOCK_LIMIT, DATA_BLOCK_SIZE);
	state = calloc(1, sizeof(*state));
	if (!state || !imp_virtual_room(&state->virtual, blocks.size / DATA_BLOCK_SIZE + 3)) {
		free(state);
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
	}
	dump->state = state;
	dump->end = get32(dump, SIZE_OF_DUMP);
	add_ranges(dump, blocks);
	/* Entries of the table itself that the file has lost. */
	dump->info.missing_ranges += claimed - blocks.size / DATA_BLOCK_SIZE;
	dump->info.range_count += claimed - blocks.size / DATA_BLOCK_SIZE;
	imp_virtual_sort(&state->virtual);
	read_lists(dump, state);
	state->triage.prcb = structure(dump, PRCB_OFFSET, PROCESS_OFFSET);
	state->triage.process = structure(dump, PROCESS_OFFSET, THREAD_OFFSET);
	state->triage.thread = structure(dump, THREAD_OFFSET, CALL_STACK_OFFSET);
	state->triage.stack_top = get64(dump, TOP_OF_STACK);
	state->triage.complete = imp_span_u32(dump->bytes, get32(dump, VALID_OFFSET), &mark) && mark == VALID_MARK;
	if (!state->triage.module_count && !state->virtual.count)
		return imp_error_new(IMP_ERROR_FORMAT, "a small memory dump of %zu bytes that holds neither a block of memory nor a module",
				     dump->bytes.size);
	return NULL;
}

void imp_dump_triage_close(void *opaque)
{
	struct state *state = opaque;

	if (state)
		imp_virtual_free(&state->virtual);
	free(state);
}

static const struct state *triage_state(const struct imp_dump *dump)
{
	return dump->format->close == imp_dump_triage_close ? dump->state : NULL;
}

const struct imp_triage *imp_dump_triage(const struct imp_dump *dump)
{
	const struct state *state = triage_state(dump);

	return state ? &state->triage : NULL;
}

/* `count` characters at file offset `at`; as many as there are when the file ends before. */
static void read_text(const struct imp_dump *dump, uint64_t at, uint64_t count, char *text, size_t size)
{
	uint16_t units[260];
	size_t known = 0;

	while (known < count && known < sizeof(units) / sizeof(units[0]) && imp_span_u16(dump->bytes, at + 2 * known, &units[known]))
		known++;
	imp_utf16_text(units, known, text, size);
}

bool imp_triage_module(const struct imp_dump *dump, uint32_t index, struct imp_triage_module *module)
{
	const struct state *state = triage_state(dump);
	uint64_t at = (uint64_t)index * DRIVER_SIZE;
	uint32_t name, count, size;

	*module = (struct imp_triage_module){ 0 };
	if (!state || index >= state->triage.module_count)
		return false;
	imp_span_u32(state->modules, at, &name);
	imp_span_u64(state->modules, at + DRIVER_BASE, &module->base);
	imp_span_u32(state->modules, at + DRIVER_IMAGE_SIZE, &size);
	imp_span_u32(state->modules, at + DRIVER_TIME_DATE_STAMP, &module->time_date_stamp);
	module->size = size;
	/* The string pool: a number of characters, then these. */
	if (imp_span_u32(dump->bytes, name, &count))
		read_text(dump, (uint64_t)name + sizeof(count), count, module->path, sizeof(module->path));
	return true;
}

bool imp_triage_unloaded(const struct imp_dump *dump, uint32_t index, struct imp_triage_module *module)
{
	const struct state *state = triage_state(dump);
	uint64_t at = (uint64_t)index * UNLOADED_SIZE, end;
	uint16_t length;

	*module = (struct imp_triage_module){ 0 };
	if (!state || index >= state->triage.unloaded_count)
		return false;
	imp_span_u16(state->unloaded, at, &length);
	imp_span_u64(state->unloaded, at + UNLOADED_START, &module->base);
	imp_span_u64(state->unloaded, at + UNLOADED_END, &end);
	module->size = end > module->base ? end - module->base : 0;
	read_text(dump, (uint64_t)(state->unloaded.data - dump->bytes.data) + at + UNLOADED_NAME,
		  length / 2 < UNLOADED_CHARACTERS ? length / 2 : UNLOADED_CHARACTERS, module->path, sizeof(module->path));
	return true;
}
