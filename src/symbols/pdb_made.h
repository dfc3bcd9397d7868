/* A PDB made in memory: type records and public symbols written into the streams that the readers of src/symbols know (tpi.c, publics.c), so that symbols
 * from other sources need no second reader. Knows nothing of where they come from.
 */
#ifndef IMP_SYMBOLS_PDB_MADE_H
#define IMP_SYMBOLS_PDB_MADE_H

#include "symbols/tpi.h"

struct imp_pdb_made;

/* NULL without memory. Freed with imp_pdb_made_free, or by imp_pdb_made_finish. */
struct imp_pdb_made *imp_pdb_made_new(void);
void imp_pdb_made_free(struct imp_pdb_made *made);

/* One record of the type stream, written piece by piece after imp_made_begin, which tells its index; imp_made_end closes it. What goes beyond a
 * limit (65,535 bytes a record, 64 MiB and 2^18 records in all), and lack of memory, is remembered and is imp_pdb_made_finish's error.
 */
uint32_t imp_made_begin(struct imp_pdb_made *made, uint16_t kind);
void imp_made_u16(struct imp_pdb_made *made, uint16_t value);
void imp_made_u32(struct imp_pdb_made *made, uint32_t value);
void imp_made_bytes(struct imp_pdb_made *made, const void *bytes, size_t size);
void imp_made_number(struct imp_pdb_made *made, uint64_t value); /* a CodeView numeric leaf */
void imp_made_end(struct imp_pdb_made *made);
/* Makes the open record the same as an older one of equal content: closes it and returns the older one's index, or its own. */
uint32_t imp_made_end_shared(struct imp_pdb_made *made);
/* A class, structure, union or enumeration without fields yet; `underlying` is an enumeration's. `name` of `length` bytes. Returns its index. */
uint32_t imp_made_tag(struct imp_pdb_made *made, uint16_t kind, const char *name, size_t length, uint64_t size, uint32_t underlying, bool forward);

/* Entries of the field list of one tag type; imp_made_fields writes them, in order of `order`, to the tag record `index` and forgets them. */
void imp_made_member(struct imp_pdb_made *made, uint64_t order, const char *name, size_t length, uint32_t type, uint64_t offset);
void imp_made_enumerator(struct imp_pdb_made *made, uint64_t order, const char *name, size_t length, uint64_t value);
void imp_made_fields(struct imp_pdb_made *made, uint32_t index);

void imp_made_public(struct imp_pdb_made *made, const char *name, size_t length, uint32_t rva);

/* The PDB with this path and identity, whose source is called `kind` ("isf"). Takes `made` over. Errors: NO_MEMORY, FORMAT (a limit was reached). */
struct imp_error *imp_pdb_made_finish(struct imp_pdb_made *made, const char *path, const char *kind, const struct imp_guid *guid, uint32_t age,
				      struct imp_pdb **pdb);

#endif
