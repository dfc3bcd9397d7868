/*
 * IRP_MJ_CREATE on C:: from a path to an open file, by disposition and share mode. A new file costs one round trip to the host.
 */
#include "p9fs.h"

#define P9_DATA_WRITES (FILE_WRITE_DATA | FILE_APPEND_DATA)
#define P9_DATA_READS  (FILE_READ_DATA | FILE_EXECUTE)

/* One create on its way through this file. */
typedef struct _P9_CREATE {
	PFILE_OBJECT FileObject;
	ACCESS_MASK Access;
	ULONG Share;
	ULONG Disposition;
	ULONG Options;
	ULONG Attributes;
	PP9_DIRECTORY Parent;  /* NULL: the root itself is opened */
	UNICODE_STRING Name;   /* last component */
	UNICODE_STRING Actual; /* its spelling on the host */
	PP9_FCB Fcb;
	ULONG_PTR Information;
} P9_CREATE, *PP9_CREATE;

/* Both are the same decision from different sides: which of the two kinds does the caller insist on? */
static NTSTATUS P9CheckKind(const P9_CREATE *Create, BOOLEAN Directory)
{
	if (Directory && (Create->Options & FILE_NON_DIRECTORY_FILE))
		return STATUS_FILE_IS_A_DIRECTORY;
	if (!Directory && (Create->Options & FILE_DIRECTORY_FILE))
		return STATUS_NOT_A_DIRECTORY;
	return STATUS_SUCCESS;
}

static BOOLEAN P9Overwrites(const P9_CREATE *Create)
{
	return Create->Disposition == FILE_SUPERSEDE || Create->Disposition == FILE_OVERWRITE || Create->Disposition == FILE_OVERWRITE_IF;
}

/* Overwriting needs to write, whatever the handle may do later. */
static ACCESS_MASK P9SharingAccess(const P9_CREATE *Create)
{
	return Create->Access | (P9Overwrites(Create) ? FILE_WRITE_DATA : 0) | ((Create->Options & FILE_DELETE_ON_CLOSE) ? DELETE : 0);
}

/*
 * Gives the file object its contexts. The first open of a file sets its share mode, later ones have to agree with it. On failure the
 * file object is as before.
 */
static NTSTATUS P9AttachFile(PP9_CREATE Create)
{
	PP9_FCB fcb = Create->Fcb;
	PFILE_OBJECT file = Create->FileObject;
	NTSTATUS status = STATUS_SUCCESS;
	PP9_CCB ccb;

	ccb = P9NewCcb();
	if (!ccb)
		return STATUS_INSUFFICIENT_RESOURCES;
	ccb->DeleteOnClose = (Create->Options & FILE_DELETE_ON_CLOSE) != 0;
	if (fcb->Handles)
		status = IoCheckShareAccess(P9SharingAccess(Create), Create->Share, file, &fcb->ShareAccess, TRUE);
	else
		IoSetShareAccess(P9SharingAccess(Create), Create->Share, file, &fcb->ShareAccess);
	if (!NT_SUCCESS(status)) {
		P9FreeCcb(ccb);
		return status;
	}
	file->FsContext = fcb;
	file->FsContext2 = ccb;
	fcb->References++;
	fcb->Handles++;
	if (ccb->DeleteOnClose)
		file->Flags |= FO_DELETE_ON_CLOSE;
	/* Cached: the I/O manager may take the fast path. */
	if (!fcb->Directory && !(file->Flags & (FO_NO_INTERMEDIATE_BUFFERING | FO_WRITE_THROUGH))) {
		file->PrivateCacheMap = fcb;
		file->Flags |= FO_CACHE_SUPPORTED;
	}
	return STATUS_SUCCESS;
}

static NTSTATUS P9MakeNewDirectory(PP9_CREATE Create, const P9_NAME *Utf8)
{
	PP9_DIRECTORY directory;
	NTSTATUS status;
	P9_QID qid;
	ULONG fid;

	status = P9MakeDirectory(Create->Parent->Fid, Utf8, 0755);
	if (!NT_SUCCESS(status))
		return status;
	fid = P9NewFid();
	status = P9Walk(Create->Parent->Fid, fid, Utf8, &qid);
	if (!NT_SUCCESS(status))
		return status;
	status = P9MakeDirectoryNode(Create->Parent, &Create->Name, fid, &qid, &directory);
	if (!NT_SUCCESS(status))
		return status;
	status = P9NewFcb(Create->Parent, &Create->Name, &qid, directory, &Create->Fcb);
	P9ReleaseDirectory(directory);
	return status;
}

static NTSTATUS P9MakeNewFile(PP9_CREATE Create, const P9_NAME *Utf8)
{
	ULONG mode = (Create->Attributes & FILE_ATTRIBUTE_READONLY) ? 0444 : 0644;
	NTSTATUS status;
	P9_QID qid;
	ULONG fid;

	fid = P9TakeClone(Create->Parent);
	if (fid == P9_NO_FID)
		return STATUS_OBJECT_NAME_NOT_FOUND;
	status = P9Create(fid, Utf8, P9_O_RDWR | P9_O_CREAT | P9_O_EXCL, mode, &qid);
	if (!NT_SUCCESS(status)) {
		P9GiveClone(Create->Parent, fid);
		return status;
	}
	status = P9NewFcb(Create->Parent, &Create->Name, &qid, NULL, &Create->Fcb);
	if (!NT_SUCCESS(status)) {
		P9Clunk(fid);
		return status;
	}
	Create->Fcb->Fid = fid;
	Create->Fcb->FidReads = TRUE;
	Create->Fcb->FidWrites = TRUE;
	return STATUS_SUCCESS;
}

/* The name does not exist, as far as is known. STATUS_OBJECT_NAME_COLLISION: it does. */
static NTSTATUS P9CreateNew(PP9_CREATE Create)
{
	BOOLEAN directory = (Create->Options & FILE_DIRECTORY_FILE) != 0;
	P9_NAME utf8;
	NTSTATUS status;

	if (Create->Disposition == FILE_OPEN || Create->Disposition == FILE_OVERWRITE)
		return STATUS_OBJECT_NAME_NOT_FOUND;
	status = P9ToUtf8(&Create->Name, &utf8);
	if (!NT_SUCCESS(status))
		return status;
	status = directory ? P9MakeNewDirectory(Create, &utf8) : P9MakeNewFile(Create, &utf8);
	/* To a create, a missing name can only be the folder's. */
	if (status == STATUS_OBJECT_NAME_NOT_FOUND || status == STATUS_OBJECT_PATH_NOT_FOUND) {
		P9ForgetDirectory(Create->Parent);
		return STATUS_OBJECT_PATH_NOT_FOUND;
	}
	if (!NT_SUCCESS(status))
		return status;
	P9AddEntry(Create->Parent, &Create->Name, directory ? P9_QID_DIRECTORY : 0);
	Create->Information = FILE_CREATED;
	status = P9AttachFile(Create);
	if (!NT_SUCCESS(status))
		P9ReleaseFcb(Create->Fcb);
	return status;
}

/* Pipes, sockets and devices of the host are not files of C:; a file without write permission is read-only as NT means it. */
static NTSTATUS P9CheckAttributes(const P9_CREATE *Create, const P9_ATTRIBUTES *Attributes)
{
	if ((Attributes->Mode & P9_S_IFMT) != P9_S_IFREG)
		return STATUS_ACCESS_DENIED;
	if (!(Attributes->Mode & P9_S_IWRITE)) {
		if (P9SharingAccess(Create) & P9_DATA_WRITES)
			return STATUS_ACCESS_DENIED;
		if (Create->Options & FILE_DELETE_ON_CLOSE)
			return STATUS_CANNOT_DELETE;
	}
	return STATUS_SUCCESS;
}

/* Opens Fid for data and reads its attributes in one round trip: for both, then for reading only. */
static NTSTATUS P9OpenData(PP9_CREATE Create, ULONG Fid, PP9_ATTRIBUTES Attributes)
{
	BOOLEAN writes = (P9SharingAccess(Create) & P9_DATA_WRITES) != 0;
	PP9_FCB fcb = Create->Fcb;
	PP9_REQUEST open;
	P9_BATCH batch;
	NTSTATUS status, opened;

	P9Begin(&batch, 2);
	P9AddGetAttributes(&batch, Fid);
	open = P9Add(&batch, P9_TLOPEN);
	P9Put32(open, Fid);
	P9Put32(open, P9_O_RDWR);
	P9Submit(&batch);
	status = P9AttributesResult(batch.Requests[0], Attributes);
	opened = open->Status;
	P9End(&batch);
	fcb->FidWrites = NT_SUCCESS(opened);
	if (!NT_SUCCESS(opened) && !writes)
		opened = P9Open(Fid, P9_O_RDONLY);
	fcb->FidReads = NT_SUCCESS(opened);
	/* That it is no file at all says more than why the host would not open it. */
	if (NT_SUCCESS(status))
		status = P9CheckAttributes(Create, Attributes);
	return NT_SUCCESS(status) ? opened : status;
}

/* A file that nobody has open yet; takes Fid over. */
static NTSTATUS P9FirstOpen(PP9_CREATE Create, ULONG Fid, const P9_QID *Qid)
{
	BOOLEAN data = (P9SharingAccess(Create) & (P9_DATA_WRITES | P9_DATA_READS)) != 0;
	P9_ATTRIBUTES attributes;
	NTSTATUS status;

	status = P9NewFcb(Create->Parent, &Create->Actual, Qid, NULL, &Create->Fcb);
	if (!NT_SUCCESS(status)) {
		P9Clunk(Fid);
		return status;
	}
	Create->Fcb->Fid = Fid;
	status = data ? P9OpenData(Create, Fid, &attributes) : P9GetAttributes(Fid, &attributes);
	if (NT_SUCCESS(status) && !data)
		status = P9CheckAttributes(Create, &attributes);
	if (!NT_SUCCESS(status)) {
		P9ReleaseFcb(Create->Fcb);
		return status;
	}
	Create->Fcb->Size = attributes.Size;
	P9RememberAttributes(Create->Fcb, &attributes);
	return STATUS_SUCCESS;
}

/*
 * A file that is open already; Fid is a fresh walk to it. The open may need more than those before it did: then Fid becomes the
 * file's, else it is given up.
 */
static NTSTATUS P9FurtherOpen(PP9_CREATE Create, ULONG Fid)
{
	PP9_FCB fcb = Create->Fcb;
	BOOLEAN writes = (P9SharingAccess(Create) & P9_DATA_WRITES) != 0;
	BOOLEAN reads = (P9SharingAccess(Create) & P9_DATA_READS) != 0;
	SHARE_ACCESS share = fcb->ShareAccess;
	P9_ATTRIBUTES attributes;
	NTSTATUS status;
	ULONG old;

	status = fcb->DeletePending ? STATUS_DELETE_PENDING : STATUS_SUCCESS;
	if (NT_SUCCESS(status) && fcb->Handles)
		status = IoCheckShareAccess(P9SharingAccess(Create), Create->Share, Create->FileObject, &share, FALSE);
	if (!NT_SUCCESS(status) || ((!writes || fcb->FidWrites) && (!reads || fcb->FidReads))) {
		P9Clunk(Fid);
		return status;
	}
	P9Lock(&fcb->Lock);
	status = P9FlushFile(fcb);
	if (NT_SUCCESS(status)) {
		old = fcb->Fid;
		fcb->Fid = Fid;
		status = P9OpenData(Create, Fid, &attributes);
		if (NT_SUCCESS(status)) {
			fcb->Size = attributes.Size;
			Fid = old;
		} else {
			/* What the file had open before is lost only if there was nothing. */
			fcb->Fid = old;
			fcb->FidReads = fcb->FidReads && old != P9_NO_FID;
			fcb->FidWrites = FALSE;
		}
	}
	P9Unlock(&fcb->Lock);
	if (Fid != P9_NO_FID)
		P9Clunk(Fid);
	return status;
}

/* To nothing, in place; the old contents are gone for all who have the file open. */
static NTSTATUS P9Truncate(PP9_FCB Fcb)
{
	NTSTATUS status = STATUS_SUCCESS;

	P9Lock(&Fcb->Lock);
	P9DropCache(Fcb);
	P9MarkClean(Fcb);
	Fcb->AttributesKnown = FALSE;
	status = P9SetAttributes(Fcb->Fid, P9_SETATTR_SIZE, 0, 0, 0, 0);
	if (NT_SUCCESS(status))
		Fcb->Size = 0;
	P9Unlock(&Fcb->Lock);
	return status;
}

static NTSTATUS P9OpenFile(PP9_CREATE Create, ULONG Fid, const P9_QID *Qid)
{
	NTSTATUS status;

	Create->Fcb = P9FindFcb(Qid->Path);
	status = Create->Fcb ? P9FurtherOpen(Create, Fid) : P9FirstOpen(Create, Fid, Qid);
	if (!NT_SUCCESS(status))
		return status;
	status = P9AttachFile(Create);
	if (!NT_SUCCESS(status)) {
		if (!Create->Fcb->References)
			P9ReleaseFcb(Create->Fcb);
		return status;
	}
	Create->Information = FILE_OPENED;
	if (P9Overwrites(Create)) {
		Create->Information = Create->Disposition == FILE_SUPERSEDE ? FILE_SUPERSEDED : FILE_OVERWRITTEN;
		status = P9Truncate(Create->Fcb);
	}
	return status;
}

/* Directory is referenced by the caller. */
static NTSTATUS P9OpenDirectory(PP9_CREATE Create, PP9_DIRECTORY Directory)
{
	NTSTATUS status = STATUS_SUCCESS;

	Create->Fcb = P9FindFcb(Directory->Qid.Path);
	if (!Create->Fcb)
		status = P9NewFcb(Directory->Parent, &Directory->Name, &Directory->Qid, Directory, &Create->Fcb);
	else if (Create->Fcb->DeletePending)
		status = STATUS_DELETE_PENDING;
	if (!NT_SUCCESS(status))
		return status;
	status = P9AttachFile(Create);
	if (!NT_SUCCESS(status) && !Create->Fcb->References)
		P9ReleaseFcb(Create->Fcb);
	Create->Information = FILE_OPENED;
	return status;
}

/* Fid was walked to something that exists. */
static NTSTATUS P9OpenExisting(PP9_CREATE Create, ULONG Fid, const P9_QID *Qid)
{
	BOOLEAN directory = (Qid->Type & P9_QID_DIRECTORY) != 0;
	PP9_DIRECTORY node;
	NTSTATUS status;

	status = (Qid->Type & P9_QID_SYMLINK) ? STATUS_ACCESS_DENIED : STATUS_SUCCESS;
	if (NT_SUCCESS(status) && Create->Disposition == FILE_CREATE)
		status = STATUS_OBJECT_NAME_COLLISION;
	if (NT_SUCCESS(status))
		status = P9CheckKind(Create, directory);
	if (NT_SUCCESS(status) && directory && P9Overwrites(Create))
		status = STATUS_OBJECT_NAME_COLLISION;
	if (!NT_SUCCESS(status)) {
		P9Clunk(Fid);
		return status;
	}
	if (!directory)
		return P9OpenFile(Create, Fid, Qid);
	node = P9FindChild(Create->Parent, &Create->Actual);
	if (node)
		P9Clunk(Fid);
	else
		status = P9MakeDirectoryNode(Create->Parent, &Create->Actual, Fid, Qid, &node);
	if (!NT_SUCCESS(status))
		return status;
	status = P9OpenDirectory(Create, node);
	P9ReleaseDirectory(node);
	return status;
}

/* Two rounds, because host and guest may create the same name at the same moment. */
static NTSTATUS P9OpenOrCreate(PP9_CREATE Create)
{
	BOOLEAN mayCreate = Create->Disposition != FILE_OPEN && Create->Disposition != FILE_OVERWRITE;
	WCHAR buffer[P9_NAME_MAXIMUM];
	NTSTATUS status;
	P9_QID qid;
	ULONG fid;

	Create->Actual.Buffer = buffer;
	Create->Actual.MaximumLength = sizeof(buffer);
	if (mayCreate && !P9MayExist(Create->Parent, &Create->Name)) {
		status = P9CreateNew(Create);
		if (status != STATUS_OBJECT_NAME_COLLISION)
			return status;
	}
	fid = P9NewFid();
	status = P9FindName(Create->Parent, &Create->Name, fid, &qid, &Create->Actual);
	if (status == STATUS_OBJECT_NAME_NOT_FOUND)
		return P9CreateNew(Create);
	return NT_SUCCESS(status) ? P9OpenExisting(Create, fid, &qid) : status;
}

/* SL_OPEN_TARGET_DIRECTORY: the folder is opened. Whether the name in it exists is asked again by the rename itself, and truly. */
static NTSTATUS P9OpenTarget(PP9_CREATE Create)
{
	PP9_CCB ccb;
	NTSTATUS status;

	if (!Create->Parent)
		return STATUS_OBJECT_NAME_INVALID;
	status = P9OpenDirectory(Create, Create->Parent);
	if (!NT_SUCCESS(status))
		return status;
	ccb = Create->FileObject->FsContext2;
	P9ReferenceDirectory(Create->Parent);
	ccb->TargetDirectory = Create->Parent;
	Create->Information = P9MayExist(Create->Parent, &Create->Name) ? FILE_EXISTS : FILE_DOES_NOT_EXIST;
	return STATUS_SUCCESS;
}

/* As NTFS does, before anything is looked up. */
static NTSTATUS P9CheckPath(UNICODE_STRING Path)
{
	UNICODE_STRING component;
	NTSTATUS status = STATUS_SUCCESS;

	while (NT_SUCCESS(status) && P9NextComponent(&Path, &component))
		status = P9CheckComponent(&component);
	return status;
}

/*
 * Enters all folders of Path but the last component, which becomes Create->Name; an empty Path opens Start itself. Create->Parent is
 * referenced afterwards, or NULL with *Itself referenced.
 */
static NTSTATUS P9ResolvePath(PP9_CREATE Create, PP9_DIRECTORY Start, UNICODE_STRING Path, PP9_DIRECTORY *Itself)
{
	PP9_DIRECTORY current = Start, next;
	BOOLEAN trailing = Path.Length && Path.Buffer[Path.Length / sizeof(WCHAR) - 1] == L'\\';
	UNICODE_STRING component;
	NTSTATUS status = P9CheckPath(Path);

	P9ReferenceDirectory(current);
	Create->Parent = NULL;
	while (NT_SUCCESS(status) && P9NextComponent(&Path, &component)) {
		if (!Path.Length) {
			/* A backslash at the end can only follow a folder's name. */
			if (trailing && (Create->Options & FILE_NON_DIRECTORY_FILE))
				status = STATUS_OBJECT_NAME_INVALID;
			else if (trailing)
				Create->Options |= FILE_DIRECTORY_FILE;
			Create->Name = component;
			Create->Parent = current;
			break;
		}
		status = P9EnterDirectory(current, &component, &next);
		if (NT_SUCCESS(status)) {
			P9ReleaseDirectory(current);
			current = next;
		}
	}
	if (!NT_SUCCESS(status)) {
		P9ReleaseDirectory(current);
		Create->Parent = NULL;
		return status;
	}
	*Itself = Create->Parent ? NULL : current;
	return STATUS_SUCCESS;
}

static NTSTATUS P9OpenPath(PP9_CREATE Create, PP9_DIRECTORY Start, UNICODE_STRING Path, BOOLEAN Target)
{
	PP9_DIRECTORY itself;
	NTSTATUS status;

	status = P9ResolvePath(Create, Start, Path, &itself);
	if (!NT_SUCCESS(status))
		return status;
	if (itself) {
		status = Create->Disposition == FILE_CREATE || P9Overwrites(Create) ? STATUS_OBJECT_NAME_COLLISION : STATUS_SUCCESS;
		/* \Device\HarddiskVolume1 without a path is the volume, which may be opened as a file. */
		if (NT_SUCCESS(status) && Create->FileObject->FileName.Length)
			status = P9CheckKind(Create, TRUE);
		if (NT_SUCCESS(status) && Target)
			status = STATUS_OBJECT_NAME_INVALID;
		if (NT_SUCCESS(status))
			status = P9OpenDirectory(Create, itself);
		P9ReleaseDirectory(itself);
		return status;
	}
	status = Target ? P9OpenTarget(Create) : P9OpenOrCreate(Create);
	P9ReleaseDirectory(Create->Parent);
	return status;
}

NTSTATUS P9FsdCreate(PIRP Irp, PIO_STACK_LOCATION Stack)
{
	PFILE_OBJECT file = Stack->FileObject, related = file->RelatedFileObject;
	UNICODE_STRING path = file->FileName;
	PP9_DIRECTORY start = P9Volume.Root;
	P9_CREATE create = { 0 };
	NTSTATUS status;

	create.FileObject = file;
	create.Access = Stack->Parameters.Create.SecurityContext->DesiredAccess;
	create.Share = Stack->Parameters.Create.ShareAccess;
	create.Disposition = Stack->Parameters.Create.Options >> 24;
	create.Options = Stack->Parameters.Create.Options & FILE_VALID_OPTION_FLAGS;
	create.Attributes = Stack->Parameters.Create.FileAttributes;
	if (related) {
		start = ((PP9_FCB)related->FsContext)->Directory;
		if (!start || (path.Length && path.Buffer[0] == L'\\'))
			return STATUS_INVALID_PARAMETER;
	} else if (path.Length) {
		if (path.Buffer[0] != L'\\')
			return STATUS_OBJECT_NAME_INVALID;
		path.Buffer++;
		path.Length -= sizeof(WCHAR);
	}
	P9Lock(&P9Volume.Lock);
	status = P9OpenPath(&create, start, path, (Stack->Flags & SL_OPEN_TARGET_DIRECTORY) != 0);
	/* Attached, but its contents could not be cut off: undone as the close of a handle is. */
	if (!NT_SUCCESS(status) && file->FsContext) {
		PP9_FCB fcb = file->FsContext;

		IoRemoveShareAccess(file, &fcb->ShareAccess);
		fcb->Handles--;
		P9ReleaseFcb(fcb);
		P9FreeCcb(file->FsContext2);
		file->FsContext = NULL;
		file->FsContext2 = NULL;
		file->PrivateCacheMap = NULL;
	}
	P9Unlock(&P9Volume.Lock);
	Irp->IoStatus.Information = NT_SUCCESS(status) ? create.Information : 0;
	return status;
}
