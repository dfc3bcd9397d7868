/* Zydis' instructions as steps (decode.h), each decoded once. */
#include "hang/decode.h"

#include <Zydis/Zydis.h>
#include <stdlib.h>
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

enum { MAX_KEPT = 1 << 17 };

struct kept {
	struct imp_step step; /* its address is the key */
	UT_hash_handle hh;
};

struct imp_decoder {
	struct imp_kernel *kernel;
	struct imp_code code;
	ZydisDecoder zydis;
	struct kept *steps;
};

struct imp_error *imp_decoder_new(struct imp_kernel *kernel, struct imp_decoder **decoder)
{
	*decoder = calloc(1, sizeof(**decoder));
	if (!*decoder || !ZYAN_SUCCESS(ZydisDecoderInit(&(*decoder)->zydis, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)))
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for decoding code");
	(*decoder)->kernel = kernel;
	imp_code_open(kernel, &(*decoder)->code);
	return NULL;
}

void imp_decoder_free(struct imp_decoder *decoder)
{
	struct kept *kept, *next;

	if (!decoder)
		return;
	kept = decoder->steps;
	HASH_CLEAR(hh, decoder->steps);
	for (; kept; kept = next) {
		next = kept->hh.next;
		free(kept);
	}
	imp_code_close(&decoder->code);
	free(decoder);
}

static uint8_t register_number(ZydisRegister name)
{
	ZydisRegister wide = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name);

	return ZydisRegisterGetClass(wide) == ZYDIS_REGCLASS_GPR64 ? (uint8_t)ZydisRegisterGetId(wide) : (uint8_t)IMP_NO_REGISTER;
}

static struct imp_place place_of(const ZydisDecodedInstruction *decoded, const ZydisDecodedOperand *operand, uint64_t address)
{
	struct imp_place place = { .base = IMP_NO_REGISTER, .index = IMP_NO_REGISTER, .size = (uint8_t)(operand->size / 8) };
	ZyanU64 target;

	if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER) {
		place.base = register_number(operand->reg.value);
		place.kind = place.base == IMP_NO_REGISTER ? IMP_PLACE_NONE : IMP_PLACE_REGISTER;
	} else if (operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
		place.kind = IMP_PLACE_NUMBER;
		place.number = operand->imm.value.u;
		if (operand->imm.is_relative && ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(decoded, operand, address, &target)))
			place.number = target;
	} else if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY) {
		place.kind = IMP_PLACE_MEMORY;
		place.segment = operand->mem.segment == ZYDIS_REGISTER_GS || operand->mem.segment == ZYDIS_REGISTER_FS;
		place.number = (uint64_t)operand->mem.disp.value;
		if (operand->mem.base == ZYDIS_REGISTER_RIP) {
			place.number += address + decoded->length;
		} else {
			if (operand->mem.base != ZYDIS_REGISTER_NONE)
				place.base = register_number(operand->mem.base);
			if (operand->mem.index != ZYDIS_REGISTER_NONE)
				place.index = register_number(operand->mem.index);
			place.scale = operand->mem.scale;
		}
	}
	return place;
}

static bool same_register(const struct imp_step *step)
{
	return step->to.kind == IMP_PLACE_REGISTER && step->from.kind == IMP_PLACE_REGISTER && step->to.base == step->from.base;
}

static void classify(const ZydisDecodedInstruction *decoded, struct imp_step *step)
{
	bool plain = step->to.kind && step->from.kind;

	switch (decoded->mnemonic) {
	case ZYDIS_MNEMONIC_MOV:
		if (plain)
			step->operation = IMP_DO_MOVE;
		break;
	case ZYDIS_MNEMONIC_LEA:
		step->operation = IMP_DO_ADDRESS;
		break;
	case ZYDIS_MNEMONIC_ADD:
	case ZYDIS_MNEMONIC_SUB:
		if (step->from.kind == IMP_PLACE_NUMBER && step->to.kind == IMP_PLACE_REGISTER && step->to.size == 8) {
			step->operation = IMP_DO_ADD;
			if (decoded->mnemonic == ZYDIS_MNEMONIC_SUB)
				step->from.number = 0 - step->from.number;
		}
		break;
	case ZYDIS_MNEMONIC_XOR: /* the idiom for zero */
		if (same_register(step) && step->to.size >= 4) {
			step->operation = IMP_DO_MOVE;
			step->from = (struct imp_place){ .kind = IMP_PLACE_NUMBER, .size = step->to.size };
		}
		break;
	case ZYDIS_MNEMONIC_PUSH:
		step->operation = IMP_DO_PUSH;
		step->from = step->to;
		break;
	case ZYDIS_MNEMONIC_POP:
		step->operation = IMP_DO_POP;
		break;
	case ZYDIS_MNEMONIC_CALL:
		step->operation = IMP_DO_CALL;
		break;
	case ZYDIS_MNEMONIC_INT3:
	case ZYDIS_MNEMONIC_INT:
	case ZYDIS_MNEMONIC_UD2:
		step->operation = IMP_DO_STOP;
		break;
	default:
		if (decoded->meta.category == ZYDIS_CATEGORY_RET)
			step->operation = IMP_DO_RETURN;
		else if (decoded->meta.category == ZYDIS_CATEGORY_UNCOND_BR)
			step->operation = IMP_DO_JUMP;
		else if (decoded->meta.category == ZYDIS_CATEGORY_COND_BR)
			step->operation = IMP_DO_BRANCH;
	}
}

static void translate(struct imp_decoder *decoder, const uint8_t *bytes, size_t size, struct imp_step *step)
{
	ZydisDecodedInstruction decoded;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];

	step->length = 1;
	step->operation = IMP_DO_STOP;
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder->zydis, bytes, size, &decoded, operands)))
		return;
	step->length = decoded.length;
	step->operation = IMP_DO_OTHER;
	for (unsigned i = 0; i < decoded.operand_count; i++) {
		uint8_t number = operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER ? register_number(operands[i].reg.value) : (uint8_t)IMP_NO_REGISTER;

		if (operands[i].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE && number != IMP_NO_REGISTER)
			step->clobbered |= (uint16_t)(1u << number);
	}
	if (decoded.operand_count_visible > 0)
		step->to = place_of(&decoded, &operands[0], step->address);
	if (decoded.operand_count_visible > 1)
		step->from = place_of(&decoded, &operands[1], step->address);
	classify(&decoded, step);
	for (unsigned i = 0; i < decoded.operand_count; i++) {
		if (operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY && operands[i].actions & ZYDIS_OPERAND_ACTION_MASK_READ)
			step->reads_memory = !(operands[i].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE);
	}
	/* What only reads memory writes none. */
	if (step->operation == IMP_DO_OTHER && !(operands[0].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)) {
		if (step->to.kind == IMP_PLACE_MEMORY)
			step->from = step->to;
		step->to.kind = IMP_PLACE_NONE;
	}
}

static struct imp_error *read_code(struct imp_decoder *decoder, uint64_t address, uint8_t *bytes, size_t *size)
{
	struct imp_module *module = imp_kernel_module_at(decoder->kernel, address);
	struct imp_pe *pe;
	struct imp_error *err = NULL;
	bool from_file;

	if (!module)
		return imp_error_fault(address, "no module is at %016llx", (unsigned long long)address);
	if (!module->unloaded) {
		*size = imp_code_read(&decoder->code, address, bytes, IMP_INSTRUCTION_BYTES, &from_file);
	} else {
		err = imp_module_pe(decoder->kernel, module, &pe);
		for (*size = IMP_INSTRUCTION_BYTES; !err && *size; --*size) {
			IMP_CLEANUP_ERROR struct imp_error *short_of = imp_pe_read(pe, (uint32_t)(address - module->base), bytes, *size);

			if (!short_of)
				break;
		}
	}
	if (!err && !*size)
		err = imp_error_fault(address, "the code at %016llx is neither in the dump nor in an image file at hand",
				      (unsigned long long)address);
	return err;
}

struct imp_error *imp_decode(struct imp_decoder *decoder, uint64_t address, const struct imp_step **step)
{
	uint8_t bytes[IMP_INSTRUCTION_BYTES];
	size_t size = 0;
	struct kept *kept;
	struct imp_error *err;

	HASH_FIND(hh, decoder->steps, &address, sizeof(address), kept);
	if (kept) {
		*step = &kept->step;
		return NULL;
	}
	err = read_code(decoder, address, bytes, &size);
	if (err)
		return err;
	kept = HASH_COUNT(decoder->steps) < MAX_KEPT ? calloc(1, sizeof(*kept)) : NULL;
	if (kept) {
		kept->step.address = address;
		HASH_ADD(hh, decoder->steps, step.address, sizeof(kept->step.address), kept);
	}
	if (!kept || !kept->hh.tbl) {
		free(kept);
		return imp_error_new(IMP_ERROR_NO_MEMORY, "too much code to follow: more than %d instructions", MAX_KEPT);
	}
	translate(decoder, bytes, size, &kept->step);
	*step = &kept->step;
	return NULL;
}
