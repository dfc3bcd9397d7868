/* The supervisor: QEMU's parent and the lab's only resident process of ours. It boots the machine, records it, writes the dump of a
 * bugcheck, and clears up when QEMU ends. `lab up` and `lab down` (in their own files) start it and ask it to end.
 */
#ifndef IMP_HOST_SUPERVISOR_H
#define IMP_HOST_SUPERVISOR_H

#include "folder.h"
#include "machine.h"

/* Which accelerators to try, in this order: KVM where it promises to work and then emulation; both in any case; one only. */
enum imp_accelerator_choice { IMP_CHOOSE_AUTO, IMP_CHOOSE_BOTH, IMP_CHOOSE_KVM, IMP_CHOOSE_TCG };

struct imp_supervisor_options {
	struct imp_machine machine;
	enum imp_accelerator_choice accelerator;
};

/* What it tells `lab up` over the report socket, a line each: the kind, a blank, and for the first two a sentence. After IMP_REPORT_READY
 * or IMP_REPORT_ERROR it closes its end; if the other end closes earlier, everything is undone.
 */
#define IMP_REPORT_NOTE  "note "
#define IMP_REPORT_ERROR "error "
#define IMP_REPORT_READY "ready"

/* Runs the machine in the lab's folder until it ends. Called in a forked child that is to become the supervisor; takes over
 * `report_fd` and `lock_fd` (the lab's lock, released once the machine is recorded). Never returns.
 */
_Noreturn void imp_supervisor_run(struct imp_folder *folder, const struct imp_supervisor_options *options, int report_fd, int lock_fd);

#endif
