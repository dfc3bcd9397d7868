/* Instructions as WinDbg writes them: bytes and text of its published listings of Windows code, and of the Intel manual's encodings in its style. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "nt/code.h"

enum { ADDRESS = 0x1000 };

static void writing(void **state)
{
	static const struct {
		unsigned length;
		uint8_t bytes[15];
		const char *text;
	} rows[] = {
		/* nt!KiSwapContext */
		{ 7, { 0x48, 0x81, 0xec, 0x38, 0x01, 0, 0 }, "sub rsp,138h" },
		{ 8, { 0x48, 0x8d, 0x84, 0x24, 0, 0x01, 0, 0 }, "lea rax,[rsp+100h]" },
		{ 5, { 0x0f, 0x29, 0x74, 0x24, 0x30 }, "movaps xmmword ptr [rsp+30h],xmm6" },
		{ 6, { 0x44, 0x0f, 0x29, 0x44, 0x24, 0x50 }, "movaps xmmword ptr [rsp+50h],xmm8" },
		/* conditions, widths, numbers */
		{ 2, { 0x74, 0x10 }, "je 00000000`00001012" },
		{ 2, { 0x73, 0xfe }, "jae 00000000`00001000" },
		{ 3, { 0x0f, 0x95, 0xc0 }, "setne al" },
		{ 4, { 0x48, 0x0f, 0x44, 0xc1 }, "cmove rax,rcx" },
		{ 5, { 0xe8, 0xfb, 0x0f, 0, 0 }, "call 00000000`00002000" },
		{ 9, { 0x65, 0x48, 0x8b, 0x04, 0x25, 0x88, 0x01, 0, 0 }, "mov rax,qword ptr gs:[188h]" },
		{ 4, { 0x48, 0x83, 0xe4, 0xf0 }, "and rsp,0FFFFFFFFFFFFFFF0h" },
		{ 5, { 0xb8, 0x0a, 0, 0, 0 }, "mov eax,0Ah" },
		{ 3, { 0x83, 0xf8, 0x05 }, "cmp eax,5" },
		{ 3, { 0x83, 0xc8, 0xff }, "or eax,0FFFFFFFFh" },
		{ 4, { 0x48, 0x89, 0x45, 0x80 }, "mov qword ptr [rbp-80h],rax" },
		{ 7, { 0x48, 0x8b, 0x05, 0xf9, 0x0f, 0, 0 }, "mov rax,qword ptr [00000000`00002000]" },
		{ 5, { 0x0f, 0x1f, 0x44, 0, 0 }, "nop dword ptr [rax+rax]" },
		{ 1, { 0xcc }, "int 3" },
		{ 1, { 0xc3 }, "ret" },
		{ 5, { 0xf0, 0x48, 0x0f, 0xb1, 0x11 }, "lock cmpxchg qword ptr [rcx],rdx" },
		{ 1, { 0x06 }, "???" },
	};
	static struct imp_kernel kernel; /* without modules nothing has a name */

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct imp_instruction instruction;
		char text[512];

		imp_disassemble(&kernel, ADDRESS, rows[i].bytes, rows[i].length, &instruction);
		snprintf(text, sizeof(text), "%s%s%s", instruction.mnemonic, *instruction.operands ? " " : "", instruction.operands);
		assert_string_equal(text, rows[i].text);
		assert_int_equal(instruction.length, rows[i].length);
	}
}

/* Any bytes are an instruction of 1 to 15 bytes or none, and cut ones are none. */
static void any_bytes(void **state)
{
	static struct imp_kernel kernel;
	uint32_t seed = 1;

	(void)state;
	print_message("seed %u\n", seed);
	for (int round = 0; round < 100000; round++) {
		struct imp_instruction instruction;
		uint8_t bytes[15];

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
		imp_disassemble(&kernel, ADDRESS, bytes, sizeof(bytes), &instruction);
		assert_in_range(instruction.length, 1, sizeof(bytes));
		if (instruction.length > 1) {
			imp_disassemble(&kernel, ADDRESS, bytes, instruction.length - 1, &instruction);
			assert_false(instruction.is_valid);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(writing), cmocka_unit_test(any_bytes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
