/* Expressions as WinDbg's MASM evaluator reads them: hexadecimal numbers, 0n decimal, symbols, poi(), and MASM's arithmetic,
 * shift and bit operators.
 */
#ifndef IMP_COMMAND_EXPRESSION_H
#define IMP_COMMAND_EXPRESSION_H

#include "command/session.h"

/* What an expression may refer to; a test can bring its own. */
struct imp_expression_names {
	void *context;
	struct imp_error *(*symbol)(void *context, const char *name, uint64_t *value);
	struct imp_error *(*read)(void *context, uint64_t address, size_t size, uint64_t *value);
};

/* Evaluates the expression at `*text` up to a blank outside parentheses, a comma or the end, and moves `*text` behind it. */
struct imp_error *imp_expression(const struct imp_expression_names *names, const char **text, uint64_t *value);
/* Evaluates all of `text` (blanks around operators allowed). */
struct imp_error *imp_expression_whole(const struct imp_expression_names *names, const char *text, uint64_t *value);

/* The names of a session: symbols of all modules, memory, @$proc, @$thread, and registers of the current thread (@rsp, @rip). */
struct imp_expression_names imp_session_names(struct imp_session *session);
/* The next argument of a command as an address. Errors: USAGE, naming `what`, when there is none. */
struct imp_error *imp_argument(struct imp_session *session, const char **arguments, const char *what, uint64_t *value);
/* As imp_argument, `otherwise` when there is none. */
struct imp_error *imp_argument_or(struct imp_session *session, const char **arguments, uint64_t otherwise, uint64_t *value);
/* The next argument as a process, the current one without it: an address, or an ID (a number below 4 GiB, where no kernel object lies). */
struct imp_error *imp_argument_process(struct imp_session *session, const char **arguments, uint64_t *address);
/* As these, for a command's last argument: anything behind it is an error (USAGE). */
struct imp_error *imp_argument_last(struct imp_session *session, const char **arguments, const char *what, uint64_t *value);
struct imp_error *imp_argument_last_or(struct imp_session *session, const char **arguments, uint64_t otherwise, uint64_t *value);
/* The only argument as an object: its path in the name space when it begins with a backslash, else an address; `what` as for imp_argument. */
struct imp_error *imp_argument_object(struct imp_session *session, const char *arguments, const char *what, uint64_t *address);

#endif
