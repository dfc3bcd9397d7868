/*
 * 9P on the wire: little-endian fields, strings with a 16-bit length, and the checks that every reply has to pass. Error numbers are
 * Linux's.
 */
#include "p9.h"

#define P9_REPLY_HEADER 7u
#define P9_RLERROR      (P9_TLERROR + 1)

static PUCHAR P9Room(PP9_REQUEST Request, ULONG Length)
{
	PUCHAR place = Request->Send + Request->SendLength;

	if (Length > P9_SMALL - Request->SendLength) {
		Request->Bad = TRUE;
		return NULL;
	}
	Request->SendLength += Length;
	return place;
}

static VOID P9PutBytes(PP9_REQUEST Request, const VOID *Bytes, ULONG Length)
{
	PUCHAR place = P9Room(Request, Length);

	if (place)
		RtlCopyMemory(place, Bytes, Length);
}

VOID P9Put8(PP9_REQUEST Request, UCHAR Value)
{
	P9PutBytes(Request, &Value, sizeof(Value));
}

VOID P9Put16(PP9_REQUEST Request, USHORT Value)
{
	P9PutBytes(Request, &Value, sizeof(Value));
}

VOID P9Put32(PP9_REQUEST Request, ULONG Value)
{
	P9PutBytes(Request, &Value, sizeof(Value));
}

VOID P9Put64(PP9_REQUEST Request, ULONG64 Value)
{
	P9PutBytes(Request, &Value, sizeof(Value));
}

VOID P9PutString(PP9_REQUEST Request, const CHAR *Text, ULONG Length)
{
	P9Put16(Request, (USHORT)Length);
	P9PutBytes(Request, Text, Length);
}

static VOID P9GetBytes(PP9_REQUEST Request, PVOID Bytes, ULONG Length)
{
	if (Length > Request->ReceiveLength - Request->ReceiveOffset) {
		Request->Bad = TRUE;
		RtlZeroMemory(Bytes, Length);
		return;
	}
	RtlCopyMemory(Bytes, Request->Receive + Request->ReceiveOffset, Length);
	Request->ReceiveOffset += Length;
}

UCHAR P9Get8(PP9_REQUEST Request)
{
	UCHAR value;

	P9GetBytes(Request, &value, sizeof(value));
	return value;
}

USHORT P9Get16(PP9_REQUEST Request)
{
	USHORT value;

	P9GetBytes(Request, &value, sizeof(value));
	return value;
}

ULONG P9Get32(PP9_REQUEST Request)
{
	ULONG value;

	P9GetBytes(Request, &value, sizeof(value));
	return value;
}

ULONG64 P9Get64(PP9_REQUEST Request)
{
	ULONG64 value;

	P9GetBytes(Request, &value, sizeof(value));
	return value;
}

P9_QID P9GetQid(PP9_REQUEST Request)
{
	P9_QID qid;

	qid.Type = P9Get8(Request);
	qid.Version = P9Get32(Request);
	qid.Path = P9Get64(Request);
	return qid;
}

/*
 * Judges a reply of Written bytes: length, type and tag must be those of an answer to this request, or of an error. Sets Status,
 * and leaves ReceiveOffset behind the header.
 */
VOID P9CheckReply(PP9_REQUEST Request, ULONG Written)
{
	ULONG size, head = Request->PayloadIn ? P9_REPLY_HEADER + sizeof(ULONG) : P9_SMALL;
	USHORT tag;
	UCHAR type;

	Request->ReceiveOffset = 0;
	Request->ReceiveLength = Written < head ? Written : head;
	size = P9Get32(Request);
	type = P9Get8(Request);
	tag = P9Get16(Request);
	if (Request->Bad || size != Written || tag != Request->Tag)
		Request->Status = STATUS_IO_DEVICE_ERROR;
	else if (type == P9_RLERROR)
		Request->Status = P9StatusFromErrno(P9Get32(Request));
	else
		Request->Status = type == Request->Type + 1 ? STATUS_SUCCESS : STATUS_IO_DEVICE_ERROR;
}

NTSTATUS P9StatusFromErrno(ULONG Error)
{
	static const struct {
		ULONG Error;
		NTSTATUS Status;
	} map[] = {
		{ 1 /* EPERM */, STATUS_ACCESS_DENIED },
		{ 2 /* ENOENT */, STATUS_OBJECT_NAME_NOT_FOUND },
		{ 5 /* EIO */, STATUS_IO_DEVICE_ERROR },
		{ 6 /* ENXIO */, STATUS_NO_SUCH_DEVICE },
		{ 12 /* ENOMEM */, STATUS_INSUFFICIENT_RESOURCES },
		{ 13 /* EACCES */, STATUS_ACCESS_DENIED },
		{ 16 /* EBUSY */, STATUS_SHARING_VIOLATION },
		{ 17 /* EEXIST */, STATUS_OBJECT_NAME_COLLISION },
		{ 18 /* EXDEV */, STATUS_NOT_SAME_DEVICE },
		{ 20 /* ENOTDIR */, STATUS_OBJECT_PATH_NOT_FOUND },
		{ 21 /* EISDIR */, STATUS_FILE_IS_A_DIRECTORY },
		{ 22 /* EINVAL */, STATUS_INVALID_PARAMETER },
		{ 23 /* ENFILE */, STATUS_TOO_MANY_OPENED_FILES },
		{ 24 /* EMFILE */, STATUS_TOO_MANY_OPENED_FILES },
		{ 26 /* ETXTBSY */, STATUS_SHARING_VIOLATION },
		{ 27 /* EFBIG */, STATUS_DISK_FULL },
		{ 28 /* ENOSPC */, STATUS_DISK_FULL },
		{ 30 /* EROFS */, STATUS_MEDIA_WRITE_PROTECTED },
		{ 36 /* ENAMETOOLONG */, STATUS_OBJECT_NAME_INVALID },
		{ 39 /* ENOTEMPTY */, STATUS_DIRECTORY_NOT_EMPTY },
		{ 40 /* ELOOP */, STATUS_ACCESS_DENIED },
		{ 95 /* EOPNOTSUPP */, STATUS_NOT_SUPPORTED },
		{ 122 /* EDQUOT */, STATUS_DISK_FULL },
	};

	for (ULONG i = 0; i < RTL_NUMBER_OF(map); i++)
		if (map[i].Error == Error)
			return map[i].Status;
	return STATUS_UNSUCCESSFUL;
}
