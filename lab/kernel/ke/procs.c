/* What may be asked about processors and affinity. The machine has one processor, and its state is in its KPRCB. */

#include "ki.h"

NTKERNELAPI volatile CCHAR KeNumberProcessors = 1;

NTKERNELAPI KAFFINITY KeQueryActiveProcessors(VOID)
{
	return KeNumberProcessors == 64 ? ~0ULL : (1ULL << KeNumberProcessors) - 1;
}

NTKERNELAPI ULONG KeQueryActiveProcessorCount(PKAFFINITY ActiveProcessors)
{
	if (ActiveProcessors)
		*ActiveProcessors = KeQueryActiveProcessors();
	return (ULONG)KeNumberProcessors;
}

#define ALL_PROCESSOR_GROUPS 0xffff

/* 0 for a processor group that does not exist. */
NTKERNELAPI ULONG KeQueryActiveProcessorCountEx(USHORT GroupNumber)
{
	return GroupNumber == 0 || GroupNumber == ALL_PROCESSOR_GROUPS ? (ULONG)KeNumberProcessors : 0;
}

NTKERNELAPI ULONG KeQueryMaximumProcessorCount(VOID)
{
	return (ULONG)KeNumberProcessors;
}

NTKERNELAPI ULONG KeQueryMaximumProcessorCountEx(USHORT GroupNumber)
{
	return KeQueryActiveProcessorCountEx(GroupNumber);
}

NTKERNELAPI USHORT KeQueryActiveGroupCount(VOID)
{
	return 1;
}

NTKERNELAPI ULONG KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber)
{
	PKPRCB Prcb = KeGetCurrentPrcb();

	if (ProcNumber) {
		ProcNumber->Group = Prcb->Group;
		ProcNumber->Number = Prcb->GroupIndex;
		ProcNumber->Reserved = 0;
	}
	return Prcb->Number;
}

/* Returns the affinity before, or 0 when it was the thread's own. */
NTKERNELAPI KAFFINITY KeSetSystemAffinityThreadEx(KAFFINITY Affinity)
{
	PKTHREAD Thread = KeGetCurrentThread();
	KAFFINITY Old = Thread->SystemAffinityActive ? Thread->Affinity->Bitmap[0] : 0;

	if (Affinity & KeQueryActiveProcessors())
		Thread->SystemAffinityActive = 1;
	return Old;
}

NTKERNELAPI VOID KeRevertToUserAffinityThreadEx(KAFFINITY Affinity)
{
	KeGetCurrentThread()->SystemAffinityActive = Affinity != 0;
}
