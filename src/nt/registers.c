/* Where a thread's registers are: in its processor's CONTEXT while it runs, else in the frame that its last switch left on its stack. */
#include "nt/processor.h"
#include "nt/stack.h"

#include <string.h>

enum {
	SWITCH_FRAME_WORDS = 24, /* how far above KernelStack a return address into KiSwapContext is looked for, in 8-byte words */
};

struct imp_error *imp_processor_thread(struct imp_kernel *kernel, unsigned number, uint64_t *thread)
{
	struct imp_processor processor;
	struct imp_error *err = imp_processor_read(kernel, number, &processor);

	*thread = processor.current_thread;
	return err;
}

void imp_context_registers(const struct imp_context *context, struct imp_registers *registers)
{
	registers->rip = context->rip;
	memcpy(registers->gpr, context->gpr, sizeof(registers->gpr));
}

static struct imp_error *running_registers(struct imp_kernel *kernel, uint64_t thread, struct imp_registers *registers)
{
	struct imp_processor processor;
	struct imp_context context = { 0 };
	struct imp_error *err = imp_processor_running(kernel, thread, &processor);

	if (!err)
		err = imp_processor_context(kernel, &processor, &context);
	if (!err && !context.rip)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "thread %016llx runs, but its processor's registers are not in this dump",
				    (unsigned long long)thread);
	imp_context_registers(&context, registers);
	return err;
}

/* The word that is a return address into KiSwapContext, above KernelStack: for kernels whose PDB lacks _KSWITCH_FRAME. SwapContext saves rbp
 * just below its return address.
 */
static struct imp_error *scan_switch_frame(struct imp_kernel *kernel, uint64_t stack, struct imp_registers *registers)
{
	uint64_t words[SWITCH_FRAME_WORDS];
	size_t count = imp_memory_read_some(kernel->memory, stack, words, sizeof(words)) / sizeof(words[0]);

	for (size_t i = 1; i < count; i++) {
		struct imp_name name;

		if (words[i] - kernel->nt.base >= kernel->nt.size)
			continue;
		imp_symbolize(kernel, words[i], true, &name);
		if (strcmp(name.symbol, "KiSwapContext"))
			continue;
		registers->rip = words[i];
		registers->gpr[IMP_RBP] = words[i - 1];
		registers->gpr[IMP_RSP] = stack + 8 * (i + 1);
		return NULL;
	}
	return imp_error_new(IMP_ERROR_NOT_FOUND, "no return address into nt!KiSwapContext at the thread's KernelStack %016llx",
			     (unsigned long long)stack);
}

struct imp_error *imp_thread_registers(struct imp_kernel *kernel, const struct imp_thread *thread, struct imp_registers *registers, bool *exact)
{
	const struct imp_field *ret;
	uint64_t rbp;
	struct imp_error *err;

	memset(registers, 0, sizeof(*registers));
	*exact = thread->runs;
	if (thread->runs)
		return running_registers(kernel, thread->address, registers);
	if (!thread->kernel_stack)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "thread %016llx (%s) has no kernel stack", (unsigned long long)thread->address,
				     thread->state_name);
	err = imp_nt_field(kernel, IMP_SWITCH_RETURN, &ret);
	if (err) {
		imp_error_free(err);
		return scan_switch_frame(kernel, thread->kernel_stack, registers);
	}
	err = imp_nt_read(kernel, IMP_SWITCH_RETURN, thread->kernel_stack, &registers->rip);
	if (!err)
		err = imp_nt_read(kernel, IMP_SWITCH_RBP, thread->kernel_stack, &rbp);
	if (err)
		return imp_error_context(err, "the registers of thread %016llx", (unsigned long long)thread->address);
	registers->gpr[IMP_RBP] = rbp;
	registers->gpr[IMP_RSP] = thread->kernel_stack + ret->offset + sizeof(uint64_t);
	return NULL;
}
