/* The names in a folder, kept while the folder stays as it is: each module of a dump is looked for in the same folders. */
#ifndef IMP_SYMBOLS_LISTING_H
#define IMP_SYMBOLS_LISTING_H

#include <stddef.h>

/* In the order of strcasecmp; "." and ".." are left out. */
struct imp_listing {
	char **names;
	size_t count;
	unsigned holders;
};

/* The names in `folder` as they are now; NULL when it cannot be read, or memory is short. Each thread keeps its own. Released by the caller. */
struct imp_listing *imp_listing_get(const char *folder);
void imp_listing_release(struct imp_listing *listing);
/* Forgets what this thread has kept. */
void imp_listing_forget(void);
/* `name` as it is spelled in the folder, compared without case; NULL when it is not there. Lives as long as the listing. */
const char *imp_listing_find(const struct imp_listing *listing, const char *name);

#endif
