/* What the files of src/symbols share: the open PDB and its parts. Other layers use pdb.h (symbols, lines) and tpi.h (type records).
 * Format: Microsoft's published microsoft-pdb sources (langapi/include/cvinfo.h, PDB/dbi), LLVM's "The PDB File Format".
 */
#ifndef IMP_SYMBOLS_PDB_FILE_H
#define IMP_SYMBOLS_PDB_FILE_H

#include "symbols/msf.h"
#include "symbols/pdb.h"

/* CodeView symbol records that are read here (cvinfo.h's names). */
enum {
	S_THUNK32 = 0x1102,
	S_LABEL32 = 0x1105,
	S_UDT = 0x1108,
	S_LDATA32 = 0x110c,
	S_GDATA32 = 0x110d,
	S_PUB32 = 0x110e,
	S_LPROC32 = 0x110f,
	S_GPROC32 = 0x1110,
	S_LTHREAD32 = 0x1112,
	S_GTHREAD32 = 0x1113,
	S_PROCREF = 0x1125,
	S_LPROCREF = 0x1127,
	S_LPROC32_ID = 0x1146,
	S_GPROC32_ID = 0x1147,
	S_LPROC32_DPC = 0x1155,
	S_LPROC32_DPC_ID = 0x1156,
};

enum { IMP_STREAM_PDB = 1, IMP_STREAM_TPI = 2, IMP_STREAM_DBI = 3, IMP_NO_STREAM = 0xffff };

/* The type stream's header, by offset, and what it leads to. */
enum {
	IMP_TPI_VERSION = 0,
	IMP_TPI_HEADER_BYTES = 4,
	IMP_TPI_BEGIN = 8,
	IMP_TPI_END = 12,
	IMP_TPI_RECORD_BYTES = 16,
	IMP_TPI_HASH_STREAM = 20,
	IMP_TPI_HASH_KEY_BYTES = 24,
	IMP_TPI_BUCKETS = 28,
	IMP_TPI_HASHES_OFFSET = 32,
	IMP_TPI_HASHES_BYTES = 36,
	IMP_TPI_ANCHORS_OFFSET = 40,
	IMP_TPI_ANCHORS_BYTES = 44,
	IMP_TPI_HEADER_SIZE = 56,
};
enum { IMP_TPI_VERSION_V80 = 20040203, IMP_TPI_ANCHOR = 8 /* index, offset of its record */ };
/* Numeric leaves (cvinfo.h): smaller values stand for themselves. */
enum { LF_NUMERIC = 0x8000, LF_CHAR = 0x8000, LF_SHORT, LF_USHORT, LF_LONG, LF_ULONG, LF_QUADWORD = 0x8009, LF_UQUADWORD = 0x800a };
/* Property bits of a tag record. */
enum { PROPERTY_FORWARD = 0x80, PROPERTY_SCOPED = 0x100, PROPERTY_UNIQUE_NAME = 0x200 };

/* The header of a hash of symbols (GSI), by offset, its records, and the table: 4097 buckets, of which only the used ones are stored; a bit vector
 * says which. Bucket starts are written as offsets into an array of the linker's own 12-byte records.
 */
enum { IMP_GSI_AT_SIGNATURE = 0, IMP_GSI_AT_VERSION = 4, IMP_GSI_AT_RECORD_BYTES = 8, IMP_GSI_AT_BUCKET_BYTES = 12, IMP_GSI_HEADER_SIZE = 16 };
enum { IMP_GSI_VERSION = 0xeffe0000u + 19990810u, IMP_GSI_RECORD = 8, IMP_GSI_LINKER_RECORD = 12 };
enum { IMP_GSI_BUCKETS = 4096, IMP_GSI_BITMAP_WORDS = (IMP_GSI_BUCKETS + 1 + 31) / 32, IMP_GSI_BITMAP_BYTES = IMP_GSI_BITMAP_WORDS * 4 };
/* The header before the hash of public symbols (PSGSIHDR), by offset; S_PUB32, by offset after the kind. */
enum { IMP_PUBLICS_HASH_BYTES = 0, IMP_PUBLICS_ADDRESS_BYTES = 4, IMP_PUBLICS_HEADER_SIZE = 28 };
enum { IMP_PUB_OFFSET = 4, IMP_PUB_SECTION = 8, IMP_PUB_NAME = 10 };

/* One symbol or type record: kind, the bytes after the kind, and how far the next record is. */
struct imp_record {
	uint16_t kind;
	struct imp_span data;
	uint64_t next; /* offset of the next record in its stream */
};

struct imp_section {
	uint32_t rva, size;
	bool executable;
};

/* Symbols of a module's own stream in order of RVA. */
struct imp_module_symbols {
	bool made;
	struct imp_symbol *symbols;
	size_t count;
};

/* One entry of the DBI stream's module list: what a compiler's object file gave. */
struct imp_pdb_module {
	uint16_t stream; /* IMP_NO_STREAM when stripped */
	uint32_t symbol_bytes, c11_bytes, c13_bytes;
	struct imp_module_symbols code, data; /* data: of functions, too */
};

/* A globals or publics hash: where its parts lie in its stream. */
struct imp_gsi {
	struct imp_stream *stream;      /* NULL: the PDB has none */
	uint32_t records, record_count; /* 8 bytes each: symbol record offset + 1, reference count */
	uint32_t bitmap, buckets, bucket_count;
};

struct imp_omap {
	struct imp_stream *stream;
	uint32_t count;
};

struct imp_tpi;

struct imp_pdb {
	char *path;
	const char *kind; /* "pdb", or of what it was made in memory */
	struct imp_msf *msf;
	struct imp_guid guid;
	uint32_t age;
	struct imp_stream *dbi;                                                          /* NULL in a PDB of types only */
	struct imp_stream *records;                                                      /* symbol records that the hashes point into */
	struct imp_stream *names;                                                        /* /names; NULL when missing */
	uint32_t modules_offset, modules_size, contributions_offset, contributions_size; /* in the DBI stream */
	struct imp_gsi globals, publics;
	uint32_t address_map, address_count; /* in the publics stream: record offsets by address */
	struct imp_section *sections, *original_sections;
	uint32_t section_count, original_section_count;
	struct imp_omap to_original, from_original; /* a linker that moved code after the PDB was made leaves these */
	bool modules_read;
	struct imp_pdb_module *modules;
	uint32_t module_count;
	bool data_read;
	struct imp_symbol *data; /* global and file-static data, by RVA */
	size_t data_count;
	enum { IMP_CONTRIBUTIONS_UNKNOWN, IMP_CONTRIBUTIONS_SORTED, IMP_CONTRIBUTIONS_UNSORTED } contributions_order;
	struct imp_tpi *tpi;
};

/* Reads the record at `offset`; false at or past `limit` and when it is damaged. */
bool imp_record_at(struct imp_stream *stream, uint64_t offset, uint64_t limit, struct imp_record *record);
/* Growable arrays: makes room for one more element. False without memory. */
bool imp_grow(void **array, size_t count, size_t *capacity, size_t element);
/* The last of `symbols`, which are in order of RVA, that begins at or before `rva`; false when none does. */
bool imp_symbol_below(const struct imp_symbol *symbols, size_t count, uint32_t rva, struct imp_symbol *symbol);

/* dbi.c */
struct imp_error *imp_dbi_open(struct imp_pdb *pdb);
/* sections.c: SECTION:OFFSET (1-based, as symbol records write them) to RVA and back; both go through OMAP tables where there are any. */
struct imp_error *imp_sections_open(struct imp_pdb *pdb, struct imp_stream *current, struct imp_stream *original);
bool imp_section_rva(const struct imp_pdb *pdb, uint16_t section, uint32_t offset, uint32_t *rva);
bool imp_section_locate(const struct imp_pdb *pdb, uint32_t rva, uint16_t *section, uint32_t *offset);
const struct imp_section *imp_section_of(const struct imp_pdb *pdb, uint32_t rva);
/* modules.c */
bool imp_pdb_modules_read(struct imp_pdb *pdb);
/* The module that contributed the code at SECTION:OFFSET; NULL when none says so. */
struct imp_pdb_module *imp_pdb_module_at(struct imp_pdb *pdb, uint16_t section, uint32_t offset);
void imp_pdb_modules_free(struct imp_pdb *pdb);
/* gsi.c */
bool imp_gsi_open(struct imp_gsi *gsi, struct imp_stream *stream, uint32_t offset, uint32_t size);
/* Calls `visit` for each record whose name hashes as `name` does, until it returns true. */
bool imp_gsi_find(struct imp_pdb *pdb, const struct imp_gsi *gsi, const char *name, bool (*visit)(void *context, const struct imp_record *record),
		  void *context);
/* Calls `visit` for every record, in no order, until it returns true. */
bool imp_gsi_each(struct imp_pdb *pdb, const struct imp_gsi *gsi, bool (*visit)(void *context, const struct imp_record *record), void *context);
uint32_t imp_pdb_hash(const char *text, size_t size);
/* publics.c */
struct imp_error *imp_publics_open(struct imp_pdb *pdb, struct imp_stream *stream);
bool imp_public_find(struct imp_pdb *pdb, const char *name, struct imp_symbol *symbol);
bool imp_public_at(struct imp_pdb *pdb, uint32_t rva, struct imp_symbol *symbol);
bool imp_public_record(const struct imp_pdb *pdb, const struct imp_record *record, struct imp_symbol *symbol);
/* globals.c */
bool imp_global_find(struct imp_pdb *pdb, const char *name, struct imp_symbol *symbol);
bool imp_global_data_at(struct imp_pdb *pdb, uint32_t rva, struct imp_symbol *symbol);
/* The name of a global record (data or a reference to a procedure), NULL for other kinds; and the symbol that it stands for. */
const char *imp_global_name(const struct imp_record *record);
bool imp_global_record(struct imp_pdb *pdb, const struct imp_record *record, struct imp_symbol *symbol);
/* The symbol of a record of data; false for other kinds. */
bool imp_data_record(const struct imp_pdb *pdb, const struct imp_record *record, struct imp_symbol *symbol);
bool imp_global_typedef(struct imp_pdb *pdb, const char *name, uint32_t *type_index);
/* modsyms.c */
bool imp_pdb_module_symbol(struct imp_pdb *pdb, const struct imp_pdb_module *module, uint32_t offset, struct imp_symbol *symbol);
bool imp_pdb_module_symbol_at(struct imp_pdb *pdb, struct imp_pdb_module *module, uint32_t rva, struct imp_symbol *symbol);
bool imp_pdb_module_data_at(struct imp_pdb *pdb, struct imp_pdb_module *module, uint32_t rva, struct imp_symbol *symbol);
/* Calls `visit` for the data of all modules, that which is static in a function too, until it returns true, which it then returns. */
bool imp_pdb_module_data_each(struct imp_pdb *pdb, bool (*visit)(void *context, const struct imp_symbol *symbol), void *context);
/* tpi.c */
struct imp_error *imp_tpi_open(struct imp_pdb *pdb);
void imp_tpi_close(struct imp_tpi *tpi);

#endif
