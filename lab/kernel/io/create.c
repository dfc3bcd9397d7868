/*
 * NtCreateFile and its shorter relatives: checks the arguments, and lets the object manager find the device (parse.c).
 */
#include "iop.h"

/* The File type's generic mapping applied to DesiredAccess. */
ACCESS_MASK IopMapFileAccess(ACCESS_MASK DesiredAccess)
{
	static const struct {
		ACCESS_MASK Generic;
		ACCESS_MASK Specific;
	} map[] = {
		{ GENERIC_READ, FILE_GENERIC_READ }, { GENERIC_WRITE, FILE_GENERIC_WRITE }, { GENERIC_EXECUTE, FILE_GENERIC_EXECUTE },
		{ GENERIC_ALL, FILE_ALL_ACCESS },    { MAXIMUM_ALLOWED, FILE_ALL_ACCESS },
	};

	for (ULONG i = 0; i < RTL_NUMBER_OF(map); i++)
		if (DesiredAccess & map[i].Generic)
			DesiredAccess = (DesiredAccess & ~map[i].Generic) | map[i].Specific;
	return DesiredAccess;
}

/*
 * What NT checks of callers in kernel mode too, plus what would be meaningless further down. NT's demand that synchronous handles ask
 * for SYNCHRONIZE is for user mode only.
 */
static NTSTATUS IopCheckCreate(ULONG FileAttributes, ULONG ShareAccess, ULONG Disposition, ULONG CreateOptions)
{
	if (CreateOptions & FILE_OPEN_BY_FILE_ID)
		return STATUS_NOT_SUPPORTED;
	if ((FileAttributes & ~FILE_ATTRIBUTE_VALID_FLAGS) || (ShareAccess & ~FILE_SHARE_VALID_FLAGS) || Disposition > FILE_MAXIMUM_DISPOSITION)
		return STATUS_INVALID_PARAMETER;
	if ((CreateOptions & FILE_SYNCHRONOUS_IO_ALERT) && (CreateOptions & FILE_SYNCHRONOUS_IO_NONALERT))
		return STATUS_INVALID_PARAMETER;
	if (CreateOptions & FILE_DIRECTORY_FILE) {
		if (CreateOptions & FILE_NON_DIRECTORY_FILE)
			return STATUS_INVALID_PARAMETER;
		if (Disposition != FILE_OPEN && Disposition != FILE_CREATE && Disposition != FILE_OPEN_IF)
			return STATUS_INVALID_PARAMETER;
	}
	return STATUS_SUCCESS;
}

NTSTATUS IopCreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, PIO_STATUS_BLOCK IoStatusBlock,
		       PLARGE_INTEGER AllocationSize, ULONG FileAttributes, ULONG ShareAccess, ULONG Disposition, ULONG CreateOptions, ULONG Options)
{
	OPEN_PACKET packet = { 0 };
	NTSTATUS status;

	status = IopCheckCreate(FileAttributes, ShareAccess, Disposition, CreateOptions);
	if (!NT_SUCCESS(status))
		return status;
	packet.Size = sizeof(packet);
	packet.ParseCheck = OPEN_PACKET_PATTERN;
	packet.DesiredAccess = IopMapFileAccess(DesiredAccess);
	packet.FileAttributes = (USHORT)FileAttributes;
	packet.ShareAccess = (USHORT)ShareAccess;
	packet.Disposition = Disposition;
	packet.CreateOptions = CreateOptions;
	packet.Options = Options;
	packet.FinalStatus = STATUS_OBJECT_TYPE_MISMATCH;
	if (AllocationSize)
		packet.AllocationSize = *AllocationSize;

	status = ObOpenObjectByName(ObjectAttributes, NULL, KernelMode, NULL, packet.DesiredAccess, &packet, FileHandle);
	/* The name led to something that is no device: its handle is not a file's. */
	if (NT_SUCCESS(status) && !packet.FileObject) {
		ObCloseHandle(*FileHandle, KernelMode);
		return STATUS_OBJECT_TYPE_MISMATCH;
	}
	if (!NT_SUCCESS(status)) {
		/* The file was opened, but there was no room for its handle. */
		if (packet.FileObject && NT_SUCCESS(packet.FinalStatus))
			ObDereferenceObject(packet.FileObject);
		return status;
	}
	packet.FileObject->Flags |= FO_HANDLE_CREATED;
	IoStatusBlock->Status = STATUS_SUCCESS;
	IoStatusBlock->Information = packet.Information;
	return STATUS_SUCCESS;
}

/* Extended attributes are not kept on C:; a buffer of them is refused rather than dropped. */
NTKERNELAPI NTSTATUS NtCreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, PIO_STATUS_BLOCK IoStatusBlock,
				  PLARGE_INTEGER AllocationSize, ULONG FileAttributes, ULONG ShareAccess, ULONG CreateDisposition,
				  ULONG CreateOptions, PVOID EaBuffer, ULONG EaLength)
{
	if (EaBuffer && EaLength)
		return STATUS_EAS_NOT_SUPPORTED;
	return IopCreateFile(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, AllocationSize, FileAttributes, ShareAccess,
			     CreateDisposition, CreateOptions, 0);
}

NTKERNELAPI NTSTATUS NtOpenFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, PIO_STATUS_BLOCK IoStatusBlock,
				ULONG ShareAccess, ULONG OpenOptions)
{
	return IopCreateFile(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, NULL, 0, ShareAccess, FILE_OPEN, OpenOptions, 0);
}

NTKERNELAPI NTSTATUS NtDeleteFile(POBJECT_ATTRIBUTES ObjectAttributes)
{
	IO_STATUS_BLOCK iosb;
	HANDLE handle;
	NTSTATUS status;

	status = IopCreateFile(&handle, DELETE, ObjectAttributes, &iosb, NULL, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_OPEN,
			       FILE_DELETE_ON_CLOSE, 0);
	if (NT_SUCCESS(status))
		NtClose(handle);
	return status;
}
