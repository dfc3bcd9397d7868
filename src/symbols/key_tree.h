/* Items by the bytes of their key, in a balanced tree. The keys are names and records out of files: whoever writes such a file can choose them so that
 * they collide in a hash table, and a table of a few megabytes takes minutes; a tree has no such worst case. Not for other folders.
 */
#ifndef IMP_SYMBOLS_KEY_TREE_H
#define IMP_SYMBOLS_KEY_TREE_H

#include <stdbool.h>
#include <stddef.h>

/* The first member of an item, which is malloc'd and lives until imp_key_tree_free. */
struct imp_key {
	const void *bytes; /* most often behind the item; never changed */
	size_t size;
};

/* The item with this key; NULL when there is none. `tree` is NULL while it is empty. */
void *imp_key_tree_find(void *tree, const void *bytes, size_t size);
/* Adds an item whose key is not there yet, and takes it over. False without memory: then it stays the caller's. */
bool imp_key_tree_add(void **tree, struct imp_key *item);
/* Frees the tree and all its items. */
void imp_key_tree_free(void *tree);

#endif
