/* Threads: ETHREAD with its KTHREAD, and what a waiting one waits for. Its stack is stack.h's question. */
#ifndef IMP_NT_THREAD_H
#define IMP_NT_THREAD_H

#include "nt/dispatcher.h"

struct imp_thread {
	uint64_t address, process, attached_process; /* attached_process: whose address space it is in */
	uint64_t pid, tid, teb, win32_thread;
	uint64_t start_address, win32_start_address;
	uint8_t state, wait_reason, wait_mode;
	const char *state_name, *wait_reason_name;
	uint64_t kernel_time_ms, user_time_ms, wait_time_ms; /* wait_time_ms: since its wait (or its state) began; only whole ticks are known */
	uint64_t context_switches;
	int64_t priority, base_priority;
	uint64_t priority_decrement, foreground_boost, io_priority, page_priority;
	uint64_t kernel_stack, stack_base, stack_limit;
	uint64_t wait_blocks, wait_block_count;
	bool waits, runs, alertable;
};

/* One object that a thread waits for. */
struct imp_wait {
	uint64_t block, object;
	struct imp_dispatcher_header header;
	bool header_known;
	uint64_t other_waiters;
};
enum { IMP_MAXIMUM_WAIT_OBJECTS = 64 }; /* of KeWaitForMultipleObjects, as documented */

/* Reads the thread object at `address`. Errors: FAULT; FORMAT when no thread lies there; NOT_FOUND without symbols. */
struct imp_error *imp_thread_read(struct imp_kernel *kernel, uint64_t address, struct imp_thread *thread);
/* Calls `visit` for each thread of the process at `process` until it returns false. */
struct imp_error *imp_thread_each(struct imp_kernel *kernel, uint64_t process, bool (*visit)(void *context, uint64_t address), void *context);
/* The objects that `thread` waits for, at most `capacity`; 0 when it does not wait. What cannot be read ends the list with an error. */
struct imp_error *imp_thread_waits(struct imp_kernel *kernel, const struct imp_thread *thread, struct imp_wait *waits, size_t capacity,
				   size_t *count);

/* Names of KTHREAD_STATE and KWAIT_REASON values, from the kernel's PDB where it has them; "Unknown" otherwise. Live as long as the PDB. */
const char *imp_thread_state_name(struct imp_kernel *kernel, uint8_t state);
const char *imp_wait_reason_name(struct imp_kernel *kernel, uint8_t reason);

#endif
