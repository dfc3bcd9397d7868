/*
 * Trap entry: each routine is what the interrupt descriptor table points to. It completes the machine frame to a KTRAP_FRAME, whose
 * offsets follow nt/cpu.h, and calls C. Only kernel mode runs here, so there is no swapgs.
 */
	.include "exframe.inc"

	.set TrMxCsr, 0x2C
	.set TrRax, 0x30
	.set TrXmm0, 0x70
	.set TrFaultAddress, 0xD0
	.set TrRbx, 0x140
	.set TrFrameSize, 0x158		/* below the saved rbp */
	.set TrFrameOffset, 0x80	/* rbp points here, as in NT: the biggest offset that fits a byte */

	.macro SAVE_VOLATILE
	movb $1, 0x2B(%rsp)		/* ExceptionActive */
	movb $0, 0x28(%rsp)		/* PreviousMode: kernel */
	movq %rax, TrRax(%rsp)
	movq %rcx, TrRax+0x08(%rsp)
	movq %rdx, TrRax+0x10(%rsp)
	movq %r8, TrRax+0x18(%rsp)
	movq %r9, TrRax+0x20(%rsp)
	movq %r10, TrRax+0x28(%rsp)
	movq %r11, TrRax+0x30(%rsp)
	movq %rbx, TrRbx(%rsp)
	movq %rdi, TrRbx+0x08(%rsp)
	movq %rsi, TrRbx+0x10(%rsp)
	stmxcsr TrMxCsr(%rsp)
	ldmxcsr %gs:0x180		/* KPRCB.MxCsr */
	movaps %xmm0, TrXmm0(%rsp)
	movaps %xmm1, TrXmm0+0x10(%rsp)
	movaps %xmm2, TrXmm0+0x20(%rsp)
	movaps %xmm3, TrXmm0+0x30(%rsp)
	movaps %xmm4, TrXmm0+0x40(%rsp)
	movaps %xmm5, TrXmm0+0x50(%rsp)
	cld
	.endm

	/* rsp points to the trap frame; nonvolatile registers are as the C code left them: unchanged, but rbp. */
	.macro RESTORE_AND_RETURN
	movaps TrXmm0(%rsp), %xmm0
	movaps TrXmm0+0x10(%rsp), %xmm1
	movaps TrXmm0+0x20(%rsp), %xmm2
	movaps TrXmm0+0x30(%rsp), %xmm3
	movaps TrXmm0+0x40(%rsp), %xmm4
	movaps TrXmm0+0x50(%rsp), %xmm5
	ldmxcsr TrMxCsr(%rsp)
	movq TrRax+0x08(%rsp), %rcx
	movq TrRax+0x10(%rsp), %rdx
	movq TrRax+0x18(%rsp), %r8
	movq TrRax+0x20(%rsp), %r9
	movq TrRax+0x28(%rsp), %r10
	movq TrRax+0x30(%rsp), %r11
	movq TrRax(%rsp), %rax
	movq TrFrameSize(%rsp), %rbp
	addq $TrFrameSize + 0x10, %rsp
	iretq
	.endm

	.macro TRAP name, vector, error_code, handler
	.globl \name
	.def \name; .scl 2; .type 32; .endef
	.balign 16
	.seh_proc \name
\name:
	.if \error_code
	.seh_pushframe @code
	.else
	.seh_pushframe
	subq $8, %rsp
	.seh_stackalloc 8
	.endif
	pushq %rbp
	.seh_pushreg %rbp
	subq $TrFrameSize, %rsp
	.seh_stackalloc TrFrameSize
	leaq TrFrameOffset(%rsp), %rbp
	.seh_setframe %rbp, TrFrameOffset
	.seh_endprologue
	SAVE_VOLATILE
	.if \error_code == 0
	movq $0, 0x160(%rsp)
	.endif
	movq %cr2, %rax
	movq %rax, TrFaultAddress(%rsp)
	movl $\vector, %ecx
	movq %rsp, %rdx
	call \handler
	RESTORE_AND_RETURN
	.seh_endproc
	.endm

	.text
	TRAP KiDivideErrorFault, 0, 0, KiExceptionDispatch
	TRAP KiDebugTrapOrFault, 1, 0, KiExceptionDispatch
	TRAP KiNmiInterrupt, 2, 0, KiExceptionDispatch
	TRAP KiBreakpointTrap, 3, 0, KiExceptionDispatch
	TRAP KiOverflowTrap, 4, 0, KiExceptionDispatch
	TRAP KiBoundFault, 5, 0, KiExceptionDispatch
	TRAP KiInvalidOpcodeFault, 6, 0, KiExceptionDispatch
	TRAP KiNpxNotAvailableFault, 7, 0, KiExceptionDispatch
	TRAP KiDoubleFaultAbort, 8, 1, KiExceptionDispatch
	TRAP KiNpxSegmentOverrunAbort, 9, 0, KiExceptionDispatch
	TRAP KiInvalidTssFault, 10, 1, KiExceptionDispatch
	TRAP KiSegmentNotPresentFault, 11, 1, KiExceptionDispatch
	TRAP KiStackFault, 12, 1, KiExceptionDispatch
	TRAP KiGeneralProtectionFault, 13, 1, KiExceptionDispatch
	TRAP KiPageFault, 14, 1, KiExceptionDispatch
	TRAP KiFloatingErrorFault, 16, 0, KiExceptionDispatch
	TRAP KiAlignmentFault, 17, 1, KiExceptionDispatch
	TRAP KiMcheckAbort, 18, 0, KiExceptionDispatch
	TRAP KiXmmException, 19, 0, KiExceptionDispatch
	TRAP KiRaiseSecurityCheckFailure, 0x29, 0, KiExceptionDispatch
	TRAP KiRaiseAssertion, 0x2C, 0, KiExceptionDispatch
	TRAP KiDebugServiceTrap, 0x2D, 0, KiExceptionDispatch

/*
 * KiExceptionDispatch(ecx = vector, rdx = trap frame): saves the nonvolatile registers as a KEXCEPTION_FRAME, so that the whole
 * context of the fault is known, and asks KiDispatchTrap.
 */
	.globl KiExceptionDispatch
	.def KiExceptionDispatch; .scl 2; .type 32; .endef
	.balign 16
	.seh_proc KiExceptionDispatch
KiExceptionDispatch:
	SAVE_NONVOLATILE
	.seh_endprologue
	movq %rdx, 0xD0(%rsp)		/* TrapFrame */
	movq %rsp, %r8
	call KiDispatchTrap
	nop				/* no epilogue: unwinding from here has to find the registers above */
	addq $ExFrameSize, %rsp
	ret
	.seh_endproc

/* Interrupts: 224 thunks push their vector and go on in KiInterruptDispatch; the vector takes the error code's place. */
	.globl KiIsrThunk
	.def KiIsrThunk; .scl 2; .type 32; .endef
	.balign 16
	.seh_proc KiIsrThunk
KiIsrThunk:
	.seh_pushframe
	.seh_endprologue
	.set vector, 0x20
	.rept 0x100 - 0x20
	.balign 16
	pushq $vector
	jmp KiInterruptDispatch
	.set vector, vector + 1
	.endr
	.seh_endproc

	.globl KiInterruptDispatch
	.def KiInterruptDispatch; .scl 2; .type 32; .endef
	.balign 16
	.seh_proc KiInterruptDispatch
KiInterruptDispatch:
	.seh_pushframe @code
	pushq %rbp
	.seh_pushreg %rbp
	subq $TrFrameSize, %rsp
	.seh_stackalloc TrFrameSize
	leaq TrFrameOffset(%rsp), %rbp
	.seh_setframe %rbp, TrFrameOffset
	.seh_handler KiInterruptHandler, @except, @unwind
	.seh_endprologue
	SAVE_VOLATILE
	movq %rsp, %rcx
	movzbl 0x160(%rsp), %edx
	call HalpDispatchInterrupt
	RESTORE_AND_RETURN
	.seh_endproc

/* Header files inline it; drivers built with others import it. */
	.globl KeGetCurrentIrql
	.def KeGetCurrentIrql; .scl 2; .type 32; .endef
	.balign 16
	.seh_proc KeGetCurrentIrql
KeGetCurrentIrql:
	.seh_endprologue
	movq %cr8, %rax
	ret
	.seh_endproc

	.section .drectve, "yn"
	.ascii " -export:KeGetCurrentIrql"
