/* Walking a thread's kernel stack, through drivers that are no longer in memory too when their image files are at hand, and cutting the walk
 * where it would no longer be fact. What a triage dump holds of the rest is scanned.
 */
#include "nt/stack.h"

#include <string.h>

static const struct imp_pe *resolve(void *context, uint64_t address, uint64_t *base, bool *from_file)
{
	struct imp_kernel *kernel = context;
	struct imp_module *module = imp_kernel_module_at(kernel, address);
	struct imp_pe *pe;
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	if (!module)
		return NULL;
	err = imp_module_pe(kernel, module, &pe);
	if (err)
		return NULL;
	*base = module->base;
	*from_file = module->unloaded;
	return pe;
}

enum {
	BEFORE = 7,           /* bytes of the longest call instruction */
	SCAN_LIMIT = 0x20000, /* bytes: more than the largest kernel stack (Windows Internals, 7th ed., ch. 5) */
};

/* Whether `code`, the bytes before an address, can end with a call instruction: E8 rel32, or FF /2 with a register or memory operand of 2 to 7 bytes,
 * REX allowed.
 */
static bool ends_with_call(const uint8_t code[BEFORE])
{
	if (code[BEFORE - 5] == 0xe8)
		return true;
	for (size_t at = 0; at + 2 <= BEFORE; at++) {
		unsigned mode = code[at + 1] >> 6, memory = code[at + 1] & 7;
		size_t length = 2;

		if (code[at] != 0xff || (code[at + 1] >> 3 & 7) != 2)
			continue;
		if (mode != 3 && memory == 4) /* SIB; without base it carries a 32-bit displacement */
			length += 1 + (mode == 0 && at + 2 < BEFORE && (code[at + 2] & 7) == 5 ? 4 : 0);
		else if (mode == 0 && memory == 5) /* RIP-relative */
			length += 4;
		length += mode == 1 ? 1 : mode == 2 ? 4 : 0;
		if (at + length == BEFORE)
			return true;
	}
	return false;
}

static bool follows_call(const struct imp_pe *pe, uint32_t rva)
{
	uint8_t code[BEFORE];
	IMP_CLEANUP_ERROR struct imp_error *err =
		rva < BEFORE ? imp_error_new(IMP_ERROR_FORMAT, "no code") : imp_pe_read(pe, rva - BEFORE, code, BEFORE);

	return !err && ends_with_call(code);
}

/* Whether the frame's code can be told: a loaded image, or the right file of an unloaded one. Says why not. */
static bool is_believable(struct imp_kernel *kernel, const struct imp_stack_frame *frame)
{
	struct imp_module *module = imp_kernel_module_at(kernel, frame->address);
	struct imp_pe *pe;
	struct imp_error *err;

	if (!module) {
		imp_kernel_note(kernel, "a stack leads to %016llx, where no module is or was: its walk ends there",
				(unsigned long long)frame->address);
		return false;
	}
	err = imp_module_pe(kernel, module, &pe);
	if (err) {
		if (module->unloaded && imp_error_code(err) == IMP_ERROR_NOT_FOUND)
			imp_kernel_note(
				kernel,
				"stacks end at %s, which is no longer in memory; with its image file (of 0x%llx bytes when loaded) in a folder"
				" of the image path (-i) they go on",
				module->name, (unsigned long long)module->size);
		else if (!imp_dump_is_virtual(kernel->dump)) /* a stack there goes on by scanning, and says so */
			imp_kernel_note(kernel, "stacks end at %s, whose unwind data is not at hand: %s", module->name, imp_error_message(err));
		imp_error_free(err);
		return false;
	}
	if (!module->unloaded || !frame->is_return || follows_call(pe, (uint32_t)(frame->address - module->base)))
		return true;
	imp_kernel_note(kernel, "the file found for the unloaded %s is another build: no call stands before +0x%llx in it; stacks end there",
			module->name, (unsigned long long)(frame->address - module->base));
	return false;
}

static void cut(struct imp_stack *stack, size_t count)
{
	stack->count = count;
	stack->frames[count - 1].return_address = 0;
	stack->frames[count - 1].return_known = false;
}

/* Whether undoing a frame rests on nothing: the unwind data of its image is not in a small dump, and not read from a file, so it is taken for a leaf function. */
static bool is_blind(struct imp_kernel *kernel, const struct imp_frame *frame)
{
	const struct imp_module *module = imp_kernel_module_at(kernel, frame->registers.rip);

	if (module->base == kernel->nt.base)
		module = &kernel->nt;
	return imp_dump_is_virtual(kernel->dump) && !module->pe_from_file;
}

static struct imp_error *walk(struct imp_kernel *kernel, const struct imp_registers *start, bool exact, uint64_t low, uint64_t high,
			      struct imp_stack *stack)
{
	struct imp_frame frames[IMP_STACK_FRAMES];
	size_t count = 0;
	bool has_address;
	struct imp_error *err = imp_stack_walk(kernel->memory, resolve, kernel, start, low, high, frames, IMP_STACK_FRAMES, &count);

	memset(stack, 0, sizeof(*stack));
	for (size_t i = 0; i < count; i++) {
		stack->frames[i] = (struct imp_stack_frame){
			.child_sp = frames[i].child_sp,
			.address = frames[i].registers.rip,
			.return_address = frames[i].return_address,
			.return_known = true,
			.is_return = (i || !exact) && !frames[i].machine_frame,
			.registers = frames[i].registers,
		};
		stack->count = i + 1;
		if (!is_believable(kernel, &stack->frames[i])) {
			cut(stack, i + 1);
			break;
		}
		stack->frames[i].from_file = imp_kernel_module_at(kernel, frames[i].registers.rip)->unloaded;
		stack->used_file |= stack->frames[i].from_file;
		/* Only the processor's own position can be in a function without unwind data: a caller's frame cannot. */
		if ((frames[i].guessed && stack->frames[i].is_return) || is_blind(kernel, &frames[i])) {
			if (!imp_dump_is_virtual(kernel->dump))
				imp_kernel_note(kernel, "no unwind data covers %016llx: a stack's walk ends there",
						(unsigned long long)stack->frames[i].address);
			cut(stack, i + 1);
			break;
		}
	}
	has_address = stack->count > 0;
	stack->complete = has_address && stack->frames[stack->count - 1].return_known && !stack->frames[stack->count - 1].return_address;
	if (has_address && err) {
		imp_kernel_note_error(kernel, err);
		err = NULL;
	}
	return err;
}

/* Adds the words from `low` up to `high` (0: as far as the dump has the stack) that lie in a loaded image and, where the code before them is at hand,
 * follow a call.
 */
static void scan(struct imp_kernel *kernel, uint64_t low, uint64_t high, struct imp_stack *stack)
{
	uint64_t word;

	if (!high || high - low > SCAN_LIMIT)
		high = low + SCAN_LIMIT;
	for (uint64_t at = (low + 7) & ~UINT64_C(7); at < high && stack->count < IMP_STACK_FRAMES; at += sizeof(word)) {
		uint8_t code[BEFORE];
		struct imp_module *module;
		struct imp_name name;
		bool known;

		if (imp_memory_read_some(kernel->memory, at, &word, sizeof(word)) < sizeof(word))
			break;
		module = imp_kernel_module_at(kernel, word);
		if (!module || module->unloaded || word - module->base < IMP_PAGE_SIZE) /* the first page is the image's headers */
			continue;
		known = imp_memory_read_some(kernel->memory, word - BEFORE, code, BEFORE) == BEFORE;
		if (known && !ends_with_call(code))
			continue;
		/* The beginning of a function, or a variable, is what a pointer points to, not where a call returns to. */
		imp_symbolize(kernel, word, false, &name);
		if (name.symbol[0] && !name.displacement)
			continue;
		stack->frames[stack->count++] =
			(struct imp_stack_frame){ .child_sp = at, .address = word, .is_return = true, .scanned = true, .after_call = known };
		stack->scanned = true;
	}
}

/* A triage dump has the stack, but neither unwind data nor all of the code: where unwinding ends, it is scanned. */
static void scan_rest(struct imp_kernel *kernel, uint64_t start, uint64_t high, struct imp_stack *stack)
{
	struct imp_stack_frame *last = stack->count ? &stack->frames[stack->count - 1] : NULL;

	if (imp_dump_is_virtual(kernel->dump) && !stack->complete)
		scan(kernel, last ? last->child_sp : start, high, stack);
}

struct imp_error *imp_registers_stack(struct imp_kernel *kernel, const struct imp_registers *registers, struct imp_stack *stack)
{
	struct imp_error *err = walk(kernel, registers, true, 0, 0, stack);

	scan_rest(kernel, registers->gpr[IMP_RSP], 0, stack);
	return err;
}

struct imp_error *imp_thread_stack(struct imp_kernel *kernel, const struct imp_thread *thread, struct imp_stack *stack)
{
	struct imp_registers registers;
	uint64_t low = thread->stack_limit, high = thread->stack_base;
	bool exact;
	struct imp_error *err = imp_thread_registers(kernel, thread, &registers, &exact);

	memset(stack, 0, sizeof(*stack));
	if (err)
		return err;
	/* An interrupted processor may stand on another stack than its thread's. */
	if (registers.gpr[IMP_RSP] < low || registers.gpr[IMP_RSP] >= high)
		low = high = 0;
	err = walk(kernel, &registers, exact, low, high, stack);
	scan_rest(kernel, registers.gpr[IMP_RSP], high, stack);
	return err;
}

void imp_frame_name(struct imp_kernel *kernel, const struct imp_stack_frame *frame, struct imp_name *name)
{
	imp_symbolize(kernel, frame->address, frame->is_return, name);
	if (!name->module || !name->module->unloaded || frame->from_file)
		return;
	name->symbol[0] = name->resolved[0] = name->file[0] = '\0';
	name->displacement = frame->address - name->module->base;
	name->line = 0;
}

/* The kernel's routines between a wait and who asked for it. */
static bool is_wait_routine(const char *symbol)
{
	static const char *const prefixes[] = { "KiSwap",     "KiCommitThreadWait", "KeWaitFor",     "KeDelayExecutionThread",
						"KeRemove",   "KiRemove",           "KiAttemptFast", "KiAbProcess",
						"ExpWaitFor", "KeRendezvous" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (!strncmp(symbol, prefixes[i], strlen(prefixes[i])))
			return true;
	}
	return false;
}

size_t imp_stack_wait_frame(struct imp_kernel *kernel, const struct imp_stack *stack, struct imp_name *name)
{
	for (size_t i = 0; i < stack->count; i++) {
		imp_frame_name(kernel, &stack->frames[i], name);
		if (!name->module || name->module->base != kernel->nt.base || name->module->unloaded || !is_wait_routine(name->symbol))
			return i;
	}
	return stack->count;
}
