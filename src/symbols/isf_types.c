/* The types of an ISF table as type records. Every named type gets its index first, so that the fields of all can refer to it and arrays know its size. */
#include "symbols/isf_file.h"
#include "symbols/key_tree.h"

#include <stdlib.h>

/* Pointers to arrays of pointers ...: far beyond what compilers write. */
enum { DESCRIPTOR_DEPTH = 32 };
struct type {
	uint32_t index;
	uint64_t size; /* bytes */
	bool is_bit;
	uint8_t bit; /* position of a bit field's first */
};

struct named {
	struct imp_key key; /* its name */
	struct type type;
	char name[];
};

struct types {
	struct imp_isf *isf;
	struct imp_json *json;
	struct imp_pdb_made *made;
	void *base, *tags; /* trees of struct named */
};

static bool fail(struct types *types, const char *problem)
{
	if (!types->json->problem)
		types->json->problem = problem;
	return false;
}

static const struct type *find(void *all, const struct imp_json_string *name)
{
	const struct named *found = imp_key_tree_find(all, name->text, name->length);

	return found ? &found->type : NULL;
}

/* Adds an item for `name` to the tree; NULL, and a problem, when there is one already or memory is short. */
static struct named *add(struct types *types, void **all, const struct imp_json_string *name)
{
	struct named *named;

	if (find(*all, name)) {
		fail(types, "a type is there twice");
		return NULL;
	}
	named = calloc(1, sizeof(*named) + name->length + 1);
	if (named) {
		memcpy(named->name, name->text, name->length);
		named->key = (struct imp_key){ named->name, name->length };
		if (imp_key_tree_add(all, &named->key))
			return named;
	}
	free(named);
	fail(types, "memory is short");
	return NULL;
}

/* A base type by its name, where that says more than the rest, else by what it is. What is not in the table is shown as "<no type>". */
static const struct {
	const char *name, *kind;
	uint64_t size;
	enum { UNSIGNED, SIGNED, EITHER } sign;
	uint32_t index;
} base_types[] = {
	{ "long", "int", 4, SIGNED, T_LONG },       { "unsigned long", "int", 4, UNSIGNED, T_ULONG },
	{ "HRESULT", "int", 4, EITHER, T_HRESULT }, { "wchar", "int", 2, EITHER, T_WCHAR },
	{ NULL, "void", 0, EITHER, T_VOID },        { NULL, "char", 1, SIGNED, T_RCHAR },
	{ NULL, "char", 1, UNSIGNED, T_UCHAR },     { NULL, "bool", 1, EITHER, T_BOOL08 },
	{ NULL, "bool", 4, EITHER, T_BOOL32 },      { NULL, "int", 1, SIGNED, T_RCHAR },
	{ NULL, "int", 1, UNSIGNED, T_UCHAR },      { NULL, "int", 2, SIGNED, T_INT2 },
	{ NULL, "int", 2, UNSIGNED, T_UINT2 },      { NULL, "int", 4, SIGNED, T_INT4 },
	{ NULL, "int", 4, UNSIGNED, T_UINT4 },      { NULL, "int", 8, SIGNED, T_INT8 },
	{ NULL, "int", 8, UNSIGNED, T_UINT8 },      { NULL, "int", 16, SIGNED, T_INT16 },
	{ NULL, "int", 16, UNSIGNED, T_UINT16 },    { NULL, "float", 4, EITHER, T_REAL32 },
	{ NULL, "float", 8, EITHER, T_REAL64 },     { NULL, "float", 10, EITHER, T_REAL80 },
};

static void read_base_type(struct types *types, struct named *named)
{
	struct imp_json_string key, text;
	char kind[8] = "";
	bool is_signed = false;

	imp_json_object(types->json);
	while (imp_json_member(types->json, &key)) {
		if (imp_json_is(&key, "kind") && imp_json_string(types->json, &text))
			memcpy(kind, text.text, text.length < sizeof(kind) ? text.length : 0);
		else if (imp_json_is(&key, "size"))
			imp_json_integer(types->json, &named->type.size);
		else if (imp_json_is(&key, "signed"))
			imp_json_boolean(types->json, &is_signed);
		else if (!imp_json_is(&key, "kind"))
			imp_json_skip(types->json);
	}
	for (size_t i = 0; i < sizeof(base_types) / sizeof(*base_types) && !named->type.index; i++)
		if ((!base_types[i].name || strcmp(base_types[i].name, named->name) == 0) && strcmp(base_types[i].kind, kind) == 0 &&
		    base_types[i].size == named->type.size && (base_types[i].sign == EITHER || base_types[i].sign == (is_signed ? SIGNED : UNSIGNED)))
			named->type.index = base_types[i].index;
}

static void read_base_types(struct types *types)
{
	struct imp_json_string name;

	imp_isf_section(types->isf, IMP_ISF_BASE_TYPES);
	while (imp_json_member(types->json, &name)) {
		struct named *named = add(types, &types->base, &name);

		if (!named)
			return;
		read_base_type(types, named);
	}
}

/* The kinds of user_types; an enumeration has no "kind". */
static const struct {
	const char *name;
	uint16_t record;
} tag_kinds[] = { { "struct", LF_STRUCTURE }, { "class", LF_STRUCTURE }, { "union", LF_UNION }, { "enum", LF_ENUM } };

static uint16_t tag_kind(const struct imp_json_string *name)
{
	for (size_t i = 0; i < sizeof(tag_kinds) / sizeof(*tag_kinds); i++)
		if (imp_json_is(name, tag_kinds[i].name))
			return tag_kinds[i].record;
	return 0;
}

/* Gives one type its index; its fields are passed over. */
static void declare(struct types *types, struct named *named, uint16_t kind)
{
	struct imp_json_string key, text;
	uint32_t underlying = T_INT4;

	imp_json_object(types->json);
	while (imp_json_member(types->json, &key)) {
		if (imp_json_is(&key, "size")) {
			imp_json_integer(types->json, &named->type.size);
		} else if (imp_json_is(&key, "kind") && imp_json_string(types->json, &text)) {
			kind = tag_kind(&text);
		} else if (imp_json_is(&key, "base") && imp_json_string(types->json, &text)) {
			const struct type *base = find(types->base, &text);

			underlying = base ? base->index : T_INT4;
		} else {
			imp_json_skip(types->json);
		}
	}
	if (!kind)
		fail(types, "a type is neither struct, class nor union");
	else if (named->type.size > UINT32_MAX)
		fail(types, "a type has more than 4 GiB");
	else
		named->type.index = imp_made_tag(types->made, kind, named->name, strlen(named->name), named->type.size, underlying, false);
}

static void declare_all(struct types *types, enum imp_isf_section section, uint16_t kind)
{
	struct imp_json_string name;

	imp_isf_section(types->isf, section);
	while (imp_json_member(types->json, &name)) {
		struct named *named = add(types, &types->tags, &name);

		if (!named)
			return;
		declare(types, named, kind);
	}
}

/* A "type" or "subtype" object: its members come in any order. */
struct descriptor {
	struct imp_json_string kind;
	size_t name_at; /* where its name stands in the text; 0: it has none */
	bool has_subtype;
	struct type subtype;
	uint64_t count, bit_length, bit_position;
};

static bool descriptor_name(struct types *types, const struct descriptor *descriptor, struct imp_json_string *name)
{
	size_t here = types->json->at;

	if (!descriptor->name_at)
		return fail(types, "a type has no name");
	types->json->at = descriptor->name_at;
	if (!imp_json_string(types->json, name))
		return false;
	types->json->at = here;
	return true;
}

static bool make_base(struct types *types, const struct descriptor *descriptor, struct type *type)
{
	struct imp_json_string name;
	const struct type *base;

	if (!descriptor_name(types, descriptor, &name))
		return false;
	base = find(types->base, &name);
	if (!base)
		return fail(types, "a base type is not in base_types");
	*type = *base;
	return true;
}

/* A type that is only declared becomes a forward reference without a definition. */
static bool make_tag(struct types *types, const struct descriptor *descriptor, struct type *type)
{
	struct imp_json_string name;
	const struct type *tag;

	if (!descriptor_name(types, descriptor, &name))
		return false;
	tag = find(types->tags, &name);
	if (tag)
		*type = *tag;
	else
		*type = (struct type){ .index = imp_made_tag(types->made, tag_kind(&descriptor->kind), name.text, name.length, 0, T_INT4, true) };
	return true;
}

static bool make_pointer(struct types *types, const struct descriptor *descriptor, struct type *type)
{
	*type = (struct type){ .index = imp_made_pointer(types->made, descriptor->subtype.index), .size = IMP_MADE_POINTER_SIZE };
	return true;
}

static bool make_array(struct types *types, const struct descriptor *descriptor, struct type *type)
{
	if (__builtin_mul_overflow(descriptor->count, descriptor->subtype.size, &type->size) || type->size > UINT32_MAX)
		return fail(types, "an array has more than 4 GiB");
	type->index = imp_made_array(types->made, descriptor->subtype.index, type->size);
	return true;
}

static bool make_function(struct types *types, const struct descriptor *descriptor, struct type *type)
{
	(void)descriptor; /* the table does not say what it returns */
	*type = (struct type){ .index = imp_made_function(types->made, T_NOTYPE) };
	return true;
}

static bool make_bitfield(struct types *types, const struct descriptor *descriptor, struct type *type)
{
	if (descriptor->bit_length > 64 || descriptor->bit_position > 63)
		return fail(types, "a bit field has more bits than an integer");
	*type = (struct type){ .size = descriptor->subtype.size, .is_bit = true, .bit = (uint8_t)descriptor->bit_position };
	type->index = imp_made_bits(types->made, descriptor->subtype.index, type->bit, (uint8_t)descriptor->bit_length);
	return true;
}

static const struct {
	const char *name;
	bool has_subtype;
	bool (*make)(struct types *types, const struct descriptor *descriptor, struct type *type);
} descriptor_kinds[] = {
	{ "base", false, make_base },  { "struct", false, make_tag },        { "class", false, make_tag },
	{ "union", false, make_tag },  { "enum", false, make_tag },          { "pointer", true, make_pointer },
	{ "array", true, make_array }, { "function", false, make_function }, { "bitfield", true, make_bitfield },
};

static bool make_type(struct types *types, const struct descriptor *descriptor, struct type *type)
{
	for (size_t i = 0; i < sizeof(descriptor_kinds) / sizeof(*descriptor_kinds); i++) {
		if (!imp_json_is(&descriptor->kind, descriptor_kinds[i].name))
			continue;
		if (descriptor_kinds[i].has_subtype && !descriptor->has_subtype)
			return fail(types, "a type does not say of what it is made");
		return descriptor_kinds[i].make(types, descriptor, type);
	}
	return fail(types, "a type is of a kind that ISF does not have");
}

static bool read_type(struct types *types, unsigned depth, struct type *type)
{
	struct descriptor descriptor = { .kind = { "", 0 } };
	struct imp_json_string key;

	*type = (struct type){ 0 };
	if (depth > DESCRIPTOR_DEPTH)
		return fail(types, "types lie too deep in each other");
	imp_json_object(types->json);
	while (imp_json_member(types->json, &key)) {
		if (imp_json_is(&key, "kind")) {
			/* No kind needs escapes; a text that has some is none. */
			if (imp_json_string(types->json, &descriptor.kind) && descriptor.kind.text == types->json->decoded)
				descriptor.kind.length = 0;
		} else if (imp_json_is(&key, "name")) {
			descriptor.name_at = types->json->at;
			imp_json_skip(types->json);
		} else if (imp_json_is(&key, "subtype") || imp_json_is(&key, "type")) {
			descriptor.has_subtype = read_type(types, depth + 1, &descriptor.subtype);
		} else if (imp_json_is(&key, "count")) {
			imp_json_integer(types->json, &descriptor.count);
		} else if (imp_json_is(&key, "bit_length")) {
			imp_json_integer(types->json, &descriptor.bit_length);
		} else if (imp_json_is(&key, "bit_position")) {
			imp_json_integer(types->json, &descriptor.bit_position);
		} else {
			imp_json_skip(types->json);
		}
	}
	return !types->json->problem && make_type(types, &descriptor, type);
}

/* A table's fields are sorted by name. They are put in order of their offset; at the same one the larger first, then bits by their position. */
static uint64_t field_order(uint64_t offset, const struct type *type)
{
	enum { BITS = 1u << 31 };

	return offset << 32 | (type->is_bit ? BITS + type->bit : type->size < BITS ? BITS - 1 - type->size : 0);
}

static void read_field(struct types *types, const struct imp_json_string *name)
{
	struct imp_json_string key;
	struct type type = { 0 };
	uint64_t offset = UINT64_MAX;
	bool has_type = false, anonymous = false;

	imp_json_object(types->json);
	while (imp_json_member(types->json, &key)) {
		if (imp_json_is(&key, "offset"))
			imp_json_integer(types->json, &offset);
		else if (imp_json_is(&key, "type"))
			has_type = read_type(types, 0, &type);
		else if (imp_json_is(&key, "anonymous"))
			imp_json_boolean(types->json, &anonymous);
		else
			imp_json_skip(types->json);
	}
	if (!has_type)
		fail(types, "a field has no type");
	else if (offset > UINT32_MAX)
		fail(types, "a field has no offset, or one beyond 4 GiB");
	else
		imp_made_member(types->made, field_order(offset, &type), name->text, anonymous ? 0 : name->length, type.index, offset);
}

static void read_enumerator(struct types *types, const struct imp_json_string *name)
{
	uint64_t value;

	/* By value, the negative ones first. */
	if (imp_json_integer(types->json, &value))
		imp_made_enumerator(types->made, value ^ (uint64_t)1 << 63, name->text, name->length, value);
}

/* Reads the member `list` (fields, constants) of each type of a section, entry by entry. */
static void fill_all(struct types *types, enum imp_isf_section section, const char *list,
		     void (*read)(struct types *types, const struct imp_json_string *name))
{
	struct imp_json_string name, key, entry;
	char copy[IMP_JSON_STRING_LIMIT];

	imp_isf_section(types->isf, section);
	while (imp_json_member(types->json, &name)) {
		const struct type *tag = find(types->tags, &name);

		imp_json_object(types->json);
		while (imp_json_member(types->json, &key)) {
			if (!imp_json_is(&key, list)) {
				imp_json_skip(types->json);
				continue;
			}
			imp_json_object(types->json);
			while (imp_json_member(types->json, &entry)) {
				imp_json_keep(types->json, &entry, copy);
				read(types, &entry);
			}
		}
		if (tag && !types->json->problem)
			imp_made_fields(types->made, tag->index);
	}
}

void imp_isf_types(struct imp_isf *isf)
{
	struct types types = { .isf = isf, .json = &isf->json, .made = isf->made };

	read_base_types(&types);
	declare_all(&types, IMP_ISF_ENUMS, LF_ENUM);
	declare_all(&types, IMP_ISF_USER_TYPES, 0);
	fill_all(&types, IMP_ISF_ENUMS, "constants", read_enumerator);
	fill_all(&types, IMP_ISF_USER_TYPES, "fields", read_field);
	imp_key_tree_free(types.base);
	imp_key_tree_free(types.tags);
}
