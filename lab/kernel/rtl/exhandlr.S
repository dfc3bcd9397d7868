/* Calls of language handlers, each below a frame that keeps the dispatcher context for the handler of that frame (except.c). */
	.intel_syntax noprefix
	.text

#define DISPATCHER_LANGUAGE_HANDLER 0x30 /* DISPATCHER_CONTEXT, checked in except.c */
#define SAVED_DISPATCHER 0x20 /* in the frame, above the handler's home area */

	.macro EXECUTE name, handler
	.globl	\name
	.def	\name
	.scl	2
	.type	32
	.endef
	.p2align 4
	.seh_proc \name
\name:
	sub	rsp, 0x28
	.seh_stackalloc 0x28
	.seh_handler \handler, @except, @unwind
	.seh_endprologue
	mov	[rsp + SAVED_DISPATCHER], r9
	call	[r9 + DISPATCHER_LANGUAGE_HANDLER]
	nop				/* the return address is no epilogue's */
	add	rsp, 0x28
	ret
	.seh_endproc
	.endm

	/* (rcx = exception record, rdx = establisher frame, r8 = context, r9 = dispatcher context) */
	EXECUTE RtlpExecuteHandlerForException, RtlpExceptionHandler
	EXECUTE RtlpExecuteHandlerForUnwind, RtlpUnwindHandler
