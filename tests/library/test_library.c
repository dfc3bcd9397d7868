/* libimpasse as a program uses it, on the real triage dump: what is owned, what is an error, stopping, and several dumps at once. */
#include "impasse/impasse.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { THREADS = 4, TRIAGE_MODULES = 151 };

static const char *triage(void)
{
	static char path[4096];
	const char *shared = getenv("IMPASSE_SHARED");

	snprintf(path, sizeof(path), "%s/data/windows/triage_x64.dmp", shared ? shared : TEST_SOURCE_DIR "/../../../shared");
	if (access(path, R_OK) == 0)
		return path;
	print_message("not tested: %s is not here\n", path);
	return NULL;
}

static struct impasse_dump *open_triage(void)
{
	const char *path = triage();
	struct impasse_dump *dump;

	if (!path)
		skip();
	assert_null(impasse_open(path, NULL, NULL, &dump));
	return dump;
}

static void assert_code(struct impasse_error *error, enum impasse_code code)
{
	assert_non_null(error);
	assert_int_equal(impasse_error_code(error), code);
	assert_true(*impasse_error_message(error));
	impasse_error_free(error);
}

static void errors(void **state)
{
	struct impasse_dump *dump;

	(void)state;
	assert_code(impasse_open("/nonexistent/x.dmp", NULL, NULL, &dump), IMPASSE_IO);
	assert_null(dump);
	assert_code(impasse_open(TEST_SOURCE_DIR "/test_library.c", NULL, NULL, &dump), IMPASSE_FORMAT);
	impasse_close(NULL);
	impasse_error_free(NULL);
}

static bool count_loaded(void *context, const struct impasse_module *module)
{
	unsigned *count = context;

	*count += !module->unloaded;
	return true;
}

static bool stop_at_first(void *context, const struct impasse_module *module)
{
	(void)module;
	++*(unsigned *)context;
	return false;
}

static void modules(void **state)
{
	struct impasse_dump *dump = open_triage();
	unsigned count = 0, first = 0;
	uint64_t value;

	(void)state;
	assert_null(impasse_modules(dump, count_loaded, &count));
	assert_int_equal(count, TRIAGE_MODULES);
	assert_null(impasse_modules(dump, stop_at_first, &first));
	assert_int_equal(first, 1);
	assert_null(impasse_evaluate(dump, "0n10 * (2 + 3)", &value));
	assert_int_equal(value, 50);
	assert_code(impasse_evaluate(dump, "1 +", &value), IMPASSE_USAGE);
	assert_code(impasse_read(dump, 0x1234, &value, sizeof(value)), IMPASSE_FAULT);
	impasse_close(dump);
}

static void commands(void **state)
{
	struct impasse_dump *dump = open_triage();
	char *result;
	size_t size;

	(void)state;
	assert_null(impasse_run(dump, ".echo one", IMPASSE_TEXT, &result, NULL));
	assert_string_equal(result, "one\n");
	impasse_result_free(result);
	assert_null(impasse_run(dump, ".echo one", IMPASSE_JSON, &result, &size));
	assert_non_null(strstr(result, "\"text\":\"one\""));
	assert_int_equal(size, strlen(result));
	impasse_result_free(result);
	assert_code(impasse_run(dump, "frobnicate", IMPASSE_JSON, &result, &size), IMPASSE_USAGE);
	assert_non_null(strstr(result, "\"ok\":false"));
	impasse_result_free(result);
	/* What belongs to the impasse program is not this library's. */
	assert_code(impasse_run(dump, ".logopen x", IMPASSE_TEXT, &result, &size), IMPASSE_USAGE);
	impasse_result_free(result);
	impasse_close(dump);
}

static void stopping(void **state)
{
	struct impasse_dump *dump = open_triage(), *other = open_triage();
	char *result;

	(void)state;
	impasse_stop(dump);
	assert_code(impasse_run(dump, "lm", IMPASSE_TEXT, &result, NULL), IMPASSE_INTERRUPTED);
	impasse_result_free(result);
	/* Only this dump was meant. */
	assert_null(impasse_run(other, "lm", IMPASSE_TEXT, &result, NULL));
	impasse_result_free(result);
	impasse_go_on(dump);
	assert_null(impasse_run(dump, "lm", IMPASSE_TEXT, &result, NULL));
	impasse_result_free(result);
	impasse_close(dump);
	impasse_close(other);
}

static void *list_modules(void *context)
{
	struct impasse_dump *dump = open_triage();

	if (impasse_run(dump, "lm", IMPASSE_TEXT, context, NULL))
		abort();
	impasse_close(dump);
	return NULL;
}

static void several_threads(void **state)
{
	pthread_t threads[THREADS];
	char *results[THREADS];

	(void)state;
	if (!triage())
		skip();
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, list_modules, &results[i]), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_string_equal(results[i], results[0]);
		if (i)
			impasse_result_free(results[i]);
	}
	impasse_result_free(results[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors),   cmocka_unit_test(modules),         cmocka_unit_test(commands),
		cmocka_unit_test(stopping), cmocka_unit_test(several_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
