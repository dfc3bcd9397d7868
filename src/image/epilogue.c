/* Is an address inside a function's epilogue, and what is left of it to do? Version 1 of UNWIND_INFO does not say: the instructions themselves
 * tell, because the ABI allows only few in an epilogue ("x64 prolog and epilog", Microsoft's C++ documentation). Version 2 lists epilogues.
 */
#include "image/unwind_info.h"

/* Opcodes of the instructions that the ABI allows in an epilogue. */
enum {
	REX_W = 0x48,
	REX_B = 0x41,
	GROUP1_IMM32 = 0x81, /* add with ModRM /0 */
	GROUP1_IMM8 = 0x83,
	MODRM_ADD_RSP = 0xc4,
	LEA = 0x8d,
	SIB_BASE_ONLY = 0x24,
	POP = 0x58,
	RET_IMM16 = 0xc2,
	RET = 0xc3,
	REP = 0xf3,
	JMP_REL32 = 0xe9,
	JMP_REL8 = 0xeb,
	GROUP5 = 0xff, /* jmp r/m64 with ModRM /4 */
	GROUP5_JMP = 4,
	CODE_SIZE = 64, /* an epilogue with every register and the largest operands is shorter */
};

/* Reads code up to the end of the function, and at least what the page of `rva` still holds of it. Returns a part of `buffer`. */
static struct imp_span read_code(const struct imp_pe *pe, const struct imp_runtime_function *function, uint32_t rva, uint8_t buffer[CODE_SIZE])
{
	size_t size = function->end > rva ? function->end - rva : 0;
	size_t in_page = IMP_PAGE_SIZE - (rva & (IMP_PAGE_SIZE - 1));

	if (size > CODE_SIZE)
		size = CODE_SIZE;

	IMP_CLEANUP_ERROR struct imp_error *err = imp_pe_read(pe, rva, buffer, size);
	if (!err)
		return (struct imp_span){ buffer, size };
	if (in_page >= size)
		return (struct imp_span){ 0 };

	IMP_CLEANUP_ERROR struct imp_error *page_err = imp_pe_read(pe, rva, buffer, in_page);
	return (struct imp_span){ buffer, page_err ? 0 : in_page };
}

/* A byte of code; 0 (no opcode of an epilogue) behind its end. */
static uint8_t byte_at(struct imp_span code, size_t at)
{
	uint8_t byte = 0;

	imp_span_u8(code, at, &byte);
	return byte;
}

static int32_t signed8(struct imp_span code, size_t at)
{
	return (int8_t)byte_at(code, at);
}

static int32_t signed32(struct imp_span code, size_t at)
{
	int32_t value = 0;

	imp_span_copy(code, at, &value, sizeof(value));
	return value;
}

/* "add rsp, constant" or "lea rsp, [frame register + constant]". Returns its length, 0 when something else stands there. */
static size_t decode_deallocation(struct imp_span code, const struct unwind_info *info, struct epilogue *epilogue)
{
	uint8_t rex = byte_at(code, 0), opcode = byte_at(code, 1), modrm = byte_at(code, 2);

	if (rex == REX_W && modrm == MODRM_ADD_RSP && (opcode == GROUP1_IMM8 || opcode == GROUP1_IMM32)) {
		epilogue->adjust = opcode == GROUP1_IMM8 ? signed8(code, 3) : signed32(code, 3);
		return opcode == GROUP1_IMM8 ? 4 : 7;
	}
	if ((rex & ~1) == REX_W && opcode == LEA && (modrm >> 3 & 7) == IMP_RSP && info->frame_register) {
		unsigned base = (modrm & 7) | (rex & 1u) << 3, mode = modrm >> 6;
		size_t length = 3;

		if ((modrm & 7) == 4 && byte_at(code, length++) != SIB_BASE_ONLY)
			return 0;
		if (base != info->frame_register || mode == 3 || (mode == 0 && (modrm & 7) == 5))
			return 0;
		epilogue->base = (int)base;
		epilogue->adjust = mode == 1 ? signed8(code, length) : mode == 2 ? signed32(code, length) : 0;
		return length + (mode == 1 ? 1 : mode == 2 ? 4 : 0);
	}
	return 0;
}

static size_t decode_pop(struct imp_span code, size_t at, uint8_t *reg)
{
	size_t prefix = byte_at(code, at) == REX_B;
	uint8_t opcode = byte_at(code, at + prefix);

	if ((opcode & ~7) != POP)
		return 0;
	*reg = (uint8_t)((opcode & 7) + 8 * prefix);
	return prefix + 1;
}

/* The start of the function that the fragment `function` is a part of: the end of the chain. */
static uint32_t primary_begin(const struct imp_pe *pe, struct imp_runtime_function function)
{
	struct unwind_info info;

	for (unsigned i = 0; i < UNWIND_CHAIN_LIMIT; i++) {
		IMP_CLEANUP_ERROR struct imp_error *err = imp_unwind_info_read(pe, &function, &info);

		if (err || !(info.flags & UNW_FLAG_CHAININFO))
			break;
		function = info.chained;
	}
	return function.begin;
}

/* Whether a jump from `function` to `target` leaves it for good (a tail call), rather than going on in the same function. */
static bool jump_leaves(const struct imp_pe *pe, const struct imp_runtime_function *function, const struct unwind_info *info, uint32_t target)
{
	struct imp_runtime_function other;
	struct unwind_info other_info;

	if (target >= function->begin && target < function->end)
		return target == function->begin && !(info->flags & UNW_FLAG_CHAININFO);
	if (!imp_pe_function(pe, target, &other))
		return true;
	if (primary_begin(pe, other) == primary_begin(pe, *function))
		return false;
	/* Compilers move cold parts away as functions of their own, whose unwind data restates the frame they are entered with: codes without a
	 * prologue. The way back leads into a function's middle, where that frame stands too. A tail call goes where there is no frame yet.
	 */
	IMP_CLEANUP_ERROR struct imp_error *err = imp_unwind_info_read(pe, &other, &other_info);
	return err || !other_info.count || (target == other.begin && other_info.size_of_prolog);
}

/* "ret" in its forms, or a jump out of the function. */
static bool decode_exit(const struct imp_pe *pe, const struct imp_runtime_function *function, const struct unwind_info *info, uint32_t rva,
			struct imp_span code, size_t at, struct epilogue *epilogue)
{
	uint8_t opcode = byte_at(code, at), next = byte_at(code, at + 1);

	switch (opcode) {
	case RET:
		return true;
	case REP:
		return next == RET;
	case RET_IMM16:
		return imp_span_u16(code, at + 1, &epilogue->ret_bytes);
	case JMP_REL8:
		return imp_span_has(code, at, 2) && jump_leaves(pe, function, info, rva + (uint32_t)at + 2 + (uint32_t)signed8(code, at + 1));
	case JMP_REL32:
		return imp_span_has(code, at, 5) && jump_leaves(pe, function, info, rva + (uint32_t)at + 5 + (uint32_t)signed32(code, at + 1));
	default:
		/* An indirect jump counts with a memory operand without displacement or base (import table), or with REX.W, which compilers put
		 * before a tail call through a register to tell it from a switch.
		 */
		if ((opcode & 0xf8) == REX_W)
			return next == GROUP5 && (byte_at(code, at + 2) >> 3 & 7) == GROUP5_JMP;
		return opcode == GROUP5 && (next >> 3 & 7) == GROUP5_JMP && next >> 6 == 0;
	}
}

static bool decode(const struct imp_pe *pe, const struct imp_runtime_function *function, const struct unwind_info *info, uint32_t rva,
		   struct epilogue *epilogue)
{
	uint8_t buffer[CODE_SIZE];
	struct imp_span code = read_code(pe, function, rva, buffer);
	size_t at = decode_deallocation(code, info, epilogue);

	while (epilogue->pop_count < sizeof(epilogue->pops)) {
		size_t length = decode_pop(code, at, &epilogue->pops[epilogue->pop_count]);

		if (!length)
			break;
		epilogue->pop_count++;
		at += length;
	}
	return decode_exit(pe, function, info, rva, code, at, epilogue);
}

/* Version 2: the first codes give the size of the epilogues and where each starts, counted from the function's end. They begin behind the
 * deallocation of the frame and consist of the pops, in the order of the codes, and the exit.
 */
static bool listed(const struct imp_runtime_function *function, const struct unwind_info *info, uint32_t rva, struct epilogue *epilogue)
{
	uint32_t from_end = function->end - rva, size = info->codes[0], done = UINT32_MAX;

	for (size_t i = 0; i < info->count && (info->codes[2 * i + 1] & 15) == UWOP_EPILOG; i++) {
		uint32_t details = info->codes[2 * i + 1] >> 4;
		uint32_t start = i ? info->codes[2 * i] | details << 8 : details & 1 ? size : 0;

		if (start && from_end <= start && start - from_end < size)
			done = start - from_end;
	}
	if (done == UINT32_MAX)
		return false;

	uint32_t at = 0;
	for (unsigned i = 0; i < info->count && epilogue->pop_count < sizeof(epilogue->pops);) {
		struct unwind_code code;
		IMP_CLEANUP_ERROR struct imp_error *err = imp_unwind_code_at(info, i, &code);

		if (err)
			return false;
		i += code.slots;
		if (code.op != UWOP_PUSH_NONVOL)
			continue;
		if (at >= done)
			epilogue->pops[epilogue->pop_count++] = code.info;
		at += code.info < IMP_R8 ? 1 : 2;
	}
	return true;
}

bool imp_epilogue_at(const struct imp_pe *pe, const struct imp_runtime_function *function, const struct unwind_info *info, uint32_t rva,
		     struct epilogue *epilogue)
{
	*epilogue = (struct epilogue){ .base = IMP_RSP };
	if (info->version >= 2)
		return info->count && listed(function, info, rva, epilogue);
	return decode(pe, function, info, rva, epilogue);
}
