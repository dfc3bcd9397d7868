/* A debugging session: the dump that is open, and what the reader looks at now. */
#ifndef IMP_COMMAND_SESSION_H
#define IMP_COMMAND_SESSION_H

#include "base/watch.h"
#include "dump/context.h"
#include "nt/kernel.h"
#include "nt/process.h"
#include "nt/stack.h"
#include "nt/thread.h"

enum { IMP_PSEUDO_REGISTERS = 20 }; /* $t0 ... $t19 */

struct imp_session {
	struct imp_kernel *kernel;
	uint64_t process, thread; /* the current ones; 0: not known */
	unsigned processor;
	uint64_t memory_next; /* where db, dd... go on without an address */
	uint64_t code_next;   /* where u does; 0: at @rip */
	uint64_t pseudo[IMP_PSEUDO_REGISTERS];
	bool has_context; /* .cxr chose registers: those of `context` instead of the thread's */
	struct imp_context context;
	bool quit;
	bool stuck; /* the last !hang found threads that are */
};

/* The registers that r, k and @rip speak of. */
struct imp_session_registers {
	struct imp_registers general;
	struct imp_context others; /* what imp_registers leaves out */
	bool exact;                /* all of them are known; else only rip, rsp and rbp, which the thread's last switch saved */
	bool others_known;
	bool from_context; /* they are a CONTEXT's, not the thread's */
};

/* Looks at the thread that the crashing processor ran, or at System when that is the idle thread. Never fails: what is not known is 0. */
void imp_session_start(struct imp_session *session, struct imp_kernel *kernel);
/* The user's register named "$t0" ... "$t19", NULL for any other name. */
uint64_t *imp_session_pseudo(struct imp_session *session, const char *name);
/* Makes `process` the current one; user addresses are read through its page tables. */
struct imp_error *imp_session_set_process(struct imp_session *session, uint64_t process);
struct imp_error *imp_session_set_thread(struct imp_session *session, uint64_t thread);
/* The registers of the context that .cxr chose, else of the current thread; without a thread (no symbols) those in the dump's header. Errors: NOT_FOUND,
 * FAULT.
 */
struct imp_error *imp_session_registers(struct imp_session *session, struct imp_session_registers *registers);
/* Whether the reader has asked to stop, and the error for it. */
static inline bool imp_session_interrupted(const struct imp_session *session)
{
	(void)session;
	return imp_watch_stopped();
}
static inline struct imp_error *imp_session_interruption(void)
{
	return imp_watch_stop_error();
}

#endif
