/* A `dt` as it was asked for. */
#ifndef IMP_COMMAND_DT_H
#define IMP_COMMAND_DT_H

#include "command/session.h"
#include "types/render.h"

enum { IMP_DT_NAME = 192, IMP_DT_PATH = 192 };

struct imp_dt_request {
	struct imp_module *module;
	struct imp_pdb *pdb;
	char name[IMP_DT_NAME];        /* without the module; may be a pattern */
	bool is_variable;              /* the name is that of a symbol, `address` is its */
	struct imp_type type;          /* not for a pattern */
	struct imp_dt_options options; /* its paths point to the members below */
	struct imp_dt_path paths[IMP_DT_PATHS];
	char path_texts[IMP_DT_PATHS][IMP_DT_PATH];
	char link[IMP_DT_PATH]; /* -l: the field that leads to the next entry; "" without */
	bool has_address;
};

/* Reads `arguments`. Errors: USAGE, NOT_FOUND (no such module, type, symbol), those of symbol files and expressions. */
struct imp_error *imp_dt_parse(struct imp_session *session, const char *arguments, struct imp_dt_request *request);
bool imp_dt_is_pattern(const struct imp_dt_request *request);

/* For -l: the field of `request->type` that leads to the next entry, and how far into that entry it points. Errors: NOT_FOUND, USAGE (no link). */
struct imp_error *imp_dt_link(const struct imp_dt_request *request, struct imp_field *link, uint64_t *into);

#endif
