/* A PDB made in memory: type records and public symbols written into the streams that the readers of src/symbols know (tpi.c, publics.c), so that symbols
 * from other sources need no second reader. Knows nothing of where they come from.
 */
#ifndef IMP_SYMBOLS_PDB_MADE_H
#define IMP_SYMBOLS_PDB_MADE_H

#include "symbols/tpi.h"

/* Simple types (cvinfo.h's names). */
enum {
	T_NOTYPE = 0x00,
	T_VOID = 0x03,
	T_HRESULT = 0x08,
	T_LONG = 0x12,
	T_UCHAR = 0x20,
	T_ULONG = 0x22,
	T_BOOL08 = 0x30,
	T_BOOL32 = 0x32,
	T_REAL32 = 0x40,
	T_REAL64 = 0x41,
	T_REAL80 = 0x42,
	T_RCHAR = 0x70,
	T_WCHAR = 0x71,
	T_INT2 = 0x72,
	T_UINT2 = 0x73,
	T_INT4 = 0x74,
	T_UINT4 = 0x75,
	T_INT8 = 0x76,
	T_UINT8 = 0x77,
	T_INT16 = 0x78,
	T_UINT16 = 0x79,
};
struct imp_pdb_made;

/* NULL without memory. Freed with imp_pdb_made_free, or by imp_pdb_made_streams. */
struct imp_pdb_made *imp_pdb_made_new(void);
void imp_pdb_made_free(struct imp_pdb_made *made);

/* One record of the type stream, written piece by piece after imp_made_begin, which tells its index; imp_made_end closes it. What goes beyond a
 * limit (65,535 bytes a record, 64 MiB and 2^18 records in all), and lack of memory, is remembered and is imp_pdb_made_streams' error.
 */
uint32_t imp_made_begin(struct imp_pdb_made *made, uint16_t kind);
void imp_made_u16(struct imp_pdb_made *made, uint16_t value);
void imp_made_u32(struct imp_pdb_made *made, uint32_t value);
void imp_made_bytes(struct imp_pdb_made *made, const void *bytes, size_t size);
void imp_made_number(struct imp_pdb_made *made, uint64_t value); /* a CodeView numeric leaf */
void imp_made_end(struct imp_pdb_made *made);
/* Makes the open record the same as an older one of equal content: closes it and returns the older one's index, or its own. */
uint32_t imp_made_end_shared(struct imp_pdb_made *made);
/* Records of the other kinds, each the same for the same content; they return its index. `size` is the whole array's, in bytes. */
enum { IMP_MADE_POINTER_SIZE = 8 };
uint32_t imp_made_pointer(struct imp_pdb_made *made, uint32_t target);
uint32_t imp_made_array(struct imp_pdb_made *made, uint32_t element, uint64_t size);
uint32_t imp_made_function(struct imp_pdb_made *made, uint32_t returned);
uint32_t imp_made_bits(struct imp_pdb_made *made, uint32_t underlying, uint8_t position, uint8_t length);
/* A class, structure, union or enumeration without fields yet; `underlying` is an enumeration's. `name` of `length` bytes. Returns its index. */
uint32_t imp_made_tag(struct imp_pdb_made *made, uint16_t kind, const char *name, size_t length, uint64_t size, uint32_t underlying, bool forward);

/* Entries of the field list of one tag type; imp_made_fields writes them, in order of `order`, to the tag record `index` and forgets them. */
void imp_made_member(struct imp_pdb_made *made, uint64_t order, const char *name, size_t length, uint32_t type, uint64_t offset);
void imp_made_enumerator(struct imp_pdb_made *made, uint64_t order, const char *name, size_t length, uint64_t value);
void imp_made_fields(struct imp_pdb_made *made, uint32_t index);

/* What stopped the making; NULL while all is well. */
const char *imp_made_problem(const struct imp_pdb_made *made);

void imp_made_public(struct imp_pdb_made *made, const char *name, size_t length, uint32_t rva);

/* The streams of a PDB that has these records and symbols only, by number. */
enum { IMP_MADE_HASHES = 4, IMP_MADE_PUBLICS, IMP_MADE_SYMBOLS, IMP_MADE_STREAMS };

/* Writes the streams (each malloc'd or empty, the caller's) of what was made; frees `made`. `path` is for messages. Errors: NO_MEMORY, FORMAT (a limit was
 * reached).
 */
struct imp_error *imp_pdb_made_streams(struct imp_pdb_made *made, const char *path, struct imp_span streams[IMP_MADE_STREAMS]);
/* The PDB with these streams, which it takes over, also when it fails, and of which it believes nothing; with this path and identity, whose source is
 * called `kind`. Errors: NO_MEMORY, FORMAT.
 */
struct imp_error *imp_pdb_of_streams(const struct imp_span streams[IMP_MADE_STREAMS], const char *path, const char *kind, const struct imp_guid *guid,
				     uint32_t age, struct imp_pdb **pdb);

#endif
