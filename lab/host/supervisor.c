/* The supervisor's life: becoming a daemon, watching the machine, ending it; see supervisor.h. The boot is boot.c's. */

#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "boot.h"
#include "capture.h"
#include "console.h"
#include "state.h"

#define DAY_MS  ((int64_t)24 * 3600 * 1000)
#define QUIT_MS 5000

/* Reads and writes go to the log; the descriptors that stay are moved to 3, 4 and 5 and everything else that was inherited is
 * closed, so that a pipe of the caller does not stay open for as long as the lab runs.
 */
static void detach(struct imp_folder *folder, int *report_fd, int *lock_fd)
{
	int null = open("/dev/null", O_RDONLY);
	int log = openat(folder->fd, IMP_FOLDER_SUPERVISOR_LOG, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW, 0600);
	int kept[] = { folder->fd, *report_fd, *lock_fd };

	/* On wrong descriptors nothing may be done: `lab up` then says that we say nothing. */
	for (size_t i = 0; i < 3; i++) {
		kept[i] = fcntl(kept[i], F_DUPFD, 16);
		if (kept[i] < 0)
			_exit(1);
	}
	if (log < 0)
		log = null;
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
		_exit(1);
	for (int i = 0; i < 3; i++) {
		if (dup3(kept[i], 3 + i, O_CLOEXEC) < 0)
			_exit(1);
	}
	close_range(6, ~0U, 0);
	folder->fd = 3;
	*report_fd = 4;
	*lock_fd = 5;
	setvbuf(stdout, NULL, _IOLBF, 0);
	prctl(PR_SET_NAME, "impasse-lab");
	if (fchdir(folder->fd) < 0)
		_exit(1);
}

/* Signals are only read from the descriptor this returns. */
static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_SETMASK, &set, NULL);
	/* A limit on file sizes must fail a write, not end us. */
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Takes the dump of a machine that has just stopped, and records what it was. */
static void record_bugcheck(struct imp_supervisor *supervisor)
{
	struct imp_capture capture = {
		.folder = supervisor->folder->fd,
		.name = IMP_FOLDER_DUMP,
		.shown = IMP_FOLDER_DUMP,
		.memory = (uint64_t)supervisor->options->machine.memory << 20,
	};
	struct imp_captured captured;
	struct imp_error *err;
	char text[160];

	imp_console_find_bugcheck(supervisor->folder, &supervisor->state.bugcheck);
	supervisor->state.bugcheck.happened = true;
	err = imp_capture_run(&capture, &supervisor->qmp, supervisor->signal_fd, &captured);
	if (err)
		fprintf(stderr, "no dump of the bugcheck: %s\n", imp_error_message(err));
	else
		supervisor->state.bugcheck = captured.bugcheck;
	imp_error_free(err);
	imp_bugcheck_describe(&supervisor->state.bugcheck, text, sizeof(text));
	fprintf(stderr, "%s\n", text);
	if (supervisor->state.supervisor.pid) {
		err = imp_state_write(supervisor->folder, &supervisor->state);
		if (err)
			fprintf(stderr, "%s\n", imp_error_message(err));
		imp_error_free(err);
	}
}

bool imp_supervisor_take_event(struct imp_supervisor *supervisor, const json_t *event)
{
	const char *reason = json_string_value(json_object_get(json_object_get(event, "data"), "reason"));

	/* A fault that the kernel could not even take (a triple fault) resets the processor: QEMU ends, and nothing else would tell why. */
	if (strcmp(imp_qmp_event_name(event), "SHUTDOWN") == 0 && reason && strcmp(reason, "guest-reset") == 0)
		fprintf(stderr, "the machine has reset itself (a triple fault): it ends\n");
	if (strcmp(imp_qmp_event_name(event), "GUEST_PANICKED") != 0)
		return false;
	record_bugcheck(supervisor);
	return true;
}

bool imp_supervisor_asked_to_end(struct imp_supervisor *supervisor)
{
	struct signalfd_siginfo info;

	while (read(supervisor->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGCHLD)
			supervisor->asked_to_end = true;
	}
	return supervisor->asked_to_end;
}

bool imp_supervisor_qemu_ended(struct imp_supervisor *supervisor)
{
	int status;

	if (supervisor->qemu <= 0)
		return true;
	if (waitpid(supervisor->qemu, &status, WNOHANG) != supervisor->qemu)
		return false;
	supervisor->qemu = 0;
	supervisor->qemu_status = status;
	return true;
}

void imp_supervisor_end_qemu(struct imp_supervisor *supervisor, bool politely)
{
	struct imp_wait wait = imp_wait_for(imp_patience(QUIT_MS), -1);

	if (politely && supervisor->qemu > 0) {
		imp_error_free(imp_qmp_execute(&supervisor->qmp, &wait, "quit", NULL, -1, NULL));
		while (!imp_supervisor_qemu_ended(supervisor) && imp_now_ms() < wait.deadline)
			imp_error_free(imp_wait_pause(&wait, 2));
	}
	if (supervisor->qemu > 0) {
		kill(supervisor->qemu, SIGKILL);
		waitpid(supervisor->qemu, &supervisor->qemu_status, 0);
		supervisor->qemu = 0;
	}
	imp_qmp_close(&supervisor->qmp);
}

/* Whether the record of the machine was removed, mostly with the whole folder: then no command can find the machine any more. Takes the events
 * that `removed_fd` holds: something was removed, which of the folder's files does not matter.
 */
static bool is_forgotten(const struct imp_supervisor *supervisor, int removed_fd)
{
	char events[4096];

	while (removed_fd >= 0 && read(removed_fd, events, sizeof(events)) > 0)
		;
	return faccessat(supervisor->folder->fd, IMP_FOLDER_STATE, F_OK, 0) < 0 && errno == ENOENT;
}

/* A descriptor that becomes readable when something is removed from our folder, in which we stand; -1 without one. */
static int watch_folder(void)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd >= 0 && inotify_add_watch(fd, ".", IN_DELETE) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* One descriptor for two, of which `second` may be -1; `first` itself when there is none to be had. */
static int watch_both(int first, int second)
{
	struct epoll_event readable = { .events = EPOLLIN };
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, first, &readable) < 0)
		return first;
	if (second >= 0)
		epoll_ctl(fd, EPOLL_CTL_ADD, second, &readable);
	return fd;
}

/* Until QEMU ends, or we are asked to end it. */
static void watch(struct imp_supervisor *supervisor)
{
	int removed_fd = watch_folder();
	int end_fd = watch_both(supervisor->signal_fd, removed_fd);

	for (;;) {
		struct imp_wait wait = imp_wait_for(DAY_MS, end_fd);
		json_t *event;
		IMP_CLEANUP_ERROR struct imp_error *err = imp_qmp_next_event(&supervisor->qmp, &wait, &event);

		if (event) {
			imp_supervisor_take_event(supervisor, event);
			json_decref(event);
		}
		if (!err)
			continue;
		if (imp_supervisor_asked_to_end(supervisor))
			return;
		if (is_forgotten(supervisor, removed_fd)) {
			fprintf(stderr, "the record of the machine was removed: it ends\n");
			return;
		}
		if (imp_supervisor_qemu_ended(supervisor)) {
			fprintf(stderr, "QEMU has ended by itself (wait status 0x%x)\n", (unsigned)supervisor->qemu_status);
			return;
		}
		if (imp_error_code(err) == IMP_ERROR_INTERRUPTED)
			continue;
		fprintf(stderr, "%s\n", imp_error_message(err));
		return;
	}
}

void imp_supervisor_report(struct imp_supervisor *supervisor, const char *kind, const char *text)
{
	struct imp_wait wait = imp_wait_for(QUIT_MS, -1);
	char line[4096];
	int length = snprintf(line, sizeof(line) - 1, "%s%s", kind, text);

	if (length < 0)
		return;
	length = (int)strlen(line);
	for (int i = 0; i < length; i++) {
		if (line[i] == '\n')
			line[i] = ' ';
	}
	fprintf(stderr, "%s\n", line);
	line[length++] = '\n';
	imp_error_free(imp_line_send(supervisor->report_fd, "lab up", &wait, line, (size_t)length, -1));
}

/* `lab up` going away is a reason to stop while we boot. */
static int watch_for_boot(struct imp_supervisor *supervisor)
{
	struct epoll_event signals = { .events = EPOLLIN };
	struct epoll_event caller = { .events = EPOLLIN | EPOLLRDHUP };
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, supervisor->signal_fd, &signals) < 0 ||
	    epoll_ctl(fd, EPOLL_CTL_ADD, supervisor->report_fd, &caller) < 0)
		return -1;
	return fd;
}

_Noreturn void imp_supervisor_run(struct imp_folder *folder, const struct imp_supervisor_options *options, int report_fd, int lock_fd)
{
	struct imp_supervisor supervisor = { .folder = folder, .options = options, .qmp.fd = -1 };
	struct imp_error *err;

	detach(folder, &report_fd, &lock_fd);
	supervisor.report_fd = report_fd;
	supervisor.signal_fd = catch_signals();
	supervisor.cancel_fd = watch_for_boot(&supervisor);
	err = supervisor.cancel_fd < 0 ? imp_error_new(IMP_ERROR_IO, "cannot watch for signals: %s", strerror(errno)) : imp_boot(&supervisor);
	if (err) {
		imp_supervisor_end_qemu(&supervisor, false);
		imp_state_remove(folder);
		imp_supervisor_report(&supervisor, IMP_REPORT_ERROR, imp_error_message(err));
		imp_error_free(err);
		exit(1);
	}
	imp_supervisor_report(&supervisor, IMP_REPORT_READY, "");
	close(supervisor.cancel_fd);
	close(report_fd);
	close(lock_fd);
	watch(&supervisor);
	imp_supervisor_end_qemu(&supervisor, true);
	imp_state_remove(folder);
	exit(0);
}
