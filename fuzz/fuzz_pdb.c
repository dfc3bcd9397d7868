/* Fuzz target: a program database as a file. */
#include "pdb_questions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct imp_pdb *pdb;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_pdb_open(fuzz_file(data, size), &pdb);

	if (!err)
		fuzz_ask(pdb);
	imp_pdb_close(pdb);
	return 0;
}
