/* Virtual memory: page walks over page tables laid out by the processor's manual, and the reasons when a byte cannot be had. */
#include "memory/memory.h"
#include "synthetic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <cmocka.h>

enum { FIRST = 0x200, PAGES = 2048 };
static const uint64_t kernel = 0xfffff80000000000;

struct world {
	struct synthetic made;
	struct imp_dump *dump;
	struct imp_memory *memory;
};

static int set_up(void **state)
{
	static struct world world;

	synthetic_new(&world.made, FIRST, PAGES);
	assert_null(imp_dump_open_bytes("synthetic", (struct imp_span){ world.made.bytes, world.made.size }, &world.dump));
	assert_null(imp_memory_new(world.dump, world.made.directory_table_base | 0x2 /* PCID bits are not address */, &world.memory));
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	imp_memory_free(world->memory);
	imp_dump_close(world->dump);
	synthetic_free(&world->made);
	return 0;
}

static void fault(struct world *world, uint64_t address, size_t size, uint64_t at, const char *reason)
{
	static uint8_t buffer[3 * 4096];
	struct imp_error *err = imp_memory_read(world->memory, address, buffer, size);

	assert_non_null(err);
	assert_int_equal(imp_error_code(err), IMP_ERROR_FAULT);
	assert_int_equal(imp_error_address(err), at);
	if (!strstr(imp_error_message(err), reason))
		fail_msg("\"%s\" does not contain \"%s\"", imp_error_message(err), reason);
	imp_error_free(err);
}

static void across_pages(void **state)
{
	struct world *world = *state;
	uint64_t first = synthetic_take(&world->made, 1), second = synthetic_take(&world->made, 1);
	uint8_t buffer[4096];
	uint16_t u16;
	uint32_t u32;
	uint64_t u64, physical;
	uint8_t u8;

	/* The later page first, so that consecutive addresses are not consecutive in the file. */
	synthetic_map(&world->made, kernel, second, 1);
	synthetic_map(&world->made, kernel + 0x1000, first, 1);
	for (size_t i = 0; i < 4096; i++) {
		synthetic_page(&world->made, second)[i] = (uint8_t)(i * 7);
		synthetic_page(&world->made, first)[i] = (uint8_t)(i * 11 + 1);
	}
	assert_null(imp_memory_read(world->memory, kernel + 0x800, buffer, sizeof(buffer)));
	for (size_t i = 0; i < 4096; i++)
		assert_int_equal(buffer[i], i < 2048 ? (uint8_t)((i + 2048) * 7) : (uint8_t)((i - 2048) * 11 + 1));
	synthetic_page(&world->made, second)[4095] = 0x11;
	memcpy(synthetic_page(&world->made, first), "\x22\x33\x44\x55\x66\x77\x88", 7);
	assert_null(imp_memory_u8(world->memory, kernel + 0xfff, &u8));
	assert_null(imp_memory_u16(world->memory, kernel + 0xfff, &u16));
	assert_null(imp_memory_u32(world->memory, kernel + 0xfff, &u32));
	assert_null(imp_memory_u64(world->memory, kernel + 0xfff, &u64));
	assert_int_equal(u8, 0x11);
	assert_int_equal(u16, 0x2211);
	assert_int_equal(u32, 0x44332211);
	assert_int_equal(u64, 0x8877665544332211);
	assert_null(imp_memory_translate(world->memory, kernel + 0x1234, &physical));
	assert_int_equal(physical, first * 4096 + 0x234);
	assert_null(imp_memory_read_physical(world->memory, first * 4096 - 1, &u16, 2));
	fault(world, kernel + 0x1ff0, 32, kernel + 0x2000, "page not present");
	assert_int_equal(imp_memory_read_some(world->memory, kernel + 0x1ff0, buffer, 32), 16);
	assert_int_equal(imp_memory_read_some(world->memory, kernel + 0x2000, buffer, 32), 0);
	assert_null(imp_memory_read(world->memory, kernel + 0x2000, buffer, 0));
}

static void large_pages(void **state)
{
	struct world *world = *state;
	uint64_t physical;

	/* 2 MiB at 0x200000 (page 0x200) with the PAT bit set, 1 GiB at 0; only what the dump holds of them can be read. */
	synthetic_set_entry(&world->made, kernel + 0x40000000, 1, 0x200000 | 0x1000 | 0xe3);
	synthetic_set_entry(&world->made, kernel + 0x80000000, 2, 0x0 | 0xe3);
	assert_null(imp_memory_translate(world->memory, kernel + 0x40000000 + 0x12345, &physical));
	assert_int_equal(physical, 0x212345);
	assert_null(imp_memory_translate(world->memory, kernel + 0x80000000 + 0x2abcdef, &physical));
	assert_int_equal(physical, 0x2abcdef);

	uint64_t table, same;
	assert_null(imp_memory_u64(world->memory, kernel + 0x40000000 + 8 * (kernel >> 39 & 511), &table));
	assert_null(imp_memory_read_physical(world->memory, world->made.directory_table_base + 8 * (kernel >> 39 & 511), &same, 8));
	assert_true(table && table == same);
	fault(world, kernel + 0x80000000 + 0x1000, 4, kernel + 0x80001000, "page not in this dump");
}

static void software_entries(void **state)
{
	struct world *world = *state;
	uint64_t page = synthetic_take(&world->made, 1), pool = synthetic_take(&world->made, 1);
	uint64_t at = kernel + 0x10000000, value;

	/* Transition: not valid, not prototype, bit 11. */
	memcpy(synthetic_page(&world->made, page), "transit", 8);
	synthetic_set_entry(&world->made, at, 0, page << 12 | 0x800 | 0x80);
	assert_null(imp_memory_u64(world->memory, at, &value));
	assert_memory_equal(&value, "transit", 8);
	/* Page file: number and offset. */
	synthetic_set_entry(&world->made, at + 0x1000, 0, UINT64_C(0x12345) << 32 | 0x80);
	fault(world, at + 0x1000, 8, at + 0x1000, "page not present (paged out to a page file)");
	/* Prototype: bit 10, the address of the section's entry above bit 16. */
	synthetic_map(&world->made, 0xffffa00000000000, pool, 1);
	uint64_t prototypes[] = { page << 12 | 0x121, page << 12 | 0x800 | 0x80, 0, UINT64_C(0xa000) << 32 | 0x400 };
	memcpy(synthetic_page(&world->made, pool) + 0x40, prototypes, sizeof(prototypes));
	for (uint64_t i = 0; i < 4; i++)
		synthetic_set_entry(&world->made, at + 0x2000 + i * 0x1000, 0, (0xffffa00000000040 + 8 * i) << 16 | 0x400);
	for (uint64_t i = 0; i < 2; i++) {
		assert_null(imp_memory_u64(world->memory, at + 0x2000 + i * 0x1000, &value));
		assert_memory_equal(&value, "transit", 8);
	}
	fault(world, at + 0x4000, 8, at + 0x4000, "page not present");
	fault(world, at + 0x5000, 8, at + 0x5000, "page not present");
	/* A prototype entry that is one of the mapped file (_MMPTE_SUBSECTION), one paged out, one demand-zero. */
	uint64_t others[] = { UINT64_C(0xffffa0001230) << 16 | 0x400, UINT64_C(7) << 32 | 0x80, 0x80 };
	static const char *const reasons[] = { "still in the file that is mapped there", "paged out to a page file", "demand-zero" };
	memcpy(synthetic_page(&world->made, pool) + 0x80, others, sizeof(others));
	for (uint64_t i = 0; i < 3; i++) {
		synthetic_set_entry(&world->made, at + 0x9000 + i * 0x1000, 0, (0xffffa00000000080 + 8 * i) << 16 | 0x400);
		fault(world, at + 0x9000 + i * 0x1000, 8, at + 0x9000 + i * 0x1000, reasons[i]);
	}
	/* A prototype entry in a page that is itself shared, through itself: said, not followed for ever. */
	synthetic_set_entry(&world->made, 0xffffa00000001000, 0, UINT64_C(0xa00000001000) << 16 | 0x400);
	fault(world, 0xffffa00000001000, 8, 0xffffa00000001000, "prototype entry cannot be read");
	/* Demand-zero: a protection and nothing else. In transition, and its page not in the dump. */
	synthetic_set_entry(&world->made, at + 0xc000, 0, 0x80);
	fault(world, at + 0xc000, 8, at + 0xc000, "demand-zero");
	synthetic_set_entry(&world->made, at + 0xd000, 0, UINT64_C(0x99999) << 12 | 0x880);
	fault(world, at + 0xd000, 8, at + 0xd000, "page not in this dump (it is in transition)");
	/* A page table that is paged out, demand-zero, or a zero entry above. */
	synthetic_set_entry(&world->made, at + 0x400000, 1, UINT64_C(7) << 32 | 0x80);
	fault(world, at + 0x400000, 8, at + 0x400000, "its page table is paged out");
	synthetic_set_entry(&world->made, at + 0x600000, 1, 0x80);
	fault(world, at + 0x600000, 8, at + 0x600000, "its page table is demand-zero");
	fault(world, at + 0x800000, 8, at + 0x800000, "nor its page table");
	/* "Ask the VAD", a user address, and an address that is not mapped. */
	synthetic_set_entry(&world->made, at + 0x6000, 0, 0xffffffff00000400);
	fault(world, at + 0x6000, 8, at + 0x6000, "only the VAD describes it");
	synthetic_set_entry(&world->made, at + 0x7000, 0, UINT64_C(0x00007fff1000) << 16 | 0x400);
	synthetic_set_entry(&world->made, at + 0x8000, 0, UINT64_C(0xb00000000000) << 16 | 0x400);
	for (uint64_t i = 7; i < 9; i++)
		fault(world, at + i * 0x1000, 8, at + i * 0x1000, "prototype entry cannot be read");
}

/* With InvalidPteMask set, entries that are not valid hold it, except where the swizzle bit (4) says that they hold what they mean. */
static void masked_entries(void **state)
{
	struct world *world = *state;
	struct imp_paging paging = *imp_memory_paging(world->memory), before = paging;
	uint64_t page = synthetic_take(&world->made, 1), at = kernel + 0x14000000, mask = UINT64_C(1) << 45, value;

	memcpy(synthetic_page(&world->made, page), "masked!", 8);
	paging.invalid_mask = mask;
	imp_memory_set_paging(world->memory, &paging);
	synthetic_set_entry(&world->made, at, 0, mask | page << 12 | 0x880);
	assert_null(imp_memory_u64(world->memory, at, &value));
	assert_memory_equal(&value, "masked!", 8);
	synthetic_set_entry(&world->made, at + 0x1000, 0, page << 12 | 0x890);
	assert_null(imp_memory_u64(world->memory, at + 0x1000, &value));
	assert_memory_equal(&value, "masked!", 8);
	/* The mask is in the upper half, where a page file's offset is: demand-zero is still recognised, and a swizzled offset too. */
	synthetic_set_entry(&world->made, at + 0x2000, 0, mask | 0x80);
	fault(world, at + 0x2000, 8, at + 0x2000, "demand-zero");
	synthetic_set_entry(&world->made, at + 0x3000, 0, mask | 0x90);
	fault(world, at + 0x3000, 8, at + 0x3000, "paged out to a page file");
	/* Of a valid entry the bit is the page's. */
	synthetic_set_entry(&world->made, at + 0x4000, 0, mask | page << 12 | 0x63);
	fault(world, at + 0x4000, 8, at + 0x4000, "page not in this dump");
	imp_memory_set_paging(world->memory, &before);
	fault(world, at, 8, at, "page not in this dump (it is in transition)");
}

/* Five levels, by Intel's manual: bits 48 to 56 choose the entry of the top table. */
static void five_levels(void **state)
{
	struct world *world = *state;
	struct imp_paging paging = *imp_memory_paging(world->memory), before = paging;
	uint64_t top = synthetic_take(&world->made, 1), page = synthetic_take(&world->made, 1), value, physical;
	uint64_t far = 0xff11000000000000 | (kernel & 0xffffffffffff), user = 0x00aa123456789000;
	struct imp_page_walk walk;

	synthetic_map(&world->made, kernel + 0x18000000, page, 1);
	synthetic_map(&world->made, user & 0xffffffffffff, page, 1);
	synthetic_set_entry(&world->made, kernel + 0x1c0000000, 2, 0x0 | 0xe3);
	memcpy(synthetic_page(&world->made, page), "five...", 8);
	((uint64_t *)synthetic_page(&world->made, top))[0x111] = before.kernel_table | 0x63;
	((uint64_t *)synthetic_page(&world->made, top))[0x0aa] = before.kernel_table | 0x67;
	assert_int_equal(imp_paging_levels(world->dump, top << 12, far + 0x18000000), 5);
	assert_int_equal(imp_paging_levels(world->dump, before.kernel_table, kernel + 0x18000000), 4);
	assert_int_equal(imp_paging_levels(world->dump, top << 12, 0xff12000000000000), 4); /* reached by neither */

	fault(world, far + 0x18000000, 8, far + 0x18000000, "not a canonical address");
	paging.levels = 5;
	paging.kernel_table = paging.user_table = top << 12;
	imp_memory_set_paging(world->memory, &paging);
	assert_null(imp_memory_u64(world->memory, far + 0x18000000, &value));
	assert_memory_equal(&value, "five...", 8);
	assert_null(imp_memory_u64(world->memory, user, &value));
	assert_memory_equal(&value, "five...", 8);
	assert_null(imp_memory_translate(world->memory, far + 0x1c0000000 + 0x2abcdef, &physical));
	assert_int_equal(physical, 0x2abcdef);
	imp_memory_walk(world->memory, NULL, far + 0x1c0000000, &walk);
	assert_int_equal(walk.levels, 5);
	assert_int_equal(walk.last, 2);
	assert_int_equal(walk.size, 1 << 30);
	assert_int_equal(walk.entries[4].physical, (top << 12) + 8 * 0x111);
	assert_int_equal(walk.entries[4].value, before.kernel_table | 0x63);
	fault(world, 0xff12000000000000, 8, 0xff12000000000000, "page not present");
	fault(world, 0x0100000000000000, 8, 0x0100000000000000, "not a canonical address");
	fault(world, 0xfeffffffffffffff, 1, 0xfeffffffffffffff, "not a canonical address");
	imp_memory_set_paging(world->memory, &before);
}

static void bad_addresses(void **state)
{
	struct world *world = *state;
	uint64_t at = kernel + 0x20000000;

	fault(world, 0x0000800000000000, 1, 0x0000800000000000, "not a canonical address");
	fault(world, 0xffff7fffffffffff, 1, 0xffff7fffffffffff, "not a canonical address");
	fault(world, 0xdeadbeefdeadbeef, 1, 0xdeadbeefdeadbeef, "not a canonical address");
	fault(world, 0, 8, 0, "page not present");
	synthetic_map(&world->made, 0xfffffffffffff000, synthetic_take(&world->made, 1), 1);
	fault(world, 0xfffffffffffffffc, 8, 0, "beyond the end of the address space");
	synthetic_set_entry(&world->made, at, 0, UINT64_C(0x99999) << 12 | 0x63);
	fault(world, at, 8, at, "page not in this dump");
	synthetic_set_entry(&world->made, at + 0x200000, 1, UINT64_C(0x99999) << 12 | 0x63);
	fault(world, at + 0x200000, 8, at + 0x200000, "its page table is not in this dump");
	/* The top table refers to itself, as NT's does: walked four levels and no further. */
	uint64_t index = 0x160, entry = world->made.directory_table_base | 0x63, value;
	uint64_t self = 0xffff000000000000 | index << 39 | index << 30 | index << 21 | index << 12;
	synthetic_set_entry(&world->made, self, 3, entry);
	assert_null(imp_memory_u64(world->memory, self + 8 * index, &value));
	assert_int_equal(value, entry);
}

static void processes(void **state)
{
	struct world *world = *state;
	struct synthetic other = world->made;
	uint64_t user = 0x7ff600000000, mine = synthetic_take(&world->made, 1), theirs = synthetic_take(&world->made, 1), value;

	synthetic_map(&world->made, user, mine, 1);
	synthetic_map(&world->made, kernel + 0x30000000, mine, 1);
	memcpy(synthetic_page(&world->made, mine), "mine...", 8);
	memcpy(synthetic_page(&world->made, theirs), "theirs.", 8);
	other.next_page = world->made.next_page;
	other.directory_table_base = synthetic_take(&other, 1) << 12;
	synthetic_map(&other, user, theirs, 1);
	world->made.next_page = other.next_page;

	assert_null(imp_memory_u64(world->memory, user, &value));
	assert_memory_equal(&value, "mine...", 8);
	imp_memory_set_process(world->memory, other.directory_table_base);
	assert_null(imp_memory_u64(world->memory, user, &value));
	assert_memory_equal(&value, "theirs.", 8);
	assert_null(imp_memory_u64(world->memory, kernel + 0x30000000, &value));
	assert_memory_equal(&value, "mine...", 8);
	imp_memory_set_process(world->memory, world->made.directory_table_base);
	assert_null(imp_memory_u64(world->memory, user, &value));
	assert_memory_equal(&value, "mine...", 8);
}

/* Opening 8 GiB and reading two pages of it touches the header, their page tables and them: the memory file behind it stays that small. */
static void large_dump(void **state)
{
	enum { TOUCHED = 2 /* header */ + 1 + 2 * 4 /* tables and a page for each address */ };
	struct synthetic made;
	struct imp_dump *dump;
	struct imp_memory *memory;
	struct stat after;
	uint64_t value;
	char path[64];
	(void)state;

	synthetic_new(&made, 0, UINT64_C(8) << 30 >> 12);
	synthetic_map(&made, kernel, synthetic_take(&made, 1), 1);
	made.next_page = made.page_count - 100;
	synthetic_map(&made, 0xffffa00000000000, synthetic_take(&made, 1), 1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", made.file);
	assert_null(imp_dump_open(path, &dump));
	assert_null(imp_memory_new(dump, imp_dump_info(dump)->directory_table_base, &memory));
	assert_null(imp_memory_u64(memory, kernel + 0x10, &value));
	assert_null(imp_memory_u64(memory, 0xffffa00000000ff8, &value));
	assert_int_equal(fstat(made.file, &after), 0);
	assert_true(after.st_blocks * 512 <= TOUCHED * 4096);
	imp_memory_free(memory);
	imp_dump_close(dump);
	synthetic_free(&made);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(across_pages), cmocka_unit_test(large_pages),   cmocka_unit_test(software_entries), cmocka_unit_test(masked_entries),
		cmocka_unit_test(five_levels),  cmocka_unit_test(bad_addresses), cmocka_unit_test(processes),        cmocka_unit_test(large_dump),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
