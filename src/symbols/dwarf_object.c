/* An image file as libdwarf sees it: see dwarf_object.h. */
#include "symbols/dwarf_object.h"

#include "symbols/dwarf_read.h"

static bool is_debug_section(const char *name)
{
	return name && strncmp(name, ".debug_", 7) == 0;
}

bool imp_dwarf_present(const struct imp_pe *image)
{
	for (uint32_t i = 0; i < imp_pe_info(image)->section_count; i++) {
		const char *name = imp_pe_section_name(image, i);

		if (name && strcmp(name, ".debug_info") == 0 && imp_pe_section_bytes(image, i).size)
			return true;
	}
	return false;
}

/* libdwarf's view: section 0 is empty, as in ELF files, then the debug sections. */
static int section_info(void *context, Dwarf_Half index, Dwarf_Obj_Access_Section *section, int *error)
{
	const struct imp_dwarf_object *object = context;

	(void)error;
	*section = (Dwarf_Obj_Access_Section){ .name = "" };
	if (index > object->count)
		return DW_DLV_NO_ENTRY;
	if (index) {
		section->name = imp_pe_section_name(object->image, object->sections[index - 1]);
		section->size = imp_pe_section_bytes(object->image, object->sections[index - 1]).size;
	}
	return DW_DLV_OK;
}

static int load_section(void *context, Dwarf_Half index, Dwarf_Small **data, int *error)
{
	const struct imp_dwarf_object *object = context;

	(void)error;
	if (!index || index > object->count)
		return DW_DLV_NO_ENTRY;
	*data = (Dwarf_Small *)(uintptr_t)imp_pe_section_bytes(object->image, object->sections[index - 1])
			.data; /* libdwarf writes relocatable files only */
	return DW_DLV_OK;
}

static Dwarf_Endianness byte_order(void *context)
{
	(void)context;
	return DW_OBJECT_LSB;
}

static Dwarf_Small pointer_size(void *context)
{
	(void)context;
	return 8;
}

/* That of ELF's headers; DWARF units say their own. */
static Dwarf_Small length_size(void *context)
{
	(void)context;
	return 4;
}

static Dwarf_Unsigned section_count(void *context)
{
	return ((const struct imp_dwarf_object *)context)->count + 1;
}

static const Dwarf_Obj_Access_Methods methods = { section_info, byte_order, length_size, pointer_size, section_count, load_section, NULL };

int imp_dwarf_object_open(const struct imp_pe *image, struct imp_dwarf_object *object, Dwarf_Debug *dwarf, Dwarf_Error *error)
{
	*object = (struct imp_dwarf_object){ .image = image };
	object->access = (Dwarf_Obj_Access_Interface){ object, &methods };
	for (uint32_t i = 0; i < imp_pe_info(image)->section_count && object->count < IMP_DWARF_SECTIONS; i++) {
		if (is_debug_section(imp_pe_section_name(image, i)) && imp_pe_section_bytes(image, i).size)
			object->sections[object->count++] = i;
	}
	return dwarf_object_init_b(&object->access, NULL, NULL, DW_GROUPNUMBER_ANY, dwarf, error);
}
