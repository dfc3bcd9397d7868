/* Opens a PDB or an ISF table, finds a function by name, then it by an address inside of it, its source line (of a PDB), and a structure with its last
 * field: what the first question about a module costs, in a process of its own.
 *
 *   pdb_open FILE FUNCTION TYPE [PATTERN]       PATTERN: then all symbols whose names match, too
 */
#include "symbols/isf.h"
#include "types/types.h"

#include <stdio.h>

static bool last_field(void *context, const struct imp_field *field)
{
	*(struct imp_field *)context = *field;
	return true;
}

static bool count(void *context, const struct imp_symbol *symbol)
{
	(void)symbol;
	++*(unsigned *)context;
	return true;
}

int main(int argc, char **argv)
{
	struct imp_pdb *pdb = NULL;
	struct imp_symbol symbol, at;
	struct imp_line line = { .file = "" };
	struct imp_type type;
	struct imp_field field = { .name = "nothing" };
	struct imp_error *err;
	unsigned matches = 0;

	if (argc != 4 && argc != 5)
		return 2;
	bool is_table = strstr(argv[1], ".json") != NULL;
	err = is_table ? imp_isf_open(argv[1], NULL, &pdb) : imp_pdb_open(argv[1], &pdb);
	if (!err)
		err = imp_pdb_find(pdb, argv[2], &symbol);
	if (!err)
		err = imp_pdb_at(pdb, symbol.rva + 1, &at);
	if (!err && !is_table)
		err = imp_pdb_line(pdb, symbol.rva + 1, &line);
	if (!err)
		err = imp_type_find(pdb, argv[3], &type);
	if (!err)
		err = imp_type_fields(&type, last_field, &field);
	if (!err && argc == 5)
		err = imp_pdb_each(pdb, argv[4], count, &matches);
	if (!err)
		printf("%u matches; %s at 0x%x, %s line %u; %s has %llu bytes, %s at 0x%llx\n", matches, at.name, at.rva, line.file, line.number,
		       type.name, (unsigned long long)type.size, field.name, (unsigned long long)field.offset);
	else
		fprintf(stderr, "%s\n", imp_error_message(err));
	imp_pdb_close(pdb);
	imp_error_free(err);
	return err ? 1 : 0;
}
