/* The crash that a dump is about: its bug check, the exception behind it, the registers and the stack there, and whose code it was. */
#ifndef IMP_NT_CRASH_H
#define IMP_NT_CRASH_H

#include "dump/context.h"
#include "nt/bugcheck.h"
#include "nt/stack.h"

struct imp_crash {
	uint32_t code;
	uint64_t parameters[4];
	const struct imp_bugcheck *known; /* NULL: a code whose parameters are not described */
	bool has_exception, has_context;
	uint64_t exception_address, context_address; /* where the records lie; 0: in the dump's header */
	struct imp_exception exception;
	struct imp_context context; /* of the exception; without one that of the crashing processor */
	uint64_t instruction;       /* that went wrong; 0: not known */
	uint64_t thread;            /* that crashed; 0: not known */
	struct imp_stack stack;     /* from `context`, else of that thread; count 0: not known */
	bool has_culprit;
	bool culprit_guessed; /* found in a frame that was scanned */
	uint64_t culprit;     /* an address in its code */
	bool culprit_is_return;
};

/* Reads it, as far as the dump has it; what is missing becomes a note. The result is large: on the heap. Freed with free. Errors: NO_MEMORY; NOT_FOUND
 * for a dump without a header that knows of no bug check.
 */
struct imp_error *imp_crash_read(struct imp_kernel *kernel, struct imp_crash **crash);
/* The EXCEPTION_RECORD at `address`. Errors: FAULT, FORMAT. */
struct imp_error *imp_exception_at(struct imp_kernel *kernel, uint64_t address, struct imp_exception *exception);

#endif
