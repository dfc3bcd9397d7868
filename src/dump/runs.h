/* Runs of physical pages that follow each other in a file: what complete dumps and ELF cores are made of. Not for other folders. */
#ifndef IMP_DUMP_RUNS_H
#define IMP_DUMP_RUNS_H

#include "dump/format.h"

struct imp_run {
	uint64_t first;  /* page number */
	uint64_t count;  /* pages */
	uint64_t offset; /* of the first one in the file */
};

struct imp_runs {
	size_t count;
	struct imp_run run[]; /* ascending, disjoint, none empty */
};

/* Room for `capacity` runs, none yet; NULL without memory. Freed with free. */
struct imp_runs *imp_runs_new(size_t capacity);
void imp_runs_sort(struct imp_runs *runs);
/* Sorts them. Errors: FORMAT when two overlap. */
struct imp_error *imp_runs_disjoint(struct imp_runs *runs);

/* imp_dump_format's members for a dump whose state is an imp_runs. */
const uint8_t *imp_runs_page(const struct imp_dump *dump, uint64_t pfn);
uint64_t imp_runs_next(const struct imp_dump *dump, uint64_t pfn);

#endif
