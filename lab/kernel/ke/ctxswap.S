/*
 * The context switch, and the first code of a new thread. The frames are those that debuggers of NT know: KiSwapContext saves what
 * the calling convention preserves in a KEXCEPTION_FRAME; SwapContext leaves a KSWITCH_FRAME, to which KTHREAD.KernelStack points.
 */
	.set ThInitialStack, 0x28
	.set ThKernelStack, 0x58
	.set ThRunning, 0x71
	.set PcCurrentThread, 0x188
	.set PcRspBase, 0x1A8
	.set ExFrameSize, 0x138		/* KEXCEPTION_FRAME without its return address */
	.set SwFrameSize, 0x30		/* KSWITCH_FRAME below the saved rbp */

	.text
/* KiSwapContext(rcx = old thread, rdx = new thread): at DISPATCH_LEVEL; returns when the old thread is switched to again. */
	.globl KiSwapContext
	.def KiSwapContext; .scl 2; .type 32; .endef
	.balign 16
	.seh_proc KiSwapContext
KiSwapContext:
	subq $ExFrameSize, %rsp
	.seh_stackalloc ExFrameSize
	movaps %xmm6, 0x30(%rsp)
	.seh_savexmm %xmm6, 0x30
	movaps %xmm7, 0x40(%rsp)
	.seh_savexmm %xmm7, 0x40
	movaps %xmm8, 0x50(%rsp)
	.seh_savexmm %xmm8, 0x50
	movaps %xmm9, 0x60(%rsp)
	.seh_savexmm %xmm9, 0x60
	movaps %xmm10, 0x70(%rsp)
	.seh_savexmm %xmm10, 0x70
	movaps %xmm11, 0x80(%rsp)
	.seh_savexmm %xmm11, 0x80
	movaps %xmm12, 0x90(%rsp)
	.seh_savexmm %xmm12, 0x90
	movaps %xmm13, 0xA0(%rsp)
	.seh_savexmm %xmm13, 0xA0
	movaps %xmm14, 0xB0(%rsp)
	.seh_savexmm %xmm14, 0xB0
	movaps %xmm15, 0xC0(%rsp)
	.seh_savexmm %xmm15, 0xC0
	movq %rbx, 0x100(%rsp)
	.seh_savereg %rbx, 0x100
	movq %rdi, 0x108(%rsp)
	.seh_savereg %rdi, 0x108
	movq %rsi, 0x110(%rsp)
	.seh_savereg %rsi, 0x110
	movq %r12, 0x118(%rsp)
	.seh_savereg %r12, 0x118
	movq %r13, 0x120(%rsp)
	.seh_savereg %r13, 0x120
	movq %r14, 0x128(%rsp)
	.seh_savereg %r14, 0x128
	movq %r15, 0x130(%rsp)
	.seh_savereg %r15, 0x130
	.seh_endprologue
	call SwapContext
	movaps 0x30(%rsp), %xmm6
	movaps 0x40(%rsp), %xmm7
	movaps 0x50(%rsp), %xmm8
	movaps 0x60(%rsp), %xmm9
	movaps 0x70(%rsp), %xmm10
	movaps 0x80(%rsp), %xmm11
	movaps 0x90(%rsp), %xmm12
	movaps 0xA0(%rsp), %xmm13
	movaps 0xB0(%rsp), %xmm14
	movaps 0xC0(%rsp), %xmm15
	movq 0x100(%rsp), %rbx
	movq 0x108(%rsp), %rdi
	movq 0x110(%rsp), %rsi
	movq 0x118(%rsp), %r12
	movq 0x120(%rsp), %r13
	movq 0x128(%rsp), %r14
	movq 0x130(%rsp), %r15
	addq $ExFrameSize, %rsp
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
