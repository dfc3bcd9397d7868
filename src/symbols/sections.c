/* SECTION:OFFSET, as symbol records write addresses, to RVA and back. Images that were rearranged after linking have OMAP tables, which lead
 * from the addresses of the original layout to the final ones.
 */
#include "symbols/pdb_file.h"

#include <stdlib.h>

/* IMAGE_SECTION_HEADER, by offset. */
enum { SECTION_VIRTUAL_SIZE = 8, SECTION_RVA = 12, SECTION_CHARACTERISTICS = 36, SECTION_HEADER_SIZE = 40 };
enum { IMAGE_SCN_MEM_EXECUTE = 0x20000000 };
enum { OMAP_ENTRY = 8 }; /* RVA, RVA that it became (0: removed) */

static struct imp_error *read_sections(const struct imp_pdb *pdb, struct imp_stream *stream, struct imp_section **sections, uint32_t *count)
{
	struct imp_span headers;

	if (!stream || imp_stream_size(stream) < SECTION_HEADER_SIZE)
		return NULL;
	if (!imp_stream_part(stream, 0, imp_stream_size(stream), &headers))
		return imp_error_new(IMP_ERROR_FORMAT, "%s: its section headers lie outside the file", pdb->path);
	*count = imp_stream_size(stream) / SECTION_HEADER_SIZE;
	*sections = calloc(*count, sizeof(**sections));
	if (!*sections)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the section headers of %s", pdb->path);
	for (uint32_t i = 0; i < *count; i++) {
		uint64_t at = (uint64_t)i * SECTION_HEADER_SIZE;
		uint32_t characteristics = 0;

		imp_span_u32(headers, at + SECTION_RVA, &(*sections)[i].rva);
		imp_span_u32(headers, at + SECTION_VIRTUAL_SIZE, &(*sections)[i].size);
		imp_span_u32(headers, at + SECTION_CHARACTERISTICS, &characteristics);
		(*sections)[i].executable = (characteristics & IMAGE_SCN_MEM_EXECUTE) != 0;
	}
	return NULL;
}

struct imp_error *imp_sections_open(struct imp_pdb *pdb, struct imp_stream *current, struct imp_stream *original)
{
	struct imp_error *err = read_sections(pdb, current, &pdb->sections, &pdb->section_count);

	if (!err && pdb->from_original.count)
		err = read_sections(pdb, original, &pdb->original_sections, &pdb->original_section_count);
	return err;
}

static bool omap_translate(const struct imp_omap *omap, uint32_t from, uint32_t *to)
{
	uint32_t low = 0, high = omap->count, start, becomes;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (!imp_stream_u32(omap->stream, (uint64_t)middle * OMAP_ENTRY, &start))
			return false;
		if (start <= from)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || !imp_stream_u32(omap->stream, (uint64_t)(low - 1) * OMAP_ENTRY, &start) ||
	    !imp_stream_u32(omap->stream, (uint64_t)(low - 1) * OMAP_ENTRY + 4, &becomes) || becomes == 0)
		return false;
	*to = becomes + (from - start);
	return true;
}

bool imp_section_rva(const struct imp_pdb *pdb, uint16_t section, uint32_t offset, uint32_t *rva)
{
	const struct imp_section *sections = pdb->original_sections ? pdb->original_sections : pdb->sections;
	uint32_t count = pdb->original_sections ? pdb->original_section_count : pdb->section_count;

	if (section == 0 || section > count || offset > UINT32_MAX - sections[section - 1].rva)
		return false;
	*rva = sections[section - 1].rva + offset;
	return !pdb->original_sections || omap_translate(&pdb->from_original, *rva, rva);
}

bool imp_section_locate(const struct imp_pdb *pdb, uint32_t rva, uint16_t *section, uint32_t *offset)
{
	const struct imp_section *sections = pdb->original_sections ? pdb->original_sections : pdb->sections;
	uint32_t count = pdb->original_sections ? pdb->original_section_count : pdb->section_count;

	if (pdb->original_sections && !omap_translate(&pdb->to_original, rva, &rva))
		return false;
	for (uint32_t i = 0; i < count && i < UINT16_MAX; i++) {
		if (rva < sections[i].rva || rva - sections[i].rva >= sections[i].size)
			continue;
		*section = (uint16_t)(i + 1);
		*offset = rva - sections[i].rva;
		return true;
	}
	return false;
}

const struct imp_section *imp_section_of(const struct imp_pdb *pdb, uint32_t rva)
{
	for (uint32_t i = 0; i < pdb->section_count; i++)
		if (rva >= pdb->sections[i].rva && rva - pdb->sections[i].rva < pdb->sections[i].size)
			return &pdb->sections[i];
	return NULL;
}
