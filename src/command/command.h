/* Commands: a table of names and functions, family by family. Each parses its arguments, asks src/nt, and fills a report. */
#ifndef IMP_COMMAND_COMMAND_H
#define IMP_COMMAND_COMMAND_H

#include "command/session.h"
#include "report/report.h"

struct imp_command {
	const char *names;   /* separated by blanks, the first is shown in lists: "di"; "" for a family, whose title is `usage` */
	const char *usage;   /* "us [FILTER]" */
	const char *summary; /* one line */
	const char *help;    /* paragraphs, for .help COMMAND */
	/* NULL: done by the program around the commands (log, pager, screen) */
	struct imp_error *(*run)(struct imp_session *session, const char *arguments, struct imp_report *report);
};

extern const struct imp_command imp_commands[];
extern const size_t imp_command_count;

/* The command that `text` begins with ("!mex.us", "us", ".process"), NULL when there is none. `*arguments` points behind the name and blanks. */
const struct imp_command *imp_command_find(const char *text, const char **arguments);

/* The first of its names. Returns `name`. */
const char *imp_command_name(const struct imp_command *command, char *name, size_t size);

/* Runs one command line (no ';') and fills `report`, notes included. Errors are sentences; what had been found until then is in the report. */
struct imp_error *imp_command_run(struct imp_session *session, const char *text, struct imp_report *report);

#endif
