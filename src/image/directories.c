/* The directories of a PE image that a debugger needs: exports, the debug directory's RSDS record, and .pdata (RUNTIME_FUNCTION).
 * Source: Microsoft's "PE Format"; the RSDS record as link.exe and lld write it.
 */
#include "image/pe_image.h"

#include <stdlib.h>

enum {
	EXPORT_DIRECTORY_SIZE = 40,
	EXPORT_BASE = 16,
	EXPORT_NUMBER_OF_FUNCTIONS = 20,
	EXPORT_NUMBER_OF_NAMES = 24,
	EXPORT_ADDRESS_OF_FUNCTIONS = 28,
	EXPORT_ADDRESS_OF_NAMES = 32,
	EXPORT_ADDRESS_OF_NAME_ORDINALS = 36,
	EXPORT_LIMIT = 0x10000, /* ordinals have 16 bits */
	EXPORT_NAME_SIZE = 4096,
	DEBUG_ENTRY_SIZE = 28,
	DEBUG_TYPE = 12,
	DEBUG_SIZE_OF_DATA = 16,
	DEBUG_ADDRESS_OF_RAW_DATA = 20,
	DEBUG_TYPE_CODEVIEW = 2,
	DEBUG_ENTRY_LIMIT = 64, /* linkers write fewer than ten */
	RSDS_GUID = 4,
	RSDS_AGE = 20,
	RSDS_PATH = 24,
	RSDS_PATH_SIZE = 1024,
	RUNTIME_FUNCTION_SIZE = 12,
	MACHINE_AMD64 = 0x8664,
};

/* Reads without an error to free: the callers only want to know whether it worked. */
static bool try_read(const struct imp_pe *pe, uint64_t rva, void *buffer, size_t size)
{
	if (rva > UINT32_MAX)
		return false;

	IMP_CLEANUP_ERROR struct imp_error *err = imp_pe_read(pe, (uint32_t)rva, buffer, size);
	return !err;
}

static uint32_t get32(const uint8_t *bytes, size_t offset)
{
	uint32_t value;

	memcpy(&value, bytes + offset, sizeof(value));
	return value;
}

struct imp_error *imp_pe_find_rsds(struct imp_pe *pe)
{
	const struct pe_directory *directory = &pe->directories[PE_DIRECTORY_DEBUG];
	uint32_t count = directory->size / DEBUG_ENTRY_SIZE;

	for (uint32_t i = 0; i < count && i < DEBUG_ENTRY_LIMIT; i++) {
		uint8_t entry[DEBUG_ENTRY_SIZE], record[RSDS_PATH];

		if (!try_read(pe, (uint64_t)directory->rva + (uint64_t)i * DEBUG_ENTRY_SIZE, entry, sizeof(entry)))
			break;

		uint32_t data = get32(entry, DEBUG_ADDRESS_OF_RAW_DATA);
		if (get32(entry, DEBUG_TYPE) != DEBUG_TYPE_CODEVIEW || get32(entry, DEBUG_SIZE_OF_DATA) <= RSDS_PATH)
			continue;
		if (!try_read(pe, data, record, sizeof(record)) || memcmp(record, "RSDS", 4))
			continue;
		pe->pdb_path = calloc(1, RSDS_PATH_SIZE);
		if (!pe->pdb_path)
			return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
		if (data > UINT32_MAX - RSDS_PATH || !imp_pe_string(pe, data + RSDS_PATH, pe->pdb_path, RSDS_PATH_SIZE)) {
			free(pe->pdb_path);
			pe->pdb_path = NULL;
			continue;
		}
		memcpy(pe->info.pdb_guid.bytes, record + RSDS_GUID, sizeof(pe->info.pdb_guid.bytes));
		pe->info.pdb_age = get32(record, RSDS_AGE);
		pe->info.pdb_path = pe->pdb_path;
		pe->info.has_rsds = true;
		break;
	}
	return NULL;
}

bool imp_pe_function_number(const struct imp_pe *pe, uint32_t index, struct imp_runtime_function *function)
{
	const struct pe_directory *directory = &pe->directories[PE_DIRECTORY_EXCEPTION];
	uint8_t entry[RUNTIME_FUNCTION_SIZE];

	if (pe->info.machine != MACHINE_AMD64 || index >= directory->size / RUNTIME_FUNCTION_SIZE ||
	    !try_read(pe, (uint64_t)directory->rva + (uint64_t)index * RUNTIME_FUNCTION_SIZE, entry, sizeof(entry)))
		return false;
	*function = (struct imp_runtime_function){ get32(entry, 0), get32(entry, 4), get32(entry, 8) };
	return true;
}

bool imp_pe_function(const struct imp_pe *pe, uint32_t rva, struct imp_runtime_function *function)
{
	const struct pe_directory *directory = &pe->directories[PE_DIRECTORY_EXCEPTION];
	uint32_t low = 0, high = pe->info.machine == MACHINE_AMD64 ? directory->size / RUNTIME_FUNCTION_SIZE : 0;

	/* The table is sorted by begin. If it is not, the search still ends, and at worst finds nothing. */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint8_t entry[RUNTIME_FUNCTION_SIZE];

		if (!try_read(pe, (uint64_t)directory->rva + (uint64_t)middle * RUNTIME_FUNCTION_SIZE, entry, sizeof(entry)))
			return false;
		*function = (struct imp_runtime_function){ get32(entry, 0), get32(entry, 4), get32(entry, 8) };
		if (rva < function->begin)
			high = middle;
		else if (rva >= function->end)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

struct imp_error *imp_pe_exports(const struct imp_pe *pe, bool (*visit)(void *context, const char *name, uint32_t ordinal, uint32_t rva),
				 void *context)
{
	const struct pe_directory *directory = &pe->directories[PE_DIRECTORY_EXPORT];
	uint8_t header[EXPORT_DIRECTORY_SIZE];
	char name[EXPORT_NAME_SIZE];

	if (!directory->size)
		return NULL;

	struct imp_error *err = imp_pe_read(pe, directory->rva, header, sizeof(header));
	if (err)
		return imp_error_context(err, "%s: export directory", pe->name);

	uint32_t functions = get32(header, EXPORT_NUMBER_OF_FUNCTIONS), names = get32(header, EXPORT_NUMBER_OF_NAMES);
	if (functions > EXPORT_LIMIT || names > EXPORT_LIMIT)
		return imp_error_new(IMP_ERROR_FORMAT, "%s: the export directory claims %u functions and %u names, at most %d are possible", pe->name,
				     functions, names, EXPORT_LIMIT);
	for (uint32_t i = 0; i < names; i++) {
		uint32_t name_rva, rva;
		uint16_t index;

		/* Tables are small next to 2^32, so a sum that overflows can only come from a start that lies: try_read refuses it. */
		if (!try_read(pe, get32(header, EXPORT_ADDRESS_OF_NAMES) + 4ull * i, &name_rva, sizeof(name_rva)) ||
		    !try_read(pe, get32(header, EXPORT_ADDRESS_OF_NAME_ORDINALS) + 2ull * i, &index, sizeof(index)))
			return imp_error_new(IMP_ERROR_FAULT, "%s: export %u of %u cannot be read", pe->name, i, names);
		if (index >= functions || !try_read(pe, get32(header, EXPORT_ADDRESS_OF_FUNCTIONS) + 4ull * index, &rva, sizeof(rva)))
			continue;
		if (rva >= directory->rva && rva - directory->rva < directory->size)
			continue; /* a forwarder: the text of another module's export, not code or data */
		if (!imp_pe_string(pe, name_rva, name, sizeof(name)))
			continue;
		if (!visit(context, name, get32(header, EXPORT_BASE) + index, rva))
			break;
	}
	return NULL;
}
