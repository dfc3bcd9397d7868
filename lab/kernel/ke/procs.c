/* What may be asked about processors: there is one group of them, and their number is also their index. */

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

NTKERNELAPI USHORT KeQueryMaximumGroupCount(VOID)
{
	return 1;
}

/* 0 for a processor group that does not exist. */
NTKERNELAPI KAFFINITY KeQueryGroupAffinity(USHORT GroupNumber)
{
	return GroupNumber == 0 ? KeQueryActiveProcessors() : 0;
}

NTKERNELAPI NTSTATUS KeGetProcessorNumberFromIndex(ULONG ProcIndex, PPROCESSOR_NUMBER ProcNumber)
{
	if (ProcIndex >= (ULONG)KeNumberProcessors)
		return STATUS_INVALID_PARAMETER;
	*ProcNumber = (PROCESSOR_NUMBER){ .Number = (UCHAR)ProcIndex };
	return STATUS_SUCCESS;
}

/* INVALID_PROCESSOR_INDEX for one that does not exist. */
NTKERNELAPI ULONG KeGetProcessorIndexFromNumber(PPROCESSOR_NUMBER ProcNumber)
{
	return ProcNumber->Group || ProcNumber->Reserved || ProcNumber->Number >= KeNumberProcessors ? ~0u : ProcNumber->Number;
}
