/* Words of a command's arguments, and matching of names. */
#ifndef IMP_COMMAND_ARGUMENTS_H
#define IMP_COMMAND_ARGUMENTS_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>

/* Copies the next word of `*at` (a "quoted" one without its quotes) and moves on; false at the end. A longer word is cut. */
bool imp_next_word(const char **at, char *word, size_t size);
/* Skips blanks. */
const char *imp_skip_blanks(const char *at);
/* Skips words that begin with / (WinDbg's /p, /r of .process and .thread, which say what is always so here). */
const char *imp_skip_switches(const char *at);
/* The error for what is left of a command's arguments: USAGE when there is anything but blanks, else NULL. */
struct imp_error *imp_arguments_end(const char *at);
/* Whether `text` contains `part`, case-insensitively; with * or ? in it, `part` is a pattern for the whole text. "" matches all. */
bool imp_filter(const char *part, const char *text);

#endif
