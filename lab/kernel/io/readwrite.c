/*
 * NtReadFile, NtWriteFile and NtFlushBuffersFile. Cached files take the file system's fast path, without a packet.
 */
#include "iop.h"

/* The fast path's routines (FAST_IO_DISPATCH), whose types the public symbols leave out (wdm.h has them). */
typedef BOOLEAN FAST_IO_TRANSFER(PFILE_OBJECT FileObject, PLARGE_INTEGER FileOffset, ULONG Length, BOOLEAN Wait, ULONG LockKey, PVOID Buffer,
				 PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject);

/*
 * Where the transfer starts: what the caller said, or the file's own position, which only synchronous files have. The two special
 * offsets have -1 in their high part.
 */
static NTSTATUS IopTransferOffset(PFILE_OBJECT File, PLARGE_INTEGER ByteOffset, ACCESS_MASK Access, BOOLEAN Write, PLARGE_INTEGER Offset)
{
	BOOLEAN special = ByteOffset && ByteOffset->HighPart == -1;

	if (Write && !(Access & FILE_WRITE_DATA)) {
		/* A handle that may only append. */
		Offset->LowPart = FILE_WRITE_TO_END_OF_FILE;
		Offset->HighPart = -1;
		return STATUS_SUCCESS;
	}
	if (!ByteOffset || (special && ByteOffset->LowPart == FILE_USE_FILE_POINTER_POSITION)) {
		if (!(File->Flags & FO_SYNCHRONOUS_IO))
			return STATUS_INVALID_PARAMETER;
		*Offset = File->CurrentByteOffset;
		return STATUS_SUCCESS;
	}
	if (special && Write && ByteOffset->LowPart == FILE_WRITE_TO_END_OF_FILE) {
		*Offset = *ByteOffset;
		return STATUS_SUCCESS;
	}
	if (ByteOffset->QuadPart < 0)
		return STATUS_INVALID_PARAMETER;
	*Offset = *ByteOffset;
	return STATUS_SUCCESS;
}

#define IOP_TRANSFER_ACCESS(Write) ((Write) ? FILE_WRITE_DATA | FILE_APPEND_DATA : FILE_READ_DATA)

/* The file system's own routine for File, where it has one and the file is cached and synchronous; else NULL. */
FORCEINLINE FAST_IO_TRANSFER *IopFastRoutine(PFILE_OBJECT File, PDEVICE_OBJECT Device, BOOLEAN Write)
{
	PFAST_IO_DISPATCH dispatch = Device->DriverObject->FastIoDispatch;

	if (!File->PrivateCacheMap || !(File->Flags & FO_SYNCHRONOUS_IO) || !dispatch)
		return NULL;
	return (FAST_IO_TRANSFER *)(Write ? dispatch->FastIoWrite : dispatch->FastIoRead);
}

/*
 * What most transfers are: on a cached, synchronous file, with neither event nor APC. TRUE: done, with the result in *IoStatus. FALSE:
 * nothing was done; a packet has to travel, or the caller be told what is wrong.
 */
FORCEINLINE BOOLEAN IopFastTransfer(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatus, PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key,
				    BOOLEAN Write)
{
	OBJECT_HANDLE_INFORMATION information;
	FAST_IO_TRANSFER *transfer;
	PDEVICE_OBJECT device;
	LARGE_INTEGER offset;
	BOOLEAN done = FALSE;
	PFILE_OBJECT file;

	if (!NT_SUCCESS(ObReferenceObjectByHandle(FileHandle, 0, IoFileObjectType, KernelMode, (PVOID *)&file, &information)))
		return FALSE;
	device = IoGetRelatedDeviceObject(file);
	transfer = IopFastRoutine(file, device, Write);
	if (transfer && (information.GrantedAccess & IOP_TRANSFER_ACCESS(Write))) {
		IopAcquireFileObjectLock(file);
		done = NT_SUCCESS(IopTransferOffset(file, ByteOffset, information.GrantedAccess, Write, &offset)) &&
		       transfer(file, &offset, Length, TRUE, Key ? *Key : 0, Buffer, IoStatus, device);
		IopReleaseFileObjectLock(file);
	}
	ObDereferenceObject(file);
	return done;
}

FORCEINLINE NTSTATUS IopTransfer(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock,
				 PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key, BOOLEAN Write)
{
	LARGE_INTEGER offset;
	IOP_SERVICE service;
	NTSTATUS status;

	if (Length > IOP_MAXIMUM_TRANSFER)
		return STATUS_INVALID_PARAMETER;
	if (!Event && !ApcRoutine && IopFastTransfer(FileHandle, IoStatusBlock, Buffer, Length, ByteOffset, Key, Write))
		return IoStatusBlock->Status;
	status = IopBeginService(&service, FileHandle, Event, IOP_TRANSFER_ACCESS(Write), FALSE);
	if (!NT_SUCCESS(status))
		return status;
	status = IopTransferOffset(service.FileObject, ByteOffset, service.GrantedAccess, Write, &offset);
	if (!NT_SUCCESS(status)) {
		IopEndService(&service);
		return status;
	}
	status = IopPrepareService(&service, Write ? IRP_MJ_WRITE : IRP_MJ_READ, 0, IoStatusBlock, ApcRoutine, ApcContext);
	if (!NT_SUCCESS(status))
		return status;
	status = IopAttachBuffer(service.Irp, service.DeviceObject, Buffer, Length, Write);
	if (!NT_SUCCESS(status)) {
		IopEndService(&service);
		return status;
	}
	service.Irp->Flags |= Write ? IRP_WRITE_OPERATION : IRP_READ_OPERATION;
	/* Parameters.Read and .Write have one layout. */
	service.Stack->Parameters.Read.Length = Length;
	service.Stack->Parameters.Read.Key = Key ? *Key : 0;
	service.Stack->Parameters.Read.ByteOffset = offset;
	return IopCallService(&service, IoStatusBlock);
}

NTKERNELAPI NTSTATUS NtReadFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock,
				PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key)
{
	return IopTransfer(FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, Buffer, Length, ByteOffset, Key, FALSE);
}

NTKERNELAPI NTSTATUS NtWriteFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock,
				 PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key)
{
	return IopTransfer(FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, Buffer, Length, ByteOffset, Key, TRUE);
}

NTKERNELAPI NTSTATUS NtFlushBuffersFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock)
{
	IOP_SERVICE service;
	NTSTATUS status;

	status = IopBeginService(&service, FileHandle, NULL, FILE_WRITE_DATA | FILE_APPEND_DATA, TRUE);
	if (NT_SUCCESS(status))
		status = IopPrepareService(&service, IRP_MJ_FLUSH_BUFFERS, 0, IoStatusBlock, NULL, NULL);
	return NT_SUCCESS(status) ? IopCallService(&service, IoStatusBlock) : status;
}
