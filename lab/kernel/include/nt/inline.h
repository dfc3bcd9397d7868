/* This processor: its control region, the thread it runs, its interrupt flag. gs points to the KPCR in kernel mode. */

#pragma once

FORCEINLINE PKPCR KeGetPcr(VOID)
{
	PKPCR Pcr;

	__asm__ volatile("movq %%gs:%c1, %0" : "=r"(Pcr) : "i"(__builtin_offsetof(KPCR, Self)));
	return Pcr;
}

FORCEINLINE PKPRCB KeGetCurrentPrcb(VOID)
{
	PKPRCB Prcb;

	__asm__ volatile("movq %%gs:%c1, %0" : "=r"(Prcb) : "i"(__builtin_offsetof(KPCR, CurrentPrcb)));
	return Prcb;
}

FORCEINLINE PKTHREAD KeGetCurrentThread(VOID)
{
	PKTHREAD Thread;

	__asm__ volatile("movq %%gs:%c1, %0" : "=r"(Thread) : "i"(__builtin_offsetof(KPCR, Prcb.CurrentThread)));
	return Thread;
}

/* IRQL is the task priority register, as on every x64 NT. */
FORCEINLINE KIRQL KeGetCurrentIrql(VOID)
{
	ULONG64 Irql;

	__asm__ volatile("movq %%cr8, %0" : "=r"(Irql));
	return (KIRQL)Irql;
}

#define RFLAGS_IF 0x200ULL

FORCEINLINE BOOLEAN KeDisableInterrupts(VOID)
{
	ULONG64 Flags;

	__asm__ volatile("pushfq\n\tpopq %0\n\tcli" : "=r"(Flags) : : "memory");
	return (Flags & RFLAGS_IF) != 0;
}

FORCEINLINE VOID KeEnableInterrupts(BOOLEAN Enable)
{
	if (Enable)
		__asm__ volatile("sti" : : : "memory");
}

FORCEINLINE VOID KeYieldProcessor(VOID)
{
	__asm__ volatile("pause");
}

FORCEINLINE ULONG64 KeReadTsc(VOID)
{
	ULONG Low, High;

	__asm__ volatile("rdtsc" : "=a"(Low), "=d"(High));
	return (ULONG64)High << 32 | Low;
}
