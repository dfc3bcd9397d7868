/* The verdict in words: objects, places in code, reasons, the conclusion. How an answer is laid out is src/command's question. All functions write a
 * terminated string, cut to `size`, and return `text`.
 */
#ifndef IMP_HANG_WORDS_H
#define IMP_HANG_WORDS_H

#include "hang/hang.h"

enum { IMP_HANG_TEXT = 640 };

/* "synchronization event ffff8004d569df40". */
const char *imp_hang_object_text(const struct imp_hang *hang, size_t object, char *text, size_t size);
/* "non-signalled"; "held by thread ffff... (4.2c)". */
const char *imp_hang_object_state(const struct imp_hang *hang, size_t object, char *text, size_t size);
/* "thread ffff8004d569df40 (4.2c)": process and thread ID. */
const char *imp_hang_thread_text(const struct imp_hang *hang, size_t thread, char *text, size_t size);
/* "TestDriver!FileMoveThread+0x1e (driver.c @ 26)"; a driver that is no longer in memory is marked. */
const char *imp_hang_place_text(const struct imp_hang *hang, uint64_t address, bool is_return, char *text, size_t size);
/* Where the thread waits: the call outside the kernel, or its innermost frame there. 0: it has none. */
uint64_t imp_hang_wait_place(const struct imp_hang_thread *thread, bool *is_return);
/* The conclusion in one sentence. */
const char *imp_hang_conclusion(const struct imp_hang *hang, char *text, size_t size);
/* The conclusion of one finding, without how sure it is. */
const char *imp_hang_finding_text(const struct imp_hang *hang, const struct imp_hang_finding *finding, char *text, size_t size);
/* What would let the threads go on. */
const char *imp_hang_cure(const struct imp_hang *hang, const struct imp_hang_finding *finding, char *text, size_t size);
/* Why a thread that waits is not stuck. */
const char *imp_hang_hope_text(enum imp_hang_hope hope);
/* "stuck", "probably-stuck", "waiting", "running", "not-judged", "ended". */
const char *imp_hang_fate_name(enum imp_hang_fate fate);
/* What of the code could not be seen, by bit (0 to IMP_GAP_COUNT - 1 of imp_flow_gap). */
const char *imp_hang_gap_text(unsigned bit);

#endif
