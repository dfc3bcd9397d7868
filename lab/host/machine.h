/* The virtual machine: QEMU's command line (docs/lab.md) and its start as a child that does not outlive its parent.
 * Not responsible for what runs inside.
 */
#ifndef IMP_HOST_MACHINE_H
#define IMP_HOST_MACHINE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

enum imp_accelerator { IMP_ACCELERATOR_KVM, IMP_ACCELERATOR_TCG };

struct imp_machine {
	unsigned memory; /* MiB */
	unsigned cpus;
	bool seeded; /* the kernel makes its schedule from `seed` */
	unsigned seed;
	bool special_pool; /* every allocation of pool is checked */
	const char *image; /* impasse-lab.elf, absolute */
	const char *c;     /* the folder that is C:, absolute */
};

/* `kvm` or `tcg`. */
const char *imp_accelerator_name(enum imp_accelerator accelerator);

/* Starts QEMU ($IMPASSE_QEMU, default qemu-system-x86_64) in the current folder, where it makes its log and its sockets; its output
 * goes to ours. It is killed when the calling thread's process dies. Errors: IMP_ERROR_IO when it cannot be run.
 */
struct imp_error *imp_machine_start(const struct imp_machine *machine, enum imp_accelerator accelerator, pid_t *pid);

#endif
