/* A module's own symbols: functions with their sizes, thunks, labels and data. A module's stream is read when a question leads to it. */
#include "base/watch.h"
#include "symbols/pdb_file.h"

#include <stdlib.h>

/* A module's stream begins with a signature; the substreams follow it. */
enum { MODULE_SIGNATURE_BYTES = 4, CV_SIGNATURE_C13 = 4 };

/* Where a kind of record has its fields, by offset after the kind. */
struct code_record {
	uint16_t kind;
	uint8_t end;                    /* offset, in the module's stream, of the S_END record; 0: the record opens no scope */
	uint8_t size, size_bytes, type; /* 0: it has none */
	uint8_t offset, section, name;
};
static const struct code_record code_records[] = {
	{ .kind = S_GPROC32, .end = 4, .size = 12, .size_bytes = 4, .type = 24, .offset = 28, .section = 32, .name = 35 },
	{ .kind = S_LPROC32, .end = 4, .size = 12, .size_bytes = 4, .type = 24, .offset = 28, .section = 32, .name = 35 },
	{ .kind = S_LPROC32_DPC, .end = 4, .size = 12, .size_bytes = 4, .type = 24, .offset = 28, .section = 32, .name = 35 },
	/* The type of these is an index into another stream, IPI. */
	{ .kind = S_GPROC32_ID, .end = 4, .size = 12, .size_bytes = 4, .offset = 28, .section = 32, .name = 35 },
	{ .kind = S_LPROC32_ID, .end = 4, .size = 12, .size_bytes = 4, .offset = 28, .section = 32, .name = 35 },
	{ .kind = S_LPROC32_DPC_ID, .end = 4, .size = 12, .size_bytes = 4, .offset = 28, .section = 32, .name = 35 },
	{ .kind = S_THUNK32, .end = 4, .offset = 12, .section = 16, .size = 18, .size_bytes = 2, .name = 21 },
	{ .kind = S_LABEL32, .offset = 0, .section = 4, .name = 7 },
};

static const struct code_record *code_record(uint16_t kind)
{
	for (size_t i = 0; i < sizeof(code_records) / sizeof(*code_records); i++)
		if (code_records[i].kind == kind)
			return &code_records[i];
	return NULL;
}

static bool read_symbol(const struct imp_pdb *pdb, const struct imp_record *record, const struct code_record *layout, struct imp_symbol *symbol)
{
	uint32_t offset;
	uint16_t section, short_size;

	*symbol = (struct imp_symbol){ .kind = IMP_SYMBOL_FUNCTION, .name = imp_span_string(record->data, layout->name) };
	if (layout->size_bytes == 4)
		imp_span_u32(record->data, layout->size, &symbol->size);
	else if (layout->size_bytes == 2 && imp_span_u16(record->data, layout->size, &short_size))
		symbol->size = short_size;
	if (layout->type)
		imp_span_u32(record->data, layout->type, &symbol->type_index);
	return symbol->name && imp_span_u32(record->data, layout->offset, &offset) && imp_span_u16(record->data, layout->section, &section) &&
	       imp_section_rva(pdb, section, offset, &symbol->rva);
}

bool imp_pdb_module_symbol(struct imp_pdb *pdb, const struct imp_pdb_module *module, uint32_t offset, struct imp_symbol *symbol)
{
	struct imp_stream *stream = imp_msf_stream(pdb->msf, module->stream);
	const struct code_record *layout;
	struct imp_record record;

	if (!stream || !imp_record_at(stream, offset, module->symbol_bytes, &record))
		return false;
	layout = code_record(record.kind);
	return layout && read_symbol(pdb, &record, layout, symbol);
}

static int compare_rva(const void *left, const void *right)
{
	const struct imp_symbol *a = left, *b = right;

	if (a->rva != b->rva)
		return a->rva < b->rva ? -1 : 1;
	/* At one address the sized one (a function) comes last, which is where look-up ends. */
	return (a->size > b->size) - (a->size < b->size);
}

/* Reads a record of code, and moves behind what stands inside of its function: locals, blocks, labels. */
static bool read_code(const struct imp_pdb *pdb, const struct imp_record *record, struct imp_symbol *symbol, uint64_t *next)
{
	const struct code_record *layout = code_record(record->kind);
	uint32_t end;

	if (!layout)
		return false;
	if (layout->end && imp_span_u32(record->data, layout->end, &end) && end > *next)
		*next = end;
	return read_symbol(pdb, record, layout, symbol);
}

/* Reads a record of data, those that are static in a function too. Assemblers leave some without a name. */
static bool read_data(const struct imp_pdb *pdb, const struct imp_record *record, struct imp_symbol *symbol, uint64_t *next)
{
	(void)next;
	return imp_data_record(pdb, record, symbol) && *symbol->name;
}

typedef bool (*record_reader)(const struct imp_pdb *pdb, const struct imp_record *record, struct imp_symbol *symbol, uint64_t *next);

static void make_list(struct imp_pdb *pdb, const struct imp_pdb_module *module, record_reader read, struct imp_module_symbols *list)
{
	struct imp_stream *stream = imp_msf_stream(pdb->msf, module->stream);
	uint64_t at = MODULE_SIGNATURE_BYTES;
	size_t capacity = 0;
	struct imp_record record;
	struct imp_symbol symbol;
	uint32_t signature;

	if (!stream || !imp_stream_u32(stream, 0, &signature) || signature != CV_SIGNATURE_C13)
		return;
	while (imp_record_at(stream, at, module->symbol_bytes, &record)) {
		void *symbols = list->symbols;

		at = record.next;
		if (!read(pdb, &record, &symbol, &at))
			continue;
		if (!imp_grow(&symbols, list->count, &capacity, sizeof(symbol)))
			break;
		list->symbols = symbols;
		list->symbols[list->count++] = symbol;
	}
	if (list->count)
		qsort(list->symbols, list->count, sizeof(symbol), compare_rva);
}

static const struct imp_module_symbols *made_list(struct imp_pdb *pdb, const struct imp_pdb_module *module, record_reader read,
						  struct imp_module_symbols *list)
{
	if (!list->made) {
		list->made = true;
		make_list(pdb, module, read, list);
	}
	return list;
}

bool imp_pdb_module_symbol_at(struct imp_pdb *pdb, struct imp_pdb_module *module, uint32_t rva, struct imp_symbol *symbol)
{
	const struct imp_module_symbols *list = made_list(pdb, module, read_code, &module->code);

	return imp_symbol_below(list->symbols, list->count, rva, symbol);
}

bool imp_pdb_module_data_at(struct imp_pdb *pdb, struct imp_pdb_module *module, uint32_t rva, struct imp_symbol *symbol)
{
	const struct imp_module_symbols *list = made_list(pdb, module, read_data, &module->data);

	return imp_symbol_below(list->symbols, list->count, rva, symbol);
}

bool imp_pdb_module_data_each(struct imp_pdb *pdb, bool (*visit)(void *context, const struct imp_symbol *symbol), void *context)
{
	/* Modules' streams do not overlap; in a file that says otherwise not more is read than it can hold. */
	uint64_t left = imp_msf_size(pdb->msf);

	imp_pdb_modules_read(pdb);
	for (uint32_t i = 0; i < pdb->module_count && pdb->modules[i].symbol_bytes <= left && !imp_watch_stopped(); i++) {
		left -= pdb->modules[i].symbol_bytes;
		const struct imp_module_symbols *list = made_list(pdb, &pdb->modules[i], read_data, &pdb->modules[i].data);

		for (size_t j = 0; j < list->count; j++)
			if (visit(context, &list->symbols[j]))
				return true;
	}
	return false;
}
