/* Remove locks: who uses a device holds one, and its removal waits until all have let go. The structure is wdm.h's, of a free build. */
#include "iop.h"

typedef struct _IO_REMOVE_LOCK {
	BOOLEAN Removed;
	BOOLEAN Reserved[3];
	LONG IoCount; /* one more than there are holders, until the device is removed */
	KEVENT RemoveEvent;
} IO_REMOVE_LOCK, *PIO_REMOVE_LOCK;

/* RemlockSize may be that of a checked build, whose second half is for tracking what is held for long: unused here, as in a free kernel. */
NTKERNELAPI VOID IoInitializeRemoveLockEx(PIO_REMOVE_LOCK Lock, ULONG AllocateTag, ULONG MaxLockedMinutes, ULONG HighWatermark, ULONG RemlockSize)
{
	UNREFERENCED_PARAMETER(AllocateTag);
	UNREFERENCED_PARAMETER(MaxLockedMinutes);
	UNREFERENCED_PARAMETER(HighWatermark);
	RtlZeroMemory(Lock, RemlockSize);
	Lock->IoCount = 1;
	KeInitializeEvent(&Lock->RemoveEvent, SynchronizationEvent, FALSE);
}

NTKERNELAPI VOID IoReleaseRemoveLockEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, ULONG RemlockSize)
{
	UNREFERENCED_PARAMETER(Tag);
	UNREFERENCED_PARAMETER(RemlockSize);
	if (__atomic_sub_fetch(&RemoveLock->IoCount, 1, __ATOMIC_ACQ_REL) == 0)
		KeSetEvent(&RemoveLock->RemoveEvent, IO_NO_INCREMENT, FALSE);
}

/* STATUS_DELETE_PENDING: the device is being removed, the lock is not held. */
NTKERNELAPI NTSTATUS IoAcquireRemoveLockEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, PCSTR File, ULONG Line, ULONG RemlockSize)
{
	UNREFERENCED_PARAMETER(File);
	UNREFERENCED_PARAMETER(Line);
	__atomic_add_fetch(&RemoveLock->IoCount, 1, __ATOMIC_ACQ_REL);
	if (!__atomic_load_n(&RemoveLock->Removed, __ATOMIC_ACQUIRE))
		return STATUS_SUCCESS;
	IoReleaseRemoveLockEx(RemoveLock, Tag, RemlockSize);
	return STATUS_DELETE_PENDING;
}

/* The caller holds it once. */
NTKERNELAPI DECLSPEC_NOINLINE VOID IoReleaseRemoveLockAndWaitEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, ULONG RemlockSize)
{
	UNREFERENCED_PARAMETER(Tag);
	UNREFERENCED_PARAMETER(RemlockSize);
	__atomic_store_n(&RemoveLock->Removed, TRUE, __ATOMIC_SEQ_CST);
	if (__atomic_sub_fetch(&RemoveLock->IoCount, 2, __ATOMIC_ACQ_REL) > 0)
		KeWaitForSingleObject(&RemoveLock->RemoveEvent, Executive, KernelMode, FALSE, NULL);
}
