/* What an image file keeps beside its loaded sections, in the COFF manner: long section names, sections that are not loaded (DWARF), symbols.
 * GNU's linker writes these into images; Microsoft's does not. Source: Microsoft's "PE Format", COFF symbol and string table.
 */
#include "image/pe_image.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
	SYMBOL_SIZE = 18,
	SYMBOL_NAME_SIZE = 8,
	SYMBOL_NAME_OFFSET = 4, /* valid when the first four bytes of the name are zero */
	SYMBOL_VALUE = 8,
	SYMBOL_SECTION = 12,
	SYMBOL_TYPE = 14,
	SYMBOL_STORAGE_CLASS = 16,
	SYMBOL_AUXILIARY_COUNT = 17,
	IMAGE_SYM_DTYPE_FUNCTION = 2, /* in the type's second four bits */
	IMAGE_SYM_CLASS_EXTERNAL = 2,
	IMAGE_SYM_CLASS_STATIC = 3,
	STRING_TABLE_SIZE = 4, /* the string table begins with its own size, which counts these bytes too */
};

struct imp_span imp_pe_bytes(const struct imp_pe *pe)
{
	return pe->memory ? (struct imp_span){ 0 } : pe->bytes;
}

const char *imp_pe_name(const struct imp_pe *pe)
{
	return pe->name;
}

/* The string table stands right behind the symbols. Empty when there is none, or when it does not lie in the file. */
static struct imp_span string_table(const struct imp_pe *pe)
{
	uint64_t at = pe->symbol_table + (uint64_t)pe->symbol_count * SYMBOL_SIZE;
	struct imp_span table = { 0 };
	uint32_t size;

	if (!pe->memory && pe->symbol_table && imp_span_u32(pe->bytes, at, &size) && size >= STRING_TABLE_SIZE)
		imp_span_slice(pe->bytes, at, size, &table);
	return table;
}

const char *imp_pe_section_name(const struct imp_pe *pe, uint32_t index)
{
	const char *name, *text;
	char *end;
	unsigned long offset;

	if (index >= pe->info.section_count)
		return NULL;
	name = pe->sections[index].name;
	if (name[0] != '/')
		return name;
	offset = strtoul(name + 1, &end, 10);
	text = *end || end == name + 1 ? NULL : imp_span_string(string_table(pe), offset);
	return text ? text : name;
}

struct imp_span imp_pe_section_bytes(const struct imp_pe *pe, uint32_t index)
{
	struct imp_span bytes = { 0 };
	const struct imp_pe_section *section;

	if (pe->memory || index >= pe->info.section_count)
		return bytes;
	section = &pe->sections[index];
	imp_span_slice(pe->bytes, section->raw_offset,
		       section->virtual_size && section->virtual_size < section->raw_size ? section->virtual_size : section->raw_size, &bytes);
	return bytes;
}

/* Whether the entry names a place in a section. Those whose name begins with a dot stand for sections and files. */
static bool is_place(const struct imp_pe *pe, const char *name, uint16_t section, uint8_t class)
{
	return (class == IMAGE_SYM_CLASS_EXTERNAL || class == IMAGE_SYM_CLASS_STATIC) && section && section <= pe->info.section_count && *name &&
	       *name != '.';
}

void imp_pe_symbols(const struct imp_pe *pe, bool (*visit)(void *context, const char *name, uint32_t rva, bool is_function), void *context)
{
	struct imp_span symbols, strings = string_table(pe);
	uint64_t size = (uint64_t)pe->symbol_count * SYMBOL_SIZE;

	if (pe->memory || !pe->symbol_table || !imp_span_slice(pe->bytes, pe->symbol_table, size, &symbols))
		return;
	for (uint64_t at = 0; at + SYMBOL_SIZE <= size;) {
		char short_name[SYMBOL_NAME_SIZE + 1] = { 0 };
		const char *name = short_name;
		uint32_t zeros, offset, value, rva;
		uint16_t section, type;
		uint8_t class, auxiliary;

		imp_span_copy(symbols, at, short_name, SYMBOL_NAME_SIZE);
		imp_span_u32(symbols, at, &zeros);
		imp_span_u32(symbols, at + SYMBOL_NAME_OFFSET, &offset);
		imp_span_u32(symbols, at + SYMBOL_VALUE, &value);
		imp_span_u16(symbols, at + SYMBOL_SECTION, &section);
		imp_span_u16(symbols, at + SYMBOL_TYPE, &type);
		imp_span_u8(symbols, at + SYMBOL_STORAGE_CLASS, &class);
		imp_span_u8(symbols, at + SYMBOL_AUXILIARY_COUNT, &auxiliary);
		at += SYMBOL_SIZE * (UINT64_C(1) + auxiliary);
		if (!zeros)
			name = imp_span_string(strings, offset);
		if (!name || !is_place(pe, name, section, class) || __builtin_add_overflow(pe->sections[section - 1].rva, value, &rva) ||
		    rva >= pe->info.size_of_image)
			continue;
		if (!visit(context, name, rva, (type >> 4 & 3) == IMAGE_SYM_DTYPE_FUNCTION))
			return;
	}
}
