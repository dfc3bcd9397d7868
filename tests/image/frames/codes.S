/* Frames that compilers seldom build: each kind of unwind code at least once, frame registers, machine frames, tail calls. */
#ifdef __clang__
#define WITH_CODE @code
#else
#define WITH_CODE code
#endif
	.intel_syntax noprefix
	.text

	/* Between these two the registers and the stack are not described by unwind data, as on a processor that is taking a trap. */
	.macro undescribed_begin number
	.globl undescribed_begin_\number
undescribed_begin_\number:
	.endm
	.macro undescribed_end number
	.globl undescribed_end_\number
undescribed_end_\number:
	.endm

	/* Stack probe: touches nothing, since the test's stack is all there. rax keeps its value. */
	.globl __chkstk
	.globl ___chkstk_ms
	.seh_proc ___chkstk_ms
__chkstk:
___chkstk_ms:
	push rcx /* volatile, so that for the unwinder it is room only */
	.seh_stackalloc 8
	.seh_endprologue
	mov rcx, rax
	pop rcx
	ret
	.seh_endproc

	/* Compilers call it for copies of structures: rcx to, rdx from, r8 bytes. */
	.globl memcpy
memcpy:
	mov rax, rcx
1:	test r8, r8
	jz 2f
	mov r9b, [rdx]
	mov [rcx], r9b
	inc rcx
	inc rdx
	dec r8
	jmp 1b
2:	ret

	.globl asm_leaf
asm_leaf:
	mov eax, 1
	ret

	.globl asm_leaf_repz
asm_leaf_repz:
	mov eax, 2
	repz ret

	.globl frames_asm
	.seh_proc frames_asm
frames_asm:
	push rbp
	.seh_pushreg rbp
	push rbx
	.seh_pushreg rbx
	sub rsp, 0x28
	.seh_stackalloc 0x28
	.seh_endprologue
	call all_registers
	call no_allocation
	call alloc_large
	call alloc_huge
	call frame_rbp
	call frame_rbx_unmoved
	call frame_r12
	call frame_r13
	call saved_by_mov
	call saved_far
	call trapped
	call trapped_with_code
	call jumps_out
	call jumps_through_register
	call jumps_through_memory
	nop
	add rsp, 0x28
	pop rbx
	pop rbp
	ret
	.seh_endproc

	.seh_proc all_registers
all_registers:
	push rbp
	.seh_pushreg rbp
	push rsi
	.seh_pushreg rsi
	push rdi
	.seh_pushreg rdi
	push rbx
	.seh_pushreg rbx
	push r12
	.seh_pushreg r12
	push r13
	.seh_pushreg r13
	push r14
	.seh_pushreg r14
	push r15
	.seh_pushreg r15
	sub rsp, 0x28
	.seh_stackalloc 0x28
	.seh_endprologue
	mov ebx, 1
	mov ebp, 2
	mov esi, 3
	mov edi, 4
	mov r12d, 5
	mov r13d, 6
	mov r14d, 7
	mov r15d, 8
	call asm_leaf
	call asm_leaf_repz
	nop
	add rsp, 0x28
	pop r15
	pop r14
	pop r13
	pop r12
	pop rbx
	pop rdi
	pop rsi
	pop rbp
	ret
	.seh_endproc

	.seh_proc no_allocation
no_allocation:
	push rbx
	.seh_pushreg rbx
	.seh_endprologue
	mov ebx, 9
	call asm_leaf
	pop rbx
	repz ret
	.seh_endproc

	.seh_proc alloc_large
alloc_large:
	push rdi
	.seh_pushreg rdi
	sub rsp, 0x1230
	.seh_stackalloc 0x1230
	.seh_endprologue
	mov edi, 0x11
	call asm_leaf
	nop
	add rsp, 0x1230
	pop rdi
	ret
	.seh_endproc

	.seh_proc alloc_huge
alloc_huge:
	push rsi
	.seh_pushreg rsi
	mov eax, 0x123450
	call ___chkstk_ms
	sub rsp, rax
	.seh_stackalloc 0x123450
	.seh_endprologue
	mov esi, 0x12
	call asm_leaf
	nop
	add rsp, 0x123450
	pop rsi
	ret
	.seh_endproc

	.seh_proc frame_rbp
frame_rbp:
	push rbp
	.seh_pushreg rbp
	push rbx
	.seh_pushreg rbx
	sub rsp, 0x88
	.seh_stackalloc 0x88
	lea rbp, [rsp + 0x80]
	.seh_setframe rbp, 0x80
	mov [rbp - 0x10], rsi
	.seh_savereg rsi, 0x70
	.seh_endprologue
	mov esi, 1
	mov ebx, 2
	sub rsp, 0x230 /* as alloca does */
	call asm_leaf
	add rsp, 0x20 /* no epilogue: no pop or ret follows */
	mov rsi, [rbp - 0x10]
	lea rsp, [rbp + 8]
	pop rbx
	pop rbp
	ret
	.seh_endproc

	.seh_proc frame_rbx_unmoved
frame_rbx_unmoved:
	push rbx
	.seh_pushreg rbx
	mov rbx, rsp
	.seh_setframe rbx, 0
	sub rsp, 0x30
	.seh_stackalloc 0x30
	.seh_endprologue
	call asm_leaf
	lea rsp, [rbx]
	pop rbx
	ret
	.seh_endproc

	.seh_proc frame_r12
frame_r12:
	push r12
	.seh_pushreg r12
	sub rsp, 0x220
	.seh_stackalloc 0x220
	lea r12, [rsp + 0x20]
	.seh_setframe r12, 0x20
	.seh_endprologue
	sub rsp, 0x100
	call asm_leaf
	nop
	lea rsp, [r12 + 0x200]
	pop r12
	ret
	.seh_endproc

	.seh_proc frame_r13
frame_r13:
	push r13
	.seh_pushreg r13
	push r15
	.seh_pushreg r15
	sub rsp, 0x28
	.seh_stackalloc 0x28
	lea r13, [rsp]
	.seh_setframe r13, 0
	.seh_endprologue
	mov r15d, 0x77
	call asm_leaf
	nop
	lea rsp, [r13 + 0x28]
	pop r15
	pop r13
	ret
	.seh_endproc

	.seh_proc saved_by_mov
saved_by_mov:
	sub rsp, 0xa8
	.seh_stackalloc 0xa8
	mov [rsp + 0x20], rbx
	.seh_savereg rbx, 0x20
	mov [rsp + 0xa0], r14
	.seh_savereg r14, 0xa0
	movaps [rsp + 0x30], xmm6
	.seh_savexmm xmm6, 0x30
	movaps [rsp + 0x90], xmm15
	.seh_savexmm xmm15, 0x90
	mov [rsp + 0x28], rbp
	.seh_savereg rbp, 0x28
	.seh_endprologue
	mov ebx, 1
	mov ebp, 2
	mov r14d, 3
	call asm_leaf
	movaps xmm15, [rsp + 0x90]
	movaps xmm6, [rsp + 0x30]
	mov rbp, [rsp + 0x28]
	mov r14, [rsp + 0xa0]
	mov rbx, [rsp + 0x20]
	add rsp, 0xa8
	ret
	.seh_endproc

	.seh_proc saved_far
saved_far:
	mov eax, 0x200008
	call ___chkstk_ms
	sub rsp, rax
	.seh_stackalloc 0x200008
	mov [rsp + 0x90000], rdi
	.seh_savereg rdi, 0x90000
	movaps [rsp + 0x180000], xmm7
	.seh_savexmm xmm7, 0x180000
	mov [rsp + 0x190008], r15
	.seh_savereg r15, 0x190008
	.seh_endprologue
	mov edi, 1
	mov r15d, 2
	call asm_leaf
	mov r15, [rsp + 0x190008]
	movaps xmm7, [rsp + 0x180000]
	mov rdi, [rsp + 0x90000]
	add rsp, 0x200008
	ret
	.seh_endproc

	/* What a processor does when it takes a trap: aligns the stack and pushes ss, rsp, flags, cs, rip, and for some an error code. */
	.macro take_trap number, handler, code
	undescribed_begin \number
	mov rax, rsp
	and rsp, -16
	mov ecx, ss
	push rcx
	push rax
	pushfq
	mov ecx, cs
	push rcx
	lea rcx, [rip + resume_\number]
	push rcx
	.if \code
	push 0x1234
	.endif
	jmp \handler
resume_\number:
	undescribed_end \number
	.endm

	.seh_proc trapped
trapped:
	push rbx
	.seh_pushreg rbx
	sub rsp, 0x40
	.seh_stackalloc 0x40
	.seh_endprologue
	mov ebx, 0x21
	take_trap 1, trap_handler, 0
	nop
	add rsp, 0x40
	pop rbx
	ret
	.seh_endproc

	.seh_proc trapped_with_code
trapped_with_code:
	push rbx
	.seh_pushreg rbx
	sub rsp, 0x48
	.seh_stackalloc 0x48
	.seh_endprologue
	mov ebx, 0x22
	take_trap 2, trap_handler_code, 1
	nop
	add rsp, 0x48
	pop rbx
	ret
	.seh_endproc

	.globl trap_handler
	.seh_proc trap_handler
trap_handler:
	.seh_pushframe
	push rbp
	.seh_pushreg rbp
	sub rsp, 0x150
	.seh_stackalloc 0x150
	lea rbp, [rsp + 0x80]
	.seh_setframe rbp, 0x80
	.seh_endprologue
	call asm_leaf
	nop
	/* iretq is no epilogue: unwind data describes the frame up to here. */
	undescribed_begin 3
	lea rsp, [rbp + 0xd0]
	pop rbp
	iretq
	undescribed_end 3
	.seh_endproc

	.globl trap_handler_code
	.seh_proc trap_handler_code
trap_handler_code:
	.seh_pushframe WITH_CODE
	push rsi
	.seh_pushreg rsi
	sub rsp, 0x20
	.seh_stackalloc 0x20
	.seh_endprologue
	mov esi, 0x33
	call asm_leaf
	nop
	undescribed_begin 4
	add rsp, 0x20
	pop rsi
	add rsp, 8
	iretq
	undescribed_end 4
	.seh_endproc

	/* Tail calls. */
	.seh_proc jumps_out
jumps_out:
	push rdi
	.seh_pushreg rdi
	sub rsp, 0x20
	.seh_stackalloc 0x20
	.seh_endprologue
	call asm_leaf
	nop
	add rsp, 0x20
	pop rdi
	jmp no_allocation
	.seh_endproc

	.seh_proc jumps_through_register
jumps_through_register:
	sub rsp, 0x28
	.seh_stackalloc 0x28
	.seh_endprologue
	call asm_leaf
	lea rax, [rip + no_allocation]
	add rsp, 0x28
	.byte 0x48 /* rex.w, which marks a tail call */
	jmp rax
	.seh_endproc

	.seh_proc jumps_through_memory
jumps_through_memory:
	sub rsp, 0x28
	.seh_stackalloc 0x28
	.seh_endprologue
	call asm_leaf
	lea rax, [rip + no_allocation]
	mov [rip + jump_target], rax
	add rsp, 0x28
	jmp [rip + jump_target]
	.seh_endproc

	.data
	.p2align 3
jump_target:
	.quad 0

	.section .drectve, "yn"
	.irp name, trap_handler, trap_handler_code, undescribed_begin_1, undescribed_end_1, undescribed_begin_2, undescribed_end_2, undescribed_begin_3, undescribed_end_3, undescribed_begin_4, undescribed_end_4
	.ascii " -export:\name"
	.endr
