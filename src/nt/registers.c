/* Where a thread's registers are: in its processor's CONTEXT while it runs, else in the frame that its last switch left on its stack. */
#include "nt/stack.h"

#include <string.h>

enum {
	MAX_PROCESSORS = 1024,
	SWITCH_FRAME_WORDS = 24, /* how far above KernelStack a return address into KiSwapContext is looked for, in 8-byte words */
};

static const enum imp_nt_field context_fields[16] = {
	IMP_CONTEXT_RAX, IMP_CONTEXT_RCX, IMP_CONTEXT_RDX, IMP_CONTEXT_RBX, IMP_CONTEXT_RSP, IMP_CONTEXT_RBP, IMP_CONTEXT_RSI, IMP_CONTEXT_RDI,
	IMP_CONTEXT_R8,  IMP_CONTEXT_R9,  IMP_CONTEXT_R10, IMP_CONTEXT_R11, IMP_CONTEXT_R12, IMP_CONTEXT_R13, IMP_CONTEXT_R14, IMP_CONTEXT_R15,
};

static struct imp_error *processor_block(struct imp_kernel *kernel, unsigned number, uint64_t *prcb)
{
	uint64_t array;
	struct imp_error *err = imp_kernel_symbol(kernel, "KiProcessorBlock", &array);

	*prcb = 0;
	if (!err)
		err = imp_memory_u64(kernel->memory, array + 8ull * number, prcb);
	if (!err && !*prcb)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "there is no processor %u in this dump", number);
	return err;
}

struct imp_error *imp_processor_thread(struct imp_kernel *kernel, unsigned number, uint64_t *thread)
{
	uint64_t prcb;
	struct imp_error *err = processor_block(kernel, number, &prcb);

	if (!err)
		err = imp_nt_read(kernel, IMP_PRCB_CURRENT_THREAD, prcb, thread);
	return err;
}

static struct imp_error *read_context(struct imp_kernel *kernel, uint64_t context, struct imp_registers *registers)
{
	struct imp_error *err = imp_nt_read(kernel, IMP_CONTEXT_RIP, context, &registers->rip);

	for (size_t i = 0; !err && i < 16; i++)
		err = imp_nt_read(kernel, context_fields[i], context, &registers->gpr[i]);
	return err;
}

/* The processor's registers: KPRCB.Context points at them when the machine was stopped for the dump; a debugger's break-in leaves them in
 * ProcessorState.
 */
static struct imp_error *processor_registers(struct imp_kernel *kernel, uint64_t prcb, struct imp_registers *registers)
{
	uint64_t context, offset;
	struct imp_error *err = imp_nt_read(kernel, IMP_PRCB_CONTEXT, prcb, &context);

	if (!err && context)
		err = read_context(kernel, context, registers);
	if (!err && context && registers->rip)
		return NULL;
	imp_error_free(err);
	if (!imp_nt_offset(kernel, IMP_PRCB_STATE_CONTEXT, &offset))
		return imp_error_new(IMP_ERROR_NOT_FOUND, "the registers of the processor are not in this dump");
	return read_context(kernel, prcb + offset, registers);
}

static struct imp_error *running_registers(struct imp_kernel *kernel, uint64_t thread, struct imp_registers *registers)
{
	unsigned processors = kernel->info.processor_count;

	for (unsigned i = 0; i < processors && i < MAX_PROCESSORS; i++) {
		uint64_t prcb, current;
		struct imp_error *err = processor_block(kernel, i, &prcb);

		if (!err)
			err = imp_nt_read(kernel, IMP_PRCB_CURRENT_THREAD, prcb, &current);
		if (!err && current == thread)
			err = processor_registers(kernel, prcb, registers);
		if (err)
			return err;
		if (current == thread && registers->rip)
			return NULL;
	}
	return imp_error_new(IMP_ERROR_NOT_FOUND, "thread %016llx runs, but its processor's registers are not in this dump",
			     (unsigned long long)thread);
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
