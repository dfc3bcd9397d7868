/* Errors: see error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct imp_error {
	enum imp_error_code code;
	uint64_t address;
	char *message;
};

static struct imp_error no_memory = { IMP_ERROR_NO_MEMORY, 0, "out of memory" };

static struct imp_error *error_make(enum imp_error_code code, uint64_t address, const char *format, va_list arguments)
{
	struct imp_error *err = malloc(sizeof(*err));

	if (!err)
		return &no_memory;
	err->code = code;
	err->address = address;
	if (vasprintf(&err->message, format, arguments) < 0) {
		free(err);
		return &no_memory;
	}
	return err;
}

struct imp_error *imp_error_new(enum imp_error_code code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	struct imp_error *err = error_make(code, 0, format, arguments);
	va_end(arguments);
	return err;
}

struct imp_error *imp_error_fault(uint64_t address, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	struct imp_error *err = error_make(IMP_ERROR_FAULT, address, format, arguments);
	va_end(arguments);
	return err;
}

struct imp_error *imp_error_context(struct imp_error *err, const char *format, ...)
{
	va_list arguments;
	char *context;
	char *message;

	if (!err || err == &no_memory)
		return err;
	va_start(arguments, format);
	int length = vasprintf(&context, format, arguments);
	va_end(arguments);
	if (length < 0)
		return err;
	if (asprintf(&message, "%s: %s", context, err->message) >= 0) {
		free(err->message);
		err->message = message;
	}
	free(context);
	return err;
}

enum imp_error_code imp_error_code(const struct imp_error *err)
{
	return err->code;
}

const char *imp_error_message(const struct imp_error *err)
{
	return err->message;
}

uint64_t imp_error_address(const struct imp_error *err)
{
	return err->address;
}

void imp_error_free(struct imp_error *err)
{
	if (!err || err == &no_memory)
		return;
	free(err->message);
	free(err);
}
