/* Times, filters, names of commands, SMBIOS strings: what needs no dump. Figures are the walk-through's where it has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command/arguments.h"
#include "command/command.h"
#include "command/line.h"
#include "nt/systeminfo.h"
#include "nt/time.h"

static void intervals(void **state)
{
	static const struct {
		uint64_t milliseconds;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ 453, "453ms" },
		{ 20296, "20s.296" },
		{ 22046, "22s.046" },
		{ 132046, "2m:12.046" },
		{ 3723004, "1h:02:03.004" },
		{ 93784005, "1d.02:03:04.005" },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(imp_format_interval(rows[i].milliseconds, text, sizeof(text)), rows[i].text);
	assert_string_equal(imp_format_uptime(3503220000, text, sizeof(text)), "0 days 0:05:50.322");
	assert_string_equal(imp_format_uptime(864000000000ull * 12 + 36000000000ull * 3 + 10000, text, sizeof(text)), "12 days 3:00:00.001");
}

static void times(void **state)
{
	/* 2023-11-25 12:31:01.857 UTC as date(1) counts it: 1700915461 s after 1970 */
	const uint64_t session = (1700915461ull + 11644473600ull) * 10000000 + 8570000;
	char text[96];

	(void)state;
	setenv("TZ", "PST8", 1);
	tzset();
	assert_string_equal(imp_format_session_time(session, text, sizeof(text)), "Sat Nov 25 04:31:01.857 2023 (UTC - 8:00)");
	assert_string_equal(imp_format_file_time(session, text, sizeof(text)), "11/25/2023 04:31:01.857 AM");
	assert_string_equal(imp_format_iso_time(session, text, sizeof(text)), "2023-11-25T12:31:01.857Z");
	setenv("TZ", "IST-5:30", 1);
	tzset();
	assert_string_equal(imp_format_session_time(session, text, sizeof(text)), "Sat Nov 25 18:01:01.857 2023 (UTC + 5:30)");
	assert_string_equal(imp_format_file_time(session, text, sizeof(text)), "11/25/2023 06:01:01.857 PM");
	assert_string_equal(imp_format_session_time(0, text, sizeof(text)), "Not Found");
	assert_null(imp_format_iso_time(0, text, sizeof(text)));
}

static void filters(void **state)
{
	(void)state;
	assert_true(imp_filter("system", "SystemSettingsBroker.exe"));
	assert_true(imp_filter("TESTDRIVER", "<Unloaded_TestDriver.sys>+0x122b"));
	assert_true(imp_filter("", "anything"));
	assert_false(imp_filter("notepad", "System"));
	assert_true(imp_filter("sys*", "System"));
	assert_false(imp_filter("sys?", "System"));
}

static void command_names(void **state)
{
	static const struct {
		const char *text, *name, *arguments;
	} rows[] = {
		{ "!mex.us TestDriver", "us", "TestDriver" },
		{ "!us TestDriver", "us", "TestDriver" },
		{ "us", "us", "" },
		{ "!MEX.DI", "di", "" },
		{ "mex.tl system", "tl", "system" },
		{ "vertarget", "vertarget", "" },
		{ "?1+2", "?", "1+2" },
		{ "? 1", "?", "1" },
		{ "lmvm TestDriver", "lm", "vm TestDriver" },
		{ "lmf", "lm", "f" },
		{ "lmtn", "lm", "tn" },
		{ "!thread 10", "!thread", "10" },
		{ "!process 0 0", "!process", "0 0" },
		{ ".process 4", ".process", "4" },
	};
	const char *arguments;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct imp_command *command = imp_command_find(rows[i].text, &arguments);

		if (!command)
			fail_msg("'%s' is not found", rows[i].text);
		assert_int_equal(strncmp(command->names, rows[i].name, strlen(rows[i].name)), 0);
		assert_string_equal(arguments, rows[i].arguments);
	}
	assert_null(imp_command_find("format c:", &arguments));
	assert_null(imp_command_find("", &arguments));
	assert_null(imp_command_find("!", &arguments));
	assert_null(imp_command_find("!mex.", &arguments));
	assert_null(imp_command_find("lmftnov", &arguments));
}

static void lines(void **state)
{
	const char *at = " di ;; us \"a;b\" ;q";
	char text[64];

	(void)state;
	at = imp_command_next(at, text, sizeof(text));
	assert_string_equal(text, "di");
	at = imp_command_next(at, text, sizeof(text));
	assert_string_equal(text, "us \"a;b\"");
	at = imp_command_next(at, text, sizeof(text));
	assert_string_equal(text, "q");
	assert_null(imp_command_next(at, text, sizeof(text)));
	at = "us | awk '{ print $1; }' ; tl";
	at = imp_command_next(at, text, sizeof(text));
	assert_string_equal(text, "us | awk '{ print $1; }'");
	at = imp_command_next(at, text, sizeof(text));
	assert_string_equal(text, "tl");
}

/* A bar with blanks around it goes to the shell, unless it is the operator `or` or text. */
static void bars(void **state)
{
	static const struct {
		const char *text, *command, *shell;
	} rows[] = {
		{ "tl | grep x", "tl", " grep x" },
		{ "us  |  sort | uniq -c", "us", "  sort | uniq -c" },
		{ "? 1 | 2", "? 1 | 2", NULL },
		{ "db nt+1|2", "db nt+1|2", NULL },
		{ "db (1 | 2) | head", "db (1 | 2)", " head" },
		{ "us \"a | b\"", "us \"a | b\"", NULL },
		{ "dt nt!_X [1 | 2]", "dt nt!_X [1 | 2]", NULL },
		{ "tl |", "tl", "" },
		{ "| x", "| x", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[64];
		const char *shell;

		snprintf(text, sizeof(text), "%s", rows[i].text);
		shell = imp_command_bar(text);
		assert_string_equal(text, rows[i].command);
		if (rows[i].shell)
			assert_string_equal(shell, rows[i].shell);
		else
			assert_null(shell);
	}
}

static void smbios(void **state)
{
	/* DSP0134: type, length, handle, formatted area, strings; a type 1 of 8 bytes and a type 4 of 0x11 */
	static const uint8_t tables[] = "\x01\x08\x00\x01\x01\x02\x00\x00"
					"Microsoft Corporation\0Virtual Machine\0\0"
					"\x04\x11\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
					"11th Gen Intel(R) Core(TM) i7-1185G7 @ 3.00GHz  \0\0"
					"\x7f\x04\x00\xff\0";
	struct imp_system_info info = { 0 };

	(void)state;
	imp_smbios_parse((struct imp_span){ tables, sizeof(tables) }, &info);
	assert_string_equal(info.manufacturer, "Microsoft Corporation");
	assert_string_equal(info.product, "Virtual Machine");
	assert_string_equal(info.processor, "11th Gen Intel(R) Core(TM) i7-1185G7 @ 3.00GHz");
	for (size_t size = 0; size < sizeof(tables); size++) {
		uint8_t *part = malloc(size ? size : 1);

		memcpy(part, tables, size);
		memset(&info, 0, sizeof(info));
		imp_smbios_parse((struct imp_span){ part, size }, &info);
		free(part);
	}
}

static void suites(void **state)
{
	char text[128];

	(void)state;
	assert_string_equal(imp_suite_text(0x110, text, sizeof(text)), "TerminalServer SingleUserTS");
	assert_string_equal(imp_suite_text(0, text, sizeof(text)), "");
	assert_string_equal(imp_product_name(1), "WinNt");
	assert_string_equal(imp_product_name(77), "Unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals), cmocka_unit_test(times), cmocka_unit_test(filters), cmocka_unit_test(command_names),
		cmocka_unit_test(lines),     cmocka_unit_test(bars),  cmocka_unit_test(smbios),  cmocka_unit_test(suites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
