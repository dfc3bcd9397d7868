/* A whole stack: frame after frame from a start to the bottom. One frame's undoing is unwind.c's question. */
#include "image/unwind.h"

static bool outside(const struct imp_registers *registers, uint64_t low, uint64_t high)
{
	uint64_t rsp = registers->gpr[IMP_RSP];

	return low && high && (rsp < low || rsp >= high);
}

struct imp_error *imp_stack_walk(struct imp_memory *memory, imp_image_resolver resolver, void *context, const struct imp_registers *start,
				 uint64_t stack_low, uint64_t stack_high, struct imp_frame *frames, size_t capacity, size_t *count)
{
	struct imp_registers registers = *start;
	struct imp_unwound how = { 0 };

	for (*count = 0; *count < capacity && registers.rip && !outside(&registers, stack_low, stack_high);) {
		bool rip_is_return = *count > 0 && !how.machine_frame;
		struct imp_frame *frame = &frames[*count];

		*frame = (struct imp_frame){
			.registers = registers,
			.child_sp = registers.gpr[IMP_RSP],
			.machine_frame = how.machine_frame,
		};
		++*count;

		struct imp_error *err = imp_unwind_frame(memory, resolver, context, rip_is_return, &registers, &how);
		frame->unwound_from_file = how.from_file;
		frame->guessed = how.guessed;
		if (err)
			return err;
		frame->return_address = registers.rip;
		if (!how.machine_frame && registers.gpr[IMP_RSP] <= frame->child_sp)
			break;
	}
	return NULL;
}
