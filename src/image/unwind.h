/* x64 stack unwinding by UNWIND_INFO: from the registers of one frame to its caller's. Knows nothing of symbols or threads.
 * Source of the format: "x64 exception handling" in Microsoft's C++ documentation.
 */
#ifndef IMP_IMAGE_UNWIND_H
#define IMP_IMAGE_UNWIND_H

#include "image/pe.h"

/* The registers that unwinding needs; numbered as in UNWIND_CODE: rax rcx rdx rbx rsp rbp rsi rdi r8..r15. */
struct imp_registers {
	uint64_t rip;
	uint64_t gpr[16];
};
enum { IMP_RAX, IMP_RCX, IMP_RDX, IMP_RBX, IMP_RSP, IMP_RBP, IMP_RSI, IMP_RDI, IMP_R8 };

/* How the caller finds the image for an address: NULL when none covers `address`. `*base` is the load address; the image stays the resolver's.
 * `*from_file` tells that code and .pdata come from an image file rather than from the dump (an unloaded driver).
 */
typedef const struct imp_pe *(*imp_image_resolver)(void *context, uint64_t address, uint64_t *base, bool *from_file);

struct imp_frame {
	struct imp_registers registers; /* rip and rsp at this frame; non-volatile registers as of the call */
	uint64_t child_sp;              /* WinDbg's Child-SP: rsp at the frame's rip */
	uint64_t return_address;        /* of this frame, 0 at the bottom */
	bool machine_frame;             /* entered by a trap: rip is exact, not a return address */
	bool unwound_from_file;         /* this frame's unwind data came from an image file */
	bool guessed;                   /* no unwind data: the caller was found as for a leaf function, not proven */
};

/* What undoing a frame rested on. */
struct imp_unwound {
	bool machine_frame; /* the frame was entered by a trap: the caller's rip is exact */
	bool from_file;     /* unwind data came from an image file */
	bool guessed;       /* no unwind data: undone as for a leaf function, not proven */
};

/* Undoes one frame: `registers` becomes the caller's; after an error it is unchanged. `rip_is_return` tells that rip is a return address
 * (look-up uses rip - 1). Without unwind data the frame is undone as a leaf function's; that is exact only where rip is, in an image that has .pdata.
 * Errors: FAULT (stack or unwind data unreadable), FORMAT (unknown code, a chain longer than the specification's 32).
 */
struct imp_error *imp_unwind_frame(struct imp_memory *memory, imp_image_resolver resolver, void *context, bool rip_is_return,
				   struct imp_registers *registers, struct imp_unwound *how);

/* Walks from `start`, whose rip is taken as exact, to the bottom, at most `capacity` frames, inside the stack [stack_low, stack_high) when both
 * are nonzero. `*count` frames are valid even when an error ends the walk. Loops are impossible: rsp must grow, except where a trap switched stacks.
 */
struct imp_error *imp_stack_walk(struct imp_memory *memory, imp_image_resolver resolver, void *context, const struct imp_registers *start,
				 uint64_t stack_low, uint64_t stack_high, struct imp_frame *frames, size_t capacity, size_t *count);

#endif
