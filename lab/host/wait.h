/* Waiting on descriptors: deadlines on the monotonic clock and one way to be called off. Owns no descriptor.
 */
#ifndef IMP_HOST_WAIT_H
#define IMP_HOST_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* How long to wait, and what ends the wait early. */
struct imp_wait {
	int64_t deadline; /* milliseconds on the monotonic clock, as imp_now_ms() */
	int cancel_fd;    /* readable when the wait is to be given up; -1: nothing gives it up */
};

/* Milliseconds (or microseconds) on the monotonic clock. */
int64_t imp_now_ms(void);
int64_t imp_now_us(void);
/* Milliseconds since 1970 (UTC), for records that outlive a boot of the host. */
int64_t imp_wall_ms(void);

/* A wait that ends `ms` from now. */
struct imp_wait imp_wait_for(int64_t ms, int cancel_fd);

/* `ms`, the time that a machine is given to answer or to end; IMPASSE_PATIENCE_MS replaces it: by less in tests of machines that never do, by more
 * where machines are slow.
 */
int64_t imp_patience(int64_t ms);

/* Waits until `fd` has one of poll's `events`; `fd` -1 just lets the time pass. `ready` is false when the time ran out first.
 * Errors: IMP_ERROR_INTERRUPTED when cancel_fd became readable, IMP_ERROR_IO.
 */
struct imp_error *imp_wait_fd(const struct imp_wait *wait, int fd, short events, bool *ready);

/* Sleeps `ms`, but not past the deadline; errors as imp_wait_fd. */
struct imp_error *imp_wait_pause(const struct imp_wait *wait, int64_t ms);

/* A descriptor that becomes readable on SIGINT, SIGTERM or SIGHUP (unless it is ignored), which it blocks from now on: the way for a command to be
 * interrupted between two steps and still clean up. -1 without one (then the signals keep their usual effect).
 */
int imp_wait_for_interrupts(void);

/* Closes the descriptor `*fd` unless it is negative. */
void imp_fd_cleanup(int *fd);
#define IMP_CLEANUP_FD __attribute__((cleanup(imp_fd_cleanup)))

#endif
