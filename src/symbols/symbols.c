/* Symbols of either kind: see symbols.h. */
#include "symbols/symbols.h"

static struct imp_error *none(void)
{
	return imp_error_new(IMP_ERROR_NOT_FOUND, "the module has no symbols");
}

const char *imp_symbols_kind(const struct imp_symbols *symbols)
{
	if (symbols->pdb)
		return imp_pdb_kind(symbols->pdb);
	if (symbols->dwarf)
		return imp_dwarf_has_functions(symbols->dwarf) ? "dwarf" : "coff";
	return NULL;
}

const char *imp_symbols_path(const struct imp_symbols *symbols)
{
	if (symbols->pdb)
		return imp_pdb_path(symbols->pdb);
	return symbols->dwarf ? imp_dwarf_path(symbols->dwarf) : NULL;
}

struct imp_error *imp_symbols_find(const struct imp_symbols *symbols, const char *name, struct imp_symbol *symbol)
{
	if (symbols->pdb)
		return imp_pdb_find(symbols->pdb, name, symbol);
	return symbols->dwarf ? imp_dwarf_find(symbols->dwarf, name, symbol) : none();
}

struct imp_error *imp_symbols_at(const struct imp_symbols *symbols, uint32_t rva, struct imp_symbol *symbol)
{
	if (symbols->pdb)
		return imp_pdb_at(symbols->pdb, rva, symbol);
	return symbols->dwarf ? imp_dwarf_at(symbols->dwarf, rva, symbol) : none();
}

struct imp_error *imp_symbols_each(const struct imp_symbols *symbols, const char *pattern,
				   bool (*visit)(void *context, const struct imp_symbol *symbol), void *context)
{
	if (symbols->pdb)
		return imp_pdb_each(symbols->pdb, pattern, visit, context);
	return symbols->dwarf ? imp_dwarf_each(symbols->dwarf, pattern, visit, context) : none();
}

struct imp_error *imp_symbols_line(const struct imp_symbols *symbols, uint32_t rva, struct imp_line *line)
{
	if (symbols->pdb)
		return imp_pdb_line(symbols->pdb, rva, line);
	return symbols->dwarf ? imp_dwarf_line(symbols->dwarf, rva, line) : none();
}
