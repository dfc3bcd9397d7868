/*
 * The table of open files. The host's inode number (qid path) says whether two names are one file.
 */
#include "p9fs.h"

/* NodeTypeCode of our FCBs: file systems choose theirs; what matters is that the header is where FsContext points. */
#define P9_NODE_FCB 0x3970

static NPAGED_LOOKASIDE_LIST P9FcbLookasideList, P9CcbLookasideList;

VOID P9InitializeFiles(VOID)
{
	ExInitializeNPagedLookasideList(&P9FcbLookasideList, NULL, NULL, 0, sizeof(P9_FCB), P9_TAG_FILE, 0);
	ExInitializeNPagedLookasideList(&P9CcbLookasideList, NULL, NULL, 0, sizeof(P9_CCB), P9_TAG_FILE, 0);
}

PP9_CCB P9NewCcb(VOID)
{
	PP9_CCB ccb = ExAllocateFromNPagedLookasideList(&P9CcbLookasideList);

	if (ccb)
		RtlZeroMemory(ccb, sizeof(*ccb));
	return ccb;
}

VOID P9FreeCcb(PP9_CCB Ccb)
{
	ExFreeToNPagedLookasideList(&P9CcbLookasideList, Ccb);
}

static VOID P9FreeFileName(PP9_FCB Fcb)
{
	if (Fcb->Name.Buffer && Fcb->Name.Buffer != Fcb->ShortName)
		ExFreePoolWithTag(Fcb->Name.Buffer, P9_TAG_NAME);
}

NTSTATUS P9SetFileName(PP9_FCB Fcb, PCUNICODE_STRING Name)
{
	UNICODE_STRING copy = { Name->Length, sizeof(Fcb->ShortName), Fcb->ShortName };
	NTSTATUS status = Name->Length > sizeof(Fcb->ShortName) ? P9CopyName(&copy, Name) : STATUS_SUCCESS;

	if (!NT_SUCCESS(status))
		return status;
	if (copy.Buffer == Fcb->ShortName)
		RtlCopyMemory(Fcb->ShortName, Name->Buffer, Name->Length);
	P9FreeFileName(Fcb);
	Fcb->Name = copy;
	return STATUS_SUCCESS;
}

static PLIST_ENTRY P9Bucket(ULONG64 QidPath)
{
	return &P9Volume.Files[(QidPath ^ QidPath >> 8) % P9_FILE_BUCKETS];
}

PP9_FCB P9FindFcb(ULONG64 QidPath)
{
	PLIST_ENTRY bucket = P9Bucket(QidPath);

	for (PLIST_ENTRY link = bucket->Flink; link != bucket; link = link->Flink) {
		PP9_FCB fcb = CONTAINING_RECORD(link, P9_FCB, Link);

		if (fcb->QidPath == QidPath && !fcb->Deleted)
			return fcb;
	}
	return NULL;
}

/* No references yet. Holds references to its folder, and to Directory when it is one. */
NTSTATUS P9NewFcb(PP9_DIRECTORY Parent, PCUNICODE_STRING Name, const P9_QID *Qid, PP9_DIRECTORY Directory, PP9_FCB *Fcb)
{
	PP9_FCB fcb = ExAllocateFromNPagedLookasideList(&P9FcbLookasideList);
	NTSTATUS status;

	if (!fcb)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlZeroMemory(fcb, sizeof(*fcb));
	status = P9SetFileName(fcb, Name);
	if (!NT_SUCCESS(status)) {
		ExFreeToNPagedLookasideList(&P9FcbLookasideList, fcb);
		return status;
	}
	fcb->Header.NodeTypeCode = P9_NODE_FCB;
	fcb->Header.NodeByteSize = sizeof(*fcb);
	fcb->QidPath = Qid->Path;
	fcb->Parent = Parent;
	fcb->Directory = Directory;
	fcb->Fid = P9_NO_FID;
	ExpInitializeFastMutex(&fcb->Lock);
	InitializeListHead(&fcb->DirtyLink);
	InsertHeadList(P9Bucket(Qid->Path), &fcb->Link);
	if (Parent)
		P9ReferenceDirectory(Parent);
	if (Directory)
		P9ReferenceDirectory(Directory);
	*Fcb = fcb;
	return STATUS_SUCCESS;
}

/* Drops one reference; with the last one the file is forgotten. Nothing is written any more: cleanup has done that. */
VOID P9ReleaseFcb(PP9_FCB Fcb)
{
	if (Fcb->References && --Fcb->References)
		return;
	P9MarkClean(Fcb);
	P9DropCache(Fcb);
	if (Fcb->Fid != P9_NO_FID)
		P9Clunk(Fcb->Fid);
	RemoveEntryList(&Fcb->Link);
	if (Fcb->Parent)
		P9ReleaseDirectory(Fcb->Parent);
	if (Fcb->Directory)
		P9ReleaseDirectory(Fcb->Directory);
	P9FreeFileName(Fcb);
	ExFreeToNPagedLookasideList(&P9FcbLookasideList, Fcb);
}
