/* Unwind data that assemblers have no directive for, written by hand from the specification: chained entries, an entry that refers to another,
 * version 2.
 */
	.intel_syntax noprefix
	.text

	.globl frames_handwritten
	.seh_proc frames_handwritten
frames_handwritten:
	sub rsp, 0x28
	.seh_stackalloc 0x28
	.seh_endprologue
	call chained_twice
	call referring
	mov ecx, 1
	call version2
	xor ecx, ecx
	call version2
	call version2_one
	call version2_not_at_end
	nop
	add rsp, 0x28
	ret
	.seh_endproc

	/* A function in three parts: each part saves one more register and is chained to the one before. */
chained_twice:
	push rdi
chained_a1:
	sub rsp, 0x40
chained_a2:
	mov edi, 1
	jmp chained_b
chained_back:
	nop
	add rsp, 0x40
	pop rdi
	ret
chained_a_end:
	int3
chained_b:
	mov [rsp + 0x30], rbx
chained_b1:
	mov ebx, 2
	call asm_leaf
	jmp chained_c
chained_b_back:
	mov rbx, [rsp + 0x30]
	jmp chained_back
chained_b_end:
	int3
chained_c:
	mov [rsp + 0x38], rsi
chained_c1:
	mov esi, 3
	call asm_leaf
	mov rsi, [rsp + 0x38]
	jmp chained_b_back
chained_c_end:
	int3

	/* A second .pdata entry that only refers to the first. */
referring:
	push rbx
referring1:
	sub rsp, 0x30
referring2:
	mov ebx, 1
	jmp referring_part
referring_back:
	call asm_leaf
	nop
	add rsp, 0x30
	pop rbx
	ret
referring_end:
	int3
referring_part:
	mov ebx, 2
	call asm_leaf
	jmp referring_back
referring_part_end:
	int3

	/* Version 2: epilogues are listed. */
version2:
	push rbx
version2_1:
	push r14
version2_2:
	sub rsp, 0x28
version2_3:
	mov ebx, 1
	mov r14d, 2
	test ecx, ecx
	je 1f
	call asm_leaf
	add rsp, 0x28
version2_epilogue:
	pop r14
	pop rbx
	ret
1:	call asm_leaf_repz
	add rsp, 0x28
	pop r14
	pop rbx
	ret
version2_end:
	int3

version2_one:
	push rbp
version2_one_1:
	sub rsp, 0x20
version2_one_2:
	mov ebp, 1
	call asm_leaf
	add rsp, 0x20
version2_one_pops:
	pop rbp
	jmp asm_leaf
version2_one_end:
	int3

version2_not_at_end:
	push rbp
version2_not_1:
	sub rsp, 0x20
version2_not_2:
	mov ebp, 1
	jmp 1f
2:	add rsp, 0x20
version2_not_epilogue:
	pop rbp
	ret
1:	call asm_leaf
	jmp 2b
version2_not_end:
	int3

	.section .pdata
	.rva chained_twice, chained_a_end, chained_a_info
	.rva chained_b, chained_b_end, chained_b_info
	.rva chained_c, chained_c_end, chained_c_info
	.rva referring, referring_end, referring_info
	.rva referring_part, referring_part_end, referring_entry + 1
	.rva version2, version2_end, version2_info
	.rva version2_one, version2_one_end, version2_one_info
	.rva version2_not_at_end, version2_not_end, version2_not_info

	.section .xdata
	.p2align 2
chained_a_info:
	.byte 1, chained_a2 - chained_twice, 2, 0
	.byte chained_a2 - chained_twice, 0x72	/* ALLOC_SMALL 0x40 */
	.byte chained_a1 - chained_twice, 0x70	/* PUSH_NONVOL rdi */
chained_b_info:
	.byte 0x21, chained_b1 - chained_b, 2, 0
	.byte chained_b1 - chained_b, 0x34, 6, 0 /* SAVE_NONVOL rbx at 0x30 */
	.rva chained_twice, chained_a_end, chained_a_info
chained_c_info:
	.byte 0x21, chained_c1 - chained_c, 2, 0
	.byte chained_c1 - chained_c, 0x64, 7, 0 /* SAVE_NONVOL rsi at 0x38 */
	.rva chained_b, chained_b_end, chained_b_info
	/* The linker sorts .pdata, so the entry that is referred to is repeated where it stays. */
referring_entry:
	.rva referring, referring_end, referring_info
referring_info:
	.byte 1, referring2 - referring, 2, 0
	.byte referring2 - referring, 0x52
	.byte referring1 - referring, 0x30
version2_info:
	.byte 2, version2_3 - version2, 5, 0
	.byte 4, 0x16				/* EPILOG: 4 bytes, one at the end */
	.byte version2_end - version2_epilogue, 6 /* EPILOG: another so far from the end */
	.byte version2_3 - version2, 0x42
	.byte version2_2 - version2, 0xe0
	.byte version2_1 - version2, 0x30
	.byte 0, 0
version2_one_info:
	.byte 2, version2_one_2 - version2_one, 4, 0
	.byte version2_one_end - version2_one_pops, 0x16
	.byte 0, 6				/* EPILOG: none, fills up to an even number */
	.byte version2_one_2 - version2_one, 0x32
	.byte version2_one_1 - version2_one, 0x50
version2_not_info:
	.byte 2, version2_not_2 - version2_not_at_end, 4, 0
	.byte 2, 0x06				/* EPILOG: 2 bytes, none at the end */
	.byte version2_not_end - version2_not_epilogue, 6
	.byte version2_not_2 - version2_not_at_end, 0x32
	.byte version2_not_1 - version2_not_at_end, 0x50
