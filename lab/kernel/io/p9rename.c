/*
 * Renaming on C:, within a folder and across folders, with NT's rules for a name that is taken. The volume's lock is held.
 */
#include "p9fs.h"

/* The new name: behind the last backslash of what the caller gave, or of the target that the I/O manager opened. */
static UNICODE_STRING P9LastComponent(UNICODE_STRING Path)
{
	UNICODE_STRING last = Path;
	USHORT start = Path.Length / sizeof(WCHAR);

	while (start && Path.Buffer[start - 1] != L'\\')
		start--;
	last.Buffer += start;
	last.Length = (USHORT)(Path.Length - start * sizeof(WCHAR));
	last.MaximumLength = last.Length;
	return last;
}

/* May the file that has the name go? Fid was walked to it. */
static NTSTATUS P9CheckReplace(const P9_QID *Qid, BOOLEAN Replace)
{
	PP9_FCB open = P9FindFcb(Qid->Path);

	if (!Replace)
		return STATUS_OBJECT_NAME_COLLISION;
	if ((Qid->Type & (P9_QID_DIRECTORY | P9_QID_SYMLINK)) || (open && open->Handles))
		return STATUS_ACCESS_DENIED;
	return STATUS_SUCCESS;
}

/*
 * Looks at what has the name Name in Folder. *Taken: something other than the file itself; then Actual is its spelling, and it may
 * be replaced when the status is success.
 */
static NTSTATUS P9CheckTarget(PP9_FCB Fcb, PP9_DIRECTORY Folder, PCUNICODE_STRING Name, BOOLEAN Replace, BOOLEAN *Taken, PUNICODE_STRING Actual)
{
	P9_ATTRIBUTES attributes;
	NTSTATUS status;
	P9_QID qid;
	ULONG fid;

	*Taken = FALSE;
	fid = P9NewFid();
	status = P9FindName(Folder, Name, fid, &qid, Actual);
	if (status == STATUS_OBJECT_NAME_NOT_FOUND)
		return STATUS_SUCCESS;
	if (!NT_SUCCESS(status))
		return status;
	if (qid.Path != Fcb->QidPath) {
		*Taken = TRUE;
		status = P9CheckReplace(&qid, Replace);
		if (NT_SUCCESS(status))
			status = P9GetAttributes(fid, &attributes);
		if (NT_SUCCESS(status) && !(attributes.Mode & P9_S_IWRITE))
			status = STATUS_ACCESS_DENIED;
	}
	P9Clunk(fid);
	return status;
}

/* A folder cannot move into itself. */
static BOOLEAN P9IsInside(PP9_DIRECTORY Folder, PP9_DIRECTORY Candidate)
{
	for (; Folder; Folder = Folder->Parent)
		if (Folder == Candidate)
			return TRUE;
	return FALSE;
}

/* The host has renamed: the same for our picture of it. */
static NTSTATUS P9FollowRename(PP9_FCB Fcb, PP9_DIRECTORY Folder, PCUNICODE_STRING Name)
{
	NTSTATUS status;

	P9RemoveEntry(Fcb->Parent, &Fcb->Name);
	P9AddEntry(Folder, Name, Fcb->Directory ? P9_QID_DIRECTORY : 0);
	status = P9SetFileName(Fcb, Name);
	if (NT_SUCCESS(status) && Fcb->Directory)
		status = P9MoveDirectory(Fcb->Directory, Folder, Name);
	if (!NT_SUCCESS(status))
		return status;
	P9ReferenceDirectory(Folder);
	P9ReleaseDirectory(Fcb->Parent);
	Fcb->Parent = Folder;
	return STATUS_SUCCESS;
}

/* Target: the folder to move into, as opened by the I/O manager; NULL: the name is bare and the file stays where it is. */
NTSTATUS P9RenameFile(PFILE_OBJECT FileObject, PFILE_OBJECT Target, const FILE_RENAME_INFORMATION *Rename)
{
	PP9_FCB fcb = FileObject->FsContext;
	PP9_DIRECTORY folder = Target ? ((PP9_CCB)Target->FsContext2)->TargetDirectory : fcb->Parent;
	UNICODE_STRING name = { (USHORT)Rename->FileNameLength, (USHORT)Rename->FileNameLength, (PWSTR)Rename->FileName };
	WCHAR buffer[P9_NAME_MAXIMUM];
	UNICODE_STRING actual = { 0, sizeof(buffer), buffer };
	P9_NAME oldUtf8, newUtf8, takenUtf8;
	BOOLEAN taken;
	NTSTATUS status;

	if (!fcb->Parent || !folder)
		return STATUS_INVALID_PARAMETER;
	if (Target)
		name = P9LastComponent(Target->FileName);
	status = P9CheckComponent(&name);
	if (NT_SUCCESS(status) && fcb->DeletePending)
		status = STATUS_DELETE_PENDING;
	if (NT_SUCCESS(status) && fcb->Directory && P9IsInside(folder, fcb->Directory))
		status = STATUS_INVALID_PARAMETER;
	if (NT_SUCCESS(status))
		status = P9ToUtf8(&fcb->Name, &oldUtf8);
	if (NT_SUCCESS(status))
		status = P9ToUtf8(&name, &newUtf8);
	if (NT_SUCCESS(status))
		status = P9CheckTarget(fcb, folder, &name, Rename->ReplaceIfExists, &taken, &actual);
	if (!NT_SUCCESS(status))
		return status;

	/* A host file whose name differs in case is what NT calls the same name: it is the one to be replaced. */
	if (taken && !RtlEqualUnicodeString(&actual, &name, FALSE)) {
		status = P9ToUtf8(&actual, &takenUtf8);
		if (NT_SUCCESS(status))
			status = P9Rename(fcb->Parent->Fid, &oldUtf8, folder->Fid, &takenUtf8);
		if (NT_SUCCESS(status))
			status = P9Rename(folder->Fid, &takenUtf8, folder->Fid, &newUtf8);
		if (NT_SUCCESS(status))
			P9RemoveEntry(folder, &actual);
	} else {
		status = P9Rename(fcb->Parent->Fid, &oldUtf8, folder->Fid, &newUtf8);
	}
	return NT_SUCCESS(status) ? P9FollowRename(fcb, folder, &name) : status;
}
