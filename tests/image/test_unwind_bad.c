/* Images and unwind data that lie, and stacks that do: each ends in a sentence or in nothing found, never in a crash or a loop. */
#include "image/unwind.h"
#include "synthetic.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

static const char *const images[] = { IMAGES };
enum { IMAGE_COUNT = sizeof(images) / sizeof(images[0]) };

/* A small PE32+ image laid out in one piece: every RVA is the file offset. Code at 0x1000, .pdata at 0x2000, UNWIND_INFO at 0x3000. */
enum { IMAGE_SIZE = 0x5000, NT = 0x80, OPTIONAL = NT + 24, SECTIONS = OPTIONAL + 240, CODE = 0x1000, PDATA = 0x2000, XDATA = 0x3000 };
static const uint64_t image_base = 0xfffff80010000000, stack_base = 0xffffcf0110c78000, stack_end = 0xffffcf0110c7e000;
static uint8_t bytes[IMAGE_SIZE];

static void put16(size_t at, uint16_t value)
{
	memcpy(bytes + at, &value, sizeof(value));
}

static void put32(size_t at, uint32_t value)
{
	memcpy(bytes + at, &value, sizeof(value));
}

static void make_image(void)
{
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, "MZ", 2);
	put32(0x3c, NT);
	memcpy(bytes + NT, "PE\0", 4);
	put16(NT + 4, 0x8664);
	put16(NT + 6, 1);
	put16(NT + 20, 240);
	put16(OPTIONAL, 0x20b);
	put32(OPTIONAL + 32, 0x1000);
	put32(OPTIONAL + 36, 0x200);
	put32(OPTIONAL + 56, IMAGE_SIZE);
	put32(OPTIONAL + 60, 0x1000);
	put32(OPTIONAL + 108, 16);
	memcpy(bytes + SECTIONS, ".all", 4);
	put32(SECTIONS + 8, IMAGE_SIZE - 0x1000);
	put32(SECTIONS + 12, 0x1000);
	put32(SECTIONS + 16, IMAGE_SIZE - 0x1000);
	put32(SECTIONS + 20, 0x1000);
	/* One function over the whole of the code, which is nothing but nop. */
	put32(OPTIONAL + 112 + 8 * 3, PDATA);
	put32(OPTIONAL + 112 + 8 * 3 + 4, 12);
	put32(PDATA, CODE);
	put32(PDATA + 4, CODE + 0x1000);
	put32(PDATA + 8, XDATA);
	memset(bytes + CODE, 0x90, 0x1000);
	bytes[XDATA] = 1;
}

/* Version and flags, size of the prologue, count of slots, frame register; then the slots. */
static void make_unwind_info(const uint8_t *info, size_t size)
{
	memcpy(bytes + XDATA, info, size);
}
#define UNWIND_INFO(...) make_unwind_info((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void refused(size_t size, const char *part)
{
	struct imp_pe *pe;
	struct imp_error *err = imp_pe_open_bytes("bad.sys", (struct imp_span){ bytes, size }, &pe);

	assert_non_null(err);
	assert_null(pe);
	assert_int_equal(imp_error_code(err), IMP_ERROR_FORMAT);
	if (!strstr(imp_error_message(err), part))
		fail_msg("\"%s\" does not contain \"%s\"", imp_error_message(err), part);
	imp_error_free(err);
}

static void bad_headers(void **state)
{
	struct imp_pe *pe;
	(void)state;

	make_image();
	assert_null(imp_pe_open_bytes("good.sys", (struct imp_span){ bytes, sizeof(bytes) }, &pe));
	imp_pe_close(pe);
	refused(0, "the file ends inside the PE headers");
	for (size_t size = 2; size < SECTIONS + 40; size++)
		refused(size, size < SECTIONS ? "the file ends inside the PE headers" : "table of 1 sections goes beyond the image");
	put16(NT + 6, 0xffff);
	refused(sizeof(bytes), "it has 65535 sections, Windows loads at most 96");
	make_image();
	put16(NT + 20, 100);
	refused(sizeof(bytes), "its optional header has 100 bytes");
	make_image();
	put32(OPTIONAL + 32, 0);
	refused(sizeof(bytes), "its section alignment is 0x0");
	make_image();
	put16(OPTIONAL, 0x10b);
	put16(NT + 4, 0x14c);
	refused(sizeof(bytes), "a 32-bit image (PE32, machine 0x014c)");
	put16(OPTIONAL, 0x107);
	refused(sizeof(bytes), "its optional header starts with 0x0107, expected 0x020b");
	put32(NT, 0x454e);
	refused(sizeof(bytes), "not a PE image: 4e 45 00 00 at its header's offset 0x80, expected PE");
	put32(0x3c, 0xfffffff0);
	refused(sizeof(bytes), "the file ends inside the PE headers");
	memcpy(bytes,
	       "\x7f"
	       "ELF",
	       4);
	refused(sizeof(bytes), "not a PE image: starts with 7f 45, expected MZ");
}

static void bad_sections(void **state)
{
	struct imp_pe *pe;
	uint8_t buffer[64];
	(void)state;

	/* The data ends with the file: an error, not zeros. The address space ends: the same. */
	make_image();
	put32(SECTIONS + 12, 0xfffff000);
	put32(SECTIONS + 8, 0xffffffff);
	put32(SECTIONS + 16, 0xffffffff);
	put32(SECTIONS + 20, 0xfffffff0);
	assert_null(imp_pe_open_bytes("bad.sys", (struct imp_span){ bytes, sizeof(bytes) }, &pe));
	for (uint32_t rva = 0xfffff000; rva >= 0xfffff000; rva += 16) {
		IMP_CLEANUP_ERROR struct imp_error *err = imp_pe_read(pe, rva, buffer, sizeof(buffer));
		assert_non_null(err);
	}
	imp_pe_close(pe);
	put32(SECTIONS + 16, 0);
	assert_null(imp_pe_open_bytes("bad.sys", (struct imp_span){ bytes, sizeof(bytes) }, &pe));
	IMP_CLEANUP_ERROR struct imp_error *err = imp_pe_read(pe, 0xffffffc1, buffer, sizeof(buffer));
	assert_non_null(err);
	assert_null(imp_pe_read(pe, 0xffffffc0, buffer, sizeof(buffer)));
	imp_pe_close(pe);
}

struct world {
	struct synthetic made;
	struct imp_dump *dump;
	struct imp_memory *memory;
	struct imp_pe *pe;
};

static const struct imp_pe *resolve(void *context, uint64_t address, uint64_t *base, bool *from_file)
{
	struct world *world = context;

	*base = image_base;
	*from_file = true;
	return address - image_base < IMAGE_SIZE ? world->pe : NULL;
}

static struct imp_error *unwind(struct world *world, uint64_t rip, struct imp_registers *registers)
{
	struct imp_unwound how;
	struct imp_error *err;

	if (world->pe)
		imp_pe_close(world->pe);
	assert_null(imp_pe_open_bytes("bad.sys", (struct imp_span){ bytes, sizeof(bytes) }, &world->pe));
	registers->rip = rip;
	err = imp_unwind_frame(world->memory, resolve, world, false, registers, &how);
	return err;
}

static void not_unwound(struct world *world, enum imp_error_code code, const char *part)
{
	struct imp_registers registers = { .gpr[IMP_RSP] = stack_base + 0x100 }, before;
	struct imp_error *err;

	before = registers;
	err = unwind(world, image_base + CODE + 0x800, &registers);
	assert_non_null(err);
	if (!strstr(imp_error_message(err), part) || imp_error_code(err) != code)
		fail_msg("\"%s\" does not contain \"%s\", or is of another kind", imp_error_message(err), part);
	imp_error_free(err);
	assert_memory_equal(registers.gpr, before.gpr, sizeof(before.gpr));
}

static int set_up(void **state)
{
	static struct world world;
	uint64_t pages = (stack_end - stack_base) / 4096;

	synthetic_new(&world.made, 0, 64);
	synthetic_map(&world.made, stack_base, synthetic_take(&world.made, pages), pages);
	assert_null(imp_dump_open_bytes("synthetic", (struct imp_span){ world.made.bytes, world.made.size }, &world.dump));
	assert_null(imp_memory_new(world.dump, world.made.directory_table_base, &world.memory));
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	imp_pe_close(world->pe);
	imp_memory_free(world->memory);
	imp_dump_close(world->dump);
	synthetic_free(&world->made);
	return 0;
}

static void bad_unwind_data(void **state)
{
	struct world *world = *state;

	make_image();
	UNWIND_INFO(0);
	not_unwound(world, IMP_ERROR_FORMAT, "has version 0, expected 1 or 2");
	UNWIND_INFO(3);
	not_unwound(world, IMP_ERROR_FORMAT, "has version 3, expected 1 or 2");
	for (uint8_t op = 11; op < 16; op++) {
		char part[64];

		UNWIND_INFO(1, 4, 1, 0, 4, op);
		snprintf(part, sizeof(part), "unknown unwind code %u (info 0)", op);
		not_unwound(world, IMP_ERROR_FORMAT, part);
	}
	UNWIND_INFO(1, 4, 1, 0, 4, 0x21);
	not_unwound(world, IMP_ERROR_FORMAT, "unknown unwind code 1 (info 2)");
	UNWIND_INFO(1, 4, 2, 0, 4, 0x11, 0, 0);
	not_unwound(world, IMP_ERROR_FORMAT, "unwind code 1 is cut off: 2 slots are left, 3 needed");
	UNWIND_INFO(1, 4, 1, 0, 4, 9);
	not_unwound(world, IMP_ERROR_FORMAT, "unwind code 9 is cut off");
	put32(PDATA + 8, IMAGE_SIZE);
	not_unwound(world, IMP_ERROR_FAULT, "cannot read RVA 0x5000");
	put32(PDATA + 8, IMAGE_SIZE - 4);
	memcpy(bytes + IMAGE_SIZE - 4, "\1\0\2\0", 4);
	not_unwound(world, IMP_ERROR_FAULT, "cannot read RVA 0x5000");
	put32(PDATA + 8, 0xfffffffe);
	not_unwound(world, IMP_ERROR_FAULT, "cannot read RVA 0xfffffffe");
	/* An entry that refers to itself, and a chain that does. */
	put32(PDATA + 8, PDATA + 1);
	not_unwound(world, IMP_ERROR_FORMAT, "refer to each other more than 32 times");
	put32(PDATA + 8, XDATA);
	UNWIND_INFO(0x21, 0, 0, 0, 0, 0x10, 0, 0, 0, 0x20, 0, 0, 0, XDATA >> 8, 0, 0);
	not_unwound(world, IMP_ERROR_FORMAT, "chained more than 32 times");
	/* Stacks that are not there. */
	UNWIND_INFO(1, 4, 3, 0, 4, 0x11, 0, 0, 0x7f, 0);
	not_unwound(world, IMP_ERROR_FAULT, "stack: cannot read address ");
	UNWIND_INFO(1, 4, 1, 0x55, 4, 3);
	not_unwound(world, IMP_ERROR_FAULT, "stack: cannot read address ffffffffffffffb0: page not present");
	UNWIND_INFO(1, 4, 3, 0, 4, 0x35, 0, 0, 0xff, 0xff);
	not_unwound(world, IMP_ERROR_FAULT, "stack: cannot read address ");
}

/* An unsorted table, entries that end before they begin: something or nothing is found, and what is found covers the address. */
static void bad_function_table(void **state)
{
	struct imp_runtime_function function;
	struct imp_pe *pe;
	(void)state;

	make_image();
	put32(OPTIONAL + 112 + 8 * 3 + 4, 0x1000 / 12 * 12);
	srand(7);
	for (size_t at = PDATA; at + 4 <= PDATA + 0x1000; at += 4)
		put32(at, (uint32_t)rand() % IMAGE_SIZE);
	assert_null(imp_pe_open_bytes("bad.sys", (struct imp_span){ bytes, sizeof(bytes) }, &pe));
	for (uint32_t rva = 0; rva < IMAGE_SIZE; rva++)
		if (imp_pe_function(pe, rva, &function))
			assert_true(function.begin <= rva && rva < function.end);
	imp_pe_close(pe);
	put32(OPTIONAL + 112 + 8 * 3, 0xffffff00);
	put32(OPTIONAL + 112 + 8 * 3 + 4, 0xffffffff);
	assert_null(imp_pe_open_bytes("bad.sys", (struct imp_span){ bytes, sizeof(bytes) }, &pe));
	assert_false(imp_pe_function(pe, CODE, &function));
	imp_pe_close(pe);
	/* Another machine's .pdata has other entries. */
	make_image();
	put16(NT + 4, 0xaa64);
	assert_null(imp_pe_open_bytes("arm64.sys", (struct imp_span){ bytes, sizeof(bytes) }, &pe));
	assert_false(imp_pe_function(pe, CODE, &function));
	imp_pe_close(pe);
}

static bool count_export(void *context, const char *name, uint32_t ordinal, uint32_t rva)
{
	(void)ordinal;
	(void)rva;
	assert_non_null(name);
	return ++*(size_t *)context < 100000;
}

static void bad_exports(void **state)
{
	struct imp_pe *pe;
	struct imp_error *err;
	size_t count = 0;
	(void)state;

	make_image();
	put32(OPTIONAL + 112, 0x4000);
	put32(OPTIONAL + 116, 40);
	put32(0x4000 + 20, 0xffffffff);
	put32(0x4000 + 24, 1);
	assert_null(imp_pe_open_bytes("bad.sys", (struct imp_span){ bytes, sizeof(bytes) }, &pe));
	err = imp_pe_exports(pe, count_export, &count);
	assert_non_null(err);
	assert_non_null(strstr(imp_error_message(err), "claims 4294967295 functions and 1 names"));
	imp_error_free(err);
	/* The names' table begins in the image and does not end in it; a name without an end is cut. */
	put32(0x4000 + 20, 16);
	put32(0x4000 + 24, 0x1000);
	put32(0x4000 + 28, 0x4100);
	put32(0x4000 + 32, 0x4100);
	put32(0x4000 + 36, 0x4200);
	for (size_t at = 0x4100; at < 0x4140; at += 4)
		put32(at, CODE);
	err = imp_pe_exports(pe, count_export, &count);
	assert_non_null(err);
	assert_non_null(strstr(imp_error_message(err), "of 4096 cannot be read"));
	imp_error_free(err);
	assert_true(count > 0);
	imp_pe_close(pe);
}

static void put_stack(struct world *world, uint64_t address, uint64_t value)
{
	memcpy(synthetic_page(&world->made, 0) + 4096 + (address - stack_base), &value, sizeof(value));
}

static void walks(void **state)
{
	struct world *world = *state;
	struct imp_registers start = { .rip = image_base + CODE + 0x800, .gpr[IMP_RSP] = stack_base + 0x100 };
	struct imp_frame frames[16];
	struct imp_error *err;
	size_t count;

	make_image();
	UNWIND_INFO(1, 4, 1, 0, 4, 0x02); /* frames of 8 bytes and the return address */
	assert_null(unwind(world, start.rip, &(struct imp_registers){ .gpr[IMP_RSP] = stack_base }));
	for (unsigned i = 0; i < 8; i++)
		put_stack(world, stack_base + 0x108 + 16 * i, i < 7 ? image_base + CODE + 0x900 + i : 0);

	/* To the bottom, where the return address is 0. */
	assert_null(imp_stack_walk(world->memory, resolve, world, &start, stack_base, stack_end, frames, 16, &count));
	assert_int_equal(count, 8);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(frames[i].child_sp, stack_base + 0x100 + 16 * i);
		assert_int_equal(frames[i].return_address, i < 7 ? image_base + CODE + 0x900 + i : 0);
		assert_true(frames[i].unwound_from_file && !frames[i].guessed && !frames[i].machine_frame);
	}
	/* As many as there is room for; up to the end of the stack. */
	assert_null(imp_stack_walk(world->memory, resolve, world, &start, stack_base, stack_end, frames, 3, &count));
	assert_int_equal(count, 3);
	assert_null(imp_stack_walk(world->memory, resolve, world, &start, stack_base, stack_base + 0x140, frames, 16, &count));
	assert_int_equal(count, 4);
	assert_null(imp_stack_walk(world->memory, resolve, world, &start, stack_base + 0x200, stack_end, frames, 16, &count));
	assert_int_equal(count, 0);
	/* The stack ends in the middle of a frame: the frames so far, and why there are no more. */
	start.gpr[IMP_RSP] = stack_end - 8;
	err = imp_stack_walk(world->memory, resolve, world, &start, stack_base, stack_end, frames, 16, &count);
	assert_non_null(err);
	assert_int_equal(imp_error_code(err), IMP_ERROR_FAULT);
	assert_int_equal(imp_error_address(err), stack_end);
	assert_int_equal(count, 1);
	imp_error_free(err);

	/* Outside of every image: word after word, as guesses. */
	start = (struct imp_registers){ .rip = 0xfffff80099990000, .gpr[IMP_RSP] = stack_base + 0x108 };
	put_stack(world, stack_base + 0x108, 0xfffff80099990001);
	put_stack(world, stack_base + 0x110, 0);
	assert_null(imp_stack_walk(world->memory, resolve, world, &start, stack_base, stack_end, frames, 16, &count));
	assert_int_equal(count, 2);
	assert_true(frames[0].guessed && frames[1].guessed && !frames[0].unwound_from_file);

	/* A frame register that leads back to where the stack came from. */
	UNWIND_INFO(1, 4, 1, 0x05, 4, 3);
	start = (struct imp_registers){ .rip = image_base + CODE + 0x800, .gpr = { [IMP_RSP] = stack_base + 0x200, [IMP_RBP] = stack_base + 0x100 } };
	put_stack(world, stack_base + 0x100, start.rip);
	assert_null(unwind(world, start.rip, &(struct imp_registers){ .gpr[IMP_RBP] = stack_base + 0x100 }));
	assert_null(imp_stack_walk(world->memory, resolve, world, &start, stack_base, stack_end, frames, 16, &count));
	assert_int_equal(count, 1);
	/* A machine frame that returns to itself ends with the room. */
	UNWIND_INFO(1, 4, 1, 0, 0, 0x0a);
	put_stack(world, stack_base + 0x200, start.rip);
	put_stack(world, stack_base + 0x218, stack_base + 0x200);
	assert_null(unwind(world, start.rip, &(struct imp_registers){ .gpr[IMP_RSP] = stack_base + 0x200 }));
	assert_null(imp_stack_walk(world->memory, resolve, world, &start, stack_base, stack_end, frames, 16, &count));
	assert_int_equal(count, 16);
	assert_true(!frames[0].machine_frame && frames[1].machine_frame);
}

static void use_everything(struct world *world, struct imp_span image)
{
	struct imp_frame frames[40];
	size_t count = 0;

	imp_pe_close(world->pe);
	IMP_CLEANUP_ERROR struct imp_error *err = imp_pe_open_bytes("damaged", image, &world->pe);
	if (err)
		return;
	IMP_CLEANUP_ERROR struct imp_error *export_err = imp_pe_exports(world->pe, count_export, &count);
	for (uint32_t rva = 0x1000; rva < IMAGE_SIZE; rva += 97) {
		struct imp_registers start = { .rip = image_base + rva, .gpr = { [IMP_RSP] = stack_base + 0x100, [IMP_RBP] = stack_base + 0x200 } };
		IMP_CLEANUP_ERROR struct imp_error *walk_err =
			imp_stack_walk(world->memory, resolve, world, &start, stack_base, stack_end, frames, 40, &count);

		assert_true(count <= 40);
	}
}

/* Real images, with bytes changed at random, and cut off everywhere. */
static void damaged_images(void **state)
{
	struct world *world = *state;
	unsigned seed = (unsigned)time(NULL);

	print_message("seed %u\n", seed);
	srand(seed);
	for (uint64_t at = stack_base; at < stack_end; at += 8)
		put_stack(world, at, rand() & 1 ? image_base + 0x1000 + (unsigned)rand() % 0x1000 : stack_base + (unsigned)rand() % 0x6000);
	for (size_t i = 0; i < IMAGE_COUNT; i++) {
		static uint8_t original[1 << 16];
		FILE *file = fopen(images[i], "rb");

		assert_non_null(file);
		size_t size = fread(original, 1, sizeof(original), file);
		assert_true(size > 1000 && size < sizeof(original));
		fclose(file);
		for (unsigned round = 0; round < 100; round++) {
			size_t cut = round % 2 ? size : (size_t)rand() % size;
			uint8_t *copy = malloc(cut + 1); /* of its own, so that a sanitizer sees its end */

			memcpy(copy, original, cut);
			for (unsigned flips = (unsigned)rand() % 20; cut && flips; flips--) {
				/* Half of them in the headers. */
				size_t at = (size_t)rand() % (rand() & 1 && cut > 0x400 ? 0x400 : cut);
				copy[at] = (uint8_t)rand();
			}
			use_everything(world, (struct imp_span){ copy, cut });
			imp_pe_close(world->pe);
			world->pe = NULL;
			free(copy);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_headers),        cmocka_unit_test(bad_sections), cmocka_unit_test(bad_unwind_data),
		cmocka_unit_test(bad_function_table), cmocka_unit_test(bad_exports),  cmocka_unit_test(walks),
		cmocka_unit_test(damaged_images),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
