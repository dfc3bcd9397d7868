/*
 * Share modes: who may open a file together with whom. SHARE_ACCESS counts a file's openers and what each of them allows.
 */
#include "iop.h"

static VOID IopSetFileAccess(PFILE_OBJECT FileObject, ACCESS_MASK DesiredAccess, ULONG ShareAccess)
{
	FileObject->ReadAccess = (DesiredAccess & (FILE_EXECUTE | FILE_READ_DATA)) != 0;
	FileObject->WriteAccess = (DesiredAccess & (FILE_WRITE_DATA | FILE_APPEND_DATA)) != 0;
	FileObject->DeleteAccess = (DesiredAccess & DELETE) != 0;
	FileObject->SharedRead = (ShareAccess & FILE_SHARE_READ) != 0;
	FileObject->SharedWrite = (ShareAccess & FILE_SHARE_WRITE) != 0;
	FileObject->SharedDelete = (ShareAccess & FILE_SHARE_DELETE) != 0;
}

/* An open for nothing but attributes does not take part in sharing. */
static BOOLEAN IopSharesData(PFILE_OBJECT FileObject)
{
	return FileObject->ReadAccess || FileObject->WriteAccess || FileObject->DeleteAccess;
}

NTKERNELAPI VOID IoUpdateShareAccess(PFILE_OBJECT FileObject, PSHARE_ACCESS ShareAccess)
{
	if (!IopSharesData(FileObject))
		return;
	ShareAccess->OpenCount++;
	ShareAccess->Readers += FileObject->ReadAccess;
	ShareAccess->Writers += FileObject->WriteAccess;
	ShareAccess->Deleters += FileObject->DeleteAccess;
	ShareAccess->SharedRead += FileObject->SharedRead;
	ShareAccess->SharedWrite += FileObject->SharedWrite;
	ShareAccess->SharedDelete += FileObject->SharedDelete;
}

/* For the first open of a file. */
NTKERNELAPI VOID IoSetShareAccess(ACCESS_MASK DesiredAccess, ULONG DesiredShareAccess, PFILE_OBJECT FileObject, PSHARE_ACCESS ShareAccess)
{
	IopSetFileAccess(FileObject, DesiredAccess, DesiredShareAccess);
	RtlZeroMemory(ShareAccess, sizeof(*ShareAccess));
	IoUpdateShareAccess(FileObject, ShareAccess);
}

/* STATUS_SHARING_VIOLATION: an opener does not allow DesiredAccess, or DesiredShareAccess does not allow an opener. */
NTKERNELAPI NTSTATUS IoCheckShareAccess(ACCESS_MASK DesiredAccess, ULONG DesiredShareAccess, PFILE_OBJECT FileObject, PSHARE_ACCESS ShareAccess,
					BOOLEAN Update)
{
	ULONG opens = ShareAccess->OpenCount;

	IopSetFileAccess(FileObject, DesiredAccess, DesiredShareAccess);
	if (!IopSharesData(FileObject))
		return STATUS_SUCCESS;
	if ((FileObject->ReadAccess && ShareAccess->SharedRead < opens) || (FileObject->WriteAccess && ShareAccess->SharedWrite < opens) ||
	    (FileObject->DeleteAccess && ShareAccess->SharedDelete < opens) || (ShareAccess->Readers && !FileObject->SharedRead) ||
	    (ShareAccess->Writers && !FileObject->SharedWrite) || (ShareAccess->Deleters && !FileObject->SharedDelete))
		return STATUS_SHARING_VIOLATION;
	if (Update)
		IoUpdateShareAccess(FileObject, ShareAccess);
	return STATUS_SUCCESS;
}

NTKERNELAPI VOID IoRemoveShareAccess(PFILE_OBJECT FileObject, PSHARE_ACCESS ShareAccess)
{
	if (!IopSharesData(FileObject))
		return;
	ShareAccess->OpenCount--;
	ShareAccess->Readers -= FileObject->ReadAccess;
	ShareAccess->Writers -= FileObject->WriteAccess;
	ShareAccess->Deleters -= FileObject->DeleteAccess;
	ShareAccess->SharedRead -= FileObject->SharedRead;
	ShareAccess->SharedWrite -= FileObject->SharedWrite;
	ShareAccess->SharedDelete -= FileObject->SharedDelete;
}
