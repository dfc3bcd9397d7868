/* Physical pages: the PFN database, the free list, and runs of adjacent pages for devices. */
#include "kd.h"
#include "ke.h"
#include "mi.h"
#include "rtl.h"

PMMPFN MmPfnDatabase;
PPHYSICAL_MEMORY_DESCRIPTOR MmPhysicalMemoryBlock;
PFN_NUMBER MmLowestPhysicalPage, MmHighestPhysicalPage, MmNumberOfPhysicalPages, MmAvailablePages;
MMPFNLIST MmFreePageListHead = { .ListName = FreePageList, .Flink = MI_EMPTY_LIST, .Blink = MI_EMPTY_LIST };
KSPIN_LOCK MmPfnLock;

/* Until the database exists pages come from the end of this run. */
static PLOADER_MEMORY_RUN MiBootRun;

static struct {
	ULONG NumberOfRuns;
	ULONG64 NumberOfPages;
	PHYSICAL_MEMORY_RUN Run[LOADER_BLOCK_RUNS];
} MiPhysicalMemory;

/* The caller holds MmPfnLock. */
static VOID MiInsertFreePage(PFN_NUMBER Page)
{
	PMMPFN Pfn = MiPfnElement(Page);
	PFN_NUMBER Next = MmFreePageListHead.Flink;

	Pfn->u3.e1.PageLocation = FreePageList;
	Pfn->u3.ReferenceCount = 0;
	Pfn->PteLong = 0;
	Pfn->u1.Next = NULL;
	Pfn->u1.Flink = Next;
	Pfn->u2.EntireField = 0;
	Pfn->u2.Blink = MI_EMPTY_LIST;
	Pfn->u4.PteFrame = 0;
	if (Next == MI_EMPTY_LIST)
		MmFreePageListHead.Blink = Page;
	else
		MiPfnElement(Next)->u2.Blink = Page;
	MmFreePageListHead.Flink = Page;
	MmFreePageListHead.Total++;
	MmAvailablePages++;
}

static VOID MiRemoveFreePage(PFN_NUMBER Page)
{
	PMMPFN Pfn = MiPfnElement(Page);
	PFN_NUMBER Next = Pfn->u1.Flink, Previous = Pfn->u2.Blink;

	if (Next == MI_EMPTY_LIST)
		MmFreePageListHead.Blink = Previous;
	else
		MiPfnElement(Next)->u2.Blink = Previous;
	if (Previous == MI_EMPTY_LIST)
		MmFreePageListHead.Flink = Next;
	else
		MiPfnElement(Previous)->u1.Flink = Next;
	MmFreePageListHead.Total--;
	MmAvailablePages--;
	Pfn->u1.Next = NULL;
	Pfn->u2.EntireField = 0;
	Pfn->u2.ShareCount = 1;
	Pfn->u3.ReferenceCount = 1;
	Pfn->u3.e1.PageLocation = ActiveAndValid;
	Pfn->u3.e1.Modified = 1;
}

PFN_NUMBER MiAllocatePage(VOID)
{
	PFN_NUMBER Page = 0;
	BOOLEAN Enabled;

	if (MiBootRun)
		return MiBootRun->PageCount ? MiBootRun->BasePage + --MiBootRun->PageCount : 0;
	Enabled = KiLockBriefly(&MmPfnLock);
	if (MmFreePageListHead.Flink != MI_EMPTY_LIST) {
		Page = MmFreePageListHead.Flink;
		MiRemoveFreePage(Page);
	}
	KiUnlockBriefly(&MmPfnLock, Enabled);
	return Page;
}

VOID MiFreePage(PFN_NUMBER Page)
{
	MiFreeContiguousPages(Page, 1);
}

VOID MiFreeContiguousPages(PFN_NUMBER First, SIZE_T PageCount)
{
	BOOLEAN Enabled;

	Enabled = KiLockBriefly(&MmPfnLock);
	for (PFN_NUMBER Page = First + PageCount; Page-- > First;) {
		if (!MiIsPhysicalMemory(Page) || MiPfnElement(Page)->u3.e1.PageLocation != ActiveAndValid)
			KeBugCheckEx(PFN_LIST_CORRUPT, 7, Page, PageCount, 0);
		MiInsertFreePage(Page);
	}
	KiUnlockBriefly(&MmPfnLock, Enabled);
}

/* First fit upwards, so that devices' memory does not break up what lies high. A boundary of 0 pages means none. */
PFN_NUMBER MiAllocateContiguousPages(SIZE_T PageCount, PFN_NUMBER Lowest, PFN_NUMBER Highest, PFN_NUMBER BoundaryPages)
{
	PFN_NUMBER First = 0;
	SIZE_T Found = 0;
	KIRQL OldIrql;

	if (Highest > MmHighestPhysicalPage)
		Highest = MmHighestPhysicalPage;
	KeAcquireSpinLock(&MmPfnLock, &OldIrql);
	for (PFN_NUMBER Page = Lowest; Page <= Highest && Found < PageCount; Page++) {
		BOOLEAN Free = MiIsPhysicalMemory(Page) && MiPfnElement(Page)->u3.e1.PageLocation == FreePageList;

		if (Found && BoundaryPages && Page % BoundaryPages == 0)
			Found = 0;
		if (!Free)
			Found = 0;
		else if (!Found++)
			First = Page;
	}
	if (PageCount && Found == PageCount) {
		for (PFN_NUMBER Page = First; Page < First + PageCount; Page++)
			MiRemoveFreePage(Page);
	} else {
		First = 0;
	}
	KeReleaseSpinLock(&MmPfnLock, OldIrql);
	return First;
}

BOOLEAN MiIsPhysicalMemory(PFN_NUMBER Page)
{
	for (ULONG i = 0; i < MiPhysicalMemory.NumberOfRuns; i++) {
		if (Page - MiPhysicalMemory.Run[i].BasePage < MiPhysicalMemory.Run[i].PageCount)
			return TRUE;
	}
	return FALSE;
}

VOID MiSetPfnPte(PFN_NUMBER Page, PMMPTE Pte)
{
	PMMPFN Pfn;

	if (MiBootRun)
		return;
	Pfn = MiPfnElement(Page);
	Pfn->PteAddress = Pte;
	Pfn->OriginalPte.u.Soft.Protection = 4; /* MM_READWRITE */
	Pfn->u4.PteFrame = MiGetPteAddress(Pte)->u.Hard.PageFrameNumber;
}

static VOID MiAddPhysicalRun(PFN_NUMBER Base, PFN_NUMBER Count)
{
	ULONG Runs = MiPhysicalMemory.NumberOfRuns;
	PPHYSICAL_MEMORY_RUN Last = &MiPhysicalMemory.Run[Runs ? Runs - 1 : 0];

	MiPhysicalMemory.NumberOfPages += Count;
	if (Runs && Last->BasePage + Last->PageCount == Base) {
		Last->PageCount += Count;
		return;
	}
	MiPhysicalMemory.Run[Runs].BasePage = Base;
	MiPhysicalMemory.Run[Runs].PageCount = Count;
	MiPhysicalMemory.NumberOfRuns++;
}

/* Page 0 is left out, as NT does. */
static VOID MiBuildPhysicalMemoryBlock(PLOADER_PARAMETER_BLOCK LoaderBlock)
{
	for (ULONG i = 0; i < LoaderBlock->RunCount; i++) {
		PLOADER_MEMORY_RUN Run = &LoaderBlock->Runs[i];

		if (Run->MemoryType != LoaderBad)
			MiAddPhysicalRun(Run->BasePage, Run->PageCount);
		if (Run->MemoryType == LoaderFree && (!MiBootRun || Run->PageCount > MiBootRun->PageCount))
			MiBootRun = Run;
	}
	if (!MiBootRun)
		KeBugCheckEx(MEMORY_MANAGEMENT, 0x1011, LoaderBlock->RunCount, 0, 0);
	MmPhysicalMemoryBlock = (PPHYSICAL_MEMORY_DESCRIPTOR)&MiPhysicalMemory;
	MmNumberOfPhysicalPages = MiPhysicalMemory.NumberOfPages;
	MmLowestPhysicalPage = MiPhysicalMemory.Run[0].BasePage;
	PPHYSICAL_MEMORY_RUN Last = &MiPhysicalMemory.Run[MiPhysicalMemory.NumberOfRuns - 1];
	MmHighestPhysicalPage = Last->BasePage + Last->PageCount - 1;
}

/* Maps the parts of the database that describe existing memory; the rest of its addresses stays empty. */
static VOID MiMapPfnDatabase(VOID)
{
	for (ULONG i = 0; i < MiPhysicalMemory.NumberOfRuns; i++) {
		PPHYSICAL_MEMORY_RUN Run = &MiPhysicalMemory.Run[i];
		PUCHAR Address = PAGE_ALIGN(MiPfnElement(Run->BasePage));
		PUCHAR End = (PUCHAR)MiPfnElement(Run->BasePage + Run->PageCount);

		if (!MiMakePageTables(Address, BYTES_TO_PAGES(End - Address)))
			KeBugCheckEx(MEMORY_MANAGEMENT, 0x1012, (ULONG_PTR)Address, 0, 0);
		for (; Address < End; Address += PAGE_SIZE) {
			PFN_NUMBER Page;

			if (MiGetPteAddress(Address)->u.Hard.Valid)
				continue;
			Page = MiAllocatePage();
			if (!Page)
				KeBugCheckEx(MEMORY_MANAGEMENT, 0x1012, (ULONG_PTR)Address, 0, 0);
			MiMapPage(Address, Page, PAGE_READWRITE);
			memset(Address, 0, PAGE_SIZE);
		}
	}
}

static VOID MiDescribeRun(PFN_NUMBER Base, PFN_NUMBER Count, BOOLEAN Free)
{
	for (PFN_NUMBER Page = Base + Count; Page-- > Base;) {
		PMMPFN Pfn = MiPfnElement(Page);

		Pfn->u4.PfnExists = 1;
		Pfn->u3.e1.CacheAttribute = 1; /* MiCached */
		Pfn->u3.e3.Priority = 5;
		if (Free) {
			MiInsertFreePage(Page);
		} else {
			Pfn->u2.ShareCount = 1;
			Pfn->u3.ReferenceCount = 1;
			Pfn->u3.e1.PageLocation = ActiveAndValid;
		}
	}
}

VOID MiInitializePfnDatabase(PLOADER_PARAMETER_BLOCK LoaderBlock)
{
	PFN_NUMBER BootRunPages;

	MmPfnDatabase = (PMMPFN)MI_PFN_DATABASE;
	MiBuildPhysicalMemoryBlock(LoaderBlock);
	BootRunPages = MiBootRun->PageCount;
	MiMapPfnDatabase();
	/* From here on the boot run is what the database has not taken of it. */
	MiDescribeRun(MiBootRun->BasePage + MiBootRun->PageCount, BootRunPages - MiBootRun->PageCount, FALSE);
	MiBootRun = NULL;
	for (ULONG i = LoaderBlock->RunCount; i-- > 0;) {
		PLOADER_MEMORY_RUN Run = &LoaderBlock->Runs[i];

		if (Run->MemoryType != LoaderBad)
			MiDescribeRun(Run->BasePage, Run->PageCount, Run->MemoryType == LoaderFree);
	}
	MiDescribeBootMappings();
}

/* One level of the page tables: a valid entry names an active page; entries of the last level map, the others are walked. */
static VOID MiDescribeTable(PMMPTE Table, ULONG Level)
{
	for (ULONG i = 0; i < 512; i++) {
		PMMPTE Entry = &Table[i];

		if (!Entry->u.Hard.Valid || (Level == 4 && i < 256))
			continue;
		if (MiIsPhysicalMemory(Entry->u.Hard.PageFrameNumber))
			MiSetPfnPte(Entry->u.Hard.PageFrameNumber, Entry);
		if (Level > 1 && MiGetAddressMappedByPte(Entry) != (PVOID)MI_PXE_BASE)
			MiDescribeTable(MiGetAddressMappedByPte(Entry), Level - 1);
	}
}

VOID MiDescribeBootMappings(VOID)
{
	MiDescribeTable((PMMPTE)MI_PXE_BASE, 4);
}

VOID MiReleaseLoaderMemory(PLOADER_PARAMETER_BLOCK LoaderBlock)
{
	for (ULONG i = 0; i < LoaderBlock->RunCount; i++) {
		if (LoaderBlock->Runs[i].MemoryType == LoaderLoadedProgram)
			MiFreeContiguousPages(LoaderBlock->Runs[i].BasePage, LoaderBlock->Runs[i].PageCount);
	}
}
