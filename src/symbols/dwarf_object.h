/* An image file as libdwarf sees it: its debug sections and nothing else. Only for the process that reads them. */
#ifndef IMP_SYMBOLS_DWARF_OBJECT_H
#define IMP_SYMBOLS_DWARF_OBJECT_H

#include "image/pe.h"

#include <libdwarf.h>

enum { IMP_DWARF_SECTIONS = 96 };

struct imp_dwarf_object {
	const struct imp_pe *image;
	uint32_t sections[IMP_DWARF_SECTIONS]; /* of those that are shown to libdwarf: which section of the image it is */
	uint32_t count;
	Dwarf_Obj_Access_Interface access;
};

/* As libdwarf's functions: DW_DLV_OK, and `*dwarf` is ended with dwarf_object_finish; `object` has to live as long. */
int imp_dwarf_object_open(const struct imp_pe *image, struct imp_dwarf_object *object, Dwarf_Debug *dwarf, Dwarf_Error *error);

#endif
