/* Commands of WinDbg and its extensions that are not here, and what to use instead. */
#ifndef IMP_COMMAND_MISSING_H
#define IMP_COMMAND_MISSING_H

#include "base/error.h"

/* The error for `text`, a command line whose first word names no command here. */
struct imp_error *imp_command_missing(const char *text);

#endif
