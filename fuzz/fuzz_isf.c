/* Fuzz target: an ISF table, plain or compressed, and the PDB in memory that it becomes. */
#include "pdb_questions.h"
#include "symbols/isf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct imp_pdb *pdb;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_isf_open(fuzz_file(data, size), NULL, &pdb);

	if (!err)
		fuzz_ask(pdb);
	imp_pdb_close(pdb);
	return 0;
}
