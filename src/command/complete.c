/* Completion of commands, symbols, types and fields: see complete.h. */
#include "command/complete.h"

#include "command/arguments.h"
#include "command/line.h"
#include "nt/modules.h"
#include "types/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WORD = 256 };

struct completion {
	struct imp_session *session;
	const char *word; /* what is to be completed */
	size_t length;
	char prefix[MAX_WORD]; /* stands in front of each candidate: "nt!", "Header." */
	size_t count;
	bool (*visit)(void *context, const char *word);
	void *context;
};

/* What the arguments of a command are, where it is not an expression. */
enum argument { ARGUMENT_EXPRESSION, ARGUMENT_TYPE, ARGUMENT_COMMAND, ARGUMENT_MODULE, ARGUMENT_NONE };

static const struct {
	const char *command;
	enum argument argument;
} arguments_of[] = {
	{ "dt", ARGUMENT_TYPE },        { ".help", ARGUMENT_COMMAND }, { "lm", ARGUMENT_MODULE },     { "!lmi", ARGUMENT_MODULE },
	{ ".reload", ARGUMENT_MODULE }, { ".symfix", ARGUMENT_NONE },  { "tl", ARGUMENT_NONE },       { "us", ARGUMENT_NONE },
	{ ".echo", ARGUMENT_NONE },     { ".sympath", ARGUMENT_NONE }, { ".logopen", ARGUMENT_NONE },
};

/* Offers `name` when it begins with what has been typed, in any case. */
static bool offer(struct completion *completion, const char *name)
{
	char candidate[2 * MAX_WORD];

	if (strncasecmp(name, completion->word, completion->length) != 0)
		return true;
	snprintf(candidate, sizeof(candidate), "%s%s", completion->prefix, name);
	return ++completion->count <= IMP_COMPLETE_MOST && completion->visit(completion->context, candidate);
}

static void offer_commands(struct completion *completion)
{
	bool bare = false;

	if (*completion->word == '!' && !strncasecmp(completion->word, "!mex.", strlen("!mex."))) {
		snprintf(completion->prefix, sizeof(completion->prefix), "%.5s", completion->word);
		completion->word += strlen("!mex.");
		completion->length -= strlen("!mex.");
		bare = true;
	}
	for (size_t i = 0; i < imp_command_count; i++) {
		const char *names = imp_commands[i].names;
		char name[MAX_WORD];

		while (imp_next_word(&names, name, sizeof(name))) {
			if (!offer(completion, name + (bare && *name == '!')))
				return;
		}
	}
}

static bool offer_symbol(void *context, const struct imp_symbol *symbol)
{
	return offer(context, symbol->name);
}

static bool offer_type(void *context, const struct imp_type *type)
{
	return !type->name || offer(context, type->name);
}

static bool offer_field(void *context, const struct imp_field *field)
{
	return !field->name || offer(context, field->name);
}

static void offer_modules(struct completion *completion, const char *mark)
{
	struct imp_kernel *kernel = completion->session->kernel;

	for (size_t i = 0; i < kernel->loaded_count; i++) {
		char name[MAX_WORD];

		snprintf(name, sizeof(name), "%s%s", kernel->modules[i].short_name, mark);
		if (!offer(completion, name))
			return;
	}
}

/* "nt!Ke": takes the module off the word; the kernel without one. NULL when there is no such module. */
static struct imp_module *take_module(struct completion *completion)
{
	const char *mark = memchr(completion->word, '!', completion->length);
	struct imp_kernel *kernel = completion->session->kernel;
	struct imp_module *module;

	if (!mark)
		return &kernel->nt;
	module = imp_module_named(kernel, completion->word, (size_t)(mark - completion->word));
	snprintf(completion->prefix, sizeof(completion->prefix), "%.*s", (int)(mark + 1 - completion->word), completion->word);
	completion->length -= (size_t)(mark + 1 - completion->word);
	completion->word = mark + 1;
	return module;
}

/* The pattern of names that begin with the word; false for a word that is a pattern itself. */
static bool make_pattern(const struct completion *completion, char *pattern, size_t size)
{
	return !strpbrk(completion->word, "*?") && (size_t)snprintf(pattern, size, "%.*s*", (int)completion->length, completion->word) < size;
}

static void offer_symbols(struct completion *completion)
{
	bool has_module = memchr(completion->word, '!', completion->length);
	struct imp_module *module;
	struct imp_symbols symbols;
	char pattern[MAX_WORD];

	if (!has_module)
		offer_modules(completion, "!");
	module = take_module(completion);
	/* Without a module and a letter everything would match. */
	if (!module || (!has_module && !completion->length) || !make_pattern(completion, pattern, sizeof(pattern)))
		return;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_module_names(completion->session->kernel, module, &symbols);
	if (!err)
		err = imp_symbols_each(&symbols, pattern, offer_symbol, completion);
}

static struct imp_error *type_pdb(struct completion *completion, struct imp_pdb **pdb)
{
	struct imp_module *module = take_module(completion);

	if (!module)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "no such module");
	return imp_module_pdb(completion->session->kernel, module, pdb);
}

static void offer_types(struct completion *completion)
{
	struct imp_pdb *pdb;
	char pattern[MAX_WORD];

	if (!memchr(completion->word, '!', completion->length))
		offer_modules(completion, "!");
	IMP_CLEANUP_ERROR struct imp_error *err = type_pdb(completion, &pdb);
	if (!err && completion->length && make_pattern(completion, pattern, sizeof(pattern)))
		err = imp_type_names(pdb, pattern, offer_type, completion);
}

/* The fields of `type` ("nt!_KTHREAD"), or of the structure that the word's part before its last dot leads to. */
static void offer_fields(struct completion *completion, const char *type_name)
{
	struct completion owner = { .session = completion->session, .word = type_name, .length = strlen(type_name) };
	const char *dot = memrchr(completion->word, '.', completion->length);
	struct imp_pdb *pdb;
	struct imp_type type;
	IMP_CLEANUP_ERROR struct imp_error *err = type_pdb(&owner, &pdb);

	if (err)
		return;
	if (dot) {
		char path[MAX_WORD];
		struct imp_field field;

		snprintf(path, sizeof(path), "%.*s", (int)(dot - completion->word), completion->word);
		snprintf(completion->prefix, sizeof(completion->prefix), "%.*s.", (int)sizeof(completion->prefix) - 2, path);
		completion->length -= (size_t)(dot + 1 - completion->word);
		completion->word = dot + 1;
		err = imp_field_find(pdb, owner.word, path, &field);
		type = field.type;
	} else {
		err = imp_type_find(pdb, owner.word, &type);
	}
	if (!err)
		err = imp_type_fields(&type, offer_field, completion);
}

static void offer_for_dt(struct completion *completion, const char *arguments)
{
	char word[MAX_WORD];

	while (arguments < completion->word && imp_next_word(&arguments, word, sizeof(word))) {
		if (*word != '-') {
			offer_fields(completion, word);
			return;
		}
	}
	offer_types(completion);
}

static enum argument argument_of(const struct imp_command *command)
{
	const char *names = command ? command->names : "";
	size_t length = strcspn(names, " ");

	for (size_t i = 0; i < sizeof(arguments_of) / sizeof(arguments_of[0]); i++) {
		if (strlen(arguments_of[i].command) == length && !strncmp(arguments_of[i].command, names, length))
			return arguments_of[i].argument;
	}
	return ARGUMENT_EXPRESSION;
}

/* Where the last word of an expression begins: behind operators, too. */
static const char *expression_word(const char *from, const char *end)
{
	while (end > from && !strchr(" \t+-*/%()[]<>&|^~,=@", end[-1]))
		end--;
	return end;
}

static const char *plain_word(const char *from, const char *end)
{
	while (end > from && end[-1] != ' ' && end[-1] != '\t')
		end--;
	return end;
}

/* The beginning of the last command of a line. */
static const char *last_command(const char *text, char *copy, size_t size)
{
	const char *last = text, *rest = text;

	while ((rest = imp_command_next(rest, copy, size))) {
		if (*rest)
			last = rest + 1;
	}
	return imp_skip_blanks(last);
}

size_t imp_complete(struct imp_session *session, const char *text, bool (*visit)(void *context, const char *word), void *context)
{
	size_t size = strlen(text) + 1;
	char *copy = malloc(size);
	const char *end = text + size - 1, *from = copy ? last_command(text, copy, size) : end, *arguments;
	const struct imp_command *command = imp_command_find(from, &arguments);
	struct completion completion = { .session = session, .visit = visit, .context = context };
	enum argument argument = argument_of(command);
	const char *begin;
	bool in_shell;

	/* Behind the bar the words are the shell's. */
	in_shell = copy && imp_command_bar(strcpy(copy, from));
	free(copy);
	if (in_shell)
		return size - 1;
	completion.word = plain_word(from, end);
	if (completion.word > from && argument == ARGUMENT_EXPRESSION)
		completion.word = expression_word(from, end);
	begin = completion.word;
	completion.length = (size_t)(end - begin);
	if (begin == from)
		offer_commands(&completion);
	else if (argument == ARGUMENT_TYPE)
		offer_for_dt(&completion, arguments);
	else if (argument == ARGUMENT_COMMAND)
		offer_commands(&completion);
	else if (argument == ARGUMENT_MODULE)
		offer_modules(&completion, "");
	else if (argument == ARGUMENT_EXPRESSION && command)
		offer_symbols(&completion);
	return (size_t)(begin - text);
}
