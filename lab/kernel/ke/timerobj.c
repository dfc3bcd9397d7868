/*
 * Timer objects and the processor's timer table: 256 lists hashed by due time (interrupt time in units of 26 ms), so that the clock
 * interrupt looks at one list head and the expiration at those that the clock hand has passed.
 */

#include "ki.h"

#define TIMER_INDEX_SHIFT 18
#define NO_TIMER_DUE      0xffffffffffffffffULL

static inline UCHAR KiComputeTimerTableIndex(ULONGLONG DueTime)
{
	return (UCHAR)(DueTime >> TIMER_INDEX_SHIFT & (TIMER_TABLE_SIZE - 1));
}

static inline PKTIMER_TABLE_ENTRY KiTimerTableEntry(PKPRCB Prcb, UCHAR Hand)
{
	return &Prcb->TimerTable.TimerEntries[0][Hand];
}

VOID KiInitializeTimerTable(PKPRCB Prcb)
{
	for (ULONG Table = 0; Table < RTL_NUMBER_OF(Prcb->TimerTable.TimerEntries); Table++) {
		for (ULONG i = 0; i < TIMER_TABLE_SIZE; i++) {
			PKTIMER_TABLE_ENTRY Entry = &Prcb->TimerTable.TimerEntries[Table][i];

			InitializeListHead(&Entry->Entry);
			Entry->Time.QuadPart = NO_TIMER_DUE;
		}
	}
}

ULONGLONG KiComputeDueTime(LARGE_INTEGER Time)
{
	ULONGLONG Now = KeQueryInterruptTime();
	LARGE_INTEGER SystemTime;

	if (Time.QuadPart < 0) {
		ULONGLONG Interval = 0 - (ULONGLONG)Time.QuadPart;

		return Interval > NO_TIMER_DUE - 1 - Now ? NO_TIMER_DUE - 1 : Now + Interval;
	}
	KeQuerySystemTime(&SystemTime);
	if (Time.QuadPart <= SystemTime.QuadPart)
		return Now;
	return Now + (ULONGLONG)(Time.QuadPart - SystemTime.QuadPart);
}

VOID KiInsertTimer(PKTIMER Timer, ULONGLONG DueTime)
{
	PKPRCB Prcb = KeGetCurrentPrcb();
	UCHAR Hand = KiComputeTimerTableIndex(DueTime);
	PKTIMER_TABLE_ENTRY TableEntry = KiTimerTableEntry(Prcb, Hand);
	PLIST_ENTRY Entry;

	Timer->Header.SignalState = 0;
	Timer->Header.Inserted = 1;
	Timer->Header.Expired = 0;
	Timer->Header.Hand = Hand;
	Timer->DueTime.QuadPart = DueTime;
	Timer->Processor = (USHORT)Prcb->Number;
	/* Sorted, from the end: most timers are set for later than those before them. */
	for (Entry = TableEntry->Entry.Blink; Entry != &TableEntry->Entry; Entry = Entry->Blink)
		if (CONTAINING_RECORD(Entry, KTIMER, TimerListEntry)->DueTime.QuadPart <= DueTime)
			break;
	InsertHeadList(Entry, &Timer->TimerListEntry);
	if (DueTime < TableEntry->Time.QuadPart)
		TableEntry->Time.QuadPart = DueTime;
}

VOID KiRemoveTimer(PKTIMER Timer)
{
	PKTIMER_TABLE_ENTRY TableEntry;

	if (!Timer->Header.Inserted)
		return;
	TableEntry = KiTimerTableEntry(KiProcessorBlock[Timer->Processor], Timer->Header.Hand);
	Timer->Header.Inserted = 0;
	if (RemoveEntryList(&Timer->TimerListEntry))
		TableEntry->Time.QuadPart = NO_TIMER_DUE;
	else
		TableEntry->Time = CONTAINING_RECORD(TableEntry->Entry.Flink, KTIMER, TimerListEntry)->DueTime;
}

BOOLEAN KiIsTimerDue(PKPRCB Prcb, ULONGLONG InterruptTime)
{
	UCHAR Hand = KiComputeTimerTableIndex(InterruptTime);

	return Hand != (UCHAR)Prcb->TimerTable.TableState.LastTimerHand[0] || KiTimerTableEntry(Prcb, Hand)->Time.QuadPart <= InterruptTime;
}

/* Under the dispatcher lock: Timer is due and off its list. A periodic one is set again, counted from when it was due. */
static VOID KiSignalTimer(PKTIMER Timer, ULONGLONG InterruptTime)
{
	PKDPC Dpc = Timer->Dpc;

	Timer->Header.SignalState = 1;
	Timer->Header.Expired = 1;
	if (!IsListEmpty(&Timer->Header.WaitListHead))
		KiWaitTest(Timer, 0);
	if (Timer->Period) {
		ULONGLONG Period = (ULONGLONG)Timer->Period * 10000;
		ULONGLONG DueTime = Timer->DueTime.QuadPart + Period;
		LONG SignalState = Timer->Header.SignalState;

		if (DueTime <= InterruptTime)
			DueTime += (InterruptTime - DueTime) / Period * Period + Period;
		KiInsertTimer(Timer, DueTime);
		Timer->Header.SignalState = SignalState;
	}
	if (Dpc) {
		LARGE_INTEGER SystemTime;

		KeQuerySystemTime(&SystemTime);
		KeInsertQueueDpc(Dpc, (PVOID)(ULONG_PTR)SystemTime.LowPart, (PVOID)(ULONG_PTR)(ULONG)SystemTime.HighPart);
	}
}

VOID KiTimerExpiration(PKPRCB Prcb)
{
	ULONGLONG Now = KeQueryInterruptTime();
	UCHAR Last = KiComputeTimerTableIndex(Now);
	UCHAR Hand = (UCHAR)Prcb->TimerTable.TableState.LastTimerHand[0];
	ULONGLONG Passed = (Now >> TIMER_INDEX_SHIFT) - (Prcb->TimerTable.TableState.LastTimerExpiration[0] >> TIMER_INDEX_SHIFT);

	KiAcquireSpinLock(&KiDispatcherLock);
	/* The processor may have been stopped for longer than the table is long. */
	if (Passed >= TIMER_TABLE_SIZE)
		Hand = (UCHAR)(Last + 1);
	for (;; Hand++) {
		PKTIMER_TABLE_ENTRY TableEntry = KiTimerTableEntry(Prcb, Hand);

		while (TableEntry->Time.QuadPart <= Now) {
			PKTIMER Timer = CONTAINING_RECORD(TableEntry->Entry.Flink, KTIMER, TimerListEntry);

			KiRemoveTimer(Timer);
			KiSignalTimer(Timer, Now);
		}
		if (Hand == Last)
			break;
	}
	Prcb->TimerTable.TableState.LastTimerHand[0] = Last;
	Prcb->TimerTable.TableState.LastTimerExpiration[0] = Now;
	KiReleaseSpinLock(&KiDispatcherLock);
}

BOOLEAN KiIsTimerSet(BOOLEAN (*Matches)(PKTIMER Timer, PVOID Context), PVOID Context)
{
	BOOLEAN Enabled = KiLockBriefly(&KiDispatcherLock);
	BOOLEAN Found = FALSE;

	for (ULONG Number = 0; Number < (ULONG)KeNumberProcessors; Number++) {
		for (ULONG Hand = 0; Hand < TIMER_TABLE_SIZE; Hand++) {
			PLIST_ENTRY Head = &KiTimerTableEntry(KiProcessorBlock[Number], (UCHAR)Hand)->Entry;

			for (PLIST_ENTRY Entry = Head->Flink; !Found && Entry != Head; Entry = Entry->Flink)
				Found = Matches(CONTAINING_RECORD(Entry, KTIMER, TimerListEntry), Context);
		}
	}
	KiUnlockBriefly(&KiDispatcherLock, Enabled);
	return Found;
}

NTKERNELAPI VOID KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type)
{
	Timer->Header.Lock = 0;
	Timer->Header.Type = (UCHAR)(Type == NotificationTimer ? TimerNotificationObject : TimerSynchronizationObject);
	Timer->Header.SignalState = 0;
	InitializeListHead(&Timer->Header.WaitListHead);
	Timer->DueTime.QuadPart = 0;
	Timer->TimerListEntry.Flink = Timer->TimerListEntry.Blink = NULL;
	Timer->Dpc = NULL;
	Timer->Processor = 0;
	Timer->TimerType = (USHORT)Type;
	Timer->Period = 0;
}

NTKERNELAPI VOID KeInitializeTimer(PKTIMER Timer)
{
	KeInitializeTimerEx(Timer, NotificationTimer);
}

NTKERNELAPI BOOLEAN KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	BOOLEAN WasInserted = Timer->Header.Inserted;
	ULONGLONG Due = KiComputeDueTime(DueTime);

	KiRemoveTimer(Timer);
	Timer->Dpc = Dpc;
	Timer->Period = Period > 0 ? (ULONG)Period : 0;
	Timer->Header.Absolute = DueTime.QuadPart >= 0;
	if (Due > KeQueryInterruptTime()) {
		KiInsertTimer(Timer, Due);
	} else {
		Timer->DueTime.QuadPart = Due;
		Timer->Header.SignalState = 0;
		KiSignalTimer(Timer, Due);
	}
	KiExitDispatcher(OldIrql);
	return WasInserted;
}

NTKERNELAPI BOOLEAN KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc)
{
	return KeSetTimerEx(Timer, DueTime, 0, Dpc);
}

/* Every clock interval is a chance to coalesce: the delay that the caller tolerates needs no further one. */
NTKERNELAPI BOOLEAN KeSetCoalescableTimer(PKTIMER Timer, LARGE_INTEGER DueTime, ULONG Period, ULONG TolerableDelay, PKDPC Dpc)
{
	UNREFERENCED_PARAMETER(TolerableDelay);
	return KeSetTimerEx(Timer, DueTime, (LONG)Period, Dpc);
}

NTKERNELAPI BOOLEAN KeCancelTimer(PKTIMER Timer)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	BOOLEAN WasInserted = Timer->Header.Inserted;

	KiRemoveTimer(Timer);
	KiExitDispatcher(OldIrql);
	return WasInserted;
}

NTKERNELAPI BOOLEAN KeReadStateTimer(PKTIMER Timer)
{
	return Timer->Header.SignalState != 0;
}
