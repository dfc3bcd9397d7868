/* What pdb_made.c and publics_made.c share: the streams while they are written. */
#ifndef IMP_SYMBOLS_MADE_H
#define IMP_SYMBOLS_MADE_H

#include "symbols/pdb_file.h"
#include "symbols/pdb_made.h"

struct imp_buffer {
	uint8_t *data;
	size_t size, capacity;
};

struct imp_made_entry {
	uint64_t order;
	uint32_t at, size; /* in `fields` */
};

struct imp_made_public {
	uint32_t rva;
	uint32_t record; /* offset in `symbols` */
};

struct imp_pdb_made {
	struct imp_buffer types;  /* the type stream */
	struct imp_buffer hashes; /* a name's hash for each type record */
	struct imp_buffer places; /* each record's offset in the type stream */
	uint32_t records;
	uint32_t hash;            /* the open record's */
	void *shared;             /* records that are used more than once, by content */
	struct imp_buffer fields; /* entries of a field list, as they came */
	struct imp_made_entry *entries;
	size_t entry_count, entry_capacity;
	struct imp_buffer symbols; /* S_PUB32 records */
	struct imp_made_public *publics;
	size_t public_count, public_capacity;
	enum imp_error_code problem_code;
	const char *problem; /* a static text; NULL while all is well. Afterwards nothing is written any more */
};

/* Remembers the first problem. */
void imp_made_fail(struct imp_pdb_made *made, enum imp_error_code code, const char *problem);
/* Makes room for `more` bytes behind those that are there; false, and a problem, beyond `limit` bytes in all, and without memory. */
bool imp_buffer_room(struct imp_pdb_made *made, struct imp_buffer *buffer, size_t more, size_t limit);
void imp_buffer_add(struct imp_pdb_made *made, struct imp_buffer *buffer, const void *bytes, size_t size, size_t limit);

/* publics_made.c: the publics stream (hash and address map) of the symbols that were added. */
void imp_made_publics(struct imp_pdb_made *made, struct imp_buffer *stream);

#endif
