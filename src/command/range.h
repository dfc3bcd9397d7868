/* ADDRESS [L COUNT | END], as the commands that show memory take it. For this folder only. */
#ifndef IMP_COMMAND_RANGE_H
#define IMP_COMMAND_RANGE_H

#include "command/session.h"

struct imp_range {
	uint64_t address, bytes;
};

/* Parses all of `arguments`; COUNT is in elements of `size` bytes, `otherwise` without it. Without an address it goes on where the last such command
 * ended. Errors: USAGE.
 */
struct imp_error *imp_parse_range(struct imp_session *session, const char *arguments, unsigned size, uint64_t otherwise, struct imp_range *range);

#endif
