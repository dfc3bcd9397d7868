/* Writing the physical memory of an open dump in another format. Which header it gets is the caller's question. */
#ifndef IMP_DUMP_WRITE_H
#define IMP_DUMP_WRITE_H

#include "dump/dump.h"
#include <stdbool.h>

struct imp_dump_copy {
	const struct imp_dump *dump;
	/* DUMP_HEADER64 to write: the Windows formats need it, an ELF core keeps it as a note, raw memory has no place for it. May be empty. */
	struct imp_span header;
	/* Which of the dump's pages to take; NULL: all. */
	bool (*keep)(void *context, uint64_t pfn);
	int file; /* open for writing, empty; holes are left where pages are zero */
	/* Told from time to time how far it is, in pages; ends the copy by returning false. May be NULL. */
	bool (*progress)(void *context, uint64_t done, uint64_t total);
	void *context; /* for `keep` and `progress` */
	/* Set by imp_dump_copy: */
	uint64_t pages;  /* of the dump that are in the new file */
	uint64_t filled; /* that the dump lacks and the format cannot leave out: they are zero */
	uint64_t size;   /* of the new file in bytes */
};

/* Whether `type` is one of the formats that can be written: full, bitmap, kernel, raw, elf. Which pages a kernel dump has is
 * `keep`'s question.
 */
bool imp_dump_copy_type(const char *type);
/* Whether files of `type` have to have a dump header. */
bool imp_dump_copy_needs_header(const char *type);
/* Writes the dump's pages to `copy->file` as `type`. Errors: IO; INTERRUPTED when `progress` said so; FORMAT for a dump without a page. */
struct imp_error *imp_dump_copy(struct imp_dump_copy *copy, const char *type);

/* Makes a DUMP_HEADER64 that states `info`, for memory that came without one; fields that nothing is known of hold the filler. */
void imp_dump_header64_make(const struct imp_dump_info *info, uint8_t header[0x2000]);

#endif
