/* Fuzz target: a registry hive. The input is the hive's file, whose bins lie in the memory of a kernel that has this one hive; keys, lists of subkeys,
 * values, links and big data are walked as `!reg` and `di` do.
 */
#include "nt/registry.h"
#include "synthetic.h"
#include "types/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PAGE = 4096, BLOCKS = 64, FIRST = 0x100, MAX_DEPTH = 6, MAX_KEYS = 64 };
static const uint64_t kernel_base = 0xfffff80000000000, base_block = 0xffffa00000000000, bins = 0xffffa00000100000;

static struct synthetic made;
static struct imp_kernel kernel;
static uint8_t *hive_bytes, *base_bytes, *length_bytes; /* the length: of the stable storage */

static void succeed(struct imp_error *err)
{
	if (err) {
		fprintf(stderr, "%s\n", imp_error_message(err));
		abort();
	}
}

static uint64_t variable(const char *name)
{
	struct imp_symbol symbol;

	succeed(imp_pdb_find(kernel.nt.pdb, name, &symbol));
	return kernel_base + symbol.rva;
}

static void put(uint64_t address, const char *type, const char *path, uint64_t value)
{
	struct imp_field field;
	uint64_t physical;

	succeed(imp_field_find(kernel.nt.pdb, type, path, &field));
	succeed(imp_memory_translate(kernel.memory, address + field.offset, &physical));
	memcpy(synthetic_page(&made, physical / PAGE) + physical % PAGE, &value, (size_t)field.type.size);
}

static uint8_t *bytes_at(uint64_t address)
{
	uint64_t physical;

	succeed(imp_memory_translate(kernel.memory, address, &physical));
	return synthetic_page(&made, physical / PAGE) + physical % PAGE;
}

/* Once a process: all but what the input says. */
static void make_kernel(void)
{
	enum { IMAGE_PAGES = 64 };
	static const char root[] = "\\REGISTRY\\MACHINE\\SYSTEM";
	struct imp_field field;
	uint64_t page, hive, head;

	succeed(imp_pdb_open(HIVE_TYPES, &kernel.nt.pdb));
	kernel.nt.base = kernel_base;
	synthetic_new(&made, FIRST, IMAGE_PAGES + BLOCKS + 32);
	synthetic_map(&made, kernel_base, synthetic_take(&made, IMAGE_PAGES), IMAGE_PAGES);
	page = synthetic_take(&made, 1);
	synthetic_map(&made, base_block, page, 1);
	base_bytes = synthetic_page(&made, page);
	page = synthetic_take(&made, BLOCKS);
	synthetic_map(&made, bins, page, BLOCKS);
	hive_bytes = synthetic_page(&made, page);
	succeed(imp_dump_open_bytes("fuzz", (struct imp_span){ made.bytes, made.size }, &kernel.dump));
	succeed(imp_memory_new(kernel.dump, made.directory_table_base, &kernel.memory));

	hive = variable("Hive");
	head = variable("CmpHiveListHead");
	succeed(imp_field_find(kernel.nt.pdb, "_CMHIVE", "HiveList", &field));
	put(head, "_LIST_ENTRY", "Flink", hive + field.offset);
	put(head, "_LIST_ENTRY", "Blink", hive + field.offset);
	put(hive, "_CMHIVE", "HiveList.Flink", head);
	put(hive, "_CMHIVE", "HiveList.Blink", head);
	put(hive, "_HHIVE", "Signature", 0xbee0bee0);
	put(hive, "_HHIVE", "BaseBlock", base_block);
	put(hive, "_HHIVE", "Storage[0].Map", variable("HiveDirectory"));
	put(hive, "_CMHIVE", "HiveRootPath.Length", 2 * (sizeof(root) - 1));
	put(hive, "_CMHIVE", "HiveRootPath.Buffer", variable("HiveRootPath"));
	for (size_t i = 0; root[i]; i++)
		bytes_at(variable("HiveRootPath"))[2 * i] = (uint8_t)root[i];
	put(variable("HiveDirectory"), "_HMAP_DIRECTORY", "Directory[0]", variable("HiveTable"));
	for (unsigned i = 0; i < BLOCKS; i++) {
		char path[48];

		snprintf(path, sizeof(path), "Table[%u].PermanentBinAddress", i);
		put(variable("HiveTable"), "_HMAP_TABLE", path, (bins + (uint64_t)i * PAGE) | 1);
	}
	succeed(imp_field_find(kernel.nt.pdb, "_HHIVE", "Storage[0].Length", &field));
	length_bytes = bytes_at(hive + field.offset);
}

struct walk {
	const struct imp_registry_key *key;
	unsigned depth, *keys;
};

static bool take_value(void *context, const struct imp_registry_value *value)
{
	char text[256];

	(void)context;
	return strlen(imp_registry_value_text(value, text, sizeof(text))) < sizeof(text) && imp_registry_type_name(value->type);
}

static bool take_subkey(void *context, uint32_t cell)
{
	struct walk *walk = context;
	struct imp_registry_key *key = malloc(sizeof(*key));
	struct walk below = { key, walk->depth + 1, walk->keys };

	if (!key)
		abort();
	IMP_CLEANUP_ERROR struct imp_error *err = imp_registry_key_read(&kernel, &walk->key->hive, cell, key);
	if (!err) {
		IMP_CLEANUP_ERROR struct imp_error *values_err = imp_registry_values(&kernel, key, take_value, NULL);
		IMP_CLEANUP_ERROR struct imp_error *subkeys_err =
			walk->depth < MAX_DEPTH ? imp_registry_subkeys(&kernel, key, take_subkey, &below) : NULL;
	}
	free(key);
	return ++*walk->keys < MAX_KEYS;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = { "HKLM\\SYSTEM\\ControlSet001", "HKLM\\SYSTEM\\Link\\Control\\ComputerName\\ComputerName",
					     "HKLM\\SYSTEM\\Many\\Key149" };
	struct imp_registry_key key;
	char text[128];
	unsigned keys = 0;

	if (!hive_bytes)
		make_kernel();
	size_t head = size < PAGE ? size : PAGE, rest = size - head < (size_t)BLOCKS * PAGE ? size - head : (size_t)BLOCKS * PAGE;
	uint32_t length = (uint32_t)rest;
	memset(base_bytes, 0, PAGE);
	memset(hive_bytes, 0, (size_t)BLOCKS * PAGE);
	memcpy(base_bytes, data, head);
	memcpy(hive_bytes, data + head, rest);
	memcpy(length_bytes, &length, sizeof(length));

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		IMP_CLEANUP_ERROR struct imp_error *err = imp_registry_find(&kernel, paths[i], &key);

		imp_registry_text(&kernel, paths[i], "ComputerName", text, sizeof(text));
	}
	IMP_CLEANUP_ERROR struct imp_error *err = imp_registry_find(&kernel, "HKLM\\SYSTEM", &key);
	struct walk walk = { &key, 0, &keys };
	IMP_CLEANUP_ERROR struct imp_error *walk_err = err ? NULL : imp_registry_subkeys(&kernel, &key, take_subkey, &walk);
	imp_kernel_notes(&kernel, NULL, NULL);
	return 0;
}
