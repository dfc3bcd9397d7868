/* Fuzz target: what a person types: a line split into commands and shells, the command's name, words, casts, and the MASM evaluator with symbols and
 * memory that answer anything. The input ends at its first NUL, as a line does.
 */
#include "command/arguments.h"
#include "command/casts.h"
#include "command/command.h"
#include "command/expression.h"
#include "command/line.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct imp_error *symbol(void *context, const char *name, uint64_t *value)
{
	(void)context;
	*value = strlen(name) * UINT64_C(0x123456789abcdef);
	return name[0] == '?' ? imp_error_new(IMP_ERROR_NOT_FOUND, "no '%s'", name) : NULL;
}

static struct imp_error *read_memory(void *context, uint64_t address, size_t size, uint64_t *value)
{
	(void)context;
	*value = address ^ size;
	return address % 7 ? NULL : imp_error_fault(address, "nothing there");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct imp_expression_names names = { .symbol = symbol, .read = read_memory };
	char *line = strndup((const char *)data, size), *command = malloc(size + 1), word[16];
	const char *at = line, *arguments;
	struct imp_cast cast;
	uint64_t value;

	if (!line || !command)
		abort();
	IMP_CLEANUP_ERROR struct imp_error *whole_err = imp_expression_whole(&names, line, &value);
	IMP_CLEANUP_ERROR struct imp_error *part_err = imp_expression(&names, &at, &value);
	if (at < line || at > line + strlen(line))
		abort();
	at = line;
	if (imp_cast_at(&at, &cast) && imp_cast_value(cast, UINT64_MAX) == 0)
		abort();
	for (at = line; imp_next_word(&at, word, sizeof(word));) {
		if (strlen(word) >= sizeof(word))
			abort();
	}
	for (at = line; (at = imp_command_next(at, command, size + 1));) {
		const char *shell = imp_command_bar(command);

		if (shell && (shell < command || shell > command + size))
			abort();
		imp_command_find(command, &arguments);
		if (arguments < command || arguments > command + strlen(command))
			abort();
	}
	free(command);
	free(line);
	return 0;
}
