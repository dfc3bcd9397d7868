/* The crash that a dump is about: see crash.h. */
#include "nt/crash.h"
#include "nt/processor.h"

#include <stdlib.h>
#include <string.h>

struct imp_error *imp_exception_at(struct imp_kernel *kernel, uint64_t address, struct imp_exception *exception)
{
	uint8_t bytes[IMP_EXCEPTION_SIZE];
	struct imp_error *err = imp_memory_read(kernel->memory, address, bytes, sizeof(bytes));

	if (err)
		return imp_error_context(err, "cannot read the exception record at %016llx", (unsigned long long)address);
	if (!imp_exception_read((struct imp_span){ bytes, sizeof(bytes) }, exception))
		return imp_error_new(IMP_ERROR_FORMAT, "no exception record lies at %016llx: it would have %u parameters",
				     (unsigned long long)address, exception->parameter_count);
	return NULL;
}

static void read_exception(struct imp_kernel *kernel, uint64_t address, struct imp_crash *crash)
{
	struct imp_error *err = imp_exception_at(kernel, address, &crash->exception);

	crash->has_exception = !err;
	crash->exception_address = address;
	if (!err && !crash->instruction)
		crash->instruction = crash->exception.address;
	imp_kernel_note_error(kernel, err);
}

static void read_context(struct imp_kernel *kernel, uint64_t address, struct imp_crash *crash)
{
	struct imp_error *err = imp_context_at(kernel, address, &crash->context);

	if (!err && !crash->context.marked)
		err = imp_error_new(IMP_ERROR_FORMAT, "no context record lies at %016llx: its flags are not those of one",
				    (unsigned long long)address);
	crash->has_context = !err;
	crash->context_address = address;
	imp_kernel_note_error(kernel, err);
}

static void read_parameters(struct imp_kernel *kernel, struct imp_crash *crash)
{
	for (size_t i = 0; crash->known && i < 4; i++) {
		uint64_t value = crash->parameters[i];

		if (!value)
			continue;
		if (crash->known->parameters[i].kind == IMP_PARAMETER_CODE)
			crash->instruction = value;
		else if (crash->known->parameters[i].kind == IMP_PARAMETER_RECORD)
			read_exception(kernel, value, crash);
		else if (crash->known->parameters[i].kind == IMP_PARAMETER_CONTEXT)
			read_context(kernel, value, crash);
	}
	/* The header of a small dump has the context of the exception, if there was one. */
	if (!crash->has_context && imp_dump_is_virtual(kernel->dump)) {
		crash->has_context = imp_context_read(kernel->info.context, &crash->context) && crash->context.marked;
		crash->context_address = 0;
	}
}

static void read_stack(struct imp_kernel *kernel, struct imp_crash *crash)
{
	struct imp_registers registers;
	struct imp_thread thread;
	struct imp_error *err = imp_processor_thread(kernel, kernel->crash_processor, &crash->thread);

	if (crash->has_context) {
		imp_error_free(err);
		imp_context_registers(&crash->context, &registers);
		err = imp_registers_stack(kernel, &registers, &crash->stack);
	} else {
		if (!err)
			err = imp_thread_read(kernel, crash->thread, &thread);
		if (!err)
			err = imp_thread_stack(kernel, &thread, &crash->stack);
	}
	imp_kernel_note_error(kernel, err);
}

/* Whether code at `address` may be to blame: a driver's. The kernel and the HAL do what they are asked to. */
static bool is_driver(struct imp_kernel *kernel, uint64_t address)
{
	const struct imp_module *module = imp_kernel_module_at(kernel, address);

	return module && module->base != kernel->nt.base && strcasecmp(module->short_name, "hal");
}

static void blame(struct imp_crash *crash, uint64_t address, bool is_return, bool guessed)
{
	crash->has_culprit = true;
	crash->culprit = address;
	crash->culprit_is_return = is_return;
	crash->culprit_guessed = guessed;
}

/* The instruction that went wrong when it is a driver's; else the first driver on the stack; else whatever went wrong. */
static void find_culprit(struct imp_kernel *kernel, struct imp_crash *crash)
{
	if (crash->known && crash->known->no_driver)
		return;
	if (crash->instruction && is_driver(kernel, crash->instruction)) {
		blame(crash, crash->instruction, false, false);
		return;
	}
	for (size_t i = 0; i < crash->stack.count; i++) {
		const struct imp_stack_frame *frame = &crash->stack.frames[i];

		if (!is_driver(kernel, frame->address))
			continue;
		blame(crash, frame->address, frame->is_return, frame->scanned);
		return;
	}
	if (crash->instruction && imp_kernel_module_at(kernel, crash->instruction))
		blame(crash, crash->instruction, false, false);
}

struct imp_error *imp_crash_read(struct imp_kernel *kernel, struct imp_crash **result)
{
	struct imp_crash *crash;

	*result = NULL;
	if (!kernel->info.bugcheck_code)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "this dump knows of no bug check: the machine had not crashed when it was taken");
	crash = calloc(1, sizeof(*crash));
	if (!crash)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for a stack");
	crash->code = kernel->info.bugcheck_code;
	memcpy(crash->parameters, kernel->info.bugcheck_parameters, sizeof(crash->parameters));
	crash->known = imp_bugcheck_known(crash->code);
	read_parameters(kernel, crash);
	read_stack(kernel, crash);
	find_culprit(kernel, crash);
	*result = crash;
	return NULL;
}
