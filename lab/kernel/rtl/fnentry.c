/* Which loaded image, and which function of it, a code address belongs to. */
#include "rtl.h"
#include "kd.h"
#include "ke.h"
#include "ps.h"

#define RUNTIME_FUNCTION_INDIRECT 1u

/* The loaded image that holds the address; gives its base and size, FALSE when there is none. Any IRQL. */
static BOOLEAN RtlpFindImage(ULONG64 pc, ULONG64 *base, ULONG *size)
{
	/* In a bugcheck nothing else runs any more, and what it interrupted may hold the lock. */
	BOOLEAN alone = KeBugCheckActive;
	BOOLEAN found = FALSE;
	BOOLEAN enabled = FALSE;

	if (!alone)
		enabled = KiLockBriefly(&PsLoadedModuleSpinLock);
	for (PLIST_ENTRY link = PsLoadedModuleList.Flink; link != NULL && link != &PsLoadedModuleList; link = link->Flink) {
		PKLDR_DATA_TABLE_ENTRY entry = CONTAINING_RECORD(link, KLDR_DATA_TABLE_ENTRY, InLoadOrderLinks);

		if (pc - (ULONG64)entry->DllBase < entry->SizeOfImage) {
			*base = (ULONG64)entry->DllBase;
			*size = entry->SizeOfImage;
			found = TRUE;
			break;
		}
	}
	if (!alone)
		KiUnlockBriefly(&PsLoadedModuleSpinLock, enabled);
	return found;
}

PVOID RtlPcToFileHeader(PVOID PcValue, PVOID *BaseOfImage)
{
	ULONG64 base = 0;
	ULONG size;

	RtlpFindImage((ULONG64)PcValue, &base, &size);
	*BaseOfImage = (PVOID)base;
	return *BaseOfImage;
}

/* HistoryTable is a cache on Windows and not used. NULL: a leaf function, or no image has that address (then *ImageBase is 0). */
PRUNTIME_FUNCTION RtlLookupFunctionEntry(ULONG64 ControlPc, PULONG64 ImageBase, PVOID HistoryTable)
{
	PRUNTIME_FUNCTION table;
	ULONG size, rva, low = 0, high;

	UNREFERENCED_PARAMETER(HistoryTable);
	*ImageBase = 0;
	if (!RtlpFindImage(ControlPc, ImageBase, &size))
		return NULL;
	table = RtlImageDirectoryEntryToData((PVOID)*ImageBase, TRUE, IMAGE_DIRECTORY_ENTRY_EXCEPTION, &size);
	if (table == NULL)
		return NULL;
	rva = (ULONG)(ControlPc - *ImageBase);
	high = size / (ULONG)sizeof(*table);
	while (low < high) {
		ULONG middle = low + (high - low) / 2;

		if (rva < table[middle].BeginAddress)
			high = middle;
		else if (rva >= table[middle].EndAddress)
			low = middle + 1;
		else if (table[middle].UnwindData & RUNTIME_FUNCTION_INDIRECT)
			return (PRUNTIME_FUNCTION)(*ImageBase + table[middle].UnwindData - RUNTIME_FUNCTION_INDIRECT);
		else
			return &table[middle];
	}
	return NULL;
}
