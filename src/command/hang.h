/* Forms of the verdict for the commands. */
#ifndef IMP_COMMAND_HANG_H
#define IMP_COMMAND_HANG_H

#include "hang/hang.h"
#include "report/report.h"

/* The graph of what is stuck in Graphviz' language. */
void imp_report_hang_dot(const struct imp_hang *hang, struct imp_report *report);

#endif
