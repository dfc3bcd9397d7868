/*
 * IRP_MJ_READ, WRITE and FLUSH_BUFFERS on C:, and the fast path that the I/O manager takes for cached files.
 */
#include "p9fs.h"

static BOOLEAN P9Through(PFILE_OBJECT File)
{
	return (File->Flags & (FO_WRITE_THROUGH | FO_NO_INTERMEDIATE_BUFFERING)) != 0;
}

/* What most writes are: behind the last one, with room for it in the buffer. FALSE: this one is not, and nothing was done. */
FORCEINLINE BOOLEAN P9AppendWrite(PP9_FCB Fcb, ULONG64 Offset, PVOID Buffer, ULONG Length)
{
	ULONG64 end = Offset + Length;

	if (!Fcb->CacheDirty || !Fcb->FidWrites || Offset != Fcb->CacheOffset + Fcb->CacheLength || Length > Fcb->CacheCapacity - Fcb->CacheLength ||
	    (LONGLONG)end < 0)
		return FALSE;
	RtlCopyMemory(Fcb->Cache + Fcb->CacheLength, Buffer, Length);
	Fcb->CacheLength += Length;
	if (end > Fcb->Size)
		Fcb->Size = end;
	return TRUE;
}

static NTSTATUS P9Write(PFILE_OBJECT File, PLARGE_INTEGER Offset, PVOID Buffer, ULONG Length, PULONG_PTR Information)
{
	PP9_FCB fcb = File->FsContext;
	ULONG64 offset = (ULONG64)Offset->QuadPart;
	NTSTATUS status = STATUS_SUCCESS;

	if (fcb->Directory)
		return STATUS_INVALID_DEVICE_REQUEST;
	P9Lock(&fcb->Lock);
	if (Offset->HighPart == -1 && Offset->LowPart == FILE_WRITE_TO_END_OF_FILE)
		offset = fcb->Size;
	if (P9Through(File) || !P9AppendWrite(fcb, offset, Buffer, Length))
		status = P9WriteFile(fcb, offset, Buffer, Length, P9Through(File));
	P9Unlock(&fcb->Lock);
	if (!NT_SUCCESS(status))
		return status;
	*Information = Length;
	File->Flags |= FO_FILE_MODIFIED;
	if (File->Flags & FO_SYNCHRONOUS_IO)
		File->CurrentByteOffset.QuadPart = (LONGLONG)(offset + Length);
	return status;
}

static NTSTATUS P9Read(PFILE_OBJECT File, PLARGE_INTEGER Offset, PVOID Buffer, ULONG Length, PULONG_PTR Information)
{
	PP9_FCB fcb = File->FsContext;
	NTSTATUS status;
	ULONG read;

	if (fcb->Directory)
		return STATUS_INVALID_DEVICE_REQUEST;
	P9Lock(&fcb->Lock);
	status = P9ReadFile(fcb, (ULONG64)Offset->QuadPart, Buffer, Length, P9Through(File), &read);
	P9Unlock(&fcb->Lock);
	if (!NT_SUCCESS(status))
		return status;
	*Information = read;
	if (File->Flags & FO_SYNCHRONOUS_IO)
		File->CurrentByteOffset.QuadPart = Offset->QuadPart + read;
	return status;
}

NTSTATUS P9FsdWrite(PIRP Irp, PIO_STACK_LOCATION Stack)
{
	return P9Write(Stack->FileObject, &Stack->Parameters.Write.ByteOffset, Irp->UserBuffer, Stack->Parameters.Write.Length,
		       (PULONG_PTR)&Irp->IoStatus.Information);
}

NTSTATUS P9FsdRead(PIRP Irp, PIO_STACK_LOCATION Stack)
{
	return P9Read(Stack->FileObject, &Stack->Parameters.Read.ByteOffset, Irp->UserBuffer, Stack->Parameters.Read.Length,
		      (PULONG_PTR)&Irp->IoStatus.Information);
}

/* To the host, and there to its disk. */
NTSTATUS P9FsdFlush(PIRP Irp, PIO_STACK_LOCATION Stack)
{
	PP9_FCB fcb = Stack->FileObject->FsContext;
	NTSTATUS status;

	UNREFERENCED_PARAMETER(Irp);
	if (fcb->Directory)
		return STATUS_SUCCESS;
	P9Lock(&fcb->Lock);
	status = P9FlushFile(fcb);
	if (NT_SUCCESS(status) && fcb->FidWrites)
		status = P9Sync(fcb->Fid);
	P9Unlock(&fcb->Lock);
	return status;
}

/* A thread in a file system says so (IoSetTopLevelIrp): while it is there, a wait of it is the file system's, not its own. */
static ULONGLONG P9EnterFast(VOID)
{
	PETHREAD thread = PsGetCurrentThread();
	ULONGLONG before = thread->TopLevelIrp;

	thread->TopLevelIrp = FSRTL_FAST_IO_TOP_LEVEL_IRP;
	return before;
}

static BOOLEAN P9LeaveFast(ULONGLONG Before, NTSTATUS Status, PIO_STATUS_BLOCK IoStatus)
{
	PsGetCurrentThread()->TopLevelIrp = Before;
	IoStatus->Status = Status;
	return TRUE;
}

static BOOLEAN P9FastIoWrite(PFILE_OBJECT FileObject, PLARGE_INTEGER FileOffset, ULONG Length, BOOLEAN Wait, ULONG LockKey, PVOID Buffer,
			     PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
	ULONGLONG before;
	NTSTATUS status;

	UNREFERENCED_PARAMETER(LockKey);
	UNREFERENCED_PARAMETER(DeviceObject);
	if (!Wait)
		return FALSE;
	before = P9EnterFast();
	IoStatus->Information = 0;
	status = P9Write(FileObject, FileOffset, Buffer, Length, (PULONG_PTR)&IoStatus->Information);
	return P9LeaveFast(before, status, IoStatus);
}

static BOOLEAN P9FastIoRead(PFILE_OBJECT FileObject, PLARGE_INTEGER FileOffset, ULONG Length, BOOLEAN Wait, ULONG LockKey, PVOID Buffer,
			    PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
	ULONGLONG before;
	NTSTATUS status;

	UNREFERENCED_PARAMETER(LockKey);
	UNREFERENCED_PARAMETER(DeviceObject);
	if (!Wait)
		return FALSE;
	before = P9EnterFast();
	IoStatus->Information = 0;
	status = P9Read(FileObject, FileOffset, Buffer, Length, (PULONG_PTR)&IoStatus->Information);
	return P9LeaveFast(before, status, IoStatus);
}

FAST_IO_DISPATCH P9FastIoDispatch = {
	.SizeOfFastIoDispatch = sizeof(FAST_IO_DISPATCH),
	.FastIoRead = (VOID(*)(VOID))P9FastIoRead,
	.FastIoWrite = (VOID(*)(VOID))P9FastIoWrite,
};
