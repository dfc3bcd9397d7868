/* llvm-pdbutil as the independent witness: see pdbutil.h. */
#include "pdbutil.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void pdbutil_dump(const char *options, const char *pdb, void (*line)(void *context, const char *text), void *context)
{
	char *command, *text = NULL;
	size_t size = 0;
	ssize_t length;

	assert_true(asprintf(&command, "%s dump %s '%s' 2>/dev/null", PDBUTIL, options, pdb) > 0);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	while ((length = getline(&text, &size, pipe)) > 0) {
		if (text[length - 1] == '\n')
			text[length - 1] = 0;
		line(context, text);
	}
	free(text);
	free(command);
	assert_int_equal(pclose(pipe), 0);
}

bool pdbutil_quoted(const char *line, char *text, size_t size)
{
	const char *first = strchr(line, '`'), *last = strrchr(line, '`');

	if (!first || first == last || (size_t)(last - first - 1) >= size)
		return false;
	memcpy(text, first + 1, (size_t)(last - first - 1));
	text[last - first - 1] = 0;
	return true;
}

static void section_line(void *context, const char *line)
{
	struct pdbutil_sections *sections = context;
	uint32_t value;

	/* The original headers follow under a title of their own; images that have them are not among the tests. */
	if (strstr(line, " virtual address") && sscanf(line, "%x", &value) == 1 && sections->count < 96)
		sections->rva[sections->count++] = value;
}

void pdbutil_sections(const char *pdb, struct pdbutil_sections *sections)
{
	sections->count = 0;
	pdbutil_dump("-section-headers", pdb, section_line, sections);
	assert_true(sections->count > 0);
}

static unsigned each_match(const char *pattern, void (*test)(const char *pdb))
{
	glob_t found = { 0 };
	unsigned count = 0;

	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++, count++) {
			print_message("  %s\n", found.gl_pathv[i]);
			test(found.gl_pathv[i]);
		}
	}
	globfree(&found);
	return count;
}

unsigned pdbutil_each_pdb(void (*test)(const char *pdb))
{
	const char *shared = getenv("IMPASSE_SHARED");
	unsigned count = each_match(SAMPLE_PDB, test), here;
	char pattern[4096];

	snprintf(pattern, sizeof(pattern), "%s/data/pdb/*.pdb", shared ? shared : PROJECT_DIR "/../shared");
	here = each_match(pattern, test);
	if (!here)
		print_message("  no PDBs of Microsoft's linker: %s matches nothing\n", pattern);
	return count + here + each_match(BUILD_DIR "/lab/ntkrnlmp.pdb", test) + each_match(BUILD_DIR "/drivers/*.pdb", test);
}
