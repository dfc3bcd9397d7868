/*
 * The 9P2000.L protocol: requests built, sent in batches, replies taken apart with every length checked. What files mean to NT is
 * p9fs.h's question. Message layouts: the diod project's protocol.md and intro(5) of Plan 9.
 */
#ifndef P9_H
#define P9_H

#include "virtio.h"

#define P9_TLERROR 6
#define P9_TSTATFS 8
#define P9_TLOPEN 12
#define P9_TLCREATE 14
#define P9_TGETATTR 24
#define P9_TSETATTR 26
#define P9_TREADDIR 40
#define P9_TFSYNC 50
#define P9_TMKDIR 72
#define P9_TRENAMEAT 74
#define P9_TUNLINKAT 76
#define P9_TVERSION 100
#define P9_TATTACH 104
#define P9_TWALK 110
#define P9_TREAD 116
#define P9_TWRITE 118
#define P9_TCLUNK 120

#define P9_NO_FID 0xffffffffu
#define P9_NO_TAG 0xffffu

/* qid.type */
#define P9_QID_DIRECTORY 0x80
#define P9_QID_SYMLINK 0x02

/* Linux open flags, which the protocol carries. */
#define P9_O_RDONLY 0u
#define P9_O_RDWR 2u
#define P9_O_CREAT 0100u
#define P9_O_EXCL 0200u
#define P9_O_DIRECTORY 0200000u
#define P9_O_NOFOLLOW 0400000u
#define P9_AT_REMOVEDIR 0x200u

/* Tgetattr's and Tsetattr's masks. */
#define P9_GETATTR_BASIC 0x7ffULL
#define P9_SETATTR_MODE 0x001u
#define P9_SETATTR_SIZE 0x008u
#define P9_SETATTR_ATIME 0x010u
#define P9_SETATTR_MTIME 0x020u
#define P9_SETATTR_ATIME_SET 0x080u
#define P9_SETATTR_MTIME_SET 0x100u

/* st_mode */
#define P9_S_IFMT 0170000u
#define P9_S_IFREG 0100000u
#define P9_S_IFDIR 0040000u
#define P9_S_IWRITE 0222u

/* Payload bytes of one Tread or Twrite; msize leaves room for its header. */
#define P9_PAYLOAD 0x10000u
#define P9_MESSAGE_SIZE (P9_PAYLOAD + 0x1000u)
#define P9_SMALL 2048u
#define P9_SLOTS 64u
#define P9_BATCH_MAXIMUM 16u

typedef struct _P9_QID {
	UCHAR Type;
	ULONG Version;
	ULONG64 Path;
} P9_QID, *PP9_QID;

typedef struct _P9_ATTRIBUTES {
	P9_QID Qid;
	ULONG Mode;
	ULONG64 Links;
	ULONG64 Size;
	ULONG64 Blocks; /* of 512 bytes */
	LONGLONG AccessTime; /* NT times */
	LONGLONG WriteTime;
	LONGLONG ChangeTime;
} P9_ATTRIBUTES, *PP9_ATTRIBUTES;

/* One message on its way: Send and Receive are halves of one page. */
typedef struct _P9_REQUEST {
	struct _P9_REQUEST *NextFree;
	struct _P9_BATCH *Batch;
	PUCHAR Send;
	PUCHAR Receive;
	ULONG64 SendPhysical;
	ULONG64 ReceivePhysical;
	ULONG SendLength;
	ULONG ReceiveOffset;
	ULONG ReceiveLength;  /* of Receive, once the reply is there */
	PVOID Payload;        /* goes behind Send (PayloadIn FALSE), or comes behind the first 11 bytes of the reply */
	ULONG PayloadLength;
	BOOLEAN PayloadIn;
	BOOLEAN Bad;          /* something did not fit when building or did not parse */
	UCHAR Type;
	USHORT Tag;
	NTSTATUS Status;
} P9_REQUEST, *PP9_REQUEST;

/*
 * Independent requests that travel together: one notification, one wait. P9Begin reserves Maximum of them (it may wait), P9Add starts the
 * next one, P9Submit returns when all are answered, P9End gives them back.
 */
typedef struct _P9_BATCH {
	ULONG Count;
	ULONG Reserved;
	ULONG Pending;
	KEVENT Done;
	PP9_REQUEST Requests[P9_BATCH_MAXIMUM];
} P9_BATCH, *PP9_BATCH;

/* p9.c */
NTSTATUS P9Connect(const CHAR *Tag, PULONG RootFid, PP9_QID RootQid);
VOID P9Begin(PP9_BATCH Batch, ULONG Maximum);
PP9_REQUEST P9Add(PP9_BATCH Batch, UCHAR Type);
VOID P9Submit(PP9_BATCH Batch);
VOID P9End(PP9_BATCH Batch);
ULONG P9NewFid(VOID);
VOID P9ClunkLater(ULONG Fid);
VOID P9SendLater(VOID);

/* p9wire.c: fields of the message being built, and of the reply. Reading past the reply's end sets Bad and gives zero. */
VOID P9Put8(PP9_REQUEST Request, UCHAR Value);
VOID P9Put16(PP9_REQUEST Request, USHORT Value);
VOID P9Put32(PP9_REQUEST Request, ULONG Value);
VOID P9Put64(PP9_REQUEST Request, ULONG64 Value);
VOID P9PutString(PP9_REQUEST Request, const CHAR *Text, ULONG Length);
UCHAR P9Get8(PP9_REQUEST Request);
USHORT P9Get16(PP9_REQUEST Request);
ULONG P9Get32(PP9_REQUEST Request);
ULONG64 P9Get64(PP9_REQUEST Request);
P9_QID P9GetQid(PP9_REQUEST Request);
VOID P9CheckReply(PP9_REQUEST Request, ULONG Written);
NTSTATUS P9StatusFromErrno(ULONG Error);

/* p9op.c: one message each; those named P9Add* only put it into a batch. Names are UTF-8 without a final NUL. */
typedef struct _P9_NAME {
	USHORT Length;
	CHAR Text[766];
} P9_NAME, *PP9_NAME;

PP9_REQUEST P9AddClone(PP9_BATCH Batch, ULONG Fid, ULONG NewFid);
PP9_REQUEST P9AddWalk(PP9_BATCH Batch, ULONG Fid, ULONG NewFid, const P9_NAME *Name);
PP9_REQUEST P9AddGetAttributes(PP9_BATCH Batch, ULONG Fid);
PP9_REQUEST P9AddWrite(PP9_BATCH Batch, ULONG Fid, ULONG64 Offset, PVOID Data, ULONG Length);
PP9_REQUEST P9AddRead(PP9_BATCH Batch, ULONG Fid, ULONG64 Offset, PVOID Data, ULONG Length);
/* Status of a request after P9Submit; those with results fill them. */
NTSTATUS P9WalkResult(PP9_REQUEST Request, PP9_QID Qid);
NTSTATUS P9AttributesResult(PP9_REQUEST Request, PP9_ATTRIBUTES Attributes);
NTSTATUS P9CountResult(PP9_REQUEST Request, PULONG Count);

NTSTATUS P9Walk(ULONG Fid, ULONG NewFid, const P9_NAME *Name, PP9_QID Qid);
NTSTATUS P9GetAttributes(ULONG Fid, PP9_ATTRIBUTES Attributes);
NTSTATUS P9Open(ULONG Fid, ULONG Flags);
NTSTATUS P9Create(ULONG Fid, const P9_NAME *Name, ULONG Flags, ULONG Mode, PP9_QID Qid);
NTSTATUS P9MakeDirectory(ULONG Fid, const P9_NAME *Name, ULONG Mode);
NTSTATUS P9Rename(ULONG OldFid, const P9_NAME *OldName, ULONG NewFid, const P9_NAME *NewName);
NTSTATUS P9Unlink(ULONG Fid, const P9_NAME *Name, BOOLEAN Directory);
NTSTATUS P9SetAttributes(ULONG Fid, ULONG Valid, ULONG Mode, ULONG64 Size, LONGLONG AccessTime, LONGLONG WriteTime);
NTSTATUS P9Sync(ULONG Fid);
/* Up to Length bytes of entries from the offset of the last entry; *Count 0: the end. */
NTSTATUS P9ReadDirectory(ULONG Fid, ULONG64 Offset, PVOID Data, ULONG Length, PULONG Count);
typedef struct _P9_STATFS {
	ULONG BlockSize;
	ULONG64 Blocks;
	ULONG64 Available;
	ULONG64 Id;
} P9_STATFS;
NTSTATUS P9StatFs(ULONG Fid, P9_STATFS *Result);

#endif
