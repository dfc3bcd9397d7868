/* A folder with stores for the tests: see store_util.h. */
#include "store_util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char folder[] = "/tmp/impasse-store-XXXXXX";
struct imp_guid guid;
uint32_t age;
char look_message[2048];

void succeed(struct imp_error *err)
{
	if (err)
		fail_msg("%s", imp_error_message(err));
}

void shell(const char *format, ...)
{
	char command[4096];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	assert_int_equal(system(command), 0);
}

const char *key(void)
{
	static char text[64];
	const uint8_t *b = guid.bytes;

	snprintf(text, sizeof(text), "%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%X", b[3], b[2], b[1], b[0], b[5], b[4], b[7],
		 b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15], age);
	return text;
}

int look(const char *text, const char *name, const struct imp_guid *wanted, uint32_t wanted_age, const char *recorded)
{
	struct imp_symbol_path *path;
	struct imp_pdb *pdb;
	struct imp_guid found;
	uint32_t found_age;

	look_message[0] = '\0';
	succeed(imp_symbol_path_new(text, &path));
	struct imp_error *err = imp_symbol_path_open_pdb(path, name, wanted, wanted_age, recorded, &pdb);
	imp_symbol_path_free(path);
	if (!err) {
		imp_pdb_identity(pdb, &found, &found_age);
		assert_memory_equal(found.bytes, wanted->bytes, 16);
		assert_int_equal(found_age, wanted_age);
		imp_pdb_close(pdb);
		return 0;
	}
	assert_null(pdb);
	int code = (int)imp_error_code(err);
	snprintf(look_message, sizeof(look_message), "%s", imp_error_message(err));
	if (code == IMP_ERROR_MISMATCH) {
		assert_non_null(strstr(imp_error_message(err), "is of another build"));
		assert_non_null(strstr(imp_error_message(err), "sample.pd"));
	}
	imp_error_free(err);
	return code;
}

int store_set_up(void **state)
{
	struct imp_pdb *pdb;

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	/* The default store is the test's, too. */
	setenv("XDG_CACHE_HOME", folder, 1);
	succeed(imp_pdb_open(SAMPLE_PDB, &pdb));
	imp_pdb_identity(pdb, &guid, &age);
	imp_pdb_close(pdb);
	return 0;
}

int store_tear_down(void **state)
{
	(void)state;
	shell("rm -r %s", folder);
	return 0;
}
