/* What the files of this folder do to the graph, in the order in which hang.c has them done. Not for other folders. */
#ifndef IMP_HANG_PARTS_H
#define IMP_HANG_PARTS_H

#include "hang/graph.h"

/* threads.c: every thread, what it waits for, its frames outside the kernel, and the timers that are set. Errors: NOT_FOUND, FAULT when there is no list
 * of processes.
 */
struct imp_error *imp_hang_read_threads(struct imp_hang *hang);
/* asked.c: what the innermost frame of `thread` called, and what its frames did before. */
struct imp_hang_asked {
	uint64_t site;
	const struct imp_routine *routine;
	uint64_t object; /* 0: not known */
	bool by_pointer; /* it lies `offset` behind a pointer */
	uint64_t offset;
};
void imp_hang_ask(struct imp_hang *hang, struct imp_hang_thread *thread, struct imp_hang_asked *asked);
/* owners.c: the lock behind what `thread` waits for, by its wait reason; then who holds each lock. */
size_t imp_hang_lock_of(struct imp_hang *hang, size_t thread, const struct imp_hang_asked *asked, uint64_t object);
void imp_hang_find_owners(struct imp_hang *hang);
/* irps.c: which objects the completion of an IRP signals, and whose driver has it. */
void imp_hang_find_irps(struct imp_hang *hang);
/* spins.c: processors that spin at raised IRQL. */
void imp_hang_find_spins(struct imp_hang *hang);
/* ahead.c: which calls that signal lie ahead of the threads. */
void imp_hang_look_ahead(struct imp_hang *hang);
/* The same of a routine that a work item will run, called with these: ahead of `thread`, a worker; IMP_HANG_NONE: of a worker that the system would add. */
void imp_hang_look_at_item(struct imp_hang *hang, size_t thread, uint64_t routine, uint64_t first, uint64_t second);
/* work.c: what queued work items would signal. */
void imp_hang_find_work(struct imp_hang *hang);
/* roots.c: which calls that signal lie in routines of drivers that can still be called. */
void imp_hang_find_roots(struct imp_hang *hang);
/* closure.c: who can never run again. Errors: NO_MEMORY. */
struct imp_error *imp_hang_close(struct imp_hang *hang);
/* calls.c: of the drivers whose threads are stuck, every call that signals or waits. */
void imp_hang_read_calls(struct imp_hang *hang);
/* groups.c: which of them belong together. Errors: NO_MEMORY. */
struct imp_error *imp_hang_group(struct imp_hang *hang);
/* cases.c: what the finding is called. */
void imp_hang_name_case(struct imp_hang *hang, struct imp_hang_finding *finding);

#endif
