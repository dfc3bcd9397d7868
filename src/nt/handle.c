/* Handle tables. A table is a tree of pages, up to three levels: the two low bits of TableCode tell how many ("Windows Internals", 7th edition). */
#include "nt/handle.h"

enum {
	PAGE = 0x1000,
	LEVEL_MASK = 3,
	MAX_LEVEL = 2,
	HANDLE_STEP = 4,        /* values of handles are multiples of it */
	MAX_HANDLES = 1 << 24,  /* as documented for a process */
	POINTER_ALIGNMENT = 16, /* of object headers: ObjectPointerBits leaves these bits out */
};

struct walk {
	struct imp_kernel *kernel;
	bool (*visit)(void *context, const struct imp_handle *handle);
	void *context;
	const struct imp_field *pointer, *access, *body;
	uint64_t entry_size, limit;
	bool go_on;
};

/* The pages of entries: the first of each is not a handle's. */
static struct imp_error *walk_entries(struct walk *walk, uint64_t page, uint64_t first)
{
	uint64_t count = PAGE / walk->entry_size;

	for (uint64_t i = 1; walk->go_on && i < count && first + i < walk->limit; i++) {
		struct imp_handle handle = { .value = (first + i) * HANDLE_STEP, .entry = page + i * walk->entry_size };
		uint64_t bits;
		struct imp_error *err = imp_field_read(walk->kernel->memory, walk->pointer, handle.entry, &bits);

		if (!err)
			err = imp_field_read(walk->kernel->memory, walk->access, handle.entry, &handle.access);
		if (err)
			return err;
		if (!bits)
			continue;
		/* the bits that are kept are those of a kernel address, whose upper ones are set */
		handle.object = (bits * POINTER_ALIGNMENT | 0xffffull << 48) + walk->body->offset;
		walk->go_on = walk->visit(walk->context, &handle);
	}
	return NULL;
}

static struct imp_error *walk_level(struct walk *walk, uint64_t page, unsigned level, uint64_t first)
{
	uint64_t span = PAGE / walk->entry_size;
	struct imp_error *err = NULL;

	if (!level)
		return walk_entries(walk, page, first);
	for (unsigned i = 1; i < level; i++)
		span *= PAGE / sizeof(uint64_t);
	for (uint64_t i = 0; !err && walk->go_on && i < PAGE / sizeof(uint64_t) && first + i * span < walk->limit; i++) {
		uint64_t next;

		err = imp_memory_u64(walk->kernel->memory, page + i * sizeof(next), &next);
		if (err || !next)
			break;
		err = walk_level(walk, next, level - 1, first + i * span);
	}
	return err;
}

struct imp_error *imp_handle_each(struct imp_kernel *kernel, uint64_t table, bool (*visit)(void *context, const struct imp_handle *handle),
				  void *context)
{
	struct walk walk = { .kernel = kernel, .visit = visit, .context = context, .go_on = true };
	uint64_t code, limit;
	struct imp_error *err = imp_nt_read(kernel, IMP_HANDLE_TABLE_CODE, table, &code);

	if (!err)
		err = imp_nt_read(kernel, IMP_HANDLE_TABLE_LIMIT, table, &limit);
	if (!err)
		err = imp_nt_field(kernel, IMP_HANDLE_POINTER_BITS, &walk.pointer);
	if (!err)
		err = imp_nt_field(kernel, IMP_HANDLE_ACCESS, &walk.access);
	if (!err)
		err = imp_nt_field(kernel, IMP_OBJECT_BODY, &walk.body);
	if (err)
		return err;
	walk.entry_size = imp_nt_size(kernel, "_HANDLE_TABLE_ENTRY");
	walk.limit = limit / HANDLE_STEP < MAX_HANDLES ? limit / HANDLE_STEP : MAX_HANDLES;
	if ((code & LEVEL_MASK) > MAX_LEVEL || !walk.entry_size || walk.entry_size > PAGE)
		return imp_error_new(IMP_ERROR_FORMAT, "the handle table at %016llx has the code %016llx, which is none of a table",
				     (unsigned long long)table, (unsigned long long)code);
	return imp_error_context(walk_level(&walk, code & ~(uint64_t)LEVEL_MASK, (unsigned)(code & LEVEL_MASK), 0), "handle table %016llx",
				 (unsigned long long)table);
}
