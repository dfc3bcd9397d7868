/* Errors: one type for every function that can fail. NULL means success; the message is a whole sentence for the person at the
 * prompt. Not responsible for printing or for exit codes.
 */
#ifndef IMP_BASE_ERROR_H
#define IMP_BASE_ERROR_H

#include <stdint.h>

enum imp_error_code {
	IMP_ERROR_NO_MEMORY = 1,
	IMP_ERROR_IO,        /* the host's file system or a socket failed; the message ends with strerror */
	IMP_ERROR_FORMAT,    /* bytes are not what their format says */
	IMP_ERROR_NOT_FOUND, /* no such symbol, type, field, file, thread, ... */
	IMP_ERROR_FAULT,     /* memory that the dump does not hold; imp_error_address() tells where */
	IMP_ERROR_MISMATCH,  /* found, but of another build: GUID/age, time stamp, machine type */
	IMP_ERROR_USAGE,     /* the question itself is off */
	IMP_ERROR_INTERRUPTED,
};

struct imp_error;

/* Makes an error with a printf-style message. Never returns NULL: without memory it returns a static error. */
struct imp_error *imp_error_new(enum imp_error_code code, const char *format, ...) __attribute__((returns_nonnull, format(printf, 2, 3)));
/* As imp_error_new, code IMP_ERROR_FAULT, remembering the virtual (or physical) address that could not be read. */
struct imp_error *imp_error_fault(uint64_t address, const char *format, ...) __attribute__((returns_nonnull, format(printf, 2, 3)));
/* Puts "CONTEXT: " in front of the message of `err`, which it takes over and returns; NULL stays NULL. */
struct imp_error *imp_error_context(struct imp_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

enum imp_error_code imp_error_code(const struct imp_error *err);
const char *imp_error_message(const struct imp_error *err);
uint64_t imp_error_address(const struct imp_error *err);
/* Frees an error; NULL is allowed. */
void imp_error_free(struct imp_error *err);

static inline void imp_error_cleanup(struct imp_error **err)
{
	imp_error_free(*err);
}
/* For locals whose error is looked at and dropped. */
#define IMP_CLEANUP_ERROR __attribute__((cleanup(imp_error_cleanup)))

#endif
