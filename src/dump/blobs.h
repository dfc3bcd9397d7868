/* Secondary data: what drivers and the system added behind a dump's memory, each piece with a GUID that only its writer understands. */
#ifndef IMP_DUMP_BLOBS_H
#define IMP_DUMP_BLOBS_H

#include "dump/dump.h"

struct imp_blob {
	uint8_t tag[16];      /* GUID as stored: Data1 to Data3 little-endian */
	struct imp_span data; /* in the mapped file */
};

/* The first `capacity` pieces, in the order of the file; `*count` is how many there are in all. Errors: NOT_FOUND when the dump has none; FORMAT where
 * damage ends the list, of which what stands before is given.
 */
struct imp_error *imp_dump_blobs(const struct imp_dump *dump, struct imp_blob *blobs, size_t capacity, size_t *count);

#endif
