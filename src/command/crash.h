/* Parts of a crash as several commands show them. */
#ifndef IMP_COMMAND_CRASH_H
#define IMP_COMMAND_CRASH_H

#include "command/session.h"
#include "nt/crash.h"
#include "report/report.h"

/* registers.c: all registers as r shows them, with the instruction at rip. */
struct imp_error *imp_report_registers(struct imp_session *session, struct imp_report *report, const struct imp_session_registers *registers);
/* exceptions.c: an exception record as .exr shows it, in JSON the object "exception". */
void imp_report_exception(struct imp_session *session, struct imp_report *report, const struct imp_exception *exception);
/* exceptions.c: makes the crash's context the current one, as .ecxr does. Errors: NOT_FOUND when it has none. */
struct imp_error *imp_session_choose_crash(struct imp_session *session, const struct imp_crash *crash);

#endif
