/* The documented rules of executive resources: who may share one, who has to wait, who is next, and how owners are counted. */
#include "threads.h"

DRIVER_INITIALIZE DriverEntry;

static ERESOURCE Resource;

typedef BOOLEAN NTAPI ACQUIRE(PERESOURCE Resource, BOOLEAN Wait);

/* Another party: acquires, says so, holds until it is told to release. */
typedef struct _PARTY {
	ACQUIRE *Acquire;
	BOOLEAN Wait;
	volatile LONG Done; /* 1: it has the resource, 2: it was refused */
	LONG Order;         /* among those who got it */
	KEVENT Release;
	PVOID Thread;
} PARTY;

static volatile LONG Turn, Contenders, Inside, Sum;

static VOID PartyThread(PVOID Context)
{
	PARTY *Party = Context;
	BOOLEAN Acquired;

	KeEnterCriticalRegion();
	Acquired = Party->Acquire(&Resource, Party->Wait);
	if (Acquired)
		Party->Order = InterlockedIncrement(&Turn);
	Party->Done = Acquired ? 1 : 2;
	if (Acquired) {
		KeWaitForSingleObject(&Party->Release, Executive, KernelMode, FALSE, NULL);
		ExReleaseResourceLite(&Resource);
	}
	KeLeaveCriticalRegion();
}

static VOID StartParty(PARTY *Party, ACQUIRE *Acquire, BOOLEAN Wait)
{
	Party->Acquire = Acquire;
	Party->Wait = Wait;
	Party->Done = 0;
	KeInitializeEvent(&Party->Release, NotificationEvent, FALSE);
	Party->Thread = StartThread(PartyThread, Party);
}

/* One that comes to wait is seen in the resource's own counts. */
static VOID StartWaiter(PARTY *Party, ACQUIRE *Acquire)
{
	ULONG Before = ExGetExclusiveWaiterCount(&Resource) + ExGetSharedWaiterCount(&Resource);

	StartParty(Party, Acquire, TRUE);
	for (ULONG i = 0; i < 500 && ExGetExclusiveWaiterCount(&Resource) + ExGetSharedWaiterCount(&Resource) == Before; i++)
		Sleep(10);
	CHECK(ExGetExclusiveWaiterCount(&Resource) + ExGetSharedWaiterCount(&Resource) == Before + 1);
	CHECK(Party->Done == 0);
}

static VOID EndParty(PARTY *Party)
{
	KeSetEvent(&Party->Release, IO_NO_INCREMENT, FALSE);
	JoinThread(Party->Thread);
}

static VOID Refused(ACQUIRE *Acquire)
{
	PARTY Party;

	StartParty(&Party, Acquire, FALSE);
	JoinThread(Party.Thread);
	CHECK(Party.Done == 2);
}

static VOID Granted(ACQUIRE *Acquire)
{
	PARTY Party;

	StartParty(&Party, Acquire, FALSE);
	EndParty(&Party);
	CHECK(Party.Done == 1);
}

static VOID OwnersAreCounted(VOID)
{
	CHECK(ExIsResourceAcquiredSharedLite(&Resource) == 0);
	CHECK(ExAcquireResourceExclusiveLite(&Resource, FALSE));
	CHECK(ExAcquireResourceExclusiveLite(&Resource, FALSE));
	CHECK(ExAcquireResourceSharedLite(&Resource, FALSE));
	CHECK(ExIsResourceAcquiredExclusiveLite(&Resource));
	CHECK(ExIsResourceAcquiredSharedLite(&Resource) == 3);
	Refused(ExAcquireResourceSharedLite);
	Refused(ExAcquireResourceExclusiveLite);
	ExReleaseResourceLite(&Resource);
	ExReleaseResourceLite(&Resource);
	CHECK(ExIsResourceAcquiredExclusiveLite(&Resource));
	Refused(ExAcquireSharedStarveExclusive);
	ExReleaseResourceLite(&Resource);
	CHECK(!ExIsResourceAcquiredExclusiveLite(&Resource));
	CHECK(ExIsResourceAcquiredSharedLite(&Resource) == 0);
	Granted(ExAcquireResourceExclusiveLite);
}

/* A reader cannot become a writer: with Wait it would wait for itself. */
static VOID ReadersDoNotUpgrade(VOID)
{
	CHECK(ExAcquireResourceSharedLite(&Resource, FALSE));
	CHECK(!ExAcquireResourceExclusiveLite(&Resource, FALSE));
	CHECK(ExIsResourceAcquiredSharedLite(&Resource) == 1);
	CHECK(!ExIsResourceAcquiredExclusiveLite(&Resource));
	Granted(ExAcquireResourceSharedLite);
	Refused(ExAcquireResourceExclusiveLite);
	ExReleaseResourceLite(&Resource);
}

static VOID WritersWhoWaitHoldOffReaders(VOID)
{
	PARTY Writer, Reader;

	CHECK(ExAcquireResourceSharedLite(&Resource, FALSE));
	StartWaiter(&Writer, ExAcquireResourceExclusiveLite);
	CHECK(ExGetExclusiveWaiterCount(&Resource) == 1);
	Refused(ExAcquireResourceSharedLite);
	Refused(ExAcquireSharedWaitForExclusive);
	Granted(ExAcquireSharedStarveExclusive);
	CHECK(ExAcquireResourceSharedLite(&Resource, FALSE));
	CHECK(!ExAcquireSharedWaitForExclusive(&Resource, FALSE));
	ExReleaseResourceLite(&Resource);
	StartWaiter(&Reader, ExAcquireResourceSharedLite);
	CHECK(ExGetSharedWaiterCount(&Resource) == 1);
	Turn = 0;
	ExReleaseResourceLite(&Resource);
	Settle(&Writer.Done, 1);
	CHECK(Writer.Done == 1 && Reader.Done == 0);
	EndParty(&Writer);
	EndParty(&Reader);
	CHECK(Writer.Order == 1 && Reader.Order == 2);
	CHECK(ExGetExclusiveWaiterCount(&Resource) == 0 && ExGetSharedWaiterCount(&Resource) == 0);
}

/* After a writer all readers who wait get in together, before the next writer. */
static VOID ReadersAndWritersTakeTurns(VOID)
{
	PARTY Writer, Readers[5];

	CHECK(ExAcquireResourceExclusiveLite(&Resource, FALSE));
	StartWaiter(&Writer, ExAcquireResourceExclusiveLite);
	for (ULONG i = 0; i < RTL_NUMBER_OF(Readers); i++)
		StartWaiter(&Readers[i], ExAcquireResourceSharedLite);
	ExReleaseResourceLite(&Resource);
	for (ULONG i = 0; i < RTL_NUMBER_OF(Readers); i++) {
		Settle(&Readers[i].Done, 1);
		CHECK(Readers[i].Done == 1);
	}
	CHECK(Writer.Done == 0);
	for (ULONG i = 0; i < RTL_NUMBER_OF(Readers); i++)
		EndParty(&Readers[i]);
	EndParty(&Writer);
	CHECK(Writer.Done == 1);
}

static VOID WritersBecomeReaders(VOID)
{
	PARTY Reader;

	CHECK(ExAcquireResourceExclusiveLite(&Resource, FALSE));
	StartWaiter(&Reader, ExAcquireResourceSharedLite);
	ExConvertExclusiveToSharedLite(&Resource);
	Settle(&Reader.Done, 1);
	CHECK(Reader.Done == 1);
	CHECK(!ExIsResourceAcquiredExclusiveLite(&Resource));
	CHECK(ExIsResourceAcquiredSharedLite(&Resource) == 1);
	Refused(ExAcquireResourceExclusiveLite);
	ExReleaseResourceLite(&Resource);
	EndParty(&Reader);
}

static VOID ReleaseThread(PVOID Context)
{
	ExReleaseResourceForThreadLite(&Resource, (ERESOURCE_THREAD)Context);
}

static VOID OthersMayRelease(VOID)
{
	static ULONG64 Owner[2];
	PVOID Pointer = (PVOID)((ULONG_PTR)Owner | 3);

	CHECK(ExAcquireResourceExclusiveLite(&Resource, FALSE));
	JoinThread(StartThread(ReleaseThread, KeGetCurrentThread()));
	CHECK(!ExIsResourceAcquiredExclusiveLite(&Resource));
	CHECK(ExAcquireResourceSharedLite(&Resource, FALSE));
	ExSetResourceOwnerPointer(&Resource, Pointer);
	CHECK(ExIsResourceAcquiredSharedLite(&Resource) == 0);
	Refused(ExAcquireResourceExclusiveLite);
	JoinThread(StartThread(ReleaseThread, Pointer));
	Granted(ExAcquireResourceExclusiveLite);
}

static VOID ContenderThread(PVOID Context)
{
	ULONG Random = (ULONG)(ULONG_PTR)Context;

	for (ULONG i = 0; i < 300; i++) {
		Random = Random * 1664525 + 1013904223;
		KeEnterCriticalRegion();
		if (Random >> 30) {
			ExAcquireResourceSharedLite(&Resource, TRUE);
			CHECK(InterlockedIncrement(&Inside) < 1000);
			if (Random & 0x10000)
				ZwYieldExecution();
			InterlockedDecrement(&Inside);
		} else {
			LONG Before;

			ExAcquireResourceExclusiveLite(&Resource, TRUE);
			CHECK(InterlockedExchangeAdd(&Inside, 1000) == 0);
			Before = Sum;
			ZwYieldExecution();
			Sum = Before + 1;
			InterlockedExchangeAdd(&Inside, -1000);
			InterlockedIncrement(&Contenders);
		}
		ExReleaseResourceLite(&Resource);
		KeLeaveCriticalRegion();
	}
}

/* No update is lost, whoever comes in between. */
static VOID ManyContend(VOID)
{
	PVOID Threads[12];

	for (ULONG i = 0; i < RTL_NUMBER_OF(Threads); i++)
		Threads[i] = StartThread(ContenderThread, (PVOID)(ULONG_PTR)(i * 7919 + 1));
	for (ULONG i = 0; i < RTL_NUMBER_OF(Threads); i++)
		JoinThread(Threads[i]);
	CHECK(Sum == Contenders && Sum > 0);
	CHECK(Resource.ActiveEntries == 0);
	CHECK(Resource.ContentionCount > 0);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = CheckUnload;
	CHECK_STATUS(ExInitializeResourceLite(&Resource), STATUS_SUCCESS);
	KeEnterCriticalRegion();
	OwnersAreCounted();
	ReadersDoNotUpgrade();
	WritersWhoWaitHoldOffReaders();
	ReadersAndWritersTakeTurns();
	WritersBecomeReaders();
	OthersMayRelease();
	ManyContend();
	CHECK_STATUS(ExReinitializeResourceLite(&Resource), STATUS_SUCCESS);
	CHECK(Resource.ContentionCount == 0);
	Granted(ExAcquireResourceExclusiveLite);
	KeLeaveCriticalRegion();
	CHECK_STATUS(ExDeleteResourceLite(&Resource), STATUS_SUCCESS);
	return CheckResult("resources");
}
