/* RtlCaptureContext (the caller's registers) and __chkstk (touches the pages of a large stack frame, for code built by MSVC-like compilers). */
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
	.ascii	" -export:RtlCaptureContext -export:__chkstk"
