/* Multi-stream files (MSF 7.0), the container of a PDB: a file of blocks, and streams made of blocks. Knows nothing of what a stream holds.
 * Format: Microsoft's published microsoft-pdb sources (PDB/msf), LLVM's "The MSF File Format".
 */
#ifndef IMP_SYMBOLS_MSF_H
#define IMP_SYMBOLS_MSF_H

#include "base/error.h"
#include "base/span.h"

struct imp_msf;
struct imp_stream;

/* Maps `path` and reads its superblock and stream directory. Errors: IO, FORMAT (with the path and what was found). */
struct imp_error *imp_msf_open(const char *path, struct imp_msf **msf);
/* A file that exists in memory only: stream i has the bytes `contents[i]`, malloc'd or empty, which it takes over, also when it fails. Errors: NO_MEMORY. */
struct imp_error *imp_msf_of_streams(const struct imp_span *contents, uint32_t count, struct imp_msf **msf);
void imp_msf_close(struct imp_msf *msf);
uint64_t imp_msf_size(const struct imp_msf *msf); /* bytes of the file; 0 when it exists in memory only */

/* The stream numbered `index`; NULL when there is none of that number (0xffff is the format's "no stream") and for 0, which is the previous
 * directory. Owned by the file.
 */
struct imp_stream *imp_msf_stream(struct imp_msf *msf, uint32_t index);

uint32_t imp_stream_size(const struct imp_stream *stream); /* bytes */
/* The bytes [offset, offset + size): straight out of the mapping where the stream's blocks are contiguous, else out of a copy to which only
 * the touched blocks are brought. The span stays valid, and in place, until the file is closed. False when the range is outside the stream,
 * a block lies outside the file, or memory is short.
 */
bool imp_stream_part(struct imp_stream *stream, uint64_t offset, uint64_t size, struct imp_span *part);
bool imp_stream_u16(struct imp_stream *stream, uint64_t offset, uint16_t *value);
bool imp_stream_u32(struct imp_stream *stream, uint64_t offset, uint32_t *value);

#endif
