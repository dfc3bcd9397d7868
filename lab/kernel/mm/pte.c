/* Page tables through their self-map: making tables, mapping, unmapping, protections. */
#include "kd.h"
#include "ke.h"
#include "mi.h"
#include "rtl.h"
#include "../hal/x64.h"

typedef struct _MI_PROTECTION {
	ULONG Protect;
	ULONG64 Bits;
} MI_PROTECTION;

static const MI_PROTECTION MiProtections[] = {
	{ PAGE_READONLY, PTE_NO_EXECUTE }, { PAGE_READWRITE, PTE_WRITE | PTE_SOFTWARE_WRITE | PTE_DIRTY | PTE_NO_EXECUTE }, { PAGE_EXECUTE, 0 },
	{ PAGE_EXECUTE_READ, 0 },          { PAGE_EXECUTE_READWRITE, PTE_WRITE | PTE_SOFTWARE_WRITE | PTE_DIRTY },
};

ULONG64 MiMakeProtection(ULONG Protect)
{
	ULONG64 Common = PTE_VALID | PTE_ACCESSED | PTE_GLOBAL | (Protect & PAGE_NOCACHE ? PTE_CACHE_DISABLE : 0);

	for (ULONG i = 0; i < RTL_NUMBER_OF(MiProtections); i++) {
		if (MiProtections[i].Protect == (Protect & 0xFF))
			return Common | MiProtections[i].Bits;
	}
	KeBugCheckEx(MEMORY_MANAGEMENT, 0x1010, Protect, 0, 0);
}

VOID MiFlushTb(PVOID VirtualAddress)
{
	KeFlushRangeTb(VirtualAddress, 1);
}

/* Neighbouring regions share tables: two threads may need the same new one, and the second must not replace what the first filled. */
static KSPIN_LOCK MiPageTableLock;

/* Entry is the one of an upper level that should point to the table that Lower lies in. The caller holds MiPageTableLock. */
static BOOLEAN MiMakeTable(PMMPTE Entry, PMMPTE Lower)
{
	PFN_NUMBER Page;

	if (Entry->u.Hard.Valid)
		return TRUE;
	Page = MiAllocatePage();
	if (!Page)
		return FALSE;
	Entry->u.Long = Page << PAGE_SHIFT | PTE_VALID | PTE_WRITE | PTE_SOFTWARE_WRITE | PTE_ACCESSED | PTE_DIRTY;
	HalpInvalidatePage(PAGE_ALIGN(Lower));
	memset(PAGE_ALIGN(Lower), 0, PAGE_SIZE);
	MiSetPfnPte(Page, Entry);
	return TRUE;
}

/* Tables stay once made: a region's tables are few, and a table that others walk must not vanish. */
BOOLEAN MiMakePageTables(PVOID VirtualAddress, SIZE_T PageCount)
{
	ULONG64 Address = (ULONG64)VirtualAddress & ~0x1FFFFFULL;
	ULONG64 End = (ULONG64)VirtualAddress + PageCount * PAGE_SIZE;
	BOOLEAN Made = TRUE;
	BOOLEAN Enabled = KiLockBriefly(&MiPageTableLock);

	for (; Made && Address < End; Address += 0x200000) {
		Made = MiMakeTable(MiGetPxeAddress(Address), MiGetPpeAddress(Address)) &&
		       MiMakeTable(MiGetPpeAddress(Address), MiGetPdeAddress(Address)) &&
		       MiMakeTable(MiGetPdeAddress(Address), MiGetPteAddress(Address));
	}
	KiUnlockBriefly(&MiPageTableLock, Enabled);
	return Made;
}

VOID MiMapPage(PVOID VirtualAddress, PFN_NUMBER Page, ULONG Protect)
{
	PMMPTE Pte = MiGetPteAddress(VirtualAddress);

	Pte->u.Long = Page << PAGE_SHIFT | MiMakeProtection(Protect);
}

VOID MiUnmapPages(PVOID VirtualAddress, SIZE_T PageCount)
{
	PMMPTE Pte = MiGetPteAddress(VirtualAddress);

	for (SIZE_T i = 0; i < PageCount; i++)
		Pte[i].u.Long = 0;
	KeFlushRangeTb(VirtualAddress, PageCount);
}

PFN_NUMBER MiUnmapPage(PVOID VirtualAddress)
{
	PFN_NUMBER Page = MiGetPteAddress(VirtualAddress)->u.Hard.PageFrameNumber;

	MiUnmapPages(VirtualAddress, 1);
	return Page;
}

/* A page is free only when no processor translates to it any more: its number waits in the invalid entry. */
VOID MiUnmapFreePages(PVOID VirtualAddress, SIZE_T PageCount)
{
	PMMPTE Pte = MiGetPteAddress(VirtualAddress);

	for (SIZE_T i = 0; i < PageCount; i++)
		Pte[i].u.Hard.Valid = 0;
	KeFlushRangeTb(VirtualAddress, PageCount);
	for (SIZE_T i = 0; i < PageCount; i++) {
		PFN_NUMBER Page = Pte[i].u.Hard.PageFrameNumber;

		Pte[i].u.Long = 0;
		MiFreePage(Page);
	}
}

BOOLEAN MiMapFreshPages(PVOID VirtualAddress, SIZE_T PageCount, ULONG Protect)
{
	if (!MiMakePageTables(VirtualAddress, PageCount))
		return FALSE;
	for (SIZE_T i = 0; i < PageCount; i++) {
		PUCHAR Address = (PUCHAR)VirtualAddress + i * PAGE_SIZE;
		PFN_NUMBER Page = MiAllocatePage();

		if (!Page) {
			MiUnmapFreePages(VirtualAddress, i);
			return FALSE;
		}
		MiMapPage(Address, Page, PAGE_READWRITE);
		MiSetPfnPte(Page, MiGetPteAddress(Address));
		memset(Address, 0, PAGE_SIZE);
		if (Protect != PAGE_READWRITE)
			MiMapPage(Address, Page, Protect);
	}
	if (Protect != PAGE_READWRITE)
		KeFlushRangeTb(VirtualAddress, PageCount);
	return TRUE;
}
