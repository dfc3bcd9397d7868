/*
 * The registry. The kernel has none, but readers of dumps look its types up before anything else.
 * The layouts are those of build 22000, the nearest one whose public symbols hold them.
 */

#pragma once

typedef enum _CM_DIRTY_VECTOR_OPERATION {
	DirtyVectorModified,
	DirtyDataCaptureStart,
	DirtyDataCaptureEnd,
} CM_DIRTY_VECTOR_OPERATION, *PCM_DIRTY_VECTOR_OPERATION;

typedef union _CM_TRANS_PTR {
	ULONGLONG LightWeight : 1;
	PVOID TransPtr;
} CM_TRANS_PTR, *PCM_TRANS_PTR;

typedef struct _CM_KEY_BODY {
	ULONG Type;
	struct _CM_KEY_CONTROL_BLOCK *KeyControlBlock;
	struct _CM_NOTIFY_BLOCK *NotifyBlock;
	PVOID ProcessID;
	LIST_ENTRY KeyBodyList;
	ULONG Flags : 16;
	ULONG HandleTags : 16;
	CM_TRANS_PTR Trans;
	struct _GUID *KtmUow;
	LIST_ENTRY ContextListHead;
	PVOID EnumerationResumeContext;
	ULONG RestrictedAccessMask;
	ULONG LastSearchedIndex;
	PVOID LockedMemoryMdls;
} CM_KEY_BODY, *PCM_KEY_BODY;

typedef struct _CM_KEY_REFERENCE {
	ULONG KeyCell;
	struct _HHIVE *KeyHive;
} CM_KEY_REFERENCE, *PCM_KEY_REFERENCE;

typedef struct _CHILD_LIST {
	ULONG Count;
	ULONG List;
} CHILD_LIST, *PCHILD_LIST;

#pragma pack(push, 4)
typedef struct _CM_KEY_NODE {
	USHORT Signature;
	USHORT Flags;
	LARGE_INTEGER LastWriteTime;
	UCHAR AccessBits;
	UCHAR LayerSemantics : 2;
	UCHAR Spare1 : 5;
	UCHAR InheritClass : 1;
	USHORT Spare2;
	ULONG Parent;
	ULONG SubKeyCounts[2];
	union {
		struct {
			ULONG SubKeyLists[2];
			CHILD_LIST ValueList;
		};
		struct {
			CM_KEY_REFERENCE ChildHiveReference;
			ULONG Security;
		};
	};
	ULONG Class;
	ULONG MaxNameLen : 16;
	ULONG UserFlags : 4;
	ULONG VirtControlFlags : 4;
	ULONG Debug : 8;
	ULONG MaxClassLen;
	ULONG MaxValueNameLen;
	ULONG MaxValueDataLen;
	ULONG WorkVar;
	USHORT NameLength;
	USHORT ClassLength;
	WCHAR Name[1];
} CM_KEY_NODE, *PCM_KEY_NODE;
#pragma pack(pop)

typedef struct _CM_KEY_VALUE {
	USHORT Signature;
	USHORT NameLength;
	ULONG DataLength;
	ULONG Data;
	ULONG Type;
	USHORT Flags;
	USHORT Spare;
	WCHAR Name[1];
} CM_KEY_VALUE, *PCM_KEY_VALUE;

typedef struct _HMAP_ENTRY {
	ULONGLONG BlockOffset;
	ULONGLONG PermanentBinAddress;
	ULONG MemAlloc;
} HMAP_ENTRY, *PHMAP_ENTRY;

typedef struct {
	ULONG Start;
	ULONG Length;
} CM_DIRTY_VECTOR_LOG_ENTRY_DATA_DIRTY_VECTOR_MODIFIED_CONTEXT;

typedef struct {
	ULONG RangeCount;
	ULONG SetBitCount;
} CM_DIRTY_VECTOR_LOG_ENTRY_DATA_DIRTY_DATA_CAPTURE_CONTEXT;

typedef struct {
	ULONG Context1;
	ULONG Context2;
} CM_DIRTY_VECTOR_LOG_ENTRY_DATA_RAW;

typedef union {
	CM_DIRTY_VECTOR_LOG_ENTRY_DATA_DIRTY_VECTOR_MODIFIED_CONTEXT DirtyVectorModifiedContext;
	CM_DIRTY_VECTOR_LOG_ENTRY_DATA_DIRTY_DATA_CAPTURE_CONTEXT DirtyDataCaptureContext;
	CM_DIRTY_VECTOR_LOG_ENTRY_DATA_RAW Raw;
} CM_DIRTY_VECTOR_LOG_ENTRY_DATA;

typedef struct _CM_DIRTY_VECTOR_LOG_ENTRY {
	struct _ETHREAD *Thread;
	enum _CM_DIRTY_VECTOR_OPERATION Operation;
	CM_DIRTY_VECTOR_LOG_ENTRY_DATA Data;
	PVOID Stack[6];
} CM_DIRTY_VECTOR_LOG_ENTRY, *PCM_DIRTY_VECTOR_LOG_ENTRY;

typedef struct _CM_DIRTY_VECTOR_LOG {
	ULONG Next;
	ULONG Size;
	CM_DIRTY_VECTOR_LOG_ENTRY Log[16];
} CM_DIRTY_VECTOR_LOG, *PCM_DIRTY_VECTOR_LOG;

typedef struct _HIVE_WRITE_WAIT_QUEUE {
	struct _ETHREAD *ActiveThread;
	struct _HIVE_WAIT_PACKET *WaitList;
} HIVE_WRITE_WAIT_QUEUE, *PHIVE_WRITE_WAIT_QUEUE;

typedef struct _CMSI_RW_LOCK {
	PVOID Reserved;
} CMSI_RW_LOCK, *PCMSI_RW_LOCK;

typedef struct _FREE_DISPLAY {
	ULONG RealVectorSize;
	ULONG Hint;
	RTL_BITMAP Display;
} FREE_DISPLAY, *PFREE_DISPLAY;

typedef struct _DUAL {
	ULONG Length;
	struct _HMAP_DIRECTORY *Map;
	struct _HMAP_TABLE *SmallDir;
	ULONG Guard;
	FREE_DISPLAY FreeDisplay[24];
	LIST_ENTRY FreeBins;
	ULONG FreeSummary;
} DUAL, *PDUAL;

typedef struct _HVP_VIEW_MAP {
	PVOID SectionReference;
	LONGLONG StorageEndFileOffset;
	LONGLONG SectionEndFileOffset;
	struct _CMSI_PROCESS_TUPLE *ProcessTuple;
	ULONG Flags;
	RTL_RB_TREE ViewTree;
} HVP_VIEW_MAP, *PHVP_VIEW_MAP;

typedef struct _HHIVE {
	ULONG Signature;
	VOID (*GetCellRoutine)(VOID);
	VOID (*ReleaseCellRoutine)(VOID);
	VOID (*Allocate)(VOID);
	VOID (*Free)(VOID);
	VOID (*FileWrite)(VOID);
	VOID (*FileRead)(VOID);
	PVOID HiveLoadFailure;
	struct _HBASE_BLOCK *BaseBlock;
	CMSI_RW_LOCK FlusherLock;
	CMSI_RW_LOCK WriterLock;
	RTL_BITMAP DirtyVector;
	ULONG DirtyCount;
	ULONG DirtyAlloc;
	RTL_BITMAP UnreconciledVector;
	ULONG UnreconciledCount;
	ULONG BaseBlockAlloc;
	ULONG Cluster;
	UCHAR Flat : 1;
	UCHAR ReadOnly : 1;
	UCHAR Reserved : 6;
	UCHAR DirtyFlag;
	ULONG HvBinHeadersUse;
	ULONG HvFreeCellsUse;
	ULONG HvUsedCellsUse;
	ULONG CmUsedCellsUse;
	ULONG HiveFlags;
	ULONG FlusherFlags;
	ULONG CurrentLog;
	ULONG CurrentLogSequence;
	ULONG CurrentLogMinimumSequence;
	ULONG CurrentLogOffset;
	ULONG MinimumLogSequence;
	ULONG LogFileSizeCap;
	UCHAR LogDataPresent[2];
	UCHAR PrimaryFileValid;
	UCHAR BaseBlockDirty;
	LARGE_INTEGER LastLogSwapTime;
	union {
		struct {
			USHORT FirstLogFile : 3;
			USHORT SecondLogFile : 3;
			USHORT HeaderRecovered : 1;
			USHORT LegacyRecoveryIndicated : 1;
			USHORT RecoveryInformationReserved : 8;
		};
		USHORT RecoveryInformation;
	};
	UCHAR LogEntriesRecovered[2];
	ULONG RefreshCount;
	ULONG StorageTypeCount;
	ULONG Version;
	HVP_VIEW_MAP ViewMap;
	DUAL Storage[2];
} HHIVE, *PHHIVE;

typedef struct _CMHIVE {
	HHIVE Hive;
	PVOID FileHandles[6];
	LIST_ENTRY NotifyList;
	LIST_ENTRY HiveList;
	LIST_ENTRY PreloadedHiveList;
	EX_RUNDOWN_REF HiveRundown;
	struct _CM_KEY_HASH_TABLE_ENTRY *KcbCacheTable;
	ULONG KcbCacheTableSize;
	struct _CM_KEY_HASH_TABLE_ENTRY *DeletedKcbTable;
	ULONG DeletedKcbTableSize;
	ULONG Identity;
	CMSI_RW_LOCK HiveLock;
	RTL_BITMAP FlushDirtyVector;
	ULONG FlushDirtyVectorSize;
	struct CMP_OFFSET_ARRAY *FlushLogEntryOffsetArray;
	ULONG FlushLogEntryOffsetArrayCount;
	ULONG FlushLogEntrySize;
	ULONG FlushHiveTruncated;
	UCHAR FlushBaseBlockDirty;
	RTL_BITMAP CapturedUnreconciledVector;
	ULONG CapturedUnreconciledVectorSize;
	struct CMP_OFFSET_ARRAY *UnreconciledOffsetArray;
	ULONG UnreconciledOffsetArrayCount;
	struct _HBASE_BLOCK *UnreconciledBaseBlock;
	EX_PUSH_LOCK SecurityLock;
	ULONG LastShrinkHiveSize;
	LARGE_INTEGER ActualFileSize;
	LARGE_INTEGER LogFileSizes[2];
	UNICODE_STRING FileFullPath;
	UNICODE_STRING FileUserName;
	UNICODE_STRING HiveRootPath;
	ULONG SecurityCount;
	ULONG SecurityCacheSize;
	LONG SecurityHitHint;
	struct _CM_KEY_SECURITY_CACHE_ENTRY *SecurityCache;
	LIST_ENTRY SecurityHash[64];
	ULONG UnloadEventCount;
	struct _KEVENT **UnloadEventArray;
	struct _CM_KEY_CONTROL_BLOCK *RootKcb;
	UCHAR Frozen;
	CM_DIRTY_VECTOR_LOG DirtyVectorLog;
	ULONG Flags;
	LIST_ENTRY TrustClassEntry;
	ULONGLONG DirtyTime;
	ULONGLONG UnreconciledTime;
	struct _CM_RM *CmRm;
	ULONG CmRmInitFailPoint;
	LONG CmRmInitFailStatus;
	struct _KTHREAD *CreatorOwner;
	struct _KTHREAD *RundownThread;
	LARGE_INTEGER LastWriteTime;
	HIVE_WRITE_WAIT_QUEUE FlushQueue;
	HIVE_WRITE_WAIT_QUEUE ReconcileQueue;
	union {
		ULONG FlushFlags;
		struct {
			ULONG PrimaryFilePurged : 1;
			ULONG DiskFileBad : 1;
		};
	};
	ULONG PrimaryFileSizeBeforeLastFlush;
	LONG ReferenceCount;
	LONG UnloadHistoryIndex;
	ULONG UnloadHistory[128];
	ULONG BootStart;
	ULONG UnaccessedStart;
	ULONG UnaccessedEnd;
	ULONG LoadedKeyCount;
	ULONG HandleClosePending;
	EX_PUSH_LOCK HandleClosePendingEvent;
	UCHAR FinalFlushSucceeded;
	struct _CMP_VOLUME_CONTEXT *VolumeContext;
	ULONG LateUnloadWorkItemState;
	EX_PUSH_LOCK LateUnloadFinishedEvent;
	struct _WORK_QUEUE_ITEM *LateUnloadWorkItem;
} CMHIVE, *PCMHIVE;
