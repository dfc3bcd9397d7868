/*
 * The file system of volume C:, a folder of the host: folders and files as NT sees them, on top of 9P. Locks: P9Volume.Lock for names,
 * folders and the table of files, then a file's own Lock for its data; always in this order. Both are held in a critical region,
 * across waits for the host.
 */
#ifndef P9FS_H
#define P9FS_H

#include "p9.h"

#define P9_TAG_FILE 'F9pP'
#define P9_TAG_DIRECTORY 'D9pP'
#define P9_TAG_NAME 'N9pP'
#define P9_TAG_CACHE 'C9pP'
#define P9_TAG_LISTING 'L9pP'

#define P9_SHORT_NAME 32             /* WCHARs of a name that a file keeps without asking the pool */
#define P9_NAME_MAXIMUM 255          /* WCHARs of one component, as on NTFS */
#define P9_CLONES 16                 /* spare fids of a folder: a create uses one up */
#define P9_DIRECTORIES_KEPT 64       /* folders remembered though nobody has them open */
#define P9_FILE_BUCKETS 256
#define P9_FRESH 10000000ULL         /* 1 s: how long a listing, attributes or data read ahead are believed */
#define P9_CACHE_FIRST 0x800u        /* less than a page: the pool has such blocks ready, while a page is mapped and zeroed */
#define P9_CACHE_MAXIMUM P9_PAYLOAD  /* dirty bytes of one file before they are written */

/* A folder's names as last read, for look-ups without regard to case. */
typedef struct _P9_ENTRY {
	struct _P9_ENTRY *Next;
	ULONG Hash;
	UCHAR QidType;
	UNICODE_STRING Name;         /* its characters follow */
} P9_ENTRY, *PP9_ENTRY;

typedef struct _P9_LISTING {
	ULONGLONG ReadAt;            /* interrupt time */
	ULONG Count;
	ULONG BucketMask;
	PP9_ENTRY Buckets[];
} P9_LISTING, *PP9_LISTING;

/* A folder that was entered: its fid stays, so that paths through it cost nothing. */
typedef struct _P9_DIRECTORY {
	LIST_ENTRY Link;             /* in Parent->Children */
	LIST_ENTRY Children;
	LIST_ENTRY Kept;             /* in P9Volume.Directories, the last used first */
	struct _P9_DIRECTORY *Parent;
	UNICODE_STRING Name;
	ULONG References;
	ULONG Fid;
	P9_QID Qid;
	BOOLEAN Gone;                /* the host has no such folder any more */
	ULONG CloneCount;
	ULONG Clones[P9_CLONES];
	PP9_LISTING Listing;
} P9_DIRECTORY, *PP9_DIRECTORY;

/* A file or folder that is open: one for all its file objects (FILE_OBJECT.FsContext). */
typedef struct _P9_FCB {
	FSRTL_ADVANCED_FCB_HEADER Header;
	LIST_ENTRY Link;             /* in P9Volume.Files */
	LIST_ENTRY DirtyLink;        /* in P9Volume.Dirty */
	ULONG64 QidPath;
	PP9_DIRECTORY Parent;        /* NULL: the root */
	PP9_DIRECTORY Directory;     /* not NULL: this is a folder */
	UNICODE_STRING Name;         /* in ShortName, or in pool */
	WCHAR ShortName[P9_SHORT_NAME];
	ULONG References;            /* file objects */
	ULONG Handles;               /* file objects before their cleanup */
	SHARE_ACCESS ShareAccess;
	BOOLEAN DeletePending;
	BOOLEAN Deleted;
	FAST_MUTEX Lock;             /* protects what follows */
	ULONG Fid;
	BOOLEAN FidReads;
	BOOLEAN FidWrites;
	ULONG64 Size;                /* with what is only in Cache */
	PUCHAR Cache;
	ULONG CacheCapacity;
	ULONG CacheLength;
	ULONG64 CacheOffset;
	BOOLEAN CacheDirty;
	ULONGLONG CacheTime;         /* interrupt time when it became dirty, or was read */
	BOOLEAN AttributesKnown;     /* Attributes are the host's, as of AttributesTime, and nothing here has changed them since */
	ULONGLONG AttributesTime;
	P9_ATTRIBUTES Attributes;
	NTSTATUS WriteError;         /* of a write behind the writer's back, told to the next one who flushes */
} P9_FCB, *PP9_FCB;

/* What a file object adds (FILE_OBJECT.FsContext2). */
typedef struct _P9_CCB {
	BOOLEAN DeleteOnClose;
	PP9_DIRECTORY TargetDirectory;  /* of a rename (SL_OPEN_TARGET_DIRECTORY) */
	struct _P9_SCAN *Scan;
} P9_CCB, *PP9_CCB;

typedef struct _P9_VOLUME {
	FAST_MUTEX Lock;
	PDEVICE_OBJECT DeviceObject;
	PP9_DIRECTORY Root;
	LIST_ENTRY Directories;
	ULONG DirectoryCount;
	LIST_ENTRY Files[P9_FILE_BUCKETS];
	KSPIN_LOCK DirtyLock;
	LIST_ENTRY Dirty;            /* files with unwritten data, the oldest first */
	KEVENT DirtyEvent;           /* wakes the lazy writer when the list becomes filled */
} P9_VOLUME;

extern P9_VOLUME P9Volume;

/* In a critical region instead of at APC_LEVEL: a change of IRQL costs more than everything else that a small write does. */
static inline VOID P9Lock(PFAST_MUTEX Mutex)
{
	ExEnterCriticalRegionAndAcquireFastMutexUnsafe(Mutex);
}

static inline VOID P9Unlock(PFAST_MUTEX Mutex)
{
	ExReleaseFastMutexUnsafeAndLeaveCriticalRegion(Mutex);
}

/* p9name.c. P9NextComponent takes the first component off Path; FALSE: there is none. */
NTSTATUS P9CheckComponent(PCUNICODE_STRING Name);
BOOLEAN P9NextComponent(PUNICODE_STRING Path, PUNICODE_STRING Component);
NTSTATUS P9ToUtf8(PCUNICODE_STRING Name, PP9_NAME Utf8);
/* FALSE: a host name that NT cannot have. Buffer holds P9_NAME_MAXIMUM characters. */
BOOLEAN P9FromUtf8(const CHAR *Text, ULONG Length, PWSTR Buffer, PUNICODE_STRING Name);
NTSTATUS P9CopyName(PUNICODE_STRING Destination, PCUNICODE_STRING Source);
/* The path from the volume's root, in pool (P9_TAG_NAME). */
NTSTATUS P9FullName(PP9_FCB Fcb, PUNICODE_STRING Path);

/* p9list.c */
typedef BOOLEAN P9_ENTRY_ROUTINE(PVOID Context, PCUNICODE_STRING Name, const P9_QID *Qid);
/* Calls Routine for each name that NT can have, without . and ..; FALSE stops. Reads the folder through a fid of its own. */
NTSTATUS P9ReadNames(PP9_DIRECTORY Directory, P9_ENTRY_ROUTINE *Routine, PVOID Context);
NTSTATUS P9RefreshListing(PP9_DIRECTORY Directory);
BOOLEAN P9ListingIsFresh(PP9_DIRECTORY Directory);
/* The entry spelled like Name, else one that differs in case only; NULL: none. */
PP9_ENTRY P9FindEntry(PP9_DIRECTORY Directory, PCUNICODE_STRING Name);
VOID P9AddEntry(PP9_DIRECTORY Directory, PCUNICODE_STRING Name, UCHAR QidType);
VOID P9RemoveEntry(PP9_DIRECTORY Directory, PCUNICODE_STRING Name);
VOID P9DropListing(PP9_DIRECTORY Directory);

/* p9dir.c. Directories are referenced for the caller. */
NTSTATUS P9CreateRoot(ULONG Fid, const P9_QID *Qid);
VOID P9ReferenceDirectory(PP9_DIRECTORY Directory);
VOID P9ReleaseDirectory(PP9_DIRECTORY Directory);
NTSTATUS P9EnterDirectory(PP9_DIRECTORY Parent, PCUNICODE_STRING Name, PP9_DIRECTORY *Directory);
/* The folder that Fid was walked to, as Name in Parent; takes the fid over. */
NTSTATUS P9MakeDirectoryNode(PP9_DIRECTORY Parent, PCUNICODE_STRING Name, ULONG Fid, const P9_QID *Qid, PP9_DIRECTORY *Directory);
PP9_DIRECTORY P9FindChild(PP9_DIRECTORY Parent, PCUNICODE_STRING Name);
VOID P9ForgetDirectory(PP9_DIRECTORY Directory);
NTSTATUS P9MoveDirectory(PP9_DIRECTORY Directory, PP9_DIRECTORY Parent, PCUNICODE_STRING Name);
ULONG P9TakeClone(PP9_DIRECTORY Directory);
VOID P9GiveClone(PP9_DIRECTORY Directory, ULONG Fid);
/* Walks NewFid to Name in Directory, whatever its case; Actual (room for P9_NAME_MAXIMUM) is its spelling on the host. */
NTSTATUS P9FindName(PP9_DIRECTORY Directory, PCUNICODE_STRING Name, ULONG NewFid, PP9_QID Qid, PUNICODE_STRING Actual);
/* May Name exist? FALSE only when a fresh listing lacks it. */
BOOLEAN P9MayExist(PP9_DIRECTORY Directory, PCUNICODE_STRING Name);

/* p9fcb.c. The volume's lock is held, but for the CCBs'. */
PP9_FCB P9FindFcb(ULONG64 QidPath);
NTSTATUS P9NewFcb(PP9_DIRECTORY Parent, PCUNICODE_STRING Name, const P9_QID *Qid, PP9_DIRECTORY Directory, PP9_FCB *Fcb);
VOID P9ReleaseFcb(PP9_FCB Fcb);
/* Another name for the file; on failure it keeps the one it has. */
NTSTATUS P9SetFileName(PP9_FCB Fcb, PCUNICODE_STRING Name);
/* What a file object adds, zeroed; NULL: no memory. */
PP9_CCB P9NewCcb(VOID);
VOID P9FreeCcb(PP9_CCB Ccb);
VOID P9InitializeFiles(VOID);

/* p9cache.c. The file's lock is held. */
NTSTATUS P9FlushFile(PP9_FCB Fcb);
/* As P9FlushFile, and gives up the fid and the buffer. */
NTSTATUS P9FlushAndClunk(PP9_FCB Fcb);
VOID P9DropCache(PP9_FCB Fcb);
VOID P9RememberAttributes(PP9_FCB Fcb, const P9_ATTRIBUTES *Attributes);
NTSTATUS P9WriteFile(PP9_FCB Fcb, ULONG64 Offset, PVOID Buffer, ULONG Length, BOOLEAN Through);
NTSTATUS P9ReadFile(PP9_FCB Fcb, ULONG64 Offset, PVOID Buffer, ULONG Length, BOOLEAN Through, PULONG Read);

/* Dispatch routines: p9create.c, p9close.c, p9io.c, p9info.c, p9rename.c, p9scan.c, p9volinfo.c. */
NTSTATUS P9FsdCreate(PIRP Irp, PIO_STACK_LOCATION Stack);
NTSTATUS P9FsdCleanup(PIRP Irp, PIO_STACK_LOCATION Stack);
NTSTATUS P9FsdClose(PIRP Irp, PIO_STACK_LOCATION Stack);
NTSTATUS P9FsdRead(PIRP Irp, PIO_STACK_LOCATION Stack);
NTSTATUS P9FsdWrite(PIRP Irp, PIO_STACK_LOCATION Stack);
NTSTATUS P9FsdFlush(PIRP Irp, PIO_STACK_LOCATION Stack);
NTSTATUS P9FsdQueryInformation(PIRP Irp, PIO_STACK_LOCATION Stack);
NTSTATUS P9FsdSetInformation(PIRP Irp, PIO_STACK_LOCATION Stack);
NTSTATUS P9FsdQueryVolume(PIRP Irp, PIO_STACK_LOCATION Stack);
NTSTATUS P9FsdDirectoryControl(PIRP Irp, PIO_STACK_LOCATION Stack);
extern FAST_IO_DISPATCH P9FastIoDispatch;

NTSTATUS P9RenameFile(PFILE_OBJECT FileObject, PFILE_OBJECT Target, const FILE_RENAME_INFORMATION *Rename);
ULONG P9FileAttributes(ULONG Mode, UCHAR QidType);
VOID P9FreeScan(struct _P9_SCAN *Scan);

/* p9lazy.c */
NTSTATUS P9StartLazyWriter(VOID);
VOID P9MarkDirty(PP9_FCB Fcb);
VOID P9MarkClean(PP9_FCB Fcb);
/* Gives a fid up; the host hears of it with the next message, or in a second. */
VOID P9Clunk(ULONG Fid);

#endif
