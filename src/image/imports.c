/* The import directory of a PE image: the name behind a slot of the import address table. Source: Microsoft's "PE Format" (import directory table, import
 * lookup table, hint/name table).
 */
#include "image/pe_image.h"

enum {
	DESCRIPTOR_SIZE = 20,
	DESCRIPTOR_LOOKUP = 0,     /* RVA of the import lookup table */
	DESCRIPTOR_ADDRESSES = 16, /* RVA of the import address table */
	DESCRIPTOR_LIMIT = 1024,
	HINT_SIZE = 2,
	SLOT_SIZE = 8,
	SLOT_LIMIT = 0x10000,
};
#define LOOKUP_BY_ORDINAL (UINT64_C(1) << 63)

static bool try_read(const struct imp_pe *pe, uint64_t rva, void *buffer, size_t size)
{
	IMP_CLEANUP_ERROR struct imp_error *err =
		rva > UINT32_MAX ? imp_error_new(IMP_ERROR_FORMAT, "no RVA") : imp_pe_read(pe, (uint32_t)rva, buffer, size);

	return !err;
}

bool imp_pe_import_at(const struct imp_pe *pe, uint32_t rva, char *name, size_t size)
{
	const struct pe_directory *directory = &pe->directories[PE_DIRECTORY_IMPORT];
	uint32_t best = 0, lookup = 0;
	uint64_t entry;

	/* Tables do not overlap: the slot belongs to the one that begins nearest below it. */
	for (uint32_t i = 0; directory->rva && i < DESCRIPTOR_LIMIT; i++) {
		uint8_t bytes[DESCRIPTOR_SIZE];
		struct imp_span descriptor = { bytes, sizeof(bytes) };
		uint32_t names, addresses;

		if (!try_read(pe, (uint64_t)directory->rva + (uint64_t)i * DESCRIPTOR_SIZE, bytes, sizeof(bytes)))
			break;
		imp_span_u32(descriptor, DESCRIPTOR_LOOKUP, &names);
		imp_span_u32(descriptor, DESCRIPTOR_ADDRESSES, &addresses);
		if (!addresses)
			break;
		if (addresses <= rva && addresses >= best) {
			best = addresses;
			lookup = names;
		}
	}
	if (!lookup || (rva - best) % SLOT_SIZE || (rva - best) / SLOT_SIZE >= SLOT_LIMIT)
		return false;
	if (!try_read(pe, (uint64_t)lookup + (rva - best), &entry, sizeof(entry)) || !entry || entry & LOOKUP_BY_ORDINAL || entry > INT32_MAX)
		return false;
	return imp_pe_string(pe, (uint32_t)entry + HINT_SIZE, name, size);
}
