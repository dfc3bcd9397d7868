/* `dt`: a type's fields as rows, nested ones below their field. How one value is written is value.c's question, how rows are laid out on a
 * page the caller's.
 */
#include "types/render.h"

#include "types/members.h"
#include "types/value.h"

#include <stdlib.h>

struct listing {
	struct imp_memory *memory;
	unsigned levels;
	bool (*visit)(void *context, const struct imp_dt_row *row);
	void *context;
	FILE *text; /* where a row's text is written, over and over */
	char *buffer;
	size_t size;
	bool stopped;
	struct imp_error *err;
};

struct level {
	struct listing *listing;
	unsigned depth;
	uint64_t address;
};

static bool visit_field(void *context, const struct imp_field *field);

static void list_fields(struct listing *listing, const struct imp_type *type, uint64_t address, unsigned depth)
{
	struct level level = { listing, depth, address };
	struct imp_error *err = imp_type_fields(type, visit_field, &level);

	if (!err)
		return;
	if (listing->err)
		imp_error_free(err);
	else
		listing->err = err;
}

/* What stands below a field when there are levels left: the fields of its structure, of an array's first element, or of what a pointer leads to. */
static void list_nested(struct listing *listing, const struct imp_type *type, uint64_t address, unsigned depth)
{
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;
	struct imp_type nested = *type;
	uint64_t target = 0;

	if (type->kind == IMP_TYPE_ARRAY)
		err = imp_type_at(type->pdb, type->element, &nested);
	if (!err && nested.kind == IMP_TYPE_POINTER) {
		struct imp_field pointer = { .name = "", .type = nested };

		if (listing->memory) {
			err = imp_field_read(listing->memory, &pointer, address, &target);
			address = target;
			if (err || target == 0)
				return;
		}
		err = imp_type_at(nested.pdb, nested.element, &nested);
	}
	if (!err && (nested.kind == IMP_TYPE_STRUCT || nested.kind == IMP_TYPE_UNION))
		list_fields(listing, &nested, address, depth);
}

static bool visit_field(void *context, const struct imp_field *field)
{
	struct level *level = context;
	struct listing *listing = level->listing;
	struct imp_dt_row row = { .depth = level->depth, .offset = field->offset, .name = field->name, .field = field };
	char type_text[512];

	if (listing->memory) {
		row.address = level->address + field->offset;
		bool begun = fseek(listing->text, 0, SEEK_SET) == 0;
		imp_value_write(listing->text, listing->memory, field, row.address, &row.has_value, &row.value);
		putc(0, listing->text);
		if (fflush(listing->text) != 0 || !begun) {
			listing->err = imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the value of %s", field->name);
			return false;
		}
		row.text = listing->buffer;
	} else {
		row.text = imp_type_text(&field->type, type_text, sizeof(type_text));
	}
	if (!listing->visit(listing->context, &row)) {
		listing->stopped = true;
		return false;
	}
	if (level->depth < listing->levels)
		list_nested(listing, &field->type, row.address, level->depth + 1);
	return !listing->stopped && !listing->err;
}

struct imp_error *imp_dt(const struct imp_type *type, struct imp_memory *memory, uint64_t address, unsigned depth,
			 bool (*visit)(void *context, const struct imp_dt_row *row), void *context)
{
	struct listing listing = { .memory = memory, .levels = depth, .visit = visit, .context = context };

	if (depth > IMP_NESTING_LIMIT)
		return imp_error_new(IMP_ERROR_USAGE, "a depth of %u is more than %d", depth, IMP_NESTING_LIMIT);
	listing.text = open_memstream(&listing.buffer, &listing.size);
	if (!listing.text)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the fields of %s", type->name ? type->name : "a type");
	list_fields(&listing, type, address, 0);
	fclose(listing.text);
	free(listing.buffer);
	return listing.err;
}
