/* The idle thread: runs DPCs, hands the processor to whoever becomes ready, and halts it in between. */

#include "hal.h"
#include "ki.h"

/* Interrupts come back with the halt, so that none slips in between the last look and the halt. */
static VOID KiHaltProcessor(VOID)
{
	__asm__ volatile("sti\n\thlt" : : : "memory");
}

DECLSPEC_NORETURN DECLSPEC_NOINLINE VOID KiIdleLoop(VOID)
{
	PKPRCB Prcb = KeGetCurrentPrcb();

	KfRaiseIrql(DISPATCH_LEVEL);
	for (;;) {
		__asm__ volatile("sti\n\tnop\n\tcli" : : : "memory");
		HalClearSoftwareInterrupt(DISPATCH_LEVEL);
		/* Who queues a DPC here sees that this processor idles, or is seen. */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (KiAreDpcsPending(Prcb)) {
			__asm__ volatile("sti" : : : "memory");
			KiRetireDpcList(Prcb);
		} else if (Prcb->NextThread) {
			__asm__ volatile("sti" : : : "memory");
			KiSwapToNextThread(Prcb);
		} else {
			Prcb->IdleHalt = TRUE;
			KiHaltProcessor();
			Prcb->IdleHalt = FALSE;
		}
	}
}
