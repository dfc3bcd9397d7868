/* look_for PATH NAME PDB: looks for NAME by the symbol path PATH, with the identity of the file PDB. Exit code 0 when it is found. */
#include "symbols/path.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	struct imp_symbol_path *path = NULL;
	struct imp_pdb *pdb = NULL;
	struct imp_guid guid;
	uint32_t age;
	struct imp_error *err;

	if (argc != 4)
		return 2;
	err = imp_pdb_open(argv[3], &pdb);
	if (!err) {
		imp_pdb_identity(pdb, &guid, &age);
		imp_pdb_close(pdb);
		pdb = NULL;
		err = imp_symbol_path_new(argv[1], &path);
	}
	if (!err)
		err = imp_symbol_path_open_pdb(path, argv[2], &guid, age, NULL, &pdb);
	if (err)
		fprintf(stderr, "%s\n", imp_error_message(err));
	imp_pdb_close(pdb);
	imp_symbol_path_free(path);
	if (!err)
		return 0;
	imp_error_free(err);
	return 1;
}
