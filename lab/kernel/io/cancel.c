/*
 * Cancelling packets: the system-wide cancel lock, and IoCancelIrp.
 */
#include "iop.h"

static KSPIN_LOCK IopCancelSpinLock;

NTKERNELAPI VOID IoAcquireCancelSpinLock(PKIRQL Irql)
{
	KeAcquireSpinLock(&IopCancelSpinLock, Irql);
}

NTKERNELAPI VOID IoReleaseCancelSpinLock(KIRQL Irql)
{
	KeReleaseSpinLock(&IopCancelSpinLock, Irql);
}

/* TRUE when a cancel routine was there and was called; it releases the lock. FALSE: only the flag is set. */
NTKERNELAPI BOOLEAN IoCancelIrp(PIRP Irp)
{
	PDRIVER_CANCEL routine;
	KIRQL irql;

	IoAcquireCancelSpinLock(&irql);
	Irp->Cancel = TRUE;
	routine = __atomic_exchange_n(&Irp->CancelRoutine, NULL, __ATOMIC_SEQ_CST);
	if (!routine) {
		IoReleaseCancelSpinLock(irql);
		return FALSE;
	}
	Irp->CancelIrql = irql;
	routine(IoGetCurrentIrpStackLocation(Irp)->DeviceObject, Irp);
	return TRUE;
}
