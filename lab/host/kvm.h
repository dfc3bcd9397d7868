/* Whether KVM can run a guest here, found out by running a very small one. The machine itself is machine.c's.
 */
#ifndef IMP_HOST_KVM_H
#define IMP_HOST_KVM_H

#include "base/error.h"

/* Has KVM run two instructions in a machine of one page; milliseconds, two seconds at the most (unless IMPASSE_PATIENCE_MS says otherwise).
 * NULL when it ran them. Otherwise the error says what failed: IMP_ERROR_IO, also for a /dev/kvm that is missing or not ours to open.
 */
struct imp_error *imp_kvm_try(void);

#endif
