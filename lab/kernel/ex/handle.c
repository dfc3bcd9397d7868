/*
 * Handle tables: a tree of pages of HANDLE_TABLE_ENTRY, as NT 10 builds it. TableCode's low two bits are the depth; a handle is the
 * entry's index times four; the first entry of each leaf is kept, and holds the handle that the leaf begins with. What an entry
 * refers to is its owner's business (ob/handle.c, ps/cid.c).
 *
 * A free entry is 0 and links the next one. A used entry is "unlocked" while nobody looks at it; ExMapHandleToPointer returns it
 * locked, with HandleTableLock held, so that nobody ever waits for the entry itself. Only an unlocked entry gives up references without
 * the table's lock, in a compare-exchange of its low half.
 */
#include "ex.h"
#include "ke.h"
#include "mm.h"
#include "rtl.h"

#define EX_HANDLE_TAG    'bthO' /* "Obtb", NT's tag for handle tables */
#define EX_LEVEL_MASK    3ULL
#define EX_HANDLE_STEP   4
#define EX_LEAF_ENTRIES  (PAGE_SIZE / sizeof(HANDLE_TABLE_ENTRY))
#define EX_LEAF_HANDLES  (EX_LEAF_ENTRIES * EX_HANDLE_STEP)
#define EX_PAGE_POINTERS (PAGE_SIZE / sizeof(PVOID))

/* HANDLE_TABLE_ENTRY.LowValue: Unlocked is bit 0, RefCnt the 16 bits above it. */
#define EX_ENTRY_UNLOCKED   1LL
#define EX_ENTRY_REFERENCE  2LL
#define EX_ENTRY_REFERENCES (0xffffLL * EX_ENTRY_REFERENCE)

/* NT's limit of handles in one table; it needs the three levels. */
#define EX_MAX_HANDLE (EX_LEAF_HANDLES * EX_PAGE_POINTERS * 32)

LIST_ENTRY HandleTableListHead = { &HandleTableListHead, &HandleTableListHead };
static EX_PUSH_LOCK HandleTableListLock;

static VOID ExpLockTable(PHANDLE_TABLE table)
{
	KeEnterCriticalRegion();
	ExfAcquirePushLockExclusive(&table->HandleTableLock);
}

static VOID ExpUnlockTable(PHANDLE_TABLE table)
{
	ExfReleasePushLockExclusive(&table->HandleTableLock);
	KeLeaveCriticalRegion();
}

static PVOID ExpAllocateTablePage(VOID)
{
	PVOID page = ExAllocatePoolWithTag(PagedPool, PAGE_SIZE, EX_HANDLE_TAG);

	if (page != NULL)
		memset(page, 0, PAGE_SIZE);
	return page;
}

static PHANDLE_TABLE_ENTRY ExpLeafOf(PHANDLE_TABLE_ENTRY entry)
{
	return PAGE_ALIGN(entry);
}

static HANDLE ExpHandleOf(PHANDLE_TABLE_ENTRY entry)
{
	PHANDLE_TABLE_ENTRY leaf = ExpLeafOf(entry);

	return (HANDLE)(leaf->LeafHandleValue.Value + (ULONG64)(entry - leaf) * EX_HANDLE_STEP);
}

/* Puts an entry at the end of the free list where handles are to be reused late (StrictFIFO), else at its front. */
static VOID ExpFreeEntry(PHANDLE_TABLE table, PHANDLE_TABLE_ENTRY entry)
{
	PHANDLE_TABLE_FREE_LIST list = &table->FreeLists[0];

	entry->LowValue = 0;
	entry->NextFreeHandleEntry = NULL;
	if (list->FirstFreeHandleEntry == NULL) {
		list->FirstFreeHandleEntry = list->LastFreeHandleEntry = entry;
	} else if (table->StrictFIFO) {
		list->LastFreeHandleEntry->NextFreeHandleEntry = entry;
		list->LastFreeHandleEntry = entry;
	} else {
		entry->NextFreeHandleEntry = list->FirstFreeHandleEntry;
		list->FirstFreeHandleEntry = entry;
	}
}

/* A fresh leaf's entries in ascending order behind those that are free already. */
static VOID ExpFreeLeaf(PHANDLE_TABLE table, PHANDLE_TABLE_ENTRY leaf, ULONG first_handle)
{
	PHANDLE_TABLE_FREE_LIST list = &table->FreeLists[0];

	leaf->LeafHandleValue.Value = first_handle;
	for (SIZE_T i = 1; i + 1 < EX_LEAF_ENTRIES; i++)
		leaf[i].NextFreeHandleEntry = &leaf[i + 1];
	if (list->FirstFreeHandleEntry == NULL)
		list->FirstFreeHandleEntry = &leaf[1];
	else
		list->LastFreeHandleEntry->NextFreeHandleEntry = &leaf[1];
	list->LastFreeHandleEntry = &leaf[EX_LEAF_ENTRIES - 1];
}

/* Where the pointer to the leaf of a handle is kept, the tree grown to the depth it needs. NULL: no memory. */
static PHANDLE_TABLE_ENTRY *ExpLeafSlot(PHANDLE_TABLE table, ULONG first_handle)
{
	ULONG64 leaf = first_handle / EX_LEAF_HANDLES;
	ULONG64 level = table->TableCode & EX_LEVEL_MASK;
	PVOID root = (PVOID)(table->TableCode & ~EX_LEVEL_MASK);
	PVOID *middle;

	while ((level == 0 && leaf > 0) || (level == 1 && leaf >= EX_PAGE_POINTERS)) {
		PVOID *page = ExpAllocateTablePage();

		if (page == NULL)
			return NULL;
		page[0] = root;
		root = page;
		level++;
		table->TableCode = (ULONG64)root | level;
	}
	if (level == 1)
		return (PHANDLE_TABLE_ENTRY *)root + leaf;
	middle = (PVOID *)root + leaf / EX_PAGE_POINTERS;
	if (*middle == NULL)
		*middle = ExpAllocateTablePage();
	return *middle == NULL ? NULL : (PHANDLE_TABLE_ENTRY *)*middle + leaf % EX_PAGE_POINTERS;
}

static BOOLEAN ExpGrowTable(PHANDLE_TABLE table)
{
	PHANDLE_TABLE_ENTRY *slot;
	PHANDLE_TABLE_ENTRY leaf;

	if (table->NextHandleNeedingPool >= EX_MAX_HANDLE)
		return FALSE;
	slot = ExpLeafSlot(table, table->NextHandleNeedingPool);
	leaf = slot != NULL ? ExpAllocateTablePage() : NULL;
	if (leaf == NULL)
		return FALSE;
	*slot = leaf;
	ExpFreeLeaf(table, leaf, table->NextHandleNeedingPool);
	table->NextHandleNeedingPool += EX_LEAF_HANDLES;
	return TRUE;
}

/* Process is whose handles these are, NULL for tables of the kernel's own. NULL: no memory. */
PHANDLE_TABLE ExCreateHandleTable(PEPROCESS Process)
{
	PHANDLE_TABLE table = ExAllocatePoolWithTag(NonPagedPool, sizeof(*table), EX_HANDLE_TAG);
	PHANDLE_TABLE_ENTRY leaf = ExpAllocateTablePage();

	if (table == NULL || leaf == NULL) {
		if (table != NULL)
			ExFreePoolWithTag(table, EX_HANDLE_TAG);
		if (leaf != NULL)
			ExFreePoolWithTag(leaf, EX_HANDLE_TAG);
		return NULL;
	}
	memset(table, 0, sizeof(*table));
	table->TableCode = (ULONG64)leaf;
	table->QuotaProcess = Process;
	table->UniqueProcessId = Process != NULL ? (ULONG)(ULONG64)Process->UniqueProcessId : 0;
	ExpFreeLeaf(table, leaf, 0);
	table->NextHandleNeedingPool = EX_LEAF_HANDLES;
	KeEnterCriticalRegion();
	ExfAcquirePushLockExclusive(&HandleTableListLock);
	InsertTailList(&HandleTableListHead, &table->HandleTableList);
	ExfReleasePushLockExclusive(&HandleTableListLock);
	KeLeaveCriticalRegion();
	return table;
}

static VOID ExpFreePage(PVOID page, ULONG64 level)
{
	for (SIZE_T i = 0; level > 0 && i < EX_PAGE_POINTERS && ((PVOID *)page)[i] != NULL; i++)
		ExpFreePage(((PVOID *)page)[i], level - 1);
	ExFreePoolWithTag(page, EX_HANDLE_TAG);
}

/* The table's handles are closed already. */
VOID ExDestroyHandleTable(PHANDLE_TABLE Table)
{
	KeEnterCriticalRegion();
	ExfAcquirePushLockExclusive(&HandleTableListLock);
	RemoveEntryList(&Table->HandleTableList);
	ExfReleasePushLockExclusive(&HandleTableListLock);
	KeLeaveCriticalRegion();
	ExpFreePage((PVOID)(Table->TableCode & ~EX_LEVEL_MASK), Table->TableCode & EX_LEVEL_MASK);
	ExFreePoolWithTag(Table, EX_HANDLE_TAG);
}

/* Enters Entry, whose Unlocked bit is set here. NULL: no memory, or the table is full. */
HANDLE ExCreateHandle(PHANDLE_TABLE Table, const HANDLE_TABLE_ENTRY *Entry)
{
	PHANDLE_TABLE_FREE_LIST list = &Table->FreeLists[0];
	PHANDLE_TABLE_ENTRY entry;
	HANDLE handle = NULL;

	ExpLockTable(Table);
	if (list->FirstFreeHandleEntry != NULL || ExpGrowTable(Table)) {
		entry = list->FirstFreeHandleEntry;
		list->FirstFreeHandleEntry = entry->NextFreeHandleEntry;
		if (list->FirstFreeHandleEntry == NULL)
			list->LastFreeHandleEntry = NULL;
		entry->HighValue = Entry->HighValue;
		/* Last: it makes the entry one that is in use. */
		__atomic_store_n(&entry->LowValue, Entry->LowValue | 1, __ATOMIC_RELEASE);
		list->HandleCount++;
		if ((ULONG)list->HandleCount > list->HighWaterMark)
			list->HighWaterMark = (ULONG)list->HandleCount;
		handle = ExpHandleOf(entry);
	}
	ExpUnlockTable(Table);
	return handle;
}

/* The entry that a handle's value names, used or not; NULL when the table has none such. Tables grow under their readers' eyes. */
PHANDLE_TABLE_ENTRY ExpLookupHandleTableEntry(PHANDLE_TABLE Table, HANDLE Handle)
{
	ULONG64 value = (ULONG64)Handle & ~(ULONG64)(EX_HANDLE_STEP - 1);
	ULONG64 index = value % EX_LEAF_HANDLES / EX_HANDLE_STEP;
	ULONG64 leaf = value / EX_LEAF_HANDLES;
	BOOLEAN exists = value < __atomic_load_n(&Table->NextHandleNeedingPool, __ATOMIC_ACQUIRE) && index != 0;
	ULONG64 code = __atomic_load_n(&Table->TableCode, __ATOMIC_ACQUIRE);
	PVOID page = (PVOID)(code & ~EX_LEVEL_MASK);

	if (!exists)
		return NULL;
	if ((code & EX_LEVEL_MASK) == 2)
		page = ((PVOID *)page)[leaf / EX_PAGE_POINTERS];
	if ((code & EX_LEVEL_MASK) >= 1)
		page = ((PVOID *)page)[leaf % EX_PAGE_POINTERS];
	return (PHANDLE_TABLE_ENTRY)page + index;
}

/* The locked entry of a handle that is in use; the caller soon calls ExUnlockHandleTableEntry or ExDestroyHandle. NULL: not in use. */
PHANDLE_TABLE_ENTRY ExMapHandleToPointer(PHANDLE_TABLE Table, HANDLE Handle)
{
	PHANDLE_TABLE_ENTRY entry;

	ExpLockTable(Table);
	entry = ExpLookupHandleTableEntry(Table, Handle);
	if (entry == NULL || entry->LowValue == 0) {
		ExpUnlockTable(Table);
		return NULL;
	}
	__atomic_fetch_and(&entry->LowValue, ~1, __ATOMIC_ACQUIRE);
	return entry;
}

/*
 * Takes one of the references that an entry keeps ready; *Entry is what it was then. FALSE: nothing taken, because the handle is not in
 * use, its entry is locked or has none left - ExMapHandleToPointer tells.
 */
BOOLEAN ExFastReferenceHandle(PHANDLE_TABLE Table, HANDLE Handle, PHANDLE_TABLE_ENTRY Entry)
{
	PHANDLE_TABLE_ENTRY entry = ExpLookupHandleTableEntry(Table, Handle);
	LONGLONG low;

	if (entry == NULL)
		return FALSE;
	low = __atomic_load_n(&entry->LowValue, __ATOMIC_ACQUIRE);
	do {
		if (!(low & EX_ENTRY_UNLOCKED) || !(low & EX_ENTRY_REFERENCES))
			return FALSE;
		/* Before the exchange: behind it the handle may be closed, and the entry another's with other rights. */
		Entry->HighValue = __atomic_load_n(&entry->HighValue, __ATOMIC_ACQUIRE);
	} while (!__atomic_compare_exchange_n(&entry->LowValue, &low, low - EX_ENTRY_REFERENCE, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	Entry->LowValue = low;
	return TRUE;
}

VOID ExUnlockHandleTableEntry(PHANDLE_TABLE Table, PHANDLE_TABLE_ENTRY Entry)
{
	Entry->Unlocked = 1;
	ExpUnlockTable(Table);
}

/* LockedEntry comes from ExMapHandleToPointer for the same handle. */
VOID ExDestroyHandle(PHANDLE_TABLE Table, HANDLE Handle, PHANDLE_TABLE_ENTRY LockedEntry)
{
	UNREFERENCED_PARAMETER(Handle);
	ExpFreeEntry(Table, LockedEntry);
	Table->FreeLists[0].HandleCount--;
	ExpUnlockTable(Table);
}

/* Calls Routine for every handle in use, the table locked, until it returns TRUE; *Handle, where asked for, is that handle. */
BOOLEAN ExEnumHandleTable(PHANDLE_TABLE Table, EX_ENUMERATE_HANDLE_ROUTINE Routine, PVOID Context, PHANDLE Handle)
{
	BOOLEAN found = FALSE;

	ExpLockTable(Table);
	for (ULONG64 value = EX_HANDLE_STEP; !found && value < Table->NextHandleNeedingPool; value += EX_HANDLE_STEP) {
		PHANDLE_TABLE_ENTRY entry = ExpLookupHandleTableEntry(Table, (HANDLE)value);

		if (entry == NULL || entry->LowValue == 0)
			continue;
		found = Routine(entry, (HANDLE)value, Context);
		if (found && Handle != NULL)
			*Handle = (HANDLE)value;
	}
	ExpUnlockTable(Table);
	return found;
}
