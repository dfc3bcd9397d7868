/* The DBI stream: its header, and where its parts and the streams that it names are. What is in them is modules.c's, sections.c's,
 * publics.c's and globals.c's question.
 */
#include "symbols/pdb_file.h"

/* The header (NewDBIHdr), by offset. */
enum {
	DBI_SIGNATURE = 0,
	DBI_AGE = 8,
	DBI_GLOBALS = 12,
	DBI_PUBLICS = 16,
	DBI_RECORDS = 20,
	DBI_FLAGS = 56,
	DBI_HEADER_SIZE = 64,
};
enum { FLAG_STRIPPED = 2 }; /* the linker's /PDBSTRIPPED, pdbcopy -p */
/* Parts in the order in which they follow the header, and where the header has their sizes. */
enum { PART_MODULES, PART_CONTRIBUTIONS, PART_SECTION_MAP, PART_SOURCES, PART_TYPE_SERVERS, PART_EDIT, PART_DEBUG, PART_COUNT };
static const uint8_t part_size_at[PART_COUNT] = { 24, 28, 32, 36, 40, 52, 48 };
/* Entries of the optional debug header: stream numbers, 2 bytes each. */
enum { DEBUG_OMAP_TO_SOURCE = 3, DEBUG_OMAP_FROM_SOURCE = 4, DEBUG_SECTIONS = 5, DEBUG_ORIGINAL_SECTIONS = 10 };
enum { OMAP_ENTRY = 8 };

static struct imp_stream *debug_stream(const struct imp_pdb *pdb, struct imp_span header, unsigned entry)
{
	uint16_t number;

	return imp_span_u16(header, (uint64_t)entry * 2, &number) ? imp_msf_stream(pdb->msf, number) : NULL;
}

static struct imp_omap omap_open(struct imp_stream *stream)
{
	return stream ? (struct imp_omap){ stream, imp_stream_size(stream) / OMAP_ENTRY } : (struct imp_omap){ 0 };
}

static struct imp_stream *header_stream(const struct imp_pdb *pdb, struct imp_span header, unsigned offset)
{
	uint16_t number = IMP_NO_STREAM;

	imp_span_u16(header, offset, &number);
	return imp_msf_stream(pdb->msf, number);
}

struct imp_error *imp_dbi_open(struct imp_pdb *pdb)
{
	struct imp_stream *stream = imp_msf_stream(pdb->msf, IMP_STREAM_DBI), *globals;
	struct imp_span header, debug;
	struct imp_error *err;
	uint32_t signature, offsets[PART_COUNT], sizes[PART_COUNT];
	uint64_t at = DBI_HEADER_SIZE;

	if (!stream || imp_stream_size(stream) == 0)
		return NULL; /* a PDB of types only has no DBI stream */
	if (!imp_stream_part(stream, 0, DBI_HEADER_SIZE, &header) || !imp_span_u32(header, DBI_SIGNATURE, &signature) || signature != UINT32_MAX)
		return imp_error_new(IMP_ERROR_FORMAT, "%s: its DBI stream does not begin with a DBI header", pdb->path);
	pdb->dbi = stream;
	imp_span_u32(header, DBI_AGE, &pdb->age);
	for (unsigned part = 0; part < PART_COUNT; part++) {
		imp_span_u32(header, part_size_at[part], &sizes[part]);
		if (at + sizes[part] > imp_stream_size(stream))
			return imp_error_new(IMP_ERROR_FORMAT, "%s: part %u of its DBI stream runs past the stream's end", pdb->path, part);
		offsets[part] = (uint32_t)at;
		at += sizes[part];
	}
	pdb->modules_offset = offsets[PART_MODULES];
	pdb->modules_size = sizes[PART_MODULES];
	pdb->contributions_offset = offsets[PART_CONTRIBUTIONS];
	pdb->contributions_size = sizes[PART_CONTRIBUTIONS];

	if (!imp_stream_part(stream, offsets[PART_DEBUG], sizes[PART_DEBUG], &debug))
		return imp_error_new(IMP_ERROR_FORMAT, "%s: the list of debug streams in its DBI stream cannot be read", pdb->path);
	pdb->to_original = omap_open(debug_stream(pdb, debug, DEBUG_OMAP_TO_SOURCE));
	pdb->from_original = omap_open(debug_stream(pdb, debug, DEBUG_OMAP_FROM_SOURCE));
	err = imp_sections_open(pdb, debug_stream(pdb, debug, DEBUG_SECTIONS), debug_stream(pdb, debug, DEBUG_ORIGINAL_SECTIONS));
	if (err)
		return err;

	pdb->records = header_stream(pdb, header, DBI_RECORDS);
	globals = header_stream(pdb, header, DBI_GLOBALS);
	if (globals && !imp_gsi_open(&pdb->globals, globals, 0, imp_stream_size(globals)))
		return imp_error_new(IMP_ERROR_FORMAT, "%s: the hash table of its global symbols is damaged", pdb->path);
	return imp_publics_open(pdb, header_stream(pdb, header, DBI_PUBLICS));
}

bool imp_pdb_has_private(const struct imp_pdb *pdb)
{
	uint16_t flags;

	return pdb->dbi && imp_stream_u16(pdb->dbi, DBI_FLAGS, &flags) && !(flags & FLAG_STRIPPED);
}
