/* Fields by name, strings and lists: the small readers that the rest of this folder is made of. */
#include "base/utf16.h"
#include "base/watch.h"
#include "nt/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_STRING_CHARACTERS = 1024, MAX_ALTERNATIVE = 128 };

static const struct {
	const char *type, *path;
	const char *name;
} field_names[IMP_NT_FIELD_COUNT] = {
#define F(id, type, path) [IMP_##id] = { type, path, type "." path },
	IMP_NT_FIELDS(F)
#undef F
};

/* Copies the alternative at `*at` and moves on; false at the end. */
static bool next_alternative(const char **at, char *text)
{
	size_t length;

	if (!**at)
		return false;
	length = strcspn(*at, "|");
	snprintf(text, MAX_ALTERNATIVE, "%.*s", (int)length, *at);
	*at += length;
	if (**at == '|')
		++*at;
	return true;
}

static struct imp_error *resolve(struct imp_kernel *kernel, enum imp_nt_field id, struct imp_field *field)
{
	char type[MAX_ALTERNATIVE], path[MAX_ALTERNATIVE];
	const char *types = field_names[id].type;
	struct imp_error *err = imp_kernel_need_symbols(kernel);

	if (err)
		return err;
	while (next_alternative(&types, type)) {
		const char *paths = field_names[id].path;

		while (next_alternative(&paths, path)) {
			imp_error_free(err);
			err = imp_field_find(kernel->nt.pdb, type, path, field);
			if (!err)
				return NULL;
		}
	}
	return err;
}

struct imp_error *imp_nt_field(struct imp_kernel *kernel, enum imp_nt_field id, const struct imp_field **field)
{
	struct imp_field_slot *slot = &kernel->fields[id];

	if (!slot->tried) {
		slot->tried = true;
		slot->error = resolve(kernel, id, &slot->field);
	}
	*field = &slot->field;
	if (slot->error)
		return imp_error_new(imp_error_code(slot->error), "%s", imp_error_message(slot->error));
	return NULL;
}

bool imp_nt_offset(struct imp_kernel *kernel, enum imp_nt_field id, uint64_t *offset)
{
	const struct imp_field *field;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_nt_field(kernel, id, &field);

	*offset = err ? 0 : field->offset;
	return !err;
}

struct imp_error *imp_nt_read(struct imp_kernel *kernel, enum imp_nt_field id, uint64_t base, uint64_t *value)
{
	const struct imp_field *field;
	struct imp_error *err = imp_nt_field(kernel, id, &field);

	if (err)
		return err;
	/* A LARGE_INTEGER, an EX_FAST_REF or the like is a structure around one 64-bit value. */
	if (field->type.kind == IMP_TYPE_STRUCT || field->type.kind == IMP_TYPE_UNION || field->type.kind == IMP_TYPE_ARRAY)
		err = imp_memory_u64(kernel->memory, base + field->offset, value);
	else
		err = imp_field_read(kernel->memory, field, base, value);
	return imp_error_context(err, "cannot read %s at %016llx", field_names[id].name, (unsigned long long)base);
}

uint64_t imp_nt_value(struct imp_kernel *kernel, enum imp_nt_field id, uint64_t base, uint64_t otherwise)
{
	uint64_t value;
	struct imp_error *err = imp_nt_read(kernel, id, base, &value);

	if (!err)
		return value;
	imp_kernel_note_error(kernel, err);
	return otherwise;
}

uint64_t imp_nt_size(struct imp_kernel *kernel, const char *name)
{
	struct imp_type type;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_kernel_need_symbols(kernel);

	if (!err)
		err = imp_type_find(kernel->nt.pdb, name, &type);
	return err ? 0 : type.size;
}

struct imp_error *imp_nt_string(struct imp_kernel *kernel, uint64_t address, char *text, size_t size)
{
	uint64_t bytes, buffer;
	uint16_t units[MAX_STRING_CHARACTERS];
	size_t count;
	struct imp_error *err;

	text[0] = '\0';
	err = imp_nt_read(kernel, IMP_STRING_LENGTH, address, &bytes);
	if (!err)
		err = imp_nt_read(kernel, IMP_STRING_BUFFER, address, &buffer);
	if (err)
		return err;
	count = (size_t)bytes / sizeof(units[0]);
	if (count > MAX_STRING_CHARACTERS)
		count = MAX_STRING_CHARACTERS;
	if (!count)
		return NULL;
	err = imp_memory_read(kernel->memory, buffer, units, count * sizeof(units[0]));
	if (err)
		return imp_error_context(err, "cannot read the text of the string at %016llx", (unsigned long long)address);
	imp_utf16_text(units, count, text, size);
	return NULL;
}

/* Walks from `head` in one direction until `stop`, and leaves the last sound entry in `*last`. Each entry must point back to where we came from;
 * so a list that loops without its head is noticed at its first repetition.
 */
static struct imp_error *walk_list(struct imp_kernel *kernel, uint64_t head, uint64_t stop, bool forward, size_t limit, uint64_t *last, size_t *count,
				   bool *go_on, bool (*visit)(void *context, uint64_t entry), void *context)
{
	enum imp_nt_field onwards = forward ? IMP_LIST_FLINK : IMP_LIST_BLINK, backwards = forward ? IMP_LIST_BLINK : IMP_LIST_FLINK;
	uint64_t entry, back;
	struct imp_error *err = imp_nt_read(kernel, onwards, head, &entry);

	for (*last = head; !err && *go_on && entry != head && entry != stop; ++*count) {
		if (*count == limit)
			return imp_error_new(IMP_ERROR_FORMAT, "the list at %016llx has more than %zu entries; the rest is not shown",
					     (unsigned long long)head, limit);
		if (imp_watch_stopped())
			return imp_watch_stop_error();
		err = imp_nt_read(kernel, backwards, entry, &back);
		if (!err && back != *last)
			err = imp_error_new(IMP_ERROR_FORMAT, "entry %016llx points back to %016llx, not to %016llx", (unsigned long long)entry,
					    (unsigned long long)back, (unsigned long long)*last);
		if (err)
			break;
		*go_on = visit(context, entry);
		*last = entry;
		err = imp_nt_read(kernel, onwards, entry, &entry);
	}
	return err;
}

struct unlink {
	bool (*visit)(void *context, uint64_t address);
	void *context;
	uint64_t link_offset;
};

static bool visit_entry(void *context, uint64_t entry)
{
	const struct unlink *unlink = context;

	return unlink->visit(unlink->context, entry - unlink->link_offset);
}

struct imp_error *imp_nt_list(struct imp_kernel *kernel, uint64_t head, uint64_t link_offset, size_t limit,
			      bool (*visit)(void *context, uint64_t address), void *context)
{
	struct unlink unlink = { visit, context, link_offset };
	uint64_t last, end;
	size_t count = 0, before;
	bool go_on = true;
	struct imp_error *err = walk_list(kernel, head, head, true, limit, &last, &count, &go_on, visit_entry, &unlink);
	IMP_CLEANUP_ERROR struct imp_error *other = NULL;

	if (!err || count == limit || imp_error_code(err) == IMP_ERROR_INTERRUPTED)
		return err;
	before = count;
	if (!count && imp_error_code(err) == IMP_ERROR_FAULT && imp_error_address(err) - head < 2 * sizeof(uint64_t))
		return err; /* its head is not there */
	other = walk_list(kernel, head, last, false, limit, &end, &count, &go_on, visit_entry, &unlink);
	if (imp_error_code(err) == IMP_ERROR_FAULT && imp_dump_is_virtual(kernel->dump)) {
		imp_error_free(err);
		/* Not a fault: what lacks the list's entries is an answer with a gap, which is told apart from a single value that is not held. */
		return imp_error_new(IMP_ERROR_NOT_FOUND, "a small memory dump does not hold the whole list at %016llx: %zu of its entries are there",
				     (unsigned long long)head, count);
	}
	return imp_error_context(err, "the list at %016llx is damaged (%zu found from its front, %zu from its end)", (unsigned long long)head, before,
				 count - before);
}
