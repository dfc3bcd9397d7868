/* What the text of a symbol path means: its elements in order, each a folder or a chain of stores with a server behind it. Looks at no file.
 * Grammar: "Advanced SymSrv Use" and "Symbol path for Windows debuggers" in Microsoft's debugger documentation. Not for other folders.
 */
#ifndef IMP_SYMBOLS_PATH_ELEMENTS_H
#define IMP_SYMBOLS_PATH_ELEMENTS_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>

/* Microsoft's public server: what srv* without more and .symfix mean. */
#define IMP_MICROSOFT_SERVER "https://msdl.microsoft.com/download/symbols"

enum { IMP_CHAIN_LIMIT = 10 };

struct imp_path_element {
	bool is_chain;                 /* srv*, symsrv* or cache*: what is found behind the first store is put into those before it */
	bool is_cache;                 /* cache*: its stores stand in front of all chains that follow, too */
	char *stores[IMP_CHAIN_LIMIT]; /* folders, the nearest first; a plain folder is the only one */
	size_t store_count;
	char *server; /* URL without a slash at its end, or NULL */
};

struct imp_path_elements {
	struct imp_path_element *elements;
	size_t count;
	char **problems; /* sentences on what is not used, and why */
	size_t problem_count;
};

/* Adds the elements of `text` behind those that are there. Errors: NO_MEMORY. */
struct imp_error *imp_path_elements_add(struct imp_path_elements *elements, const char *text);
void imp_path_elements_free(struct imp_path_elements *elements);
/* The elements in words, with what was left to the default written out. The caller frees it; NULL without memory. */
char *imp_path_elements_text(const struct imp_path_elements *elements);
/* The default store, $XDG_CACHE_HOME/impasse/symbols or the same in ~/.cache. The caller frees it; NULL without a home or memory. */
char *imp_default_store(void);

#endif
