/* What llvm-pdbutil says of a PDB, line by line, and which PDBs there are to ask about. */
#ifndef TEST_PDBUTIL_H
#define TEST_PDBUTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Runs `llvm-pdbutil dump OPTIONS PDB` and gives each line, without its end, to `line`. Fails the test when the tool does. */
void pdbutil_dump(const char *options, const char *pdb, void (*line)(void *context, const char *text), void *context);
/* The text between the first backtick and the last one; false when there are none. */
bool pdbutil_quoted(const char *line, char *text, size_t size);

/* The sections' RVAs, as llvm-pdbutil prints the section headers. */
struct pdbutil_sections {
	uint32_t rva[96];
	unsigned count;
};
void pdbutil_sections(const char *pdb, struct pdbutil_sections *sections);

/* Calls `test` for the sample's PDB, for each PDB of the shared data (saying so when that is absent), and for those of the lab's kernel and drivers when they are built.
 * Returns how many there were.
 */
unsigned pdbutil_each_pdb(void (*test)(const char *pdb));

#endif
