/* Items by key: see key_tree.h. The C library's tsearch keeps its trees balanced. */
#include "symbols/key_tree.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
	const struct imp_key *a = left, *b = right;

	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	return memcmp(a->bytes, b->bytes, a->size);
}

void *imp_key_tree_find(void *tree, const void *bytes, size_t size)
{
	const struct imp_key wanted = { bytes, size };
	void **found = tfind(&wanted, &tree, compare);

	return found ? *found : NULL;
}

bool imp_key_tree_add(void **tree, struct imp_key *item)
{
	return tsearch(item, tree, compare);
}

void imp_key_tree_free(void *tree)
{
	tdestroy(tree, free);
}
