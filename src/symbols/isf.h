/* Volatility's intermediate symbol format (ISF): a JSON table of one PDB's public symbols and types, plain or compressed by xz or gzip. It becomes a
 * PDB in memory: every question of pdb.h and tpi.h has its answer, but there are no lines, and no order of declaration.
 */
#ifndef IMP_SYMBOLS_ISF_H
#define IMP_SYMBOLS_ISF_H

#include "symbols/pdb.h"

/* What the metadata of a table has to say; NULL: anything. */
struct imp_isf_wanted {
	const char *database; /* the PDB's name, compared without case */
	const struct imp_guid *guid;
	uint32_t age; /* counts with `guid` */
};

/* Reads the table `path`, which is `wanted` (NULL: anything is). `*pdb` is the caller's. Errors: IO, NO_MEMORY, FORMAT (no ISF table, damaged, larger
 * than 64 MiB unpacked, of a format version that is not read), MISMATCH (not of a PDB, or of another one, or for another machine than x64).
 */
struct imp_error *imp_isf_open(const char *path, const struct imp_isf_wanted *wanted, struct imp_pdb **pdb);

#endif
