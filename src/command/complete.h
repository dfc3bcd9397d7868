/* Completion: which words could stand at the end of a line. How they are offered is the prompt's question. */
#ifndef IMP_COMMAND_COMPLETE_H
#define IMP_COMMAND_COMPLETE_H

#include "command/command.h"

enum { IMP_COMPLETE_MOST = 500 }; /* candidates that one question offers */

/* Calls `visit` with each candidate for the last word of `text`, a line up to the cursor, until it returns false: names of commands, MODULE! and its
 * symbols or types, a type's fields. Returns where in `text` the word begins. Opens the symbols of the module that the word names (of the kernel when
 * it names none), nothing else; notes about what is missing are left in the kernel.
 */
size_t imp_complete(struct imp_session *session, const char *text, bool (*visit)(void *context, const char *word), void *context);

#endif
