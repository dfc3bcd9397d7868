/* Asking a lab: its kernel over the control channel, its machine over the monitor, and noticing when either has stopped. */

#include <sys/inotify.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"

/* How long a command waits for another one that holds the monitor. */
#define MONITOR_MS 3000

struct imp_error *imp_lab_open_qmp(const struct imp_lab *lab, bool for_dump, const struct imp_wait *wait, int *lock, struct imp_qmp *qmp)
{
	struct imp_error *err;
	int fd;

	*qmp = (struct imp_qmp){ .fd = -1 };
	err = imp_folder_lock(&lab->folder, for_dump ? IMP_FOLDER_DUMP_LOCK : IMP_FOLDER_QMP_LOCK, wait, lock);
	if (!err)
		err = imp_folder_connect(&lab->folder, for_dump ? IMP_FOLDER_DUMP_QMP : IMP_FOLDER_QMP, &fd);
	return err ? err : imp_qmp_open(fd, wait, qmp);
}

/* A descriptor that becomes readable when the record of the machine is replaced (a bugcheck) or removed (its end): either is a change
 * to the file that is there now. -1 without one.
 */
static int watch_state(const struct imp_lab *lab)
{
	char path[64];
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	snprintf(path, sizeof(path), "/proc/self/fd/%d/" IMP_FOLDER_STATE, lab->folder.fd);
	if (fd >= 0)
		inotify_add_watch(fd, path, IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF);
	return fd;
}

static struct imp_error *stopped(const char *verb, const struct imp_bugcheck *bugcheck)
{
	char text[160];

	imp_bugcheck_describe(bugcheck, text, sizeof(text));
	return imp_error_new(IMP_ERROR_IO, "the lab's kernel does not answer %s: it has stopped with %s", verb, text);
}

/* Why the kernel was silent: takes over `err`, returns it or a better one. */
static struct imp_error *explain_silence(const struct imp_lab *lab, const char *verb, struct imp_error *err)
{
	IMP_CLEANUP_LAB struct imp_lab now = { .folder.fd = -1 };
	struct imp_wait wait = imp_wait_for(MONITOR_MS, -1);
	IMP_CLEANUP_QMP struct imp_qmp qmp = { .fd = -1 };
	IMP_CLEANUP_FD int lock = -1;
	IMP_CLEANUP_ERROR struct imp_error *problem = imp_lab_open(false, &now);
	struct imp_error *better = NULL;
	char state[64];

	if (problem)
		return err;
	if (!now.running)
		better = imp_error_new(IMP_ERROR_IO, "the lab in %s has ended meanwhile; its " IMP_FOLDER_SUPERVISOR_LOG " may say why",
				       lab->folder.path);
	else if (now.state.bugcheck.happened)
		better = stopped(verb, &now.state.bugcheck);
	else
		problem = imp_lab_open_qmp(&now, false, &wait, &lock, &qmp);
	if (!better && !problem)
		problem = imp_qmp_run_state(&qmp, &wait, state, sizeof(state));
	if (!better && !problem && strcmp(state, "running") != 0)
		better = imp_error_new(IMP_ERROR_IO, "%s: the machine is %s", imp_error_message(err), state);
	if (!better)
		return err;
	imp_error_free(err);
	return better;
}

struct imp_error *imp_lab_ask(const struct imp_lab *lab, int64_t ms, const char *verb, const struct imp_control_pair *pairs, size_t count,
			      struct imp_control_reply *reply)
{
	IMP_CLEANUP_FD int watch = -1;
	struct imp_wait wait;
	struct imp_error *err;

	*reply = (struct imp_control_reply){ 0 };
	if (lab->state.bugcheck.happened)
		return stopped(verb, &lab->state.bugcheck);
	watch = watch_state(lab);
	wait = imp_wait_for(imp_patience(ms), watch);
	err = imp_control_ask(&lab->folder, &wait, verb, pairs, count, reply);
	if (!err || imp_error_code(err) == IMP_ERROR_FORMAT || imp_error_code(err) == IMP_ERROR_USAGE)
		return err;
	return explain_silence(lab, verb, err);
}
