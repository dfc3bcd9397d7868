/* sc.exe's grammar, paths on C:, and the tables of status codes: facts of Windows. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/driver_file.h"
#include "host/ntstatus.h"
#include "host/sc_grammar.h"
#include "host/volume.h"
#include "host/winerror.h"

/* Splits `text` at '|' into an argument vector that begins with "sc". */
static struct imp_error *parse(char *text, struct imp_sc_request *request)
{
	char *argv[16] = { "sc" };
	int argc = 1;

	while (text)
		argv[argc++] = strsep(&text, "|");
	argv[argc] = NULL;
	return imp_sc_parse(argc, argv, request);
}

static void reads_commands(void **state)
{
	static const struct {
		const char *line;
		enum imp_sc_verb verb;
		const char *name, *binpath, *display, *start;
	} rows[] = {
		{ "create|TestDrv|type=|kernel|binPath=|C:\\a.sys", IMP_SC_CREATE, "TestDrv", "C:\\a.sys", NULL, "demand" },
		{ "create|TestDrv|type=kernel|binPath=C:\\a b.sys", IMP_SC_CREATE, "TestDrv", "C:\\a b.sys", NULL, "demand" },
		{ "create|TestDrv|type= kernel|binPath= C:\\a.sys", IMP_SC_CREATE, "TestDrv", "C:\\a.sys", NULL, "demand" },
		{ "CREATE|x|BINPATH=|y|TYPE=|KERNEL|START=|Auto|DisplayName=|A b", IMP_SC_CREATE, "x", "y", "A b", "auto" },
		{ "create|x|binpath=|a=b|type=|kernel|error=|ignore", IMP_SC_CREATE, "x", "a=b", NULL, "demand" },
		{ "Start|x", IMP_SC_START, "x", NULL, NULL, "demand" },
		{ "start|x|arguments|of=a|service", IMP_SC_START, "x", NULL, NULL, "demand" },
		{ "stop|x", IMP_SC_STOP, "x", NULL, NULL, "demand" },
		{ "delete|x", IMP_SC_DELETE, "x", NULL, NULL, "demand" },
		{ "query", IMP_SC_QUERY, NULL, NULL, NULL, "demand" },
		{ "query|x", IMP_SC_QUERY, "x", NULL, NULL, "demand" },
		{ "query|type=|driver|state=|all", IMP_SC_QUERY, NULL, NULL, NULL, "demand" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = strdup(rows[i].line);
		struct imp_sc_request request;
		struct imp_error *err = parse(text, &request);

		if (err)
			fail_msg("%s: %s", rows[i].line, imp_error_message(err));
		assert_int_equal(request.verb, rows[i].verb);
		assert_string_equal(request.name ? request.name : "-", rows[i].name ? rows[i].name : "-");
		assert_string_equal(request.binpath ? request.binpath : "-", rows[i].binpath ? rows[i].binpath : "-");
		assert_string_equal(request.display ? request.display : "-", rows[i].display ? rows[i].display : "-");
		assert_string_equal(request.start, rows[i].start);
		free(text);
	}
}

static void reads_states_of_a_query(void **state)
{
	char active[] = "query|state=|active", inactive[] = "query|state=|inactive", all[] = "query|state=|all";
	struct imp_sc_request request;

	(void)state;
	assert_null(parse(active, &request));
	assert_int_equal(request.states, IMP_SC_ACTIVE);
	assert_null(parse(inactive, &request));
	assert_int_equal(request.states, IMP_SC_INACTIVE);
	assert_null(parse(all, &request));
	assert_int_equal(request.states, IMP_SC_ALL);
}

static void refuses_what_sc_would_not_do(void **state)
{
	static const char *const lines[] = {
		"create",
		"create|x",
		"create|x|type=|kernel",
		"create|x|binPath=|C:\\a.sys",
		"create|x|type=|own|binPath=|a",
		"create|x|type=|kernel|binPath=",
		"create|x|type=|kernel|binPath=|a|start=|never",
		"create|x|type=|kernel|binPath=|a|depend=|y",
		"create|x\\y|type=|kernel|binPath=|a",
		"create|x|type=|kernel|binPath=|a|nonsense",
		"start",
		"stop",
		"delete",
		"frobnicate|x",
		"\\\\server|query",
		"query|x|y",
		"query|x|state=|ctive",
		"stop|x|y",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char *text = strdup(lines[i]);
		struct imp_sc_request request;
		struct imp_error *err = parse(text, &request);

		if (!err)
			fail_msg("accepted: %s", lines[i]);
		assert_int_equal(imp_error_code(err), IMP_ERROR_USAGE);
		imp_error_free(err);
		free(text);
	}
}

static void reads_paths(void **state)
{
	static const struct {
		const char *text;
		enum imp_path_kind kind;
		const char *nt;
	} rows[] = {
		{ "C:\\a\\b.sys", IMP_PATH_WINDOWS, "\\??\\C:\\a\\b.sys" },
		{ "c:\\A\\b.sys", IMP_PATH_WINDOWS, "\\??\\C:\\A\\b.sys" },
		{ "\\??\\C:\\a.sys", IMP_PATH_WINDOWS, "\\??\\C:\\a.sys" },
		{ "\\SystemRoot\\System32\\drivers\\a.sys", IMP_PATH_WINDOWS, "\\??\\C:\\Windows\\System32\\drivers\\a.sys" },
		{ "%SystemRoot%\\a.sys", IMP_PATH_WINDOWS, "\\??\\C:\\Windows\\a.sys" },
		{ "System32\\drivers\\a.sys", IMP_PATH_WINDOWS, "\\??\\C:\\Windows\\System32\\drivers\\a.sys" },
		{ "C:\\a\\.\\..\\..\\..\\b.sys", IMP_PATH_WINDOWS, "\\??\\C:\\b.sys" },
		{ "C:\\a\\\\b.sys", IMP_PATH_WINDOWS, "\\??\\C:\\a\\b.sys" },
		{ "/nowhere/a.sys", IMP_PATH_HOST, NULL },
		{ "./a.sys", IMP_PATH_HOST, NULL },
		{ "D:\\a.sys", IMP_PATH_INVALID, NULL },
		{ "\\Device\\HarddiskVolume1\\a.sys", IMP_PATH_INVALID, NULL },
		{ "\\\\server\\share\\a.sys", IMP_PATH_INVALID, NULL },
		{ "C:\\a.sys:stream", IMP_PATH_INVALID, NULL },
		{ "C:\\a?.sys", IMP_PATH_INVALID, NULL },
		{ "C:\\", IMP_PATH_INVALID, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct imp_volume_path path;

		imp_volume_parse(rows[i].text, &path);
		if (path.kind != rows[i].kind || (rows[i].nt && strcmp(path.nt, rows[i].nt) != 0))
			fail_msg("%s: kind %d, %s", rows[i].text, path.kind, path.nt);
	}
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void finds_files_without_case_and_never_outside(void **state)
{
	char folder[] = "/tmp/impasse-volume-XXXXXX";
	char here[4096], nt[IMP_VOLUME_PATH_MAX], command[128];
	bool replaced;
	int fd;

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(mkdir("c", 0700) | mkdir("c/Windows", 0700) | mkdir("outside", 0700), 0);
	write_file("outside/x.sys", "secret");
	write_file("c/Windows/Driver.SYS", "text");
	assert_int_equal(symlink("../outside", "c/Out") | symlink("../outside/x.sys", "c/x.sys"), 0);

	assert_int_equal(imp_volume_open("c", "\\??\\C:\\wInDoWs\\driver.sys", &fd), 0);
	close(fd);
	assert_int_equal(imp_volume_open("c", "\\??\\C:\\Windows\\none.sys", &fd), IMP_WIN_FILE_NOT_FOUND);
	assert_int_equal(imp_volume_open("c", "\\??\\C:\\none\\none.sys", &fd), IMP_WIN_PATH_NOT_FOUND);
	assert_int_equal(imp_volume_open("c", "\\??\\C:\\Out\\x.sys", &fd), IMP_WIN_PATH_NOT_FOUND);
	assert_int_equal(imp_volume_open("c", "\\??\\C:\\x.sys", &fd), IMP_WIN_ACCESS_DENIED);
	assert_int_equal(imp_volume_open("c", "\\??\\C:\\Windows", &fd), IMP_WIN_ACCESS_DENIED);

	assert_int_equal(imp_volume_copy_driver("c", "outside/x.sys", nt, &replaced), 0);
	assert_string_equal(nt, "\\??\\C:\\Windows\\System32\\drivers\\x.sys");
	assert_false(replaced);
	assert_int_equal(access("c/Windows/System32/drivers/x.sys", R_OK), 0);
	assert_int_equal(imp_volume_copy_driver("c", "outside/x.sys", nt, &replaced), IMP_WIN_FILE_EXISTS);
	write_file("c/Windows/System32/drivers/x.sys", "MZ");
	assert_int_equal(imp_volume_copy_driver("c", "outside/x.sys", nt, &replaced), 0);
	assert_true(replaced);
	assert_int_equal(imp_volume_copy_driver("c", "outside/none.sys", nt, &replaced), IMP_WIN_FILE_NOT_FOUND);
	assert_int_equal(imp_volume_copy_driver("c", "outside", nt, &replaced), IMP_WIN_ACCESS_DENIED);

	assert_int_equal(chdir(here), 0);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	assert_int_equal(system(command), 0);
}

static void maps_status_codes(void **state)
{
	/* From "Mapping NT Status Error Codes to Win32 Error Codes". */
	static const uint32_t pairs[][2] = {
		{ 0xc0000001, 31 },   { 0xc000000d, 87 },  { 0xc000000f, 2 },    { 0xc0000022, 5 },    { 0xc0000034, 2 },
		{ 0xc000003a, 3 },    { 0xc000007b, 193 }, { 0xc000009a, 1450 }, { 0xc0000035, 183 },  { 0xc0000263, 127 },
		{ 0xc000010e, 1056 }, { 0xc0000017, 8 },   { 0xc00000bb, 50 },   { 0xc0000225, 1168 }, { 0xc0ffffff, 317 },
		{ 0x80000002, 998 },  { 0xc0000365, 647 }, { 0xc0070005, 5 },    { 0xc0000428, 577 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_int_equal(imp_ntstatus_to_win32(pairs[i][0]), pairs[i][1]);
	assert_string_equal(imp_winerror_text(1056), "An instance of the service is already running.");
	assert_string_equal(imp_winerror_text(193), "%1 is not a valid Win32 application.");
}

/* What is said of a file with these bytes. */
static const char *explain(const void *bytes, size_t size)
{
	static char text[256];
	FILE *file = tmpfile();

	assert_non_null(file);
	fwrite(bytes, 1, size, file);
	fflush(file);
	imp_driver_file_explain(fileno(file), text, sizeof(text));
	fclose(file);
	return text;
}

static void explains_files_that_are_no_drivers(void **state)
{
	uint8_t image[512] = "MZ";

	(void)state;
	assert_non_null(strstr(explain("", 0), "empty"));
	assert_non_null(strstr(explain("\177ELF....", 8), "ELF"));
	assert_non_null(strstr(explain("hello", 5), "no PE image"));
	memset(image + 0x3c, 0xff, 4);
	assert_non_null(strstr(explain(image, sizeof(image)), "no PE header"));
	memcpy(image + 0x3c, "\200\0\0\0", 4);
	memcpy(image + 0x80, "PE\0\0\x4c\x01", 6);
	assert_non_null(strstr(explain(image, sizeof(image)), "0x014c (i386)"));
	memcpy(image + 0x84, "\x64\x86", 2);
	memcpy(image + 0x98, "\x0b\x02", 2);
	image[0x80 + 92] = 3;
	assert_non_null(strstr(explain(image, sizeof(image)), "subsystem 3"));
	image[0x80 + 92] = 1;
	assert_string_equal(explain(image, sizeof(image)), "");
	assert_non_null(strstr(explain(image, 0x80 + 60), "no PE header"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_commands),
		cmocka_unit_test(reads_states_of_a_query),
		cmocka_unit_test(refuses_what_sc_would_not_do),
		cmocka_unit_test(reads_paths),
		cmocka_unit_test(finds_files_without_case_and_never_outside),
		cmocka_unit_test(maps_status_codes),
		cmocka_unit_test(explains_files_that_are_no_drivers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
