/* A thread as WinDbg shows it in !thread and !process. For this folder only. */
#ifndef IMP_COMMAND_THREAD_DETAILS_H
#define IMP_COMMAND_THREAD_DETAILS_H

#include "command/session.h"
#include "nt/stack.h"
#include "report/report.h"

enum imp_thread_flags {
	IMP_THREAD_WAITS = 2,
	IMP_THREAD_FULL = 4
}; /* as documented for !thread and !process: what it waits for; all, with its stack */

/* Adds the members of `thread` to the object that is open in `report`, and its lines, `indent` blanks in front. `stack` is room for its stack. */
void imp_report_thread_details(struct imp_session *session, struct imp_report *report, const struct imp_thread *thread, unsigned indent,
			       uint64_t flags, struct imp_stack *stack);

#endif
