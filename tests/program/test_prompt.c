/* The prompt as a person has it: the real program on a pseudo-terminal, keys sent, what comes back read. Usage: test_prompt IMPASSE DUMP */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROWS = 24, COLUMNS = 100, PATIENCE_MS = 30000, SCREEN_SIZE = 1 << 20 };

static const char *program, *dump;
static char state_home[] = "/tmp/impasse-prompt-XXXXXX";

struct terminal {
	int keys;
	pid_t process;
	char *screen;        /* all that has come, with a NUL */
	size_t length, seen; /* `seen`: up to where the last wait has looked */
};

struct setting {
	const char *name, *value;
};

/* `settings`: variables for the program, up to one without a name. */
static void start(struct terminal *terminal, const struct setting *settings)
{
	struct winsize size = { .ws_row = ROWS, .ws_col = COLUMNS };

	*terminal = (struct terminal){ .screen = calloc(1, SCREEN_SIZE) };
	assert_non_null(terminal->screen);
	terminal->process = forkpty(&terminal->keys, NULL, NULL, &size);
	assert_true(terminal->process >= 0);
	if (!terminal->process) {
		setenv("TERM", "xterm", 1);
		setenv("XDG_STATE_HOME", state_home, 1);
		unsetenv("NO_COLOR");
		unsetenv("PAGER");
		unsetenv("IMPASSE_PAGER");
		for (; settings && settings->name; settings++)
			setenv(settings->name, settings->value, 1);
		execl(program, program, dump, (char *)NULL);
		_exit(127);
	}
}

/* Takes what the program writes until there is something or `ms` are over. False at its end. */
static bool take(struct terminal *terminal, int ms)
{
	struct pollfd ready = { .fd = terminal->keys, .events = POLLIN };
	ssize_t part;

	if (poll(&ready, 1, ms) <= 0)
		return true;
	part = read(terminal->keys, terminal->screen + terminal->length, SCREEN_SIZE - 1 - terminal->length);
	if (part <= 0)
		return false;
	for (ssize_t i = 0; i < part; i++) /* so that the text can be searched as a string */
		terminal->screen[terminal->length + (size_t)i] += terminal->screen[terminal->length + (size_t)i] == '\0';
	terminal->length += (size_t)part;
	terminal->screen[terminal->length] = '\0';
	return true;
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits until `text` has come since the last wait; what came up to its end counts as seen and is returned. */
static const char *wait_for(struct terminal *terminal, const char *text)
{
	long end = now_ms() + PATIENCE_MS;
	char *from = terminal->screen + terminal->seen, *found;

	while (!(found = strstr(from, text))) {
		if (!take(terminal, 100) || now_ms() > end)
			fail_msg("no \"%s\" in: %s", text, from);
	}
	terminal->seen = (size_t)(found - terminal->screen) + strlen(text);
	return from;
}

static void press(struct terminal *terminal, const char *keys)
{
	assert_int_equal(write(terminal->keys, keys, strlen(keys)), (ssize_t)strlen(keys));
}

/* Types a command and returns what it shows, up to the next prompt, cut off. */
static char *ask(struct terminal *terminal, const char *command)
{
	size_t from = terminal->seen;
	char *text;

	press(terminal, command);
	press(terminal, "\r");
	wait_for(terminal, "\r\n");
	wait_for(terminal, "kd> ");
	text = strndup(terminal->screen + from, terminal->seen - from);
	assert_non_null(text);
	return text;
}

static void expect(struct terminal *terminal, const char *command, const char *text, bool there)
{
	char *shown = ask(terminal, command);

	if (!strstr(shown, text) == there)
		fail_msg("%s: \"%s\" is %s in: %s", command, text, there ? "not" : "", shown);
	free(shown);
}

/* Ends it as the person does, by Ctrl-D. */
static void end(struct terminal *terminal)
{
	long until = now_ms() + PATIENCE_MS;
	int status;

	press(terminal, "\004");
	while (take(terminal, 100)) {
		if (now_ms() > until)
			fail_msg("Ctrl-D does not end it: %s", terminal->screen + terminal->seen);
	}
	assert_int_equal(waitpid(terminal->process, &status, 0), terminal->process);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	close(terminal->keys);
	free(terminal->screen);
}

/* What Tab has written is seen by what the whole line does: the editor sends only differences to the screen. */
static void completion(void **state)
{
	static const struct setting plain[] = { { "IMPASSE_PAGER", "" }, { 0 } };
	struct terminal terminal;

	(void)state;
	start(&terminal, plain);
	wait_for(&terminal, "kd> ");
	expect(&terminal, "verta\t", "Kernel Version", true);
	/* The only symbol that begins so. */
	expect(&terminal, "ln nt!KeWaitForSing\t", "nt!KeWaitForSingleObject", true);
	/* In any case; a list when there are several. */
	press(&terminal, "ln nt!kewaitfor\t\t");
	wait_for(&terminal, "nt!KeWaitForMultipleObjects");
	wait_for(&terminal, "nt!KeWaitForSingleObject");
	wait_for(&terminal, "kd> ");
	expect(&terminal, "S\t", "   nt!KeWaitForSingleObject", true);
	expect(&terminal, "dt nt!_DISPATCHER_H\tSignalS\t", "+0x004 SignalState", true);
	expect(&terminal, "dt _KTHREAD Header.SignalS\t", "SignalState", true);
	expect(&terminal, "? poi(nt!PsInitialSys\t)", "Evaluate expression", true);
	expect(&terminal, "x TestDri\t*Thread", "TestDriver!FileMoveThread", true);
	/* A filter is no symbol: nothing is put in its place. */
	expect(&terminal, "us TestDri\t", "FileMoveThread", true);
	/* Neither is what the shell gets. */
	expect(&terminal, "k 1 | sed \"s/.*/<nt!KeWaitForSing\t>/\"", "\r\n<nt!KeWaitForSing>\r\n", true);
	end(&terminal);
}

static void interruption(void **state)
{
	struct terminal terminal;

	(void)state;
	start(&terminal, NULL);
	wait_for(&terminal, "kd> ");
	press(&terminal, "half a line");
	wait_for(&terminal, "line");
	press(&terminal, "\003");
	wait_for(&terminal, "^C");
	wait_for(&terminal, "kd> ");
	expect(&terminal, ".echo here", "here\r\n", true);
	/* What takes longer than a second says so, and ends when it is told to. */
	press(&terminal, "s 0 L?80000000000 1 2 3\r");
	wait_for(&terminal, "2 s (Ctrl-C stops it)");
	press(&terminal, "\003");
	wait_for(&terminal, "interrupted; what had been found until then is shown");
	wait_for(&terminal, "kd> ");
	expect(&terminal, "tl", "System", true);
	expect(&terminal, "tl", "interrupted", false);
	end(&terminal);
}

/* Ctrl-C while the key before it is still being worked on, and one after the other: each gives a new prompt. */
static void interruption_between_keys(void **state)
{
	enum { TIMES = 300 };
	static const struct setting utf8[] = { { "LC_ALL", "C.UTF-8" }, { 0 } };
	struct terminal terminal;

	(void)state;
	start(&terminal, utf8);
	wait_for(&terminal, "kd> ");
	for (int i = 0; i < TIMES; i++) {
		press(&terminal, "x");
		for (volatile int busy = 0; busy < i * 300; busy++)
			;
		press(&terminal, "\003");
		wait_for(&terminal, "^C");
		wait_for(&terminal, "kd> ");
	}
	/* A key of several bytes, and bytes that are none. */
	expect(&terminal, ".echo gr\xc3\xbc\xc3\x9f\x65", "gr\xc3\xbc\xc3\x9f\x65\r\n", true);
	expect(&terminal, ".echo on \xffly", "on ly\r\n", true);
	end(&terminal);
}

static void pager(void **state)
{
	static const struct setting settings[] = { { "IMPASSE_PAGER", "sed 's/^/PAGED /'" }, { 0 } };
	static const struct setting fallback[] = { { "PAGER", "sed 's/^/SECOND /'" }, { 0 } };
	static const struct setting missing[] = { { "PAGER", "no-such-pager 2>/dev/null" }, { 0 } };
	struct terminal terminal;

	(void)state;
	start(&terminal, settings);
	wait_for(&terminal, "kd> ");
	expect(&terminal, ".help", "PAGED ", true);
	expect(&terminal, "tl", "PAGED ", false);
	expect(&terminal, ".pager off", "off", true);
	expect(&terminal, ".help", "PAGED ", false);
	expect(&terminal, ".pager on", "on", true);
	expect(&terminal, ".help", "PAGED ", true);
	end(&terminal);
	start(&terminal, fallback);
	wait_for(&terminal, "kd> ");
	expect(&terminal, ".help", "SECOND ", true);
	end(&terminal);
	start(&terminal, missing);
	wait_for(&terminal, "kd> ");
	expect(&terminal, ".help", "The session:", true);
	end(&terminal);
}

static void colour(void **state)
{
	static const struct setting none[] = { { "NO_COLOR", "1" }, { 0 } };
	static const struct setting dumb[] = { { "TERM", "dumb" }, { 0 } };
	static const struct setting plain[] = { { "IMPASSE_PAGER", "" }, { 0 } };
	struct terminal terminal;

	(void)state;
	start(&terminal, plain);
	wait_for(&terminal, "kd> ");
	expect(&terminal, "tl", "\033[1m", true);
	expect(&terminal, "us TestDriver", "\033[36m", true);
	expect(&terminal, "tl | cat", "\033[1m", false);
	end(&terminal);
	start(&terminal, none);
	wait_for(&terminal, "kd> ");
	expect(&terminal, "tl", "\033[1m", false);
	end(&terminal);
	start(&terminal, dumb);
	wait_for(&terminal, "kd> ");
	expect(&terminal, "tl", "\033[1m", false);
	end(&terminal);
}

static void history(void **state)
{
	struct terminal terminal;
	char path[256];

	(void)state;
	start(&terminal, NULL);
	wait_for(&terminal, "kd> ");
	expect(&terminal, ".echo remember me", "remember me", true);
	end(&terminal);
	snprintf(path, sizeof(path), "%s/impasse/history", state_home);
	assert_int_equal(access(path, R_OK), 0);
	start(&terminal, NULL);
	wait_for(&terminal, "kd> ");
	press(&terminal, "\033[A");
	wait_for(&terminal, ".echo remember me");
	expect(&terminal, "", "\r\nremember me\r\n", true);
	end(&terminal);
	/* Also what was typed before the window was closed. */
	start(&terminal, NULL);
	wait_for(&terminal, "kd> ");
	expect(&terminal, ".echo closed window", "closed window", true);
	assert_int_equal(kill(terminal.process, SIGHUP), 0);
	assert_int_equal(waitpid(terminal.process, NULL, 0), terminal.process);
	close(terminal.keys);
	free(terminal.screen);
	start(&terminal, NULL);
	wait_for(&terminal, "kd> ");
	press(&terminal, "\033[A");
	wait_for(&terminal, ".echo closed window");
	expect(&terminal, "", "\r\nclosed window\r\n", true);
	end(&terminal);
}

/* Two prompts at a time: none takes away what the other has added. */
static void shared_history(void **state)
{
	static const char *const words[] = { "first-prompt", "second-prompt", "first-prompt-again" };
	struct terminal terminals[2];
	char path[256], command[64], text[8192] = "", *at = text;
	FILE *file;

	(void)state;
	for (int i = 0; i < 2; i++) {
		start(&terminals[i], NULL);
		wait_for(&terminals[i], "kd> ");
	}
	for (int i = 0; i < 3; i++) {
		snprintf(command, sizeof(command), ".echo %s", words[i]);
		expect(&terminals[i % 2], command, words[i], true);
	}
	end(&terminals[0]);
	end(&terminals[1]);
	snprintf(path, sizeof(path), "%s/impasse/history", state_home);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	for (int i = 0; i < 3; i++) {
		at = strstr(at, words[i]);
		if (!at)
			fail_msg("no %s where it belongs in: %s", words[i], text);
		at += strlen(words[i]);
	}
}

static void shell_and_log(void **state)
{
	struct terminal terminal;
	char path[256], command[512], text[4096] = "";
	FILE *log;

	(void)state;
	snprintf(path, sizeof(path), "%s/log", state_home);
	start(&terminal, NULL);
	wait_for(&terminal, "kd> ");
	expect(&terminal, "tl | grep -c System", "\r\n1\r\n", true);
	expect(&terminal, "us | head -n 1 | tr a-z A-Z; .echo and on", "THREAD", true);
	snprintf(command, sizeof(command), ".logopen %s", path);
	expect(&terminal, command, "Opened log file", true);
	expect(&terminal, "tl", "System", true);
	expect(&terminal, "frobnicate", "no command", true);
	expect(&terminal, ".logclose", "Closing", true);
	expect(&terminal, ".echo not in the log", "not in the log", true);
	end(&terminal);
	log = fopen(path, "r");
	assert_non_null(log);
	assert_true(fread(text, 1, sizeof(text) - 1, log) > 0);
	fclose(log);
	assert_non_null(strstr(text, "0: kd> tl\n"));
	assert_non_null(strstr(text, "System\n"));
	assert_non_null(strstr(text, "no command is named 'frobnicate'"));
	assert_null(strstr(text, "not in the log"));
	assert_null(strchr(text, '\033'));
}

/* Runs the program without a terminal; returns what it writes, to either output. The caller frees it. */
static char *without_terminal(const char *arguments)
{
	char command[1024], *text = calloc(1, SCREEN_SIZE);
	FILE *output;

	assert_non_null(text);
	snprintf(command, sizeof(command), "'%s' '%s' %s 2>&1 </dev/null", program, dump, arguments);
	output = popen(command, "r");
	assert_non_null(output);
	fread(text, 1, SCREEN_SIZE - 1, output);
	pclose(output);
	return text;
}

static void pipes(void **state)
{
	char *text = without_terminal("-c 'tl; s 0 L?400000000 1 2 3; q'");

	(void)state;
	assert_non_null(strstr(text, "System"));
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\r'));
	free(text);
	text = without_terminal("--color always -c 'tl; q'");
	assert_non_null(strstr(text, "\033[1mPID"));
	free(text);
	text = without_terminal("--color sometimes -c 'tl; q'");
	assert_non_null(strstr(text, "auto, always or never"));
	free(text);
	/* Too long a command is one that failed, and not the end. */
	text = without_terminal("--json -c \"$(head -c 70000 /dev/zero | tr '\\0' a); .echo still here; q\"");
	assert_non_null(strstr(text, "\"error\":\"this command is longer than the 65536 bytes that are possible\""));
	assert_non_null(strstr(text, "\"text\":\"still here\""));
	free(text);
}

static int remove_state(void **state)
{
	char command[512];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", state_home);
	return system(command);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(completion),     cmocka_unit_test(interruption),  cmocka_unit_test(interruption_between_keys),
		cmocka_unit_test(pager),          cmocka_unit_test(colour),        cmocka_unit_test(history),
		cmocka_unit_test(shared_history), cmocka_unit_test(shell_and_log), cmocka_unit_test(pipes),
	};

	if (argc != 3 || !mkdtemp(state_home)) {
		fputs("usage: test_prompt IMPASSE DUMP\n", stderr);
		return 1;
	}
	program = argv[1];
	dump = argv[2];
	return cmocka_run_group_tests(tests, NULL, remove_state);
}
