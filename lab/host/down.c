/* `impasse lab down`: has the kernel write its files, then ends the machine; nothing of it is left running. */

#include <signal.h>
#include <stdio.h>

#include "commands.h"

#define LOCK_MS     5000
/* The kernel writes back every file; one that hangs is not waited for longer. */
#define POWEROFF_MS 5000
#define END_MS      10000

/* The files of a kernel that has stopped cannot be written any more. */
static void power_off(const struct imp_lab *lab)
{
	IMP_CLEANUP_REPLY struct imp_control_reply reply = { 0 };
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	if (lab->state.bugcheck.happened)
		return;
	err = imp_lab_ask(lab, POWEROFF_MS, "poweroff", NULL, 0, &reply);
	if (err)
		fprintf(stderr, "impasse lab down: %s; what it had not yet written to C: is lost\n", imp_error_message(err));
	else if (reply.status != IMP_STATUS_SUCCESS)
		fprintf(stderr, "impasse lab down: the kernel could not write all files (NTSTATUS 0x%08X)\n", reply.status);
}

struct imp_error *imp_lab_down(int argc, char **argv, int *exit_code)
{
	IMP_CLEANUP_LAB struct imp_lab lab = { .folder.fd = -1 };
	IMP_CLEANUP_FD int lock = -1;
	struct imp_wait wait = imp_wait_for(LOCK_MS, -1);
	bool ended = true;
	struct imp_error *err;

	(void)exit_code;
	if (argc > 1)
		return imp_error_new(IMP_ERROR_USAGE, "down takes no argument %s", argv[1]);
	err = imp_lab_open(false, &lab);
	if (!err && !lab.running) {
		printf("No lab is running in %s.\n", lab.folder.path);
		return NULL;
	}
	if (!err)
		err = imp_folder_lock(&lab.folder, IMP_FOLDER_LOCK, &wait, &lock);
	if (err)
		return err;
	power_off(&lab);
	/* The supervisor sends QEMU `quit`, waits for it, and removes the record. */
	wait = imp_wait_for(END_MS, -1);
	imp_process_signal(&lab.state.supervisor, SIGTERM);
	err = imp_process_wait(&lab.state.supervisor, &wait, &ended);
	if (err)
		return err;
	if (!ended || imp_process_alive(&lab.state.qemu)) {
		imp_process_signal(&lab.state.qemu, SIGKILL);
		imp_process_signal(&lab.state.supervisor, SIGKILL);
		wait = imp_wait_for(END_MS, -1);
		err = imp_process_wait(&lab.state.qemu, &wait, &ended);
		if (!err && !ended)
			err = imp_error_new(IMP_ERROR_IO, "QEMU (process %ld) does not end", (long)lab.state.qemu.pid);
		if (err)
			return err;
	}
	imp_state_remove(&lab.folder);
	printf("The lab in %s has ended.\n", lab.folder.path);
	return NULL;
}
