/* Bug checks: what a code is called, and what its four parameters mean. Which code a dump has is in its header; what happened is crash.h's question. */
#ifndef IMP_NT_BUGCHECK_H
#define IMP_NT_BUGCHECK_H

#include <stdbool.h>
#include <stdint.h>

/* What can be looked up at a parameter. */
enum imp_parameter_kind {
	IMP_PARAMETER_NUMBER, /* nothing: a number, an address without more */
	IMP_PARAMETER_STATUS, /* NTSTATUS: an exception's code */
	IMP_PARAMETER_CODE,   /* the address of the instruction that went wrong, or of a routine */
	IMP_PARAMETER_RECORD, /* the address of an EXCEPTION_RECORD */
	IMP_PARAMETER_CONTEXT /* the address of a CONTEXT */
};

struct imp_bugcheck_parameter {
	enum imp_parameter_kind kind;
	const char *meaning; /* NULL: reserved */
};

/* What parameter 1 makes of the bug check. */
struct imp_bugcheck_case {
	uint32_t code;
	uint64_t value; /* of parameter 1 */
	const char *meaning;
};

struct imp_bugcheck {
	uint32_t code;
	const char *summary; /* a sentence or two */
	struct imp_bugcheck_parameter parameters[4];
	bool no_driver; /* its stack says nothing about who is to blame: hardware, or nothing went wrong */
};

/* "SYSTEM_THREAD_EXCEPTION_NOT_HANDLED_M"; NULL for a code that is not documented. */
const char *imp_bugcheck_name(uint32_t code);
/* What is known about the parameters; NULL when nothing is. The code that a small dump carries (bit 28 set) means what the plain one does. */
const struct imp_bugcheck *imp_bugcheck_known(uint32_t code);
/* What the value of parameter 1 means for this code; NULL when that is not known. */
const char *imp_bugcheck_case(uint32_t code, uint64_t parameter1);

#endif
