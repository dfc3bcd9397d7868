/*
 * Address ranges, sections and cached files. The kernel has none of them, but readers of dumps look their types up before anything else.
 * The layouts are those of build 22000, the nearest one whose public symbols hold them.
 */

#pragma once

typedef struct _MM_GRAPHICS_VAD_FLAGS {
	ULONG Lock : 1;
	ULONG LockContended : 1;
	ULONG DeleteInProgress : 1;
	ULONG NoChange : 1;
	ULONG VadType : 3;
	ULONG Protection : 5;
	ULONG PreferredNode : 7;
	ULONG PageSize : 2;
	ULONG PrivateMemoryAlwaysSet : 1;
	ULONG WriteWatch : 1;
	ULONG FixedLargePageSize : 1;
	ULONG ZeroFillPagesOptional : 1;
	ULONG GraphicsAlwaysSet : 1;
	ULONG GraphicsUseCoherentBus : 1;
	ULONG GraphicsNoCache : 1;
	ULONG GraphicsPageProtection : 3;
} MM_GRAPHICS_VAD_FLAGS, *PMM_GRAPHICS_VAD_FLAGS;

typedef struct _MM_PRIVATE_VAD_FLAGS {
	ULONG Lock : 1;
	ULONG LockContended : 1;
	ULONG DeleteInProgress : 1;
	ULONG NoChange : 1;
	ULONG VadType : 3;
	ULONG Protection : 5;
	ULONG PreferredNode : 7;
	ULONG PageSize : 2;
	ULONG PrivateMemoryAlwaysSet : 1;
	ULONG WriteWatch : 1;
	ULONG FixedLargePageSize : 1;
	ULONG ZeroFillPagesOptional : 1;
	ULONG Graphics : 1;
	ULONG Enclave : 1;
	ULONG ShadowStack : 1;
	ULONG PhysicalMemoryPfnsReferenced : 1;
} MM_PRIVATE_VAD_FLAGS, *PMM_PRIVATE_VAD_FLAGS;

typedef struct _MM_SHARED_VAD_FLAGS {
	ULONG Lock : 1;
	ULONG LockContended : 1;
	ULONG DeleteInProgress : 1;
	ULONG NoChange : 1;
	ULONG VadType : 3;
	ULONG Protection : 5;
	ULONG PreferredNode : 7;
	ULONG PageSize : 2;
	ULONG PrivateMemoryAlwaysClear : 1;
	ULONG PrivateFixup : 1;
	ULONG HotPatchState : 2;
} MM_SHARED_VAD_FLAGS, *PMM_SHARED_VAD_FLAGS;

typedef struct _MMVAD_FLAGS {
	ULONG Lock : 1;
	ULONG LockContended : 1;
	ULONG DeleteInProgress : 1;
	ULONG NoChange : 1;
	ULONG VadType : 3;
	ULONG Protection : 5;
	ULONG PreferredNode : 7;
	ULONG PageSize : 2;
	ULONG PrivateMemory : 1;
} MMVAD_FLAGS, *PMMVAD_FLAGS;

typedef struct _MMVAD_FLAGS1 {
	ULONG CommitCharge : 31;
	ULONG MemCommit : 1;
} MMVAD_FLAGS1, *PMMVAD_FLAGS1;

typedef union {
	ULONG LongFlags;
	MMVAD_FLAGS VadFlags;
	ULONG VolatileVadLong;
	MM_GRAPHICS_VAD_FLAGS GraphicsVadFlags;
	MM_PRIVATE_VAD_FLAGS PrivateVadFlags;
	MM_SHARED_VAD_FLAGS SharedVadFlags;
} MMVAD_SHORT_U;

typedef union {
	ULONG LongFlags1;
	MMVAD_FLAGS1 VadFlags1;
} MMVAD_SHORT_U1;

typedef union {
	ULONGLONG EventListULongPtr;
	UCHAR StartingVpnHigher : 4;
} MMVAD_SHORT_U5;

typedef struct _MMVAD_SHORT {
	union {
		struct {
			struct _MMVAD_SHORT *NextVad;
			PVOID ExtraCreateInfo;
		};
		RTL_BALANCED_NODE VadNode;
	};
	ULONG StartingVpn;
	ULONG EndingVpn;
	UCHAR StartingVpnHigh;
	UCHAR EndingVpnHigh;
	UCHAR CommitChargeHigh;
	UCHAR SpareNT64VadUChar;
	LONG ReferenceCount;
	EX_PUSH_LOCK PushLock;
	MMVAD_SHORT_U u;
	MMVAD_SHORT_U1 u1;
	MMVAD_SHORT_U5 u5;
} MMVAD_SHORT, *PMMVAD_SHORT;

typedef struct _MMVAD_FLAGS2 {
	ULONG FileOffset : 24;
	ULONG Large : 1;
	ULONG TrimBehind : 1;
	ULONG Inherit : 1;
	ULONG NoValidationNeeded : 1;
	ULONG PrivateDemandZero : 1;
	ULONG Spare : 3;
} MMVAD_FLAGS2, *PMMVAD_FLAGS2;

typedef struct _MI_VAD_SEQUENTIAL_INFO {
	ULONGLONG Length : 12;
	ULONGLONG Vpn : 52;
} MI_VAD_SEQUENTIAL_INFO, *PMI_VAD_SEQUENTIAL_INFO;

typedef union {
	ULONG LongFlags2;
	MMVAD_FLAGS2 VadFlags2;
} MMVAD_U2;

typedef union {
	MI_VAD_SEQUENTIAL_INFO SequentialVa;
	struct _MMEXTEND_INFO *ExtendedInfo;
} MMVAD_U4;

typedef struct _MMVAD {
	MMVAD_SHORT Core;
	MMVAD_U2 u2;
	struct _SUBSECTION *Subsection;
	struct _MMPTE *FirstPrototypePte;
	struct _MMPTE *LastContiguousPte;
	LIST_ENTRY ViewLinks;
	struct _EPROCESS *VadsProcess;
	MMVAD_U4 u4;
	struct _FILE_OBJECT *FileObject;
} MMVAD, *PMMVAD;

typedef struct _MMSECTION_FLAGS {
	UINT BeingDeleted : 1;
	UINT BeingCreated : 1;
	UINT BeingPurged : 1;
	UINT NoModifiedWriting : 1;
	UINT FailAllIo : 1;
	UINT Image : 1;
	UINT Based : 1;
	UINT File : 1;
	UINT AttemptingDelete : 1;
	UINT PrefetchCreated : 1;
	UINT PhysicalMemory : 1;
	UINT ImageControlAreaOnRemovableMedia : 1;
	UINT Reserve : 1;
	UINT Commit : 1;
	UINT NoChange : 1;
	UINT WasPurged : 1;
	UINT UserReference : 1;
	UINT GlobalMemory : 1;
	UINT DeleteOnClose : 1;
	UINT FilePointerNull : 1;
	ULONG PreferredNode : 7;
	UINT GlobalOnlyPerSession : 1;
	UINT UserWritable : 1;
	UINT SystemVaAllocated : 1;
	UINT PreferredFsCompressionBoundary : 1;
	UINT PageSize64K : 1;
} MMSECTION_FLAGS, *PMMSECTION_FLAGS;

typedef struct _MMSECTION_FLAGS2 {
	USHORT PartitionId : 10;
	UCHAR NoCrossPartitionAccess : 1;
	UCHAR SubsectionCrossPartitionReferenceOverflow : 1;
	UCHAR UsingFileExtents : 2;
} MMSECTION_FLAGS2, *PMMSECTION_FLAGS2;

typedef union {
	ULONG LongFlags;
	MMSECTION_FLAGS Flags;
} CONTROL_AREA_U;

typedef union {
	ULONG LongFlags;
	MMSECTION_FLAGS2 Flags;
} CONTROL_AREA_U1;

typedef struct {
	union {
		ULONG NumberOfSystemCacheViews;
		ULONG ImageRelocationStartBit;
	};
	union {
		LONG WritableUserReferences;
		struct {
			ULONG ImageRelocationSizeIn64k : 16;
			ULONG SystemImage : 1;
			ULONG CantMove : 1;
			ULONG StrongCode : 2;
			ULONG BitMap : 2;
			ULONG ImageActive : 1;
			ULONG ImageBaseOkToReuse : 1;
		};
	};
	union {
		ULONG FlushInProgressCount;
		ULONG NumberOfSubsections;
		struct _MI_IMAGE_SECURITY_REFERENCE *SeImageStub;
	};
} CONTROL_AREA_U2_E2;

typedef union {
	CONTROL_AREA_U2_E2 e2;
} CONTROL_AREA_U2;

typedef union {
	struct {
		ULONGLONG IoAttributionContext : 61;
		ULONGLONG Spare : 3;
	};
	ULONGLONG ImageCrossPartitionCharge;
	ULONGLONG CommittedPageCount : 36;
} CONTROL_AREA_U3;

typedef struct _CONTROL_AREA {
	struct _SEGMENT *Segment;
	union {
		LIST_ENTRY ListHead;
		PVOID AweContext;
	};
	ULONGLONG NumberOfSectionReferences;
	ULONGLONG NumberOfPfnReferences;
	ULONGLONG NumberOfMappedViews;
	ULONGLONG NumberOfUserReferences;
	CONTROL_AREA_U u;
	CONTROL_AREA_U1 u1;
	EX_FAST_REF FilePointer;
	LONG ControlAreaLock;
	ULONG ModifiedWriteCount;
	struct _MI_CONTROL_AREA_WAIT_BLOCK *WaitList;
	CONTROL_AREA_U2 u2;
	EX_PUSH_LOCK FileObjectLock;
	ULONGLONG LockedPages;
	CONTROL_AREA_U3 u3;
} CONTROL_AREA, *PCONTROL_AREA;

typedef union {
	LARGE_INTEGER FileOffset;
	USHORT ActiveCount;
	LIST_ENTRY Links;
} VACB_OVERLAY;

typedef struct _VACB {
	PVOID BaseAddress;
	struct _SHARED_CACHE_MAP *SharedCacheMap;
	VACB_OVERLAY Overlay;
	struct _VACB_ARRAY_HEADER *ArrayHead;
} VACB, *PVACB;

typedef struct _PRIVATE_CACHE_MAP_FLAGS {
	ULONG DontUse : 16;
	ULONG ReadAheadActive : 1;
	ULONG ReadAheadEnabled : 1;
	ULONG PagePriority : 3;
	ULONG PipelineReadAheads : 1;
	ULONG Available : 10;
} PRIVATE_CACHE_MAP_FLAGS, *PPRIVATE_CACHE_MAP_FLAGS;

typedef struct _PRIVATE_CACHE_MAP {
	union {
		SHORT NodeTypeCode;
		PRIVATE_CACHE_MAP_FLAGS Flags;
	};
	ULONG ReadAheadMask;
	struct _FILE_OBJECT *FileObject;
	LARGE_INTEGER FileOffset1;
	LARGE_INTEGER BeyondLastByte1;
	LARGE_INTEGER FileOffset2;
	LARGE_INTEGER BeyondLastByte2;
	ULONG SequentialReadCount;
	ULONG ReadAheadLength;
	LARGE_INTEGER ReadAheadOffset;
	LARGE_INTEGER ReadAheadBeyondLastByte;
	ULONGLONG PrevReadAheadBeyondLastByte;
	ULONGLONG ReadAheadSpinLock;
	ULONG PipelinedReadAheadRequestSize;
	ULONG ReadAheadGrowth;
	LIST_ENTRY PrivateLinks;
	PVOID ReadAheadWorkItem;
} PRIVATE_CACHE_MAP, *PPRIVATE_CACHE_MAP;

typedef struct _LOGGED_STREAM_CALLBACK_V1 {
	PVOID LogHandle;
	VOID (*FlushToLsnRoutine)(VOID);
} LOGGED_STREAM_CALLBACK_V1, *PLOGGED_STREAM_CALLBACK_V1;

typedef struct _LOGGED_STREAM_CALLBACK_V2 {
	struct _LOG_HANDLE_CONTEXT *LogHandleContext;
} LOGGED_STREAM_CALLBACK_V2, *PLOGGED_STREAM_CALLBACK_V2;

typedef struct _SHARED_CACHE_MAP {
	SHORT NodeTypeCode;
	SHORT NodeByteSize;
	ULONG OpenCount;
	LARGE_INTEGER FileSize;
	LIST_ENTRY BcbList;
	LARGE_INTEGER SectionSize;
	LARGE_INTEGER ValidDataLength;
	LARGE_INTEGER ValidDataGoal;
	struct _VACB *InitialVacbs[4];
	struct _VACB **Vacbs;
	EX_FAST_REF FileObjectFastRef;
	EX_PUSH_LOCK VacbLock;
	ULONG DirtyPages;
	LIST_ENTRY LoggedStreamLinks;
	LIST_ENTRY SharedCacheMapLinks;
	ULONG Flags;
	LONG Status;
	struct _MBCB *Mbcb;
	PVOID Section;
	struct _KEVENT *CreateEvent;
	struct _KEVENT *WaitOnActiveCount;
	ULONG PagesToWrite;
	LONGLONG BeyondLastFlush;
	struct _CACHE_MANAGER_CALLBACKS *Callbacks;
	PVOID LazyWriteContext;
	LIST_ENTRY PrivateList;
	union {
		LOGGED_STREAM_CALLBACK_V1 V1;
		LOGGED_STREAM_CALLBACK_V2 V2;
	};
	LARGE_INTEGER LargestLSN;
	ULONG DirtyPageThreshold;
	ULONG LazyWritePassCount;
	struct _CACHE_UNINITIALIZE_EVENT *UninitializeEvent;
	FAST_MUTEX BcbLock;
	LARGE_INTEGER LastUnmapBehindOffset;
	KEVENT Event;
	LARGE_INTEGER HighWaterMappingOffset;
	PRIVATE_CACHE_MAP PrivateCacheMap;
	PVOID WriteBehindWorkQueueEntry;
	struct _VOLUME_CACHE_MAP *VolumeCacheMap;
	ULONG ProcImagePathHash;
	ULONG WritesInProgress;
	ULONG AsyncReadRequestCount;
	struct _CC_PARTITION *Partition;
	ULONG InternalRefCount;
	ULONG NumMappedVacb;
	ULONG NumActiveVacb;
	ULONG IdealNodeForWriteBehind;
	ULONG IdealNodeNumber;
	LIST_ENTRY VolSharedCacheMapLinks;
	LIST_ENTRY VolLoggedStreamLinks;
	struct _PRIVATE_VOLUME_CACHEMAP *PrivateVolumeCacheMap;
} SHARED_CACHE_MAP, *PSHARED_CACHE_MAP;
