/* Where code is read from, where the instruction before another begins, and which addresses a function covers. */
#include "nt/code.h"

#include <string.h>

enum {
	MAX_FUNCTION = 1 << 20, /* bytes of one .pdata entry that are believed */
	MAX_LEAF = 0x1000,      /* bytes of a function without .pdata and without a size */
	MAX_BACK = 0x10000,     /* bytes from a function's start that are decoded to find an instruction's beginning */
	MAX_BEFORE = 0x400,     /* instructions */
};

void imp_code_open(struct imp_kernel *kernel, struct imp_code *code)
{
	*code = (struct imp_code){ .kernel = kernel };
}

void imp_code_close(struct imp_code *code)
{
	imp_pe_close(code->file);
	code->file = NULL;
}

/* The image file of `module`, NULL when none is at hand. Asked once for each module in a row. */
static struct imp_pe *image_file(struct imp_code *code, struct imp_module *module)
{
	if (code->file_module != module) {
		IMP_CLEANUP_ERROR struct imp_error *err = NULL;

		imp_code_close(code);
		code->file_module = module;
		err = imp_module_file(code->kernel, module, IMP_REACH_SERVERS, &code->file);
		if (err)
			code->file = NULL;
	}
	return code->file;
}

static size_t read_file(struct imp_code *code, uint64_t address, uint8_t *bytes, size_t size)
{
	struct imp_module *module = imp_kernel_module_at(code->kernel, address);
	struct imp_pe *file = module ? image_file(code, module) : NULL;
	size_t have = 0;

	for (; file && have < size; have++) {
		IMP_CLEANUP_ERROR struct imp_error *err = imp_pe_read(file, (uint32_t)(address + have - module->base), bytes + have, 1);

		if (err)
			break;
	}
	return have;
}

size_t imp_code_read(struct imp_code *code, uint64_t address, uint8_t *bytes, size_t size, bool *from_file)
{
	size_t have = imp_memory_read_some(code->kernel->memory, address, bytes, size), more = 0;

	if (have < size)
		more = read_file(code, address + have, bytes + have, size - have);
	*from_file = more > 0;
	return have + more;
}

struct imp_error *imp_code_instruction(struct imp_code *code, uint64_t address, struct imp_instruction *instruction)
{
	uint8_t bytes[IMP_INSTRUCTION_BYTES];
	bool from_file;
	size_t have = imp_code_read(code, address, bytes, sizeof(bytes), &from_file);

	if (!have)
		return imp_memory_read(code->kernel->memory, address, bytes, 1);
	imp_disassemble(code->kernel, address, bytes, have, instruction);
	instruction->from_file = from_file;
	return NULL;
}

/* The symbol that covers `address`: where it begins (0: none) and its size (0: not known). */
static uint64_t symbol_start(struct imp_kernel *kernel, uint64_t address, uint64_t *size)
{
	struct imp_module *module = imp_kernel_module_at(kernel, address);
	struct imp_symbol symbol;
	struct imp_symbols symbols;
	IMP_CLEANUP_ERROR struct imp_error *err =
		module ? imp_module_symbols(kernel, module, &symbols) : imp_error_new(IMP_ERROR_NOT_FOUND, "no module");

	*size = 0;
	if (!err)
		err = imp_symbols_at(&symbols, (uint32_t)(address - module->base), &symbol);
	if (err)
		return 0;
	*size = symbol.size;
	return module->base + symbol.rva;
}

/* The .pdata entry that covers `address`, as addresses. */
static bool runtime_function(struct imp_kernel *kernel, uint64_t address, struct imp_code_range *range)
{
	struct imp_module *module = imp_kernel_module_at(kernel, address);
	struct imp_runtime_function function;
	struct imp_pe *pe;
	IMP_CLEANUP_ERROR struct imp_error *err =
		module ? imp_module_pe(kernel, module, &pe) : imp_error_new(IMP_ERROR_NOT_FOUND, "no module is there");

	if (err || !imp_pe_function(pe, (uint32_t)(address - module->base), &function) || function.end <= function.begin ||
	    function.end - function.begin > MAX_FUNCTION)
		return false;
	*range = (struct imp_code_range){ module->base + function.begin, module->base + function.end };
	return true;
}

static bool same_symbol(struct imp_kernel *kernel, uint64_t start, uint64_t address)
{
	uint64_t size;

	return start && symbol_start(kernel, address, &size) == start;
}

/* Extends `range` by its neighbours that are the same function: compilers give a function several entries. */
static void add_neighbours(struct imp_kernel *kernel, uint64_t start, struct imp_code_range *range)
{
	uint64_t at = range->end;
	struct imp_code_range more;

	while (range->begin != start && same_symbol(kernel, start, range->begin - 1) && runtime_function(kernel, range->begin - 1, &more) &&
	       more.end == range->begin && more.begin >= start)
		range->begin = more.begin;
	while (same_symbol(kernel, start, at) && runtime_function(kernel, at, &more) && more.begin == at) {
		range->end = more.end;
		at = more.end;
	}
}

/* Where the flow of a leaf function ends: the first end of flow that no branch before it leads beyond. */
static struct imp_error *leaf_end(struct imp_code *code, uint64_t begin, uint64_t *end)
{
	uint64_t furthest = begin;
	struct imp_instruction instruction = { 0 };

	for (uint64_t at = begin; at - begin < MAX_LEAF; at += instruction.length) {
		struct imp_error *err = imp_code_instruction(code, at, &instruction);

		if (err)
			return err;
		if (instruction.is_branch && instruction.target > furthest && instruction.target - begin < MAX_LEAF)
			furthest = instruction.target;
		*end = at + instruction.length;
		if (!instruction.is_valid || (instruction.ends_flow && at >= furthest))
			break;
	}
	return NULL;
}

static bool is_covered(const struct imp_code_range *ranges, size_t count, uint64_t address)
{
	for (size_t i = 0; i < count; i++) {
		if (address - ranges[i].begin < ranges[i].end - ranges[i].begin)
			return true;
	}
	return false;
}

/* Adds the parts that a branch of the function leads to and that carry its symbol, or one that .pdata keeps apart from any other function's. */
static struct imp_error *add_parts(struct imp_code *code, uint64_t start, struct imp_code_range *ranges, size_t *count)
{
	for (size_t i = 0; i < *count; i++) {
		struct imp_instruction instruction = { 0 };

		for (uint64_t at = ranges[i].begin; at < ranges[i].end; at += instruction.length) {
			struct imp_code_range part;
			struct imp_error *err = imp_code_instruction(code, at, &instruction);

			if (err)
				return err;
			if (!instruction.is_branch || *count == IMP_CODE_RANGES || is_covered(ranges, *count, instruction.target))
				continue;
			if (same_symbol(code->kernel, start, instruction.target) && runtime_function(code->kernel, instruction.target, &part) &&
			    !is_covered(ranges, *count, part.begin))
				ranges[(*count)++] = part;
		}
	}
	return NULL;
}

struct imp_error *imp_code_function(struct imp_code *code, uint64_t address, struct imp_code_range *ranges, size_t *count)
{
	uint64_t size, start = symbol_start(code->kernel, address, &size);
	struct imp_error *err = NULL;

	*count = 0;
	if (runtime_function(code->kernel, address, &ranges[0])) {
		*count = 1;
		if (!start)
			return NULL;
		add_neighbours(code->kernel, start, &ranges[0]);
		return add_parts(code, start, ranges, count);
	}
	if (!start)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "no function is known at %016llx: neither .pdata nor a symbol covers it",
				     (unsigned long long)address);
	ranges[0] = (struct imp_code_range){ start, start + size };
	if (!size)
		err = leaf_end(code, start, &ranges[0].end);
	if (!err && address >= ranges[0].end)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "no function is known at %016llx: the nearest one before ends at %016llx",
				    (unsigned long long)address, (unsigned long long)ranges[0].end);
	*count = 1;
	return err;
}

/* Decodes from `from` on; true when an instruction begins at `address`. `*start` is then that of the `count`th before it. */
static bool lands_on(struct imp_code *code, uint64_t from, uint64_t address, size_t count, uint64_t *start)
{
	uint64_t starts[MAX_BEFORE];
	size_t seen = 0;
	uint64_t at = from;

	while (at < address) {
		struct imp_instruction instruction = { 0 };
		IMP_CLEANUP_ERROR struct imp_error *err = imp_code_instruction(code, at, &instruction);

		if (err || !instruction.is_valid)
			return false;
		starts[seen++ % MAX_BEFORE] = at;
		at += instruction.length;
	}
	if (at != address || !seen)
		return false;
	*start = starts[(seen - (count < seen ? count : seen)) % MAX_BEFORE];
	return true;
}

struct imp_error *imp_code_before(struct imp_code *code, uint64_t address, size_t count, uint64_t *start)
{
	uint64_t size, from = symbol_start(code->kernel, address - 1, &size);
	struct imp_code_range range;
	uint8_t byte;
	bool from_file;

	if (count > MAX_BEFORE)
		return imp_error_new(IMP_ERROR_USAGE, "at most 0x%x instructions are shown backward", MAX_BEFORE);
	if (runtime_function(code->kernel, address - 1, &range))
		from = range.begin;
	if (from && address - from <= MAX_BACK && lands_on(code, from, address, count, start))
		return NULL;
	/* The farther back, the likelier that a wrong start has met the right sequence. */
	for (from = address - count * IMP_INSTRUCTION_BYTES; from < address; from++) {
		if (lands_on(code, from, address, count, start))
			return NULL;
	}
	if (!imp_code_read(code, address - 1, &byte, 1, &from_file))
		return imp_memory_read(code->kernel->memory, address - 1, &byte, 1);
	return imp_error_new(IMP_ERROR_NOT_FOUND, "no instruction ends before %016llx", (unsigned long long)address);
}
