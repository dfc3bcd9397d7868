/* Source lines: from an RVA to file and number, by the C13 line tables of the module that contributed the code. Columns and the lines of
 * inlined functions are not read: a call that was inlined shows the line that makes it.
 */
#include "symbols/pdb_file.h"

/* Subsections of a module's C13 part: kind, length, then the data, padded to 4 bytes. */
enum { DEBUG_S_LINES = 0xf2, DEBUG_S_FILECHKSMS = 0xf4, SUBSECTION_HEADER = 8 };
/* DEBUG_S_LINES: a header, then blocks, one a source file. */
enum { LINES_OFFSET = 0, LINES_SECTION = 4, LINES_CODE_BYTES = 8, LINES_HEADER = 12 };
enum { BLOCK_FILE = 0, BLOCK_COUNT = 4, BLOCK_BYTES = 8, BLOCK_HEADER = 12, LINE_ENTRY = 8 };
enum { LINE_NUMBER_MASK = 0xffffff };
/* Numbers that compilers use for code without a line ("hidden", "always step into"). */
enum { LINE_HIDDEN = 0xfeefee, LINE_STEP_INTO = 0xf00f00 };
/* The string table /names: signature, version, size, text. */
enum { NAMES_SIGNATURE = 0xeffeeffeu, NAMES_SIZE = 8, NAMES_TEXT = 12 };

static const char *name_at(struct imp_pdb *pdb, uint32_t offset)
{
	struct imp_span text;
	uint32_t signature, size;

	if (!pdb->names || !imp_stream_u32(pdb->names, 0, &signature) || signature != NAMES_SIGNATURE ||
	    !imp_stream_u32(pdb->names, NAMES_SIZE, &size) || !imp_stream_part(pdb->names, NAMES_TEXT, size, &text))
		return NULL;
	return imp_span_string(text, offset);
}

/* Walks a module's C13 subsections; `at` is the position, 0 to begin. */
static bool next_subsection(struct imp_span c13, uint64_t *at, uint32_t *kind, struct imp_span *data)
{
	uint32_t length;

	if (!imp_span_u32(c13, *at, kind) || !imp_span_u32(c13, *at + 4, &length) || !imp_span_slice(c13, *at + SUBSECTION_HEADER, length, data))
		return false;
	*at = (*at + SUBSECTION_HEADER + length + 3) & ~(uint64_t)3;
	return true;
}

static bool module_c13(struct imp_pdb *pdb, const struct imp_pdb_module *module, struct imp_span *c13)
{
	struct imp_stream *stream = imp_msf_stream(pdb->msf, module->stream);

	return stream && imp_stream_part(stream, (uint64_t)module->symbol_bytes + module->c11_bytes, module->c13_bytes, c13);
}

/* The last line of the block that begins at or before `offset` (from the function's start); UINT32_MAX when none does. */
static uint32_t block_line(struct imp_span block, uint32_t count, uint32_t offset, uint32_t *number)
{
	uint32_t best = UINT32_MAX, start, flags;

	for (uint32_t i = 0; i < count; i++) {
		if (!imp_span_u32(block, BLOCK_HEADER + (uint64_t)i * LINE_ENTRY, &start) ||
		    !imp_span_u32(block, BLOCK_HEADER + (uint64_t)i * LINE_ENTRY + 4, &flags))
			break;
		flags &= LINE_NUMBER_MASK;
		if (start > offset || flags == LINE_HIDDEN || flags == LINE_STEP_INTO || (best != UINT32_MAX && start < best))
			continue;
		best = start;
		*number = flags;
	}
	return best;
}

/* Looks `offset` up in one function's line table; on success `*file` is an offset into the file checksums. */
static bool lines_find(struct imp_span lines, uint32_t offset, uint32_t *file, uint32_t *number, uint32_t *start)
{
	uint64_t at = LINES_HEADER;
	uint32_t block_file, count, bytes, best = UINT32_MAX;

	while (imp_span_u32(lines, at + BLOCK_FILE, &block_file) && imp_span_u32(lines, at + BLOCK_COUNT, &count) &&
	       imp_span_u32(lines, at + BLOCK_BYTES, &bytes) && bytes >= BLOCK_HEADER) {
		struct imp_span block;
		uint32_t candidate;

		if (!imp_span_slice(lines, at, bytes, &block))
			break;
		uint32_t found = block_line(block, count, offset, &candidate);
		if (found != UINT32_MAX && (best == UINT32_MAX || found >= best)) {
			best = found;
			*file = block_file;
			*number = candidate;
		}
		at += bytes;
	}
	*start = best;
	return best != UINT32_MAX;
}

static const char *file_name(struct imp_pdb *pdb, const struct imp_pdb_module *module, uint32_t file)
{
	struct imp_span c13, data;
	uint64_t at = 0;
	uint32_t kind, name = 0;

	if (!module_c13(pdb, module, &c13))
		return NULL;
	while (next_subsection(c13, &at, &kind, &data))
		if (kind == DEBUG_S_FILECHKSMS)
			return imp_span_u32(data, file, &name) ? name_at(pdb, name) : NULL;
	return NULL;
}

static bool module_line(struct imp_pdb *pdb, const struct imp_pdb_module *module, uint16_t section, uint32_t offset, struct imp_line *line)
{
	struct imp_span c13, data;
	uint64_t at = 0;
	uint32_t kind, begin, bytes, file = 0, start = 0;
	uint16_t lines_section;

	if (!module_c13(pdb, module, &c13))
		return false;
	while (next_subsection(c13, &at, &kind, &data)) {
		if (kind != DEBUG_S_LINES || !imp_span_u32(data, LINES_OFFSET, &begin) || !imp_span_u16(data, LINES_SECTION, &lines_section) ||
		    !imp_span_u32(data, LINES_CODE_BYTES, &bytes))
			continue;
		if (lines_section != section || offset < begin || offset - begin >= bytes)
			continue;
		if (!lines_find(data, offset - begin, &file, &line->number, &start))
			continue;
		line->file = file_name(pdb, module, file);
		return line->file && imp_section_rva(pdb, section, begin + start, &line->rva);
	}
	return false;
}

struct imp_error *imp_pdb_line(struct imp_pdb *pdb, uint32_t rva, struct imp_line *line)
{
	struct imp_pdb_module *module;
	uint32_t offset;
	uint16_t section;

	if (imp_section_locate(pdb, rva, &section, &offset)) {
		module = imp_pdb_module_at(pdb, section, offset);
		if (module && module_line(pdb, module, section, offset, line))
			return NULL;
	}
	return imp_error_new(IMP_ERROR_NOT_FOUND, "%s has no source line for RVA 0x%x", pdb->path, rva);
}
