/* Where symbols are looked for when nobody says so. */
#include "cli/cli.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add(FILE *path, const char *folder, const char *below)
{
	fprintf(path, "%s%s%s%s", ftell(path) ? ";" : "", folder, *below ? "/" : "", below);
}

/* The folders of a program that was moved or never installed would only lengthen messages. */
static void add_existing(FILE *path, const char *folder, const char *below)
{
	char joined[PATH_MAX + 64];

	snprintf(joined, sizeof(joined), "%s/%s", folder, below);
	if (access(joined, F_OK) == 0)
		add(path, folder, below);
}

static void add_given(FILE *path, const char *text)
{
	if (text && *text)
		add(path, text, "");
}

/* What ran in a lab is kept in its folder (lab/host/kept_symbols.h). */
static void add_store(FILE *path, const char *lab)
{
	char symbols[PATH_MAX + 64];

	snprintf(symbols, sizeof(symbols), "%s/symbols", lab);
	if (access(symbols, F_OK) == 0)
		fprintf(path, ";srv*%s", symbols);
}

char *imp_default_symbol_path(const char *given, const char *dump)
{
	char *text = NULL, program[PATH_MAX], file[PATH_MAX];
	const char *lab = getenv("IMPASSE_LAB");
	size_t size;
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
	FILE *path = open_memstream(&text, &size);

	if (!path)
		return NULL;
	/* What lies here comes first: whoever looks at the lab's dumps needs no server for them. */
	snprintf(file, sizeof(file), "%s", dump);
	dump = dirname(file);
	add(path, dump, "");
	add_store(path, dump);
	add_store(path, lab && *lab ? lab : ".impasse");
	if (length > 0) {
		const char *folder;

		program[length] = '\0';
		folder = dirname(program);
		add_existing(path, folder, "lab");
		add_existing(path, folder, "drivers");
		/* Installed, also under another prefix than the one it was built for. */
		add_existing(path, folder, "../share/impasse/lab");
		add_existing(path, folder, "../share/impasse/drivers");
	}
	add_existing(path, IMPASSE_DATADIR, "lab");
	add_existing(path, IMPASSE_DATADIR, "drivers");
	add_given(path, given);
	if (!given) {
		/* kd's: the first is searched before the second. */
		add_given(path, getenv("_NT_ALT_SYMBOL_PATH"));
		add_given(path, getenv("_NT_SYMBOL_PATH"));
	}
	return fclose(path) ? NULL : text;
}
