/*
 * IRQL is CR8, as in NT. Software interrupts (APC_LEVEL, DISPATCH_LEVEL) are a pending bit in the PCR, looked at whenever IRQL
 * falls; a self-IPI would cost an exit under a hypervisor. Drivers whose headers inline CR8 writes get theirs at the next
 * KfLowerIrql or interrupt.
 */
#include "hal.h"
#include "ke.h"
#include "x64.h"

/* With interrupts off nothing is delivered: it stays pending, as an interrupt would. */
static VOID HalpDeliverSoftwareInterrupts(KIRQL Irql)
{
	if (!HalpDisableInterrupts())
		return;
	HalpDispatchSoftwareInterrupts(Irql);
	HalpWriteCr8(Irql);
	HalpEnableInterrupts();
}

NTKERNELAPI KIRQL KfRaiseIrql(KIRQL NewIrql)
{
	KIRQL OldIrql = HalpReadCr8();

	/* Writing is what costs: some hundred nanoseconds under QEMU's emulation. */
	if (OldIrql != NewIrql)
		HalpWriteCr8(NewIrql);
	return OldIrql;
}

NTKERNELAPI KIRQL KeRaiseIrqlToDpcLevel(VOID)
{
	return KfRaiseIrql(DISPATCH_LEVEL);
}

NTKERNELAPI KIRQL KeRaiseIrqlToSynchLevel(VOID)
{
	return KfRaiseIrql(12);
}

/* CR8 first: what an interrupt asks for between the two steps is delivered by the end of that interrupt. */
NTKERNELAPI VOID KfLowerIrql(KIRQL NewIrql)
{
	HalpWriteCr8(NewIrql);
	if (NewIrql < DISPATCH_LEVEL && HalpPendingSoftwareInterrupts() >> (NewIrql + 1))
		HalpDeliverSoftwareInterrupts(NewIrql);
}

NTKERNELAPI VOID KeLowerIrql(KIRQL NewIrql)
{
	KfLowerIrql(NewIrql);
}

VOID HalpDispatchSoftwareInterrupts(KIRQL TargetIrql)
{
	for (;;) {
		ULONG Pending = HalpPendingSoftwareInterrupts() >> (TargetIrql + 1) << (TargetIrql + 1);

		if (Pending & 1u << DISPATCH_LEVEL) {
			HalpClearPendingSoftwareInterrupt(DISPATCH_LEVEL);
			HalpWriteCr8(DISPATCH_LEVEL);
			HalpEnableInterrupts();
			KiDispatchInterrupt();
		} else if (Pending & 1u << APC_LEVEL) {
			HalpClearPendingSoftwareInterrupt(APC_LEVEL);
			HalpWriteCr8(APC_LEVEL);
			HalpEnableInterrupts();
			KiDeliverApc(KernelMode, NULL, NULL);
		} else {
			return;
		}
		HalpDisableInterrupts();
	}
}

/* Delivered at once when IRQL and the interrupt flag allow it. */
NTKERNELAPI VOID HalRequestSoftwareInterrupt(KIRQL Irql)
{
	KIRQL OldIrql = HalpReadCr8();

	HalpSetPendingSoftwareInterrupt(Irql);
	if (OldIrql < Irql)
		HalpDeliverSoftwareInterrupts(OldIrql);
}

VOID HalClearSoftwareInterrupt(KIRQL Irql)
{
	HalpClearPendingSoftwareInterrupt(Irql);
}
