/*
 * The context switch, and the first code of a new thread. The frames are those that debuggers of NT know: KiSwapContext saves what
 * the calling convention preserves in a KEXCEPTION_FRAME; SwapContext leaves a KSWITCH_FRAME, to which KTHREAD.KernelStack points.
 */
	.include "exframe.inc"

	.set PbMxCsr, 0x180
	.set ThInitialStack, 0x28
	.set ThKernelStack, 0x58
	.set ThRunning, 0x71
	.set PcCurrentThread, 0x188
	.set PcRspBase, 0x1A8
	.set SwFrameSize, 0x30		/* KSWITCH_FRAME below the saved rbp */

	.text
/* KiSwapContext(rcx = old thread, rdx = new thread): at DISPATCH_LEVEL; returns when the old thread is switched to again. */
	.globl KiSwapContext
	.def KiSwapContext; .scl 2; .type 32; .endef
	.balign 16
	.seh_proc KiSwapContext
KiSwapContext:
	SAVE_NONVOLATILE
	.seh_endprologue
	stmxcsr ExMxCsr(%rsp)
	call SwapContext
	ldmxcsr ExMxCsr(%rsp)
	RESTORE_NONVOLATILE
	ret
	.seh_endproc

	.globl SwapContext
	.def SwapContext; .scl 2; .type 32; .endef
	.balign 16
	.seh_proc SwapContext
SwapContext:
	pushq %rbp
	.seh_pushreg %rbp
	subq $SwFrameSize, %rsp
	.seh_stackalloc SwFrameSize
	.seh_endprologue
	/* Another processor may still be on the new thread's stack. */
1:	cmpb $0, ThRunning(%rdx)
	je 2f
	pause
	jmp 1b
2:	movb $1, ThRunning(%rdx)
	movq ThInitialStack(%rdx), %rax
	/* The current thread and the stack change together, for whoever looks at them from an interrupt. */
	cli
	movq %rsp, ThKernelStack(%rcx)
	movq ThKernelStack(%rdx), %rsp
	movq %rdx, %gs:PcCurrentThread
	movq %rax, %gs:PcRspBase
	sti
	movb $0, ThRunning(%rcx)
	addq $SwFrameSize, %rsp
	popq %rbp
	ret
	.seh_endproc

/*
 * The bottom of every system thread. Nobody calls it: KeInitThread builds the frame that its prologue would make, a KSTART_FRAME whose
 * return address is 0 so that unwinding ends here, and the first switch to the thread arrives behind the prologue.
 */
	.globl KiStartSystemThread
	.def KiStartSystemThread; .scl 2; .type 32; .endef
	.balign 16
	.seh_proc KiStartSystemThread
KiStartSystemThread:
	subq $0x28, %rsp
	.seh_stackalloc 0x28
	.seh_endprologue
.Lstart:
	/* What the thread before it had set there is not its own. */
	ldmxcsr %gs:PbMxCsr
	/* The frame is also the home area of what is called: take it before. */
	movq 0x00(%rsp), %rbx
	movq 0x08(%rsp), %rsi
	movq 0x10(%rsp), %rdi
	xorl %ecx, %ecx			/* PASSIVE_LEVEL */
	call KfLowerIrql
	movq %rsi, %rcx
	movq %rdi, %rdx
	call *%rbx
	int3
	.seh_endproc

/* Header files inline it; drivers built with others import it. */
	.globl KeGetCurrentThread
	.def KeGetCurrentThread; .scl 2; .type 32; .endef
	.balign 16
	.seh_proc KeGetCurrentThread
KeGetCurrentThread:
	.seh_endprologue
	movq %gs:PcCurrentThread, %rax
	ret
	.seh_endproc

	.section .drectve, "yn"
	.ascii " -export:KeGetCurrentThread"

	.section .rdata, "dr"
	.balign 8
	.globl KiStartSystemThreadAddress
KiStartSystemThreadAddress:
	.quad .Lstart
