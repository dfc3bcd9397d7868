/* A line as it is typed: commands separated by ';', and the bar that hands a command's output to a shell. */
#ifndef IMP_COMMAND_LINE_H
#define IMP_COMMAND_LINE_H

#include <stddef.h>

/* Splits "cmd; cmd" at semicolons outside quotes, without remarks: copies the next command, trimmed, to `text` (`size` bytes; a command as long is
 * cut, so make it longer than `line`) and returns where to go on; NULL when there is none left. Behind a bar single quotes quote too: that part is the
 * shell's.
 */
const char *imp_command_next(const char *line, char *text, size_t size);

/* Cuts the shell command off "cmd | shell command" and returns it; NULL when there is none. The bar has blanks (or nothing) on both sides and stands
 * outside quotes, parentheses and brackets; without blanks it is the operator `or`, and behind `?` it always is.
 */
char *imp_command_bar(char *text);

#endif
