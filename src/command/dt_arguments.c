/* What a `dt` asks for: options, a type or variable, fields, an address, in the order in which people type them. */
#include "command/dt.h"

#include "command/arguments.h"
#include "command/expression.h"
#include "nt/modules.h"
#include "symbols/wildcard.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_NESTING = 16 };

/* What is read so far. */
struct parse {
	struct imp_session *session;
	struct imp_dt_request *request;
	const char *at;
	bool is_prefix; /* -y: the next name may go on */
};

bool imp_dt_is_pattern(const struct imp_dt_request *request)
{
	return strpbrk(request->name, "*?") != NULL;
}

static bool has_wildcards(const char *text)
{
	return strpbrk(text, "*?") != NULL;
}

/* The next word, which a comma ends too. */
static bool next_name(struct parse *parse, char *word, size_t size)
{
	size_t length;

	parse->at = imp_skip_blanks(parse->at);
	while (*parse->at == ',')
		parse->at = imp_skip_blanks(parse->at + 1);
	length = strcspn(parse->at, " \t,");
	if (length == 0 || length + 2 > size)
		return false;
	snprintf(word, size, "%.*s%s", (int)length, parse->at, parse->is_prefix ? "*" : "");
	parse->is_prefix = false;
	parse->at += length;
	return true;
}

static struct imp_error *add_path(struct parse *parse)
{
	struct imp_dt_options *options = &parse->request->options;

	if (options->path_count == IMP_DT_PATHS)
		return imp_error_new(IMP_ERROR_USAGE, "dt shows at most %d fields at a time", IMP_DT_PATHS);
	if (!next_name(parse, parse->request->path_texts[options->path_count], IMP_DT_PATH))
		return imp_error_new(IMP_ERROR_USAGE, "a field's name is missing, or longer than %d characters", IMP_DT_PATH - 2);
	options->path_count++;
	return NULL;
}

/* A letter behind a dash, and what it sets. */
static struct imp_error *option(struct parse *parse)
{
	struct imp_dt_request *request = parse->request;
	struct imp_dt_options *options = &request->options;
	size_t length = strcspn(parse->at, " \t,");
	const char *word = parse->at, *rest = word + 2;
	bool is_plain = length == 2;

	parse->at += length;
	switch (length > 1 ? word[1] : 0) {
	case 'r':
		options->depth = length > 2 ? (unsigned)strtoul(rest, NULL, 10) : MAX_NESTING;
		if (options->depth > MAX_NESTING)
			options->depth = MAX_NESTING;
		is_plain = 2 + strspn(rest, "0123456789") == length;
		break;
	case 'b':
		options->depth = MAX_NESTING;
		options->nested_only = true;
		break;
	case 'a':
		options->elements = true;
		break;
	case 'v':
		options->verbose = true;
		break;
	case 't': /* types only, not variables: a type goes first anyhow */
		break;
	case 'n':
		return *request->name ? add_path(parse) : NULL;
	case 'y':
		parse->is_prefix = true;
		return *request->name && is_plain ? add_path(parse) : NULL;
	case 'l':
		if (is_plain && !next_name(parse, request->link, sizeof(request->link)))
			return imp_error_new(IMP_ERROR_USAGE, "-l needs the field that leads to the next entry, as in -l ActiveProcessLinks.Flink");
		break;
	case 'p':
		return imp_error_new(IMP_ERROR_USAGE, "dt reads virtual addresses only; !db, !dd and !dq show physical memory");
	default:
		is_plain = false;
		break;
	}
	if (is_plain)
		return NULL;
	return imp_error_new(IMP_ERROR_USAGE, "dt knows -r[N], -b, -a, -v, -n NAME, -y NAME and -l FIELD, not '%.*s'", (int)length, word);
}

/* The types of a module: its PDB's, or those of the DWARF in its image. */
static struct imp_error *types_of(struct imp_session *session, struct imp_module *module, struct imp_pdb **pdb)
{
	struct imp_symbols symbols;
	struct imp_error *err = imp_module_pdb(session->kernel, module, pdb);
	IMP_CLEANUP_ERROR struct imp_error *other = err ? imp_module_symbols(session->kernel, module, &symbols) : NULL;

	if (!err || other || !symbols.dwarf)
		return err;
	imp_error_free(err);
	return imp_dwarf_types(symbols.dwarf, pdb);
}

/* Of a name without a module that the kernel does not know: the first other module, of those whose symbols are open, that has such a type. */
static bool find_elsewhere(struct parse *parse)
{
	struct imp_dt_request *request = parse->request;
	struct imp_kernel *kernel = parse->session->kernel;

	for (size_t i = 0; i < kernel->loaded_count; i++) {
		struct imp_module *module = &kernel->modules[i];
		IMP_CLEANUP_ERROR struct imp_error *err = module->pdb ? imp_type_find(module->pdb, request->name, &request->type) : NULL;

		if (!module->pdb || err)
			continue;
		request->module = module;
		request->pdb = module->pdb;
		return true;
	}
	return false;
}

/* A variable in place of a type. `err`, that there is no such type, is taken over. */
static struct imp_error *find_variable(struct parse *parse, struct imp_error *err)
{
	struct imp_dt_request *request = parse->request;
	struct imp_symbol symbol;
	IMP_CLEANUP_ERROR struct imp_error *missing = imp_pdb_find(request->pdb, request->name, &symbol);

	if (missing)
		return err;
	imp_error_free(err);
	if (!symbol.type_index)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "%s!%s is a public symbol, which has no type; dt %s!TYPE %s!%s shows it as one",
				     request->module->short_name, request->name, request->module->short_name, request->module->short_name,
				     request->name);
	request->is_variable = request->has_address = true;
	request->options.address = request->module->base + symbol.rva;
	return imp_type_at(request->pdb, symbol.type_index, &request->type);
}

static struct imp_error *choose(struct parse *parse, const char *word)
{
	struct imp_dt_request *request = parse->request;
	const char *mark = strchr(word, '!');
	struct imp_error *err;

	request->module = &parse->session->kernel->nt;
	if (mark && !(request->module = imp_module_named(parse->session->kernel, word, (size_t)(mark - word))))
		return imp_error_new(IMP_ERROR_NOT_FOUND, "no module is named '%.*s'; lm lists them", (int)(mark - word), word);
	snprintf(request->name, sizeof(request->name), "%s", mark ? mark + 1 : word);
	err = types_of(parse->session, request->module, &request->pdb);
	if (err)
		return err;
	if (imp_dt_is_pattern(request))
		return NULL;
	err = imp_type_find(request->pdb, request->name, &request->type);
	if (err && !mark && find_elsewhere(parse)) {
		imp_error_free(err);
		return NULL;
	}
	return err ? find_variable(parse, err) : NULL;
}

struct field_search {
	const char *name;
	size_t length;
	bool found;
};

static bool is_that_field(void *context, const struct imp_field *field)
{
	struct field_search *search = context;

	search->found = strlen(field->name) == search->length && strncasecmp(field->name, search->name, search->length) == 0;
	return !search->found;
}

/* The structure whose fields are meant: the type itself, or what it points to. */
static struct imp_type structure_of(const struct imp_type *type)
{
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;
	struct imp_type target = *type;

	if (type->kind == IMP_TYPE_POINTER)
		err = imp_type_at(type->pdb, type->element, &target);
	return err ? *type : target;
}

/* Whether the word at `at` chooses fields. An address may look like one ("nt", "Add"): it is a field when the type has such a one, or it is a pattern. */
static bool is_field(const struct parse *parse)
{
	size_t length = strcspn(parse->at, " \t,"), name = strcspn(parse->at, " \t,.[-");
	struct field_search search = { parse->at, name, false };
	struct imp_type type = structure_of(&parse->request->type);
	char word[IMP_DT_PATH];

	if (!isalpha((unsigned char)*parse->at) && !strchr("_*?", *parse->at))
		return false;
	snprintf(word, sizeof(word), "%.*s", (int)length, parse->at);
	if (strpbrk(word, "(!"))
		return false;
	if (has_wildcards(word))
		return true;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_type_fields(&type, is_that_field, &search);
	return search.found;
}

static struct imp_error *read_address(struct parse *parse)
{
	struct imp_dt_request *request = parse->request;
	size_t length = strcspn(parse->at, " \t,");
	const char *word = parse->at;
	struct imp_error *err;

	if (request->has_address && !request->is_variable)
		return imp_error_new(IMP_ERROR_USAGE, "'%.*s' is neither a field of %s nor can it be another address", (int)length, word,
				     request->name);
	err = imp_argument(parse->session, &parse->at, "an address", &request->options.address);
	request->has_address = true;
	if (err && (isalpha((unsigned char)*word) || *word == '_') && !memchr(word, '!', length) && !memchr(word, '(', length)) {
		imp_error_free(err);
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "%s has no field '%.*s', and it is no address either", request->name, (int)length, word);
	}
	return err;
}

static struct imp_error *parse_next(struct parse *parse)
{
	struct imp_dt_request *request = parse->request;
	char word[IMP_DT_NAME];

	if (parse->at[0] == '-' && isalpha((unsigned char)parse->at[1]))
		return option(parse);
	if (!*request->name) {
		if (!next_name(parse, word, sizeof(word)))
			return imp_error_new(IMP_ERROR_USAGE, "a type's name has at most %d characters", IMP_DT_NAME - 2);
		return choose(parse, word);
	}
	if (imp_dt_is_pattern(request))
		return imp_error_new(IMP_ERROR_USAGE, "a pattern of types takes neither fields nor an address");
	return is_field(parse) ? add_path(parse) : read_address(parse);
}

struct imp_error *imp_dt_parse(struct imp_session *session, const char *arguments, struct imp_dt_request *request)
{
	struct parse parse = { session, request, arguments, false };
	struct imp_error *err = NULL;

	memset(request, 0, sizeof(*request));
	while (!err && *(parse.at = parse.at + strspn(parse.at, " \t,")))
		err = parse_next(&parse);
	if (!err && !*request->name)
		err = imp_error_new(IMP_ERROR_USAGE, "dt needs the name of a type, as in dt nt!_KEVENT");
	if (!err && *request->link && !request->has_address)
		err = imp_error_new(IMP_ERROR_USAGE, "-l needs the address of the list's first %s", request->name);
	if (err)
		return err;
	for (size_t i = 0; i < request->options.path_count; i++)
		request->paths[i].text = request->path_texts[i];
	request->options.paths = request->paths;
	request->options.memory = request->has_address ? session->kernel->memory : NULL;
	return NULL;
}

/* A list entry's own link. */
static const char *link_of(const struct imp_type *type)
{
	static const struct {
		const char *type, *link;
	} links[] = { { "_LIST_ENTRY", ".Flink" }, { "_SINGLE_LIST_ENTRY", ".Next" } };

	for (size_t i = 0; type->name && i < sizeof(links) / sizeof(*links); i++)
		if (strcmp(type->name, links[i].type) == 0)
			return links[i].link;
	return NULL;
}

struct imp_error *imp_dt_link(const struct imp_dt_request *request, struct imp_field *link, uint64_t *into)
{
	struct imp_error *err;
	struct imp_field outer;
	struct imp_type target;
	char path[IMP_DT_PATH + 8];

	*into = 0;
	snprintf(path, sizeof(path), "%s", request->link);
	if (*path && path[strlen(path) - 1] == '.')
		path[strlen(path) - 1] = 0;
	err = imp_field_find(request->pdb, request->name, path, link);
	if (!err && link_of(&link->type)) {
		strcat(path, link_of(&link->type));
		err = imp_field_find(request->pdb, request->name, path, link);
	}
	if (!err && link->type.kind != IMP_TYPE_POINTER)
		return imp_error_new(IMP_ERROR_USAGE, "%s.%s leads nowhere: it is neither a pointer nor a list entry", request->name, path);
	if (!err)
		err = imp_type_at(link->type.pdb, link->type.element, &target);
	if (err || target.index == request->type.index || !strrchr(path, '.'))
		return err;
	/* A link that is inside of an entry leads to the same place inside of the next one. */
	*strrchr(path, '.') = 0;
	err = imp_field_find(request->pdb, request->name, path, &outer);
	if (!err && outer.type.index == target.index)
		*into = outer.offset;
	return err;
}
