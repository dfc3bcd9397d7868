/* Page tables, the PFN database and what a process keeps for its working set. */

#pragma once

typedef struct _MMPTE_HARDWARE {
	ULONGLONG Valid : 1;
	ULONGLONG Dirty1 : 1;
	ULONGLONG Owner : 1;
	ULONGLONG WriteThrough : 1;
	ULONGLONG CacheDisable : 1;
	ULONGLONG Accessed : 1;
	ULONGLONG Dirty : 1;
	ULONGLONG LargePage : 1;
	ULONGLONG Global : 1;
	ULONGLONG CopyOnWrite : 1;
	ULONGLONG Unused : 1;
	ULONGLONG Write : 1;
	ULONGLONG PageFrameNumber : 40;
	ULONGLONG ReservedForSoftware : 4;
	ULONGLONG WsleAge : 4;
	ULONGLONG WsleProtection : 3;
	ULONGLONG NoExecute : 1;
} MMPTE_HARDWARE, *PMMPTE_HARDWARE;

typedef struct _MMPTE_PROTOTYPE {
	ULONGLONG Valid : 1;
	ULONGLONG DemandFillProto : 1;
	ULONGLONG HiberVerifyConverted : 1;
	ULONGLONG ReadOnly : 1;
	ULONGLONG SwizzleBit : 1;
	ULONGLONG Protection : 5;
	ULONGLONG Prototype : 1;
	ULONGLONG Combined : 1;
	ULONGLONG Unused1 : 4;
	LONGLONG ProtoAddress : 48;
} MMPTE_PROTOTYPE, *PMMPTE_PROTOTYPE;

typedef struct _MMPTE_SOFTWARE {
	ULONGLONG Valid : 1;
	ULONGLONG PageFileReserved : 1;
	ULONGLONG PageFileAllocated : 1;
	ULONGLONG ColdPage : 1;
	ULONGLONG SwizzleBit : 1;
	ULONGLONG Protection : 5;
	ULONGLONG Prototype : 1;
	ULONGLONG Transition : 1;
	ULONGLONG PageFileLow : 4;
	ULONGLONG UsedPageTableEntries : 10;
	ULONGLONG ShadowStack : 1;
	ULONGLONG OnStandbyLookaside : 1;
	ULONGLONG Unused : 4;
	ULONGLONG PageFileHigh : 32;
} MMPTE_SOFTWARE, *PMMPTE_SOFTWARE;

typedef struct _MMPTE_TIMESTAMP {
	ULONGLONG MustBeZero : 1;
	ULONGLONG Unused : 3;
	ULONGLONG SwizzleBit : 1;
	ULONGLONG Protection : 5;
	ULONGLONG Prototype : 1;
	ULONGLONG Transition : 1;
	ULONGLONG PageFileLow : 4;
	ULONGLONG Reserved : 16;
	ULONGLONG GlobalTimeStamp : 32;
} MMPTE_TIMESTAMP, *PMMPTE_TIMESTAMP;

typedef struct _MMPTE_TRANSITION {
	ULONGLONG Valid : 1;
	ULONGLONG Write : 1;
	ULONGLONG OnStandbyLookaside : 1;
	ULONGLONG IoTracker : 1;
	ULONGLONG SwizzleBit : 1;
	ULONGLONG Protection : 5;
	ULONGLONG Prototype : 1;
	ULONGLONG Transition : 1;
	ULONGLONG PageFrameNumber : 40;
	ULONGLONG Unused : 12;
} MMPTE_TRANSITION, *PMMPTE_TRANSITION;

typedef struct _MMPTE_SUBSECTION {
	ULONGLONG Valid : 1;
	ULONGLONG Unused0 : 2;
	ULONGLONG OnStandbyLookaside : 1;
	ULONGLONG SwizzleBit : 1;
	ULONGLONG Protection : 5;
	ULONGLONG Prototype : 1;
	ULONGLONG ColdPage : 1;
	ULONGLONG Unused2 : 3;
	ULONGLONG ExecutePrivilege : 1;
	LONGLONG SubsectionAddress : 48;
} MMPTE_SUBSECTION, *PMMPTE_SUBSECTION;

typedef struct _MMPTE_LIST {
	ULONGLONG Valid : 1;
	ULONGLONG OneEntry : 1;
	ULONGLONG filler0 : 2;
	ULONGLONG SwizzleBit : 1;
	ULONGLONG Protection : 5;
	ULONGLONG Prototype : 1;
	ULONGLONG Transition : 1;
	ULONGLONG filler1 : 16;
	ULONGLONG NextEntry : 36;
} MMPTE_LIST, *PMMPTE_LIST;

typedef union {
	ULONGLONG Long;
	ULONGLONG VolatileLong;
	MMPTE_HARDWARE Hard;
	MMPTE_PROTOTYPE Proto;
	MMPTE_SOFTWARE Soft;
	MMPTE_TIMESTAMP TimeStamp;
	MMPTE_TRANSITION Trans;
	MMPTE_SUBSECTION Subsect;
	MMPTE_LIST List;
} MMPTE_U;

typedef struct _MMPTE {
	MMPTE_U u;
} MMPTE, *PMMPTE;

typedef struct _MMPFNENTRY1 {
	UCHAR PageLocation : 3;
	UCHAR WriteInProgress : 1;
	UCHAR Modified : 1;
	UCHAR ReadInProgress : 1;
	UCHAR CacheAttribute : 2;
} MMPFNENTRY1, *PMMPFNENTRY1;

typedef struct _MMPFNENTRY3 {
	UCHAR Priority : 3;
	UCHAR OnProtectedStandby : 1;
	UCHAR InPageError : 1;
	UCHAR SystemChargedPage : 1;
	UCHAR RemovalRequested : 1;
	UCHAR ParityError : 1;
} MMPFNENTRY3, *PMMPFNENTRY3;

typedef struct {
	ULONGLONG Tradable : 1;
	ULONGLONG NonPagedBuddy : 43;
} MI_ACTIVE_PFN_LEAF;

typedef struct {
	ULONGLONG Tradable : 1;
	ULONGLONG WsleAge : 3;
	ULONGLONG OldestWsleLeafEntries : 10;
	ULONGLONG OldestWsleLeafAge : 3;
	ULONGLONG NonPagedBuddy : 43;
} MI_ACTIVE_PFN_PAGE_TABLE;

typedef struct _MI_ACTIVE_PFN {
	union {
		MI_ACTIVE_PFN_LEAF Leaf;
		MI_ACTIVE_PFN_PAGE_TABLE PageTable;
		ULONGLONG EntireActiveField;
	};
} MI_ACTIVE_PFN, *PMI_ACTIVE_PFN;

typedef struct _MIPFNBLINK {
	union {
		struct {
			ULONGLONG Blink : 40;
			ULONGLONG NodeBlinkLow : 19;
			ULONGLONG TbFlushStamp : 3;
			ULONGLONG PageBlinkDeleteBit : 1;
			ULONGLONG PageBlinkLockBit : 1;
		};
		struct {
			ULONGLONG ShareCount : 62;
			ULONGLONG PageShareCountDeleteBit : 1;
			ULONGLONG PageShareCountLockBit : 1;
		};
		ULONGLONG EntireField;
		LONGLONG Lock;
		struct {
			ULONGLONG LockNotUsed : 62;
			ULONGLONG DeleteBit : 1;
			ULONGLONG LockBit : 1;
		};
	};
} MIPFNBLINK, *PMIPFNBLINK;

typedef struct {
	UCHAR AnchorLargePageSize : 2;
	UCHAR Spare0 : 6;
	UCHAR Spare1 : 8;
	USHORT Spare2;
} MI_PFN_ULONG5_ACTIVE;

typedef struct {
	ULONG NodeBlinkHigh : 21;
	ULONG NodeFlinkMiddle : 11;
} MI_PFN_ULONG5_STANDBY_LIST;

typedef struct {
	UCHAR ModifiedListBucketIndex : 4;
} MI_PFN_ULONG5_MAPPED_PAGE_LIST;

typedef struct _MI_PFN_ULONG5 {
	union {
		MI_PFN_ULONG5_ACTIVE Active;
		ULONG EntireField;
		MI_PFN_ULONG5_STANDBY_LIST StandbyList;
		MI_PFN_ULONG5_MAPPED_PAGE_LIST MappedPageList;
	};
} MI_PFN_ULONG5, *PMI_PFN_ULONG5;

typedef union {
	SINGLE_LIST_ENTRY NextSlistPfn;
	PVOID Next;
	struct {
		ULONGLONG Flink : 40;
		ULONGLONG NodeFlinkLow : 24;
	};
	MI_ACTIVE_PFN Active;
} MMPFN_U1;

typedef struct {
	USHORT ReferenceCount;
} MMPFN_U3_E2;

typedef struct {
	ULONG EntireField;
} MMPFN_U3_E4;

typedef union {
	struct {
		USHORT ReferenceCount;
		MMPFNENTRY1 e1;
		MMPFNENTRY3 e3;
	};
	MMPFN_U3_E2 e2;
	MMPFN_U3_E4 e4;
} MMPFN_U3;

typedef union {
	struct {
		ULONGLONG PteFrame : 40;
		ULONGLONG ResidentPage : 1;
		ULONGLONG Unused1 : 1;
		ULONGLONG Unused2 : 1;
		ULONGLONG Partition : 10;
		ULONGLONG FileOnly : 1;
		ULONGLONG PfnExists : 1;
		ULONGLONG NodeFlinkHigh : 5;
		ULONGLONG PageIdentity : 3;
		ULONGLONG PrototypePte : 1;
	};
	ULONGLONG EntireField;
} MMPFN_U4;

typedef struct _MMPFN {
	union {
		LIST_ENTRY ListEntry;
		RTL_BALANCED_NODE TreeNode;
		struct {
			MMPFN_U1 u1;
			union {
				struct _MMPTE *PteAddress;
				ULONGLONG PteLong;
			};
			MMPTE OriginalPte;
		};
	};
	MIPFNBLINK u2;
	MMPFN_U3 u3;
	MI_PFN_ULONG5 u5;
	MMPFN_U4 u4;
} MMPFN, *PMMPFN;

typedef struct _MMSUPPORT_FLAGS {
	union {
		struct {
			UCHAR WorkingSetType : 3;
			UCHAR Reserved0 : 3;
			UCHAR MaximumWorkingSetHard : 1;
			UCHAR MinimumWorkingSetHard : 1;
			UCHAR SessionMaster : 1;
			UCHAR TrimmerState : 2;
			UCHAR Reserved : 1;
			UCHAR PageStealers : 4;
		};
		USHORT u1;
	};
	UCHAR MemoryPriority;
	union {
		struct {
			UCHAR WsleDeleted : 1;
			UCHAR SvmEnabled : 1;
			UCHAR ForceAge : 1;
			UCHAR ForceTrim : 1;
			UCHAR NewMaximum : 1;
			UCHAR CommitReleaseState : 2;
		};
		UCHAR u2;
	};
} MMSUPPORT_FLAGS, *PMMSUPPORT_FLAGS;

typedef struct _MMSUPPORT_INSTANCE {
	ULONG NextPageColor;
	ULONG PageFaultCount;
	ULONGLONG TrimmedPageCount;
	struct _MMWSL_INSTANCE *VmWorkingSetList;
	LIST_ENTRY WorkingSetExpansionLinks;
	ULONGLONG AgeDistribution[8];
	struct _KGATE *ExitOutswapGate;
	ULONGLONG MinimumWorkingSetSize;
	ULONGLONG MaximumWorkingSetSize;
	ULONGLONG WorkingSetLeafSize;
	ULONGLONG WorkingSetLeafPrivateSize;
	ULONGLONG WorkingSetSize;
	ULONGLONG WorkingSetPrivateSize;
	ULONGLONG PeakWorkingSetSize;
	ULONG HardFaultCount;
	USHORT LastTrimStamp;
	USHORT PartitionId;
	ULONGLONG SelfmapLock;
	MMSUPPORT_FLAGS Flags;
	LONG InterlockedFlags;
} MMSUPPORT_INSTANCE, *PMMSUPPORT_INSTANCE;

typedef struct DECLSPEC_ALIGN(64) _MMSUPPORT_SHARED {
	LONG WorkingSetLock;
	LONG GoodCitizenWaiting;
	ULONGLONG ReleasedCommitDebt;
	ULONGLONG ResetPagesRepurposedCount;
	PVOID WsSwapSupport;
	PVOID CommitReleaseContext;
	PVOID AccessLog;
	ULONGLONG ChargedWslePages;
	ULONGLONG ActualWslePages;
	LONG WorkingSetCoreLock;
	PVOID ShadowMapping;
} MMSUPPORT_SHARED, *PMMSUPPORT_SHARED;

typedef struct _MMSUPPORT_FULL {
	MMSUPPORT_INSTANCE Instance;
	MMSUPPORT_SHARED Shared;
} MMSUPPORT_FULL, *PMMSUPPORT_FULL;

typedef struct _PHYSICAL_MEMORY_RUN {
	ULONGLONG BasePage;
	ULONGLONG PageCount;
} PHYSICAL_MEMORY_RUN, *PPHYSICAL_MEMORY_RUN;

typedef struct _PHYSICAL_MEMORY_DESCRIPTOR {
	ULONG NumberOfRuns;
	ULONGLONG NumberOfPages;
	PHYSICAL_MEMORY_RUN Run[1];
} PHYSICAL_MEMORY_DESCRIPTOR, *PPHYSICAL_MEMORY_DESCRIPTOR;

typedef struct _MDL {
	struct _MDL *Next;
	SHORT Size;
	SHORT MdlFlags;
	USHORT AllocationProcessorNumber;
	USHORT Reserved;
	struct _EPROCESS *Process;
	PVOID MappedSystemVa;
	PVOID StartVa;
	ULONG ByteCount;
	ULONG ByteOffset;
} MDL, *PMDL;
