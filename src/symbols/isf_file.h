/* What isf.c and isf_types.c share: the table while it is read. */
#ifndef IMP_SYMBOLS_ISF_FILE_H
#define IMP_SYMBOLS_ISF_FILE_H

#include "symbols/json_reader.h"
#include "symbols/pdb_made.h"

enum imp_isf_section { IMP_ISF_METADATA, IMP_ISF_BASE_TYPES, IMP_ISF_USER_TYPES, IMP_ISF_ENUMS, IMP_ISF_SYMBOLS, IMP_ISF_SECTIONS };

struct imp_isf {
	const char *path;
	struct imp_json json;
	size_t sections[IMP_ISF_SECTIONS]; /* where in the text each begins; 0: it is missing */
	struct imp_pdb_made *made;
};

/* Enters a section's object, as imp_json_object does. */
bool imp_isf_section(struct imp_isf *isf, enum imp_isf_section section);

/* isf_types.c: writes all types to `made`. What is wrong is json.problem. */
void imp_isf_types(struct imp_isf *isf);

#endif
