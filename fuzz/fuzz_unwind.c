/* Fuzz target: UNWIND_INFO, .pdata, epilogue code and the stack all come from the input; the image around them is sound. */
#include "image/unwind.h"
#include "synthetic.h"
#include "unwind_input.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint64_t image_base = 0xfffff80010000000, stack_base = 0xffffcf0110c78000;
enum { STACK_SIZE = 0x2000 };

static struct synthetic made;
static struct imp_memory *memory;
static uint8_t *stack;
static uint8_t image[UNWIND_IMAGE_SIZE];

static void put(size_t at, uint32_t value, size_t size)
{
	memcpy(image + at, &value, size);
}

static void make_image(void)
{
	enum { NT = 0x80, OPTIONAL = NT + 24, SECTIONS = OPTIONAL + 240 };

	memcpy(image, "MZ", 2);
	put(0x3c, NT, 4);
	memcpy(image + NT, "PE\0", 4);
	put(NT + 4, 0x8664, 2);
	put(NT + 6, 1, 2);
	put(NT + 20, 240, 2);
	put(OPTIONAL, 0x20b, 2);
	put(OPTIONAL + 32, 0x1000, 4);
	put(OPTIONAL + 56, UNWIND_IMAGE_SIZE, 4);
	put(OPTIONAL + 60, 0x1000, 4);
	put(OPTIONAL + 108, 16, 4);
	put(OPTIONAL + 112 + 8 * 3, UNWIND_IMAGE_PDATA, 4);
	put(OPTIONAL + 112 + 8 * 3 + 4, 48, 4);
	put(SECTIONS + 8, UNWIND_IMAGE_SIZE - 0x1000, 4);
	put(SECTIONS + 12, 0x1000, 4);
	put(SECTIONS + 16, UNWIND_IMAGE_SIZE - 0x1000, 4);
	put(SECTIONS + 20, 0x1000, 4);
}

static void set_up(void)
{
	struct imp_dump *dump;

	make_image();
	synthetic_new(&made, 0, 16);
	uint64_t page = synthetic_take(&made, STACK_SIZE / 4096);
	synthetic_map(&made, stack_base, page, STACK_SIZE / 4096);
	stack = synthetic_page(&made, page);
	if (imp_dump_open_bytes("fuzz", (struct imp_span){ made.bytes, made.size }, &dump) ||
	    imp_memory_new(dump, made.directory_table_base, &memory))
		abort();
}

static const struct imp_pe *resolve(void *context, uint64_t address, uint64_t *base, bool *from_file)
{
	*base = image_base;
	*from_file = true;
	return address - image_base < UNWIND_IMAGE_SIZE ? context : NULL;
}

/* Copies the input's part at `from`, as much as there is, and zeros behind it. */
static void take(uint8_t *to, size_t room, const uint8_t *data, size_t size, size_t from)
{
	size_t there = from < size ? size - from : 0;

	if (there > room)
		there = room;
	if (there)
		memcpy(to, data + from, there);
	memset(to + there, 0, room - there);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct imp_frame frames[48];
	struct imp_pe *pe;
	uint32_t rva;
	uint16_t pointer;
	size_t count;

	if (!memory)
		set_up();
	if (size < UNWIND_INPUT_XDATA)
		return 0;
	memcpy(&rva, data + UNWIND_INPUT_RVA, sizeof(rva));
	memcpy(&pointer, data + UNWIND_INPUT_BASE_POINTER, sizeof(pointer));
	take(image + UNWIND_IMAGE_PDATA, UNWIND_INPUT_XDATA - UNWIND_INPUT_PDATA, data, size, UNWIND_INPUT_PDATA);
	take(image + UNWIND_IMAGE_XDATA, UNWIND_INPUT_CODE - UNWIND_INPUT_XDATA, data, size, UNWIND_INPUT_XDATA);
	take(image + UNWIND_IMAGE_CODE_START, UNWIND_INPUT_STACK - UNWIND_INPUT_CODE, data, size, UNWIND_INPUT_CODE);
	take(stack, STACK_SIZE, data, size, UNWIND_INPUT_STACK);

	struct imp_registers start = { .rip = image_base + UNWIND_IMAGE_CODE + (rva & 0xfff) };
	for (unsigned i = 0; i < 16; i++)
		start.gpr[i] = stack_base + pointer % STACK_SIZE;
	start.gpr[IMP_RSP] = stack_base + 0x20;

	IMP_CLEANUP_ERROR struct imp_error *err = imp_pe_open_bytes("fuzz", (struct imp_span){ image, sizeof(image) }, &pe);
	if (err)
		abort();
	IMP_CLEANUP_ERROR struct imp_error *walk_err =
		imp_stack_walk(memory, resolve, pe, &start, stack_base, stack_base + STACK_SIZE, frames, sizeof(frames) / sizeof(frames[0]), &count);
	for (size_t i = 1; i < count; i++)
		if (!frames[i].machine_frame && frames[i].child_sp <= frames[i - 1].child_sp)
			abort();
	imp_pe_close(pe);
	return 0;
}
