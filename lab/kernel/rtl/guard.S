/*
 * What images built with control-flow guard call before or in place of an indirect call, once the loader has entered these in their load
 * configuration (mm/sysimage.c). As on Windows without kernel CFG nothing is refused.
 */
	.intel_syntax noprefix
	.text

	/* (rcx = target): the caller makes the call; every register is kept. */
	.globl	_guard_check_icall
	.def	_guard_check_icall
	.scl	2
	.type	32
	.endef
	.p2align 4
	.seh_proc _guard_check_icall
_guard_check_icall:
	.seh_endprologue
	ret
	.seh_endproc

	/* (rax = target): makes the call, whose frame is the caller's own. */
	.globl	_guard_dispatch_icall
	.def	_guard_dispatch_icall
	.scl	2
	.type	32
	.endef
	.p2align 4
	.seh_proc _guard_dispatch_icall
_guard_dispatch_icall:
	.seh_endprologue
	jmp	rax
	.seh_endproc
