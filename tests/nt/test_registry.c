/* The registry: a hive that hivex (not ours) fills, laid into synthetic memory in the structures of Windows 11's kernel (22000, by its ISF table), with its
 * bins in the user half of a process, as the Registry process keeps them.
 */
#include "hive_file.h"
#include "nt/registry.h"
#include "windows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { PAGE = 4096, SUBKEYS = HIVE_FILE_SUBKEYS, BYTES = HIVE_FILE_BYTES };
static const uint64_t bins = 0x000001a500000000;

static struct windows world;
static uint8_t *hive_file; /* the hive as hivex wrote it */
static size_t hive_size;

/* The hive's header and bins in memory, and a CMHIVE for them on CmpHiveListHead. Blocks lie in the user half of another process, in reverse order. */
static void lay_out(void)
{
	static const char root[] = "\\REGISTRY\\MACHINE\\SYSTEM";
	size_t blocks = hive_size / PAGE - 1;
	uint8_t *hive, *base, *directory, *table, *text, *head;
	uint64_t hive_at = windows_take(&world, windows_size(&world, "_CMHIVE"), &hive), base_at = windows_take(&world, PAGE, &base),
		 text_at = windows_take(&world, PAGE, &text);
	uint64_t directory_at = windows_take(&world, windows_size(&world, "_HMAP_DIRECTORY"), &directory),
		 table_at = windows_take(&world, windows_size(&world, "_HMAP_TABLE"), &table);
	uint64_t link = hive_at + windows_offset(&world, "_CMHIVE", "HiveList"), head_at, page, entry = windows_size(&world, "_HMAP_ENTRY");
	struct synthetic user = world.made;

	memcpy(base, hive_file, PAGE);
	user.directory_table_base = synthetic_take(&user, 1) << 12;
	assert_true(blocks <= 512);
	for (size_t i = 0; i < blocks; i++) {
		page = synthetic_take(&user, 1);
		synthetic_map(&user, bins + (blocks - 1 - i) * PAGE, page, 1);
		memcpy(synthetic_page(&user, page), hive_file + (i + 1) * PAGE, PAGE);
		/* Every other block as the second of a bin that begins a page lower. */
		windows_put(table + i * entry + windows_offset(&world, "_HMAP_ENTRY", "BlockOffset"), i & 1 ? PAGE : 0, 8);
		windows_put(table + i * entry + windows_offset(&world, "_HMAP_ENTRY", "PermanentBinAddress"),
			    (bins + (blocks - 1 - i) * PAGE - (i & 1 ? PAGE : 0)) | 1, 8);
	}
	world.made.next_page = user.next_page;
	windows_put(directory, table_at, 8);
	windows_put(hive + windows_offset(&world, "_HHIVE", "Signature"), 0xbee0bee0, 4);
	windows_put(hive + windows_offset(&world, "_HHIVE", "BaseBlock"), base_at, 8);
	windows_put(hive + windows_offset(&world, "_HHIVE", "Storage[0].Length"), blocks * PAGE, 4);
	windows_put(hive + windows_offset(&world, "_HHIVE", "Storage[0].Map"), directory_at, 8);
	for (size_t i = 0; root[i]; i++)
		windows_put(text + 2 * i, (unsigned char)root[i], 2);
	windows_put(hive + windows_offset(&world, "_CMHIVE", "HiveRootPath.Length"), 2 * (sizeof(root) - 1), 2);
	windows_put(hive + windows_offset(&world, "_CMHIVE", "HiveRootPath.Buffer"), text_at, 8);

	head_at = windows_variable(&world, "CmpHiveListHead", 0, &head);
	windows_put(head, link, 8);
	windows_put(head + 8, link, 8);
	windows_put(hive + (link - hive_at), head_at, 8);
	windows_put(hive + (link - hive_at) + 8, head_at, 8);
	windows_open(&world);
	/* As `.process` or imp_registry_enter would. */
	imp_memory_set_process(world.kernel.memory, user.directory_table_base);
}

static int set_up(void **state)
{
	(void)state;

	hive_file = hive_file_filled(&hive_size);
	if (!hive_file)
		printf("skipped: no hivexsh (Debian: libhivex-bin)\n");
	else if (windows_new(&world, PROJECT_DIR))
		lay_out();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(hive_file);
	windows_free(&world);
	return 0;
}

struct values {
	char text[16][128];
	size_t count, long_bytes;
	bool long_right;
};

static bool take_value(void *context, const struct imp_registry_value *value)
{
	struct values *values = context;
	char text[64];

	if (value->size == BYTES) {
		values->long_bytes = value->have;
		values->long_right = value->have == BYTES;
		for (size_t i = 0; values->long_right && i < BYTES; i++)
			values->long_right = value->data[i] == (uint8_t)i;
	}
	snprintf(values->text[values->count++], sizeof(values->text[0]), "%s %.40s %s", imp_registry_type_name(value->type), value->name,
		 imp_registry_value_text(value, text, sizeof(text)));
	return values->count < 16;
}

static bool has(const struct values *values, const char *text)
{
	for (size_t i = 0; i < values->count; i++) {
		if (!strcmp(values->text[i], text))
			return true;
	}
	return false;
}

static void values_of_every_type(void **state)
{
	struct imp_registry_key key;
	struct values values = { .count = 0 };
	(void)state;

	if (!world.dump)
		skip();
	assert_null(imp_registry_find(&world.kernel, "HKLM\\system\\CONTROLSET001", &key));
	assert_string_equal(key.name, "ControlSet001");
	assert_int_equal(key.value_count, 7);
	assert_int_equal(key.subkey_count, 1);
	assert_null(imp_registry_values(&world.kernel, &key, take_value, &values));
	assert_int_equal(values.count, 7);
	assert_true(has(&values, "REG_SZ  the default"));
	assert_true(has(&values, "REG_DWORD Number 0x1234abcd"));
	assert_true(has(&values, "REG_QWORD Wide 0x1122334455667788"));
	assert_true(has(&values, "REG_EXPAND_SZ Expand %X%\\y"));
	assert_true(has(&values, "REG_MULTI_SZ Several a bc"));
	assert_true(has(&values, "REG_BINARY Bytes 01 02 ff"));
	assert_true(values.long_right);
}

static bool count_key(void *context, uint32_t cell)
{
	struct imp_registry_key many = *(struct imp_registry_key *)context, key;
	unsigned number;

	assert_null(imp_registry_key_read(&world.kernel, &many.hive, cell, &key));
	assert_int_equal(sscanf(key.name, "Key%u", &number), 1);
	((struct imp_registry_key *)context)->write_time++; /* the counter */
	return true;
}

static void many_subkeys(void **state)
{
	struct imp_registry_key key;
	(void)state;

	if (!world.dump)
		skip();
	assert_null(imp_registry_find(&world.kernel, "\\REGISTRY\\MACHINE\\SYSTEM\\Many", &key));
	assert_int_equal(key.subkey_count, SUBKEYS);
	key.write_time = 0;
	assert_null(imp_registry_subkeys(&world.kernel, &key, count_key, &key));
	assert_int_equal(key.write_time, SUBKEYS);
	assert_null(imp_registry_find(&world.kernel, "\\REGISTRY\\MACHINE\\SYSTEM\\Many\\Key149", &key));
	assert_string_equal(key.name, "Key149");
}

/* The bytes of the key node, for changing them. */
static uint8_t *bytes_of(const struct imp_registry_key *key)
{
	uint64_t physical;

	assert_null(imp_memory_translate(world.kernel.memory, key->address, &physical));
	return synthetic_page(&world.made, physical >> 12) + physical % PAGE;
}

static void links(void **state)
{
	struct imp_registry_key key;
	char name[64];
	uint16_t flags;
	uint8_t *bytes;
	struct imp_error *err;
	(void)state;

	if (!world.dump)
		skip();
	assert_null(imp_registry_find(&world.kernel, "HKLM\\SYSTEM\\Link", &key));
	bytes = bytes_of(&key);
	memcpy(&flags, bytes + windows_offset(&world, "_CM_KEY_NODE", "Flags"), 2);
	windows_put(bytes + windows_offset(&world, "_CM_KEY_NODE", "Flags"), flags | 0x10u, 2); /* KEY_SYM_LINK, which hivexsh cannot set */
	assert_true(imp_registry_text(&world.kernel, "HKLM\\SYSTEM\\Link\\Control\\ComputerName\\ComputerName", "computername", name, sizeof(name)));
	assert_string_equal(name, "LABMACHINE");
	err = imp_registry_find(&world.kernel, "HKLM\\SYSTEM\\Link\\Nowhere\\x", &key);
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	assert_non_null(strstr(imp_error_message(err), "has no subkey 'Nowhere'"));
	imp_error_free(err);
	err = imp_registry_find(&world.kernel, "HKLM\\SOFTWARE\\x", &key);
	assert_non_null(strstr(imp_error_message(err), "no hive is mounted above"));
	imp_error_free(err);
}

static bool walk(void *context, uint32_t cell)
{
	struct imp_registry_key parent = *(struct imp_registry_key *)context, key;
	struct values values = { .count = 0 };
	struct imp_error *err = imp_registry_key_read(&world.kernel, &parent.hive, cell, &key);

	if (!err)
		err = imp_registry_values(&world.kernel, &key, take_value, &values);
	imp_error_free(err);
	return true;
}

/* Bytes of the hive changed at random: answers may be wrong, but they come. */
static void damage(void **state)
{
	enum { ROUNDS = 60, CHANGES = 20 };
	static const char *const paths[] = { "HKLM\\SYSTEM", "HKLM\\SYSTEM\\ControlSet001", "HKLM\\SYSTEM\\Link\\Control", "HKLM\\SYSTEM\\Many" };
	struct imp_registry_key root, key;
	unsigned seed = 20231125;
	(void)state;

	if (!world.dump)
		skip();
	assert_null(imp_registry_find(&world.kernel, "HKLM\\SYSTEM", &root));
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint8_t *at[CHANGES], before[CHANGES];

		for (size_t i = 0; i < CHANGES; i++) {
			uint64_t physical, where = bins + (uint64_t)rand_r(&seed) % (hive_size - PAGE);

			assert_null(imp_memory_translate(world.kernel.memory, where, &physical));
			at[i] = synthetic_page(&world.made, physical >> 12) + physical % PAGE;
			before[i] = *at[i];
			*at[i] = (uint8_t)rand_r(&seed);
		}
		for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
			struct imp_error *err = imp_registry_find(&world.kernel, paths[i], &key);

			if (!err)
				err = imp_registry_subkeys(&world.kernel, &key, walk, &key);
			imp_error_free(err);
			imp_kernel_notes(&world.kernel, NULL, NULL);
		}
		for (size_t i = CHANGES; i-- > 0;)
			*at[i] = before[i];
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_every_type),
		cmocka_unit_test(many_subkeys),
		cmocka_unit_test(links),
		cmocka_unit_test(damage),
	};

	return cmocka_run_group_tests_name("nt_registry", tests, set_up, tear_down);
}
