/* What the lab's kernel does not have and Windows does: the list of resources, pool that is a segment heap, the L1TF mask. In the layouts of Windows 11. */
#include "nt/dispatcher.h"
#include "nt/paging.h"
#include "nt/pool.h"
#include "nt/resource.h"
#include "windows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { RESOURCES = 3, CHAINED = 2 };
static const uint64_t mask = UINT64_C(1) << 45, thread = 0xffffe00012345080;

static struct windows world;
static uint64_t resources[RESOURCES], waiting_threads[CHAINED], chained[CHAINED], heap;
static uint8_t *bytes[RESOURCES], *chained_at[CHAINED], *heap_bytes;
static bool there;

static int set_up(void **state)
{
	uint64_t head, link;
	uint8_t *at;
	(void)state;

	there = windows_new(&world, PROJECT_DIR);
	if (!there)
		return 0;
	head = windows_variable(&world, "ExpSystemResourcesList", 0, &at);
	link = windows_offset(&world, "_ERESOURCE", "SystemResourcesList");
	for (size_t i = 0; i < RESOURCES; i++)
		resources[i] = windows_take(&world, windows_size(&world, "_ERESOURCE"), &bytes[i]);
	for (size_t i = 0; i < RESOURCES; i++) {
		windows_put(bytes[i] + link, i + 1 < RESOURCES ? resources[i + 1] + link : head, 8);
		windows_put(bytes[i] + link + 8, i ? resources[i - 1] + link : head, 8);
	}
	windows_put(at, resources[0] + link, 8);
	windows_put(at + 8, resources[RESOURCES - 1] + link, 8);
	/* The second one is held by one thread, three times. */
	windows_put(bytes[1] + windows_offset(&world, "_ERESOURCE", "ActiveCount"), 1, 2);
	windows_put(bytes[1] + windows_offset(&world, "_ERESOURCE", "Flag"), 0x80, 2);
	windows_put(bytes[1] + windows_offset(&world, "_ERESOURCE", "OwnerEntry.OwnerThread"), thread, 8);
	windows_put(bytes[1] + windows_offset(&world, "_ERESOURCE", "OwnerEntry.TableSize"), 3 << 3, 4);
	windows_put(bytes[1] + windows_offset(&world, "_ERESOURCE", "NumberOfExclusiveWaiters"), CHAINED, 4);
	/* Two wait for it, each with an entry of the chain on its stack. */
	for (size_t i = 0; i < CHAINED; i++) {
		waiting_threads[i] = windows_take(&world, windows_size(&world, "_KTHREAD"), &at);
		windows_put(at + windows_offset(&world, "_DISPATCHER_HEADER", "Type"), 6, 1);
		chained[i] = windows_take(&world, windows_size(&world, "_KWAIT_CHAIN_ENTRY"), &chained_at[i]);
		windows_put(chained_at[i] + windows_offset(&world, "_KWAIT_CHAIN_ENTRY", "Event.Header.Type"), 1, 1);
		windows_put(chained_at[i] + windows_offset(&world, "_KWAIT_CHAIN_ENTRY", "Event.Header.Size"), 6, 1);
		windows_put(chained_at[i] + windows_offset(&world, "_KWAIT_CHAIN_ENTRY", "Thread"), waiting_threads[i], 8);
	}
	for (size_t i = 0; i < CHAINED; i++) {
		windows_put(chained_at[i], chained[(i + 1) % CHAINED], 8);
		windows_put(chained_at[i] + 8, chained[(i + CHAINED - 1) % CHAINED], 8);
	}
	windows_put(bytes[1] + windows_offset(&world, "_ERESOURCE", "ExclusiveWaiters"), chained[0], 8);

	/* A page whose first bytes are no pool header, and a block of 0x90 bytes in it. */
	heap = windows_take(&world, 0x1000, &heap_bytes);
	memset(heap_bytes, 0xa5, 0x100);
	windows_put(heap_bytes + 0x400, UINT64_C(0x6e657645) << 32 | 0x02 << 24 | 0x09 << 16, 8); /* "Even", in use, 9 units */

	windows_variable(&world, "MiState", windows_offset(&world, "_MI_SYSTEM_INFORMATION", "Hardware.InvalidPteMask"), &at);
	windows_put(at, mask, 8);
	windows_open(&world);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	windows_free(&world);
	return 0;
}

static bool count_held(void *context, uint64_t address)
{
	struct imp_resource resource;
	unsigned *counts = context;

	assert_null(imp_resource_read(&world.kernel, address, &resource));
	assert_int_equal(address, resources[counts[0]]);
	counts[0]++;
	counts[1] += resource.active_count != 0;
	return true;
}

static bool take_owner(void *context, const struct imp_resource_owner *owner)
{
	*(struct imp_resource_owner *)context = *owner;
	return true;
}

static bool count_only(void *context, uint64_t address)
{
	(void)address;
	++*(unsigned *)context;
	return true;
}

static void resources_and_owners(void **state)
{
	struct imp_resource resource;
	struct imp_resource_owner owner = { 0 };
	unsigned counts[2] = { 0 }, count = 0;
	struct imp_error *err;
	(void)state;

	if (!there)
		skip();
	assert_null(imp_resource_each(&world.kernel, count_held, counts));
	assert_int_equal(counts[0], RESOURCES);
	assert_int_equal(counts[1], 1);
	assert_null(imp_resource_read(&world.kernel, resources[1], &resource));
	assert_true(resource.exclusive);
	assert_int_equal(resource.exclusive_waiters, 2);
	assert_null(imp_resource_owners(&world.kernel, &resource, take_owner, &owner));
	assert_int_equal(owner.thread, thread);
	assert_int_equal(owner.count, 3);
	/* A list that leads back to its second entry is said to be damaged, and ends. */
	windows_put(bytes[2], resources[1], 8);
	err = imp_resource_each(&world.kernel, count_only, &count);
	assert_non_null(strstr(imp_error_message(err), "is damaged"));
	assert_int_equal(count, RESOURCES);
	imp_error_free(err);
}

struct taken {
	uint64_t threads[8];
	unsigned count;
};

static bool take_waiter(void *context, uint64_t waiter)
{
	struct taken *taken = context;

	taken->threads[taken->count++] = waiter;
	return taken->count < 8;
}

static void resource_waiters(void **state)
{
	struct imp_resource resource;
	struct taken taken = { 0 };
	struct imp_error *err;
	(void)state;

	if (!there)
		skip();
	assert_null(imp_resource_read(&world.kernel, resources[1], &resource));
	assert_null(imp_resource_waiters(&world.kernel, &resource, false, take_waiter, &taken));
	assert_int_equal(taken.count, 0);
	assert_null(imp_resource_waiters(&world.kernel, &resource, true, take_waiter, &taken));
	assert_int_equal(taken.count, CHAINED);
	assert_memory_equal(taken.threads, waiting_threads, sizeof(waiting_threads));
	/* A chain that ends instead of leading back. */
	windows_put(chained_at[1], 0, 8);
	taken.count = 0;
	assert_null(imp_resource_waiters(&world.kernel, &resource, true, take_waiter, &taken));
	assert_int_equal(taken.count, CHAINED);
	/* One that leads back, but not to its beginning, ends with the limit; what is no event ends it with a sentence, after who was found. */
	windows_put(chained_at[1], chained[1], 8);
	unsigned count = 0;
	err = imp_resource_waiters(&world.kernel, &resource, true, count_only, &count);
	assert_non_null(strstr(imp_error_message(err), "does not end"));
	imp_error_free(err);
	windows_put(chained_at[1] + windows_offset(&world, "_KWAIT_CHAIN_ENTRY", "Event.Header.Type"), 0x33, 1);
	taken.count = 0;
	err = imp_resource_waiters(&world.kernel, &resource, true, take_waiter, &taken);
	assert_non_null(strstr(imp_error_message(err), "no event is waited for"));
	assert_int_equal(taken.count, 1);
	imp_error_free(err);
}

static void segment_heap(void **state)
{
	struct imp_pool_block block;
	struct imp_error *err;
	(void)state;

	if (!there)
		skip();
	assert_true(imp_pool_is_segment_heap(&world.kernel));
	err = imp_pool_page_each(&world.kernel, heap + 0x420, NULL, NULL);
	assert_int_equal(imp_error_code(err), IMP_ERROR_FORMAT);
	imp_error_free(err);
	assert_null(imp_pool_guess(&world.kernel, heap + 0x48f, &block));
	assert_int_equal(block.address, heap + 0x400);
	assert_int_equal(block.size, 0x90);
	assert_string_equal(block.tag, "Even");
	err = imp_pool_guess(&world.kernel, heap + 0x490, &block); /* behind the block */
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	imp_error_free(err);
}

static void invalid_mask(void **state)
{
	uint64_t page, at = 0xffffb00000000000, value;
	(void)state;

	if (!there)
		skip();
	page = synthetic_take(&world.made, 1);
	memcpy(synthetic_page(&world.made, page), "masked!", 8);
	synthetic_set_entry(&world.made, at, 0, mask | page << 12 | 0x880);
	imp_paging_learn(&world.kernel);
	assert_int_equal(imp_memory_paging(world.kernel.memory)->invalid_mask, mask);
	assert_null(imp_memory_u64(world.kernel.memory, at, &value));
	assert_memory_equal(&value, "masked!", 8);
}

/* An event that 1,000 threads wait for: whether it has one of them is answered from one walk, not from one for each. */
static void waiters(void **state)
{
	enum { WAITERS = 1000 };
	uint64_t size = windows_size(&world, "_KWAIT_BLOCK"), list = windows_offset(&world, "_KWAIT_BLOCK", "WaitListEntry");
	uint64_t owner = windows_offset(&world, "_KWAIT_BLOCK", "Thread"), head, event, blocks, others;
	uint8_t *event_at, *blocks_at;
	struct imp_dispatcher_header header;
	struct imp_error *err;
	bool found;
	(void)state;

	if (!there)
		skip();
	event = windows_take(&world, windows_size(&world, "_KEVENT"), &event_at);
	blocks = windows_take(&world, WAITERS * size, &blocks_at);
	head = event + windows_offset(&world, "_DISPATCHER_HEADER", "WaitListHead");
	windows_put(event_at + windows_offset(&world, "_DISPATCHER_HEADER", "Type"), 1, 1);
	for (uint64_t i = 0; i < WAITERS; i++) {
		windows_put(blocks_at + i * size + list, i + 1 < WAITERS ? blocks + (i + 1) * size + list : head, 8);
		windows_put(blocks_at + i * size + list + 8, i ? blocks + (i - 1) * size + list : head, 8);
		windows_put(blocks_at + i * size + owner, 0xffffe00000000000 + i * 0x1000, 8);
	}
	windows_put(event_at + (head - event), blocks + list, 8);
	windows_put(event_at + (head - event) + 8, blocks + (WAITERS - 1) * size + list, 8);
	assert_null(imp_dispatcher_read(&world.kernel, event, &header));
	for (uint64_t i = 0; i < WAITERS; i++) {
		assert_null(imp_waiters_find(&world.kernel, &header, 0xffffe00000000000 + i * 0x1000, &found, &others));
		assert_true(found);
		assert_int_equal(others, WAITERS - 1);
		/* Walking again would find nobody. */
		windows_put(event_at + (head - event), head, 8);
		windows_put(event_at + (head - event) + 8, head, 8);
	}
	assert_null(imp_waiters_find(&world.kernel, &header, 1, &found, &others));
	assert_false(found);
	assert_int_equal(others, WAITERS);
	imp_waiters_forget(&world.kernel);
	assert_null(imp_waiters_find(&world.kernel, &header, 0xffffe00000000000, &found, &others));
	assert_false(found);
	assert_int_equal(others, 0);
	imp_waiters_forget(&world.kernel);
	/* A damaged list: those before the damage are found, and each time it is said. */
	windows_put(event_at + (head - event), blocks + list, 8);
	windows_put(blocks_at + 10 * size + list + 8, 0, 8);
	for (int i = 0; i < 2; i++) {
		err = imp_waiters_find(&world.kernel, &header, 0xffffe00000000000, &found, &others);
		assert_non_null(strstr(imp_error_message(err), "is damaged"));
		assert_true(found);
		assert_int_equal(others, 9);
		imp_error_free(err);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(resources_and_owners), cmocka_unit_test(resource_waiters), cmocka_unit_test(segment_heap),
		cmocka_unit_test(invalid_mask),         cmocka_unit_test(waiters),
	};

	return cmocka_run_group_tests_name("nt_windows", tests, set_up, tear_down);
}
