/* How an input of fuzz_unwind is laid out: registers, then parts of an image and a stack. Seeds are written by the same layout. */
#ifndef FUZZ_UNWIND_INPUT_H
#define FUZZ_UNWIND_INPUT_H

enum {
	UNWIND_INPUT_RVA = 0,          /* 4 bytes: where to unwind from, within the code */
	UNWIND_INPUT_BASE_POINTER = 4, /* 2 bytes: every register but rsp points so far into the stack */
	UNWIND_INPUT_PDATA = 8,        /* 4 entries of 12 bytes */
	UNWIND_INPUT_XDATA = 56,       /* 600 bytes of UNWIND_INFO */
	UNWIND_INPUT_CODE = 656,       /* 128 bytes, from the middle of the code on */
	UNWIND_INPUT_STACK = 784,      /* the rest */

	UNWIND_IMAGE_CODE = 0x1000,
	UNWIND_IMAGE_CODE_START = 0x1200, /* of the bytes from the input */
	UNWIND_IMAGE_PDATA = 0x2000,
	UNWIND_IMAGE_XDATA = 0x3000,
	UNWIND_IMAGE_SIZE = 0x4000,
};

#endif
