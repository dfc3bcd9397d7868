/* Booting the machine: choosing the accelerator by trying, and waiting for the kernel's first answer. Part of the supervisor; the
 * structure is what its files share.
 */
#ifndef IMP_HOST_BOOT_H
#define IMP_HOST_BOOT_H

#include "qmp.h"
#include "state.h"
#include "supervisor.h"

struct imp_supervisor {
	struct imp_folder *folder;
	const struct imp_supervisor_options *options;
	int report_fd;   /* to `lab up` */
	int signal_fd;   /* SIGCHLD and the signals that ask us to end */
	int cancel_fd;   /* signal_fd, and `lab up` hanging up; only while booting */
	pid_t qemu;      /* 0: none */
	int qemu_status; /* wait status of the last QEMU that ended */
	bool asked_to_end;
	struct imp_qmp qmp;
	struct imp_state state;
};

/* Starts the machine and waits until its kernel answers; then `state` is filled in and on disk. Otherwise nothing is recorded, and
 * QEMU may still run. Errors: the last accelerator's failure as a sentence; IMP_ERROR_INTERRUPTED.
 */
struct imp_error *imp_boot(struct imp_supervisor *supervisor);

/* supervisor.c's, for boot.c. */

/* Sends a line to `lab up` and to the log. */
void imp_supervisor_report(struct imp_supervisor *supervisor, const char *kind, const char *text);
/* Handles a QMP event; true when it was a bugcheck, which is then recorded. */
bool imp_supervisor_take_event(struct imp_supervisor *supervisor, const json_t *event);
/* Reads the pending signals; true once one has asked us to end. */
bool imp_supervisor_asked_to_end(struct imp_supervisor *supervisor);
/* Whether QEMU has ended (and was reaped). */
bool imp_supervisor_qemu_ended(struct imp_supervisor *supervisor);
/* Ends QEMU, by `quit` first if `politely`, and waits for it. */
void imp_supervisor_end_qemu(struct imp_supervisor *supervisor, bool politely);

#endif
