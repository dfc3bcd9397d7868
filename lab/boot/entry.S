/*
 * Entry from QEMU by the PVH protocol (Xen's x86/HVM direct boot ABI: 32-bit protected mode, paging off, EBX = hvm_start_info),
 * switch to long mode with the low 4 GiB mapped one to one, and the final jump into the kernel.
 */
#define XEN_ELFNOTE_PHYS32_ENTRY 18
#define CR0_BITS 0x80010033	/* PG WP NE ET MP PE */
#define CR4_BITS 0x000006A0	/* OSXMMEXCPT OSFXSR PGE PAE */
#define MSR_EFER 0xC0000080
#define EFER_BITS 0x900		/* NXE LME */

	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 4, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
	.long pvh_start

	.text
	.code32
	.globl pvh_start
pvh_start:
	cli
	cld
	rdtsc
	movl %eax, %esi
	movl %edx, %ebp
	xorl %eax, %eax
	movl $__bss_start, %edi
	movl $__bss_end, %ecx
	subl %edi, %ecx
	shrl $2, %ecx
	rep stosl
	movl %esi, boot_tsc
	movl %ebp, boot_tsc + 4

	/* identity_pml4 -> identity_pdpt -> four directories of 2 MiB pages */
	movl $identity_pdpt + 3, identity_pml4
	movl $identity_pds + 3, %eax
	xorl %ecx, %ecx
1:	movl %eax, identity_pdpt(, %ecx, 8)
	addl $0x1000, %eax
	incl %ecx
	cmpl $4, %ecx
	jb 1b
	movl $0x83, %eax
	xorl %ecx, %ecx
2:	movl %eax, identity_pds(, %ecx, 8)
	addl $0x200000, %eax
	incl %ecx
	cmpl $2048, %ecx
	jb 2b

	movl $CR4_BITS, %eax
	movl %eax, %cr4
	movl $identity_pml4, %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $EFER_BITS, %eax
	wrmsr
	movl $CR0_BITS, %eax
	movl %eax, %cr0
	lgdt boot_gdtr
	ljmp $0x10, $long_mode

	.code64
long_mode:
	movl $0x18, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	movl $boot_stack_top, %esp
	xorl %ebp, %ebp
	movl %ebx, %edi
	call loader_main
1:	cli
	hlt
	jmp 1b

/*
 * void enter_kernel(uint64_t pml4, uint64_t stack, uint64_t entry, uint64_t loader_block): the kernel has the Windows calling
 * convention (first argument in RCX, 32 bytes of home space above the return address, which is 0 to end stack walks).
 */
	.globl enter_kernel
	.type enter_kernel, @function
enter_kernel:
	movq %rdi, %cr3
	movq %rsi, %rsp
	subq $0x28, %rsp
	movq $0, (%rsp)
	movq %rdx, %rax
	xorl %ebp, %ebp
	jmpq *%rax

	.section .rodata
	.balign 8
boot_gdt:
	.quad 0
	.quad 0
	.quad 0x00209B0000000000	/* KGDT64_R0_CODE */
	.quad 0x00CF93000000FFFF	/* KGDT64_R0_DATA */
boot_gdtr:
	.word . - boot_gdt - 1
	.long boot_gdt

	.bss
	.balign 0x1000
	.globl identity_pdpt
identity_pml4:	.skip 0x1000
identity_pdpt:	.skip 0x1000
identity_pds:	.skip 0x4000
boot_stack:	.skip 0x4000
boot_stack_top:
	.globl boot_tsc
boot_tsc:	.skip 8
	.section .note.GNU-stack, "", @progbits
