/* One instruction as u lists it, for other commands. */
#ifndef IMP_COMMAND_CODE_H
#define IMP_COMMAND_CODE_H

#include "command/session.h"
#include "report/report.h"

/* Adds the instruction at `address` with its label, in JSON as the list "instructions". Errors: FAULT. */
struct imp_error *imp_report_instruction_at(struct imp_session *session, struct imp_report *report, uint64_t address);

#endif
