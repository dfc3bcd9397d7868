/* The system in reports: the same lines and members in di, vertarget and .time. */
#ifndef IMP_COMMAND_SYSTEM_H
#define IMP_COMMAND_SYSTEM_H

#include "nt/systeminfo.h"
#include "report/report.h"

/* Version, product, build, where the kernel is. */
void imp_report_system(struct imp_report *report, const struct imp_system_info *info);
/* When the dump was taken, and how long the system had run. */
void imp_report_times(struct imp_report *report, const struct imp_system_info *info);

#endif
