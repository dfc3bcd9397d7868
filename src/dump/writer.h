/* What the writers of formats share. Not for other folders. */
#ifndef IMP_DUMP_WRITER_H
#define IMP_DUMP_WRITER_H

#include "dump/format.h"
#include "dump/write.h"

/* Pages that follow each other in memory; here all of them are there, or (`filled`) some are written as zeros. */
struct imp_written_run {
	uint64_t first, count;
};

struct imp_writer {
	struct imp_dump_copy *copy;
	struct imp_written_run *runs; /* ascending, disjoint, at least one */
	size_t run_count;
	uint64_t total; /* pages of all runs, for the progress */
	uint64_t done;
};

/* Writes `size` bytes at `offset`. Errors: IO. */
struct imp_error *imp_writer_put(struct imp_writer *writer, uint64_t offset, const void *bytes, size_t size);
/* Writes the pages of all runs one after the other from `offset` on; `*end` is where they end. */
struct imp_error *imp_writer_put_runs(struct imp_writer *writer, uint64_t offset, uint64_t *end);
/* Writes the pages of one run. */
struct imp_error *imp_writer_put_run(struct imp_writer *writer, const struct imp_written_run *run, uint64_t offset);
/* Joins neighbouring runs, over the smallest gaps first, until there are at most `limit`. The gaps are counted in copy->filled. */
struct imp_error *imp_writer_join(struct imp_writer *writer, size_t limit);

/* The formats: each writes the whole file and sets copy->size. */
struct imp_error *imp_write_full(struct imp_writer *writer);
struct imp_error *imp_write_bitmap(struct imp_writer *writer);
struct imp_error *imp_write_kernel(struct imp_writer *writer);
struct imp_error *imp_write_elf(struct imp_writer *writer);

#endif
