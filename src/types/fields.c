/* Fields and enumerators: field lists entry by entry, and the field that a path such as "Header.WaitListHead.Flink" leads to. */
#include "types/members.h"

#include <stdlib.h>

/* Entries of a field list (cvinfo.h's names). */
enum { LF_BCLASS = 0x1400, LF_BINTERFACE = 0x151a, LF_ONEMETHOD = 0x1511 };
/* LF_ONEMETHOD's attributes: kinds of method that introduce a virtual table slot, whose offset follows. */
enum { METHOD_KIND_SHIFT = 2, METHOD_KIND_MASK = 7, METHOD_INTRODUCING = 4, METHOD_PURE_INTRODUCING = 6 };

/* How an entry is laid out after its kind: fixed bytes, then numeric leaves, then maybe a name. */
struct entry_layout {
	uint16_t kind;
	uint8_t fixed, numbers, named;
};
static const struct entry_layout entry_layouts[] = {
	{ LF_MEMBER, 6, 1, 1 },
	{ LF_ENUMERATE, 2, 1, 1 },
	{ LF_BCLASS, 6, 1, 0 },
	{ LF_BINTERFACE, 6, 1, 0 },
	{ LF_INDEX, 6, 0, 0 },
	{ LF_ONEMETHOD, 6, 0, 1 },
	{ 0x1401 /* LF_VBCLASS */, 10, 2, 0 },
	{ 0x1402 /* LF_IVBCLASS */, 10, 2, 0 },
	{ 0x1409 /* LF_VFUNCTAB */, 6, 0, 0 },
	{ 0x140a /* LF_FRIENDCLS */, 6, 0, 0 },
	{ 0x140c /* LF_VFUNCOFF */, 10, 0, 0 },
	{ 0x150c /* LF_FRIENDFCN */, 6, 0, 1 },
	{ 0x150e /* LF_STMEMBER */, 6, 0, 1 },
	{ 0x150f /* LF_METHOD */, 6, 0, 1 },
	{ 0x1510 /* LF_NESTTYPE */, 6, 0, 1 },
	{ 0x1512 /* LF_NESTTYPEEX */, 6, 0, 1 },
	{ 0x1513 /* LF_MEMBERMODIFY */, 6, 0, 1 },
};
enum { ENTRY_TYPE = 2 /* offset of the type index in the fixed bytes, where there is one */ };

struct walk {
	struct imp_pdb *pdb;
	bool (*visit)(void *context, const struct imp_member *member);
	void *context;
	uint32_t *visited; /* entries, over all levels and over all walks of one question */
	bool stopped;
	struct imp_error *err;
};

static bool fail(struct walk *walk, uint32_t index, const char *why)
{
	walk->err = imp_error_new(IMP_ERROR_FORMAT, "the field list 0x%x of %s %s", index, imp_pdb_path(walk->pdb), why);
	return false;
}

static void walk_tag(struct walk *walk, uint32_t index, uint64_t base, unsigned nesting);

/* Reads the entry at `*at`; false when it is damaged or of an unknown kind (whose length then is unknown as well). */
static bool read_entry(struct imp_span list, uint64_t *at, uint16_t *kind, struct imp_member *member)
{
	const struct entry_layout *layout = NULL;
	uint64_t fixed = *at + 2, number;
	uint16_t attributes;

	if (!imp_span_u16(list, *at, kind))
		return false;
	for (size_t i = 0; i < sizeof(entry_layouts) / sizeof(*entry_layouts) && !layout; i++)
		if (entry_layouts[i].kind == *kind)
			layout = &entry_layouts[i];
	if (!layout || !imp_span_has(list, fixed, layout->fixed))
		return false;
	*member = (struct imp_member){ .name = "" };
	if (layout->fixed >= ENTRY_TYPE + 4)
		imp_span_u32(list, fixed + ENTRY_TYPE, &member->type);
	*at = fixed + layout->fixed;
	if (*kind == LF_ONEMETHOD && imp_span_u16(list, fixed, &attributes)) {
		unsigned method = attributes >> METHOD_KIND_SHIFT & METHOD_KIND_MASK;

		if (method == METHOD_INTRODUCING || method == METHOD_PURE_INTRODUCING)
			*at += 4;
	}
	for (unsigned i = 0; i < layout->numbers; i++) {
		if (!imp_tpi_number(list, at, &number))
			return false;
		member->value = number;
	}
	if (layout->named) {
		member->name = imp_span_string(list, *at);
		if (!member->name)
			return false;
		*at += strlen(member->name) + 1;
	}
	for (uint8_t pad; imp_span_u8(list, *at, &pad) && pad > LF_PAD0;)
		*at += pad - LF_PAD0;
	return true;
}

static bool walk_entry(struct walk *walk, uint16_t kind, struct imp_member *member, uint64_t base, unsigned nesting)
{
	switch (kind) {
	case LF_BCLASS:
	case LF_BINTERFACE:
		walk_tag(walk, member->type, base + member->value, nesting + 1);
		break;
	case LF_MEMBER:
		member->value += base;
		walk->stopped = !walk->visit(walk->context, member);
		break;
	case LF_ENUMERATE:
		walk->stopped = !walk->visit(walk->context, member);
		break;
	default:
		break;
	}
	return !walk->stopped && !walk->err;
}

static void walk_tag(struct walk *walk, uint32_t index, uint64_t base, unsigned nesting)
{
	struct imp_tag tag;
	struct imp_member member;
	struct imp_span list;
	uint16_t kind;
	uint64_t at = 0;

	index = imp_tpi_definition(walk->pdb, index);
	if (nesting > IMP_NESTING_LIMIT) {
		fail(walk, index, "has base classes that lead back to themselves");
		return;
	}
	if (!imp_tpi_record(walk->pdb, index, &kind, &list) || !imp_tpi_tag(list, kind, &tag)) {
		fail(walk, index, "is asked of something that has no fields");
		return;
	}
	uint32_t fields = tag.forward ? 0 : tag.fields;
	while (fields) {
		if (!imp_tpi_record(walk->pdb, fields, &kind, &list) || kind != LF_FIELDLIST) {
			fail(walk, fields, "does not exist");
			return;
		}
		uint32_t here = fields;
		fields = 0;
		for (at = 0; at < list.size;) {
			if (++*walk->visited > IMP_MEMBER_LIMIT) {
				fail(walk, here, "leads back to itself");
				return;
			}
			if (!read_entry(list, &at, &kind, &member)) {
				fail(walk, here, "is damaged");
				return;
			}
			if (kind == LF_INDEX)
				fields = member.type; /* the list goes on in another record */
			else if (!walk_entry(walk, kind, &member, base, nesting))
				return;
		}
	}
}

static struct imp_error *members_each(struct imp_pdb *pdb, uint32_t index, uint32_t *visited,
				      bool (*visit)(void *context, const struct imp_member *member), void *context)
{
	struct walk walk = { .pdb = pdb, .visit = visit, .context = context, .visited = visited };

	walk_tag(&walk, index, 0, 0);
	return walk.err;
}

struct imp_error *imp_members_each(struct imp_pdb *pdb, uint32_t index, bool (*visit)(void *context, const struct imp_member *member), void *context)
{
	uint32_t visited = 0;

	return members_each(pdb, index, &visited, visit, context);
}

struct search {
	struct imp_pdb *pdb;
	const char *name;
	size_t length;
	uint64_t base;
	unsigned nesting;
	uint32_t *visited;
	struct imp_member *found;
	bool done;
};

static bool search_tag(const struct search *outer, uint32_t index, uint64_t base);

static bool search_member(void *context, const struct imp_member *member)
{
	struct search *search = context;

	if (strncmp(member->name, search->name, search->length) == 0 && !member->name[search->length]) {
		*search->found = *member;
		search->found->value += search->base;
		search->done = true;
	} else if (!*member->name && search->nesting < IMP_NESTING_LIMIT) {
		search->done = search_tag(search, member->type, search->base + member->value);
	}
	return !search->done;
}

static bool search_tag(const struct search *outer, uint32_t index, uint64_t base)
{
	struct search search = *outer;

	search.base = base;
	search.nesting++;
	search.done = false;
	imp_error_free(members_each(search.pdb, index, search.visited, search_member, &search));
	return search.done;
}

static bool find_member(struct imp_pdb *pdb, uint32_t index, const char *name, size_t length, struct imp_member *member)
{
	uint32_t visited = 0;
	struct search search = { .pdb = pdb, .name = name, .length = length, .visited = &visited, .found = member };

	return search_tag(&search, index, 0);
}

bool imp_member_find(struct imp_pdb *pdb, uint32_t index, const char *name, struct imp_member *member)
{
	return find_member(pdb, index, name, strlen(name), member);
}

struct field_visit {
	struct imp_pdb *pdb;
	bool (*visit)(void *context, const struct imp_field *field);
	void *context;
	struct imp_error *err;
};

static bool visit_field(void *context, const struct imp_member *member)
{
	struct field_visit *fields = context;
	struct imp_field field = { .name = member->name, .offset = member->value };

	fields->err = imp_type_at(fields->pdb, member->type, &field.type);
	return !fields->err && fields->visit(fields->context, &field);
}

struct imp_error *imp_type_fields(const struct imp_type *type, bool (*visit)(void *context, const struct imp_field *field), void *context)
{
	struct field_visit fields = { .pdb = type->pdb, .visit = visit, .context = context };
	struct imp_error *err;

	if (type->kind != IMP_TYPE_STRUCT && type->kind != IMP_TYPE_UNION)
		return imp_error_new(IMP_ERROR_USAGE, "%s is not a structure or union", type->name ? type->name : "this type");
	err = imp_members_each(type->pdb, type->index, visit_field, &fields);
	return err ? err : fields.err;
}

struct enumerator_visit {
	bool (*visit)(void *context, const char *name, int64_t value);
	void *context;
	unsigned spare_bits; /* above those of the underlying type */
	bool is_signed;
};

static bool visit_enumerator(void *context, const struct imp_member *member)
{
	struct enumerator_visit *enumerators = context;
	uint64_t value = member->value << enumerators->spare_bits;

	/* Compilers differ in how they write -1 of a 4-byte enumeration. */
	return enumerators->visit(enumerators->context, member->name,
				  enumerators->is_signed ? (int64_t)value >> enumerators->spare_bits : (int64_t)(value >> enumerators->spare_bits));
}

struct imp_error *imp_type_enumerators(const struct imp_type *type, bool (*visit)(void *context, const char *name, int64_t value), void *context)
{
	struct enumerator_visit enumerators = { .visit = visit, .context = context };

	if (type->kind != IMP_TYPE_ENUM)
		return imp_error_new(IMP_ERROR_USAGE, "%s is not an enumeration", type->name ? type->name : "this type");
	enumerators.is_signed = imp_type_is_signed(type);
	if (type->size && type->size < sizeof(int64_t))
		enumerators.spare_bits = 64 - (unsigned)type->size * 8;
	return imp_members_each(type->pdb, type->index, visit_enumerator, &enumerators);
}

/* `field` becomes its element number `index`. */
static struct imp_error *element(struct imp_field *field, uint64_t index, const char *type_name, const char *path)
{
	struct imp_type array = field->type;
	struct imp_error *err;

	if (array.kind != IMP_TYPE_ARRAY)
		return imp_error_new(IMP_ERROR_USAGE, "%s.%s indexes something that is not an array", type_name, path);
	if (index >= array.count)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "%s.%s: element %llu of an array of %llu", type_name, path, (unsigned long long)index,
				     (unsigned long long)array.count);
	err = imp_type_at(array.pdb, array.element, &field->type);
	field->offset += index * field->type.size;
	return err;
}

struct imp_error *imp_field_find(struct imp_pdb *pdb, const char *type_name, const char *path, struct imp_field *field)
{
	struct imp_member member;
	struct imp_error *err;
	const char *at = path;
	char *end;

	*field = (struct imp_field){ .name = type_name };
	err = imp_type_find(pdb, type_name, &field->type);
	if (err)
		return err;
	for (;;) {
		size_t length = strcspn(at, ".[");

		if (field->type.kind != IMP_TYPE_STRUCT && field->type.kind != IMP_TYPE_UNION)
			return imp_error_new(IMP_ERROR_USAGE, "%s.%s: %s is not a structure or union, so it has no field %.*s", type_name, path,
					     field->name, (int)length, at);
		if (!find_member(pdb, field->type.index, at, length, &member))
			return imp_error_new(IMP_ERROR_NOT_FOUND, "type %s has no field %.*s (%s.%s in %s)",
					     field->type.name ? field->type.name : type_name, (int)length, at, type_name, path, imp_pdb_path(pdb));
		field->name = member.name;
		field->offset += member.value;
		err = imp_type_at(pdb, member.type, &field->type);
		at += length;
		while (!err && *at == '[') {
			unsigned long long index = strtoull(at + 1, &end, 0);

			if (end == at + 1 || *end != ']')
				return imp_error_new(IMP_ERROR_USAGE, "%s.%s: an index is written [NUMBER]", type_name, path);
			err = element(field, index, type_name, path);
			at = end + 1;
		}
		if (err || !*at)
			return err;
		if (*at++ != '.')
			return imp_error_new(IMP_ERROR_USAGE, "%s.%s: fields are separated by dots", type_name, path);
	}
}
