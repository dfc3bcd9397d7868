/*
 * The lazy writer: a system thread that brings data to the host which its writers have left in memory for a second.
 */
#include "p9fs.h"

/* 1 s, in 100 ns. */
#define P9_LAZY_AGE 10000000LL

VOID P9MarkDirty(PP9_FCB Fcb)
{
	BOOLEAN first, enabled;

	enabled = KiLockBriefly(&P9Volume.DirtyLock);
	first = IsListEmpty(&P9Volume.Dirty);
	if (IsListEmpty(&Fcb->DirtyLink))
		InsertTailList(&P9Volume.Dirty, &Fcb->DirtyLink);
	KiUnlockBriefly(&P9Volume.DirtyLock, enabled);
	if (first && !KeReadStateEvent(&P9Volume.DirtyEvent))
		KeSetEvent(&P9Volume.DirtyEvent, IO_NO_INCREMENT, FALSE);
}

VOID P9MarkClean(PP9_FCB Fcb)
{
	BOOLEAN enabled;

	if (IsListEmpty(&Fcb->DirtyLink))
		return;
	enabled = KiLockBriefly(&P9Volume.DirtyLock);
	RemoveEntryList(&Fcb->DirtyLink);
	InitializeListHead(&Fcb->DirtyLink);
	KiUnlockBriefly(&P9Volume.DirtyLock, enabled);
}

VOID P9Clunk(ULONG Fid)
{
	P9ClunkLater(Fid);
	if (!KeReadStateEvent(&P9Volume.DirtyEvent))
		KeSetEvent(&P9Volume.DirtyEvent, IO_NO_INCREMENT, FALSE);
}

/* The first file on the list, if it has been dirty for Age. The volume's lock keeps it from being freed. */
static PP9_FCB P9OldestDirty(LONGLONG Age)
{
	PP9_FCB fcb = NULL;
	BOOLEAN enabled;

	enabled = KiLockBriefly(&P9Volume.DirtyLock);
	if (!IsListEmpty(&P9Volume.Dirty))
		fcb = CONTAINING_RECORD(P9Volume.Dirty.Flink, P9_FCB, DirtyLink);
	KiUnlockBriefly(&P9Volume.DirtyLock, enabled);
	if (fcb && (LONGLONG)(KeQueryInterruptTime() - fcb->CacheTime) < Age)
		fcb = NULL;
	return fcb;
}

/* Writes every file that has been dirty for Age (100 ns). FALSE: none is left at all. */
static BOOLEAN P9WriteOld(LONGLONG Age)
{
	NTSTATUS status;
	BOOLEAN more;
	PP9_FCB fcb;

	P9Lock(&P9Volume.Lock);
	while ((fcb = P9OldestDirty(Age))) {
		P9Lock(&fcb->Lock);
		status = P9FlushFile(fcb);
		/* Off the list in any case, even if its writer was faster. */
		P9MarkClean(fcb);
		if (!NT_SUCCESS(status)) {
			fcb->WriteError = status;
			DbgPrint("C: cannot write %wZ: %08x\n", &fcb->Name, status);
		}
		P9Unlock(&fcb->Lock);
	}
	more = !IsListEmpty(&P9Volume.Dirty);
	P9Unlock(&P9Volume.Lock);
	return more;
}

VOID P9FlushVolume(VOID)
{
	if (!P9Volume.DeviceObject)
		return;
	P9WriteOld(0);
	P9SendLater();
}

static VOID P9LazyWriter(PVOID Context)
{
	LARGE_INTEGER second = { .QuadPart = -P9_LAZY_AGE };

	UNREFERENCED_PARAMETER(Context);
	for (;;) {
		KeWaitForSingleObject(&P9Volume.DirtyEvent, WrFreePage, KernelMode, FALSE, NULL);
		do
			KeDelayExecutionThread(KernelMode, FALSE, &second);
		while (P9WriteOld(P9_LAZY_AGE));
		KeClearEvent(&P9Volume.DirtyEvent);
		P9SendLater();
		/* A file that became dirty before the event was cleared found it set. */
		if (!IsListEmpty(&P9Volume.Dirty))
			KeSetEvent(&P9Volume.DirtyEvent, IO_NO_INCREMENT, FALSE);
	}
}

NTSTATUS P9StartLazyWriter(VOID)
{
	HANDLE thread;
	NTSTATUS status;

	KeInitializeSpinLock(&P9Volume.DirtyLock);
	InitializeListHead(&P9Volume.Dirty);
	KeInitializeEvent(&P9Volume.DirtyEvent, NotificationEvent, FALSE);
	status = PsCreateSystemThread(&thread, 0, NULL, NULL, NULL, P9LazyWriter, NULL);
	if (NT_SUCCESS(status))
		ZwClose(thread);
	return status;
}
