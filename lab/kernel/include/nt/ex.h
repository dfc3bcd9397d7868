/* The executive's own types: locks, work items, look-aside lists, resources, handle tables, pool headers. */

#pragma once

typedef struct _EX_PUSH_LOCK {
	union {
		struct {
			ULONGLONG Locked : 1;
			ULONGLONG Waiting : 1;
			ULONGLONG Waking : 1;
			ULONGLONG MultipleShared : 1;
			ULONGLONG Shared : 60;
		};
		ULONGLONG Value;
		PVOID Ptr;
	};
} EX_PUSH_LOCK, *PEX_PUSH_LOCK;

typedef struct _EX_RUNDOWN_REF {
	union {
		ULONGLONG Count;
		PVOID Ptr;
	};
} EX_RUNDOWN_REF, *PEX_RUNDOWN_REF;

typedef struct _EX_FAST_REF {
	union {
		PVOID Object;
		ULONGLONG RefCnt : 4;
		ULONGLONG Value;
	};
} EX_FAST_REF, *PEX_FAST_REF;

typedef struct _WORK_QUEUE_ITEM {
	LIST_ENTRY List;
	PWORKER_THREAD_ROUTINE WorkerRoutine;
	PVOID Parameter;
} WORK_QUEUE_ITEM, *PWORK_QUEUE_ITEM;

typedef struct _EX_WORK_QUEUE {
	KPRIQUEUE WorkPriQueue;
	struct _EX_PARTITION *Partition;
	struct _ENODE *Node;
	ULONG WorkItemsProcessed;
	ULONG WorkItemsProcessedLastPass;
	LONG ThreadCount;
	LONG MinThreads : 31;
	ULONG TryFailed : 1;
	LONG MaxThreads;
	enum _EXQUEUEINDEX QueueIndex;
	struct _KEVENT *AllThreadsExitedEvent;
} EX_WORK_QUEUE, *PEX_WORK_QUEUE;

typedef struct {
	ULONGLONG Depth : 16;
	ULONGLONG Sequence : 48;
	ULONGLONG Reserved : 4;
	ULONGLONG NextEntry : 60;
} SLIST_HEADER_HEADER_X64;

typedef union DECLSPEC_ALIGN(16) _SLIST_HEADER {
	struct {
		ULONGLONG Alignment;
		ULONGLONG Region;
	};
	SLIST_HEADER_HEADER_X64 HeaderX64;
} SLIST_HEADER, *PSLIST_HEADER;

typedef struct DECLSPEC_ALIGN(64) _GENERAL_LOOKASIDE {
	union {
		SLIST_HEADER ListHead;
		SINGLE_LIST_ENTRY SingleListHead;
	};
	USHORT Depth;
	USHORT MaximumDepth;
	ULONG TotalAllocates;
	union {
		ULONG AllocateMisses;
		ULONG AllocateHits;
	};
	ULONG TotalFrees;
	union {
		ULONG FreeMisses;
		ULONG FreeHits;
	};
	enum _POOL_TYPE Type;
	ULONG Tag;
	ULONG Size;
	union {
		PALLOCATE_FUNCTION_EX AllocateEx;
		PALLOCATE_FUNCTION Allocate;
	};
	union {
		PFREE_FUNCTION_EX FreeEx;
		PFREE_FUNCTION Free;
	};
	LIST_ENTRY ListEntry;
	ULONG LastTotalAllocates;
	union {
		ULONG LastAllocateMisses;
		ULONG LastAllocateHits;
	};
	ULONG Future[2];
} GENERAL_LOOKASIDE, *PGENERAL_LOOKASIDE;

typedef struct _GENERAL_LOOKASIDE_POOL {
	union {
		SLIST_HEADER ListHead;
		SINGLE_LIST_ENTRY SingleListHead;
	};
	USHORT Depth;
	USHORT MaximumDepth;
	ULONG TotalAllocates;
	union {
		ULONG AllocateMisses;
		ULONG AllocateHits;
	};
	ULONG TotalFrees;
	union {
		ULONG FreeMisses;
		ULONG FreeHits;
	};
	enum _POOL_TYPE Type;
	ULONG Tag;
	ULONG Size;
	union {
		PALLOCATE_FUNCTION_EX AllocateEx;
		PALLOCATE_FUNCTION Allocate;
	};
	union {
		PFREE_FUNCTION_EX FreeEx;
		PFREE_FUNCTION Free;
	};
	LIST_ENTRY ListEntry;
	ULONG LastTotalAllocates;
	union {
		ULONG LastAllocateMisses;
		ULONG LastAllocateHits;
	};
	ULONG Future[2];
} GENERAL_LOOKASIDE_POOL, *PGENERAL_LOOKASIDE_POOL;

typedef struct _NPAGED_LOOKASIDE_LIST {
	GENERAL_LOOKASIDE L;
} NPAGED_LOOKASIDE_LIST, *PNPAGED_LOOKASIDE_LIST;

typedef struct _PAGED_LOOKASIDE_LIST {
	GENERAL_LOOKASIDE L;
} PAGED_LOOKASIDE_LIST, *PPAGED_LOOKASIDE_LIST;

typedef struct _PP_LOOKASIDE_LIST {
	struct _GENERAL_LOOKASIDE *P;
	struct _GENERAL_LOOKASIDE *L;
} PP_LOOKASIDE_LIST, *PPP_LOOKASIDE_LIST;

typedef struct _OWNER_ENTRY {
	ULONGLONG OwnerThread;
	union {
		struct {
			ULONG IoPriorityBoosted : 1;
			ULONG OwnerReferenced : 1;
			ULONG IoQoSPriorityBoosted : 1;
			ULONG OwnerCount : 29;
		};
		ULONG TableSize;
	};
} OWNER_ENTRY, *POWNER_ENTRY;

typedef struct _KWAIT_CHAIN_ENTRY {
	LIST_ENTRY ListEntry;
	struct _KTHREAD *Thread;
	KEVENT Event;
} KWAIT_CHAIN_ENTRY, *PKWAIT_CHAIN_ENTRY;

typedef struct _ERESOURCE {
	LIST_ENTRY SystemResourcesList;
	struct _OWNER_ENTRY *OwnerTable;
	SHORT ActiveCount;
	union {
		USHORT Flag;
		struct {
			UCHAR ReservedLowFlags;
			UCHAR WaiterPriority;
		};
	};
	PVOID SharedWaiters;
	PVOID ExclusiveWaiters;
	OWNER_ENTRY OwnerEntry;
	ULONG ActiveEntries;
	ULONG ContentionCount;
	ULONG NumberOfSharedWaiters;
	ULONG NumberOfExclusiveWaiters;
	PVOID Reserved2;
	union {
		PVOID Address;
		ULONGLONG CreatorBackTraceIndex;
	};
	ULONGLONG SpinLock;
} ERESOURCE, *PERESOURCE;

typedef struct _EXHANDLE {
	union {
		struct {
			ULONG TagBits : 2;
			ULONG Index : 30;
		};
		PVOID GenericHandleOverlay;
		ULONGLONG Value;
	};
} EXHANDLE, *PEXHANDLE;

typedef struct DECLSPEC_ALIGN(64) _HANDLE_TABLE_FREE_LIST {
	EX_PUSH_LOCK FreeListLock;
	union _HANDLE_TABLE_ENTRY *FirstFreeHandleEntry;
	union _HANDLE_TABLE_ENTRY *LastFreeHandleEntry;
	LONG HandleCount;
	ULONG HighWaterMark;
} HANDLE_TABLE_FREE_LIST, *PHANDLE_TABLE_FREE_LIST;

typedef struct _HANDLE_TABLE_ENTRY_INFO {
	ULONG AuditMask;
	ULONG MaxRelativeAccessMask;
} HANDLE_TABLE_ENTRY_INFO, *PHANDLE_TABLE_ENTRY_INFO;

typedef union _HANDLE_TABLE_ENTRY {
	LONGLONG VolatileLowValue;
	LONGLONG LowValue;
	struct _HANDLE_TABLE_ENTRY_INFO *InfoTable;
	LONGLONG RefCountField;
	struct {
		ULONGLONG Unlocked : 1;
		ULONGLONG RefCnt : 16;
		ULONGLONG Attributes : 3;
		ULONGLONG ObjectPointerBits : 44;
		union {
			LONGLONG HighValue;
			union _HANDLE_TABLE_ENTRY *NextFreeHandleEntry;
			EXHANDLE LeafHandleValue;
			struct {
				ULONG GrantedAccessBits : 25;
				ULONG NoRightsUpgrade : 1;
				ULONG Spare1 : 6;
				ULONG Spare2;
			};
		};
	};
} HANDLE_TABLE_ENTRY, *PHANDLE_TABLE_ENTRY;

typedef struct _HANDLE_TABLE {
	ULONG NextHandleNeedingPool;
	LONG ExtraInfoPages;
	ULONGLONG TableCode;
	struct _EPROCESS *QuotaProcess;
	LIST_ENTRY HandleTableList;
	ULONG UniqueProcessId;
	union {
		ULONG Flags;
		struct {
			UCHAR StrictFIFO : 1;
			UCHAR EnableHandleExceptions : 1;
			UCHAR Rundown : 1;
			UCHAR Duplicated : 1;
			UCHAR RaiseUMExceptionOnInvalidHandleClose : 1;
		};
	};
	EX_PUSH_LOCK HandleContentionEvent;
	EX_PUSH_LOCK HandleTableLock;
	union {
		HANDLE_TABLE_FREE_LIST FreeLists[1];
		struct {
			UCHAR ActualEntry[32];
			struct _HANDLE_TRACE_DEBUG_INFO *DebugInfo;
		};
	};
} HANDLE_TABLE, *PHANDLE_TABLE;

typedef struct _POOL_HEADER {
	union {
		struct {
			USHORT PreviousSize : 8;
			USHORT PoolIndex : 8;
			USHORT BlockSize : 8;
			USHORT PoolType : 8;
		};
		ULONG Ulong1;
	};
	ULONG PoolTag;
	union {
		struct _EPROCESS *ProcessBilled;
		struct {
			USHORT AllocatorBackTraceIndex;
			USHORT PoolTagHash;
		};
	};
} POOL_HEADER, *PPOOL_HEADER;

typedef struct _POOL_TRACKER_BIG_PAGES {
	ULONGLONG Va;
	ULONG Key;
	ULONG Pattern : 8;
	ULONG PoolType : 12;
	ULONG SlushSize : 12;
	ULONGLONG NumberOfBytes;
	struct _EPROCESS *ProcessBilled;
} POOL_TRACKER_BIG_PAGES, *PPOOL_TRACKER_BIG_PAGES;

typedef struct _RTL_BALANCED_NODE {
	union {
		struct _RTL_BALANCED_NODE *Children[2];
		struct {
			struct _RTL_BALANCED_NODE *Left;
			struct _RTL_BALANCED_NODE *Right;
		};
	};
	union {
		UCHAR Red : 1;
		UCHAR Balance : 2;
		ULONGLONG ParentValue;
	};
} RTL_BALANCED_NODE, *PRTL_BALANCED_NODE;

typedef struct _RTL_RB_TREE {
	struct _RTL_BALANCED_NODE *Root;
	union {
		UCHAR Encoded : 1;
		struct _RTL_BALANCED_NODE *Min;
	};
} RTL_RB_TREE, *PRTL_RB_TREE;

typedef struct _RTL_AVL_TREE {
	struct _RTL_BALANCED_NODE *Root;
} RTL_AVL_TREE, *PRTL_AVL_TREE;

typedef struct _RTL_BITMAP {
	ULONG SizeOfBitMap;
	PULONG Buffer;
} RTL_BITMAP, *PRTL_BITMAP;

typedef struct _STRING {
	USHORT Length;
	USHORT MaximumLength;
	PCHAR Buffer;
} STRING, *PSTRING;

typedef struct _TIME_FIELDS {
	SHORT Year;
	SHORT Month;
	SHORT Day;
	SHORT Hour;
	SHORT Minute;
	SHORT Second;
	SHORT Milliseconds;
	SHORT Weekday;
} TIME_FIELDS, *PTIME_FIELDS;

typedef struct _CLIENT_ID {
	PVOID UniqueProcess;
	PVOID UniqueThread;
} CLIENT_ID, *PCLIENT_ID;

typedef struct _ETIMER {
	KTIMER KeTimer;
	ULONGLONG Lock;
	KAPC TimerApc;
	KDPC TimerDpc;
	LIST_ENTRY ActiveTimerListEntry;
	ULONG Period;
	union {
		CHAR TimerFlags;
		struct {
			UCHAR ApcAssociated : 1;
			UCHAR FlushDpcs : 1;
			UCHAR Paused : 1;
			UCHAR Spare1 : 5;
		};
	};
	UCHAR DueTimeType;
	USHORT Spare2;
	struct _DIAGNOSTIC_CONTEXT *WakeReason;
	LIST_ENTRY WakeTimerListEntry;
	PVOID VirtualizedTimerCookie;
	LIST_ENTRY VirtualizedTimerLinks;
	ULONGLONG DueTime;
	ULONG CoalescingWindow;
} ETIMER, *PETIMER;
