/* Booting the machine; see boot.h. */

#include "boot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "kvm.h"

/* How long a machine may take to its kernel's first answer: shorter where another accelerator is left to try. */
#define FIRST_BOOT_MS 10000
#define ONLY_BOOT_MS  60000
/* QEMU makes its sockets a few milliseconds after its start. */
#define RETRY_MS      2
#define HANG_UP_MS    1000
#define ANSWER_MS     5000

/* The last line that QEMU wrote behind `from` in our log, "" when there is none. */
static void last_words(off_t from, char *text, size_t size)
{
	IMP_CLEANUP_FD int fd = open(IMP_FOLDER_SUPERVISOR_LOG, O_RDONLY | O_CLOEXEC);
	char bytes[2048];
	off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	ssize_t got;
	char *line;

	text[0] = '\0';
	if (end - from > (off_t)sizeof(bytes) - 1)
		from = end - (off_t)sizeof(bytes) + 1;
	got = fd < 0 ? -1 : pread(fd, bytes, sizeof(bytes) - 1, from);
	if (got <= 0)
		return;
	bytes[got] = '\0';
	while (got > 0 && bytes[got - 1] == '\n')
		bytes[--got] = '\0';
	line = strrchr(bytes, '\n');
	snprintf(text, size, "%.*s", (int)size - 1, line ? line + 1 : bytes);
}

/* Why QEMU is gone, in words. */
static struct imp_error *qemu_died(const struct imp_supervisor *supervisor, off_t log_start)
{
	int status = supervisor->qemu_status;
	char words[512];

	last_words(log_start, words, sizeof(words));
	if (WIFSIGNALED(status))
		return imp_error_new(IMP_ERROR_IO, "QEMU was killed by signal %d (%s)%s%s", WTERMSIG(status), strsignal(WTERMSIG(status)),
				     *words ? ": " : "", words);
	return imp_error_new(IMP_ERROR_IO, "QEMU ended with exit status %d%s%s", WEXITSTATUS(status), *words ? ": " : "", words);
}

/* Sorts out an interruption: NULL when the wait may go on. */
static struct imp_error *interruption(struct imp_supervisor *supervisor, off_t log_start)
{
	char byte;

	if (imp_supervisor_asked_to_end(supervisor) || recv(supervisor->report_fd, &byte, 1, MSG_DONTWAIT) == 0)
		return imp_error_new(IMP_ERROR_INTERRUPTED, "interrupted");
	return imp_supervisor_qemu_ended(supervisor) ? qemu_died(supervisor, log_start) : NULL;
}

/* Connects to a socket of QEMU as soon as it is there. */
static struct imp_error *connect_when_ready(struct imp_supervisor *supervisor, const struct imp_wait *wait, off_t log_start, int *fd)
{
	for (;;) {
		struct imp_error *err = imp_folder_connect(supervisor->folder, IMP_FOLDER_SUPERVISOR_QMP, fd);

		if (!err || imp_error_code(err) != IMP_ERROR_NOT_FOUND || imp_now_ms() >= wait->deadline)
			return err;
		imp_error_free(err);
		err = imp_wait_pause(wait, RETRY_MS);
		if (err && imp_error_code(err) == IMP_ERROR_INTERRUPTED) {
			imp_error_free(err);
			err = interruption(supervisor, log_start);
		}
		if (err)
			return err;
	}
}

/* A machine that its accelerator cannot run stops without a panic. */
static struct imp_error *check_internal_error(struct imp_supervisor *supervisor)
{
	struct imp_wait wait = imp_wait_for(ANSWER_MS, -1);
	char state[64];
	struct imp_error *err = imp_qmp_run_state(&supervisor->qmp, &wait, state, sizeof(state));

	if (!err && strcmp(state, "internal-error") == 0)
		err = imp_error_new(IMP_ERROR_IO, "the accelerator could not run the kernel (internal error, see %s/" IMP_FOLDER_SUPERVISOR_LOG ")",
				    supervisor->folder->path);
	return err;
}

/* Takes what QEMU has to say; an error when the guest has stopped. */
static struct imp_error *take_events(struct imp_supervisor *supervisor)
{
	for (;;) {
		struct imp_wait now = imp_wait_for(0, -1);
		char text[160];
		bool stopped;
		json_t *event;
		struct imp_error *err = imp_qmp_next_event(&supervisor->qmp, &now, &event);

		if (err || !event)
			return err;
		if (strcmp(imp_qmp_event_name(event), "STOP") == 0)
			err = check_internal_error(supervisor);
		stopped = imp_supervisor_take_event(supervisor, event);
		json_decref(event);
		if (err)
			return err;
		if (!stopped)
			continue;
		imp_bugcheck_describe(&supervisor->state.bugcheck, text, sizeof(text));
		return imp_error_new(IMP_ERROR_MISMATCH, "the kernel stopped while it booted: %s; see %s/" IMP_FOLDER_CONSOLE "%s", text,
				     supervisor->folder->path, supervisor->state.bugcheck.dumped ? " and " IMP_FOLDER_DUMP : "");
	}
}

/* Says hello until the kernel answers. `cancel_fd` also watches the monitor, because a bugcheck ends the wait too. */
static struct imp_error *say_hello(struct imp_supervisor *supervisor, const struct imp_wait *wait, off_t log_start, struct imp_control_reply *reply)
{
	static const struct imp_control_pair version = { "version", "1" };
	IMP_CLEANUP_CONTROL struct imp_control control = { .fd = -1, .lock = -1 };
	struct imp_error *err = imp_control_open(supervisor->folder, wait, &control);

	if (!err)
		err = take_events(supervisor);
	while (!err) {
		err = imp_control_request(&control, wait, "hello", &version, 1, reply);
		if (!err || imp_error_code(err) != IMP_ERROR_INTERRUPTED)
			return err;
		imp_error_free(err);
		imp_control_reply_free(reply);
		err = interruption(supervisor, log_start);
		if (!err)
			err = take_events(supervisor);
	}
	return err;
}

/* Waits for the hello of a QEMU that has just been started. */
static struct imp_error *wait_ready(struct imp_supervisor *supervisor, const struct imp_wait *wait, off_t log_start, struct imp_control_reply *reply)
{
	struct epoll_event readable = { .events = EPOLLIN };
	struct imp_error *err;
	int fd;

	err = connect_when_ready(supervisor, wait, log_start, &fd);
	if (!err)
		err = imp_qmp_open(fd, wait, &supervisor->qmp);
	if (err && imp_error_code(err) == IMP_ERROR_INTERRUPTED) {
		struct imp_error *reason = interruption(supervisor, log_start);

		if (reason) {
			imp_error_free(err);
			err = reason;
		}
	}
	if (err)
		return err;
	if (epoll_ctl(supervisor->cancel_fd, EPOLL_CTL_ADD, supervisor->qmp.fd, &readable) < 0)
		return imp_error_new(IMP_ERROR_IO, "cannot watch QEMU's monitor: %s", strerror(errno));
	err = say_hello(supervisor, wait, log_start, reply);
	epoll_ctl(supervisor->cancel_fd, EPOLL_CTL_DEL, supervisor->qmp.fd, NULL);
	return err;
}

static struct imp_error *record(struct imp_supervisor *supervisor, enum imp_accelerator accelerator, int64_t started_us,
				const struct imp_control_reply *reply)
{
	const struct imp_machine *machine = &supervisor->options->machine;
	struct imp_state *state = &supervisor->state;

	state->supervisor = imp_process_of(getpid());
	state->qemu = imp_process_of(supervisor->qemu);
	snprintf(state->accelerator, sizeof(state->accelerator), "%s", imp_accelerator_name(accelerator));
	state->memory = machine->memory;
	state->cpus = machine->cpus;
	state->c = strdup(machine->c);
	state->kernel = strdup(imp_control_text(reply->result, "kernel"));
	if (!state->c || !state->kernel)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "no memory for the lab's state");
	state->started = imp_wall_ms();
	state->ready_us = (uint64_t)(imp_now_us() - started_us);
	state->boot_us = imp_control_number(reply->result, "boot_us");
	return imp_state_write(supervisor->folder, state);
}

/* Lets a QEMU whose monitor hangs up come to its end. Of its connections one is closed before the other. */
static void await_end(const struct imp_supervisor *supervisor)
{
	struct imp_process qemu = imp_process_of(supervisor->qemu);
	struct imp_wait soon = imp_wait_for(imp_patience(HANG_UP_MS), -1), wait = imp_wait_for(imp_patience(ANSWER_MS), -1);
	bool hung_up = false, ended;

	if (supervisor->qmp.fd >= 0)
		imp_error_free(imp_wait_fd(&soon, supervisor->qmp.fd, POLLRDHUP, &hung_up));
	if (hung_up)
		imp_error_free(imp_process_wait(&qemu, &wait, &ended));
}

static struct imp_error *boot_with(struct imp_supervisor *supervisor, enum imp_accelerator accelerator, int64_t limit_ms)
{
	struct imp_wait wait = imp_wait_for(imp_patience(limit_ms), supervisor->cancel_fd);
	IMP_CLEANUP_REPLY struct imp_control_reply reply = { 0 };
	off_t log_start = lseek(STDERR_FILENO, 0, SEEK_END);
	int64_t started_us = imp_now_us();
	struct imp_error *err;

	imp_state_remove(supervisor->folder);
	/* The end of a QEMU that another accelerator could not run must not be taken for this one's. */
	if (imp_supervisor_asked_to_end(supervisor))
		return imp_error_new(IMP_ERROR_INTERRUPTED, "interrupted");
	err = imp_machine_start(&supervisor->options->machine, accelerator, &supervisor->qemu);
	if (err)
		return err;
	err = wait_ready(supervisor, &wait, log_start, &reply);
	/* A connection that breaks is mostly a QEMU that has ended: its own words say more. */
	if (err && imp_error_code(err) == IMP_ERROR_IO) {
		await_end(supervisor);
		if (imp_supervisor_qemu_ended(supervisor)) {
			imp_error_free(err);
			err = qemu_died(supervisor, log_start);
		}
	}
	if (err)
		return err;
	if (reply.status != IMP_STATUS_SUCCESS)
		return imp_error_new(IMP_ERROR_MISMATCH, "the kernel refuses version 1 of the control protocol (NTSTATUS 0x%08X)", reply.status);
	return record(supervisor, accelerator, started_us, &reply);
}

/* Whether another accelerator could do better: not when the kernel itself has stopped or we were called off. */
static bool worth_another_try(const struct imp_error *err)
{
	return imp_error_code(err) != IMP_ERROR_INTERRUPTED && imp_error_code(err) != IMP_ERROR_MISMATCH;
}

struct imp_error *imp_boot(struct imp_supervisor *supervisor)
{
	enum imp_accelerator_choice choice = supervisor->options->accelerator;
	char note[640];
	struct imp_error *err;

	if (choice == IMP_CHOOSE_KVM)
		return boot_with(supervisor, IMP_ACCELERATOR_KVM, ONLY_BOOT_MS);
	if (choice == IMP_CHOOSE_TCG)
		return boot_with(supervisor, IMP_ACCELERATOR_TCG, ONLY_BOOT_MS);
	err = choice == IMP_CHOOSE_BOTH ? NULL : imp_kvm_try();
	if (err) {
		snprintf(note, sizeof(note), "no KVM here (%s); using QEMU's own emulation", imp_error_message(err));
	} else {
		err = boot_with(supervisor, IMP_ACCELERATOR_KVM, FIRST_BOOT_MS);
		if (!err || !worth_another_try(err))
			return err;
		imp_supervisor_end_qemu(supervisor, false);
		snprintf(note, sizeof(note), "KVM does not work here (%s); using QEMU's own emulation", imp_error_message(err));
	}
	imp_error_free(err);
	imp_supervisor_report(supervisor, IMP_REPORT_NOTE, note);
	return boot_with(supervisor, IMP_ACCELERATOR_TCG, ONLY_BOOT_MS);
}
