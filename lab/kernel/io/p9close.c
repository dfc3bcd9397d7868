/*
 * The end of a file on C:: IRP_MJ_CLEANUP when its last handle is closed - its data is on the host when that returns, or the file is
 * deleted - and IRP_MJ_CLOSE when the file object goes.
 */
#include "p9fs.h"

/* The last handle of a file that is to be deleted is gone. The volume's lock and the file's are held. */
static VOID P9DeleteFile(PP9_FCB Fcb)
{
	BOOLEAN directory = Fcb->Directory != NULL;
	NTSTATUS status;
	P9_NAME utf8;

	status = P9ToUtf8(&Fcb->Name, &utf8);
	if (NT_SUCCESS(status))
		status = P9Unlink(Fcb->Parent->Fid, &utf8, directory);
	if (!NT_SUCCESS(status)) {
		DbgPrint("C: cannot delete %wZ: %08x\n", &Fcb->Name, status);
		return;
	}
	/* Only now: a file that stays keeps its data. */
	P9MarkClean(Fcb);
	P9DropCache(Fcb);
	Fcb->Deleted = TRUE;
	P9RemoveEntry(Fcb->Parent, &Fcb->Name);
	if (directory)
		P9ForgetDirectory(Fcb->Directory);
}

NTSTATUS P9FsdCleanup(PIRP Irp, PIO_STACK_LOCATION Stack)
{
	PFILE_OBJECT file = Stack->FileObject;
	PP9_FCB fcb = file->FsContext;
	PP9_CCB ccb = file->FsContext2;
	NTSTATUS status = STATUS_SUCCESS;
	BOOLEAN last, delete;

	P9Lock(&P9Volume.Lock);
	if (ccb->DeleteOnClose && fcb->Parent)
		fcb->DeletePending = TRUE;
	IoRemoveShareAccess(file, &fcb->ShareAccess);
	last = --fcb->Handles == 0;
	delete = last && fcb->DeletePending;
	/*
	 * The file's lock before the volume's is let go: nobody may open the file between here and the end of its fid. It comes first of
	 * all, as another thread may still be in a transfer that it began before the handle was closed, and use the buffer.
	 */
	P9Lock(&fcb->Lock);
	if (delete)
		P9DeleteFile(fcb);
	if (!fcb->Directory && (file->WriteAccess || last))
		status = last ? P9FlushAndClunk(fcb) : P9FlushFile(fcb);
	if (!NT_SUCCESS(status))
		DbgPrint("C: data of %wZ was lost: %08x\n", &fcb->Name, status);
	P9Unlock(&fcb->Lock);
	P9Unlock(&P9Volume.Lock);
	file->Flags |= FO_CLEANUP_COMPLETE;
	Irp->IoStatus.Information = 0;
	return STATUS_SUCCESS;
}

NTSTATUS P9FsdClose(PIRP Irp, PIO_STACK_LOCATION Stack)
{
	PFILE_OBJECT file = Stack->FileObject;
	PP9_FCB fcb = file->FsContext;
	PP9_CCB ccb = file->FsContext2;

	P9Lock(&P9Volume.Lock);
	if (ccb->TargetDirectory)
		P9ReleaseDirectory(ccb->TargetDirectory);
	if (ccb->Scan)
		P9FreeScan(ccb->Scan);
	P9ReleaseFcb(fcb);
	P9Unlock(&P9Volume.Lock);
	P9FreeCcb(ccb);
	file->FsContext = NULL;
	file->FsContext2 = NULL;
	file->PrivateCacheMap = NULL;
	Irp->IoStatus.Information = 0;
	return STATUS_SUCCESS;
}
