/* The symbol path: see path.h. */
#include "symbols/path.h"

#include "symbols/keeper.h"
#include "symbols/listing.h"
#include "symbols/path_elements.h"
#include "symbols/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct imp_symbol_path {
	char *text, *expanded;
	struct imp_path_elements elements;
	void (*trace)(void *context, const char *line);
	void *trace_context;
};

static struct imp_error *no_memory(void)
{
	return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the symbol path");
}

struct imp_error *imp_symbol_path_append(struct imp_symbol_path *path, const char *text)
{
	struct imp_error *err;
	char *joined;

	if (!text || !*text)
		return NULL;
	if (asprintf(&joined, "%s%s%s", path->text, *path->text ? ";" : "", text) < 0)
		return no_memory();
	free(path->text);
	path->text = joined;
	err = imp_path_elements_add(&path->elements, text);
	if (err)
		return err;
	free(path->expanded);
	path->expanded = imp_path_elements_text(&path->elements);
	return path->expanded ? NULL : no_memory();
}

struct imp_error *imp_symbol_path_new(const char *text, struct imp_symbol_path **path)
{
	struct imp_symbol_path *made = calloc(1, sizeof(*made));
	struct imp_error *err;

	*path = NULL;
	if (made) {
		made->text = strdup("");
		made->expanded = strdup("");
	}
	err = made && made->text && made->expanded ? imp_symbol_path_append(made, text) : no_memory();
	if (err) {
		imp_symbol_path_free(made);
		return err;
	}
	*path = made;
	return NULL;
}

void imp_symbol_path_free(struct imp_symbol_path *path)
{
	if (!path)
		return;
	imp_listing_forget();
	imp_path_elements_free(&path->elements);
	free(path->text);
	free(path->expanded);
	free(path);
}

const char *imp_symbol_path_text(const struct imp_symbol_path *path)
{
	return path->text;
}

const char *imp_symbol_path_expanded(const struct imp_symbol_path *path)
{
	return path->expanded;
}

void imp_symbol_path_problems(const struct imp_symbol_path *path, void (*visit)(void *context, const char *problem), void *context)
{
	for (size_t i = 0; i < path->elements.problem_count; i++)
		visit(context, path->elements.problems[i]);
}

bool imp_symbol_path_each_folder(const struct imp_symbol_path *path, bool (*visit)(void *context, const char *folder), void *context)
{
	for (size_t i = 0; i < path->elements.count; i++) {
		const struct imp_path_element *element = &path->elements.elements[i];

		for (size_t k = 0; k < element->store_count; k++)
			if (visit(context, element->stores[k]))
				return true;
	}
	return false;
}

void imp_symbol_path_trace(struct imp_symbol_path *path, void (*trace)(void *context, const char *line), void *context)
{
	path->trace = trace;
	path->trace_context = context;
}

/* One file that is looked for. */
struct search {
	const struct imp_symbol_path *path;
	struct imp_file_identity wanted;
	enum imp_reach reach;
	struct imp_pdb *pdb; /* what was found, by wanted.kind */
	struct imp_pe *pe;
	struct imp_error *best; /* why the most promising file was not taken */
	/* Where it looks now. */
	const struct imp_path_element *element;
	size_t store;
};

static void __attribute__((format(printf, 2, 3))) trace(const struct search *search, const char *format, ...)
{
	va_list arguments;
	char *line;

	if (!search->path->trace)
		return;
	va_start(arguments, format);
	if (vasprintf(&line, format, arguments) >= 0) {
		search->path->trace(search->path->trace_context, line);
		free(line);
	}
	va_end(arguments);
}

static void trace_line(void *context, const char *line)
{
	trace(context, "%s", line);
}

/* How much the reason says, so that the reader gets the one that says most: a file of another identity before one that cannot be read or fetched, that
 * before none.
 */
static int weight(const struct imp_error *reason)
{
	switch (imp_error_code(reason)) {
	case IMP_ERROR_INTERRUPTED:
		return 3;
	case IMP_ERROR_MISMATCH:
		return 2;
	case IMP_ERROR_NOT_FOUND:
		return 0;
	default:
		return 1;
	}
}

static void keep_reason(struct search *search, struct imp_error *reason)
{
	trace(search, "DBGHELP: %s", imp_error_message(reason));
	if (search->best && weight(search->best) >= weight(reason)) {
		imp_error_free(reason);
		return;
	}
	imp_error_free(search->best);
	search->best = reason;
}

static bool is_interrupted(const struct search *search)
{
	return search->best && imp_error_code(search->best) == IMP_ERROR_INTERRUPTED;
}

/* Opens the file if it is the one. */
static bool take(struct search *search, const char *path)
{
	struct imp_error *err = search->wanted.kind == IMP_FILE_PDB ? imp_identity_open_pdb(&search->wanted, path, &search->pdb)
								    : imp_identity_open_image(&search->wanted, path, &search->pe);

	if (err) {
		keep_reason(search, err);
		return false;
	}
	trace(search, "DBGHELP: %s - OK", path);
	return true;
}

/* Has the file put into the stores; true when it is there and open. */
static bool take_by_keeper(struct search *search, const char *source, bool from_server, char *const *stores, size_t store_count)
{
	struct imp_keeper_request request = {
		.identity = search->wanted,
		.from_server = from_server,
		.source = source,
		.store_count = store_count,
	};
	struct imp_error *err;
	char *path;
	bool taken = false;

	for (size_t i = 0; i < store_count; i++)
		request.stores[i] = stores[i];
	err = imp_keeper_get(&request, trace_line, search, &path);
	if (err)
		keep_reason(search, err);
	else
		taken = take(search, path);
	free(path);
	return taken;
}

static bool is_file(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool visit_unpacked(void *context, const char *path, enum imp_store_file kind)
{
	return kind == IMP_STORE_FILE && !imp_is_cabinet(path) && take(context, path);
}

/* A compressed file goes into the store before the one where it lies, or else into the default store, where it may be already. */
static bool take_compressed(struct search *search, const char *path)
{
	char *store;
	bool taken;

	if (search->store)
		return take_by_keeper(search, path, false, search->element->stores, search->store);
	store = imp_default_store();
	if (!store) {
		keep_reason(search, imp_error_new(IMP_ERROR_IO,
						  "%s is compressed, and without HOME and XDG_CACHE_HOME there is no store to unpack it to", path));
		return false;
	}
	taken = (imp_store_each(store, &search->wanted, visit_unpacked, search) || take_by_keeper(search, path, false, &store, 1));
	free(store);
	return taken;
}

/* A file that lies behind the first store of a chain goes into those before it; when that cannot be, it is used where it lies. */
static bool visit(void *context, const char *path, enum imp_store_file kind)
{
	struct search *search = context;

	(void)kind;
	if (is_interrupted(search))
		return false;
	if (imp_is_cabinet(path))
		return take_compressed(search, path);
	if (search->store) {
		struct imp_error *err = imp_identity_check(&search->wanted, path);

		if (err) {
			keep_reason(search, err);
			return false;
		}
		if (take_by_keeper(search, path, false, search->element->stores, search->store))
			return true;
	}
	return take(search, path);
}

static bool search_element(struct search *search, const struct imp_path_element *element)
{
	search->element = element;
	for (search->store = 0; search->store < element->store_count; search->store++) {
		if (imp_store_each(element->stores[search->store], &search->wanted, visit, search))
			return true;
		trace(search, "DBGHELP: %s - %s not found there", element->stores[search->store], search->wanted.name);
	}
	return element->server && search->reach == IMP_REACH_SERVERS && !is_interrupted(search) &&
	       take_by_keeper(search, element->server, true, element->stores, element->store_count);
}

/* Looks at the path recorded in the image first, which means something only when the image was built here, then through all elements. */
static struct imp_error *run(struct search *search, const char *recorded_path, const char *path_name)
{
	const struct imp_path_elements *elements = &search->path->elements;
	bool found = recorded_path && recorded_path[0] == '/' && is_file(recorded_path) && take(search, recorded_path);
	char key[IMP_FILE_KEY_SIZE];

	for (size_t i = 0; i < elements->count && !found && !is_interrupted(search); i++)
		found = search_element(search, &elements->elements[i]);
	if (found) {
		imp_error_free(search->best);
		return NULL;
	}
	if (search->best)
		return search->best;
	imp_identity_key(&search->wanted, key);
	return imp_error_new(IMP_ERROR_NOT_FOUND, "no %s%s with %s %s in the %s (%s)", search->wanted.kind == IMP_FILE_IMAGE ? "image " : "",
			     search->wanted.name, search->wanted.kind == IMP_FILE_IMAGE ? "time stamp and size" : "identity", key, path_name,
			     *search->path->text ? search->path->text : "which is empty");
}

struct imp_error *imp_symbol_path_open_pdb(const struct imp_symbol_path *path, const char *name, const struct imp_guid *guid, uint32_t age,
					   const char *recorded_path, struct imp_pdb **pdb)
{
	struct search search = { .path = path, .reach = IMP_REACH_SERVERS };
	struct imp_error *err = imp_identity_pdb(name, guid, age, &search.wanted);

	if (!err)
		err = run(&search, recorded_path, "symbol path");
	*pdb = search.pdb;
	return err;
}

struct imp_error *imp_symbol_path_open_image(const struct imp_symbol_path *path, const char *name, uint32_t time_date_stamp, uint32_t size_of_image,
					     enum imp_reach reach, struct imp_pe **pe)
{
	struct search search = { .path = path, .reach = time_date_stamp ? reach : IMP_REACH_LOCAL };
	struct imp_error *err = imp_identity_image(name, time_date_stamp, size_of_image, &search.wanted);

	if (!err)
		err = run(&search, NULL, "image path");
	*pe = search.pe;
	return err;
}
