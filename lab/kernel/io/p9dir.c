/*
 * Folders: a tree of those that were entered, each with its fid and a few spare clones of it, and the search for a name in one of
 * them. The volume's lock is held throughout.
 */
#include "p9fs.h"

VOID P9ReferenceDirectory(PP9_DIRECTORY Directory)
{
	Directory->References++;
}

/* Out of the tree: nobody finds the folder by name any more. */
VOID P9ForgetDirectory(PP9_DIRECTORY Directory)
{
	if (!Directory->Parent)
		return;
	Directory->Gone = TRUE;
	RemoveEntryList(&Directory->Link);
	InitializeListHead(&Directory->Link);
}

static VOID P9FreeDirectory(PP9_DIRECTORY Directory)
{
	PP9_DIRECTORY parent = Directory->Parent;

	RemoveEntryList(&Directory->Kept);
	P9Volume.DirectoryCount--;
	RemoveEntryList(&Directory->Link);
	P9DropListing(Directory);
	while (Directory->CloneCount)
		P9Clunk(Directory->Clones[--Directory->CloneCount]);
	P9Clunk(Directory->Fid);
	ExFreePoolWithTag(Directory->Name.Buffer, P9_TAG_NAME);
	ExFreePoolWithTag(Directory, P9_TAG_DIRECTORY);
	/* A child holds a reference to its parent. */
	if (parent)
		P9ReleaseDirectory(parent);
}

/* Frees the folder that nobody has used for the longest time, as long as too many are kept. */
static VOID P9TrimDirectories(VOID)
{
	PLIST_ENTRY link = P9Volume.Directories.Blink;

	while (P9Volume.DirectoryCount > P9_DIRECTORIES_KEPT && link != &P9Volume.Directories) {
		PP9_DIRECTORY directory = CONTAINING_RECORD(link, P9_DIRECTORY, Kept);

		if (directory->References) {
			link = link->Blink;
			continue;
		}
		/* May free parents too: start again at the end. */
		P9FreeDirectory(directory);
		link = P9Volume.Directories.Blink;
	}
}

VOID P9ReleaseDirectory(PP9_DIRECTORY Directory)
{
	if (--Directory->References == 0 && Directory->Gone)
		P9FreeDirectory(Directory);
}

static NTSTATUS P9AllocateDirectory(PCUNICODE_STRING Name, ULONG Fid, const P9_QID *Qid, PP9_DIRECTORY *Directory)
{
	PP9_DIRECTORY directory = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*directory), P9_TAG_DIRECTORY);
	NTSTATUS status;

	if (!directory)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlZeroMemory(directory, sizeof(*directory));
	status = P9CopyName(&directory->Name, Name);
	if (!NT_SUCCESS(status)) {
		ExFreePoolWithTag(directory, P9_TAG_DIRECTORY);
		return status;
	}
	directory->References = 1;
	directory->Fid = Fid;
	directory->Qid = *Qid;
	InitializeListHead(&directory->Link);
	InitializeListHead(&directory->Children);
	InsertHeadList(&P9Volume.Directories, &directory->Kept);
	P9Volume.DirectoryCount++;
	*Directory = directory;
	return STATUS_SUCCESS;
}

NTSTATUS P9CreateRoot(ULONG Fid, const P9_QID *Qid)
{
	UNICODE_STRING none = { 0 };

	return P9AllocateDirectory(&none, Fid, Qid, &P9Volume.Root);
}

NTSTATUS P9MakeDirectoryNode(PP9_DIRECTORY Parent, PCUNICODE_STRING Name, ULONG Fid, const P9_QID *Qid, PP9_DIRECTORY *Directory)
{
	NTSTATUS status = P9AllocateDirectory(Name, Fid, Qid, Directory);

	if (!NT_SUCCESS(status)) {
		P9Clunk(Fid);
		return status;
	}
	(*Directory)->Parent = Parent;
	P9ReferenceDirectory(Parent);
	InsertHeadList(&Parent->Children, &(*Directory)->Link);
	P9TrimDirectories();
	return STATUS_SUCCESS;
}

/* Referenced; the exact spelling goes first. NULL: not entered yet. */
PP9_DIRECTORY P9FindChild(PP9_DIRECTORY Parent, PCUNICODE_STRING Name)
{
	PP9_DIRECTORY found = NULL;

	for (PLIST_ENTRY link = Parent->Children.Flink; link != &Parent->Children; link = link->Flink) {
		PP9_DIRECTORY child = CONTAINING_RECORD(link, P9_DIRECTORY, Link);

		if (!RtlEqualUnicodeString(&child->Name, Name, TRUE))
			continue;
		found = child;
		if (RtlEqualUnicodeString(&child->Name, Name, FALSE))
			break;
	}
	if (found) {
		P9ReferenceDirectory(found);
		RemoveEntryList(&found->Kept);
		InsertHeadList(&P9Volume.Directories, &found->Kept);
	}
	return found;
}

/* A component in the middle of a path. */
NTSTATUS P9EnterDirectory(PP9_DIRECTORY Parent, PCUNICODE_STRING Name, PP9_DIRECTORY *Directory)
{
	WCHAR buffer[P9_NAME_MAXIMUM];
	UNICODE_STRING actual = { 0, sizeof(buffer), buffer };
	NTSTATUS status;
	P9_QID qid;
	ULONG fid;

	*Directory = P9FindChild(Parent, Name);
	if (*Directory)
		return STATUS_SUCCESS;
	fid = P9NewFid();
	status = P9FindName(Parent, Name, fid, &qid, &actual);
	if (status == STATUS_OBJECT_NAME_NOT_FOUND)
		return STATUS_OBJECT_PATH_NOT_FOUND;
	if (!NT_SUCCESS(status))
		return status;
	/* Links of the host are never followed: they may lead out of the folder. */
	if (!(qid.Type & P9_QID_DIRECTORY)) {
		P9Clunk(fid);
		return (qid.Type & P9_QID_SYMLINK) ? STATUS_ACCESS_DENIED : STATUS_OBJECT_PATH_NOT_FOUND;
	}
	/* Name may be another spelling of a folder that has been entered. */
	*Directory = P9FindChild(Parent, &actual);
	if (*Directory) {
		P9Clunk(fid);
		return STATUS_SUCCESS;
	}
	return P9MakeDirectoryNode(Parent, &actual, fid, &qid, Directory);
}

/* After a rename on the host: fids follow by themselves. */
NTSTATUS P9MoveDirectory(PP9_DIRECTORY Directory, PP9_DIRECTORY Parent, PCUNICODE_STRING Name)
{
	UNICODE_STRING name;
	NTSTATUS status = P9CopyName(&name, Name);

	if (!NT_SUCCESS(status)) {
		P9ForgetDirectory(Directory);
		return status;
	}
	ExFreePoolWithTag(Directory->Name.Buffer, P9_TAG_NAME);
	Directory->Name = name;
	P9ReferenceDirectory(Parent);
	RemoveEntryList(&Directory->Link);
	InsertHeadList(&Parent->Children, &Directory->Link);
	P9ReleaseDirectory(Directory->Parent);
	Directory->Parent = Parent;
	return STATUS_SUCCESS;
}

/* A fid of the folder for the taker to use up. P9_NO_FID: the host refuses; the folder is gone. */
ULONG P9TakeClone(PP9_DIRECTORY Directory)
{
	ULONG fids[P9_CLONES];
	P9_BATCH batch;

	if (!Directory->CloneCount) {
		P9Begin(&batch, P9_CLONES);
		for (ULONG i = 0; i < P9_CLONES; i++) {
			fids[i] = P9NewFid();
			P9AddClone(&batch, Directory->Fid, fids[i]);
		}
		P9Submit(&batch);
		for (ULONG i = 0; i < P9_CLONES; i++)
			if (NT_SUCCESS(batch.Requests[i]->Status))
				Directory->Clones[Directory->CloneCount++] = fids[i];
		P9End(&batch);
	}
	return Directory->CloneCount ? Directory->Clones[--Directory->CloneCount] : P9_NO_FID;
}

VOID P9GiveClone(PP9_DIRECTORY Directory, ULONG Fid)
{
	if (Directory->CloneCount < P9_CLONES)
		Directory->Clones[Directory->CloneCount++] = Fid;
	else
		P9Clunk(Fid);
}

static NTSTATUS P9WalkName(PP9_DIRECTORY Directory, PCUNICODE_STRING Name, ULONG NewFid, PP9_QID Qid, PUNICODE_STRING Actual)
{
	P9_NAME utf8;
	NTSTATUS status = P9ToUtf8(Name, &utf8);

	if (NT_SUCCESS(status))
		status = P9Walk(Directory->Fid, NewFid, &utf8, Qid);
	if (NT_SUCCESS(status)) {
		RtlCopyMemory(Actual->Buffer, Name->Buffer, Name->Length);
		Actual->Length = Name->Length;
	}
	return status;
}

/* Follows the listing. A name in it that the host no longer has shows that the host has changed the folder: the listing goes. */
static NTSTATUS P9WalkListed(PP9_DIRECTORY Directory, PCUNICODE_STRING Name, ULONG NewFid, PP9_QID Qid, PUNICODE_STRING Actual)
{
	PP9_ENTRY entry = P9FindEntry(Directory, Name);
	NTSTATUS status;

	if (!entry)
		return STATUS_OBJECT_NAME_NOT_FOUND;
	status = P9WalkName(Directory, &entry->Name, NewFid, Qid, Actual);
	if (status == STATUS_OBJECT_NAME_NOT_FOUND)
		P9DropListing(Directory);
	return status;
}

NTSTATUS P9FindName(PP9_DIRECTORY Directory, PCUNICODE_STRING Name, ULONG NewFid, PP9_QID Qid, PUNICODE_STRING Actual)
{
	NTSTATUS status = STATUS_OBJECT_NAME_NOT_FOUND;

	if (P9ListingIsFresh(Directory))
		status = P9WalkListed(Directory, Name, NewFid, Qid, Actual);
	/* Also when a fresh listing lacks it: the host may have made it a moment ago. */
	if (status == STATUS_OBJECT_NAME_NOT_FOUND)
		status = P9WalkName(Directory, Name, NewFid, Qid, Actual);
	if (status != STATUS_OBJECT_NAME_NOT_FOUND || P9ListingIsFresh(Directory))
		return status;
	status = P9RefreshListing(Directory);
	if (NT_SUCCESS(status))
		return P9WalkListed(Directory, Name, NewFid, Qid, Actual);
	/* The folder itself may be what is missing. */
	if (status == STATUS_OBJECT_NAME_NOT_FOUND || status == STATUS_OBJECT_PATH_NOT_FOUND) {
		P9ForgetDirectory(Directory);
		return STATUS_OBJECT_PATH_NOT_FOUND;
	}
	return STATUS_OBJECT_NAME_NOT_FOUND;
}

BOOLEAN P9MayExist(PP9_DIRECTORY Directory, PCUNICODE_STRING Name)
{
	if (!P9ListingIsFresh(Directory) && !NT_SUCCESS(P9RefreshListing(Directory)))
		return TRUE;
	return P9FindEntry(Directory, Name) != NULL;
}
