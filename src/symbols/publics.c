/* Public symbols (PSGSI): what the linker exported to the PDB, names and addresses only. By name through the hash, by address through the
 * address map, which is sorted.
 */
#include "symbols/pdb_file.h"

enum { COFF_SHORT_NAME = 8 };

struct imp_error *imp_publics_open(struct imp_pdb *pdb, struct imp_stream *stream)
{
	uint32_t hash_bytes, address_bytes;

	if (!stream || imp_stream_size(stream) == 0)
		return NULL;
	if (!imp_stream_u32(stream, IMP_PUBLICS_HASH_BYTES, &hash_bytes) || !imp_stream_u32(stream, IMP_PUBLICS_ADDRESS_BYTES, &address_bytes) ||
	    (uint64_t)IMP_PUBLICS_HEADER_SIZE + hash_bytes + address_bytes > imp_stream_size(stream) ||
	    !imp_gsi_open(&pdb->publics, stream, IMP_PUBLICS_HEADER_SIZE, hash_bytes))
		return imp_error_new(IMP_ERROR_FORMAT, "%s: the hash table of its public symbols is damaged", pdb->path);
	pdb->address_map = IMP_PUBLICS_HEADER_SIZE + hash_bytes;
	pdb->address_count = address_bytes / 4;
	return NULL;
}

bool imp_public_record(const struct imp_pdb *pdb, const struct imp_record *record, struct imp_symbol *symbol)
{
	uint16_t section;
	uint32_t offset;

	*symbol = (struct imp_symbol){ .kind = IMP_SYMBOL_PUBLIC };
	if (record->kind != S_PUB32 || !imp_span_u32(record->data, IMP_PUB_OFFSET, &offset) || !imp_span_u16(record->data, IMP_PUB_SECTION, &section))
		return false;
	symbol->name = imp_span_string(record->data, IMP_PUB_NAME);
	return symbol->name && imp_section_rva(pdb, section, offset, &symbol->rva);
}

struct wanted {
	const struct imp_pdb *pdb;
	const char *name;
	struct imp_symbol *symbol;
};

static bool is_wanted(void *context, const struct imp_record *record)
{
	struct wanted *wanted = context;

	return imp_public_record(wanted->pdb, record, wanted->symbol) && strcmp(wanted->symbol->name, wanted->name) == 0;
}

bool imp_public_find(struct imp_pdb *pdb, const char *name, struct imp_symbol *symbol)
{
	struct wanted wanted = { pdb, name, symbol };

	if (imp_gsi_find(pdb, &pdb->publics, name, is_wanted, &wanted))
		return true;
	/* lld-link (seen in 19) hashes names of 8 characters, which have no terminator in an object file, together with the symbol value that
	 * follows them there. Such names have to be looked for one by one.
	 */
	return strlen(name) == COFF_SHORT_NAME && imp_gsi_each(pdb, &pdb->publics, is_wanted, &wanted);
}

/* The record of entry `index` of the address map, and its address as one number: section above, offset below. */
static bool address_entry(struct imp_pdb *pdb, uint32_t index, struct imp_record *record, uint64_t *key)
{
	uint32_t at, offset;
	uint16_t section;

	if (!imp_stream_u32(pdb->publics.stream, pdb->address_map + (uint64_t)index * 4, &at) ||
	    !imp_record_at(pdb->records, at, imp_stream_size(pdb->records), record) || record->kind != S_PUB32 ||
	    !imp_span_u32(record->data, IMP_PUB_OFFSET, &offset) || !imp_span_u16(record->data, IMP_PUB_SECTION, &section))
		return false;
	*key = (uint64_t)section << 32 | offset;
	return true;
}

bool imp_public_at(struct imp_pdb *pdb, uint32_t rva, struct imp_symbol *symbol)
{
	struct imp_record record, best;
	uint32_t offset, low = 0, high = pdb->address_count;
	uint64_t key, found = 0;
	uint16_t section;

	if (!pdb->publics.stream || !pdb->records || !imp_section_locate(pdb, rva, &section, &offset))
		return false;
	uint64_t wanted = (uint64_t)section << 32 | offset;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (!address_entry(pdb, middle, &record, &key))
			return false;
		if (key <= wanted)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return false;
	low--;
	if (!address_entry(pdb, low, &best, &found))
		return false;
	/* Of several names of one address, the first of the map. */
	while (low > 0 && address_entry(pdb, low - 1, &record, &key) && key == found) {
		best = record;
		low--;
	}
	return found >> 32 == section && imp_public_record(pdb, &best, symbol);
}
