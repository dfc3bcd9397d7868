/* Machine code as the few operations that following values through it needs. What an operation does to a state is state.h's question, which way code goes
 * flow.h's.
 */
#ifndef IMP_HANG_DECODE_H
#define IMP_HANG_DECODE_H

#include "nt/code.h"

enum imp_operation {
	IMP_DO_OTHER, /* nothing is known of what it computes: `clobbered` registers, and `to` when that is memory */
	IMP_DO_MOVE,
	IMP_DO_ADDRESS, /* lea */
	IMP_DO_ADD,     /* `to` += the immediate `from` */
	IMP_DO_PUSH,
	IMP_DO_POP,
	IMP_DO_CALL,
	IMP_DO_JUMP,
	IMP_DO_BRANCH, /* conditional */
	IMP_DO_RETURN,
	IMP_DO_STOP, /* int 3, ud2, bytes that are no instruction */
};

enum imp_place_kind { IMP_PLACE_NONE, IMP_PLACE_REGISTER, IMP_PLACE_MEMORY, IMP_PLACE_NUMBER };
enum { IMP_NO_REGISTER = 0xff };

struct imp_place {
	enum imp_place_kind kind;
	uint8_t size;        /* bytes */
	uint8_t base, index; /* a register's number as in imp_registers; of memory, IMP_NO_REGISTER: none */
	uint8_t scale;
	bool segment;    /* memory relative to gs or fs: nothing is known of it */
	uint64_t number; /* immediate; displacement; with base IMP_NO_REGISTER the whole address (relative to rip) */
};

struct imp_step {
	uint64_t address;
	enum imp_operation operation;
	uint8_t length;
	bool reads_memory;
	uint16_t clobbered; /* a bit for each general register that is written */
	struct imp_place to, from;
};

struct imp_decoder;

/* A decoder of `kernel`'s code, which remembers what it decoded. Freed with imp_decoder_free. Errors: NO_MEMORY. */
struct imp_error *imp_decoder_new(struct imp_kernel *kernel, struct imp_decoder **decoder);
void imp_decoder_free(struct imp_decoder *decoder);
/* The instruction at `address`: of a module that is no longer in memory, from its image file. It lives as long as the decoder. Errors: FAULT and NOT_FOUND
 * when the code is not at hand; NO_MEMORY.
 */
struct imp_error *imp_decode(struct imp_decoder *decoder, uint64_t address, const struct imp_step **step);

#endif
