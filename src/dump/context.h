/* CONTEXT and EXCEPTION_RECORD64 of x64: part of the dump's header, and what bug checks point to. Their layout belongs to the processor's programming
 * interface (winnt.h, ntddk.h) and is the same in all builds, so that they are read without symbols.
 */
#ifndef IMP_DUMP_CONTEXT_H
#define IMP_DUMP_CONTEXT_H

#include "base/span.h"

enum { IMP_CONTEXT_SIZE = 0x4d0, IMP_CONTEXT_INTEGER_SIZE = 0x100, IMP_EXCEPTION_SIZE = 0x98, IMP_EXCEPTION_PARAMETERS = 15 };

struct imp_context {
	uint64_t rip, gpr[16]; /* gpr: rax rcx rdx rbx rsp rbp rsi rdi r8..r15 */
	uint32_t flags;        /* EFLAGS */
	uint16_t cs, ss, ds, es, fs, gs;
	bool marked; /* its ContextFlags say that it is one of x64 */
};

struct imp_exception {
	uint32_t code; /* NTSTATUS */
	uint32_t flags;
	uint64_t record;  /* address of the exception that this one nests, 0: none */
	uint64_t address; /* of the instruction */
	uint32_t parameter_count;
	uint64_t parameters[IMP_EXCEPTION_PARAMETERS];
};

/* Reads the first IMP_CONTEXT_INTEGER_SIZE bytes of a CONTEXT, which hold the general registers. False when `bytes` are fewer. */
bool imp_context_read(struct imp_span bytes, struct imp_context *context);
/* Reads an EXCEPTION_RECORD. False when `bytes` are too few, or it claims more parameters than there can be. */
bool imp_exception_read(struct imp_span bytes, struct imp_exception *exception);

#endif
