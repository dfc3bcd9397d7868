/* Program databases: opening, identity, and which part answers which question. The parts are dbi.c, publics.c, globals.c, modsyms.c, lines.c and
 * tpi.c.
 */
#include "symbols/pdb_file.h"
#include "base/watch.h"
#include "symbols/wildcard.h"

#include <stdlib.h>

/* The PDB information stream's fields, by offset. */
enum { INFO_VERSION = 0, INFO_AGE = 8, INFO_GUID = 12, INFO_NAMES = 28, INFO_VC70 = 20000404 };

bool imp_record_at(struct imp_stream *stream, uint64_t offset, uint64_t limit, struct imp_record *record)
{
	struct imp_span part;
	uint16_t length;

	if (offset + 4 > limit || !imp_stream_u16(stream, offset, &length) || length < 2 || offset + 2 + length > limit ||
	    !imp_stream_part(stream, offset + 2, length, &part))
		return false;
	imp_span_u16(part, 0, &record->kind);
	imp_span_slice(part, 2, (uint64_t)length - 2, &record->data);
	record->next = offset + 2 + length;
	return true;
}

bool imp_grow(void **array, size_t count, size_t *capacity, size_t element)
{
	if (count < *capacity)
		return true;
	size_t wanted = *capacity ? *capacity * 2 : 64;
	void *grown = reallocarray(*array, wanted, element);
	if (!grown)
		return false;
	*array = grown;
	*capacity = wanted;
	return true;
}

bool imp_symbol_below(const struct imp_symbol *symbols, size_t count, uint32_t rva, struct imp_symbol *symbol)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols[middle].rva <= rva)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return false;
	*symbol = symbols[low - 1];
	return true;
}

/* The stream that the information stream's named-stream map gives `name`; NULL when it gives none. */
static struct imp_stream *named_stream(struct imp_pdb *pdb, struct imp_span info, const char *name)
{
	struct imp_span strings, present;
	uint32_t text_size, size, present_words, deleted_words, text, number;
	uint64_t at = INFO_NAMES;

	if (!imp_span_u32(info, at, &text_size) || !imp_span_slice(info, at + 4, text_size, &strings))
		return NULL;
	at += 4 + (uint64_t)text_size;
	/* A serialized hash table: size, capacity, bit vectors of present and deleted slots, then a (text offset, stream) pair a present slot. */
	if (!imp_span_u32(info, at, &size) || !imp_span_u32(info, at + 8, &present_words) ||
	    !imp_span_slice(info, at + 12, (uint64_t)present_words * 4, &present))
		return NULL;
	at += 12 + (uint64_t)present_words * 4;
	if (!imp_span_u32(info, at, &deleted_words))
		return NULL;
	at += 4 + (uint64_t)deleted_words * 4;
	for (uint32_t i = 0; i < size; i++, at += 8) {
		if (!imp_span_u32(info, at, &text) || !imp_span_u32(info, at + 4, &number))
			return NULL;
		const char *found = imp_span_string(strings, text);
		if (found && strcmp(found, name) == 0)
			return imp_msf_stream(pdb->msf, number);
	}
	return NULL;
}

static struct imp_error *read_info(struct imp_pdb *pdb)
{
	struct imp_stream *stream = imp_msf_stream(pdb->msf, IMP_STREAM_PDB);
	struct imp_span info;
	uint32_t version;

	if (!stream || !imp_stream_part(stream, 0, imp_stream_size(stream), &info) || !imp_span_u32(info, INFO_VERSION, &version) ||
	    !imp_span_u32(info, INFO_AGE, &pdb->age) || !imp_span_copy(info, INFO_GUID, pdb->guid.bytes, sizeof(pdb->guid.bytes)))
		return imp_error_new(IMP_ERROR_FORMAT, "%s: its PDB information stream is missing or too short", pdb->path);
	if (version < INFO_VC70)
		return imp_error_new(IMP_ERROR_FORMAT, "%s: version %u of the PDB information stream has no GUID (%u or later has)", pdb->path,
				     version, INFO_VC70);
	pdb->names = named_stream(pdb, info, "/names");
	return NULL;
}

struct imp_error *imp_pdb_open(const char *path, struct imp_pdb **pdb)
{
	struct imp_error *err;
	struct imp_pdb *made = calloc(1, sizeof(*made));

	*pdb = NULL;
	if (made)
		made->path = strdup(path);
	if (!made || !made->path) {
		free(made);
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for %s", path);
	}
	made->kind = "pdb";
	err = imp_msf_open(path, &made->msf);
	if (!err)
		err = read_info(made);
	if (!err)
		err = imp_dbi_open(made);
	if (!err)
		err = imp_tpi_open(made);
	if (err) {
		imp_pdb_close(made);
		return err;
	}
	*pdb = made;
	return NULL;
}

void imp_pdb_close(struct imp_pdb *pdb)
{
	if (!pdb)
		return;
	imp_pdb_modules_free(pdb);
	imp_tpi_close(pdb->tpi);
	free(pdb->data);
	free(pdb->sections);
	free(pdb->original_sections);
	imp_msf_close(pdb->msf);
	free(pdb->path);
	free(pdb);
}

const char *imp_pdb_path(const struct imp_pdb *pdb)
{
	return pdb->path;
}

const char *imp_pdb_kind(const struct imp_pdb *pdb)
{
	return pdb->kind;
}

void imp_pdb_identity(const struct imp_pdb *pdb, struct imp_guid *guid, uint32_t *age)
{
	*guid = pdb->guid;
	*age = pdb->age;
}

struct own_data {
	const char *name;
	struct imp_symbol *symbol;
};

static bool is_own_data(void *context, const struct imp_symbol *symbol)
{
	struct own_data *wanted = context;

	if (strcmp(symbol->name, wanted->name) != 0)
		return false;
	*wanted->symbol = *symbol;
	return true;
}

struct imp_error *imp_pdb_find(struct imp_pdb *pdb, const char *name, struct imp_symbol *symbol)
{
	struct own_data wanted = { name, symbol };

	/* The hashes do not hold what is static in a function; its name is looked for in every module, and so last. */
	if (imp_global_find(pdb, name, symbol) || imp_public_find(pdb, name, symbol) || imp_pdb_module_data_each(pdb, is_own_data, &wanted))
		return NULL;
	return imp_error_new(IMP_ERROR_NOT_FOUND, "%s has no symbol %s", pdb->path, name);
}

/* The nearest data at or below `rva`: global, or the module's own. */
static bool data_at(struct imp_pdb *pdb, struct imp_pdb_module *module, uint32_t rva, struct imp_symbol *symbol)
{
	struct imp_symbol own;
	bool found = imp_global_data_at(pdb, rva, symbol);

	if (module && imp_pdb_module_data_at(pdb, module, rva, &own) && (!found || own.rva > symbol->rva)) {
		*symbol = own;
		found = true;
	}
	return found;
}

struct imp_error *imp_pdb_at(struct imp_pdb *pdb, uint32_t rva, struct imp_symbol *symbol)
{
	const struct imp_section *section = imp_section_of(pdb, rva);
	struct imp_pdb_module *module = NULL;
	struct imp_symbol candidate;
	uint16_t number;
	uint32_t offset;
	bool found = false;

	if (section && imp_section_locate(pdb, rva, &number, &offset))
		module = imp_pdb_module_at(pdb, number, offset);
	if (section && section->executable)
		found = module && imp_pdb_module_symbol_at(pdb, module, rva, symbol);
	else if (section)
		found = data_at(pdb, module, rva, symbol);
	if (found && rva - symbol->rva < symbol->size)
		return NULL;
	found = found && symbol->rva >= section->rva;
	/* A public says as much as a private symbol does, but has no size: it wins only by being nearer. */
	if (imp_public_at(pdb, rva, &candidate) && section && candidate.rva >= section->rva && (!found || candidate.rva > symbol->rva)) {
		*symbol = candidate;
		found = true;
	}
	if (!found)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "%s has no symbol at or below RVA 0x%x", pdb->path, rva);
	return NULL;
}

struct matches {
	struct imp_pdb *pdb;
	const char *pattern;
	struct imp_symbol *symbols;
	size_t count, capacity;
	bool no_memory;
};

static bool matches_add(struct matches *matches, const struct imp_symbol *symbol)
{
	void *symbols = matches->symbols;

	if (!imp_grow(&symbols, matches->count, &matches->capacity, sizeof(*symbol))) {
		matches->no_memory = true;
		return true;
	}
	matches->symbols = symbols;
	matches->symbols[matches->count++] = *symbol;
	return false;
}

static bool match_public(void *context, const struct imp_record *record)
{
	struct matches *matches = context;
	struct imp_symbol symbol;

	if (imp_watch_stopped())
		return true;
	if (!imp_public_record(matches->pdb, record, &symbol) || !imp_wildcard_match(matches->pattern, symbol.name))
		return false;
	return matches_add(matches, &symbol);
}

static bool match_global(void *context, const struct imp_record *record)
{
	struct matches *matches = context;
	const char *name = imp_global_name(record);
	struct imp_symbol symbol;

	if (imp_watch_stopped())
		return true;
	if (!name || !imp_wildcard_match(matches->pattern, name) || !imp_global_record(matches->pdb, record, &symbol))
		return false;
	return matches_add(matches, &symbol);
}

static bool match_own_data(void *context, const struct imp_symbol *symbol)
{
	struct matches *matches = context;

	return imp_wildcard_match(matches->pattern, symbol->name) && matches_add(matches, symbol);
}

/* By RVA; at one address by name, and what is known best (a size, a type) before the public of that name. */
static int compare_symbols(const void *left, const void *right)
{
	const struct imp_symbol *a = left, *b = right;

	if (a->rva != b->rva)
		return a->rva < b->rva ? -1 : 1;
	int order = strcmp(a->name, b->name);
	if (order)
		return order;
	return (a->kind == IMP_SYMBOL_PUBLIC) - (b->kind == IMP_SYMBOL_PUBLIC);
}

struct imp_error *imp_pdb_each(struct imp_pdb *pdb, const char *pattern, bool (*visit)(void *context, const struct imp_symbol *symbol), void *context)
{
	struct matches matches = { .pdb = pdb, .pattern = pattern };

	imp_gsi_each(pdb, &pdb->globals, match_global, &matches);
	imp_gsi_each(pdb, &pdb->publics, match_public, &matches);
	imp_pdb_module_data_each(pdb, match_own_data, &matches);
	if (matches.no_memory) {
		free(matches.symbols);
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the symbols of %s that match %s", pdb->path, pattern);
	}
	if (matches.count)
		qsort(matches.symbols, matches.count, sizeof(*matches.symbols), compare_symbols);
	for (size_t i = 0; i < matches.count; i++) {
		const struct imp_symbol *symbol = &matches.symbols[i];

		if (i > 0 && symbol->rva == symbol[-1].rva && strcmp(symbol->name, symbol[-1].name) == 0)
			continue;
		if (!visit(context, symbol))
			break;
	}
	free(matches.symbols);
	return imp_watch_stopped() ? imp_watch_stop_error() : NULL;
}
