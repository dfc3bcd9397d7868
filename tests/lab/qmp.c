/* The monitor client against a real QEMU (a machine without anything in it) and against peers that misbehave. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/qmp.h"

static pid_t start_qemu(int *fd)
{
	int pair[2];
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid = fork();
	if (pid == 0) {
		char chardev[64];

		/* A test that fails must not leave it behind. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(pair[0]);
		snprintf(chardev, sizeof(chardev), "socket,id=m,fd=%d", pair[1]);
		execlp("qemu-system-x86_64", "qemu-system-x86_64", "-machine", "none", "-nodefaults", "-display", "none", "-chardev", chardev, "-mon",
		       "chardev=m,mode=control", NULL);
		_exit(127);
	}
	close(pair[1]);
	*fd = pair[0];
	return pid;
}

static void speaks_with_qemu(void **state)
{
	struct imp_wait wait = imp_wait_for(20000, -1), moment;
	struct imp_qmp qmp;
	struct imp_error *err;
	char run_state[64];
	int fd, status;
	pid_t pid = start_qemu(&fd);
	json_t *event, *result;

	(void)state;
	assert_null(imp_qmp_open(fd, &wait, &qmp));
	assert_null(imp_qmp_run_state(&qmp, &wait, run_state, sizeof(run_state)));
	assert_string_equal(run_state, "running");
	/* The event arrives before the answer and is kept. */
	assert_null(imp_qmp_execute(&qmp, &wait, "stop", NULL, -1, NULL));
	assert_null(imp_qmp_run_state(&qmp, &wait, run_state, sizeof(run_state)));
	assert_string_equal(run_state, "paused");
	assert_null(imp_qmp_next_event(&qmp, &wait, &event));
	assert_string_equal(imp_qmp_event_name(event), "STOP");
	json_decref(event);
	moment = imp_wait_for(50, -1);
	assert_null(imp_qmp_next_event(&qmp, &moment, &event));
	assert_null(event);
	err = imp_qmp_execute(&qmp, &wait, "no-such-command", NULL, -1, NULL);
	assert_int_equal(imp_error_code(err), IMP_ERROR_MISMATCH);
	assert_non_null(strstr(imp_error_message(err), "no-such-command"));
	imp_error_free(err);
	/* A descriptor goes along. */
	assert_null(imp_qmp_execute(&qmp, &wait, "getfd", json_pack("{s:s}", "fdname", "x"), STDERR_FILENO, NULL));
	err = imp_qmp_execute(&qmp, &wait, "getfd", json_pack("{s:s}", "fdname", "y"), -1, NULL);
	assert_int_equal(imp_error_code(err), IMP_ERROR_MISMATCH);
	imp_error_free(err);
	assert_null(imp_qmp_execute(&qmp, &wait, "query-qmp-schema", NULL, -1, &result));
	assert_true(json_array_size(result) > 100);
	json_decref(result);
	imp_error_free(imp_qmp_execute(&qmp, &wait, "quit", NULL, -1, NULL));
	imp_qmp_close(&qmp);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Opens a client whose peer has sent `text`, and then hung up if `hang_up`. */
static struct imp_error *open_against(const char *text, size_t size, bool hang_up, struct imp_qmp *qmp, int *peer)
{
	struct imp_wait wait = imp_wait_for(300, -1);
	int pair[2], space = 4 << 20;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &space, sizeof(space)), 0);
	assert_true(send(pair[0], text, size, MSG_DONTWAIT) > 0);
	if (hang_up)
		shutdown(pair[0], SHUT_WR);
	*peer = pair[0];
	return imp_qmp_open(pair[1], &wait, qmp);
}

static void survives_peers_that_misbehave(void **state)
{
	static const char nul[] = "{\"QMP\"\0: {}}\n";
	static char endless[(2 << 20)];
	static const struct {
		const char *text;
		size_t size;
		bool hang_up;
		enum imp_error_code code;
	} rows[] = {
		{ "hello\n", 6, false, IMP_ERROR_FORMAT },     { "[]\n", 3, false, IMP_ERROR_FORMAT },
		{ "{}\n", 3, false, IMP_ERROR_FORMAT },        { nul, sizeof(nul) - 1, false, IMP_ERROR_FORMAT },
		{ "{\"QMP\": {}}\n", 12, true, IMP_ERROR_IO }, { "{\"QMP\": {}}\n", 12, false, IMP_ERROR_IO },
		{ "{\"QMP\": ", 8, true, IMP_ERROR_IO },       { "{\"QMP\": ", 8, false, IMP_ERROR_IO },
	};
	struct imp_wait wait = imp_wait_for(300, -1);
	struct imp_line_reader reader;
	struct imp_error *err;
	char *line = NULL;
	int pair[2];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct imp_qmp qmp;
		int peer;

		err = open_against(rows[i].text, rows[i].size, rows[i].hang_up, &qmp, &peer);
		if (!err || imp_error_code(err) != rows[i].code)
			fail_msg("row %zu: %s", i, err ? imp_error_message(err) : "no error");
		imp_error_free(err);
		imp_qmp_close(&qmp);
		close(peer);
	}
	/* A line without an end is given up at the limit. */
	memset(endless, 'x', sizeof(endless));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_true(send(pair[0], endless, sizeof(endless), MSG_DONTWAIT) > 20000);
	imp_line_reader_init(&reader, pair[1], "the peer", 20000);
	err = imp_line_read(&reader, &wait, &line);
	assert_int_equal(imp_error_code(err), IMP_ERROR_FORMAT);
	imp_error_free(err);
	imp_line_reader_free(&reader);
	close(pair[0]);
	close(pair[1]);
}

static void hands_out_lines_however_they_arrive(void **state)
{
	static const char text[] = "one\r\n\ntwo\nthree";
	struct imp_wait wait = imp_wait_for(300, -1), moment = imp_wait_for(20, -1);
	struct imp_line_reader reader;
	int pair[2];
	char *line;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	imp_line_reader_init(&reader, pair[1], "the peer", 100);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		assert_int_equal(send(pair[0], text + i, 1, 0), 1);
		if (text[i] == '\n') {
			assert_null(imp_line_read(&reader, &wait, &line));
			assert_string_equal(line, i == 4 ? "one" : i == 5 ? "" : "two");
		}
	}
	assert_null(imp_line_read(&reader, &moment, &line));
	assert_null(line);
	imp_line_reader_free(&reader);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speaks_with_qemu),
		cmocka_unit_test(survives_peers_that_misbehave),
		cmocka_unit_test(hands_out_lines_however_they_arrive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
