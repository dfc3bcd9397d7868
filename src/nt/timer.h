/* Timers that are set, and the queues of deferred procedure calls (DPCs). Both are kept by processor. */
#ifndef IMP_NT_TIMER_H
#define IMP_NT_TIMER_H

#include "nt/processor.h"

struct imp_timer {
	uint64_t address;
	unsigned list;     /* number of its list in the processor's table */
	uint64_t due_time; /* interrupt time, 100 ns since boot */
	uint64_t period_ms;
	uint64_t dpc;     /* 0: none, or not known */
	bool dpc_encoded; /* there is one, but the dump does not hold what it is encoded with */
};

struct imp_dpc {
	uint64_t address, routine, context, arguments[2];
};

/* The address behind KTIMER.Dpc of the timer at `timer`, with the values of nt!KiWaitNever and nt!KiWaitAlways. */
uint64_t imp_timer_decode_dpc(uint64_t encoded, uint64_t timer, uint64_t never, uint64_t always);
/* Reads the timer object at `address`. Errors: FAULT. */
struct imp_error *imp_timer_read(struct imp_kernel *kernel, uint64_t address, struct imp_timer *timer);
/* Calls `visit` for each timer in the processor's timer table until it returns false. What is damaged becomes notes of the kernel. Errors: NOT_FOUND. */
struct imp_error *imp_timer_each(struct imp_kernel *kernel, const struct imp_processor *processor,
				 bool (*visit)(void *context, const struct imp_timer *timer), void *context);
/* The kernel's clocks when it stopped: 100 ns since boot, and FILETIME. Errors: FAULT, NOT_FOUND. */
struct imp_error *imp_clocks(struct imp_kernel *kernel, uint64_t *interrupt_time, uint64_t *system_time);

/* Reads the DPC object at `address`. Errors: FAULT. */
struct imp_error *imp_dpc_read(struct imp_kernel *kernel, uint64_t address, struct imp_dpc *dpc);
/* Calls `visit` for each DPC that is queued on the processor, in the order it will run, until it returns false; `threaded`: of the second queue. Errors:
 * FAULT, FORMAT (a queue without end), NOT_FOUND.
 */
struct imp_error *imp_dpc_each(struct imp_kernel *kernel, const struct imp_processor *processor,
			       bool (*visit)(void *context, const struct imp_dpc *dpc, bool threaded), void *context);

#endif
