/* CONTEXT and EXCEPTION_RECORD64: see context.h. */
#include "dump/context.h"

enum {
	/* CONTEXT */
	CONTEXT_FLAGS = 0x30,
	SEG_CS = 0x38,
	SEG_DS = 0x3a,
	SEG_ES = 0x3c,
	SEG_FS = 0x3e,
	SEG_GS = 0x40,
	SEG_SS = 0x42,
	EFLAGS = 0x44,
	RAX = 0x78, /* and the others in the processor's order */
	RIP = 0xf8,
	CONTEXT_AMD64 = 0x100000, /* in ContextFlags */
	/* EXCEPTION_RECORD64 */
	EXCEPTION_FLAGS = 0x04,
	EXCEPTION_RECORD = 0x08,
	EXCEPTION_ADDRESS = 0x10,
	NUMBER_PARAMETERS = 0x18,
	EXCEPTION_INFORMATION = 0x20,
};

bool imp_context_read(struct imp_span bytes, struct imp_context *context)
{
	uint32_t flags;

	*context = (struct imp_context){ 0 };
	if (!imp_span_u64(bytes, RIP, &context->rip))
		return false;
	imp_span_u32(bytes, CONTEXT_FLAGS, &flags);
	context->marked = flags & CONTEXT_AMD64;
	for (size_t i = 0; i < sizeof(context->gpr) / sizeof(context->gpr[0]); i++)
		imp_span_u64(bytes, RAX + 8 * i, &context->gpr[i]);
	imp_span_u32(bytes, EFLAGS, &context->flags);
	imp_span_u16(bytes, SEG_CS, &context->cs);
	imp_span_u16(bytes, SEG_SS, &context->ss);
	imp_span_u16(bytes, SEG_DS, &context->ds);
	imp_span_u16(bytes, SEG_ES, &context->es);
	imp_span_u16(bytes, SEG_FS, &context->fs);
	imp_span_u16(bytes, SEG_GS, &context->gs);
	return true;
}

bool imp_exception_read(struct imp_span bytes, struct imp_exception *exception)
{
	*exception = (struct imp_exception){ 0 };
	if (!imp_span_u32(bytes, 0, &exception->code) || !imp_span_u32(bytes, EXCEPTION_FLAGS, &exception->flags) ||
	    !imp_span_u64(bytes, EXCEPTION_RECORD, &exception->record) || !imp_span_u64(bytes, EXCEPTION_ADDRESS, &exception->address) ||
	    !imp_span_u32(bytes, NUMBER_PARAMETERS, &exception->parameter_count) || exception->parameter_count > IMP_EXCEPTION_PARAMETERS)
		return false;
	for (uint32_t i = 0; i < exception->parameter_count; i++) {
		if (!imp_span_u64(bytes, EXCEPTION_INFORMATION + 8 * i, &exception->parameters[i]))
			return false;
	}
	return true;
}
