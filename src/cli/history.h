/* What was typed at prompts, in one file for all of them. */
#ifndef IMP_CLI_HISTORY_H
#define IMP_CLI_HISTORY_H

#include <histedit.h>

/* A history of libedit's with what the file has; NULL without memory. Ended with history_end. */
History *imp_history_new(void);
/* Adds a line to the history of this prompt, and at once to the file, whatever other prompts have added to that in the meantime: a terminal's window may be
 * closed at any time. A file that cannot be written is left alone.
 */
void imp_history_add(History *past, const char *line);

#endif
