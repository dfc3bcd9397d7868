/* Every call in a driver's code that may be on an object, whether or not anybody can come to it any more: what the reader wants to look at, and what tells how
 * it came about. No conclusion about who can still run rests on it.
 */
#ifndef IMP_HANG_CALLS_H
#define IMP_HANG_CALLS_H

#include "hang/graph.h"

/* Calls `visit` for each such call on the object that `thread` waits for, in the code of the drivers that wait for it, until it returns false. */
void imp_hang_calls_on(const struct imp_hang *hang, const struct imp_hang_thread *thread, const struct imp_hang_object *object,
		       bool (*visit)(void *context, const struct imp_hang_call *call), void *context);

#endif
