/*
 * IRP_MJ_QUERY_INFORMATION and IRP_MJ_SET_INFORMATION on C:. Renaming is p9rename.c's.
 */
#include "p9fs.h"

#define P9_BLOCK 512u

ULONG P9FileAttributes(ULONG Mode, UCHAR QidType)
{
	ULONG attributes = (Mode & P9_S_IWRITE) ? 0 : FILE_ATTRIBUTE_READONLY;

	if (QidType & P9_QID_SYMLINK)
		return attributes | FILE_ATTRIBUTE_REPARSE_POINT;
	return attributes | ((QidType & P9_QID_DIRECTORY) ? FILE_ATTRIBUTE_DIRECTORY : FILE_ATTRIBUTE_ARCHIVE);
}

VOID P9RememberAttributes(PP9_FCB Fcb, const P9_ATTRIBUTES *Attributes)
{
	Fcb->Attributes = *Attributes;
	Fcb->AttributesKnown = TRUE;
	Fcb->AttributesTime = KeQueryInterruptTime();
}

/* From the host, unless it was asked a moment ago, but for the size, which is ours while data waits to be written. */
static NTSTATUS P9QueryAttributes(PP9_FCB Fcb, PP9_ATTRIBUTES Attributes)
{
	NTSTATUS status;

	if (Fcb->Directory)
		return P9GetAttributes(Fcb->Directory->Fid, Attributes);
	P9Lock(&Fcb->Lock);
	if (Fcb->AttributesKnown && KeQueryInterruptTime() - Fcb->AttributesTime < P9_FRESH) {
		*Attributes = Fcb->Attributes;
		Attributes->Size = Fcb->Size;
		P9Unlock(&Fcb->Lock);
		return STATUS_SUCCESS;
	}
	status = Fcb->Fid == P9_NO_FID ? STATUS_FILE_CLOSED : P9GetAttributes(Fcb->Fid, Attributes);
	if (NT_SUCCESS(status) && Fcb->CacheDirty)
		Attributes->Size = Fcb->Size;
	else if (NT_SUCCESS(status))
		Fcb->Size = Attributes->Size;
	if (NT_SUCCESS(status))
		P9RememberAttributes(Fcb, Attributes);
	P9Unlock(&Fcb->Lock);
	return status;
}

/* The host keeps no creation time: the earlier of the two changes is the nearest to it. */
static LONGLONG P9CreationTime(const P9_ATTRIBUTES *Attributes)
{
	return Attributes->WriteTime < Attributes->ChangeTime ? Attributes->WriteTime : Attributes->ChangeTime;
}

static LONGLONG P9AllocationSize(const P9_ATTRIBUTES *Attributes)
{
	LONGLONG allocated = (LONGLONG)(Attributes->Blocks * P9_BLOCK), size = (LONGLONG)Attributes->Size;

	return allocated > size ? allocated : (size + 4095) & ~4095LL;
}

static VOID P9FillBasic(const P9_ATTRIBUTES *Attributes, PFILE_BASIC_INFORMATION Basic)
{
	Basic->CreationTime.QuadPart = P9CreationTime(Attributes);
	Basic->LastAccessTime.QuadPart = Attributes->AccessTime;
	Basic->LastWriteTime.QuadPart = Attributes->WriteTime;
	Basic->ChangeTime.QuadPart = Attributes->ChangeTime;
	Basic->FileAttributes = P9FileAttributes(Attributes->Mode, Attributes->Qid.Type);
}

static VOID P9FillStandard(PP9_FCB Fcb, const P9_ATTRIBUTES *Attributes, PFILE_STANDARD_INFORMATION Standard)
{
	Standard->Directory = Fcb->Directory != NULL;
	Standard->AllocationSize.QuadPart = Standard->Directory ? 0 : P9AllocationSize(Attributes);
	Standard->EndOfFile.QuadPart = Standard->Directory ? 0 : (LONGLONG)Attributes->Size;
	Standard->NumberOfLinks = Fcb->DeletePending ? 0 : 1;
	Standard->DeletePending = Fcb->DeletePending;
}

static VOID P9FillNetwork(PP9_FCB Fcb, const P9_ATTRIBUTES *Attributes, PFILE_NETWORK_OPEN_INFORMATION Network)
{
	FILE_STANDARD_INFORMATION standard;
	FILE_BASIC_INFORMATION basic;

	P9FillBasic(Attributes, &basic);
	P9FillStandard(Fcb, Attributes, &standard);
	Network->CreationTime = basic.CreationTime;
	Network->LastAccessTime = basic.LastAccessTime;
	Network->LastWriteTime = basic.LastWriteTime;
	Network->ChangeTime = basic.ChangeTime;
	Network->AllocationSize = standard.AllocationSize;
	Network->EndOfFile = standard.EndOfFile;
	Network->FileAttributes = basic.FileAttributes;
}

/* Room: bytes from the start of Name on. STATUS_BUFFER_OVERFLOW: the name is cut off, its length is true. */
static NTSTATUS P9FillName(PP9_FCB Fcb, PFILE_NAME_INFORMATION Name, ULONG Room, PULONG Used)
{
	ULONG head = FIELD_OFFSET(FILE_NAME_INFORMATION, FileName), length;
	UNICODE_STRING path;
	NTSTATUS status;

	P9Lock(&P9Volume.Lock);
	status = P9FullName(Fcb, &path);
	P9Unlock(&P9Volume.Lock);
	if (!NT_SUCCESS(status))
		return status;
	length = path.Length < Room - head ? path.Length : (Room - head) & ~1u;
	Name->FileNameLength = path.Length;
	RtlCopyMemory(Name->FileName, path.Buffer, length);
	*Used = head + length;
	status = length < path.Length ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
	ExFreePoolWithTag(path.Buffer, P9_TAG_NAME);
	return status;
}

static NTSTATUS P9QueryAll(PFILE_OBJECT File, PFILE_ALL_INFORMATION All, ULONG Length, const P9_ATTRIBUTES *Attributes, PULONG Used)
{
	PP9_FCB fcb = File->FsContext;
	ULONG head = FIELD_OFFSET(FILE_ALL_INFORMATION, NameInformation);
	NTSTATUS status;

	P9FillBasic(Attributes, &All->BasicInformation);
	P9FillStandard(fcb, Attributes, &All->StandardInformation);
	All->InternalInformation.IndexNumber.QuadPart = (LONGLONG)Attributes->Qid.Path;
	All->PositionInformation.CurrentByteOffset = File->CurrentByteOffset;
	status = P9FillName(fcb, &All->NameInformation, Length - head, Used);
	*Used += head;
	return status;
}

/* The I/O manager has checked that Length holds the fixed part of the class. */
NTSTATUS P9FsdQueryInformation(PIRP Irp, PIO_STACK_LOCATION Stack)
{
	PVOID buffer = Irp->AssociatedIrp.SystemBuffer;
	ULONG length = Stack->Parameters.QueryFile.Length, used = 0;
	PP9_FCB fcb = Stack->FileObject->FsContext;
	P9_ATTRIBUTES attributes;
	NTSTATUS status = STATUS_SUCCESS;
	ULONG class = (ULONG)Stack->Parameters.QueryFile.FileInformationClass;

	if (class != FileNameInformation && class != FileEaInformation)
		status = P9QueryAttributes(fcb, &attributes);
	if (!NT_SUCCESS(status))
		return status;
	switch (class) {
	case FileBasicInformation:
		P9FillBasic(&attributes, buffer);
		used = sizeof(FILE_BASIC_INFORMATION);
		break;
	case FileStandardInformation:
		P9FillStandard(fcb, &attributes, buffer);
		used = sizeof(FILE_STANDARD_INFORMATION);
		break;
	case FileInternalInformation:
		((PFILE_INTERNAL_INFORMATION)buffer)->IndexNumber.QuadPart = (LONGLONG)attributes.Qid.Path;
		used = sizeof(FILE_INTERNAL_INFORMATION);
		break;
	case FileEaInformation:
		((PFILE_EA_INFORMATION)buffer)->EaSize = 0;
		used = sizeof(FILE_EA_INFORMATION);
		break;
	case FileNetworkOpenInformation:
		P9FillNetwork(fcb, &attributes, buffer);
		used = sizeof(FILE_NETWORK_OPEN_INFORMATION);
		break;
	case FileAttributeTagInformation:
		((PFILE_ATTRIBUTE_TAG_INFORMATION)buffer)->FileAttributes = P9FileAttributes(attributes.Mode, attributes.Qid.Type);
		used = sizeof(FILE_ATTRIBUTE_TAG_INFORMATION);
		break;
	case FileNameInformation:
		status = P9FillName(fcb, buffer, length, &used);
		break;
	case FileAllInformation:
		status = P9QueryAll(Stack->FileObject, buffer, length, &attributes, &used);
		break;
	default:
		return STATUS_INVALID_INFO_CLASS;
	}
	Irp->IoStatus.Information = used;
	return status;
}

/* Zero and -1 leave a time alone; attributes of zero leave the attributes alone. */
static NTSTATUS P9SetBasic(PP9_FCB Fcb, const FILE_BASIC_INFORMATION *Basic)
{
	ULONG valid = 0, mode = 0, fid = Fcb->Directory ? Fcb->Directory->Fid : Fcb->Fid;
	P9_ATTRIBUTES attributes;
	NTSTATUS status;

	if (Basic->LastAccessTime.QuadPart < -1 || Basic->LastWriteTime.QuadPart < -1)
		return STATUS_INVALID_PARAMETER;
	if (Basic->LastAccessTime.QuadPart > 0)
		valid |= P9_SETATTR_ATIME | P9_SETATTR_ATIME_SET;
	if (Basic->LastWriteTime.QuadPart > 0)
		valid |= P9_SETATTR_MTIME | P9_SETATTR_MTIME_SET;
	if (Basic->FileAttributes && !Fcb->Directory) {
		status = P9GetAttributes(fid, &attributes);
		if (!NT_SUCCESS(status))
			return status;
		mode = attributes.Mode & 07777;
		mode = (Basic->FileAttributes & FILE_ATTRIBUTE_READONLY) ? mode & ~P9_S_IWRITE : mode | 0200;
		valid |= P9_SETATTR_MODE;
	}
	if (!valid)
		return STATUS_SUCCESS;
	return P9SetAttributes(fid, valid, mode, 0, Basic->LastAccessTime.QuadPart, Basic->LastWriteTime.QuadPart);
}

static NTSTATUS P9SetEndOfFile(PP9_FCB Fcb, LARGE_INTEGER End)
{
	NTSTATUS status;

	if (Fcb->Directory || End.QuadPart < 0)
		return STATUS_INVALID_PARAMETER;
	if (!Fcb->FidWrites)
		return STATUS_ACCESS_DENIED;
	status = P9FlushFile(Fcb);
	if (!NT_SUCCESS(status))
		return status;
	P9DropCache(Fcb);
	status = P9SetAttributes(Fcb->Fid, P9_SETATTR_SIZE, 0, (ULONG64)End.QuadPart, 0, 0);
	if (NT_SUCCESS(status))
		Fcb->Size = (ULONG64)End.QuadPart;
	return status;
}

/* An allocation below the size cuts the file off; one above it is a wish that the host has no use for. */
static NTSTATUS P9SetAllocation(PP9_FCB Fcb, LARGE_INTEGER Allocation)
{
	if (Allocation.QuadPart < 0)
		return STATUS_INVALID_PARAMETER;
	return (ULONG64)Allocation.QuadPart < Fcb->Size ? P9SetEndOfFile(Fcb, Allocation) : STATUS_SUCCESS;
}

static BOOLEAN P9FoundName(PVOID Context, PCUNICODE_STRING Name, const P9_QID *Qid)
{
	UNREFERENCED_PARAMETER(Name);
	UNREFERENCED_PARAMETER(Qid);
	*(BOOLEAN *)Context = TRUE;
	return FALSE;
}

static NTSTATUS P9SetDisposition(PP9_FCB Fcb, BOOLEAN Delete)
{
	P9_ATTRIBUTES attributes;
	BOOLEAN found = FALSE;
	NTSTATUS status;

	if (!Fcb->Parent)
		return STATUS_CANNOT_DELETE;
	if (Delete && Fcb->Directory) {
		status = P9ReadNames(Fcb->Directory, P9FoundName, &found);
		if (!NT_SUCCESS(status))
			return status;
		if (found)
			return STATUS_DIRECTORY_NOT_EMPTY;
	} else if (Delete) {
		status = P9GetAttributes(Fcb->Fid, &attributes);
		if (!NT_SUCCESS(status))
			return status;
		if (!(attributes.Mode & P9_S_IWRITE))
			return STATUS_CANNOT_DELETE;
	}
	Fcb->DeletePending = Delete;
	return STATUS_SUCCESS;
}

NTSTATUS P9FsdSetInformation(PIRP Irp, PIO_STACK_LOCATION Stack)
{
	PVOID buffer = Irp->AssociatedIrp.SystemBuffer;
	PFILE_OBJECT file = Stack->FileObject;
	PP9_FCB fcb = file->FsContext;
	NTSTATUS status;

	P9Lock(&P9Volume.Lock);
	if (Stack->Parameters.SetFile.FileInformationClass == FileRenameInformation) {
		status = P9RenameFile(file, Stack->Parameters.SetFile.FileObject, buffer);
		P9Unlock(&P9Volume.Lock);
		return status;
	}
	P9Lock(&fcb->Lock);
	fcb->AttributesKnown = FALSE;
	switch ((ULONG)Stack->Parameters.SetFile.FileInformationClass) {
	case FileBasicInformation:
		status = P9SetBasic(fcb, buffer);
		break;
	case FileDispositionInformation:
		status = P9SetDisposition(fcb, ((PFILE_DISPOSITION_INFORMATION)buffer)->DeleteFile != 0);
		file->DeletePending = fcb->DeletePending;
		break;
	case FileEndOfFileInformation:
		status = P9SetEndOfFile(fcb, ((PFILE_END_OF_FILE_INFORMATION)buffer)->EndOfFile);
		break;
	case FileAllocationInformation:
		status = P9SetAllocation(fcb, ((PFILE_ALLOCATION_INFORMATION)buffer)->AllocationSize);
		break;
	default:
		status = STATUS_INVALID_INFO_CLASS;
		break;
	}
	P9Unlock(&fcb->Lock);
	P9Unlock(&P9Volume.Lock);
	return status;
}
