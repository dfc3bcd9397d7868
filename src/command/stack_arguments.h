/* Stacks with the four words where callees may keep their register arguments: kb, kv. And with call sites only: kc. */
#ifndef IMP_COMMAND_STACK_ARGUMENTS_H
#define IMP_COMMAND_STACK_ARGUMENTS_H

#include "nt/stack.h"
#include "report/report.h"

/* Adds a table "frames" of the first `count` frames of `stack`; `child_sp` tells whether that column is shown. */
void imp_report_frames_with_arguments(struct imp_kernel *kernel, struct imp_report *report, const struct imp_stack *stack, size_t count,
				      bool child_sp);
/* The same with the call sites only. */
void imp_report_call_sites(struct imp_kernel *kernel, struct imp_report *report, const struct imp_stack *stack, size_t count);

#endif
