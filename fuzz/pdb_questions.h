/* What the fuzz targets for PDBs and for ISF tables ask of what they opened. */
#ifndef FUZZ_PDB_QUESTIONS_H
#define FUZZ_PDB_QUESTIONS_H

#include "symbols/pdb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void fuzz_ask(struct imp_pdb *pdb);
/* A file with these bytes; the same one each time. */
const char *fuzz_file(const uint8_t *data, size_t size);

#endif
