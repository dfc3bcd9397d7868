/* A thread's kernel stack: where its registers are kept, the walk by unwind data, and how far it can be believed. */
#ifndef IMP_NT_STACK_H
#define IMP_NT_STACK_H

#include "dump/context.h"
#include "image/unwind.h"
#include "nt/symbolize.h"
#include "nt/thread.h"

enum { IMP_STACK_FRAMES = 128 };

struct imp_stack_frame {
	uint64_t child_sp, address, return_address;
	bool return_known; /* false for the last frame of a walk that had to stop; then return_address is 0 */
	bool is_return;    /* `address` is a return address, not where the processor stands */
	bool from_file;    /* unwound through an image file: the driver is no longer in memory */
	bool scanned;    /* not unwound: a word on the stack (at child_sp) that could be a return address. It may be left over from an earlier call */
	bool after_call; /* of a scanned one: a call instruction stands before the address; else its code is not at hand */
	struct imp_registers registers;
};

struct imp_stack {
	struct imp_stack_frame frames[IMP_STACK_FRAMES];
	size_t count;
	bool used_file; /* some frame has from_file */
	bool complete;  /* walked to the bottom (return address 0) */
	bool scanned;   /* the last frames were found by scanning */
};

/* Walks the kernel stack of `thread`. Frames that could be found stay valid when an error is returned; why a walk ends early is a note of the
 * kernel. In a triage dump, which has no unwind data, what is above the last frame is scanned for return addresses. Errors: NOT_FOUND, FAULT when there is no first frame.
 */
struct imp_error *imp_thread_stack(struct imp_kernel *kernel, const struct imp_thread *thread, struct imp_stack *stack);
/* The same from `registers` (their rip is exact), on whichever stack they are. */
struct imp_error *imp_registers_stack(struct imp_kernel *kernel, const struct imp_registers *registers, struct imp_stack *stack);
/* The registers that `thread` goes on with: of its processor when it runs, else those its last switch saved (rip, rsp, rbp). `exact`: rip is not a
 * return address.
 */
struct imp_error *imp_thread_registers(struct imp_kernel *kernel, const struct imp_thread *thread, struct imp_registers *registers, bool *exact);
/* What unwinding needs of a CONTEXT. */
void imp_context_registers(const struct imp_context *context, struct imp_registers *registers);
/* The thread that processor `number` runs. */
struct imp_error *imp_processor_thread(struct imp_kernel *kernel, unsigned number, uint64_t *thread);

/* Names a frame. The name that an unloaded driver's symbols give is left out unless the walk has proven the file (from_file). */
void imp_frame_name(struct imp_kernel *kernel, const struct imp_stack_frame *frame, struct imp_name *name);
/* The index of the frame that asked for the wait: the first one outside the kernel's wait routines; `count` when there is none. */
size_t imp_stack_wait_frame(struct imp_kernel *kernel, const struct imp_stack *stack, struct imp_name *name);

#endif
