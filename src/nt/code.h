/* Machine code: its bytes, from the dump or from the image file where the dump lacks them, as instructions in WinDbg's writing; and which addresses a
 * function covers. Listing them is src/command's question.
 */
#ifndef IMP_NT_CODE_H
#define IMP_NT_CODE_H

#include "nt/symbolize.h"

enum { IMP_INSTRUCTION_BYTES = 15, IMP_CODE_RANGES = 32 };

/* Where code is read from; image files that were needed stay open in it. */
struct imp_code {
	struct imp_kernel *kernel;
	struct imp_module *file_module; /* whose file `file` is; NULL: none was needed */
	struct imp_pe *file;
};

struct imp_instruction {
	uint64_t address;
	uint8_t bytes[IMP_INSTRUCTION_BYTES];
	unsigned length; /* 1 for what is no instruction */
	char mnemonic[32];
	char operands[400];
	uint64_t target; /* of a branch or a call, or what it names relative to rip; valid with has_target */
	bool has_target, is_valid, from_file;
	bool is_branch; /* jumps inside code: `target` may be another block of its function */
	bool ends_flow; /* what stands behind is not reached through it: jmp, ret, int 3 */
};

struct imp_code_range {
	uint64_t begin, end; /* end exclusive */
};

void imp_code_open(struct imp_kernel *kernel, struct imp_code *code);
void imp_code_close(struct imp_code *code);
/* Reads up to `size` bytes of code at `address`, stopping at the first that neither the dump nor the image file holds; returns how many. `*from_file`
 * tells that the file was needed.
 */
size_t imp_code_read(struct imp_code *code, uint64_t address, uint8_t *bytes, size_t size, bool *from_file);
/* The instruction at `address`. Bytes that are none give "???" (is_valid false). Errors: FAULT when no byte is at hand. */
struct imp_error *imp_code_instruction(struct imp_code *code, uint64_t address, struct imp_instruction *instruction);
/* The address where the `count`th instruction before `address` begins: by decoding from the start of the function where that is known, else by trying
 * starts. Fewer when the function begins there. Errors: FAULT, NOT_FOUND (no start leads to `address`).
 */
struct imp_error *imp_code_before(struct imp_code *code, uint64_t address, size_t count, uint64_t *start);
/* The ranges of the function that covers `address`, the one with its entry first: .pdata's entries that carry the same symbol; for a leaf function
 * (which has none) the symbol's size, or up to where its flow ends. Errors: NOT_FOUND, FAULT.
 */
struct imp_error *imp_code_function(struct imp_code *code, uint64_t address, struct imp_code_range *ranges, size_t *count);

/* Decodes `size` bytes at `address` into `instruction` (all but from_file). */
void imp_disassemble(struct imp_kernel *kernel, uint64_t address, const uint8_t *bytes, size_t size, struct imp_instruction *instruction);

#endif
