/*
 * ExpInterlockedPopEntrySList: in assembly, because the page-fault handler knows the one instruction of it that may fault. Pushing and
 * the rest of the sequenced lists are slist.c's.
 */
	.text
/*
 * rcx = header; returns the entry that was first, NULL when the list is empty. Between the look at the header and the look at the first
 * entry's link somebody else may take that entry and return its page: then the fault handler goes back to Resume, for the header
 * has changed (KiIsSListFault, ke/trap.c). An entry that went and came back is noticed by the sequence number.
 */
	.globl ExpInterlockedPopEntrySList, ExpInterlockedPopEntrySListResume, ExpInterlockedPopEntrySListFault
	.def ExpInterlockedPopEntrySList; .scl 2; .type 32; .endef
	.balign 16
	.seh_proc ExpInterlockedPopEntrySList
ExpInterlockedPopEntrySList:
	pushq %rbx
	.seh_pushreg %rbx
	.seh_endprologue
	movq %rcx, %r8
ExpInterlockedPopEntrySListResume:
	movq (%r8), %rax		/* depth, sequence */
	movq 8(%r8), %rdx		/* reserved bits, first entry */
1:	movq %rdx, %r9
	andq $-16, %r9
	jz 2f
ExpInterlockedPopEntrySListFault:
	movq (%r9), %rcx
	andq $-16, %rcx
	movl %edx, %r10d
	andl $15, %r10d
	orq %r10, %rcx
	movq %rax, %rbx
	decw %bx			/* depth alone: it may not borrow from the sequence */
	lock cmpxchg16b (%r8)
	jnz 1b
2:	movq %r9, %rax
	popq %rbx
	ret
	.seh_endproc

	.section .drectve, "yn"
	.ascii " -export:ExpInterlockedPopEntrySList"
