/* Processors: KiProcessorBlock and what its blocks hold. */
#include "nt/processor.h"
#include "image/unwind.h"

#include <string.h>

enum { MAX_READY = 100000 };

struct imp_error *imp_processor_read(struct imp_kernel *kernel, unsigned number, struct imp_processor *processor)
{
	uint64_t array, offset;
	struct imp_error *err = imp_kernel_symbol(kernel, "KiProcessorBlock", &array);

	memset(processor, 0, sizeof(*processor));
	processor->number = number;
	if (!err && number < IMP_MAXIMUM_PROCESSORS)
		err = imp_memory_u64(kernel->memory, array + 8ull * number, &processor->prcb);
	/* A small dump has as much of the array as there are processors. */
	if (err && imp_error_code(err) == IMP_ERROR_FAULT && kernel->info.processor_count && number >= kernel->info.processor_count) {
		imp_error_free(err);
		err = NULL;
	}
	if (!err && !processor->prcb)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "there is no processor %u in this dump", number);
	if (!err)
		err = imp_nt_read(kernel, IMP_PRCB_CURRENT_THREAD, processor->prcb, &processor->current_thread);
	if (err)
		return err;
	processor->next_thread = imp_nt_value(kernel, IMP_PRCB_NEXT_THREAD, processor->prcb, 0);
	processor->idle_thread = imp_nt_value(kernel, IMP_PRCB_IDLE_THREAD, processor->prcb, 0);
	if (imp_nt_offset(kernel, IMP_PCR_PRCB, &offset))
		processor->pcr = processor->prcb - offset;
	return NULL;
}

struct imp_error *imp_processor_each(struct imp_kernel *kernel, bool (*visit)(void *context, const struct imp_processor *processor), void *context)
{
	unsigned count = kernel->info.processor_count;

	/* KiProcessorBlock ends with an empty entry, which a small dump need not hold. */
	if (!count || count > IMP_MAXIMUM_PROCESSORS)
		count = IMP_MAXIMUM_PROCESSORS;
	for (unsigned i = 0; i < count; i++) {
		struct imp_processor processor;
		struct imp_error *err = imp_processor_read(kernel, i, &processor);

		if (err && i && imp_error_code(err) == IMP_ERROR_NOT_FOUND) {
			imp_error_free(err);
			break;
		}
		if (err)
			return err;
		if (!visit(context, &processor))
			break;
	}
	return NULL;
}

struct search {
	uint64_t thread;
	bool found;
	struct imp_processor processor;
};

static bool compare(void *context, const struct imp_processor *processor)
{
	struct search *search = context;

	search->found = processor->current_thread == search->thread;
	if (search->found)
		search->processor = *processor;
	return !search->found;
}

struct imp_error *imp_processor_running(struct imp_kernel *kernel, uint64_t thread, struct imp_processor *processor)
{
	struct search search = { .thread = thread };
	struct imp_error *err = imp_processor_each(kernel, compare, &search);

	if (!err && !search.found)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "no processor runs thread %016llx", (unsigned long long)thread);
	*processor = search.processor;
	return err;
}

struct imp_error *imp_context_at(struct imp_kernel *kernel, uint64_t address, struct imp_context *context)
{
	uint8_t bytes[IMP_CONTEXT_INTEGER_SIZE];
	struct imp_error *err = imp_memory_read(kernel->memory, address, bytes, sizeof(bytes));

	if (err)
		return imp_error_context(err, "cannot read the context record at %016llx", (unsigned long long)address);
	imp_context_read((struct imp_span){ bytes, sizeof(bytes) }, context);
	return NULL;
}

/* KPRCB.IpiFrozen: has the processor been stopped by a bugcheck, or stopped the others for it? (FREEZE_OWNER and TARGET_FROZEN of NT's kd headers, in its
 * low bits.)
 */
static bool is_frozen(struct imp_kernel *kernel, const struct imp_processor *processor)
{
	uint64_t frozen;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_nt_read(kernel, IMP_PRCB_IPI_FROZEN, processor->prcb, &frozen);

	return !err && ((frozen & 15) == 2 || (frozen & 15) == 4);
}

struct imp_error *imp_processor_context(struct imp_kernel *kernel, const struct imp_processor *processor, struct imp_context *context)
{
	uint64_t address, offset;
	struct imp_error *err;

	*context = (struct imp_context){ 0 };
	/* A triage dump is about one processor, and its header has what is of interest of it: where the exception happened, not where it was reported. */
	if (imp_dump_is_virtual(kernel->dump) && processor->number == kernel->crash_processor && imp_context_read(kernel->info.context, context))
		return NULL;
	/* What a bugcheck has stopped is kept in ProcessorState; a hypervisor that takes the dump later writes the registers of standing still elsewhere. */
	if (is_frozen(kernel, processor) && imp_nt_offset(kernel, IMP_PRCB_STATE_CONTEXT, &offset)) {
		err = imp_context_at(kernel, processor->prcb + offset, context);
		if (!err && context->rip)
			return NULL;
		imp_error_free(err);
		*context = (struct imp_context){ 0 };
	}
	/* KPRCB.Context points at the registers when the machine was stopped for the dump; a debugger's break-in leaves them in ProcessorState. */
	err = imp_nt_read(kernel, IMP_PRCB_CONTEXT, processor->prcb, &address);
	if (!err && address)
		err = imp_context_at(kernel, address, context);
	if (!err && address && context->rip)
		return NULL;
	imp_error_free(err);
	if (!imp_nt_offset(kernel, IMP_PRCB_STATE_CONTEXT, &offset))
		return imp_error_new(IMP_ERROR_NOT_FOUND, "the registers of the processor are not in this dump");
	return imp_context_at(kernel, processor->prcb + offset, context);
}

struct crashed {
	struct imp_kernel *kernel;
	struct imp_context header;
	unsigned number;
};

static bool compare_context(void *context, const struct imp_processor *processor)
{
	struct crashed *crashed = context;
	struct imp_context own = { 0 };
	IMP_CLEANUP_ERROR struct imp_error *err = imp_processor_context(crashed->kernel, processor, &own);

	if (err || own.rip != crashed->header.rip || own.gpr[IMP_RSP] != crashed->header.gpr[IMP_RSP])
		return true;
	crashed->number = processor->number;
	return false;
}

unsigned imp_processor_crashed(struct imp_kernel *kernel)
{
	struct crashed crashed = { .kernel = kernel };

	if (kernel->info.processor_count > 1 && imp_context_read(kernel->info.context, &crashed.header) && crashed.header.marked)
		imp_error_free(imp_processor_each(kernel, compare_context, &crashed));
	return crashed.number;
}

void imp_processor_vendor(struct imp_kernel *kernel, const struct imp_processor *processor, char *text, size_t size)
{
	const struct imp_field *field;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_nt_field(kernel, IMP_PRCB_VENDOR, &field);

	memset(text, 0, size);
	if (!err)
		imp_memory_read_some(kernel->memory, processor->prcb + field->offset, text,
				     field->type.size < size - 1 ? field->type.size : size - 1);
	for (size_t i = 0; text[i]; i++) {
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	}
}

struct imp_error *imp_processor_ready(struct imp_kernel *kernel, const struct imp_processor *processor, unsigned priority,
				      bool (*visit)(void *context, uint64_t thread), void *context)
{
	const struct imp_field *lists, *links;
	struct imp_error *err = imp_nt_field(kernel, IMP_PRCB_READY_LISTS, &lists);
	uint64_t entry = imp_nt_size(kernel, "_LIST_ENTRY");

	if (!err)
		err = imp_nt_field(kernel, IMP_THREAD_READY_LINKS, &links);
	if (!err && (uint64_t)priority * entry >= lists->type.size)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "processor %u has no ready queue of priority %u", processor->number, priority);
	if (err)
		return err;
	return imp_error_context(imp_nt_list(kernel, processor->prcb + lists->offset + priority * entry, links->offset, MAX_READY, visit, context),
				 "ready threads of priority %u", priority);
}
