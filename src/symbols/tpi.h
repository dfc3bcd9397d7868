/* Type records (the TPI stream) by index and by name. What is in a record is src/types' question.
 * Format: microsoft-pdb (PDB/dbi/tpi.h, langapi/include/cvinfo.h), LLVM's "The PDB TPI and IPI Streams".
 */
#ifndef IMP_SYMBOLS_TPI_H
#define IMP_SYMBOLS_TPI_H

#include "symbols/pdb.h"

#include "base/span.h"

/* Kinds of records that define a name, and their common parts (cvinfo.h's names). */
enum {
	LF_MODIFIER = 0x1001,
	LF_POINTER = 0x1002,
	LF_PROCEDURE = 0x1008,
	LF_MFUNCTION = 0x1009,
	LF_FIELDLIST = 0x1203,
	LF_BITFIELD = 0x1205,
	LF_ARRAY = 0x1503,
	LF_CLASS = 0x1504,
	LF_STRUCTURE = 0x1505,
	LF_UNION = 0x1506,
	LF_ENUM = 0x1507,
	LF_INTERFACE = 0x1519,
};

/* Entries of a field list that have no more than a name, and the one that leads to the list's next record. */
enum { LF_INDEX = 0x1404, LF_ENUMERATE = 0x1502, LF_MEMBER = 0x150d };
/* A padding byte tells in its low bits how many bytes to skip. */
enum { LF_PAD0 = 0xf0 };

/* The first index that names a record; those below are simple types. */
enum { IMP_TPI_FIRST_RECORD = 0x1000 };

/* A class, structure, interface, union or enumeration, taken apart. */
struct imp_tag {
	uint16_t kind;
	bool forward, scoped;
	uint16_t count;                 /* entries of the field list, methods and nested types included */
	uint32_t fields;                /* index of the field list, 0 for none */
	uint32_t underlying;            /* LF_ENUM: the integer's type */
	uint64_t size;                  /* bytes; 0 for LF_ENUM */
	const char *name, *unique_name; /* unique_name may be NULL */
};

/* The kind and the bytes after the kind of record `index`; false when there is no such record. */
bool imp_tpi_record(struct imp_pdb *pdb, uint32_t index, uint16_t *kind, struct imp_span *data);
/* Indices of records: [*begin, *end). */
void imp_tpi_range(const struct imp_pdb *pdb, uint32_t *begin, uint32_t *end);
/* The definition (not a forward reference) of the tag type `name`; 0 when there is none. */
uint32_t imp_tpi_find(struct imp_pdb *pdb, const char *name);
/* For a forward reference the definition, where the PDB has it; any other index as it is. */
uint32_t imp_tpi_definition(struct imp_pdb *pdb, uint32_t index);
/* Takes a tag record apart; false for other records. */
bool imp_tpi_tag(struct imp_span data, uint16_t kind, struct imp_tag *tag);
/* The type that the typedef `name` (S_UDT) stands for; false when there is none. */
bool imp_tpi_typedef(struct imp_pdb *pdb, const char *name, uint32_t *index);

/* Reads a CodeView numeric leaf at `*offset` and moves past it. Negative values come sign-extended. */
bool imp_tpi_number(struct imp_span data, uint64_t *offset, uint64_t *value);

#endif
