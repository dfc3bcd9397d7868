/* Push locks that the thread remembers it holds (AutoBoost): the names that drivers use since Windows 8, and the file systems' ones. */
#include "ex.h"
#include "ke.h"

FORCEINLINE VOID ExpAcquireTracked(PEX_PUSH_LOCK lock, BOOLEAN exclusive)
{
	PKLOCK_ENTRY entry = KeAbPreAcquire(lock);

	if (entry != NULL)
		entry->WaitingByte = TRUE;
	if (exclusive)
		ExfAcquirePushLockExclusive(lock);
	else
		ExfAcquirePushLockShared(lock);
	KeAbPostAcquire(entry);
}

/* Flags (EX_DEFAULT_PUSH_LOCK_FLAGS: 0) ask for debugging aids of Windows; the caller is in a critical region. */
NTKERNELAPI DECLSPEC_NOINLINE VOID ExAcquirePushLockExclusiveEx(PEX_PUSH_LOCK PushLock, ULONG Flags)
{
	UNREFERENCED_PARAMETER(Flags);
	ExpAcquireTracked(PushLock, TRUE);
}

NTKERNELAPI DECLSPEC_NOINLINE VOID ExAcquirePushLockSharedEx(PEX_PUSH_LOCK PushLock, ULONG Flags)
{
	UNREFERENCED_PARAMETER(Flags);
	ExpAcquireTracked(PushLock, FALSE);
}

static BOOLEAN ExpTrack(PEX_PUSH_LOCK lock, BOOLEAN acquired)
{
	if (acquired)
		KeAbPostAcquire(KeAbPreAcquire(lock));
	return acquired;
}

NTKERNELAPI BOOLEAN ExTryAcquirePushLockExclusiveEx(PEX_PUSH_LOCK PushLock, ULONG Flags)
{
	UNREFERENCED_PARAMETER(Flags);
	return ExpTrack(PushLock, ExpTryAcquirePushLock(PushLock, TRUE));
}

NTKERNELAPI BOOLEAN ExTryAcquirePushLockSharedEx(PEX_PUSH_LOCK PushLock, ULONG Flags)
{
	UNREFERENCED_PARAMETER(Flags);
	return ExpTrack(PushLock, ExpTryAcquirePushLock(PushLock, FALSE));
}

NTKERNELAPI VOID ExReleasePushLockEx(PEX_PUSH_LOCK PushLock, ULONG Flags)
{
	UNREFERENCED_PARAMETER(Flags);
	KeAbPostRelease(PushLock);
	ExfReleasePushLock(PushLock);
}

NTKERNELAPI VOID ExReleasePushLockExclusiveEx(PEX_PUSH_LOCK PushLock, ULONG Flags)
{
	ExReleasePushLockEx(PushLock, Flags);
}

NTKERNELAPI VOID ExReleasePushLockSharedEx(PEX_PUSH_LOCK PushLock, ULONG Flags)
{
	ExReleasePushLockEx(PushLock, Flags);
}

/* What fltmgr.sys exports (fltmgr.def): push locks whose holder is in a critical region. */
NTKERNELAPI VOID FltInitializePushLock(PEX_PUSH_LOCK PushLock)
{
	ExInitializePushLock(PushLock);
}

/* A push lock has nothing to give back. */
NTKERNELAPI VOID FltDeletePushLock(PEX_PUSH_LOCK PushLock)
{
	UNREFERENCED_PARAMETER(PushLock);
}

NTKERNELAPI DECLSPEC_NOINLINE VOID FltAcquirePushLockExclusive(PEX_PUSH_LOCK PushLock)
{
	KeEnterCriticalRegion();
	ExAcquirePushLockExclusiveEx(PushLock, 0);
}

NTKERNELAPI DECLSPEC_NOINLINE VOID FltAcquirePushLockShared(PEX_PUSH_LOCK PushLock)
{
	KeEnterCriticalRegion();
	ExAcquirePushLockSharedEx(PushLock, 0);
}

NTKERNELAPI VOID FltReleasePushLock(PEX_PUSH_LOCK PushLock)
{
	ExReleasePushLockEx(PushLock, 0);
	KeLeaveCriticalRegion();
}

NTKERNELAPI VOID FltAcquirePushLockExclusiveEx(PEX_PUSH_LOCK PushLock, ULONG Flags)
{
	UNREFERENCED_PARAMETER(Flags);
	FltAcquirePushLockExclusive(PushLock);
}

NTKERNELAPI VOID FltAcquirePushLockSharedEx(PEX_PUSH_LOCK PushLock, ULONG Flags)
{
	UNREFERENCED_PARAMETER(Flags);
	FltAcquirePushLockShared(PushLock);
}

NTKERNELAPI VOID FltReleasePushLockEx(PEX_PUSH_LOCK PushLock, ULONG Flags)
{
	UNREFERENCED_PARAMETER(Flags);
	FltReleasePushLock(PushLock);
}
