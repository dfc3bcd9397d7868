/*
 * The schedule that a seed makes (`impasse lab up --seed`). What is random on Windows is decided here by a generator: after how many waits
 * and signals a driver's thread gives way, which of several that are ready goes on, which waiter is woken. Its numbers are used for drivers'
 * threads only, and neither the clock nor the host's answers decide anything, so that the order in which these threads wait and signal
 * repeats. One processor; nothing of this runs without the option.
 */

#include "hal.h"
#include "ki.h"
#include "mm.h"
#include "rtl.h"

#define SEED_OPTION "impasse.seed="

/* The longest slice, in waits and signals; one is what finds most. */
#define LONGEST_SLICE  6
/* A thread that computes for so many quanta, half a second or more, gives way to the clock after all. */
#define PATIENT_QUANTA 32
/* Threads and objects with names of their own in the trace. */
#define NAMED_THREADS  128
#define NAMED_OBJECTS  256

BOOLEAN KiSeeded;
PKTHREAD KiScheduleHolder;

static struct {
	ULONG64 Random;
	PKTHREAD Thread;      /* whose slice it is */
	ULONG Left;           /* of it, in waits and signals */
	ULONG Quanta;         /* of the clock, since the last of these */
	PKTHREAD Interrupted; /* by a thread of the kernel: goes on where it was */
	PVOID Threads[NAMED_THREADS];
	PVOID Objects[NAMED_OBJECTS];
} KiSeed;

VOID KiInitializeSeed(VOID)
{
	const CHAR *Option = strstr(KeLoaderBlock->LoadOptions, SEED_OPTION);

	if (!Option)
		return;
	KiSeed.Random = strtoul(Option + sizeof(SEED_OPTION) - 1, NULL, 10);
	KiSeeded = TRUE;
}

/* 0 to Count - 1 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014: SplitMix64). */
static ULONG KiSeedBelow(ULONG Count)
{
	ULONG64 Value = KiSeed.Random += 0x9E3779B97F4A7C15ULL;

	Value = (Value ^ Value >> 30) * 0xBF58476D1CE4E5B9ULL;
	Value = (Value ^ Value >> 27) * 0x94D049BB133111EBULL;
	return (ULONG)((Value ^ Value >> 31) % Count);
}

/* A thread that a driver has started; not those of the kernel, which come and go with the clock and the host. */
static BOOLEAN KiIsDriversThread(PKTHREAD Thread)
{
	ULONG64 Start = (ULONG64)CONTAINING_RECORD(Thread, ETHREAD, Tcb)->StartAddress;

	return Start && Start - KeLoaderBlock->Modules[0].DllBase >= KeLoaderBlock->Modules[0].SizeOfImage;
}

/* In the file system a thread waits for the host, as often as that takes. */
static BOOLEAN KiIsSeeded(PKTHREAD Thread)
{
	return KiIsDriversThread(Thread) && !CONTAINING_RECORD(Thread, ETHREAD, Tcb)->TopLevelIrp;
}

BOOLEAN KiSeedEndsSlice(PKTHREAD Thread)
{
	if (!KiIsSeeded(Thread))
		return FALSE;
	KiSeed.Quanta = 0;
	if (KiSeed.Thread != Thread) {
		KiSeed.Thread = Thread;
		KiSeed.Left = 1 + KiSeedBelow(LONGEST_SLICE);
	}
	if (--KiSeed.Left)
		return FALSE;
	KiSeed.Thread = NULL;
	return TRUE;
}

BOOLEAN KiSeedIgnoresQuantum(PKTHREAD Thread)
{
	return KiIsDriversThread(Thread) && ++KiSeed.Quanta < PATIENT_QUANTA;
}

VOID KiSeedInterrupts(PKTHREAD Thread, PKTHREAD NewThread)
{
	if (KiIsDriversThread(Thread) && !KiIsDriversThread(NewThread))
		KiSeed.Interrupted = Thread;
}

PKTHREAD KiSeedChooseThread(PLIST_ENTRY Head)
{
	PKTHREAD First = CONTAINING_RECORD(Head->Flink, KTHREAD, WaitListEntry);
	PLIST_ENTRY Entry;
	ULONG Count = 0;

	if (First == KiSeed.Interrupted || !KiIsDriversThread(First)) {
		KiSeed.Interrupted = NULL;
		return First;
	}
	for (Entry = Head->Flink; Entry != Head; Entry = Entry->Flink)
		Count += KiIsDriversThread(CONTAINING_RECORD(Entry, KTHREAD, WaitListEntry));
	if (Count == 1)
		return First;
	Count = KiSeedBelow(Count);
	for (Entry = Head->Flink;; Entry = Entry->Flink) {
		PKTHREAD Thread = CONTAINING_RECORD(Entry, KTHREAD, WaitListEntry);

		if (KiIsDriversThread(Thread) && !Count--)
			return Thread;
	}
}

/* Waiters of the first one's rank, which all want just this object. */
static BOOLEAN KiIsRival(PLIST_ENTRY Entry, const KWAIT_BLOCK *First)
{
	const KWAIT_BLOCK *Block = CONTAINING_RECORD(Entry, KWAIT_BLOCK, WaitListEntry);

	return Block->WaitType == WaitAny && Block->Thread->Priority == First->Thread->Priority && KiIsDriversThread(Block->Thread);
}

/* Puts the waiter to be woken first in Header's list. */
static VOID KiSeedChooseWaiter(PDISPATCHER_HEADER Header)
{
	PLIST_ENTRY Head = &Header->WaitListHead, Entry;
	const KWAIT_BLOCK *First = CONTAINING_RECORD(Head->Flink, KWAIT_BLOCK, WaitListEntry);
	ULONG Count = 0;

	if (Header->Type == EventNotificationObject || Header->Type == TimerNotificationObject || IsListEmpty(Head) || !KiIsRival(Head->Flink, First))
		return;
	for (Entry = Head->Flink; Entry != Head; Entry = Entry->Flink)
		Count += KiIsRival(Entry, First);
	if (Count == 1)
		return;
	Count = KiSeedBelow(Count);
	for (Entry = Head->Flink; Count || !KiIsRival(Entry, First); Entry = Entry->Flink)
		Count -= KiIsRival(Entry, First);
	RemoveEntryList(Entry);
	InsertHeadList(Head, Entry);
}

/* The number of Item in Names, from 1, and whether it has just got it; 0: no number is left. */
static ULONG KiSeedName(PVOID Names[], ULONG Limit, PVOID Item, BOOLEAN *New)
{
	for (ULONG i = 0; i < Limit; i++) {
		*New = !Names[i];
		if (*New)
			Names[i] = Item;
		if (Names[i] == Item)
			return i + 1;
	}
	*New = FALSE;
	return 0;
}

VOID KiSeedTrace(PKTHREAD Thread, PCSTR Verb, PDISPATCHER_HEADER Object)
{
	ULONG ThreadName, ObjectName = 0;
	BOOLEAN New;

	if (!KiIsSeeded(Thread))
		return;
	ThreadName = KiSeedName(KiSeed.Threads, NAMED_THREADS, Thread, &New);
	if (New)
		DbgPrint("seed: thread %lu is %p, started at %p\n", ThreadName, Thread, CONTAINING_RECORD(Thread, ETHREAD, Tcb)->StartAddress);
	if (Object) {
		ObjectName = KiSeedName(KiSeed.Objects, NAMED_OBJECTS, Object, &New);
		if (New)
			DbgPrint("seed: object %lu is %p, of type %u\n", ObjectName, Object, Object->Type & 0x7f);
		DbgPrint("seed: T%lu %s %lu\n", ThreadName, Verb, ObjectName);
	} else {
		DbgPrint("seed: T%lu %s\n", ThreadName, Verb);
	}
}

VOID KiSeedSignal(PDISPATCHER_HEADER Object)
{
	/* A DPC is nobody's. */
	if (!KeGetCurrentPrcb()->DpcRoutineActive)
		KiSeedTrace(KeGetCurrentThread(), "signals", Object);
	KiSeedChooseWaiter(Object);
}

/* Until KeReleaseSchedule nobody but this thread runs, however long the host takes to answer it. */
VOID KeHoldSchedule(VOID)
{
	if (KiSeeded)
		KiScheduleHolder = KeGetCurrentThread();
}

VOID KeReleaseSchedule(VOID)
{
	KIRQL OldIrql;

	if (!KiSeeded)
		return;
	OldIrql = KiLockDispatcherDatabase();
	KiScheduleHolder = NULL;
	KiPreferReadyThread(KeGetCurrentThread());
	KiExitDispatcher(OldIrql);
}
