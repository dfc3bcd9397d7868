/* Keys and values: see registry.h. Sources: the public listings of _CM_KEY_NODE, _CM_KEY_VALUE, _CM_KEY_INDEX, _CM_BIG_DATA; M. Suhanov's
 * "Windows registry file format specification" for signatures, flags and the kinds of subkey lists.
 */
#include "nt/registry.h"
#include "base/utf16.h"
#include "base/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	SIGNATURE_KEY = 'n' | 'k' << 8,
	SIGNATURE_VALUE = 'v' | 'k' << 8,
	SIGNATURE_INDEX_ROOT = 'r' | 'i' << 8,
	SIGNATURE_INDEX_LEAF = 'l' | 'i' << 8,
	SIGNATURE_FAST_LEAF = 'l' | 'f' << 8,
	SIGNATURE_HASH_LEAF = 'l' | 'h' << 8,
	SIGNATURE_BIG_DATA = 'd' | 'b' << 8,
	KEY_SYMBOLIC_LINK = 0x10,
	KEY_NAME_8_BITS = 0x20,
	VALUE_NAME_8_BITS = 1,
	BIG_DATA_PART = 16344, /* bytes of each segment but the last */
	MAX_SUBKEYS = 1 << 20,
	MAX_VALUES = 1 << 16,
	MAX_LINKS = 8,
};
#define DATA_IN_PLACE UINT32_C(0x80000000) /* of DataLength: the data is in the field Data itself */

/* A name of `bytes` bytes at `address`, in 8- or 16-bit characters. */
static struct imp_error *read_name(struct imp_kernel *kernel, uint64_t address, uint64_t bytes, bool narrow, char text[IMP_REGISTRY_NAME_SIZE])
{
	uint16_t units[512];
	uint8_t raw[sizeof(units)];
	size_t size = bytes < sizeof(raw) ? (size_t)bytes : sizeof(raw), count = narrow ? size : size / 2;
	struct imp_error *err;

	if (count > sizeof(units) / sizeof(units[0]))
		count = size = sizeof(units) / sizeof(units[0]);
	*text = '\0';
	err = imp_memory_read(kernel->memory, address, raw, size);
	for (size_t i = 0; !err && i < count; i++)
		units[i] = narrow ? raw[i] : (uint16_t)(raw[2 * i] | raw[2 * i + 1] << 8);
	if (!err)
		imp_utf16_text(units, count, text, IMP_REGISTRY_NAME_SIZE);
	return err;
}

static struct imp_error *expect_signature(struct imp_kernel *kernel, enum imp_nt_field id, uint64_t address, unsigned signature, const char *what)
{
	uint64_t found;
	struct imp_error *err = imp_nt_read(kernel, id, address, &found);

	if (!err && (uint16_t)found != signature)
		err = imp_error_new(IMP_ERROR_FORMAT, "no %s at %016llx: its signature is %04llx", what, (unsigned long long)address,
				    (unsigned long long)found & 0xffff);
	return err;
}

struct imp_error *imp_registry_key_read(struct imp_kernel *kernel, const struct imp_hive *hive, uint32_t cell, struct imp_registry_key *key)
{
	uint64_t counts, length, name;
	struct imp_error *err;

	memset(key, 0, sizeof(*key));
	key->hive = *hive;
	key->cell = cell;
	err = imp_hive_cell(kernel, hive, cell, &key->address);
	if (!err)
		err = expect_signature(kernel, IMP_KEY_SIGNATURE, key->address, SIGNATURE_KEY, "key node");
	if (!err)
		err = imp_nt_read(kernel, IMP_KEY_FLAGS, key->address, &key->flags);
	if (!err)
		err = imp_nt_read(kernel, IMP_KEY_NAME_LENGTH, key->address, &length);
	if (!err && imp_nt_offset(kernel, IMP_KEY_NAME, &name))
		err = read_name(kernel, key->address + name, length, key->flags & KEY_NAME_8_BITS, key->name);
	if (!err)
		err = imp_nt_read(kernel, IMP_KEY_SUBKEY_COUNTS, key->address, &counts); /* stable and volatile ones, 32 bits each */
	if (!err)
		err = imp_nt_read(kernel, IMP_KEY_VALUE_COUNT, key->address, &key->value_count);
	if (err)
		return err;
	key->subkey_count = (counts & UINT32_MAX) + (counts >> 32);
	key->write_time = imp_nt_value(kernel, IMP_KEY_WRITE_TIME, key->address, 0);
	return NULL;
}

struct list {
	struct imp_kernel *kernel;
	const struct imp_hive *hive;
	bool (*visit)(void *context, uint32_t cell);
	void *context;
	uint64_t left; /* subkeys that the key still may have */
	bool go_on;
};

/* One list of subkeys. An index root holds lists, which hold no further ones. */
static struct imp_error *walk_list(struct list *list, uint32_t cell, bool may_be_root)
{
	uint64_t address, signature, count, offset, stride;
	struct imp_error *err = imp_hive_cell(list->kernel, list->hive, cell, &address);

	if (!err)
		err = imp_nt_read(list->kernel, IMP_KEY_INDEX_SIGNATURE, address, &signature);
	if (!err)
		err = imp_nt_read(list->kernel, IMP_KEY_INDEX_COUNT, address, &count);
	if (err)
		return err;
	if (!imp_nt_offset(list->kernel, IMP_KEY_INDEX_LIST, &offset))
		return imp_error_new(IMP_ERROR_NOT_FOUND, "the kernel's symbols do not tell where in _CM_KEY_INDEX its List lies");
	signature &= 0xffff;
	/* Leaves with a hint or hash beside each cell. */
	stride = signature == SIGNATURE_FAST_LEAF || signature == SIGNATURE_HASH_LEAF ? 8 : 4;
	if (stride == 4 && signature != SIGNATURE_INDEX_LEAF && !(signature == SIGNATURE_INDEX_ROOT && may_be_root))
		return imp_error_new(IMP_ERROR_FORMAT, "no list of subkeys at %016llx: its signature is %04llx", (unsigned long long)address,
				     (unsigned long long)signature);
	for (uint64_t i = 0; !err && list->go_on && list->left && i < count && !imp_watch_stopped(); i++) {
		uint32_t entry;

		err = imp_memory_u32(list->kernel->memory, address + offset + i * stride, &entry);
		if (!err && signature == SIGNATURE_INDEX_ROOT) {
			err = walk_list(list, entry, false);
		} else if (!err) {
			list->left--;
			list->go_on = list->visit(list->context, entry);
		}
	}
	return err;
}

struct imp_error *imp_registry_subkeys(struct imp_kernel *kernel, const struct imp_registry_key *key, bool (*visit)(void *context, uint32_t cell),
				       void *context)
{
	struct list list = { .kernel = kernel, .hive = &key->hive, .visit = visit, .context = context, .go_on = true };
	uint64_t counts, lists;
	struct imp_error *err = imp_nt_read(kernel, IMP_KEY_SUBKEY_COUNTS, key->address, &counts);

	if (!err)
		err = imp_nt_read(kernel, IMP_KEY_SUBKEY_LISTS, key->address, &lists);
	for (unsigned i = 0; !err && list.go_on && i < 2; i++) {
		list.left = (uint32_t)(counts >> 32 * i);
		if (list.left > MAX_SUBKEYS)
			err = imp_error_new(IMP_ERROR_FORMAT, "it would have %llu subkeys", (unsigned long long)list.left);
		else if (list.left)
			err = walk_list(&list, (uint32_t)(lists >> 32 * i), true);
	}
	return imp_error_context(err, "subkeys of the key at %016llx", (unsigned long long)key->address);
}

/* Data longer than a segment is kept in several, whose cells are in a list. */
static struct imp_error *read_big_data(struct imp_kernel *kernel, const struct imp_hive *hive, uint64_t address, uint8_t *data, size_t size,
				       size_t *have)
{
	uint64_t count, cell, list;
	struct imp_error *err = imp_nt_read(kernel, IMP_BIG_DATA_COUNT, address, &count);

	if (!err)
		err = imp_nt_read(kernel, IMP_BIG_DATA_LIST, address, &cell);
	if (!err)
		err = imp_hive_cell(kernel, hive, (uint32_t)cell, &list);
	for (uint64_t i = 0; !err && i < count && *have < size; i++) {
		size_t part = size - *have < BIG_DATA_PART ? size - *have : BIG_DATA_PART;
		uint32_t segment;
		uint64_t at;

		err = imp_memory_u32(kernel->memory, list + 4 * i, &segment);
		if (!err)
			err = imp_hive_cell(kernel, hive, segment, &at);
		if (!err)
			err = imp_memory_read(kernel->memory, at, data + *have, part);
		*have += err ? 0 : part;
	}
	return err;
}

static struct imp_error *read_data(struct imp_kernel *kernel, const struct imp_hive *hive, uint64_t address, uint64_t length, uint8_t *data,
				   struct imp_registry_value *value)
{
	uint64_t cell, offset, at, signature;
	size_t size;
	struct imp_error *err = imp_nt_read(kernel, IMP_VALUE_DATA, address, &cell);

	value->size = (uint32_t)length & ~DATA_IN_PLACE;
	size = value->size < IMP_REGISTRY_DATA_SIZE ? value->size : IMP_REGISTRY_DATA_SIZE;
	if (err || !size)
		return err;
	if (length & DATA_IN_PLACE) {
		if (size > 4 || !imp_nt_offset(kernel, IMP_VALUE_DATA, &offset))
			return imp_error_new(IMP_ERROR_FORMAT, "value %016llx would have %u bytes of data in place", (unsigned long long)address,
					     value->size);
		err = imp_memory_read(kernel->memory, address + offset, data, size);
		value->have = err ? 0 : size;
		return err;
	}
	err = imp_hive_cell(kernel, hive, (uint32_t)cell, &at);
	if (!err && value->size > BIG_DATA_PART) {
		err = imp_nt_read(kernel, IMP_BIG_DATA_SIGNATURE, at, &signature);
		if (!err && (uint16_t)signature == SIGNATURE_BIG_DATA)
			return read_big_data(kernel, hive, at, data, size, &value->have);
	}
	if (!err)
		err = imp_memory_read(kernel->memory, at, data, size);
	value->have = err ? 0 : size;
	return err;
}

static struct imp_error *read_value(struct imp_kernel *kernel, const struct imp_hive *hive, uint32_t cell, uint8_t *data,
				    struct imp_registry_value *value)
{
	uint64_t length, name, flags, type, data_length;
	struct imp_error *err;

	memset(value, 0, sizeof(*value));
	value->data = data;
	err = imp_hive_cell(kernel, hive, cell, &value->address);
	if (!err)
		err = expect_signature(kernel, IMP_VALUE_SIGNATURE, value->address, SIGNATURE_VALUE, "value");
	if (!err)
		err = imp_nt_read(kernel, IMP_VALUE_NAME_LENGTH, value->address, &length);
	if (!err)
		err = imp_nt_read(kernel, IMP_VALUE_FLAGS, value->address, &flags);
	if (!err)
		err = imp_nt_read(kernel, IMP_VALUE_TYPE, value->address, &type);
	if (!err)
		err = imp_nt_read(kernel, IMP_VALUE_DATA_LENGTH, value->address, &data_length);
	if (!err && imp_nt_offset(kernel, IMP_VALUE_NAME, &name))
		err = read_name(kernel, value->address + name, length, flags & VALUE_NAME_8_BITS, value->name);
	if (err)
		return err;
	value->type = (uint32_t)type;
	/* A value whose data is not in the dump still has its name and type. */
	imp_kernel_note_error(kernel, read_data(kernel, hive, value->address, data_length, data, value));
	return NULL;
}

struct imp_error *imp_registry_values(struct imp_kernel *kernel, const struct imp_registry_key *key,
				      bool (*visit)(void *context, const struct imp_registry_value *value), void *context)
{
	uint64_t cell, list;
	uint8_t *data = NULL;
	struct imp_error *err = NULL;
	bool go_on = true;

	if (!key->value_count)
		return NULL;
	if (key->value_count > MAX_VALUES)
		err = imp_error_new(IMP_ERROR_FORMAT, "it would have %llu values", (unsigned long long)key->value_count);
	if (!err)
		err = imp_nt_read(kernel, IMP_KEY_VALUES, key->address, &cell);
	if (!err)
		err = imp_hive_cell(kernel, &key->hive, (uint32_t)cell, &list);
	if (!err) {
		data = malloc(IMP_REGISTRY_DATA_SIZE);
		err = data ? NULL : imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for a value's data");
	}
	for (uint64_t i = 0; !err && go_on && i < key->value_count && !imp_watch_stopped(); i++) {
		struct imp_registry_value value;
		uint32_t value_cell;

		err = imp_memory_u32(kernel->memory, list + 4 * i, &value_cell);
		if (!err)
			err = read_value(kernel, &key->hive, value_cell, data, &value);
		if (!err)
			go_on = visit(context, &value);
	}
	free(data);
	return imp_error_context(err, "values of the key at %016llx", (unsigned long long)key->address);
}

struct find {
	struct imp_kernel *kernel;
	const char *path; /* a full one: \REGISTRY\... */
	struct imp_hive hive;
	size_t matched; /* characters of `path` that are the hive's root path; 0: none found */
	const struct imp_registry_key *parent;
	struct imp_registry_key *found;
	const char *name;
	size_t length;
	bool hit;
};

/* The hive whose root path is the longest beginning of the path. */
static bool consider_hive(void *context, uint64_t address)
{
	struct find *find = context;
	struct imp_hive hive;
	struct imp_error *err = imp_hive_read(find->kernel, address, &hive);
	size_t length = strlen(hive.root_path);

	if (err) {
		imp_kernel_note_error(find->kernel, err);
		return true;
	}
	if (length > find->matched && !strncasecmp(find->path, hive.root_path, length) && (!find->path[length] || find->path[length] == '\\')) {
		find->matched = length;
		find->hive = hive;
	}
	return true;
}

static bool consider_key(void *context, uint32_t cell)
{
	struct find *find = context;
	struct imp_error *err = imp_registry_key_read(find->kernel, &find->parent->hive, cell, find->found);

	find->hit = !err && strlen(find->found->name) == find->length && !strncasecmp(find->found->name, find->name, find->length);
	imp_kernel_note_error(find->kernel, err);
	return !find->hit;
}

/* HKLM and HKEY_LOCAL_MACHINE are \REGISTRY\MACHINE; HKU is \REGISTRY\USER. */
static void full_path(const char *path, char *full, size_t size)
{
	static const struct {
		const char *begin, *full;
	} roots[] = {
		{ "HKEY_LOCAL_MACHINE", "\\REGISTRY\\MACHINE" },
		{ "HKLM", "\\REGISTRY\\MACHINE" },
		{ "HKEY_USERS", "\\REGISTRY\\USER" },
		{ "HKU", "\\REGISTRY\\USER" },
	};

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		size_t length = strlen(roots[i].begin);

		if (!strncasecmp(path, roots[i].begin, length) && (!path[length] || path[length] == '\\')) {
			snprintf(full, size, "%s%s", roots[i].full, path + length);
			return;
		}
	}
	snprintf(full, size, "%s%s", *path == '\\' ? "" : "\\", path);
}

struct link {
	char target[512];
};

static bool take_link(void *context, const struct imp_registry_value *value)
{
	struct link *link = context;

	if (strcasecmp(value->name, "SymbolicLinkValue"))
		return true;
	imp_registry_value_text(value, link->target, sizeof(link->target));
	return false;
}

static struct imp_error *find_key(struct imp_kernel *kernel, const char *path, struct imp_registry_key *key, unsigned links)
{
	struct find find = { .kernel = kernel, .path = path };
	struct imp_registry_key *next;
	const char *at;
	struct imp_error *err = imp_hive_each(kernel, consider_hive, &find);

	if (!err && !find.matched)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "no hive is mounted above %s; !reg hivelist lists them", path);
	if (!err)
		err = imp_registry_key_read(kernel, &find.hive, find.hive.root, key);
	if (err)
		return err;
	next = malloc(sizeof(*next));
	if (!next)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for a key");
	for (at = path + find.matched; !err && *at;) {
		struct link link = { "" };

		find.name = at + strspn(at, "\\");
		find.length = strcspn(find.name, "\\");
		if (!find.length)
			break;
		find.parent = key;
		find.found = next;
		find.hit = false;
		err = imp_registry_subkeys(kernel, key, consider_key, &find);
		if (!err && !find.hit)
			err = imp_error_new(IMP_ERROR_NOT_FOUND, "the key %.*s has no subkey '%.*s'", (int)(at - path), path, (int)find.length,
					    find.name);
		if (err)
			break;
		*key = *next;
		at = find.name + find.length;
		if (!(key->flags & KEY_SYMBOLIC_LINK))
			continue;
		err = imp_registry_values(kernel, key, take_link, &link);
		if (!err && (!links || !*link.target))
			err = imp_error_new(IMP_ERROR_FORMAT, "the link %.*s leads nowhere, or in circles", (int)(at - path), path);
		if (!err) {
			snprintf(link.target + strlen(link.target), sizeof(link.target) - strlen(link.target), "%s", at);
			err = find_key(kernel, link.target, key, links - 1);
		}
		break;
	}
	free(next);
	return err;
}

struct imp_error *imp_registry_find(struct imp_kernel *kernel, const char *path, struct imp_registry_key *key)
{
	char full[1024];

	full_path(path, full, sizeof(full));
	return find_key(kernel, full, key, MAX_LINKS);
}
