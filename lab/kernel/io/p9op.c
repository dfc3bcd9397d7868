/*
 * The 9P messages that the file system sends, one routine each.
 */
#include "p9.h"

/* 100 ns between 1601 and 1970. */
#define P9_UNIX_EPOCH 116444736000000000LL

PP9_REQUEST P9AddClone(PP9_BATCH Batch, ULONG Fid, ULONG NewFid)
{
	PP9_REQUEST request = P9Add(Batch, P9_TWALK);

	P9Put32(request, Fid);
	P9Put32(request, NewFid);
	P9Put16(request, 0);
	return request;
}

PP9_REQUEST P9AddWalk(PP9_BATCH Batch, ULONG Fid, ULONG NewFid, const P9_NAME *Name)
{
	PP9_REQUEST request = P9Add(Batch, P9_TWALK);

	P9Put32(request, Fid);
	P9Put32(request, NewFid);
	P9Put16(request, 1);
	P9PutString(request, Name->Text, Name->Length);
	return request;
}

PP9_REQUEST P9AddGetAttributes(PP9_BATCH Batch, ULONG Fid)
{
	PP9_REQUEST request = P9Add(Batch, P9_TGETATTR);

	P9Put32(request, Fid);
	P9Put64(request, P9_GETATTR_BASIC);
	return request;
}

/* Length is at most P9_PAYLOAD; Data must stay until the batch is done. */
PP9_REQUEST P9AddWrite(PP9_BATCH Batch, ULONG Fid, ULONG64 Offset, PVOID Data, ULONG Length)
{
	PP9_REQUEST request = P9Add(Batch, P9_TWRITE);

	P9Put32(request, Fid);
	P9Put64(request, Offset);
	P9Put32(request, Length);
	request->Payload = Data;
	request->PayloadLength = Length;
	return request;
}

PP9_REQUEST P9AddRead(PP9_BATCH Batch, ULONG Fid, ULONG64 Offset, PVOID Data, ULONG Length)
{
	PP9_REQUEST request = P9Add(Batch, P9_TREAD);

	P9Put32(request, Fid);
	P9Put64(request, Offset);
	P9Put32(request, Length);
	request->Payload = Data;
	request->PayloadLength = Length;
	request->PayloadIn = TRUE;
	return request;
}

static NTSTATUS P9Result(PP9_REQUEST Request)
{
	return NT_SUCCESS(Request->Status) && Request->Bad ? STATUS_IO_DEVICE_ERROR : Request->Status;
}

/* A walk of one name that found nothing is an error in 9P too; one of no names has no qid to give. */
NTSTATUS P9WalkResult(PP9_REQUEST Request, PP9_QID Qid)
{
	if (!NT_SUCCESS(Request->Status))
		return Request->Status;
	if (P9Get16(Request) != 1)
		return STATUS_OBJECT_NAME_NOT_FOUND;
	*Qid = P9GetQid(Request);
	return P9Result(Request);
}

static LONGLONG P9GetTime(PP9_REQUEST Request)
{
	ULONG64 seconds = P9Get64(Request), nanoseconds = P9Get64(Request);

	return P9_UNIX_EPOCH + (LONGLONG)(seconds * 10000000 + nanoseconds / 100);
}

NTSTATUS P9AttributesResult(PP9_REQUEST Request, PP9_ATTRIBUTES Attributes)
{
	if (!NT_SUCCESS(Request->Status))
		return Request->Status;
	P9Get64(Request); /* valid */
	Attributes->Qid = P9GetQid(Request);
	Attributes->Mode = P9Get32(Request);
	P9Get32(Request); /* uid */
	P9Get32(Request); /* gid */
	Attributes->Links = P9Get64(Request);
	P9Get64(Request); /* rdev */
	Attributes->Size = P9Get64(Request);
	P9Get64(Request); /* blksize */
	Attributes->Blocks = P9Get64(Request);
	Attributes->AccessTime = P9GetTime(Request);
	Attributes->WriteTime = P9GetTime(Request);
	Attributes->ChangeTime = P9GetTime(Request);
	/* Sizes and times that NT's signed numbers cannot hold are lies. */
	if ((LONGLONG)Attributes->Size < 0 || (LONGLONG)Attributes->Blocks < 0)
		return STATUS_IO_DEVICE_ERROR;
	return P9Result(Request);
}

/* The count of a Tread, Twrite or Treaddir: never more than was asked for. */
NTSTATUS P9CountResult(PP9_REQUEST Request, PULONG Count)
{
	*Count = 0;
	if (!NT_SUCCESS(Request->Status))
		return Request->Status;
	*Count = P9Get32(Request);
	if (*Count > Request->PayloadLength) {
		*Count = 0;
		return STATUS_IO_DEVICE_ERROR;
	}
	return P9Result(Request);
}

/* Sends the single request of Batch and ends it; for messages whose answer is only a status. */
static NTSTATUS P9Finish(PP9_BATCH Batch)
{
	NTSTATUS status;

	P9Submit(Batch);
	status = P9Result(Batch->Requests[0]);
	P9End(Batch);
	return status;
}

NTSTATUS P9Walk(ULONG Fid, ULONG NewFid, const P9_NAME *Name, PP9_QID Qid)
{
	P9_BATCH batch;
	NTSTATUS status;

	P9Begin(&batch, 1);
	P9AddWalk(&batch, Fid, NewFid, Name);
	P9Submit(&batch);
	status = P9WalkResult(batch.Requests[0], Qid);
	P9End(&batch);
	return status;
}

NTSTATUS P9GetAttributes(ULONG Fid, PP9_ATTRIBUTES Attributes)
{
	P9_BATCH batch;
	NTSTATUS status;

	P9Begin(&batch, 1);
	P9AddGetAttributes(&batch, Fid);
	P9Submit(&batch);
	status = P9AttributesResult(batch.Requests[0], Attributes);
	P9End(&batch);
	return status;
}

NTSTATUS P9Open(ULONG Fid, ULONG Flags)
{
	P9_BATCH batch;
	PP9_REQUEST request;

	P9Begin(&batch, 1);
	request = P9Add(&batch, P9_TLOPEN);
	P9Put32(request, Fid);
	P9Put32(request, Flags);
	return P9Finish(&batch);
}

/* Fid, a folder's, becomes the new file's. */
NTSTATUS P9Create(ULONG Fid, const P9_NAME *Name, ULONG Flags, ULONG Mode, PP9_QID Qid)
{
	P9_BATCH batch;
	PP9_REQUEST request;
	NTSTATUS status;

	P9Begin(&batch, 1);
	request = P9Add(&batch, P9_TLCREATE);
	P9Put32(request, Fid);
	P9PutString(request, Name->Text, Name->Length);
	P9Put32(request, Flags);
	P9Put32(request, Mode);
	P9Put32(request, 0);
	P9Submit(&batch);
	status = request->Status;
	if (NT_SUCCESS(status)) {
		*Qid = P9GetQid(request);
		status = P9Result(request);
	}
	P9End(&batch);
	return status;
}

NTSTATUS P9MakeDirectory(ULONG Fid, const P9_NAME *Name, ULONG Mode)
{
	P9_BATCH batch;
	PP9_REQUEST request;

	P9Begin(&batch, 1);
	request = P9Add(&batch, P9_TMKDIR);
	P9Put32(request, Fid);
	P9PutString(request, Name->Text, Name->Length);
	P9Put32(request, Mode);
	P9Put32(request, 0);
	return P9Finish(&batch);
}

NTSTATUS P9Rename(ULONG OldFid, const P9_NAME *OldName, ULONG NewFid, const P9_NAME *NewName)
{
	P9_BATCH batch;
	PP9_REQUEST request;

	P9Begin(&batch, 1);
	request = P9Add(&batch, P9_TRENAMEAT);
	P9Put32(request, OldFid);
	P9PutString(request, OldName->Text, OldName->Length);
	P9Put32(request, NewFid);
	P9PutString(request, NewName->Text, NewName->Length);
	return P9Finish(&batch);
}

NTSTATUS P9Unlink(ULONG Fid, const P9_NAME *Name, BOOLEAN Directory)
{
	P9_BATCH batch;
	PP9_REQUEST request;

	P9Begin(&batch, 1);
	request = P9Add(&batch, P9_TUNLINKAT);
	P9Put32(request, Fid);
	P9PutString(request, Name->Text, Name->Length);
	P9Put32(request, Directory ? P9_AT_REMOVEDIR : 0);
	return P9Finish(&batch);
}

static VOID P9PutTime(PP9_REQUEST Request, LONGLONG Time)
{
	ULONG64 since = Time > P9_UNIX_EPOCH ? (ULONG64)(Time - P9_UNIX_EPOCH) : 0;

	P9Put64(Request, since / 10000000);
	P9Put64(Request, since % 10000000 * 100);
}

/* Valid: P9_SETATTR_* bits, which of the other arguments count. Times are NT's. */
NTSTATUS P9SetAttributes(ULONG Fid, ULONG Valid, ULONG Mode, ULONG64 Size, LONGLONG AccessTime, LONGLONG WriteTime)
{
	P9_BATCH batch;
	PP9_REQUEST request;

	P9Begin(&batch, 1);
	request = P9Add(&batch, P9_TSETATTR);
	P9Put32(request, Fid);
	P9Put32(request, Valid);
	P9Put32(request, Mode);
	P9Put32(request, 0);
	P9Put32(request, 0);
	P9Put64(request, Size);
	P9PutTime(request, AccessTime);
	P9PutTime(request, WriteTime);
	return P9Finish(&batch);
}

NTSTATUS P9Sync(ULONG Fid)
{
	P9_BATCH batch;
	PP9_REQUEST request;

	P9Begin(&batch, 1);
	request = P9Add(&batch, P9_TFSYNC);
	P9Put32(request, Fid);
	P9Put32(request, 0);
	return P9Finish(&batch);
}

NTSTATUS P9ReadDirectory(ULONG Fid, ULONG64 Offset, PVOID Data, ULONG Length, PULONG Count)
{
	P9_BATCH batch;
	PP9_REQUEST request;
	NTSTATUS status;

	P9Begin(&batch, 1);
	request = P9AddRead(&batch, Fid, Offset, Data, Length);
	/* Treaddir has Tread's layout. */
	request->Type = P9_TREADDIR;
	request->Send[sizeof(ULONG)] = P9_TREADDIR;
	P9Submit(&batch);
	status = P9CountResult(request, Count);
	P9End(&batch);
	return status;
}

NTSTATUS P9StatFs(ULONG Fid, P9_STATFS *Result)
{
	P9_BATCH batch;
	PP9_REQUEST request;
	NTSTATUS status;

	P9Begin(&batch, 1);
	request = P9Add(&batch, P9_TSTATFS);
	P9Put32(request, Fid);
	P9Submit(&batch);
	status = request->Status;
	if (NT_SUCCESS(status)) {
		P9Get32(request); /* type */
		Result->BlockSize = P9Get32(request);
		Result->Blocks = P9Get64(request);
		P9Get64(request); /* free, for root too */
		Result->Available = P9Get64(request);
		P9Get64(request); /* files */
		P9Get64(request); /* free files */
		Result->Id = P9Get64(request);
		status = P9Result(request);
	}
	P9End(&batch);
	return status;
}
