/* On which processors a thread may run: its own affinity, and the system affinity that it sets for a while. */

#include "ki.h"
#include "mm.h"

#define AFFINITY_TAG 'ffAK' /* "KAff" */

/* One for each mask of the processors there are: threads point to theirs. NULL: there is one processor. */
static PKAFFINITY_EX KiAffinityMasks;

BOOLEAN KiInitializeAffinityMasks(ULONG Processors)
{
	PKAFFINITY_EX Masks = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*Masks) << Processors, AFFINITY_TAG);

	if (!Masks)
		return FALSE;
	for (ULONG Mask = 0; Mask < 1u << Processors; Mask++)
		KiInitializeAffinity(&Masks[Mask], Mask);
	KiAffinityMasks = Masks;
	return TRUE;
}

static PKAFFINITY_EX KiAffinityOf(KAFFINITY Mask, PKTHREAD Thread)
{
	return KiAffinityMasks ? &KiAffinityMasks[Mask] : &Thread->Process->Affinity;
}

/* Where the thread may run has changed. Locked; takes it off a processor where it may not be. */
static VOID KiApplyAffinity(PKTHREAD Thread, PKAFFINITY_EX Affinity)
{
	Thread->Affinity = Affinity;
	Thread->AffinityVersion++;
	KiLeaveForbiddenProcessor(Thread);
}

NTKERNELAPI KAFFINITY KeSetAffinityThread(PKTHREAD Thread, KAFFINITY Affinity)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	KAFFINITY Old = Thread->UserAffinity->Bitmap[0];

	Affinity &= KeQueryActiveProcessors();
	if (Affinity) {
		Thread->UserAffinity = KiAffinityOf(Affinity, Thread);
		if (!Thread->SystemAffinityActive)
			KiApplyAffinity(Thread, Thread->UserAffinity);
	}
	KiExitDispatcher(OldIrql);
	return Old;
}

/* Returns the system affinity before, or 0 when it was the thread's own. */
NTKERNELAPI KAFFINITY KeSetSystemAffinityThreadEx(KAFFINITY Affinity)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	PKTHREAD Thread = KeGetCurrentThread();
	KAFFINITY Old = Thread->SystemAffinityActive ? Thread->Affinity->Bitmap[0] : 0;

	Affinity &= KeQueryActiveProcessors();
	if (Affinity) {
		Thread->SystemAffinityActive = 1;
		KiApplyAffinity(Thread, KiAffinityOf(Affinity, Thread));
	}
	KiExitDispatcher(OldIrql);
	return Old;
}

NTKERNELAPI VOID KeRevertToUserAffinityThreadEx(KAFFINITY Affinity)
{
	KIRQL OldIrql;
	PKTHREAD Thread;

	if (Affinity & KeQueryActiveProcessors()) {
		KeSetSystemAffinityThreadEx(Affinity);
		return;
	}
	OldIrql = KiLockDispatcherDatabase();
	Thread = KeGetCurrentThread();
	Thread->SystemAffinityActive = 0;
	KiApplyAffinity(Thread, Thread->UserAffinity);
	KiExitDispatcher(OldIrql);
}

NTKERNELAPI VOID KeSetSystemAffinityThread(KAFFINITY Affinity)
{
	KeSetSystemAffinityThreadEx(Affinity);
}

NTKERNELAPI VOID KeRevertToUserAffinityThread(VOID)
{
	KeRevertToUserAffinityThreadEx(0);
}

/* There is one processor group, 0; another changes nothing. */
NTKERNELAPI VOID KeSetSystemGroupAffinityThread(PGROUP_AFFINITY Affinity, PGROUP_AFFINITY PreviousAffinity)
{
	KAFFINITY Old = Affinity->Group ? 0 : KeSetSystemAffinityThreadEx(Affinity->Mask);

	if (PreviousAffinity)
		*PreviousAffinity = (GROUP_AFFINITY){ .Mask = Old };
}

NTKERNELAPI VOID KeRevertToUserGroupAffinityThread(PGROUP_AFFINITY PreviousAffinity)
{
	KeRevertToUserAffinityThreadEx(PreviousAffinity->Mask);
}
