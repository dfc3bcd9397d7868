/* RtlCaptureContext (the caller's registers), RtlRestoreContext (goes on with those of a context) and __chkstk (touches the pages of a large stack frame, for code built by MSVC-like compilers). */
	.intel_syntax noprefix
	.text

/* Offsets in CONTEXT, checked against nt.h in unwind.c. */
#define CONTEXT_FLAGS	0x30
#define CONTEXT_MXCSR	0x34
#define CONTEXT_SEG_CS	0x38
#define CONTEXT_SEG_SS	0x42
#define CONTEXT_EFLAGS	0x44
#define CONTEXT_RAX	0x78
#define CONTEXT_RSP	0x98
#define CONTEXT_RIP	0xf8
#define CONTEXT_FLTSAVE	0x100
#define CONTEXT_XMM0	0x1a0

/* CONTEXT_AMD64 | CONTROL | INTEGER | SEGMENTS | FLOATING_POINT */
#define CONTEXT_ALL_CAPTURED 0x10000f

	.globl	RtlCaptureContext
	.def	RtlCaptureContext
	.scl	2
	.type	32
	.endef
	.p2align 4
	.seh_proc RtlCaptureContext
RtlCaptureContext:
	pushfq
	.seh_stackalloc 8
	.seh_endprologue
	mov	[rcx + CONTEXT_RAX], rax
	mov	[rcx + 0x80], rcx
	mov	[rcx + 0x88], rdx
	mov	[rcx + 0x90], rbx
	mov	[rcx + 0xa0], rbp
	mov	[rcx + 0xa8], rsi
	mov	[rcx + 0xb0], rdi
	mov	[rcx + 0xb8], r8
	mov	[rcx + 0xc0], r9
	mov	[rcx + 0xc8], r10
	mov	[rcx + 0xd0], r11
	mov	[rcx + 0xd8], r12
	mov	[rcx + 0xe0], r13
	mov	[rcx + 0xe8], r14
	mov	[rcx + 0xf0], r15
	fxsave	[rcx + CONTEXT_FLTSAVE]
	stmxcsr	dword ptr [rcx + CONTEXT_MXCSR]
	mov	[rcx + CONTEXT_SEG_CS], cs
	mov	[rcx + CONTEXT_SEG_CS + 2], ds
	mov	[rcx + CONTEXT_SEG_CS + 4], es
	mov	[rcx + CONTEXT_SEG_CS + 6], fs
	mov	[rcx + CONTEXT_SEG_CS + 8], gs
	mov	[rcx + CONTEXT_SEG_SS], ss
	mov	eax, [rsp]
	mov	[rcx + CONTEXT_EFLAGS], eax
	mov	rax, [rsp + 8]
	mov	[rcx + CONTEXT_RIP], rax
	lea	rax, [rsp + 16]
	mov	[rcx + CONTEXT_RSP], rax
	mov	dword ptr [rcx + CONTEXT_FLAGS], CONTEXT_ALL_CAPTURED
	mov	rax, [rcx + CONTEXT_RAX]
	popfq
	ret
	.seh_endproc

/*
 * RtlRestoreContext(rcx = context, rdx = exception record): goes on where the context is, with all of its registers but those of the x87,
 * which kernel code does not use. The return frame is made here, below both stacks' frames, so that iretq changes everything at once.
 */
	.globl	RtlRestoreContext
	.def	RtlRestoreContext
	.scl	2
	.type	32
	.endef
	.p2align 4
	.seh_proc RtlRestoreContext
RtlRestoreContext:
	sub	rsp, 0x28
	.seh_stackalloc 0x28
	.seh_endprologue
	mov	rax, [rcx + CONTEXT_RIP]
	mov	[rsp], rax
	movzx	eax, word ptr [rcx + CONTEXT_SEG_CS]
	mov	[rsp + 0x08], rax
	mov	eax, [rcx + CONTEXT_EFLAGS]
	mov	[rsp + 0x10], rax
	mov	rax, [rcx + CONTEXT_RSP]
	mov	[rsp + 0x18], rax
	movzx	eax, word ptr [rcx + CONTEXT_SEG_SS]
	mov	[rsp + 0x20], rax
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movaps	xmm\n, [rcx + CONTEXT_XMM0 + \n * 0x10]
	.endr
	ldmxcsr	dword ptr [rcx + CONTEXT_MXCSR]
	mov	rax, [rcx + CONTEXT_RAX]
	mov	rdx, [rcx + 0x88]
	mov	rbx, [rcx + 0x90]
	mov	rbp, [rcx + 0xa0]
	mov	rsi, [rcx + 0xa8]
	mov	rdi, [rcx + 0xb0]
	mov	r8, [rcx + 0xb8]
	mov	r9, [rcx + 0xc0]
	mov	r10, [rcx + 0xc8]
	mov	r11, [rcx + 0xd0]
	mov	r12, [rcx + 0xd8]
	mov	r13, [rcx + 0xe0]
	mov	r14, [rcx + 0xe8]
	mov	r15, [rcx + 0xf0]
	mov	rcx, [rcx + 0x80]
	iretq
	.seh_endproc

/* rax: bytes that the caller will take from its stack afterwards. Keeps every register. */
	.globl	__chkstk
	.def	__chkstk
	.scl	2
	.type	32
	.endef
	.p2align 4
	.seh_proc __chkstk
__chkstk:
	push	rcx
	.seh_pushreg rcx
	push	rax
	.seh_pushreg rax
	.seh_endprologue
	lea	rcx, [rsp + 24]
1:	cmp	rax, 0x1000
	jb	2f
	sub	rcx, 0x1000
	test	[rcx], rcx
	sub	rax, 0x1000
	jmp	1b
2:	sub	rcx, rax
	test	[rcx], rcx
	pop	rax
	pop	rcx
	ret
	.seh_endproc

	.section .drectve,"yn"
	.ascii	" -export:RtlCaptureContext -export:RtlRestoreContext -export:__chkstk"
