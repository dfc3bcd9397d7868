/*
 * NtQueryInformationFile, NtSetInformationFile and NtQueryVolumeInformationFile: lengths and rights by class, positions and renames
 * with the I/O manager's own part, the rest by packet to the file system.
 */
#include "iop.h"

/* What a class needs: bytes at least, and one of the rights (0: none). Length 0: the class is not supported. */
typedef struct _IOP_CLASS {
	ULONG Length;
	ACCESS_MASK Access;
} IOP_CLASS;

#define IOP_WRITES (FILE_WRITE_DATA | FILE_APPEND_DATA)

static const IOP_CLASS IopQueryClasses[] = {
	[FileBasicInformation] = { sizeof(FILE_BASIC_INFORMATION), FILE_READ_ATTRIBUTES },
	[FileStandardInformation] = { sizeof(FILE_STANDARD_INFORMATION), 0 },
	[FileInternalInformation] = { sizeof(FILE_INTERNAL_INFORMATION), 0 },
	[FileEaInformation] = { sizeof(FILE_EA_INFORMATION), 0 },
	[FileAccessInformation] = { sizeof(FILE_ACCESS_INFORMATION), 0 },
	[FileNameInformation] = { sizeof(FILE_NAME_INFORMATION), 0 },
	[FilePositionInformation] = { sizeof(FILE_POSITION_INFORMATION), 0 },
	[FileModeInformation] = { sizeof(FILE_MODE_INFORMATION), 0 },
	[FileAlignmentInformation] = { sizeof(FILE_ALIGNMENT_INFORMATION), 0 },
	[FileAllInformation] = { sizeof(FILE_ALL_INFORMATION), FILE_READ_ATTRIBUTES },
	[FileNetworkOpenInformation] = { sizeof(FILE_NETWORK_OPEN_INFORMATION), FILE_READ_ATTRIBUTES },
	[FileAttributeTagInformation] = { sizeof(FILE_ATTRIBUTE_TAG_INFORMATION), FILE_READ_ATTRIBUTES },
};

static const IOP_CLASS IopSetClasses[] = {
	[FileBasicInformation] = { sizeof(FILE_BASIC_INFORMATION), FILE_WRITE_ATTRIBUTES },
	[FileRenameInformation] = { FIELD_OFFSET(FILE_RENAME_INFORMATION, FileName) + sizeof(WCHAR), DELETE },
	[FileDispositionInformation] = { sizeof(FILE_DISPOSITION_INFORMATION), DELETE },
	[FilePositionInformation] = { sizeof(FILE_POSITION_INFORMATION), 0 },
	[FileAllocationInformation] = { sizeof(FILE_ALLOCATION_INFORMATION), IOP_WRITES },
	[FileEndOfFileInformation] = { sizeof(FILE_END_OF_FILE_INFORMATION), IOP_WRITES },
};

static NTSTATUS IopCheckClass(const IOP_CLASS *Classes, ULONG Count, ULONG Class, ULONG Length, ACCESS_MASK *Access)
{
	if (Class >= Count || !Classes[Class].Length)
		return STATUS_INVALID_INFO_CLASS;
	if (Length < Classes[Class].Length)
		return STATUS_INFO_LENGTH_MISMATCH;
	if (Length > IOP_MAXIMUM_TRANSFER)
		return STATUS_INVALID_PARAMETER;
	*Access = Classes[Class].Access;
	return STATUS_SUCCESS;
}

static ULONG IopFileMode(PFILE_OBJECT File)
{
	ULONG mode = 0;

	if (File->Flags & FO_SYNCHRONOUS_IO)
		mode |= (File->Flags & FO_ALERTABLE_IO) ? FILE_SYNCHRONOUS_IO_ALERT : FILE_SYNCHRONOUS_IO_NONALERT;
	if (File->Flags & FO_WRITE_THROUGH)
		mode |= FILE_WRITE_THROUGH;
	if (File->Flags & FO_SEQUENTIAL_ONLY)
		mode |= FILE_SEQUENTIAL_ONLY;
	if (File->Flags & FO_NO_INTERMEDIATE_BUFFERING)
		mode |= FILE_NO_INTERMEDIATE_BUFFERING;
	if (File->Flags & FO_DELETE_ON_CLOSE)
		mode |= FILE_DELETE_ON_CLOSE;
	return mode;
}

/* What only the I/O manager knows. TRUE: answered, *Information holds the bytes written. */
static BOOLEAN IopQueryOwn(PIOP_SERVICE Service, PVOID Buffer, FILE_INFORMATION_CLASS Class, PULONG_PTR Information)
{
	PFILE_OBJECT file = Service->FileObject;

	switch ((ULONG)Class) {
	case FilePositionInformation:
		((PFILE_POSITION_INFORMATION)Buffer)->CurrentByteOffset = file->CurrentByteOffset;
		*Information = sizeof(FILE_POSITION_INFORMATION);
		return TRUE;
	case FileAccessInformation:
		((PFILE_ACCESS_INFORMATION)Buffer)->AccessFlags = Service->GrantedAccess;
		*Information = sizeof(FILE_ACCESS_INFORMATION);
		return TRUE;
	case FileModeInformation:
		((PFILE_MODE_INFORMATION)Buffer)->Mode = IopFileMode(file);
		*Information = sizeof(FILE_MODE_INFORMATION);
		return TRUE;
	case FileAlignmentInformation:
		((PFILE_ALIGNMENT_INFORMATION)Buffer)->AlignmentRequirement = Service->DeviceObject->AlignmentRequirement;
		*Information = sizeof(FILE_ALIGNMENT_INFORMATION);
		return TRUE;
	default:
		return FALSE;
	}
}

NTKERNELAPI NTSTATUS NtQueryInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation, ULONG Length,
					    FILE_INFORMATION_CLASS FileInformationClass)
{
	ACCESS_MASK access, granted;
	ULONG_PTR information;
	IOP_SERVICE service;
	ULONG mode, alignment;
	NTSTATUS status;

	status = IopCheckClass(IopQueryClasses, RTL_NUMBER_OF(IopQueryClasses), FileInformationClass, Length, &access);
	if (!NT_SUCCESS(status))
		return status;
	status = IopBeginService(&service, FileHandle, NULL, access, TRUE);
	if (!NT_SUCCESS(status))
		return status;
	if (IopQueryOwn(&service, FileInformation, FileInformationClass, &information)) {
		IopEndService(&service);
		IoStatusBlock->Status = STATUS_SUCCESS;
		IoStatusBlock->Information = information;
		return STATUS_SUCCESS;
	}
	granted = service.GrantedAccess;
	mode = IopFileMode(service.FileObject);
	alignment = service.DeviceObject->AlignmentRequirement;
	status = IopPrepareService(&service, IRP_MJ_QUERY_INFORMATION, 0, IoStatusBlock, NULL, NULL);
	if (!NT_SUCCESS(status))
		return status;
	status = IopAllocateSystemBuffer(service.Irp, FileInformation, Length, FALSE, TRUE);
	if (!NT_SUCCESS(status)) {
		IopEndService(&service);
		return status;
	}
	RtlZeroMemory(service.Irp->AssociatedIrp.SystemBuffer, Length);
	service.Stack->Parameters.QueryFile.Length = Length;
	service.Stack->Parameters.QueryFile.FileInformationClass = FileInformationClass;
	status = IopCallService(&service, IoStatusBlock);
	if (FileInformationClass == FileAllInformation && !NT_ERROR(status)) {
		PFILE_ALL_INFORMATION all = FileInformation;

		all->AccessInformation.AccessFlags = granted;
		all->ModeInformation.Mode = mode;
		all->AlignmentInformation.AlignmentRequirement = alignment;
	}
	return status;
}

/*
 * Opens the folder that a file is to be renamed into, when the new name is a path; *Target is then a file object on it whose
 * FileName ends in the new name. A bare name stays in its folder and needs no target.
 */
static NTSTATUS IopOpenRenameTarget(PIOP_SERVICE Service, const FILE_RENAME_INFORMATION *Rename, PHANDLE Handle, PFILE_OBJECT *Target)
{
	UNICODE_STRING name = { (USHORT)Rename->FileNameLength, (USHORT)Rename->FileNameLength, (PWSTR)Rename->FileName };
	OBJECT_ATTRIBUTES attributes;
	IO_STATUS_BLOCK iosb;
	NTSTATUS status;

	if (!Rename->RootDirectory && name.Buffer[0] != L'\\')
		return STATUS_SUCCESS;
	InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, Rename->RootDirectory, NULL);
	status = IopCreateFile(Handle, FILE_WRITE_DATA | SYNCHRONIZE, &attributes, &iosb, NULL, 0,
			       FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_OPEN, 0, IO_OPEN_TARGET_DIRECTORY);
	if (!NT_SUCCESS(status)) {
		*Handle = NULL;
		return status;
	}
	status = ObReferenceObjectByHandle(*Handle, 0, IoFileObjectType, KernelMode, (PVOID *)Target, NULL);
	if (NT_SUCCESS(status) && IoGetRelatedDeviceObject(*Target) != Service->DeviceObject)
		return STATUS_NOT_SAME_DEVICE;
	return status;
}

/*
 * The length of a rename that is really used. Callers commonly pass a Length that counts the first character or the padding
 * twice; nothing behind the name is read.
 */
static NTSTATUS IopRenameLength(PVOID Buffer, PULONG Length)
{
	const FILE_RENAME_INFORMATION *rename = Buffer;
	ULONG room = *Length - FIELD_OFFSET(FILE_RENAME_INFORMATION, FileName);

	if (!rename->FileNameLength || (rename->FileNameLength & 1) || rename->FileNameLength > room)
		return STATUS_INVALID_PARAMETER;
	if (rename->FileNameLength > 0xfffe)
		return STATUS_NAME_TOO_LONG;
	*Length = FIELD_OFFSET(FILE_RENAME_INFORMATION, FileName) + rename->FileNameLength;
	return STATUS_SUCCESS;
}

static NTSTATUS IopSendSetInformation(PIOP_SERVICE Service, PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length, FILE_INFORMATION_CLASS Class,
				      PFILE_OBJECT Target)
{
	NTSTATUS status;

	status = IopPrepareService(Service, IRP_MJ_SET_INFORMATION, 0, IoStatusBlock, NULL, NULL);
	if (!NT_SUCCESS(status))
		return status;
	status = IopAllocateSystemBuffer(Service->Irp, Buffer, Length, TRUE, FALSE);
	if (!NT_SUCCESS(status)) {
		IopEndService(Service);
		return status;
	}
	Service->Stack->Parameters.SetFile.Length = Length;
	Service->Stack->Parameters.SetFile.FileInformationClass = Class;
	Service->Stack->Parameters.SetFile.FileObject = Target;
	if (Class == FileRenameInformation)
		Service->Stack->Parameters.SetFile.ReplaceIfExists = ((PFILE_RENAME_INFORMATION)Buffer)->ReplaceIfExists;
	return IopCallService(Service, IoStatusBlock);
}

NTKERNELAPI NTSTATUS NtSetInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation, ULONG Length,
					  FILE_INFORMATION_CLASS FileInformationClass)
{
	PFILE_OBJECT target = NULL;
	HANDLE handle = NULL;
	ACCESS_MASK access;
	IOP_SERVICE service;
	NTSTATUS status;

	status = IopCheckClass(IopSetClasses, RTL_NUMBER_OF(IopSetClasses), FileInformationClass, Length, &access);
	if (NT_SUCCESS(status) && FileInformationClass == FileRenameInformation)
		status = IopRenameLength(FileInformation, &Length);
	if (!NT_SUCCESS(status))
		return status;
	status = IopBeginService(&service, FileHandle, NULL, access, TRUE);
	if (!NT_SUCCESS(status))
		return status;

	if (FileInformationClass == FilePositionInformation) {
		LARGE_INTEGER offset = ((PFILE_POSITION_INFORMATION)FileInformation)->CurrentByteOffset;

		status = offset.QuadPart < 0 ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
		if (NT_SUCCESS(status))
			service.FileObject->CurrentByteOffset = offset;
		IopEndService(&service);
		IoStatusBlock->Status = status;
		IoStatusBlock->Information = 0;
		return status;
	}
	if (FileInformationClass == FileRenameInformation)
		status = IopOpenRenameTarget(&service, FileInformation, &handle, &target);
	if (NT_SUCCESS(status))
		status = IopSendSetInformation(&service, IoStatusBlock, FileInformation, Length, FileInformationClass, target);
	else
		IopEndService(&service);
	if (target)
		ObDereferenceObject(target);
	if (handle)
		ObCloseHandle(handle, KernelMode);
	return status;
}

NTKERNELAPI NTSTATUS NtQueryVolumeInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FsInformation, ULONG Length,
						  FS_INFORMATION_CLASS FsInformationClass)
{
	IOP_SERVICE service;
	NTSTATUS status;

	if (Length > IOP_MAXIMUM_TRANSFER)
		return STATUS_INVALID_PARAMETER;
	status = IopBeginService(&service, FileHandle, NULL, 0, TRUE);
	if (NT_SUCCESS(status))
		status = IopPrepareService(&service, IRP_MJ_QUERY_VOLUME_INFORMATION, 0, IoStatusBlock, NULL, NULL);
	if (!NT_SUCCESS(status))
		return status;
	status = IopAllocateSystemBuffer(service.Irp, FsInformation, Length, FALSE, TRUE);
	if (!NT_SUCCESS(status)) {
		IopEndService(&service);
		return status;
	}
	RtlZeroMemory(service.Irp->AssociatedIrp.SystemBuffer, Length);
	service.Stack->Parameters.QueryVolume.Length = Length;
	service.Stack->Parameters.QueryVolume.FsInformationClass = FsInformationClass;
	return IopCallService(&service, IoStatusBlock);
}
