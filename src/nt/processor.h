/* Processors: KPRCB and KPCR, what each runs, and the registers that it was stopped with. A thread's own registers are stack.h's question. */
#ifndef IMP_NT_PROCESSOR_H
#define IMP_NT_PROCESSOR_H

#include "dump/context.h"
#include "nt/kernel.h"

enum { IMP_MAXIMUM_PROCESSORS = 1024, IMP_PRIORITIES = 32 };

struct imp_processor {
	unsigned number;
	uint64_t prcb, pcr; /* pcr: 0 when the symbols do not tell where in it the PRCB lies */
	uint64_t current_thread, next_thread, idle_thread;
};

/* Reads processor `number`. Errors: NOT_FOUND when there is none, FAULT. */
struct imp_error *imp_processor_read(struct imp_kernel *kernel, unsigned number, struct imp_processor *processor);
/* Calls `visit` for each processor until it returns false. Errors: of the first one, or of one that KiProcessorBlock names and cannot be read. */
struct imp_error *imp_processor_each(struct imp_kernel *kernel, bool (*visit)(void *context, const struct imp_processor *processor), void *context);
/* The processor that runs `thread`. Errors: NOT_FOUND. */
struct imp_error *imp_processor_running(struct imp_kernel *kernel, uint64_t thread, struct imp_processor *processor);
/* The registers that the processor was stopped with; of the one that a triage dump is about, those of the crash. Errors: NOT_FOUND, FAULT. */
struct imp_error *imp_processor_context(struct imp_kernel *kernel, const struct imp_processor *processor, struct imp_context *context);
/* The processor whose registers the dump's header has: the one that crashed. 0 when the header has none, or they are nobody's. */
unsigned imp_processor_crashed(struct imp_kernel *kernel);
/* The CONTEXT at `address`. Errors: FAULT. */
struct imp_error *imp_context_at(struct imp_kernel *kernel, uint64_t address, struct imp_context *context);
/* Its vendor string, "" when not known. */
void imp_processor_vendor(struct imp_kernel *kernel, const struct imp_processor *processor, char *text, size_t size);
/* Calls `visit` for each thread on the processor's ready queue of `priority` (0 to 31). Errors: as imp_nt_list. */
struct imp_error *imp_processor_ready(struct imp_kernel *kernel, const struct imp_processor *processor, unsigned priority,
				      bool (*visit)(void *context, uint64_t thread), void *context);

#endif
