/* What a triage dump ("small memory dump", DumpType 4) states besides the memory that it holds: which modules there were, and the blocks of the
 * processor, the process and the thread that crashed, whose addresses only the kernel's types tell.
 */
#ifndef IMP_DUMP_TRIAGE_H
#define IMP_DUMP_TRIAGE_H

#include "dump/dump.h"

/* A loaded image, or a driver that was unloaded. */
struct imp_triage_module {
	uint64_t base, size;
	uint32_t time_date_stamp; /* 0: not known (of an unloaded one) */
	char path[260];           /* as the kernel keeps it, in UTF-8; of an unloaded one its name; "" when damaged */
};

struct imp_triage {
	struct imp_span prcb;                  /* KPRCB of the processor that crashed; the blocks may be empty */
	struct imp_span process;               /* EPROCESS */
	struct imp_span thread;                /* ETHREAD */
	uint64_t stack_top;                    /* TopOfStack: the address of the first byte of the stack that the dump holds */
	uint32_t module_count, unloaded_count; /* of those that lie in the file */
	bool complete;                         /* it ends with the mark that Windows writes last */
};

/* NULL for a dump of another kind. */
const struct imp_triage *imp_dump_triage(const struct imp_dump *dump);
/* Module number `index`, in load order; false when there are fewer. */
bool imp_triage_module(const struct imp_dump *dump, uint32_t index, struct imp_triage_module *module);
/* Unloaded driver number `index`. */
bool imp_triage_unloaded(const struct imp_dump *dump, uint32_t index, struct imp_triage_module *module);

#endif
