/* Global symbols (GSI): data with its type, references to the procedures in the modules, typedefs. */
#include "symbols/pdb_file.h"

#include <stdlib.h>

/* Records by offset after the kind: S_GDATA32/S_LDATA32 and those of threads (their place in the image's template), S_PROCREF/S_LPROCREF, S_UDT. */
enum { DATA_TYPE = 0, DATA_OFFSET = 4, DATA_SECTION = 8, DATA_NAME = 10 };
enum { REF_SYMBOL = 4, REF_MODULE = 8, REF_NAME = 10 };
enum { UDT_TYPE = 0, UDT_NAME = 4 };

static bool is_data(const struct imp_record *record)
{
	return record->kind == S_GDATA32 || record->kind == S_LDATA32 || record->kind == S_GTHREAD32 || record->kind == S_LTHREAD32;
}

static bool is_reference(const struct imp_record *record)
{
	return record->kind == S_PROCREF || record->kind == S_LPROCREF;
}

const char *imp_global_name(const struct imp_record *record)
{
	if (is_data(record))
		return imp_span_string(record->data, DATA_NAME);
	return is_reference(record) ? imp_span_string(record->data, REF_NAME) : NULL;
}

bool imp_data_record(const struct imp_pdb *pdb, const struct imp_record *record, struct imp_symbol *symbol)
{
	uint32_t offset;
	uint16_t section;

	*symbol = (struct imp_symbol){ .kind = IMP_SYMBOL_DATA, .name = imp_span_string(record->data, DATA_NAME) };
	return is_data(record) && symbol->name && imp_span_u32(record->data, DATA_TYPE, &symbol->type_index) &&
	       imp_span_u32(record->data, DATA_OFFSET, &offset) && imp_span_u16(record->data, DATA_SECTION, &section) &&
	       imp_section_rva(pdb, section, offset, &symbol->rva);
}

bool imp_global_record(struct imp_pdb *pdb, const struct imp_record *record, struct imp_symbol *symbol)
{
	uint32_t offset;
	uint16_t module;

	if (is_data(record))
		return imp_data_record(pdb, record, symbol);
	/* Modules are counted from 1 here. */
	return is_reference(record) && imp_span_u32(record->data, REF_SYMBOL, &offset) && imp_span_u16(record->data, REF_MODULE, &module) &&
	       module > 0 && imp_pdb_modules_read(pdb) && module <= pdb->module_count &&
	       imp_pdb_module_symbol(pdb, &pdb->modules[module - 1], offset, symbol);
}

struct wanted {
	struct imp_pdb *pdb;
	const char *name;
	struct imp_symbol *symbol;
	uint32_t *type_index;
	bool (*kind)(const struct imp_record *record);
};

static bool is_wanted(void *context, const struct imp_record *record)
{
	struct wanted *wanted = context;
	const char *name = imp_global_name(record);

	return wanted->kind(record) && name && strcmp(name, wanted->name) == 0 && imp_global_record(wanted->pdb, record, wanted->symbol);
}

bool imp_global_find(struct imp_pdb *pdb, const char *name, struct imp_symbol *symbol)
{
	struct wanted wanted = { .pdb = pdb, .name = name, .symbol = symbol, .kind = is_reference };

	/* Functions first: assembler sources declare those of other modules as data. */
	if (imp_gsi_find(pdb, &pdb->globals, name, is_wanted, &wanted))
		return true;
	wanted.kind = is_data;
	return imp_gsi_find(pdb, &pdb->globals, name, is_wanted, &wanted);
}

static bool is_typedef(void *context, const struct imp_record *record)
{
	struct wanted *wanted = context;

	if (record->kind != S_UDT || !imp_span_u32(record->data, UDT_TYPE, wanted->type_index))
		return false;
	const char *name = imp_span_string(record->data, UDT_NAME);
	return name && strcmp(name, wanted->name) == 0;
}

bool imp_global_typedef(struct imp_pdb *pdb, const char *name, uint32_t *type_index)
{
	struct wanted wanted = { .pdb = pdb, .name = name, .type_index = type_index };

	return imp_gsi_find(pdb, &pdb->globals, name, is_typedef, &wanted);
}

struct collected {
	struct imp_pdb *pdb;
	size_t capacity;
};

static bool collect_data(void *context, const struct imp_record *record)
{
	struct collected *collected = context;
	struct imp_pdb *pdb = collected->pdb;
	struct imp_symbol symbol;
	void *data = pdb->data;

	if (!imp_data_record(pdb, record, &symbol))
		return false;
	if (!imp_grow(&data, pdb->data_count, &collected->capacity, sizeof(symbol)))
		return true;
	pdb->data = data;
	pdb->data[pdb->data_count++] = symbol;
	return false;
}

static int compare_rva(const void *left, const void *right)
{
	const struct imp_symbol *a = left, *b = right;

	return (a->rva > b->rva) - (a->rva < b->rva);
}

bool imp_global_data_at(struct imp_pdb *pdb, uint32_t rva, struct imp_symbol *symbol)
{
	struct collected collected = { .pdb = pdb };

	/* Global records have no order by address on disk, unlike publics. */
	if (!pdb->data_read) {
		pdb->data_read = true;
		imp_gsi_each(pdb, &pdb->globals, collect_data, &collected);
		if (pdb->data_count)
			qsort(pdb->data, pdb->data_count, sizeof(*pdb->data), compare_rva);
	}
	return imp_symbol_below(pdb->data, pdb->data_count, rva, symbol);
}
