/* Undoing one frame: from the registers inside a function to those of its caller. Reading the unwind data is unwind_info.c's question,
 * recognizing epilogues epilogue.c's.
 */
#include "image/pe_image.h"
#include "image/unwind_info.h"

#include <inttypes.h>

/* Registers being undone, and the stack they are read from. */
struct undoing {
	struct imp_memory *memory;
	struct imp_registers registers;
	uint64_t frame; /* what SAVE_NONVOL offsets count from */
	bool machine_frame;
};

/* A machine frame, from its rip on: rip, cs, eflags, rsp, ss. */
enum { MACHINE_FRAME_RSP = 24 };

static struct imp_error *read_stack(struct undoing *undoing, uint64_t address, uint64_t *value)
{
	return imp_error_context(imp_memory_u64(undoing->memory, address, value), "stack");
}

static struct imp_error *pop(struct undoing *undoing, uint64_t *value)
{
	struct imp_error *err = read_stack(undoing, undoing->registers.gpr[IMP_RSP], value);

	/* `value` may be rsp itself: its pop leaves what was read. */
	if (!err && value != &undoing->registers.gpr[IMP_RSP])
		undoing->registers.gpr[IMP_RSP] += 8;
	return err;
}

static struct imp_error *undo_machine_frame(struct undoing *undoing, bool error_code)
{
	uint64_t frame = undoing->registers.gpr[IMP_RSP] + (error_code ? 8 : 0);
	struct imp_error *err = read_stack(undoing, frame, &undoing->registers.rip);

	undoing->machine_frame = true;
	return err ? err : read_stack(undoing, frame + MACHINE_FRAME_RSP, &undoing->registers.gpr[IMP_RSP]);
}

static struct imp_error *undo_code(struct undoing *undoing, const struct unwind_info *info, const struct unwind_code *code)
{
	uint64_t *gpr = undoing->registers.gpr;

	switch ((enum unwind_op)code->op) {
	case UWOP_PUSH_NONVOL:
		return pop(undoing, &gpr[code->info]);
	case UWOP_ALLOC_LARGE:
		gpr[IMP_RSP] += code->info ? (uint64_t)code->operand : 8 * (uint64_t)code->operand;
		return NULL;
	case UWOP_ALLOC_SMALL:
		gpr[IMP_RSP] += 8u * code->info + 8u;
		return NULL;
	case UWOP_SET_FPREG:
		gpr[IMP_RSP] = gpr[info->frame_register] - info->frame_offset;
		return NULL;
	case UWOP_SAVE_NONVOL:
		return read_stack(undoing, undoing->frame + 8 * (uint64_t)code->operand, &gpr[code->info]);
	case UWOP_SAVE_NONVOL_FAR:
		return read_stack(undoing, undoing->frame + code->operand, &gpr[code->info]);
	case UWOP_PUSH_MACHFRAME:
		return undo_machine_frame(undoing, code->info & 1);
	case UWOP_EPILOG:
	case UWOP_SPARE:
	case UWOP_SAVE_XMM128:
	case UWOP_SAVE_XMM128_FAR:
		return NULL; /* nothing of a general register */
	}
	return NULL;
}

/* Undoes the codes of `info` whose instructions have been executed `executed` bytes into the function. */
static struct imp_error *undo_codes(struct undoing *undoing, const struct unwind_info *info, uint32_t executed)
{
	struct unwind_code code;

	for (unsigned i = 0; i < info->count; i += code.slots) {
		struct imp_error *err = imp_unwind_code_at(info, i, &code);

		if (!err && executed >= code.offset)
			err = undo_code(undoing, info, &code);
		if (err)
			return err;
	}
	return NULL;
}

/* Whether the frame register holds the frame yet: not while the prologue has not come to SET_FPREG. */
static bool frame_register_set(const struct unwind_info *info, uint32_t executed)
{
	struct unwind_code code;

	if (!info->frame_register)
		return false;
	if (executed >= info->size_of_prolog || info->flags & UNW_FLAG_CHAININFO)
		return true;
	for (unsigned i = 0; i < info->count; i += code.slots) {
		IMP_CLEANUP_ERROR struct imp_error *err = imp_unwind_code_at(info, i, &code);

		if (err)
			return false;
		if (code.op == UWOP_SET_FPREG)
			return executed >= code.offset;
	}
	return false;
}

static struct imp_error *undo_epilogue(struct undoing *undoing, const struct epilogue *epilogue)
{
	struct imp_error *err = NULL;
	uint64_t *gpr = undoing->registers.gpr;

	gpr[IMP_RSP] = gpr[epilogue->base] + (uint64_t)epilogue->adjust;
	for (unsigned i = 0; !err && i < epilogue->pop_count; i++)
		err = pop(undoing, &gpr[epilogue->pops[i]]);
	if (!err)
		err = pop(undoing, &undoing->registers.rip);
	gpr[IMP_RSP] += epilogue->ret_bytes;
	return err;
}

static struct imp_error *undo_function(struct undoing *undoing, const struct imp_pe *pe, struct imp_runtime_function function, uint32_t rva,
				       bool rip_is_return)
{
	struct unwind_info info;
	struct epilogue epilogue;
	struct imp_error *err = imp_unwind_info_read(pe, &function, &info);

	if (err)
		return err;

	uint32_t executed = rva - function.begin;
	/* A function that has called is in no epilogue, unless the epilogue is still whole; then the codes give the same. */
	if (!rip_is_return && executed >= info.size_of_prolog && imp_epilogue_at(pe, &function, &info, rva, &epilogue))
		return undo_epilogue(undoing, &epilogue);

	undoing->frame = undoing->registers.gpr[IMP_RSP];
	if (frame_register_set(&info, executed))
		undoing->frame = undoing->registers.gpr[info.frame_register] - info.frame_offset;
	for (unsigned i = 0;; i++) {
		err = undo_codes(undoing, &info, executed);
		if (err || !(info.flags & UNW_FLAG_CHAININFO))
			break;
		if (i == UNWIND_CHAIN_LIMIT)
			return imp_error_new(IMP_ERROR_FORMAT, "unwind data is chained more than %d times", UNWIND_CHAIN_LIMIT);
		function = info.chained;
		err = imp_unwind_info_read(pe, &function, &info);
		if (err)
			break;
		executed = UINT32_MAX; /* a fragment is entered behind the prologue of the function it belongs to */
	}
	return err || undoing->machine_frame ? err : pop(undoing, &undoing->registers.rip);
}

struct imp_error *imp_unwind_frame(struct imp_memory *memory, imp_image_resolver resolver, void *context, bool rip_is_return,
				   struct imp_registers *registers, struct imp_unwound *how)
{
	struct undoing undoing = { .memory = memory, .registers = *registers };
	struct imp_runtime_function function;
	struct imp_error *err;
	uint64_t base = 0;

	*how = (struct imp_unwound){ 0 };

	const struct imp_pe *pe = resolver(context, registers->rip - rip_is_return, &base, &how->from_file);
	uint64_t rva = registers->rip - base;
	if (pe && rva <= UINT32_MAX && imp_pe_function(pe, (uint32_t)(rva - rip_is_return), &function)) {
		err = undo_function(&undoing, pe, function, (uint32_t)rva, rip_is_return);
		err = imp_error_context(err, "cannot unwind from %016" PRIx64, registers->rip);
	} else {
		how->from_file = false;
		how->guessed = rip_is_return || !pe || !pe->directories[PE_DIRECTORY_EXCEPTION].size;
		err = pop(&undoing, &undoing.registers.rip);
	}
	how->machine_frame = undoing.machine_frame;
	if (!err)
		*registers = undoing.registers;
	return err;
}
