/* Process objects as the dispatcher sees them: a list of threads, an address space, and something to wait for. */

#include "ki.h"

LIST_ENTRY KiProcessListHead = { &KiProcessListHead, &KiProcessListHead };

VOID KiInitializeAffinity(PKAFFINITY_EX Affinity, KAFFINITY Mask)
{
	__builtin_memset(Affinity, 0, sizeof(*Affinity));
	Affinity->Count = 1;
	Affinity->Size = RTL_NUMBER_OF(Affinity->StaticBitmap);
	Affinity->Bitmap[0] = Mask;
}

VOID KeInitializeProcess(PKPROCESS Process, KPRIORITY Priority, KAFFINITY Affinity, ULONG_PTR DirectoryTableBase, BOOLEAN AutoAlignment)
{
	KIRQL OldIrql;

	Process->Header.Lock = 0;
	Process->Header.Type = ProcessObject;
	Process->Header.Size = (UCHAR)(sizeof(KPROCESS) / sizeof(LONG));
	Process->Header.SignalState = 0;
	InitializeListHead(&Process->Header.WaitListHead);
	InitializeListHead(&Process->ProfileListHead);
	InitializeListHead(&Process->ThreadListHead);
	InitializeListHead(&Process->ReadyListHead);
	KiInitializeAffinity(&Process->Affinity, Affinity & KeQueryActiveProcessors());
	KiInitializeAffinity(&Process->ActiveProcessors, 0);
	Process->DirectoryTableBase = DirectoryTableBase;
	Process->BasePriority = (CHAR)Priority;
	Process->QuantumReset = THREAD_QUANTUM;
	Process->AutoAlignment = AutoAlignment != FALSE;
	Process->StackCount.State = ProcessInMemory;
	OldIrql = KiLockDispatcherDatabase();
	InsertTailList(&KiProcessListHead, &Process->ProcessListEntry);
	KiExitDispatcher(OldIrql);
}

LONG KeSetProcess(PKPROCESS Process, KPRIORITY Increment)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	LONG OldState = Process->Header.SignalState;

	Process->Header.SignalState = 1;
	if (!OldState)
		KiWaitTest(Process, Increment);
	KiExitDispatcher(OldIrql);
	return OldState;
}

VOID KeDeleteProcess(PKPROCESS Process)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();

	RemoveEntryList(&Process->ProcessListEntry);
	KiExitDispatcher(OldIrql);
}
