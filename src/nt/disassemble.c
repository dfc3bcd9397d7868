/* Instructions in WinDbg's writing: Intel's operands, numbers as 0F8h, symbols for what is called, jumped to or named relative to rip.
 * Decoding is Zydis'; how its text differs from WinDbg's is told here.
 */
#include "nt/code.h"

#include <Zycore/Format.h>
#include <Zydis/Zydis.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_SIZE = 512 };

static struct imp_kernel *kernel_of(const ZydisFormatterContext *context)
{
	return context->user_data;
}

static ZyanStatus put(ZydisFormatterBuffer *buffer, ZydisTokenType type, const char *text)
{
	ZyanString *string;
	ZyanStatus status = ZydisFormatterBufferAppend(buffer, type);

	if (ZYAN_SUCCESS(status))
		status = ZydisFormatterBufferGetString(buffer, &string);
	return ZYAN_SUCCESS(status) ? ZyanStringAppendFormat(string, "%s", text) : status;
}

/* Digits up to 9 stand alone; others are hexadecimal with 'h', and begin with a digit. */
static void format_number(uint64_t value, char *text, size_t size)
{
	char digits[20];

	snprintf(digits, sizeof(digits), "%llX", (unsigned long long)value);
	snprintf(text, size, "%s%s%s", *digits > '9' ? "0" : "", digits, value > 9 ? "h" : "");
}

static uint64_t cut_to_bits(uint64_t value, unsigned bits)
{
	return bits && bits < 64 ? value & ((1ull << bits) - 1) : value;
}

static ZyanStatus print_immediate(const ZydisFormatter *formatter, ZydisFormatterBuffer *buffer, ZydisFormatterContext *context)
{
	char text[24];
	unsigned bits = context->instruction->operand_width;

	(void)formatter;
	/* A sign-extended byte is as wide as what it is combined with. */
	if (!context->operand->imm.is_signed)
		bits = context->operand->size;
	format_number(cut_to_bits(context->operand->imm.value.u, bits), text, sizeof(text));
	return put(buffer, ZYDIS_TOKEN_IMMEDIATE, text);
}

static ZyanStatus print_displacement(const ZydisFormatter *formatter, ZydisFormatterBuffer *buffer, ZydisFormatterContext *context)
{
	char text[28], number[24];
	int64_t value = context->operand->mem.disp.value;

	(void)formatter;
	if (!value)
		return ZYAN_STATUS_SUCCESS;
	format_number(value < 0 ? 0 - (uint64_t)value : (uint64_t)value, number, sizeof(number));
	snprintf(text, sizeof(text), "%c%s", value < 0 ? '-' : '+', number);
	return put(buffer, ZYDIS_TOKEN_DISPLACEMENT, text);
}

static ZyanStatus print_address(const ZydisFormatter *formatter, ZydisFormatterBuffer *buffer, ZydisFormatterContext *context)
{
	ZyanU64 address;
	struct imp_name name;
	char text[TEXT_SIZE];
	ZyanStatus status = ZydisCalcAbsoluteAddress(context->instruction, context->operand, context->runtime_address, &address);
	ZydisRegister segment = context->operand->type == ZYDIS_OPERAND_TYPE_MEMORY ? context->operand->mem.segment : ZYDIS_REGISTER_NONE;
	const char *symbol;
	char *import;

	(void)formatter;
	if (!ZYAN_SUCCESS(status))
		return status;
	/* gs:[188h] is an offset from the segment, not an address */
	if (segment == ZYDIS_REGISTER_GS || segment == ZYDIS_REGISTER_FS) {
		format_number(address, text, sizeof(text));
		return put(buffer, ZYDIS_TOKEN_ADDRESS_ABS, text);
	}
	imp_symbolize(kernel_of(context), address, false, &name);
	symbol = *name.resolved ? name.resolved : name.text;
	if (name.module)
		snprintf(text, sizeof(text), "%s (%08x`%08x)", symbol, (unsigned)(address >> 32), (unsigned)address);
	else
		snprintf(text, sizeof(text), "%08x`%08x", (unsigned)(address >> 32), (unsigned)address);
	/* WinDbg leaves the compiler's leading underscore out: nt!_imp_KeSetEvent */
	import = strstr(text, "!__imp_");
	if (import)
		memmove(import + 1, import + 2, strlen(import + 2) + 1);
	return put(buffer, ZYDIS_TOKEN_SYMBOL, text);
}

/* Zydis names conditions by their flags (jz, setnb); WinDbg, as Microsoft's assembler, by the comparison (je, setae). */
static void name_mnemonic(const ZydisDecodedInstruction *decoded, char *text, size_t size)
{
	static const struct {
		const char *flags, *comparison;
	} conditions[] = { { "z", "e" }, { "nz", "ne" }, { "nb", "ae" }, { "nbe", "a" }, { "nl", "ge" }, { "nle", "g" } };
	static const char *const families[] = { "j", "set", "cmov" };
	const char *name = ZydisMnemonicGetString(decoded->mnemonic);

	snprintf(text, size, "%s", name ? name : "???");
	if (decoded->mnemonic == ZYDIS_MNEMONIC_INT3)
		snprintf(text, size, "int");
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		size_t length = strlen(families[i]);

		for (size_t j = 0; !strncmp(text, families[i], length) && j < sizeof(conditions) / sizeof(conditions[0]); j++) {
			if (!strcmp(text + length, conditions[j].flags)) {
				snprintf(text + length, size - length, "%s", conditions[j].comparison);
				return;
			}
		}
	}
}

static const ZydisFormatter *formatter_of_windbg(void)
{
	static ZydisFormatter formatter;
	static bool made;
	const void *immediate = (const void *)&print_immediate, *displacement = (const void *)&print_displacement,
		   *address = (const void *)&print_address;

	if (!made) {
		ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
		ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_FORCE_SIZE, ZYAN_TRUE);
		ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_FORCE_SCALE_ONE, ZYAN_FALSE);
		ZydisFormatterSetHook(&formatter, ZYDIS_FORMATTER_FUNC_PRINT_IMM, &immediate);
		ZydisFormatterSetHook(&formatter, ZYDIS_FORMATTER_FUNC_PRINT_DISP, &displacement);
		ZydisFormatterSetHook(&formatter, ZYDIS_FORMATTER_FUNC_PRINT_ADDRESS_ABS, &address);
		made = true;
	}
	return &formatter;
}

static void append(char *text, size_t size, const char *more)
{
	size_t length = strlen(text);

	snprintf(text + length, size - length, "%s", more);
}

/* What stands behind the mnemonic, without the blank that Zydis puts behind a comma. */
static void take_tokens(const ZydisFormatterToken *token, struct imp_instruction *instruction)
{
	char prefixes[32] = "";
	bool behind = false, delimiter = false;

	for (;;) {
		ZydisTokenType type;
		ZyanConstCharPointer value;

		if (!ZYAN_SUCCESS(ZydisFormatterTokenGetValue(token, &type, &value)))
			break;
		if (type == ZYDIS_TOKEN_PREFIX)
			append(prefixes, sizeof(prefixes), value);
		else if (type == ZYDIS_TOKEN_MNEMONIC)
			behind = true;
		else if (type == ZYDIS_TOKEN_WHITESPACE && !behind)
			append(prefixes, sizeof(prefixes), " ");
		else if (type != ZYDIS_TOKEN_WHITESPACE || (!delimiter && *instruction->operands))
			append(instruction->operands, sizeof(instruction->operands), value);
		delimiter = type == ZYDIS_TOKEN_DELIMITER;
		if (!ZYAN_SUCCESS(ZydisFormatterTokenNext(&token)))
			break;
	}
	if (*prefixes) {
		char name[sizeof(instruction->mnemonic)];

		snprintf(name, sizeof(name), "%s", instruction->mnemonic);
		snprintf(instruction->mnemonic, sizeof(instruction->mnemonic), "%.15s%.15s", prefixes, name);
	}
}

static void find_target(const ZydisDecodedInstruction *decoded, const ZydisDecodedOperand *operands, struct imp_instruction *instruction)
{
	for (unsigned i = 0; i < decoded->operand_count_visible && !instruction->has_target; i++) {
		const ZydisDecodedOperand *operand = &operands[i];
		bool relative = operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE && operand->imm.is_relative;
		bool by_rip = operand->type == ZYDIS_OPERAND_TYPE_MEMORY && operand->mem.base == ZYDIS_REGISTER_RIP;
		ZyanU64 target;

		if ((relative || by_rip) && ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(decoded, operand, instruction->address, &target))) {
			instruction->has_target = true;
			instruction->target = target;
			instruction->is_branch =
				relative && (decoded->meta.category == ZYDIS_CATEGORY_COND_BR || decoded->meta.category == ZYDIS_CATEGORY_UNCOND_BR);
		}
	}
}

void imp_disassemble(struct imp_kernel *kernel, uint64_t address, const uint8_t *bytes, size_t size, struct imp_instruction *instruction)
{
	ZydisDecoder decoder;
	ZydisDecodedInstruction decoded;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	const ZydisFormatterToken *token;
	char buffer[2 * TEXT_SIZE];

	memset(instruction, 0, sizeof(*instruction));
	instruction->address = address;
	instruction->length = 1;
	if (size)
		instruction->bytes[0] = bytes[0];
	snprintf(instruction->mnemonic, sizeof(instruction->mnemonic), "???");
	if (!ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)) ||
	    !ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, size, &decoded, operands)))
		return;
	instruction->is_valid = true;
	instruction->length = decoded.length;
	memcpy(instruction->bytes, bytes, decoded.length);
	name_mnemonic(&decoded, instruction->mnemonic, sizeof(instruction->mnemonic));
	find_target(&decoded, operands, instruction);
	instruction->ends_flow = decoded.meta.category == ZYDIS_CATEGORY_UNCOND_BR || decoded.meta.category == ZYDIS_CATEGORY_RET ||
				 decoded.mnemonic == ZYDIS_MNEMONIC_INT3 || decoded.mnemonic == ZYDIS_MNEMONIC_UD2;
	/* Of a long nop only the operand that makes it long is written. */
	if (decoded.mnemonic == ZYDIS_MNEMONIC_NOP && decoded.operand_count_visible)
		decoded.operand_count_visible = 1;
	if (ZYAN_SUCCESS(ZydisFormatterTokenizeInstruction(formatter_of_windbg(), &decoded, operands, decoded.operand_count_visible, buffer,
							   sizeof(buffer), address, &token, kernel)))
		take_tokens(token, instruction);
	if (decoded.mnemonic == ZYDIS_MNEMONIC_INT3)
		snprintf(instruction->operands, sizeof(instruction->operands), "3");
}
