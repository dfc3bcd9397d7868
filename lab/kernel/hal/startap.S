/*
 * Where a processor begins that another one starts: in real mode, at the beginning of a page below 1 MiB to which hal/startap.c has
 * copied this code. Its data is the HALP_START_BLOCK at StartBlock in that page. From real mode it goes to long mode in one step:
 * CR0.PG and CR0.PE together, with EFER.LME set before (Intel SDM vol. 3, 10.8.5 asks for protected mode first; processors do not).
 */
	.set StartBlock, 0xF00
	.set SbGdtr, StartBlock
	.set SbLongMode, StartBlock + 0x08
	.set SbCr3, StartBlock + 0x10
	.set SbStack, StartBlock + 0x18
	.set SbEntry, StartBlock + 0x20
	.set SbContext, StartBlock + 0x28

	.set CR0_BITS, 0x80010033	/* PG WP NE ET MP PE */
	.set CR4_BITS, 0x000006A0	/* OSXMMEXCPT OSFXSR PGE PAE */
	.set MSR_EFER, 0xC0000080
	.set EFER_BITS, 0x900		/* NXE LME */

	.section .rdata, "dr"
	.balign 16
	.globl HalpStartCode, HalpStartCodeLongMode, HalpStartCodeEnd
HalpStartCode:
	.code16
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	lgdtl SbGdtr
	movl $CR4_BITS, %eax
	movl %eax, %cr4
	movl SbCr3, %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $EFER_BITS, %eax
	wrmsr
	movl $CR0_BITS, %eax
	movl %eax, %cr0
	ljmpl *SbLongMode

	.code64
HalpStartCodeLongMode:
	movl $0x18, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	leaq HalpStartCodeLongMode(%rip), %rbx
	andq $-0x1000, %rbx
	movq SbStack(%rbx), %rsp
	movq SbContext(%rbx), %rcx
	/* Home space, and a return address of 0 to end stack walks. */
	subq $0x28, %rsp
	movq $0, (%rsp)
	xorl %ebp, %ebp
	jmpq *SbEntry(%rbx)
HalpStartCodeEnd:
