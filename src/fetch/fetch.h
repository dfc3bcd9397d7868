/* impasse-fetch, the keeper of the symbol stores: what its files share. It is told by the debugger (symbols/keeper.h) which file is to be in which
 * stores; one file here each for asking a server, unpacking a cabinet, and putting a file into a store.
 */
#ifndef IMP_FETCH_FETCH_H
#define IMP_FETCH_FETCH_H

#include "symbols/keeper_message.h"

#include <limits.h>
#include <stdio.h>

struct fetch_settings {
	int socket;           /* to the debugger */
	uint64_t size_limit;  /* bytes that a file may have, packed or not */
	unsigned stall_limit; /* seconds without an answer or without a byte after which a server is given up */
};

/* Tells the debugger what is tried, and how far a transfer is. */
void fetch_trace(const struct fetch_settings *settings, const char *format, ...) __attribute__((format(printf, 2, 3)));
void fetch_progress(const struct fetch_settings *settings, uint64_t done, uint64_t total);
/* Whether the debugger wants the transfer stopped; ends this process when the debugger has. */
bool fetch_stop_asked(const struct fetch_settings *settings);

/* place.c: a store in which files are made under temporary names. */
struct fetch_store {
	char *root;
	char *staging; /* the folder for temporary names, made for this run */
};

/* Makes the store's folder when it is missing. Errors: IO, NO_MEMORY. Closed with fetch_store_close whatever happens. */
struct imp_error *fetch_store_open(const char *root, struct fetch_store *store);
void fetch_store_close(struct fetch_store *store);
/* Makes a file with a name of its own among the temporary ones; `path` gets it. The caller closes it and removes or moves it. Errors: IO. */
struct imp_error *fetch_store_temporary(const struct fetch_store *store, char path[PATH_MAX], int *file);
/* Takes over the temporary file `path`: unpacks it if it is a cabinet, checks that it is the wanted one, and gives it its place. `origin` is what
 * messages call it. `*place`, which the caller frees, is where it is. On errors the file is removed: MISMATCH, FORMAT, IO, NO_MEMORY.
 */
struct imp_error *fetch_store_settle(const struct fetch_store *store, const struct fetch_settings *settings, const struct imp_file_identity *wanted,
				     const char *path, const char *origin, char **place);
/* The same for a file that is to stay where it is. */
struct imp_error *fetch_store_copy(const struct fetch_store *store, const struct fetch_settings *settings, const struct imp_file_identity *wanted,
				   const char *path, char **place);
/* The file's path in the store when it is there already and right; NULL when not. The caller frees it. */
char *fetch_store_find(const char *root, const struct imp_file_identity *wanted);

/* cabinet.c: writes the file `name` of the cabinet `path` (its only file, whatever its name, if there is one) to `file`, in a process of its own that
 * can do nothing else. Errors: FORMAT, IO.
 */
struct imp_error *fetch_unpack(const char *path, const char *name, uint64_t size_limit, int file);

/* server.c: gets the wanted file from a server into the store. Errors: NOT_FOUND (also for one that was missing before in this session), MISMATCH,
 * FORMAT, IO, INTERRUPTED.
 */
struct imp_error *fetch_from_server(const struct fetch_store *store, const struct fetch_settings *settings, const struct imp_keeper_request *request,
				    char **place);

/* transfer.c: one transfer. */
struct fetch_transfer {
	const char *url;
	uint64_t size_limit;
	long status; /* HTTP's; 0: no answer */
	bool resumed;
};

/* Appends what the server sends for transfer->url to the file `part`, which is there and locked. What an earlier transfer has left is used when the
 * server says that it still holds (If-Range). The error is NULL for each answer of the server; transfer->status tells which. Errors: IO (no answer, cut
 * off, stalled, too much), INTERRUPTED.
 */
struct imp_error *fetch_transfer_run(const struct fetch_settings *settings, struct fetch_transfer *transfer, int part, int notes);

#endif
