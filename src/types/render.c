/* `dt`: a type's fields as rows, nested ones below their field. Which fields are chosen is choice.c's question, how one value is written value.c's,
 * how rows are laid out on a page the caller's.
 */
#include "types/render.h"

#include "types/choice.h"
#include "types/members.h"
#include "types/value.h"

#include <stdlib.h>

struct listing {
	const struct imp_dt_options *options;
	bool (*visit)(void *context, const struct imp_dt_row *row);
	void *context;
	FILE *text; /* where a row's text is written, over and over */
	char *buffer;
	size_t size;
	bool stopped;
	struct imp_error *err;
};

/* The fields of one structure. */
struct level {
	struct listing *listing;
	unsigned depth; /* of its rows */
	unsigned left;  /* how many levels below its rows are shown */
	uint64_t address;
	const struct imp_choice *choice;
};

static bool visit_field(void *context, const struct imp_field *field);

static void list_fields(const struct level *level, const struct imp_type *type)
{
	struct listing *listing = level->listing;
	struct level here = *level;
	struct imp_error *err;

	if (level->depth > IMP_NESTING_LIMIT)
		return;
	err = imp_type_fields(type, visit_field, &here);
	if (listing->err)
		imp_error_free(err);
	else
		listing->err = err;
}

/* What a pointer at `*address` leads to: its type, and in `*address` where it is. False when it leads nowhere. */
static bool follow(const struct listing *listing, struct imp_type *type, uint64_t *address)
{
	struct imp_field pointer = { .name = "", .type = *type };
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	if (listing->options->memory) {
		err = imp_field_read(listing->options->memory, &pointer, *address, address);
		if (err || *address == 0)
			return false;
	}
	err = imp_type_at(pointer.type.pdb, pointer.type.element, type);
	return !err;
}

/* The fields below a row: of its structure, or of what its pointer leads to. */
static void list_below(const struct level *below, const struct imp_type *type, bool through_pointers)
{
	struct level there = *below;
	struct imp_type target = *type;

	if (target.kind == IMP_TYPE_POINTER && (!through_pointers || !follow(below->listing, &target, &there.address))) {
		imp_choice_unreachable(below->choice);
		return;
	}
	if (target.kind == IMP_TYPE_STRUCT || target.kind == IMP_TYPE_UNION)
		list_fields(&there, &target);
}

/* Writes what stands right of the colon to the listing's buffer. */
static bool write_text(struct listing *listing, const struct imp_field *field, struct imp_dt_row *row)
{
	const struct imp_dt_options *options = listing->options;
	bool is_structure = field->type.kind == IMP_TYPE_STRUCT || field->type.kind == IMP_TYPE_UNION;
	char text[512];

	if (fseek(listing->text, 0, SEEK_SET) != 0)
		return false;
	if (options->memory && !(options->verbose && is_structure))
		imp_value_write(listing->text, options->memory, field, row->address, &row->has_value, &row->value);
	else
		fputs(options->verbose ? imp_type_verbose_text(&field->type, text, sizeof(text)) : imp_type_text(&field->type, text, sizeof(text)),
		      listing->text);
	putc(0, listing->text);
	if (fflush(listing->text) != 0)
		return false;
	row->text = listing->buffer;
	return true;
}

/* Gives one row to the caller; false when that was the last. `silent`: only what is below it has a text. */
static bool show(struct listing *listing, const struct imp_field *field, struct imp_dt_row *row, bool silent)
{
	row->field = field;
	row->text = "";
	if (!silent && !write_text(listing, field, row)) {
		listing->err = imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the value of %s", field->name);
		return false;
	}
	listing->stopped = !listing->visit(listing->context, row);
	return !listing->stopped;
}

/* Rows for the elements of an array: all of them, or those that are chosen, which have their own fields below. */
static void list_elements(const struct level *level, const struct imp_field *array, uint64_t address, const struct imp_choice *chosen)
{
	struct listing *listing = level->listing;
	struct imp_field element = { .name = "" };

	listing->err = imp_type_at(array->type.pdb, array->type.element, &element.type);
	for (uint64_t i = 0; !listing->stopped && !listing->err; i++) {
		struct imp_choice below;
		char name[32];

		if (!imp_choice_element(chosen, array->type.count, &i, &below))
			return;
		snprintf(name, sizeof(name), "[%02llu]", (unsigned long long)i);
		struct imp_dt_row row = {
			.depth = level->depth + 1, .offset = array->offset + i * element.type.size, .name = name, .is_element = true
		};
		row.address = listing->options->memory ? address + i * element.type.size : 0;
		if (!show(listing, &element, &row, false))
			return;
		struct level next = { listing, level->depth + 2, level->left ? level->left - 1 : 0, row.address, &below };
		if (below.count || level->left)
			list_below(&next, &element.type, below.count || !listing->options->nested_only);
	}
}

static bool visit_field(void *context, const struct imp_field *field)
{
	const struct level *level = context;
	struct listing *listing = level->listing;
	const struct imp_dt_options *options = listing->options;
	struct imp_dt_row row = { .depth = level->depth, .offset = field->offset, .name = field->name };
	struct imp_choice below, elements;
	struct imp_type type = field->type;

	if (!imp_choice_field(level->choice, field->name, &below, &elements))
		return true;
	row.address = options->memory ? level->address + field->offset : 0;
	if (!show(listing, field, &row, below.count && (type.kind == IMP_TYPE_STRUCT || type.kind == IMP_TYPE_UNION)))
		return false;
	struct level next = { listing, level->depth + 1, level->left ? level->left - 1 : 0, row.address, &below };
	if (type.kind == IMP_TYPE_ARRAY && (elements.count || options->elements)) {
		list_elements(level, field, row.address, &elements);
	} else if (below.count || level->left) {
		/* Of an array without more the first element stands for all. */
		IMP_CLEANUP_ERROR struct imp_error *err = NULL;
		if (type.kind == IMP_TYPE_ARRAY)
			err = imp_type_at(type.pdb, type.element, &type);
		if (!err)
			list_below(&next, &type, below.count || !options->nested_only);
	}
	return !listing->stopped && !listing->err;
}

struct imp_error *imp_dt(const struct imp_type *type, const struct imp_dt_options *options,
			 bool (*visit)(void *context, const struct imp_dt_row *row), void *context)
{
	struct listing listing = { .options = options, .visit = visit, .context = context };
	struct imp_choice choice;
	struct level level = { &listing, 0, options->depth, options->address, &choice };

	if (options->depth > IMP_NESTING_LIMIT)
		return imp_error_new(IMP_ERROR_USAGE, "a depth of %u is more than %d", options->depth, IMP_NESTING_LIMIT);
	if (options->path_count > IMP_DT_PATHS)
		return imp_error_new(IMP_ERROR_USAGE, "%zu fields are more than %d", options->path_count, IMP_DT_PATHS);
	imp_choice_begin(options->paths, options->path_count, &choice);
	listing.text = open_memstream(&listing.buffer, &listing.size);
	if (!listing.text)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the fields of %s", type->name ? type->name : "a type");
	if (type->kind == IMP_TYPE_ARRAY)
		list_elements(&level, &(struct imp_field){ .name = "", .type = *type }, options->address, &(struct imp_choice){ 0 });
	else
		list_fields(&level, type);
	fclose(listing.text);
	free(listing.buffer);
	return listing.err;
}
