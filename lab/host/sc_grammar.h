/* sc.exe's command line (learn.microsoft.com, "sc.exe create" and its siblings): words without case, options as `key= value` or
 * `key=value`. Only reads it; nothing is looked up.
 */
#ifndef IMP_HOST_SC_GRAMMAR_H
#define IMP_HOST_SC_GRAMMAR_H

#include <stdbool.h>

#include "base/error.h"

enum imp_sc_verb { IMP_SC_CREATE, IMP_SC_START, IMP_SC_STOP, IMP_SC_DELETE, IMP_SC_QUERY, IMP_SC_HELP };

/* Which services `sc query` without a name lists. */
enum imp_sc_states { IMP_SC_ACTIVE, IMP_SC_INACTIVE, IMP_SC_ALL };

struct imp_sc_request {
	enum imp_sc_verb verb;
	const char *name; /* NULL: none (query) */
	const char *binpath;
	const char *display; /* NULL: the name */
	const char *start;   /* as recorded: boot, system, auto, demand, disabled */
	const char *error;   /* normal, severe, critical, ignore */
	enum imp_sc_states states;
	bool json; /* `--json`, which sc.exe does not know, stands anywhere */
};

/* Reads argv (argv[0] is `sc`), from which it takes `--json`. The strings stay argv's or are constants. Errors: IMP_ERROR_USAGE. */
struct imp_error *imp_sc_parse(int argc, char **argv, struct imp_sc_request *request);

/* The help text. */
extern const char imp_sc_usage[];

#endif
