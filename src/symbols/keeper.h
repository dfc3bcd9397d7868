/* The door to the keeper of the symbol stores: the program impasse-fetch, a process of its own that asks symbol servers, unpacks cabinets and writes into
 * stores, because the process that reads a dump does neither. One serves a process that opens dumps;
 * threads that need one at the same time have more.
 */
#ifndef IMP_SYMBOLS_KEEPER_H
#define IMP_SYMBOLS_KEEPER_H

#include "symbols/keeper_message.h"

/* Forks the child that becomes the keeper as soon as there is something to do; until then it only waits. A process that closes a sandbox around itself
 * calls it before that: the child must not be inside. Else it is called when it is needed. The child ends with this process. Errors: IO.
 */
struct imp_error *imp_keeper_start(void);

/* Sees to it that the file is in a store (request->round is filled in here); `*path`, which the caller frees, is where. `trace` (may be NULL) is told what was tried. Errors: NOT_FOUND,
 * MISMATCH, FORMAT, IO; INTERRUPTED when the reader stopped it (base/watch.h).
 */
struct imp_error *imp_keeper_get(const struct imp_keeper_request *request, void (*trace)(void *context, const char *line), void *context,
				 char **path);

/* From now on servers are asked also for what they did not have, and when they did not answer, before. */
void imp_keeper_ask_again(void);

#endif
