/* The types in an image file's DWARF as type records. Every structure, union and enumeration gets its index when something first leads to it, and its
 * fields when its turn comes, so that types may refer to each other. One of each name is kept: units repeat what their headers declare.
 */
#include "symbols/dwarf_object.h"
#include "symbols/dwarf_read.h"
#include "symbols/key_tree.h"
#include "symbols/pdb_made.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>

/* Pointers to arrays of pointers ..., namespaces and unnamed members in each other: far beyond what compilers write. */
enum { MOST_NESTED = 32 };

struct type {
	uint32_t index;
	uint64_t size; /* bytes */
};

/* A structure, union or enumeration that has its index. */
struct definition {
	struct imp_key key;      /* its name */
	struct definition *next; /* whose fields are to be read after this one's */
	Dwarf_Off die;
	struct type type;
	char name[];
};

struct reader {
	Dwarf_Debug dwarf;
	struct imp_pdb_made *made;
	void *by_key; /* a tree of all definitions */
	struct definition *first, **last;
	bool full; /* no memory for more */
};

/* Whether the answer is there; why it is not does not matter to the rest. */
static bool answered(const struct reader *reader, int result, Dwarf_Error *error)
{
	if (result == DW_DLV_ERROR && *error)
		dwarf_dealloc(reader->dwarf, *error, DW_DLA_ERROR);
	*error = NULL;
	return result == DW_DLV_OK;
}

static bool number(const struct reader *reader, Dwarf_Die die, Dwarf_Half attribute, uint64_t *value)
{
	Dwarf_Error error = NULL;
	Dwarf_Attribute found;
	Dwarf_Unsigned is_unsigned;
	Dwarf_Signed is_signed;

	*value = 0;
	if (!answered(reader, dwarf_attr(die, attribute, &found, &error), &error))
		return false;
	bool is_number = answered(reader, dwarf_formudata(found, &is_unsigned, &error), &error);
	if (is_number) {
		*value = is_unsigned;
	} else {
		is_number = answered(reader, dwarf_formsdata(found, &is_signed, &error), &error);
		if (is_number)
			*value = (uint64_t)is_signed;
	}
	dwarf_dealloc(reader->dwarf, found, DW_DLA_ATTR);
	return is_number;
}

static bool has(const struct reader *reader, Dwarf_Die die, Dwarf_Half attribute)
{
	Dwarf_Error error = NULL;
	Dwarf_Bool found = false;

	return answered(reader, dwarf_hasattr(die, attribute, &found, &error), &error) && found;
}

static Dwarf_Half tag_of(const struct reader *reader, Dwarf_Die die)
{
	Dwarf_Error error = NULL;
	Dwarf_Half tag = 0;

	return answered(reader, dwarf_tag(die, &tag, &error), &error) ? tag : 0;
}

/* The name of `die`, "" when it has none. Lives as long as the debug data. */
static const char *name_of(const struct reader *reader, Dwarf_Die die)
{
	Dwarf_Error error = NULL;
	char *name;

	return answered(reader, dwarf_diename(die, &name, &error), &error) ? name : "";
}

/* The DIE of the type that `die` has; NULL: void. Freed by the caller. */
static Dwarf_Die type_die(const struct reader *reader, Dwarf_Die die)
{
	Dwarf_Error error = NULL;
	Dwarf_Attribute reference;
	Dwarf_Die found = NULL;
	Dwarf_Off offset;

	if (!answered(reader, dwarf_attr(die, DW_AT_type, &reference, &error), &error))
		return NULL;
	if (answered(reader, dwarf_global_formref(reference, &offset, &error), &error) &&
	    !answered(reader, dwarf_offdie_b(reader->dwarf, offset, true, &found, &error), &error))
		found = NULL;
	dwarf_dealloc(reader->dwarf, reference, DW_DLA_ATTR);
	return found;
}

/* Calls `visit` for each child of `parent` until it returns false. */
static void each_child(struct reader *reader, Dwarf_Die parent, bool (*visit)(struct reader *reader, Dwarf_Die die, void *context), void *context)
{
	Dwarf_Error error = NULL;
	Dwarf_Die die, next;

	if (!answered(reader, dwarf_child(parent, &die, &error), &error))
		return;
	for (;;) {
		bool more = visit(reader, die, context) && !reader->full && !imp_made_problem(reader->made) &&
			    answered(reader, dwarf_siblingof_b(reader->dwarf, die, true, &next, &error), &error);
		dwarf_dealloc(reader->dwarf, die, DW_DLA_DIE);
		if (!more)
			return;
		die = next;
	}
}

/* A base type by its name, where that says more than the rest, else by what it is. */
static const struct {
	const char *name;
	uint64_t encoding, size;
	uint32_t index;
} base_types[] = {
	{ "long int", DW_ATE_signed, 4, T_LONG }, { "long unsigned int", DW_ATE_unsigned, 4, T_ULONG },
	{ NULL, DW_ATE_signed_char, 1, T_RCHAR }, { NULL, DW_ATE_unsigned_char, 1, T_UCHAR },
	{ NULL, DW_ATE_boolean, 1, T_BOOL08 },    { NULL, DW_ATE_boolean, 4, T_BOOL32 },
	{ NULL, DW_ATE_signed, 1, T_RCHAR },      { NULL, DW_ATE_signed, 2, T_INT2 },
	{ NULL, DW_ATE_signed, 4, T_INT4 },       { NULL, DW_ATE_signed, 8, T_INT8 },
	{ NULL, DW_ATE_signed, 16, T_INT16 },     { NULL, DW_ATE_unsigned, 1, T_UCHAR },
	{ NULL, DW_ATE_unsigned, 2, T_UINT2 },    { NULL, DW_ATE_unsigned, 4, T_UINT4 },
	{ NULL, DW_ATE_unsigned, 8, T_UINT8 },    { NULL, DW_ATE_unsigned, 16, T_UINT16 },
	{ NULL, DW_ATE_float, 4, T_REAL32 },      { NULL, DW_ATE_float, 8, T_REAL64 },
	{ NULL, DW_ATE_UTF, 2, T_WCHAR },
};

static struct type base_type(const struct reader *reader, Dwarf_Die die)
{
	struct type type = { T_NOTYPE, 0 };
	const char *name = name_of(reader, die);
	uint64_t encoding;

	number(reader, die, DW_AT_byte_size, &type.size);
	number(reader, die, DW_AT_encoding, &encoding);
	for (size_t i = 0; i < sizeof(base_types) / sizeof(*base_types) && !type.index; i++)
		if (base_types[i].encoding == encoding && base_types[i].size == type.size &&
		    (!base_types[i].name || strcmp(base_types[i].name, name) == 0))
			type.index = base_types[i].index;
	return type;
}

/* An enumeration's integer, by its size. */
static uint32_t integer_of(uint64_t size)
{
	return size == 1 ? T_UCHAR : size == 2 ? T_UINT2 : size == 8 ? T_UINT8 : T_INT4;
}

static uint16_t record_kind(Dwarf_Half tag)
{
	return tag == DW_TAG_enumeration_type ? LF_ENUM : tag == DW_TAG_union_type ? LF_UNION : LF_STRUCTURE;
}

/* A structure, union or enumeration; one without a name is called by `alias`, its typedef's name, or as compilers call it in PDBs. */
static struct type tag_type(struct reader *reader, Dwarf_Die die, const char *alias)
{
	const char *name = name_of(reader, die);
	uint16_t kind = record_kind(tag_of(reader, die));
	struct definition *known;
	Dwarf_Error error = NULL;
	Dwarf_Off offset = 0;
	char place[40];
	uint64_t size;

	answered(reader, dwarf_dieoffset(die, &offset, &error), &error);
	if (!*name && alias)
		name = alias;
	/* Those have no name by which others could be the same, but their place. */
	snprintf(place, sizeof(place), "<%llx>", (unsigned long long)offset);
	const char *key = *name ? name : place;
	if (!*name)
		name = "<unnamed-tag>";
	known = imp_key_tree_find(reader->by_key, key, strlen(key));
	if (known)
		return known->type;
	if (has(reader, die, DW_AT_declaration))
		return (struct type){ imp_made_tag(reader->made, kind, name, strlen(name), 0, T_INT4, true), 0 };
	known = calloc(1, sizeof(*known) + strlen(key) + 1);
	if (known)
		known->key = (struct imp_key){ strcpy(known->name, key), strlen(key) };
	if (!known || !imp_key_tree_add(&reader->by_key, &known->key)) {
		free(known);
		reader->full = true;
		return (struct type){ 0 };
	}
	number(reader, die, DW_AT_byte_size, &size);
	known->die = offset;
	known->type = (struct type){ imp_made_tag(reader->made, kind, name, strlen(name), size, integer_of(size), false), size };
	*reader->last = known;
	reader->last = &known->next;
	return known->type;
}

static struct type resolve(struct reader *reader, Dwarf_Die die, const char *alias, unsigned depth);

/* The type that `die` refers to. */
static struct type type_of(struct reader *reader, Dwarf_Die die, const char *alias, unsigned depth)
{
	Dwarf_Die target = type_die(reader, die);
	struct type type = { T_VOID, 0 };

	if (target) {
		type = resolve(reader, target, alias, depth + 1);
		dwarf_dealloc(reader->dwarf, target, DW_DLA_DIE);
	}
	return type;
}

struct dimensions {
	uint64_t counts[MOST_NESTED];
	size_t count;
};

static bool add_dimension(struct reader *reader, Dwarf_Die die, void *context)
{
	struct dimensions *dimensions = context;
	uint64_t count = 0;

	if (tag_of(reader, die) != DW_TAG_subrange_type || dimensions->count == MOST_NESTED)
		return true;
	if (!number(reader, die, DW_AT_count, &count) && number(reader, die, DW_AT_upper_bound, &count))
		count++;
	dimensions->counts[dimensions->count++] = count;
	return true;
}

static struct type array_type(struct reader *reader, Dwarf_Die die, unsigned depth)
{
	struct dimensions dimensions = { .count = 0 };
	struct type type = type_of(reader, die, NULL, depth);

	each_child(reader, die, add_dimension, &dimensions);
	while (dimensions.count--) {
		if (__builtin_mul_overflow(type.size, dimensions.counts[dimensions.count], &type.size) || type.size > UINT32_MAX)
			type.size = 0;
		type.index = imp_made_array(reader->made, type.index, type.size);
	}
	return type;
}

static struct type resolve(struct reader *reader, Dwarf_Die die, const char *alias, unsigned depth)
{
	if (depth > MOST_NESTED)
		return (struct type){ T_NOTYPE, 0 };
	switch (tag_of(reader, die)) {
	case DW_TAG_base_type:
		return base_type(reader, die);
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
		return tag_type(reader, die, alias);
	case DW_TAG_typedef:
		return type_of(reader, die, name_of(reader, die), depth);
	case DW_TAG_const_type:
	case DW_TAG_volatile_type:
	case DW_TAG_restrict_type:
	case DW_TAG_atomic_type:
		return type_of(reader, die, alias, depth);
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		return (struct type){ imp_made_pointer(reader->made, type_of(reader, die, NULL, depth).index), IMP_MADE_POINTER_SIZE };
	case DW_TAG_array_type:
		return array_type(reader, die, depth);
	case DW_TAG_subroutine_type:
		return (struct type){ imp_made_function(reader->made, type_of(reader, die, NULL, depth).index), 0 };
	default:
		return (struct type){ T_NOTYPE, 0 };
	}
}

/* Where the fields go of which members are read. */
struct fields {
	uint64_t base, order;
	unsigned depth;
};

/* Where in its integer a bit field lies: since DWARF 4 its distance from the start of the structure, before that the bits above it. */
static bool bit_field(struct reader *reader, Dwarf_Die die, struct type *type, uint64_t *offset)
{
	uint64_t length, bit, above;

	if (!number(reader, die, DW_AT_bit_size, &length) || type->size == 0 || type->size > 8)
		return false;
	if (number(reader, die, DW_AT_data_bit_offset, &bit)) {
		*offset = bit / 8 / type->size * type->size;
		bit -= *offset * 8;
	} else if (number(reader, die, DW_AT_bit_offset, &above) && above + length <= type->size * 8) {
		bit = type->size * 8 - above - length;
	} else {
		bit = 0;
	}
	type->index = imp_made_bits(reader->made, type->index, (uint8_t)(bit & 63), (uint8_t)length);
	return true;
}

/* A member; those of an unnamed structure or union, and of a base class, are the outer one's own, as in a PDB. */
static bool add_member(struct reader *reader, Dwarf_Die die, void *context)
{
	struct fields *fields = context;
	Dwarf_Half tag = tag_of(reader, die);
	const char *name = name_of(reader, die);
	uint64_t offset;

	if ((tag != DW_TAG_member && tag != DW_TAG_inheritance) || has(reader, die, DW_AT_external))
		return true;
	number(reader, die, DW_AT_data_member_location, &offset);
	if (tag == DW_TAG_inheritance || !*name) {
		struct fields inner = { fields->base + offset, fields->order, fields->depth + 1 };
		Dwarf_Die target = fields->depth < MOST_NESTED ? type_die(reader, die) : NULL;

		if (target) { /* of an unnamed bit field, which only fills, a type without members */
			each_child(reader, target, add_member, &inner);
			dwarf_dealloc(reader->dwarf, target, DW_DLA_DIE);
		}
		fields->order = inner.order;
		return true;
	}
	struct type type = type_of(reader, die, NULL, 0);
	bit_field(reader, die, &type, &offset);
	imp_made_member(reader->made, fields->order++, name, strlen(name), type.index, fields->base + offset);
	return true;
}

static bool add_enumerator(struct reader *reader, Dwarf_Die die, void *context)
{
	struct fields *fields = context;
	const char *name = name_of(reader, die);
	uint64_t value;

	if (tag_of(reader, die) == DW_TAG_enumerator && number(reader, die, DW_AT_const_value, &value))
		imp_made_enumerator(reader->made, fields->order++, name, strlen(name), value);
	return true;
}

static void define(struct reader *reader, const struct definition *definition)
{
	struct fields fields = { 0 };
	Dwarf_Error error = NULL;
	Dwarf_Die die;

	if (!answered(reader, dwarf_offdie_b(reader->dwarf, definition->die, true, &die, &error), &error))
		return;
	each_child(reader, die, tag_of(reader, die) == DW_TAG_enumeration_type ? add_enumerator : add_member, &fields);
	imp_made_fields(reader->made, definition->type.index);
	dwarf_dealloc(reader->dwarf, die, DW_DLA_DIE);
}

/* Types of a unit, a namespace or a function. */
static bool add_type(struct reader *reader, Dwarf_Die die, void *context)
{
	unsigned *depth = context, deeper = *depth + 1;

	switch (tag_of(reader, die)) {
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
		if (!*name_of(reader, die) || has(reader, die, DW_AT_declaration))
			break; /* its typedef, or what has it, leads to it */
		resolve(reader, die, NULL, 0);
		break;
	case DW_TAG_typedef:
		resolve(reader, die, NULL, 0);
		break;
	case DW_TAG_namespace:
	case DW_TAG_subprogram:
		if (deeper < MOST_NESTED)
			each_child(reader, die, add_type, &deeper);
		break;
	default:
		break;
	}
	return true;
}

static void read_units(struct reader *reader)
{
	Dwarf_Error error = NULL;

	while (!reader->full && !imp_made_problem(reader->made)) {
		Dwarf_Unsigned length, abbreviations, type_offset, next;
		Dwarf_Half version, address_size, length_bytes, extension_bytes, unit_type;
		unsigned depth = 0;
		Dwarf_Sig8 signature;
		Dwarf_Die unit;

		if (!answered(reader,
			      dwarf_next_cu_header_d(reader->dwarf, true, &length, &version, &abbreviations, &address_size, &length_bytes,
						     &extension_bytes, &signature, &type_offset, &next, &unit_type, &error),
			      &error))
			return;
		if (!answered(reader, dwarf_siblingof_b(reader->dwarf, NULL, true, &unit, &error), &error))
			continue;
		each_child(reader, unit, add_type, &depth);
		dwarf_dealloc(reader->dwarf, unit, DW_DLA_DIE);
	}
}

bool imp_dwarf_read_types(const struct imp_pe *image, struct imp_pdb_made *made)
{
	struct reader reader = { .made = made };
	struct imp_dwarf_object object;
	Dwarf_Error error = NULL;

	reader.last = &reader.first;
	if (imp_dwarf_object_open(image, &object, &reader.dwarf, &error) != DW_DLV_OK)
		return false;
	read_units(&reader);
	for (const struct definition *definition = reader.first; definition && !reader.full && !imp_made_problem(made); definition = definition->next)
		define(&reader, definition);
	imp_key_tree_free(reader.by_key);
	dwarf_object_finish(reader.dwarf, &error);
	return !reader.full;
}
