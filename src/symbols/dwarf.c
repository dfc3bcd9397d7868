/* Symbols in the image file: see dwarf.h. The names of functions come first; the COFF symbols fill the places between them (thunks, assembly, data). */
#include "symbols/dwarf.h"

#include "symbols/dwarf_read.h"
#include "symbols/wildcard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct imp_dwarf {
	struct imp_pe *image;
	struct imp_dwarf_table functions; /* and lines: DWARF's */
	struct imp_dwarf_table places;    /* COFF's */
	char *problem;
	struct imp_pdb *types; /* NULL until somebody asks */
};

struct place_sink {
	struct imp_dwarf_table *places;
	bool functions;
};

static bool add_place(void *context, const char *name, uint32_t rva, bool is_function)
{
	const struct place_sink *sink = context;
	uint32_t offset;

	if (is_function != sink->functions)
		return true;
	return imp_dwarf_table_string(sink->places, name, &offset) && imp_dwarf_table_symbol(sink->places, rva, 0, offset);
}

/* Of several symbols at one address the last added is the name that people see: functions go before the linker's marks. */
static void read_places(struct imp_dwarf *dwarf)
{
	struct place_sink marks = { &dwarf->places, false }, functions = { &dwarf->places, true };

	imp_pe_symbols(dwarf->image, add_place, &marks);
	imp_pe_symbols(dwarf->image, add_place, &functions);
}

/* What cannot be read of the DWARF is kept as a sentence: the COFF symbols may do. */
static void read_functions(struct imp_dwarf *dwarf)
{
	char stopped[160] = "";
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	if (!imp_dwarf_present(dwarf->image))
		return;
	err = imp_dwarf_read_apart(dwarf->image, &dwarf->functions, stopped, sizeof(stopped));
	if (err)
		snprintf(stopped, sizeof(stopped), "%s", imp_error_message(err));
	if (*stopped && asprintf(&dwarf->problem, "the DWARF of %s cannot be read %s: %s", imp_pe_name(dwarf->image),
				 dwarf->functions.symbol_count ? "as a whole" : "at all", stopped) < 0)
		dwarf->problem = NULL;
}

struct imp_error *imp_dwarf_open(struct imp_pe *image, struct imp_dwarf **result)
{
	struct imp_dwarf *dwarf = calloc(1, sizeof(*dwarf));
	struct imp_error *err = NULL;

	*result = NULL;
	if (!dwarf) {
		imp_pe_close(image);
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for symbols");
	}
	dwarf->image = image;
	read_functions(dwarf);
	read_places(dwarf);
	if (!imp_dwarf_table_sort(&dwarf->functions) || !imp_dwarf_table_sort(&dwarf->places))
		err = imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the symbols of %s", imp_pe_name(image));
	else if (!dwarf->functions.symbol_count && !dwarf->functions.line_count && !dwarf->places.symbol_count)
		err = dwarf->problem ? imp_error_new(IMP_ERROR_FORMAT, "%s", dwarf->problem)
				     : imp_error_new(IMP_ERROR_NOT_FOUND, "%s has neither DWARF nor COFF symbols", imp_pe_name(image));
	if (err) {
		imp_dwarf_close(dwarf);
		return err;
	}
	*result = dwarf;
	return NULL;
}

void imp_dwarf_close(struct imp_dwarf *dwarf)
{
	if (!dwarf)
		return;
	imp_dwarf_table_free(&dwarf->functions);
	imp_dwarf_table_free(&dwarf->places);
	imp_pdb_close(dwarf->types);
	imp_pe_close(dwarf->image);
	free(dwarf->problem);
	free(dwarf);
}

const char *imp_dwarf_path(const struct imp_dwarf *dwarf)
{
	return imp_pe_name(dwarf->image);
}

bool imp_dwarf_has_functions(const struct imp_dwarf *dwarf)
{
	return dwarf->functions.symbol_count;
}

struct imp_error *imp_dwarf_types(struct imp_dwarf *dwarf, struct imp_pdb **pdb)
{
	struct imp_error *err = NULL;

	if (!imp_dwarf_present(dwarf->image))
		return imp_error_new(IMP_ERROR_NOT_FOUND, "%s has COFF symbols only, which have no types", imp_pe_name(dwarf->image));
	if (!dwarf->types)
		err = imp_dwarf_types_apart(dwarf->image, &dwarf->types);
	*pdb = dwarf->types;
	return imp_error_context(err, "the types in the DWARF of %s cannot be read", imp_pe_name(dwarf->image));
}

const char *imp_dwarf_problem(const struct imp_dwarf *dwarf)
{
	return dwarf->problem;
}

static struct imp_symbol answer(const struct imp_dwarf *dwarf, const struct imp_dwarf_table *table, const struct imp_dwarf_symbol *symbol)
{
	return (struct imp_symbol){ .name = table->strings + symbol->name,
				    .rva = symbol->rva,
				    .size = symbol->size,
				    .kind = table == &dwarf->functions ? IMP_SYMBOL_FUNCTION : IMP_SYMBOL_PUBLIC };
}

struct imp_error *imp_dwarf_find(struct imp_dwarf *dwarf, const char *name, struct imp_symbol *symbol)
{
	const struct imp_dwarf_table *const tables[] = { &dwarf->functions, &dwarf->places };

	for (unsigned t = 0; t < 2; t++) {
		for (uint32_t i = 0; i < tables[t]->symbol_count; i++) {
			if (strcmp(tables[t]->strings + tables[t]->symbols[i].name, name) != 0)
				continue;
			*symbol = answer(dwarf, tables[t], &tables[t]->symbols[i]);
			return NULL;
		}
	}
	return imp_error_new(IMP_ERROR_NOT_FOUND, "%s has no symbol %s", imp_dwarf_path(dwarf), name);
}

static bool in_one_section(const struct imp_dwarf *dwarf, uint32_t one, uint32_t other)
{
	struct imp_pe_section section;

	for (uint32_t i = 0; imp_pe_section(dwarf->image, i, &section); i++) {
		uint32_t size = section.virtual_size ? section.virtual_size : section.raw_size;

		if (one - section.rva < size)
			return other - section.rva < size;
	}
	return false;
}

struct imp_error *imp_dwarf_at(struct imp_dwarf *dwarf, uint32_t rva, struct imp_symbol *symbol)
{
	const struct imp_dwarf_symbol *function = imp_dwarf_table_symbol_at(&dwarf->functions, rva);
	const struct imp_dwarf_symbol *place = imp_dwarf_table_symbol_at(&dwarf->places, rva);
	bool inside = function && rva - function->rva < function->size;

	if (function && (inside || !place || place->rva <= function->rva))
		*symbol = answer(dwarf, &dwarf->functions, function);
	else if (place)
		*symbol = answer(dwarf, &dwarf->places, place);
	else
		return imp_error_new(IMP_ERROR_NOT_FOUND, "%s has no symbol at or below 0x%" PRIx32, imp_dwarf_path(dwarf), rva);
	if (inside || in_one_section(dwarf, rva, symbol->rva))
		return NULL;
	return imp_error_new(IMP_ERROR_NOT_FOUND, "%s has no symbol at or below 0x%" PRIx32 " in the same section", imp_dwarf_path(dwarf), rva);
}

struct imp_error *imp_dwarf_each(struct imp_dwarf *dwarf, const char *pattern, bool (*visit)(void *context, const struct imp_symbol *symbol),
				 void *context)
{
	const struct imp_dwarf_table *functions = &dwarf->functions, *places = &dwarf->places;
	uint32_t f = 0, p = 0;

	while (f < functions->symbol_count || p < places->symbol_count) {
		bool is_function = p == places->symbol_count || (f < functions->symbol_count && functions->symbols[f].rva <= places->symbols[p].rva);
		struct imp_symbol symbol =
			is_function ? answer(dwarf, functions, &functions->symbols[f]) : answer(dwarf, places, &places->symbols[p]);
		bool again = !is_function && f && functions->symbols[f - 1].rva == symbol.rva; /* the function's own COFF symbol */

		f += is_function;
		p += !is_function;
		if (!again && imp_wildcard_match(pattern, symbol.name) && !visit(context, &symbol))
			break;
	}
	return NULL;
}

struct imp_error *imp_dwarf_line(struct imp_dwarf *dwarf, uint32_t rva, struct imp_line *line)
{
	const struct imp_dwarf_line *row = imp_dwarf_table_line_at(&dwarf->functions, rva);

	if (!row || row->file == IMP_DWARF_END_OF_LINES || !row->number)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "%s has no source line for 0x%" PRIx32, imp_dwarf_path(dwarf), rva);
	*line = (struct imp_line){ .file = dwarf->functions.strings + row->file, .number = row->number, .rva = row->rva };
	return NULL;
}
