/* Registry values as text: see registry.h. */
#include "base/utf16.h"
#include "nt/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* REG_... of winnt.h. */
enum { TYPE_SZ = 1, TYPE_EXPAND_SZ = 2, TYPE_DWORD = 4, TYPE_LINK = 6, TYPE_MULTI_SZ = 7, TYPE_QWORD = 11 };

const char *imp_registry_type_name(uint32_t type)
{
	static const char *const names[] = {
		"REG_NONE",
		"REG_SZ",
		"REG_EXPAND_SZ",
		"REG_BINARY",
		"REG_DWORD",
		"REG_DWORD_BIG_ENDIAN",
		"REG_LINK",
		"REG_MULTI_SZ",
		"REG_RESOURCE_LIST",
		"REG_FULL_RESOURCE_DESCRIPTOR",
		"REG_RESOURCE_REQUIREMENTS_LIST",
		"REG_QWORD",
	};

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : "REG_?";
}

static bool is_text(uint32_t type)
{
	return type == TYPE_SZ || type == TYPE_EXPAND_SZ || type == TYPE_LINK || type == TYPE_MULTI_SZ;
}

/* Up to the final zeros; the zeros between the strings of a REG_MULTI_SZ become blanks. */
static void put_text(const struct imp_registry_value *value, char *text, size_t size)
{
	uint16_t units[512];
	size_t count = value->have / 2 < sizeof(units) / sizeof(units[0]) ? value->have / 2 : sizeof(units) / sizeof(units[0]);

	for (size_t i = 0; i < count; i++)
		units[i] = (uint16_t)(value->data[2 * i] | value->data[2 * i + 1] << 8);
	while (count && !units[count - 1])
		count--;
	for (size_t i = 0; i < count; i++) {
		if (!units[i] && value->type != TYPE_MULTI_SZ)
			count = i;
		else if (!units[i])
			units[i] = ' ';
	}
	imp_utf16_text(units, count, text, size);
}

const char *imp_registry_value_text(const struct imp_registry_value *value, char *text, size_t size)
{
	uint64_t number = 0;
	size_t length = 0;

	*text = '\0';
	if (is_text(value->type)) {
		put_text(value, text, size);
		return text;
	}
	if ((value->type == TYPE_DWORD && value->have == 4) || (value->type == TYPE_QWORD && value->have == 8)) {
		memcpy(&number, value->data, value->have);
		snprintf(text, size, "0x%llx", (unsigned long long)number);
		return text;
	}
	for (size_t i = 0; i < value->have && length + 4 < size; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%02x", i ? " " : "", value->data[i]);
	return text;
}

struct wanted {
	const char *name;
	char *text;
	size_t size;
	bool found;
};

static bool take_text(void *context, const struct imp_registry_value *value)
{
	struct wanted *wanted = context;

	if (strcasecmp(value->name, wanted->name) || !value->have)
		return true;
	imp_registry_value_text(value, wanted->text, wanted->size);
	wanted->found = true;
	return false;
}

bool imp_registry_text(struct imp_kernel *kernel, const char *path, const char *name, char *text, size_t size)
{
	struct wanted wanted = { .name = name, .text = text, .size = size };
	struct imp_registry_key *key = malloc(sizeof(*key));
	size_t notes = kernel->note_count;
	struct imp_error *err = key ? imp_registry_find(kernel, path, key) : NULL;

	if (key && !err)
		err = imp_registry_values(kernel, key, take_text, &wanted);
	imp_error_free(err);
	free(key);
	/* Hives are mostly paged out: that a value is not there is what was asked. */
	while (kernel->note_count > notes)
		free(kernel->notes[--kernel->note_count]);
	return wanted.found;
}
