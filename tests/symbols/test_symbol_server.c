/* Symbol servers: the real impasse-fetch against a real HTTP server on the loopback that also lies, stalls, cuts off and sends too much. Whatever comes,
 * the store holds only right files.
 */
#include "base/watch.h"
#include "http_server.h"
#include "store_util.h"
#include "symbols/keeper.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct http_server server;
static char files[64], redirect[64];

static struct http_rule rules[] = {
	{ "/files/", files, HTTP_FILES },    { "/moved/", redirect, HTTP_REDIRECT }, { "/loop/", "/loop/", HTTP_REDIRECT },
	{ "/local/", files, HTTP_OUT },      { "/page/", NULL, HTTP_PAGE },          { "/one/", SAMPLE_PDB, HTTP_ONE_FILE },
	{ "/stall/", files, HTTP_STALL },    { "/cut/", files, HTTP_CUT },           { "/change/", files, HTTP_CUT_CHANGE },
	{ "/endless/", NULL, HTTP_ENDLESS }, { "/error/", NULL, HTTP_ERROR },        { "/silent/", NULL, HTTP_SILENT },
};

/* "srv*STORE*http://127.0.0.1:PORT/WHICH", with a store of this name in the test's folder. */
static const char *by_server(const char *store, const char *which)
{
	static char text[512];

	snprintf(text, sizeof(text), "srv*%s/%s*http://127.0.0.1:%u/%s", folder, store, server.port, which);
	return text;
}

/* The files of the store, with their paths in it, sorted; those in its folder for temporary ones too. */
static void expect_files(const char *store, const char *expected)
{
	shell("cd %s && mkdir -p %s && cd %s && test \"$(find . -type f | LC_ALL=C sort | tr '\\n' ' ')\" = '%s' || { find . ; false; }", folder,
	      store, store, expected);
}

static void expect_sample(const char *store)
{
	char expected[256];

	snprintf(expected, sizeof(expected), "./sample.pdb/%s/sample.pdb ", key());
	expect_files(store, expected);
	shell("cmp %s/%s/sample.pdb/%s/sample.pdb '%s'", folder, store, key(), SAMPLE_PDB);
}

/* The sample's PDB, which the server has nothing else of, under a key of its own: no test knows what servers have said in another. */
static struct imp_guid fresh(uint8_t number)
{
	struct imp_guid other = guid;

	other.bytes[15] ^= number;
	return other;
}

static void test_right(void **state)
{
	(void)state;
	/* What a debugger that was killed has left goes with time. */
	shell("mkdir -p %s/right/.incoming && touch -d '8 days ago' %s/right/.incoming/stale", folder, folder);
	assert_int_equal(look(by_server("right", "files"), "C:\\build\\sample.pdb", &guid, age, NULL), 0);
	expect_sample("right");
	assert_int_equal(http_server_requests(&server, "GET /files/sample.pdb/"), 1);
	/* From now on it comes out of the store. */
	assert_int_equal(look(by_server("right", "files"), "sample.pdb", &guid, age, NULL), 0);
	assert_int_equal(http_server_requests(&server, "GET /files/sample.pdb/"), 1);
}

/* Each store of a chain gets the file; one that cannot be made is passed over; one with an index2.txt keeps its layout. */
static void test_chain(void **state)
{
	char text[1024], expected[256];

	(void)state;
	shell("mkdir %s/tiers && : > %s/tiers/index2.txt", folder, folder);
	snprintf(text, sizeof(text), "cache*%s/near;srv*/dev/null/no*%s/tiers*http://127.0.0.1:%u/files/", folder, folder, server.port);
	assert_int_equal(look(text, "sample.pdb", &guid, age, NULL), 0);
	expect_sample("near");
	snprintf(expected, sizeof(expected), "./index2.txt ./sa/sample.pdb/%s/sample.pdb ", key());
	expect_files("tiers", expected);
}

static void test_compressed(void **state)
{
	(void)state;
	shell("cd %s && mkdir -p files/packed/sample.pdb/%s && cp '%s' . && gcab -c -z files/packed/sample.pdb/%s/sample.pd_ sample.pdb && rm "
	      "sample.pdb",
	      folder, key(), SAMPLE_PDB, key());
	assert_int_equal(look(by_server("packed", "files/packed"), "sample.pdb", &guid, age, NULL), 0);
	expect_sample("packed");
}

static void test_pointer(void **state)
{
	struct imp_guid nowhere = fresh(1);

	(void)state;
	shell("cd %s/files && mkdir -p pointed/sample.pdb/%s && printf 'PATH:http://127.0.0.1:%u/files/sample.pdb/%s/sample.pdb\\r\\n' > "
	      "pointed/sample.pdb/%s/file.ptr",
	      folder, key(), server.port, key(), key());
	assert_int_equal(look(by_server("pointed", "files/pointed"), "sample.pdb", &guid, age, NULL), 0);
	expect_sample("pointed");
	/* A server's pointer to a file of this machine is not followed, even to one that is right. */
	shell("cd %s/files && mkdir -p inward/sample.pdb/%s && printf 'PATH:%s' > inward/sample.pdb/%s/file.ptr", folder, key(), SAMPLE_PDB, key());
	assert_int_equal(look(by_server("inward", "files/inward"), "sample.pdb", &guid, age, NULL), IMP_ERROR_NOT_FOUND);
	assert_non_null(strstr(look_message, "cannot be reached"));
	expect_files("inward", "");
	assert_int_equal(look(by_server("inward", "files/inward"), "sample.pdb", &nowhere, age, NULL), IMP_ERROR_NOT_FOUND);
	/* What is too long for a pointer is none. */
	shell("cd %s/files && mkdir -p wordy/sample.pdb/%s && head -c 8192 /dev/zero > wordy/sample.pdb/%s/file.ptr", folder, key(), key());
	assert_int_equal(look(by_server("wordy", "files/wordy"), "sample.pdb", &guid, age, NULL), IMP_ERROR_NOT_FOUND);
	assert_non_null(strstr(look_message, "does not have sample.pdb"));
	expect_files("wordy", "");
}

static void test_redirects(void **state)
{
	(void)state;
	assert_int_equal(look(by_server("moved", "moved"), "sample.pdb", &guid, age, NULL), 0);
	expect_sample("moved");
	assert_int_equal(look(by_server("loop", "loop"), "sample.pdb", &guid, age, NULL), IMP_ERROR_IO);
	expect_files("loop", "");
	assert_int_equal(look(by_server("local", "local"), "sample.pdb", &guid, age, NULL), IMP_ERROR_IO);
	expect_files("local", "");
}

static void test_lies(void **state)
{
	struct imp_guid other = fresh(2);

	(void)state;
	assert_int_equal(look(by_server("lies", "page"), "sample.pdb", &guid, age, NULL), IMP_ERROR_FORMAT);
	assert_non_null(strstr(look_message, "/page/sample.pdb/"));
	expect_files("lies", "");
	/* look() sees to it that the message names both builds. */
	assert_int_equal(look(by_server("lies", "one"), "sample.pdb", &other, age, NULL), IMP_ERROR_MISMATCH);
	assert_non_null(strstr(look_message, "/one/sample.pdb/"));
	assert_int_equal(look(by_server("lies", "one"), "sample.pdb", &guid, age + 1, NULL), IMP_ERROR_MISMATCH);
	expect_files("lies", "");
	/* The right one is believed, also from there. */
	assert_int_equal(look(by_server("lies", "one"), "sample.pdb", &guid, age, NULL), 0);
	expect_sample("lies");
}

static void test_cut(void **state)
{
	(void)state;
	assert_int_equal(look(by_server("cut", "cut"), "sample.pdb", &guid, age, NULL), 0);
	expect_sample("cut");
	/* A third with each answer, the rest asked for as such. */
	assert_int_equal(http_server_requests(&server, "GET /cut/sample.pdb/"), 3);
	assert_int_equal(http_server_requests(&server, "/sample.pdb bytes="), 2);
	/* Parts of different versions are never put together. */
	assert_int_equal(look(by_server("change", "change"), "sample.pdb", &guid, age, NULL), IMP_ERROR_IO);
	shell("test ! -e %s/change/sample.pdb", folder);
}

static void test_stall(void **state)
{
	time_t begin = time(NULL);

	(void)state;
	assert_int_equal(look(by_server("stall", "stall"), "sample.pdb", &guid, age, NULL), IMP_ERROR_IO);
	assert_true(time(NULL) - begin < 20);
	shell("test ! -e %s/stall/sample.pdb", folder);
	/* What had come is of no use for another URL, and does no harm. */
	assert_int_equal(look(by_server("stall", "files"), "sample.pdb", &guid, age, NULL), 0);
	expect_sample("stall");
}

static void test_too_much(void **state)
{
	(void)state;
	assert_int_equal(look(by_server("endless", "endless"), "sample.pdb", &guid, age, NULL), IMP_ERROR_FORMAT);
	assert_non_null(strstr(look_message, "limit"));
	expect_files("endless", "");
}

static void test_errors(void **state)
{
	unsigned before;

	(void)state;
	assert_int_equal(look(by_server("errors", "error"), "sample.pdb", &guid, age, NULL), IMP_ERROR_IO);
	assert_non_null(strstr(look_message, "500"));
	/* A server that does not answer is not waited for twice. */
	assert_int_equal(look(by_server("errors", "silent"), "sample.pdb", &guid, age, NULL), IMP_ERROR_IO);
	before = http_server_requests(&server, "GET /silent/");
	assert_int_not_equal(before, 0);
	assert_int_equal(look(by_server("errors", "silent"), "other.pdb", &guid, age, NULL), IMP_ERROR_IO);
	assert_non_null(strstr(look_message, "did not answer"));
	assert_int_equal(http_server_requests(&server, "GET /silent/"), before);
	expect_files("errors", "");
}

static void test_misses(void **state)
{
	struct imp_guid other = fresh(3);

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(look(by_server("misses", "files"), "missing.pdb", &other, age, NULL), IMP_ERROR_NOT_FOUND);
		/* The name, its compressed form, file.ptr: once. */
		assert_int_equal(http_server_requests(&server, "GET /files/missing.pdb/"), 3);
	}
	imp_keeper_ask_again();
	assert_int_equal(look(by_server("misses", "files"), "missing.pdb", &other, age, NULL), IMP_ERROR_NOT_FOUND);
	assert_int_equal(http_server_requests(&server, "GET /files/missing.pdb/"), 6);
	expect_files("misses", "");
}

/* Names come from dumps. */
static void test_names(void **state)
{
	static const char *const bad[] = { "", "..", "a\nb.pdb", "a\x7f.pdb", "\x1b[2J.pdb", "x:y.pdb", "*.pdb", "?" };
	unsigned before = http_server_requests(&server, "GET");
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(look(by_server("names", "files"), bad[i], &guid, age, NULL), IMP_ERROR_FORMAT);
	assert_int_equal(http_server_requests(&server, "GET"), before);
	/* One that is strange and right, behind a path that leads elsewhere. */
	snprintf(text, sizeof(text), "../../%s", "a b#%41?.pdb");
	assert_int_equal(look(by_server("names", "one"), text, &guid, age, NULL), IMP_ERROR_FORMAT);
	assert_int_equal(look(by_server("names", "one"), "../..\\../a b#%41.pdb", &guid, age, NULL), 0);
	assert_int_equal(http_server_requests(&server, "GET /one/a%20b%23%2541.pdb/"), 1);
	shell("cmp '%s' '%s/names/a b#%%41.pdb/%s/a b#%%41.pdb'", SAMPLE_PDB, folder, key());
}

static void open_image(const char *path_text, const struct imp_pe_info *info, enum imp_reach reach, int expected)
{
	struct imp_symbol_path *path;
	struct imp_pe *found;
	struct imp_error *err;

	succeed(imp_symbol_path_new(path_text, &path));
	err = imp_symbol_path_open_image(path, "sample.exe", info->time_date_stamp, info->size_of_image, reach, &found);
	assert_int_equal(err ? (int)imp_error_code(err) : 0, expected);
	imp_error_free(err);
	imp_pe_close(found);
	imp_symbol_path_free(path);
}

static void test_images(void **state)
{
	struct imp_pe *image;
	const struct imp_pe_info *info;
	char image_key[32], expected[128];

	(void)state;
	succeed(imp_pe_open_file(SAMPLE_IMAGE, &image));
	info = imp_pe_info(image);
	snprintf(image_key, sizeof(image_key), "%08X%x", info->time_date_stamp, info->size_of_image);
	shell("cd %s && mkdir -p files/sample.exe/%s && cp '%s' . && gcab -c -z files/sample.exe/%s/sample.ex_ sample.exe && rm sample.exe", folder,
	      image_key, SAMPLE_IMAGE, image_key);
	open_image(by_server("images", "files"), info, IMP_REACH_LOCAL, IMP_ERROR_NOT_FOUND);
	assert_int_equal(http_server_requests(&server, "GET /files/sample.exe/"), 0);
	open_image(by_server("images", "files"), info, IMP_REACH_SERVERS, 0);
	snprintf(expected, sizeof(expected), "./sample.exe/%s/sample.exe ", image_key);
	expect_files("images", expected);
	/* A PDB is no image. */
	open_image(by_server("lying_images", "one"), info, IMP_REACH_SERVERS, IMP_ERROR_FORMAT);
	expect_files("lying_images", "");
	/* Its headers alone have the identity, too. */
	shell("cd %s && mkdir -p files/cut/sample.exe/%s && head -c 1024 '%s' > files/cut/sample.exe/%s/sample.exe", folder, image_key, SAMPLE_IMAGE,
	      image_key);
	open_image(by_server("cut_images", "files/cut"), info, IMP_REACH_SERVERS, IMP_ERROR_FORMAT);
	expect_files("cut_images", "");
	imp_pe_close(image);
}

static volatile sig_atomic_t stop;

static volatile unsigned asked, seen; /* requests until then; how often there were more */

/* Ctrl-C, soon after the server has been asked. */
static void on_alarm(int signal)
{
	(void)signal;
	if (http_server_requests(&server, "GET /stall/interrupted.pdb/") > asked && ++seen == 3)
		stop = 1;
}

static void test_interruption(void **state)
{
	const struct itimerval each = { { 0, 20000 }, { 0, 20000 } }, never = { 0 };
	struct sigaction action = { .sa_handler = on_alarm };
	struct timespec begin, end;

	(void)state;
	shell("cd %s/files && mkdir -p interrupted.pdb/%s && cp '%s' interrupted.pdb/%s/interrupted.pdb", folder, key(), SAMPLE_PDB, key());
	sigaction(SIGALRM, &action, NULL);
	imp_watch_flag(&stop);
	setitimer(ITIMER_REAL, &each, NULL);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(look(by_server("interrupted", "stall"), "interrupted.pdb", &guid, age, NULL), IMP_ERROR_INTERRUPTED);
	clock_gettime(CLOCK_MONOTONIC, &end);
	setitimer(ITIMER_REAL, &never, NULL);
	imp_watch_flag(NULL);
	/* Long before the time-out. */
	assert_true(end.tv_sec - begin.tv_sec < 2);
	shell("test ! -e %s/interrupted/interrupted.pdb", folder);
	/* It ended the download and nothing else, was no miss, and the next one goes on with what has come: a third each time. */
	imp_watch_flag(&stop);
	setitimer(ITIMER_REAL, &each, NULL);
	for (int code = -1; code != 0;) {
		asked = http_server_requests(&server, "GET /stall/interrupted.pdb/");
		assert_true(asked < 10);
		seen = 0;
		stop = 0;
		code = look(by_server("interrupted", "stall"), "interrupted.pdb", &guid, age, NULL);
		assert_true(code == 0 || code == IMP_ERROR_INTERRUPTED);
	}
	setitimer(ITIMER_REAL, &never, NULL);
	imp_watch_flag(NULL);
	assert_true(http_server_requests(&server, "/interrupted.pdb bytes=") >= 1);
	shell("cmp '%s' %s/interrupted/interrupted.pdb/%s/interrupted.pdb && test ! -e %s/interrupted/.incoming", SAMPLE_PDB, folder, key(), folder);
}

/* Debuggers in processes of their own want the same file from a server that is none of the best. */
static void test_at_once(void **state)
{
	enum { DEBUGGERS = 4 };
	pid_t pids[DEBUGGERS];
	char expected[256];

	(void)state;
	shell("cd %s/files && mkdir -p once.pdb/%s && cp '%s' once.pdb/%s/once.pdb", folder, key(), SAMPLE_PDB, key());
	for (int i = 0; i < DEBUGGERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			char program[512];

			/* A program of its own, so that each has its own impasse-fetch. */
			snprintf(program, sizeof(program), "%s/look_for", getenv("LOOK_FOR_FOLDER"));
			execl(program, program, by_server("once", "cut"), "once.pdb", SAMPLE_PDB, (char *)NULL);
			_exit(127);
		}
	}
	for (int i = 0; i < DEBUGGERS; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	snprintf(expected, sizeof(expected), "./once.pdb/%s/once.pdb ", key());
	expect_files("once", expected);
}

static int set_up(void **state)
{
	/* Before the first request: impasse-fetch reads them when it starts. */
	setenv("IMPASSE_SYMBOL_TIMEOUT", "2", 1);
	setenv("IMPASSE_SYMBOL_LIMIT", "2", 1);
	setenv("no_proxy", "*", 1);
	if (store_set_up(state))
		return -1;
	shell("cd %s && mkdir -p files/sample.pdb/%s && cp '%s' files/sample.pdb/%s/sample.pdb", folder, key(), SAMPLE_PDB, key());
	snprintf(files, sizeof(files), "%s/files/", folder);
	snprintf(redirect, sizeof(redirect), "/files/");
	http_server_start(&server, rules, sizeof(rules) / sizeof(*rules), folder);
	return 0;
}

static int tear_down(void **state)
{
	http_server_stop(&server);
	return store_tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right),   cmocka_unit_test(test_chain),        cmocka_unit_test(test_compressed),
		cmocka_unit_test(test_pointer), cmocka_unit_test(test_redirects),    cmocka_unit_test(test_lies),
		cmocka_unit_test(test_cut),     cmocka_unit_test(test_stall),        cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_errors),  cmocka_unit_test(test_misses),       cmocka_unit_test(test_names),
		cmocka_unit_test(test_images),  cmocka_unit_test(test_interruption), cmocka_unit_test(test_at_once),
	};

	return cmocka_run_group_tests_name("symbol_server", tests, set_up, tear_down);
}
