/* DWARF 2 to 5 by libdwarf: the functions and the line rows of each compilation unit.
 * Addresses become RVAs; what lies outside of the image (functions that the linker threw away) is left out.
 */
#include "symbols/dwarf_object.h"
#include "symbols/dwarf_read.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	MOST_NAMESPACES = 32, /* nested in each other */
	MOST_ORIGINS = 4,     /* from an instance over its abstract form to its declaration */
	CACHED_FILES = 512,
	NO_STRING = UINT32_MAX,
};

struct reader {
	Dwarf_Debug dwarf;
	struct imp_dwarf_table *table;
	uint64_t base;
	uint32_t size;
	Dwarf_Addr unit_base; /* what the unit's range lists start from */
	char *problem;
	size_t problem_size;
	bool full; /* no memory for more */
};

/* libdwarf's messages have ends of lines in them. */
static void keep_problem(struct reader *reader, const char *message)
{
	size_t length = 0;

	for (; *message && length + 1 < reader->problem_size; message++) {
		bool blank = (unsigned char)*message <= ' ';

		if (!blank || (length && reader->problem[length - 1] != ' '))
			reader->problem[length++] = blank ? ' ' : *message;
	}
	reader->problem[length] = '\0';
}

/* Whether the answer is there. What went wrong is kept, the first time. */
static bool answered(struct reader *reader, int result, Dwarf_Error *error)
{
	if (result == DW_DLV_ERROR && *error) {
		if (!*reader->problem)
			keep_problem(reader, dwarf_errmsg(*error));
		dwarf_dealloc(reader->dwarf, *error, DW_DLA_ERROR);
		*error = NULL;
	}
	return result == DW_DLV_OK;
}

static bool to_rva(const struct reader *reader, Dwarf_Addr address, uint32_t *rva)
{
	if (address <= reader->base || address - reader->base >= reader->size)
		return false;
	*rva = (uint32_t)(address - reader->base);
	return true;
}

/* The DIE that `die` refers to by `attribute`; NULL when there is none. The caller frees it. */
static Dwarf_Die referred(struct reader *reader, Dwarf_Die die, Dwarf_Half attribute)
{
	Dwarf_Attribute reference;
	Dwarf_Error error = NULL;
	Dwarf_Die found = NULL;
	Dwarf_Off offset;

	if (!answered(reader, dwarf_attr(die, attribute, &reference, &error), &error))
		return NULL;
	if (answered(reader, dwarf_global_formref(reference, &offset, &error), &error) &&
	    !answered(reader, dwarf_offdie_b(reader->dwarf, offset, true, &found, &error), &error))
		found = NULL;
	dwarf_dealloc(reader->dwarf, reference, DW_DLA_ATTR);
	return found;
}

/* The name of a function, its own or that of what it is an instance of; NO_STRING when it has none. */
static uint32_t function_name(struct reader *reader, Dwarf_Die die, unsigned hops)
{
	Dwarf_Error error = NULL;
	Dwarf_Die origin;
	uint32_t name = NO_STRING;
	char *text;

	if (answered(reader, dwarf_diename(die, &text, &error), &error)) {
		reader->full |= !imp_dwarf_table_string(reader->table, text, &name);
		return name;
	}
	if (hops == MOST_ORIGINS)
		return name;
	origin = referred(reader, die, DW_AT_abstract_origin);
	if (!origin)
		origin = referred(reader, die, DW_AT_specification);
	if (!origin)
		return name;
	name = function_name(reader, origin, hops + 1);
	dwarf_dealloc(reader->dwarf, origin, DW_DLA_DIE);
	return name;
}

/* A function, or a part of one, at the addresses [low, high). */
struct part {
	Dwarf_Die die;
	uint32_t name;
};

static void add_part(struct reader *reader, struct part *part, Dwarf_Addr low, Dwarf_Addr high)
{
	uint32_t rva;

	if (high <= low || !to_rva(reader, low, &rva))
		return;
	if (high - low > reader->size - rva)
		high = low + (reader->size - rva);
	if (part->name == NO_STRING)
		part->name = function_name(reader, part->die, 0);
	if (part->name != NO_STRING)
		reader->full |= !imp_dwarf_table_symbol(reader->table, rva, (uint32_t)(high - low), part->name);
}

/* .debug_ranges, up to DWARF 4 */
static void add_ranges(struct reader *reader, struct part *part, Dwarf_Off offset)
{
	Dwarf_Addr base = reader->unit_base;
	Dwarf_Error error = NULL;
	Dwarf_Ranges *ranges;
	Dwarf_Signed count;

	if (!answered(reader, dwarf_get_ranges_b(reader->dwarf, offset, part->die, NULL, &ranges, &count, NULL, &error), &error))
		return;
	for (Dwarf_Signed i = 0; i < count && !reader->full; i++) {
		if (ranges[i].dwr_type == DW_RANGES_ADDRESS_SELECTION)
			base = ranges[i].dwr_addr2;
		else if (ranges[i].dwr_type == DW_RANGES_ENTRY)
			add_part(reader, part, base + ranges[i].dwr_addr1, base + ranges[i].dwr_addr2);
	}
	dwarf_ranges_dealloc(reader->dwarf, ranges, count);
}

/* .debug_rnglists, DWARF 5 */
static void add_range_list(struct reader *reader, struct part *part, Dwarf_Attribute attribute, Dwarf_Half form, Dwarf_Off offset)
{
	Dwarf_Error error = NULL;
	Dwarf_Rnglists_Head head;
	Dwarf_Unsigned count, at;

	if (!answered(reader, dwarf_rnglists_get_rle_head(attribute, form, offset, &head, &count, &at, &error), &error))
		return;
	for (Dwarf_Unsigned i = 0; i < count && !reader->full; i++) {
		Dwarf_Unsigned raw_low, raw_high, low, high;
		unsigned length, code;
		Dwarf_Bool unavailable;

		if (!answered(reader,
			      dwarf_get_rnglists_entry_fields_a(head, i, &length, &code, &raw_low, &raw_high, &unavailable, &low, &high, &error),
			      &error))
			break;
		if (!unavailable && code != DW_RLE_end_of_list && code != DW_RLE_base_address && code != DW_RLE_base_addressx)
			add_part(reader, part, low, high);
	}
	dwarf_dealloc_rnglists_head(head);
}

/* A function that the compiler split into parts that lie apart. */
static void add_parts(struct reader *reader, struct part *part)
{
	Dwarf_Half version, offset_size, form;
	Dwarf_Attribute attribute;
	Dwarf_Error error = NULL;
	Dwarf_Off offset;

	if (dwarf_get_version_of_die(part->die, &version, &offset_size) != DW_DLV_OK ||
	    !answered(reader, dwarf_attr(part->die, DW_AT_ranges, &attribute, &error), &error))
		return;
	if (answered(reader, dwarf_whatform(attribute, &form, &error), &error) &&
	    answered(reader,
		     form == DW_FORM_rnglistx ? dwarf_formudata(attribute, &offset, &error) : dwarf_global_formref(attribute, &offset, &error),
		     &error)) {
		if (version >= 5)
			add_range_list(reader, part, attribute, form, offset);
		else
			add_ranges(reader, part, offset);
	}
	dwarf_dealloc(reader->dwarf, attribute, DW_DLA_ATTR);
}

static bool address_range(struct reader *reader, Dwarf_Die die, Dwarf_Addr *low, Dwarf_Addr *high)
{
	enum Dwarf_Form_Class class;
	Dwarf_Error error = NULL;
	Dwarf_Half form;

	if (!answered(reader, dwarf_lowpc(die, low, &error), &error) || !answered(reader, dwarf_highpc_b(die, high, &form, &class, &error), &error))
		return false;
	if (class == DW_FORM_CLASS_CONSTANT)
		*high += *low; /* since DWARF 4 it may be a length */
	return true;
}

static void read_function(struct reader *reader, Dwarf_Die die)
{
	struct part part = { die, NO_STRING };
	Dwarf_Addr low, high;

	if (address_range(reader, die, &low, &high))
		add_part(reader, &part, low, high);
	else
		add_parts(reader, &part);
}

/* The functions among the children of a unit or namespace. Functions within functions (GNU C's) are left to the COFF symbols. */
static void read_children(struct reader *reader, Dwarf_Die parent, unsigned depth)
{
	Dwarf_Error error = NULL;
	Dwarf_Die die, next;

	if (depth > MOST_NAMESPACES || !answered(reader, dwarf_child(parent, &die, &error), &error))
		return;
	for (;;) {
		Dwarf_Half tag = 0;

		if (answered(reader, dwarf_tag(die, &tag, &error), &error)) {
			if (tag == DW_TAG_subprogram)
				read_function(reader, die);
			else if (tag == DW_TAG_namespace)
				read_children(reader, die, depth + 1);
		}
		bool more = !reader->full && answered(reader, dwarf_siblingof_b(reader->dwarf, die, true, &next, &error), &error);
		dwarf_dealloc(reader->dwarf, die, DW_DLA_DIE);
		if (!more)
			return;
		die = next;
	}
}

/* Whether GNU tools made the unit. */
static bool is_gnu(struct reader *reader, Dwarf_Die unit)
{
	Dwarf_Error error = NULL;
	char *producer;

	return answered(reader, dwarf_die_text(unit, DW_AT_producer, &producer, &error), &error) && strncmp(producer, "GNU", 3) == 0;
}

/* The path of file 1 of a DWARF 5 line table. Freed by the caller; NULL when there is none. */
static char *first_file(struct reader *reader, Dwarf_Line_Context context)
{
	Dwarf_Unsigned folder_number, time, length;
	const char *name, *folder;
	Dwarf_Form_Data16 *md5;
	Dwarf_Error error = NULL;
	char *path = NULL;

	if (!answered(reader, dwarf_srclines_files_data_b(context, 1, &name, &folder_number, &time, &length, &md5, &error), &error))
		return NULL;
	if (*name == '/' || folder_number > INT32_MAX ||
	    !answered(reader, dwarf_srclines_include_dir_data(context, (Dwarf_Signed)folder_number, &folder, &error), &error))
		return strdup(name);
	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

/* Before 0.5.0 libdwarf starts each DWARF 5 sequence in file 0, where DWARF says 1, and GNU's assembler counts on that. What libdwarf calls file 0 is
 * file 1, then. Other compilers (clang) name file 0 where they mean it.
 */
static void mend_file_zero(struct reader *reader, Dwarf_Line_Context context, uint32_t files[CACHED_FILES])
{
	char *path = first_file(reader, context);

	if (path)
		reader->full |= !imp_dwarf_table_string(reader->table, path, &files[0]);
	free(path);
}

/* The file of a line, as a string of the table. Files are few and lines many: `files` remembers. */
static uint32_t line_file(struct reader *reader, Dwarf_Line line, uint32_t files[CACHED_FILES])
{
	Dwarf_Unsigned number = 0;
	Dwarf_Error error = NULL;
	uint32_t file = NO_STRING;
	char *text;

	if (!answered(reader, dwarf_line_srcfileno(line, &number, &error), &error))
		return NO_STRING;
	if (number < CACHED_FILES && files[number] != NO_STRING)
		return files[number];
	if (!answered(reader, dwarf_linesrc(line, &text, &error), &error))
		return NO_STRING;
	reader->full |= !imp_dwarf_table_string(reader->table, text, &file);
	dwarf_dealloc(reader->dwarf, text, DW_DLA_STRING);
	if (number < CACHED_FILES)
		files[number] = file;
	return file;
}

/* Ends the rows from number `first` on at `rva`: rows at their own end cover nothing. */
static void end_lines(struct reader *reader, uint32_t first, uint32_t rva)
{
	struct imp_dwarf_table *table = reader->table;

	while (table->line_count > first && table->lines[table->line_count - 1].rva >= rva)
		table->line_count--;
	if (table->line_count > first)
		reader->full |= !imp_dwarf_table_line(table, rva, IMP_DWARF_END_OF_LINES, 0);
}

static void read_rows(struct reader *reader, Dwarf_Line *rows, Dwarf_Signed count, uint32_t files[CACHED_FILES])
{
	uint32_t first = reader->table->line_count;

	for (Dwarf_Signed i = 0; i < count && !reader->full; i++) {
		Dwarf_Unsigned number;
		Dwarf_Error error = NULL;
		Dwarf_Addr address;
		Dwarf_Bool ends;
		uint32_t rva, file;

		if (!answered(reader, dwarf_lineaddr(rows[i], &address, &error), &error) ||
		    !answered(reader, dwarf_lineendsequence(rows[i], &ends, &error), &error) ||
		    !answered(reader, dwarf_lineno(rows[i], &number, &error), &error))
			continue;
		if (ends) {
			end_lines(reader, first, to_rva(reader, address, &rva) ? rva : reader->size);
			first = reader->table->line_count;
		} else if (to_rva(reader, address, &rva) && number <= UINT32_MAX) {
			file = line_file(reader, rows[i], files);
			if (file != NO_STRING)
				reader->full |= !imp_dwarf_table_line(reader->table, rva, file, (uint32_t)number);
		}
	}
}

static void read_lines(struct reader *reader, Dwarf_Die unit)
{
	Dwarf_Line_Context context;
	Dwarf_Unsigned version;
	Dwarf_Small tables;
	Dwarf_Error error = NULL;
	Dwarf_Signed count;
	Dwarf_Line *rows;
	uint32_t files[CACHED_FILES];

	memset(files, 0xff, sizeof(files)); /* NO_STRING each */
	if (!answered(reader, dwarf_srclines_b(unit, &version, &tables, &context, &error), &error))
		return;
	if (tables == 1 && answered(reader, dwarf_srclines_from_linecontext(context, &rows, &count, &error), &error)) {
		if (version >= 5 && is_gnu(reader, unit))
			mend_file_zero(reader, context, files);
		read_rows(reader, rows, count, files);
	}
	dwarf_srclines_dealloc_b(context);
}

static void read_units(struct reader *reader)
{
	Dwarf_Error error = NULL;

	while (!reader->full) {
		Dwarf_Unsigned length, abbreviations, type_offset, next;
		Dwarf_Half version, address_size, length_bytes, extension_bytes, unit_type;
		Dwarf_Sig8 signature;
		Dwarf_Die unit;

		if (!answered(reader,
			      dwarf_next_cu_header_d(reader->dwarf, true, &length, &version, &abbreviations, &address_size, &length_bytes,
						     &extension_bytes, &signature, &type_offset, &next, &unit_type, &error),
			      &error))
			return;
		if (!answered(reader, dwarf_siblingof_b(reader->dwarf, NULL, true, &unit, &error), &error))
			continue;
		if (!answered(reader, dwarf_lowpc(unit, &reader->unit_base, &error), &error))
			reader->unit_base = 0;
		read_children(reader, unit, 0);
		read_lines(reader, unit);
		dwarf_dealloc(reader->dwarf, unit, DW_DLA_DIE);
	}
}

void imp_dwarf_read(const struct imp_pe *image, struct imp_dwarf_table *table, char *problem, size_t size)
{
	const struct imp_pe_info *info = imp_pe_info(image);
	struct imp_dwarf_object object;
	struct reader reader = { .table = table, .base = info->image_base, .size = info->size_of_image, .problem = problem, .problem_size = size };
	Dwarf_Error error = NULL;

	problem[0] = '\0';
	if (answered(&reader, imp_dwarf_object_open(image, &object, &reader.dwarf, &error), &error)) {
		read_units(&reader);
		dwarf_object_finish(reader.dwarf, &error);
	}
	if (reader.full)
		snprintf(problem, size, "out of memory");
}
