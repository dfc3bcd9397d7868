/* Probes of addresses that user mode gave: they lie below MmUserProbeAddress, and can be written. */
#include "ex.h"
#include "kd.h"
#include "ke.h"
#include "seh.h"

extern NTKERNELAPI ULONG64 MmUserProbeAddress;

/* A length of 0 is not looked at, as documented. */
NTKERNELAPI VOID ProbeForRead(PVOID Address, SIZE_T Length, ULONG Alignment)
{
	ULONG64 start = (ULONG64)Address;

	if (Length == 0)
		return;
	if (start & (Alignment - 1))
		ExRaiseDatatypeMisalignment();
	if (start + Length < start || start + Length > MmUserProbeAddress)
		ExRaiseAccessViolation();
}

/* Reads and writes a byte of each page. */
NTKERNELAPI VOID ProbeForWrite(PVOID Address, SIZE_T Length, ULONG Alignment)
{
	volatile CHAR *page = Address;
	volatile CHAR *end = page + Length;

	if (Length == 0)
		return;
	ProbeForRead(Address, Length, Alignment);
	for (; page < end; page = (volatile CHAR *)(((ULONG64)page & ~(ULONG64)(PAGE_SIZE - 1)) + PAGE_SIZE))
		*page = *page;
}
