/* Types out of type records: kind, size, element, name. Their fields are fields.c's question, their text names.c's. */
#include "types/members.h"

/* LF_POINTER's attributes: the pointer's size in bytes, or where that is 0 its kind. */
enum { POINTER_SIZE_SHIFT = 13, POINTER_SIZE_MASK = 0x3f, POINTER_KIND_MASK = 0x1f, POINTER_KIND_64 = 0x0c };
/* A simple type's index: the kind below, the pointer mode above. */
enum { SIMPLE_KIND_MASK = 0xff, SIMPLE_MODE_SHIFT = 8, SIMPLE_MODE_DIRECT = 0, SIMPLE_MODE_64 = 6 };
/* A near pointer to void: what compilers for any machine write for std::nullptr_t. */
enum { T_PVOID = 0x103 };

static const struct imp_simple_type simple_types[] = {
	{ 0x00, IMP_BASE_VOID, 0, "<no type>", "<no type>" },
	{ 0x03, IMP_BASE_VOID, 0, "Void", "void" },
	{ 0x08, IMP_BASE_HRESULT, 4, "HRESULT", "HRESULT" },
	{ 0x10, IMP_BASE_CHAR, 1, "Char", "signed char" },
	{ 0x11, IMP_BASE_SIGNED, 2, "Int2B", "short" },
	{ 0x12, IMP_BASE_SIGNED, 4, "Int4B", "long" },
	{ 0x13, IMP_BASE_SIGNED, 8, "Int8B", "int64" },
	{ 0x14, IMP_BASE_SIGNED, 16, "Int16B", "int128" },
	{ 0x20, IMP_BASE_UNSIGNED, 1, "UChar", "unsigned char" },
	{ 0x21, IMP_BASE_UNSIGNED, 2, "Uint2B", "unsigned short" },
	{ 0x22, IMP_BASE_UNSIGNED, 4, "Uint4B", "unsigned long" },
	{ 0x23, IMP_BASE_UNSIGNED, 8, "Uint8B", "unsigned int64" },
	{ 0x24, IMP_BASE_UNSIGNED, 16, "Uint16B", "unsigned int128" },
	{ 0x30, IMP_BASE_BOOL, 1, "Bool", "bool" },
	{ 0x31, IMP_BASE_BOOL, 2, "Bool", "bool" },
	{ 0x32, IMP_BASE_BOOL, 4, "Bool", "bool" },
	{ 0x33, IMP_BASE_BOOL, 8, "Bool", "bool" },
	{ 0x40, IMP_BASE_FLOAT, 4, "Float", "float" },
	{ 0x41, IMP_BASE_FLOAT, 8, "Double", "double" },
	{ 0x42, IMP_BASE_FLOAT, 10, "Float", "long double" },
	{ 0x43, IMP_BASE_FLOAT, 16, "Float", "float128" },
	{ 0x68, IMP_BASE_CHAR, 1, "Char", "char" },
	{ 0x69, IMP_BASE_UNSIGNED, 1, "UChar", "unsigned char" },
	{ 0x70, IMP_BASE_CHAR, 1, "Char", "char" },
	{ 0x71, IMP_BASE_WCHAR, 2, "Wchar", "wchar_t" },
	{ 0x72, IMP_BASE_SIGNED, 2, "Int2B", "short" },
	{ 0x73, IMP_BASE_UNSIGNED, 2, "Uint2B", "unsigned short" },
	{ 0x74, IMP_BASE_SIGNED, 4, "Int4B", "int" },
	{ 0x75, IMP_BASE_UNSIGNED, 4, "Uint4B", "unsigned int" },
	{ 0x76, IMP_BASE_SIGNED, 8, "Int8B", "int64" },
	{ 0x77, IMP_BASE_UNSIGNED, 8, "Uint8B", "unsigned int64" },
	{ 0x78, IMP_BASE_SIGNED, 16, "Int16B", "int128" },
	{ 0x79, IMP_BASE_UNSIGNED, 16, "Uint16B", "unsigned int128" },
	{ 0x7a, IMP_BASE_WCHAR, 2, "Wchar", "char16_t" },
	{ 0x7b, IMP_BASE_UNSIGNED, 4, "Uint4B", "char32_t" },
	{ 0x7c, IMP_BASE_UNSIGNED, 1, "UChar", "char8_t" },
};

const struct imp_simple_type *imp_simple_type(uint32_t index)
{
	for (size_t i = 0; i < sizeof(simple_types) / sizeof(*simple_types); i++)
		if (simple_types[i].kind == (index & SIMPLE_KIND_MASK))
			return &simple_types[i];
	return NULL;
}

static struct imp_error *bad_type(struct imp_pdb *pdb, uint32_t index, const char *why)
{
	return imp_error_new(IMP_ERROR_FORMAT, "type 0x%x of %s %s", index, imp_pdb_path(pdb), why);
}

static struct imp_error *simple_type(struct imp_type *type)
{
	const struct imp_simple_type *simple = imp_simple_type(type->index);
	uint32_t mode = type->index >> SIMPLE_MODE_SHIFT;

	if (!simple)
		return bad_type(type->pdb, type->index, "is a simple type that is not known");
	if (mode != SIMPLE_MODE_DIRECT) {
		type->kind = IMP_TYPE_POINTER;
		type->size = mode == SIMPLE_MODE_64 || type->index == T_PVOID ? 8 : 4;
		type->element = type->index & SIMPLE_KIND_MASK;
		return NULL;
	}
	type->kind = IMP_TYPE_BASE;
	type->base = simple->base;
	type->size = simple->size;
	type->name = simple->dt_name;
	return NULL;
}

static struct imp_error *type_at(struct imp_pdb *pdb, uint32_t index, struct imp_type *type, unsigned nesting);

static struct imp_error *tag_type(struct imp_type *type, const struct imp_tag *tag, unsigned nesting)
{
	struct imp_error *err;
	struct imp_type underlying;

	type->name = tag->name;
	type->count = tag->forward ? 0 : tag->count;
	type->size = tag->size;
	type->kind = tag->kind == LF_UNION ? IMP_TYPE_UNION : IMP_TYPE_STRUCT;
	if (tag->kind != LF_ENUM)
		return NULL;
	type->kind = IMP_TYPE_ENUM;
	type->element = tag->underlying;
	err = type_at(type->pdb, tag->underlying, &underlying, nesting + 1);
	if (!err)
		type->size = underlying.size;
	return err;
}

static struct imp_error *array_type(struct imp_type *type, struct imp_span data, unsigned nesting)
{
	struct imp_type element;
	struct imp_error *err;
	uint64_t at = 8;

	type->kind = IMP_TYPE_ARRAY;
	if (!imp_span_u32(data, 0, &type->element) || !imp_tpi_number(data, &at, &type->size))
		return bad_type(type->pdb, type->index, "is a damaged array record");
	err = type_at(type->pdb, type->element, &element, nesting + 1);
	if (!err && element.size)
		type->count = type->size / element.size;
	return err;
}

static struct imp_error *record_type(struct imp_type *type, uint16_t kind, struct imp_span data, unsigned nesting)
{
	struct imp_error *err = NULL;
	struct imp_type underlying;
	struct imp_tag tag;
	uint32_t attributes;
	bool valid = true;

	if (imp_tpi_tag(data, kind, &tag))
		return tag_type(type, &tag, nesting);
	switch (kind) {
	case LF_POINTER:
		type->kind = IMP_TYPE_POINTER;
		valid = imp_span_u32(data, 0, &type->element) && imp_span_u32(data, 4, &attributes);
		if (!valid)
			break;
		type->size = attributes >> POINTER_SIZE_SHIFT & POINTER_SIZE_MASK;
		if (!type->size)
			type->size = (attributes & POINTER_KIND_MASK) == POINTER_KIND_64 ? 8 : 4;
		break;
	case LF_ARRAY:
		return array_type(type, data, nesting);
	case LF_BITFIELD:
		type->kind = IMP_TYPE_BITFIELD;
		valid = imp_span_u32(data, 0, &type->element) && imp_span_u8(data, 4, &type->bit_length) && imp_span_u8(data, 5, &type->bit_position);
		if (!valid)
			break;
		err = type_at(type->pdb, type->element, &underlying, nesting + 1);
		if (!err)
			type->size = underlying.size;
		break;
	case LF_PROCEDURE:
	case LF_MFUNCTION:
		type->kind = IMP_TYPE_FUNCTION;
		valid = imp_span_u32(data, 0, &type->element);
		break;
	default:
		/* What else a pointer can lead to (a virtual table's shape) has no value of its own. */
		type->kind = IMP_TYPE_BASE;
		type->base = IMP_BASE_VOID;
		type->name = "Void";
		break;
	}
	return valid ? err : bad_type(type->pdb, type->index, "is a damaged record");
}

static struct imp_error *type_at(struct imp_pdb *pdb, uint32_t index, struct imp_type *type, unsigned nesting)
{
	struct imp_span data;
	uint16_t kind;

	*type = (struct imp_type){ .pdb = pdb };
	for (; nesting < IMP_NESTING_LIMIT; nesting++) {
		type->index = imp_tpi_definition(pdb, index);
		if (type->index < IMP_TPI_FIRST_RECORD)
			return simple_type(type);
		if (!imp_tpi_record(pdb, type->index, &kind, &data))
			return bad_type(pdb, index, "does not exist");
		if (kind != LF_MODIFIER)
			return record_type(type, kind, data, nesting);
		/* const and volatile do not show. */
		if (!imp_span_u32(data, 0, &index))
			return bad_type(pdb, type->index, "is a damaged record");
	}
	return bad_type(pdb, index, "leads back to itself");
}

struct imp_error *imp_type_at(struct imp_pdb *pdb, uint32_t index, struct imp_type *type)
{
	return type_at(pdb, index, type, 0);
}

struct imp_error *imp_type_find(struct imp_pdb *pdb, const char *name, struct imp_type *type)
{
	uint32_t index = imp_tpi_find(pdb, name);

	if (index || imp_tpi_typedef(pdb, name, &index))
		return imp_type_at(pdb, index, type);
	return imp_error_new(IMP_ERROR_NOT_FOUND, "%s has no type %s", imp_pdb_path(pdb), name);
}
