/* UNWIND_INFO of one function, read and decoded as far as its header. Not for other folders. */
#ifndef IMP_IMAGE_UNWIND_INFO_H
#define IMP_IMAGE_UNWIND_INFO_H

#include "image/unwind.h"

/* Operations of an UNWIND_CODE, by the names of the specification. */
enum unwind_op {
	UWOP_PUSH_NONVOL = 0,
	UWOP_ALLOC_LARGE = 1,
	UWOP_ALLOC_SMALL = 2,
	UWOP_SET_FPREG = 3,
	UWOP_SAVE_NONVOL = 4,
	UWOP_SAVE_NONVOL_FAR = 5,
	UWOP_EPILOG = 6, /* version 2; in version 1 an obsolete save of an XMM register's half */
	UWOP_SPARE = 7,
	UWOP_SAVE_XMM128 = 8,
	UWOP_SAVE_XMM128_FAR = 9,
	UWOP_PUSH_MACHFRAME = 10,
};

enum { UNW_FLAG_CHAININFO = 4, UNWIND_CHAIN_LIMIT = 32 };

struct unwind_info {
	uint8_t version, flags, size_of_prolog, frame_register;
	uint16_t frame_offset; /* bytes */
	unsigned count;        /* slots in codes */
	uint8_t codes[2 * 255];
	struct imp_runtime_function chained; /* with UNW_FLAG_CHAININFO */
};

/* One operation, with the operand that follows it in further slots. */
struct unwind_code {
	uint8_t offset; /* of the end of the instruction, from the start of the function */
	uint8_t op, info;
	uint32_t operand; /* the slots behind it, unscaled; 0 without */
	unsigned slots;
};

/* Reads the UNWIND_INFO that `function` refers to, following an entry that refers to another entry (bit 0): `function` becomes that one. */
struct imp_error *imp_unwind_info_read(const struct imp_pe *pe, struct imp_runtime_function *function, struct unwind_info *info);
/* Decodes the operation at slot `index`. Errors: FORMAT (unknown, or cut off by the end of the array). */
struct imp_error *imp_unwind_code_at(const struct unwind_info *info, unsigned index, struct unwind_code *code);

/* Whether the instructions from `rva` on are the rest of an epilogue of `function`. `undone` gets what they do: the change of rsp, then pops. */
struct epilogue {
	int base; /* rsp = this register + adjust first; IMP_RSP when no frame pointer is involved */
	int64_t adjust;
	unsigned pop_count;
	uint8_t pops[16];
	uint16_t ret_bytes; /* popped by ret besides the return address */
};
bool imp_epilogue_at(const struct imp_pe *pe, const struct imp_runtime_function *function, const struct unwind_info *info, uint32_t rva,
		     struct epilogue *epilogue);

#endif
