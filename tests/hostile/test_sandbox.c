/* The sandbox from inside: each thing that a process in it must not be able to do is tried, with both layers and with each alone. A layer that this
 * kernel lacks is said and left out.
 */
#include "base/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[64], file[80], other[80];
static int listener, ready;
static struct sockaddr_in address;

static bool refused(long result)
{
	return result < 0 && (errno == EPERM || errno == EACCES);
}

/* Each tries something on a system where it would work, and tells whether the system refused it. */
static bool makes_file(void)
{
	return refused(open(other, O_WRONLY | O_CREAT, 0600));
}

static bool writes_file(void)
{
	return refused(open(file, O_WRONLY));
}

static bool appends_to_file(void)
{
	return refused(open(file, O_RDWR | O_APPEND));
}

static bool empties_file(void)
{
	return refused(open(file, O_RDONLY | O_TRUNC));
}

static bool truncates_file(void)
{
	return refused(truncate(file, 1));
}

static bool makes_nameless_file(void)
{
	return refused(open(folder, O_TMPFILE | O_RDWR, 0600));
}

static bool removes_file(void)
{
	return refused(unlink(file));
}

static bool renames_file(void)
{
	return refused(rename(file, other));
}

static bool links_file(void)
{
	return refused(link(file, other)) && refused(symlink(file, other));
}

static bool makes_folder(void)
{
	return refused(mkdir(other, 0700));
}

static bool changes_mode(void)
{
	return refused(chmod(file, 0777));
}

static bool reopens_for_writing(void)
{
	char path[64];
	int reading = open(file, O_RDONLY);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", reading);
	return reading >= 0 && refused(open(path, O_WRONLY));
}

static bool makes_socket(void)
{
	return refused(socket(AF_INET, SOCK_STREAM, 0)) && refused(socket(AF_INET6, SOCK_DGRAM, 0)) && refused(socket(AF_UNIX, SOCK_STREAM, 0));
}

/* With a socket that was there before. */
static bool connects(void)
{
	return refused(connect(ready, (struct sockaddr *)&address, sizeof(address)));
}

static bool runs_program(void)
{
	char *const arguments[] = { "false", NULL }; /* when it runs, the attempt fails */

	return refused(execv("/bin/false", arguments));
}

static bool signals_parent(void)
{
	return refused(kill(getppid(), 0));
}

static bool uses_io_uring(void)
{
	return refused(syscall(SYS_io_uring_setup, 1, NULL));
}

static bool types_into_terminal(void)
{
	char letter = 'x';

	return refused(ioctl(STDIN_FILENO, TIOCSTI, &letter));
}

/* What must go on working. */
static bool reads_computes_and_writes_what_is_open(void)
{
	char text[8] = "";
	int reading = open(file, O_RDONLY), memory = memfd_create("memory", 0);
	pid_t child = fork();
	int status = 1;

	if (child == 0)
		_exit(0);
	return reading >= 0 && read(reading, text, 5) == 5 && !strcmp(text, "hello") && memory >= 0 && write(memory, "x", 1) == 1 && child > 0 &&
	       waitpid(child, &status, 0) == child && status == 0 && malloc(1 << 20) && write(STDOUT_FILENO, "", 0) == 0;
}

static const struct {
	const char *what;
	bool (*refused)(void);
	unsigned layers; /* each of which refuses it by itself */
} attempts[] = {
	{ "makes a file", makes_file, IMP_SANDBOX_ALL },
	{ "opens a file for writing", writes_file, IMP_SANDBOX_ALL },
	{ "opens a file for appending", appends_to_file, IMP_SANDBOX_ALL },
	{ "empties a file", empties_file, IMP_SANDBOX_SECCOMP },
	{ "truncates a file", truncates_file, IMP_SANDBOX_SECCOMP },
	{ "makes a file without a name", makes_nameless_file, IMP_SANDBOX_ALL },
	{ "removes a file", removes_file, IMP_SANDBOX_ALL },
	{ "renames a file", renames_file, IMP_SANDBOX_ALL },
	{ "links a file", links_file, IMP_SANDBOX_ALL },
	{ "makes a folder", makes_folder, IMP_SANDBOX_ALL },
	{ "changes a file's mode", changes_mode, IMP_SANDBOX_SECCOMP },
	{ "opens its open file again for writing", reopens_for_writing, IMP_SANDBOX_ALL },
	{ "makes a socket", makes_socket, IMP_SANDBOX_SECCOMP },
	{ "connects a socket", connects, IMP_SANDBOX_SECCOMP },
	{ "runs a program", runs_program, IMP_SANDBOX_ALL },
	{ "signals its parent", signals_parent, IMP_SANDBOX_SECCOMP },
	{ "uses io_uring", uses_io_uring, IMP_SANDBOX_SECCOMP },
	{ "types into the terminal", types_into_terminal, IMP_SANDBOX_SECCOMP },
};

enum { ATTEMPTS = sizeof(attempts) / sizeof(attempts[0]), WORKS = ATTEMPTS };

/* Runs one attempt in a process of its own that entered the sandbox with `layers`; returns its exit code: 0 as it should be, 2 without these layers. */
static int attempt(unsigned layers, unsigned which)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		if (imp_sandbox_enter(layers) != layers)
			_exit(2);
		_exit(which == WORKS ? !reads_computes_and_writes_what_is_open() : !attempts[which].refused());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Outside nothing of this is refused: the attempts are real ones. */
static void test_outside(void **state)
{
	(void)state;
	for (unsigned which = 0; which < ATTEMPTS; which++) {
		int status;
		pid_t child;

		/* Not every system allows these outside either. */
		if (attempts[which].refused == uses_io_uring || attempts[which].refused == types_into_terminal ||
		    attempts[which].refused == runs_program)
			continue;
		child = fork();
		if (child == 0) {
			bool was_refused = attempts[which].refused();

			unlink(other);
			rmdir(other);
			_exit(was_refused);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		if (status)
			fail_msg("a process outside the sandbox is refused what it tries: %s", attempts[which].what);
		int again = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		assert_int_equal(write(again, "hello", 5), 5);
		close(again);
	}
}

static void check(unsigned layers, const char *name)
{
	unsigned failures = 0;

	switch (attempt(layers, WORKS)) {
	case 0:
		break;
	case 2:
		print_message("  skipped: this kernel has no %s\n", name);
		skip();
		return;
	default:
		fail_msg("in the sandbox (%s) reading and computing do not work", name);
	}
	for (unsigned which = 0; which < ATTEMPTS; which++) {
		if (!(attempts[which].layers & layers) || attempt(layers, which) == 0)
			continue;
		print_error("  a process in the sandbox (%s) %s\n", name, attempts[which].what);
		failures++;
	}
	assert_int_equal(failures, 0);
}

static void test_both(void **state)
{
	(void)state;
	check(IMP_SANDBOX_ALL, "Landlock with seccomp");
}

static void test_landlock(void **state)
{
	(void)state;
	check(IMP_SANDBOX_LANDLOCK, "Landlock");
}

static void test_seccomp(void **state)
{
	(void)state;
	check(IMP_SANDBOX_SECCOMP, "seccomp");
}

/* The sentence names what is on; it is what `version` shows. */
static void test_state(void **state)
{
	int ends[2], status;
	char text[128] = "";

	(void)state;
	assert_string_equal(imp_sandbox_state(), "off");
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		unsigned on = imp_sandbox_enter(IMP_SANDBOX_ALL);
		const char *sentence = imp_sandbox_state();
		bool has_landlock = strstr(sentence, "Landlock ABI "), has_seccomp = strstr(sentence, "seccomp: on");

		if (write(ends[1], sentence, strlen(sentence)) < 0)
			_exit(1);
		_exit(has_landlock != !!(on & IMP_SANDBOX_LANDLOCK) || has_seccomp != !!(on & IMP_SANDBOX_SECCOMP));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	print_message("  %s\n", text);
	assert_int_equal(status, 0);
	close(ends[0]);
	close(ends[1]);
}

static int set_up(void **state)
{
	socklen_t size = sizeof(address);
	int made;

	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/sandbox.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(file, sizeof(file), "%s/file", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	made = open(file, O_WRONLY | O_CREAT, 0600);
	if (made < 0 || write(made, "hello", 5) != 5 || close(made))
		return -1;
	listener = socket(AF_INET, SOCK_STREAM, 0);
	ready = socket(AF_INET, SOCK_STREAM, 0);
	address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (listener < 0 || ready < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 64))
		return -1;
	return getsockname(listener, (struct sockaddr *)&address, &size);
}

static int tear_down(void **state)
{
	(void)state;
	unlink(file);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outside), cmocka_unit_test(test_both),  cmocka_unit_test(test_landlock),
		cmocka_unit_test(test_seccomp), cmocka_unit_test(test_state),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
