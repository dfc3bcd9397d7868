/* Getting a file from a symbol server: which URLs are asked for it, what of the answers is believed, and what is not asked twice.
 * Source: "HTTP Symbol Stores" and "SymSrv" in Microsoft's debugger documentation: SERVER/name/KEY/ and in it name, its compressed form, file.ptr.
 */
#include "fetch/fetch.h"

#include "symbols/store.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

/* What servers did not have in this session, and which servers did not answer (by their URL), with the round in which they were asked. */
struct memory {
	UT_hash_handle hh;
	uint32_t round;
	char text[];
};
static struct memory *misses;

static struct memory *recall(const char *text)
{
	struct memory *found;

	HASH_FIND_STR(misses, text, found);
	return found;
}

static bool is_remembered(const char *text, uint32_t round)
{
	const struct memory *found = recall(text);

	return found && found->round == round;
}

static void remember(const char *text, uint32_t round)
{
	struct memory *found = recall(text);

	if (!found) {
		found = malloc(sizeof(*found) + strlen(text) + 1);
		if (!found)
			return;
		strcpy(found->text, text);
		HASH_ADD_STR(misses, text, found);
	}
	found->round = round;
}

/* A file among the temporary ones that keeps its name, so that a later transfer can go on with it, and one beside it that says what it is of. Locked:
 * another process that wants the same file meanwhile works in a file of its own.
 */
struct part {
	char path[PATH_MAX], notes_path[PATH_MAX];
	int file, notes;
};

static bool open_shared(struct part *part)
{
	struct stat by_name, by_file;

	part->file = open(part->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (part->file < 0)
		return false;
	/* Whoever had the lock may have moved the file to its place since it was opened. */
	if (flock(part->file, LOCK_EX | LOCK_NB) == 0 && fstat(part->file, &by_file) == 0 && stat(part->path, &by_name) == 0 &&
	    by_name.st_ino == by_file.st_ino) {
		part->notes = open(part->notes_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (part->notes >= 0)
			return true;
	}
	close(part->file);
	return false;
}

static struct imp_error *open_part(const struct fetch_store *store, const struct imp_file_identity *wanted, struct part *part)
{
	char key[IMP_FILE_KEY_SIZE];
	struct imp_error *err;

	imp_identity_key(wanted, key);
	snprintf(part->path, sizeof(part->path), "%s/%.180s-%s.part", store->staging, wanted->name, key);
	snprintf(part->notes_path, sizeof(part->notes_path), "%s/%.180s-%s.from", store->staging, wanted->name, key);
	if (open_shared(part))
		return NULL;
	err = fetch_store_temporary(store, part->path, &part->file);
	if (err)
		return err;
	err = fetch_store_temporary(store, part->notes_path, &part->notes);
	if (err) {
		unlink(part->path);
		close(part->file);
	}
	return err;
}

/* Closes the part; what is there of it is kept only for one that a later transfer can go on with. */
static void close_part(struct part *part, bool keep)
{
	struct stat status, notes;

	keep = keep && fstat(part->file, &status) == 0 && status.st_size && fstat(part->notes, &notes) == 0 && notes.st_size;
	if (!keep) {
		unlink(part->notes_path);
		unlink(part->path);
	}
	close(part->notes);
	close(part->file);
}

static bool is_success(long status)
{
	return status == 200 || status == 206;
}

/* Answers that say that there is no such file; some stores in the cloud forbid what they do not have. */
static bool is_miss(long status)
{
	return status == 404 || status == 410 || status == 403;
}

/* Asks for one URL. `*place` is NULL without an error when the server does not have it. */
static struct imp_error *get(const struct fetch_store *store, const struct fetch_settings *settings, const struct imp_file_identity *wanted,
			     const char *url, long *status, char **place)
{
	struct fetch_transfer transfer = { .url = url, .size_limit = settings->size_limit };
	struct part part;
	struct imp_error *err = open_part(store, wanted, &part);
	bool transferred;

	*place = NULL;
	*status = 0;
	if (err)
		return err;
	err = fetch_transfer_run(settings, &transfer, part.file, part.notes);
	*status = transfer.status;
	if (!err && !is_success(transfer.status) && !is_miss(transfer.status))
		err = imp_error_new(IMP_ERROR_IO, "%s: the server answers %ld", url, transfer.status);
	transferred = !err && is_success(transfer.status);
	if (err)
		fetch_trace(settings, "SYMSRV:  %s", imp_error_message(err));
	else
		fetch_trace(settings, "SYMSRV:  %s - %s", url, transfer.resumed ? "received the rest" : transferred ? "received" : "not found");
	if (transferred)
		err = fetch_store_settle(store, settings, wanted, part.path, url, place);
	close_part(&part, err && !transferred && imp_error_code(err) != IMP_ERROR_FORMAT);
	return err;
}

static char *make_url(const char *server, const struct imp_file_identity *wanted, const char *file)
{
	char key[IMP_FILE_KEY_SIZE], *url = NULL;
	char *name = curl_easy_escape(NULL, wanted->name, 0), *last = curl_easy_escape(NULL, file, 0);

	imp_identity_key(wanted, key);
	if (!name || !last || asprintf(&url, "%s/%s/%s/%s", server, name, key, last) < 0)
		url = NULL;
	curl_free(name);
	curl_free(last);
	return url;
}

/* Reads the server's file.ptr, if it has one; `target` is where it leads, "" when nowhere. */
static struct imp_error *read_pointer(const struct fetch_store *store, const struct fetch_settings *settings, const char *url,
				      char target[IMP_POINTER_LIMIT])
{
	struct fetch_transfer transfer = { .url = url, .size_limit = IMP_POINTER_LIMIT };
	struct part part;
	char bytes[IMP_POINTER_LIMIT];
	struct imp_error *err = fetch_store_temporary(store, part.path, &part.file);

	target[0] = '\0';
	if (err)
		return err;
	err = fetch_store_temporary(store, part.notes_path, &part.notes);
	if (err) {
		unlink(part.path);
		close(part.file);
		return err;
	}
	err = fetch_transfer_run(settings, &transfer, part.file, part.notes);
	if (err && imp_error_code(err) == IMP_ERROR_FORMAT) { /* a page, too long for a pointer: some servers have one for everything */
		imp_error_free(err);
		err = NULL;
		transfer.status = 0;
	}
	if (!err && is_success(transfer.status)) {
		ssize_t size = pread(part.file, bytes, sizeof(bytes), 0);

		if (size <= 0 || !imp_pointer_target(bytes, (size_t)size, target))
			target[0] = '\0';
	}
	close_part(&part, false);
	return err;
}

static struct imp_error *follow_pointer(const struct fetch_store *store, const struct fetch_settings *settings,
					const struct imp_keeper_request *request, char **place)
{
	char target[IMP_POINTER_LIMIT];
	char *url = make_url(request->source, &request->identity, "file.ptr");
	struct imp_error *err = url ? read_pointer(store, settings, url, target) : imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for a URL");
	long status;

	if (!err && target[0]) {
		fetch_trace(settings, "SYMSRV:  %s - leads to %s", url, target);
		if (strncmp(target, "http://", 7) == 0 || strncmp(target, "https://", 8) == 0)
			err = get(store, settings, &request->identity, target, &status, place);
		else
			err = imp_error_new(IMP_ERROR_NOT_FOUND, "%s leads to %s, which cannot be reached from here", url, target);
	}
	free(url);
	return err;
}

/* Keeps the error that says more: a wrong file before a missing one. Takes over both. */
static struct imp_error *say_more(struct imp_error *before, struct imp_error *now)
{
	if (!before || !now) {
		return before ? before : now;
	}
	imp_error_free(now);
	return before;
}

static bool ends_it(const struct imp_error *err)
{
	return err &&
	       (imp_error_code(err) == IMP_ERROR_IO || imp_error_code(err) == IMP_ERROR_INTERRUPTED || imp_error_code(err) == IMP_ERROR_NO_MEMORY);
}

/* Asks for the file under its name, compressed, and elsewhere. `*answered` tells whether the server said anything. */
static struct imp_error *ask(const struct fetch_store *store, const struct fetch_settings *settings, const struct imp_keeper_request *request,
			     bool *answered, char **place)
{
	char compressed[IMP_FILE_NAME_SIZE];
	const char *const names[] = { request->identity.name, compressed };
	struct imp_error *err = NULL;

	imp_compressed_name(request->identity.name, compressed);
	*answered = false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !*place && !ends_it(err); i++) {
		char *url = make_url(request->source, &request->identity, names[i]);
		long status = 0;
		struct imp_error *now = url ? get(store, settings, &request->identity, url, &status, place)
					    : imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for a URL");

		free(url);
		*answered |= status != 0;
		if (ends_it(now)) {
			imp_error_free(err);
			err = NULL;
		}
		err = say_more(err, now);
	}
	if (!*place && !ends_it(err))
		err = say_more(err, follow_pointer(store, settings, request, place));
	if (*place) {
		imp_error_free(err);
		return NULL;
	}
	return err;
}

struct imp_error *fetch_from_server(const struct fetch_store *store, const struct fetch_settings *settings, const struct imp_keeper_request *request,
				    char **place)
{
	char key[IMP_FILE_KEY_SIZE], *what;
	const char *server = request->source, *name = request->identity.name;
	struct imp_error *err;
	bool answered;

	*place = NULL;
	imp_identity_key(&request->identity, key);
	if (asprintf(&what, "%s/%s/%s", server, name, key) < 0)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for a URL");
	if (is_remembered(server, request->round)) {
		err = imp_error_new(IMP_ERROR_IO, "%s did not answer before in this session and is not asked for %s; .reload /f asks again", server,
				    name);
	} else if (is_remembered(what, request->round)) {
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "%s does not have %s with identity %s (asked before; .reload /f asks again)", server, name,
				    key);
	} else {
		err = ask(store, settings, request, &answered, place);
		if (!err && !*place)
			err = imp_error_new(IMP_ERROR_NOT_FOUND, "%s does not have %s with identity %s", server, name, key);
		if (err && imp_error_code(err) == IMP_ERROR_IO && !answered)
			remember(server, request->round);
		else if (err && imp_error_code(err) != IMP_ERROR_INTERRUPTED && imp_error_code(err) != IMP_ERROR_IO)
			remember(what, request->round);
	}
	free(what);
	return err;
}
