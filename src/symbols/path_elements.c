/* The grammar of symbol paths: see path_elements.h. */
#include "symbols/path_elements.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One element as it is read. */
struct reader {
	struct imp_path_elements *all;
	struct imp_path_element element;
	const char *text; /* the element, for messages */
	bool no_memory;
};

char *imp_default_store(void)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char *path = NULL;

	/* The XDG base directory specification: a relative path counts as none. */
	if (cache && cache[0] == '/') {
		if (asprintf(&path, "%s/impasse/symbols", cache) < 0)
			path = NULL;
	} else if (home && *home) {
		if (asprintf(&path, "%s/.cache/impasse/symbols", home) < 0)
			path = NULL;
	}
	return path;
}

static void __attribute__((format(printf, 2, 3))) problem(struct reader *reader, const char *format, ...)
{
	struct imp_path_elements *all = reader->all;
	char **problems = reallocarray(all->problems, all->problem_count + 1, sizeof(*problems));
	va_list arguments;

	if (!problems) {
		reader->no_memory = true;
		return;
	}
	all->problems = problems;
	va_start(arguments, format);
	if (vasprintf(&problems[all->problem_count], format, arguments) < 0)
		reader->no_memory = true;
	else
		all->problem_count++;
	va_end(arguments);
}

static bool has_scheme(const char *word, const char *scheme)
{
	return strncasecmp(word, scheme, strlen(scheme)) == 0;
}

static bool is_server(const char *word)
{
	return has_scheme(word, "http://") || has_scheme(word, "https://");
}

static bool is_windows_folder(const char *word)
{
	return (isalpha((unsigned char)word[0]) && word[1] == ':' && (word[2] == '\\' || word[2] == '/' || !word[2])) ||
	       strncmp(word, "\\\\", 2) == 0;
}

/* Takes over `store`. */
static void add_store(struct reader *reader, char *store)
{
	struct imp_path_element *element = &reader->element;

	if (!store) {
		reader->no_memory = true;
		return;
	}
	for (size_t i = 0; i < element->store_count; i++) {
		if (strcmp(element->stores[i], store) == 0) {
			free(store);
			return;
		}
	}
	if (element->store_count == IMP_CHAIN_LIMIT) {
		problem(reader, "'%s' names more than %d stores; %s is not used", reader->text, IMP_CHAIN_LIMIT, store);
		free(store);
		return;
	}
	element->stores[element->store_count++] = store;
}

static void add_default_store(struct reader *reader)
{
	char *store = imp_default_store();

	if (store)
		add_store(reader, store);
	else
		problem(reader, "'%s' leaves the store to the default, and without HOME and XDG_CACHE_HOME there is none", reader->text);
}

static void add_folder(struct reader *reader, const char *word)
{
	const char *home = getenv("HOME");
	char *folder;

	if (is_windows_folder(word)) {
		problem(reader, "the symbol path's %s is a folder on Windows, which is not here; it is left out", word);
		return;
	}
	if (strstr(word, "://")) {
		problem(reader, "the symbol path's %s is neither a folder nor a server that speaks http or https; it is left out", word);
		return;
	}
	/* The shell does this only where a word begins, not in srv*~/symbols. */
	if (word[0] == '~' && (word[1] == '/' || !word[1]) && home) {
		if (asprintf(&folder, "%s%s", home, word + 1) < 0)
			folder = NULL;
	} else {
		folder = strdup(word);
	}
	add_store(reader, folder);
}

static void add_server(struct reader *reader, const char *word)
{
	size_t length = strlen(word);

	if (reader->element.server) {
		problem(reader, "'%s' names two servers; %s is not used", reader->text, word);
		return;
	}
	while (length && word[length - 1] == '/')
		length--;
	reader->element.server = strndup(word, length);
	reader->no_memory |= !reader->element.server;
}

/* The stores of every cache* to the left stand in front of a chain's own. */
static void add_caches(struct reader *reader)
{
	for (size_t i = 0; i < reader->all->count; i++) {
		const struct imp_path_element *cache = &reader->all->elements[i];

		for (size_t k = 0; cache->is_cache && k < cache->store_count; k++)
			add_store(reader, strdup(cache->stores[k]));
	}
}

/* The words behind srv*, symsrv*LIBRARY* or cache*. An empty one is the default store. */
static void read_chain(struct reader *reader, char *words)
{
	bool nothing = !*words;
	char *word;

	reader->element.is_chain = true;
	if (!reader->element.is_cache)
		add_caches(reader);
	while ((word = strsep(&words, "*"))) {
		if (is_server(word))
			add_server(reader, word);
		else if (*word)
			add_folder(reader, word);
		else if (words || reader->element.is_cache) /* not behind the last star: srv*C:\x* is no more than srv*C:\x */
			add_default_store(reader);
	}
	if (reader->element.is_cache)
		return;
	if (nothing)
		add_server(reader, IMP_MICROSOFT_SERVER);
	if (reader->element.server && !reader->element.store_count)
		add_default_store(reader);
}

static void read_element(struct reader *reader, char *text)
{
	char *star = strchr(text, '*');
	size_t length = star ? (size_t)(star - text) : strlen(text);

	if (star && length == 3 && strncasecmp(text, "srv", 3) == 0) {
		read_chain(reader, star + 1);
	} else if (star && length == 5 && strncasecmp(text, "cache", 5) == 0) {
		reader->element.is_cache = true;
		read_chain(reader, star + 1);
	} else if (star && length == 6 && strncasecmp(text, "symsrv", 6) == 0) {
		/* symsrv*symsrv.dll*...: the library is the debugger's own here */
		char *library_end = strchr(star + 1, '*');

		read_chain(reader, library_end ? library_end + 1 : star + strlen(star));
	} else if (star) {
		problem(reader, "'%s' begins with none of srv*, cache* and symsrv*; it is left out", text);
	} else if (is_server(text)) {
		read_chain(reader, text);
	} else {
		add_folder(reader, text);
	}
}

static void free_element(struct imp_path_element *element)
{
	for (size_t i = 0; i < element->store_count; i++)
		free(element->stores[i]);
	free(element->server);
}

static void keep_element(struct reader *reader)
{
	struct imp_path_elements *all = reader->all;
	struct imp_path_element *elements;

	if (reader->element.store_count && !reader->no_memory) {
		elements = reallocarray(all->elements, all->count + 1, sizeof(*elements));
		if (elements) {
			all->elements = elements;
			elements[all->count++] = reader->element;
			return;
		}
		reader->no_memory = true;
	}
	free_element(&reader->element);
}

struct imp_error *imp_path_elements_add(struct imp_path_elements *elements, const char *text)
{
	bool no_memory = false;

	while (*text && !no_memory) {
		size_t length = strcspn(text, ";");
		char *shown = strndup(text, length), *words = strndup(text, length);
		struct reader reader = { .all = elements, .text = shown, .no_memory = !shown || !words };

		if (length && !reader.no_memory) {
			read_element(&reader, words);
			keep_element(&reader);
		}
		no_memory = reader.no_memory;
		free(shown);
		free(words);
		text += length + (text[length] == ';');
	}
	return no_memory ? imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for the symbol path") : NULL;
}

void imp_path_elements_free(struct imp_path_elements *elements)
{
	for (size_t i = 0; i < elements->count; i++)
		free_element(&elements->elements[i]);
	for (size_t i = 0; i < elements->problem_count; i++)
		free(elements->problems[i]);
	free(elements->elements);
	free(elements->problems);
	*elements = (struct imp_path_elements){ 0 };
}

char *imp_path_elements_text(const struct imp_path_elements *elements)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	for (size_t i = 0; i < elements->count; i++) {
		const struct imp_path_element *element = &elements->elements[i];

		if (i)
			fputc(';', to);
		if (element->is_chain)
			fputs(element->is_cache ? "cache" : "srv", to);
		for (size_t k = 0; k < element->store_count; k++)
			fprintf(to, "%s%s", element->is_chain ? "*" : "", element->stores[k]);
		if (element->server)
			fprintf(to, "*%s", element->server);
	}
	return fclose(to) ? NULL : text;
}
