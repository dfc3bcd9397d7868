/* The registry in memory: hives, their cells through the storage maps, keys and values. */
#ifndef IMP_NT_REGISTRY_H
#define IMP_NT_REGISTRY_H

#include "nt/kernel.h"

enum { IMP_REGISTRY_NAME_SIZE = 1024, IMP_REGISTRY_DATA_SIZE = 1 << 16 };

struct imp_hive {
	uint64_t address, base_block;
	uint64_t maps[2], lengths[2]; /* of the stable and the volatile storage: address of the map, bytes */
	uint32_t root;                /* cell of the root key; UINT32_MAX: not readable */
	char file[260], user_name[260];
	char root_path[260]; /* "\REGISTRY\MACHINE\SYSTEM" */
};

struct imp_registry_key {
	struct imp_hive hive;
	uint32_t cell;
	uint64_t address; /* of its key node */
	char name[IMP_REGISTRY_NAME_SIZE];
	uint64_t flags, write_time; /* FILETIME */
	uint64_t subkey_count, value_count;
};

struct imp_registry_value {
	uint64_t address;
	char name[IMP_REGISTRY_NAME_SIZE]; /* "" is the key's default value */
	uint32_t type;
	uint32_t size; /* bytes of data that the value says it has */
	size_t have;   /* bytes in `data`: less when it is longer than IMP_REGISTRY_DATA_SIZE or cannot be read */
	const uint8_t *data;
};

/* Makes the user half of the kernel's memory that of the Registry process, where newer kernels keep hives, and returns the page tables to give to
 * imp_registry_leave. Without such a process nothing changes.
 */
uint64_t imp_registry_enter(struct imp_kernel *kernel);
void imp_registry_leave(struct imp_kernel *kernel, uint64_t previous);

/* Reads the hive at `address` (a CMHIVE). Errors: FAULT; FORMAT when no hive lies there. */
struct imp_error *imp_hive_read(struct imp_kernel *kernel, uint64_t address, struct imp_hive *hive);
/* Calls `visit` for each hive on CmpHiveListHead until it returns false. Errors: NOT_FOUND when the kernel keeps no hives; as imp_nt_list. */
struct imp_error *imp_hive_each(struct imp_kernel *kernel, bool (*visit)(void *context, uint64_t hive), void *context);
/* The address of a cell's contents. Errors: FAULT; FORMAT (not of the hive). */
struct imp_error *imp_hive_cell(struct imp_kernel *kernel, const struct imp_hive *hive, uint32_t cell, uint64_t *address);

/* Reads the key node in `cell` of `hive`. Errors: FAULT; FORMAT when it is none. */
struct imp_error *imp_registry_key_read(struct imp_kernel *kernel, const struct imp_hive *hive, uint32_t cell, struct imp_registry_key *key);
/* The key of a path: "\REGISTRY\MACHINE\SYSTEM\Select", "HKLM\SYSTEM\Select", in any case; links are followed. Errors: NOT_FOUND (naming the part
 * that is not there), FAULT, FORMAT.
 */
struct imp_error *imp_registry_find(struct imp_kernel *kernel, const char *path, struct imp_registry_key *key);
/* Calls `visit` for each subkey (its cell in the key's hive) until it returns false. Errors: FAULT, FORMAT. */
struct imp_error *imp_registry_subkeys(struct imp_kernel *kernel, const struct imp_registry_key *key, bool (*visit)(void *context, uint32_t cell),
				       void *context);
/* Calls `visit` for each value until it returns false; the value is only valid there. Errors: FAULT, FORMAT. */
struct imp_error *imp_registry_values(struct imp_kernel *kernel, const struct imp_registry_key *key,
				      bool (*visit)(void *context, const struct imp_registry_value *value), void *context);
/* A value's text as UTF-8: strings, numbers, else bytes; what is not printable is '?'. Returns `text`. */
const char *imp_registry_value_text(const struct imp_registry_value *value, char *text, size_t size);
/* "REG_SZ"; "REG_?" for a type without a name. */
const char *imp_registry_type_name(uint32_t type);
/* The text of one value of the key at `path`: whether it could be had. Fails silently. */
bool imp_registry_text(struct imp_kernel *kernel, const char *path, const char *name, char *text, size_t size);

#endif
