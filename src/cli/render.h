/* A command's result on descriptors. */
#ifndef IMP_CLI_RENDER_H
#define IMP_CLI_RENDER_H

#include "report/report.h"

#include "base/error.h"

struct imp_rendering {
	const char *command;
	bool json, colour;
	int output, errors;
};

/* Writes `report` and `err` (NULL: none), as text or as one line of JSON. Returns whether all was written. */
bool imp_render(const struct imp_rendering *how, const struct imp_report *report, const struct imp_error *err);

/* Shows an error that no command has, behind "PROGRAM: ", on standard error. */
void imp_render_error(const char *program, const struct imp_error *err);

#endif
