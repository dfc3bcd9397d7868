/* Fuzz target: symbols in image files (section names, COFF symbols, DWARF), and the table that the process that reads DWARF hands over, which is
 * whatever that process, if somebody took it over, wants it to be. libdwarf itself runs in that process: what it does there is not a finding.
 */
#include "symbols/dwarf.h"
#include "symbols/dwarf_table.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads the whole of a string that an answer holds. */
static void touch(const char *text)
{
	if (strlen(text) == SIZE_MAX)
		abort();
}

static bool visit(void *context, const struct imp_symbol *symbol)
{
	(void)context;
	touch(symbol->name);
	return true;
}

static void ask_image(struct imp_span bytes)
{
	struct imp_dwarf *dwarf;
	struct imp_pe *image;
	struct imp_symbol symbol;
	struct imp_line line;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_pe_open_bytes("fuzz", bytes, &image);

	if (err)
		return;
	err = imp_dwarf_open(image, &dwarf);
	if (err)
		return;
	for (uint32_t rva = 0; rva < 0x4000; rva += 31) {
		IMP_CLEANUP_ERROR struct imp_error *at_err = imp_dwarf_at(dwarf, rva, &symbol);
		IMP_CLEANUP_ERROR struct imp_error *line_err = imp_dwarf_line(dwarf, rva, &line);

		if (!at_err && symbol.rva > rva)
			abort();
		if (!at_err)
			touch(symbol.name);
		if (!line_err)
			touch(line.file);
	}
	IMP_CLEANUP_ERROR struct imp_error *each_err = imp_dwarf_each(dwarf, "*", visit, NULL);
	IMP_CLEANUP_ERROR struct imp_error *find_err = imp_dwarf_find(dwarf, "helper", &symbol);
	imp_dwarf_close(dwarf);
}

static void ask_table(struct imp_span bytes)
{
	struct imp_dwarf_table table;
	char problem[64];
	IMP_CLEANUP_ERROR struct imp_error *err = imp_dwarf_table_parse(bytes, &table, problem, sizeof(problem));

	if (err || !imp_dwarf_table_sort(&table))
		return;
	for (uint32_t rva = 0; rva < 0x2000; rva += 7) {
		const struct imp_dwarf_symbol *symbol = imp_dwarf_table_symbol_at(&table, rva);
		const struct imp_dwarf_line *line = imp_dwarf_table_line_at(&table, rva);

		if ((symbol && symbol->rva > rva) || (line && line->rva > rva))
			abort();
		if (symbol)
			touch(table.strings + symbol->name);
		if (line && line->file != IMP_DWARF_END_OF_LINES)
			touch(table.strings + line->file);
	}
	imp_dwarf_table_free(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct imp_span bytes = { data, size };

	if (size >= 2 && data[0] == 'M' && data[1] == 'Z')
		ask_image(bytes);
	else
		ask_table(bytes);
	return 0;
}
