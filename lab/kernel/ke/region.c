/* Critical regions hold back normal kernel APCs, guarded regions all of them. */

#include "hal.h"
#include "ki.h"

/* What was held back while the counts were not 0 gets its interrupt now. */
VOID KiCheckForKernelApcDelivery(VOID)
{
	PKTHREAD Thread = KeGetCurrentThread();

	if (Thread->SpecialApcDisable || IsListEmpty(&Thread->ApcState.ApcListHead[KernelMode]))
		return;
	Thread->ApcState.KernelApcPending = TRUE;
	HalRequestSoftwareInterrupt(APC_LEVEL);
}

NTKERNELAPI VOID KeEnterCriticalRegion(VOID)
{
	KeGetCurrentThread()->KernelApcDisable--;
}

NTKERNELAPI VOID KeLeaveCriticalRegion(VOID)
{
	PKTHREAD Thread = KeGetCurrentThread();

	if (!++Thread->KernelApcDisable)
		KiCheckForKernelApcDelivery();
}

NTKERNELAPI VOID KeEnterGuardedRegion(VOID)
{
	KeGetCurrentThread()->SpecialApcDisable--;
}

NTKERNELAPI VOID KeLeaveGuardedRegion(VOID)
{
	PKTHREAD Thread = KeGetCurrentThread();

	if (!++Thread->SpecialApcDisable)
		KiCheckForKernelApcDelivery();
}

NTKERNELAPI BOOLEAN KeAreApcsDisabled(VOID)
{
	return KeGetCurrentThread()->CombinedApcDisable != 0;
}

NTKERNELAPI BOOLEAN KeAreAllApcsDisabled(VOID)
{
	return KeGetCurrentThread()->SpecialApcDisable || KeGetCurrentIrql() >= APC_LEVEL;
}
