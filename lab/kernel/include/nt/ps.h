/* Threads and processes: KTHREAD, ETHREAD, KPROCESS, EPROCESS. */

#pragma once

typedef union _KLOCK_ENTRY_BOOST_BITMAP {
	ULONGLONG AllFields;
	ULONG AllBoosts;
	struct {
		ULONG CpuBoostsBitmap : 30;
		ULONG IoBoost : 1;
		ULONG IoQoSBoost : 1;
		union {
			struct {
				ULONG IoNormalPriorityWaiterCount : 8;
				ULONG IoQoSWaiterCount : 7;
			};
			ULONG WaiterCounts;
		};
	};
} KLOCK_ENTRY_BOOST_BITMAP, *PKLOCK_ENTRY_BOOST_BITMAP;

typedef struct _KLOCK_ENTRY_LOCK_STATE {
	union {
		struct {
			ULONGLONG CrossThreadReleasable : 1;
			ULONGLONG Busy : 1;
			ULONGLONG Reserved : 61;
			ULONGLONG InTree : 1;
		};
		PVOID LockState;
	};
	union {
		PVOID SessionState;
		struct {
			ULONG SessionId;
			ULONG SessionPad;
		};
	};
} KLOCK_ENTRY_LOCK_STATE, *PKLOCK_ENTRY_LOCK_STATE;

typedef struct _KLOCK_ENTRY {
	union {
		KLOCK_ENTRY_LOCK_STATE LockState;
		PVOID LockUnsafe;
		struct {
			UCHAR CrossThreadReleasableAndBusyByte;
			UCHAR Reserved[6];
			UCHAR InTreeByte;
			union {
				PVOID SessionState;
				struct {
					ULONG SessionId;
					ULONG SessionPad;
				};
			};
		};
	};
	union {
		ULONG EntryFlags;
		struct {
			UCHAR EntryIndex;
			UCHAR WaitingByte;
			UCHAR AcquiredByte;
			union {
				UCHAR CrossThreadFlags;
				struct {
					UCHAR HeadNodeBit : 1;
					UCHAR IoPriorityBit : 1;
					UCHAR IoQoSWaiter : 1;
					UCHAR Spare1 : 5;
				};
			};
		};
		struct {
			ULONG StaticState : 8;
			ULONG AllFlags : 24;
		};
	};
	ULONG SpareFlags;
	RTL_BALANCED_NODE TreeNode;
	union {
		RTL_RB_TREE OwnerTree;
		CHAR CpuPriorityKey;
	};
	RTL_RB_TREE WaiterTree;
	ULONGLONG EntryLock;
	KLOCK_ENTRY_BOOST_BITMAP BoostBitmap;
} KLOCK_ENTRY, *PKLOCK_ENTRY;

typedef struct _KTHREAD {
	DISPATCHER_HEADER Header;
	PVOID SListFaultAddress;
	ULONGLONG QuantumTarget;
	PVOID InitialStack;
	PVOID StackLimit;
	PVOID StackBase;
	ULONGLONG ThreadLock;
	ULONGLONG CycleTime;
	ULONG CurrentRunTime;
	ULONG ExpectedRunTime;
	PVOID KernelStack;
	struct _XSAVE_FORMAT *StateSaveArea;
	struct _KSCHEDULING_GROUP *SchedulingGroup;
	KWAIT_STATUS_REGISTER WaitRegister;
	UCHAR Running;
	UCHAR Alerted[2];
	union {
		struct {
			ULONG AutoBoostActive : 1;
			ULONG ReadyTransition : 1;
			ULONG WaitNext : 1;
			ULONG SystemAffinityActive : 1;
			ULONG Alertable : 1;
			ULONG UserStackWalkActive : 1;
			ULONG ApcInterruptRequest : 1;
			ULONG QuantumEndMigrate : 1;
			ULONG SecureThread : 1;
			ULONG TimerActive : 1;
			ULONG SystemThread : 1;
			ULONG ProcessDetachActive : 1;
			ULONG CalloutActive : 1;
			ULONG ScbReadyQueue : 1;
			ULONG ApcQueueable : 1;
			ULONG ReservedStackInUse : 1;
			ULONG Spare : 1;
			ULONG TimerSuspended : 1;
			ULONG SuspendedWaitMode : 1;
			ULONG SuspendSchedulerApcWait : 1;
			ULONG CetUserShadowStack : 1;
			ULONG BypassProcessFreeze : 1;
			ULONG CetKernelShadowStack : 1;
			ULONG StateSaveAreaDecoupled : 1;
			ULONG Reserved : 8;
		};
		LONG MiscFlags;
	};
	union {
		struct {
			ULONG UserIdealProcessorFixed : 1;
			ULONG IsolationWidth : 1;
			ULONG AutoAlignment : 1;
			ULONG DisableBoost : 1;
			ULONG AlertedByThreadId : 1;
			ULONG QuantumDonation : 1;
			ULONG EnableStackSwap : 1;
			ULONG GuiThread : 1;
			ULONG DisableQuantum : 1;
			ULONG ChargeOnlySchedulingGroup : 1;
			ULONG DeferPreemption : 1;
			ULONG QueueDeferPreemption : 1;
			ULONG ForceDeferSchedule : 1;
			ULONG SharedReadyQueueAffinity : 1;
			ULONG FreezeCount : 1;
			ULONG TerminationApcRequest : 1;
			ULONG AutoBoostEntriesExhausted : 1;
			ULONG KernelStackResident : 1;
			ULONG TerminateRequestReason : 2;
			ULONG ProcessStackCountDecremented : 1;
			ULONG RestrictedGuiThread : 1;
			ULONG VpBackingThread : 1;
			ULONG EtwStackTraceCrimsonApcDisabled : 1;
			ULONG EtwStackTraceApcInserted : 8;
		};
		LONG ThreadFlags;
	};
	UCHAR Tag;
	UCHAR SystemHeteroCpuPolicy;
	UCHAR UserHeteroCpuPolicy : 7;
	UCHAR ExplicitSystemHeteroCpuPolicy : 1;
	union {
		struct {
			UCHAR RunningNonRetpolineCode : 1;
			UCHAR SpecCtrlSpare : 7;
		};
		UCHAR SpecCtrl;
	};
	ULONG SystemCallNumber;
	ULONG ReadyTime;
	PVOID FirstArgument;
	struct _KTRAP_FRAME *TrapFrame;
	union {
		KAPC_STATE ApcState;
		struct {
			UCHAR ApcStateFill[43];
			CHAR Priority;
			ULONG UserIdealProcessor;
		};
	};
	LONGLONG WaitStatus;
	struct _KWAIT_BLOCK *WaitBlockList;
	union {
		LIST_ENTRY WaitListEntry;
		SINGLE_LIST_ENTRY SwapListEntry;
	};
	struct _DISPATCHER_HEADER *Queue;
	PVOID Teb;
	ULONGLONG RelativeTimerBias;
	KTIMER Timer;
	union {
		KWAIT_BLOCK WaitBlock[4];
		struct {
			UCHAR WaitBlockFill4[20];
			ULONG ContextSwitches;
		};
		struct {
			UCHAR WaitBlockFill5[68];
			UCHAR State;
			CHAR Spare13;
			UCHAR WaitIrql;
			CHAR WaitMode;
		};
		struct {
			UCHAR WaitBlockFill6[116];
			ULONG WaitTime;
		};
		struct {
			UCHAR WaitBlockFill7[164];
			union {
				struct {
					SHORT KernelApcDisable;
					SHORT SpecialApcDisable;
				};
				ULONG CombinedApcDisable;
			};
		};
		struct {
			UCHAR WaitBlockFill8[40];
			struct _KTHREAD_COUNTERS *ThreadCounters;
		};
		struct {
			UCHAR WaitBlockFill9[88];
			struct _XSTATE_SAVE *XStateSave;
		};
		struct {
			UCHAR WaitBlockFill10[136];
			PVOID Win32Thread;
		};
		struct {
			UCHAR WaitBlockFill11[176];
			ULONGLONG Spare18;
			ULONGLONG Spare19;
		};
	};
	union {
		LONG ThreadFlags2;
		struct {
			ULONG BamQosLevel : 8;
			ULONG ThreadFlags2Reserved : 24;
		};
	};
	UCHAR HgsFeedbackClass;
	UCHAR Spare23[3];
	LIST_ENTRY QueueListEntry;
	union {
		ULONG NextProcessor;
		struct {
			ULONG NextProcessorNumber : 31;
			ULONG SharedReadyQueue : 1;
		};
	};
	LONG QueuePriority;
	struct _KPROCESS *Process;
	struct _KAFFINITY_EX *UserAffinity;
	USHORT UserAffinityPrimaryGroup;
	CHAR PreviousMode;
	CHAR BasePriority;
	union {
		CHAR PriorityDecrement;
		struct {
			UCHAR ForegroundBoost : 4;
			UCHAR UnusualBoost : 4;
		};
	};
	UCHAR Preempted;
	UCHAR AdjustReason;
	CHAR AdjustIncrement;
	ULONGLONG AffinityVersion;
	struct _KAFFINITY_EX *Affinity;
	USHORT AffinityPrimaryGroup;
	UCHAR ApcStateIndex;
	UCHAR WaitBlockCount;
	ULONG IdealProcessor;
	ULONGLONG NpxState;
	union {
		KAPC_STATE SavedApcState;
		struct {
			UCHAR SavedApcStateFill[43];
			UCHAR WaitReason;
			CHAR SuspendCount;
			CHAR Saturation;
			USHORT SListFaultCount;
		};
	};
	union {
		KAPC SchedulerApc;
		struct {
			UCHAR SchedulerApcFill1[3];
			UCHAR QuantumReset;
		};
		struct {
			UCHAR SchedulerApcFill2[4];
			ULONG KernelTime;
		};
		struct {
			UCHAR SchedulerApcFill3[64];
			struct _KPRCB *WaitPrcb;
		};
		struct {
			UCHAR SchedulerApcFill4[72];
			PVOID LegoData;
		};
		struct {
			UCHAR SchedulerApcFill5[83];
			UCHAR CallbackNestingLevel;
			ULONG UserTime;
		};
	};
	KEVENT SuspendEvent;
	LIST_ENTRY ThreadListEntry;
	LIST_ENTRY MutantListHead;
	UCHAR AbEntrySummary;
	UCHAR AbWaitEntryCount;
	union {
		UCHAR FreezeFlags;
		struct {
			UCHAR FreezeCount2 : 1;
			UCHAR FreezeNormal : 1;
			UCHAR FreezeDeep : 1;
		};
	};
	CHAR SystemPriority;
	ULONG SecureThreadCookie;
	PVOID Spare22;
	SINGLE_LIST_ENTRY PropagateBoostsEntry;
	SINGLE_LIST_ENTRY IoSelfBoostsEntry;
	UCHAR PriorityFloorCounts[32];
	ULONG PriorityFloorSummary;
	LONG AbCompletedIoBoostCount;
	LONG AbCompletedIoQoSBoostCount;
	SHORT KeReferenceCount;
	UCHAR AbOrphanedEntrySummary;
	UCHAR AbOwnedEntryCount;
	ULONG ForegroundLossTime;
	union {
		LIST_ENTRY GlobalForegroundListEntry;
		struct {
			SINGLE_LIST_ENTRY ForegroundDpcStackListEntry;
			ULONGLONG InGlobalForegroundList;
		};
	};
	LONGLONG ReadOperationCount;
	LONGLONG WriteOperationCount;
	LONGLONG OtherOperationCount;
	LONGLONG ReadTransferCount;
	LONGLONG WriteTransferCount;
	LONGLONG OtherTransferCount;
	struct _KSCB *QueuedScb;
	ULONG ThreadTimerDelay;
	union {
		LONG ThreadFlags3;
		struct {
			ULONG ThreadFlags3Reserved : 8;
			ULONG PpmPolicy : 3;
			ULONG ThreadFlags3Reserved2 : 21;
		};
	};
	ULONGLONG TracingPrivate[1];
	PVOID SchedulerAssist;
	PVOID AbWaitObject;
	ULONG ReservedPreviousReadyTimeValue;
	ULONGLONG KernelWaitTime;
	ULONGLONG UserWaitTime;
	union {
		LIST_ENTRY GlobalUpdateVpThreadPriorityListEntry;
		struct {
			SINGLE_LIST_ENTRY UpdateVpThreadPriorityDpcStackListEntry;
			ULONGLONG InGlobalUpdateVpThreadPriorityList;
		};
	};
	LONG SchedulerAssistPriorityFloor;
	LONG RealtimePriorityFloor;
	PVOID KernelShadowStack;
	PVOID KernelShadowStackInitial;
	PVOID KernelShadowStackBase;
	KERNEL_SHADOW_STACK_LIMIT KernelShadowStackLimit;
	ULONGLONG ExtendedFeatureDisableMask;
	ULONGLONG HgsFeedbackStartTime;
	ULONGLONG HgsFeedbackCycles;
	ULONG HgsInvalidFeedbackCount;
	ULONG HgsLowerPerfClassFeedbackCount;
	ULONG HgsHigherPerfClassFeedbackCount;
	ULONG Spare27;
	SINGLE_LIST_ENTRY SystemAffinityTokenListHead;
	PVOID IptSaveArea;
	UCHAR ResourceIndex;
	UCHAR CoreIsolationReasons;
	UCHAR BamQosLevelFromAssistPage;
	UCHAR Spare31[1];
	ULONG Spare32;
	ULONGLONG EndPadding[3];
} KTHREAD, *PKTHREAD;

typedef struct _PS_PROPERTY_SET {
	LIST_ENTRY ListHead;
	ULONGLONG Lock;
} PS_PROPERTY_SET, *PPS_PROPERTY_SET;

typedef struct _ETHREAD {
	KTHREAD Tcb;
	LARGE_INTEGER CreateTime;
	union {
		LARGE_INTEGER ExitTime;
		LIST_ENTRY KeyedWaitChain;
	};
	union {
		LIST_ENTRY PostBlockList;
		struct {
			PVOID ForwardLinkShadow;
			PVOID StartAddress;
		};
	};
	union {
		struct _TERMINATION_PORT *TerminationPort;
		struct _ETHREAD *ReaperLink;
		PVOID KeyedWaitValue;
	};
	ULONGLONG ActiveTimerListLock;
	LIST_ENTRY ActiveTimerListHead;
	CLIENT_ID Cid;
	union {
		KSEMAPHORE KeyedWaitSemaphore;
		KSEMAPHORE AlpcWaitSemaphore;
	};
	PS_CLIENT_SECURITY_CONTEXT ClientSecurity;
	LIST_ENTRY IrpList;
	ULONGLONG TopLevelIrp;
	struct _DEVICE_OBJECT *DeviceToVerify;
	PVOID Win32StartAddress;
	PVOID ChargeOnlySession;
	PVOID LegacyPowerObject;
	LIST_ENTRY ThreadListEntry;
	EX_RUNDOWN_REF RundownProtect;
	EX_PUSH_LOCK ThreadLock;
	ULONG ReadClusterSize;
	LONG MmLockOrdering;
	union {
		ULONG CrossThreadFlags;
		struct {
			ULONG Terminated : 1;
			ULONG ThreadInserted : 1;
			ULONG HideFromDebugger : 1;
			ULONG ActiveImpersonationInfo : 1;
			ULONG HardErrorsAreDisabled : 1;
			ULONG BreakOnTermination : 1;
			ULONG SkipCreationMsg : 1;
			ULONG SkipTerminationMsg : 1;
			ULONG CopyTokenOnOpen : 1;
			ULONG ThreadIoPriority : 3;
			ULONG ThreadPagePriority : 3;
			ULONG RundownFail : 1;
			ULONG UmsForceQueueTermination : 1;
			ULONG IndirectCpuSets : 1;
			ULONG DisableDynamicCodeOptOut : 1;
			ULONG ExplicitCaseSensitivity : 1;
			ULONG PicoNotifyExit : 1;
			ULONG DbgWerUserReportActive : 1;
			ULONG ForcedSelfTrimActive : 1;
			ULONG SamplingCoverage : 1;
			ULONG ReservedCrossThreadFlags : 8;
		};
	};
	union {
		ULONG SameThreadPassiveFlags;
		struct {
			ULONG ActiveExWorker : 1;
			ULONG MemoryMaker : 1;
			ULONG StoreLockThread : 2;
			ULONG ClonedThread : 1;
			ULONG KeyedEventInUse : 1;
			ULONG SelfTerminate : 1;
			ULONG RespectIoPriority : 1;
			ULONG ActivePageLists : 1;
			ULONG SecureContext : 1;
			ULONG ZeroPageThread : 1;
			ULONG WorkloadClass : 1;
			ULONG ReservedSameThreadPassiveFlags : 20;
		};
	};
	union {
		ULONG SameThreadApcFlags;
		struct {
			UCHAR OwnsProcessAddressSpaceExclusive : 1;
			UCHAR OwnsProcessAddressSpaceShared : 1;
			UCHAR HardFaultBehavior : 1;
			UCHAR StartAddressInvalid : 1;
			UCHAR EtwCalloutActive : 1;
			UCHAR SuppressSymbolLoad : 1;
			UCHAR Prefetching : 1;
			UCHAR OwnsVadExclusive : 1;
			UCHAR SystemPagePriorityActive : 1;
			UCHAR SystemPagePriority : 3;
			UCHAR AllowUserWritesToExecutableMemory : 1;
			UCHAR AllowKernelWritesToExecutableMemory : 1;
			UCHAR OwnsVadShared : 1;
			UCHAR SessionAttachActive : 1;
			UCHAR PasidMsrValid : 1;
		};
	};
	UCHAR CacheManagerActive;
	UCHAR DisablePageFaultClustering;
	UCHAR ActiveFaultCount;
	UCHAR LockOrderState;
	ULONG PerformanceCountLowReserved;
	LONG PerformanceCountHighReserved;
	ULONGLONG AlpcMessageId;
	union {
		PVOID AlpcMessage;
		ULONG AlpcReceiveAttributeSet;
	};
	LIST_ENTRY AlpcWaitListEntry;
	LONG ExitStatus;
	ULONG CacheManagerCount;
	ULONG IoBoostCount;
	ULONG IoQoSBoostCount;
	ULONG IoQoSThrottleCount;
	ULONG KernelStackReference;
	LIST_ENTRY BoostList;
	LIST_ENTRY DeboostList;
	ULONGLONG BoostListLock;
	ULONGLONG IrpListLock;
	PVOID ReservedForSynchTracking;
	SINGLE_LIST_ENTRY CmCallbackListHead;
	struct _GUID *ActivityId;
	SINGLE_LIST_ENTRY SeLearningModeListHead;
	PVOID VerifierContext;
	PVOID AdjustedClientToken;
	PVOID WorkOnBehalfThread;
	PS_PROPERTY_SET PropertySet;
	PVOID PicoContext;
	ULONGLONG UserFsBase;
	ULONGLONG UserGsBase;
	struct _THREAD_ENERGY_VALUES *EnergyValues;
	union {
		ULONGLONG SelectedCpuSets;
		PULONGLONG SelectedCpuSetsIndirect;
	};
	struct _EJOB *Silo;
	struct _UNICODE_STRING *ThreadName;
	struct _CONTEXT *SetContextState;
	ULONG LastExpectedRunTime;
	ULONG HeapData;
	LIST_ENTRY OwnerEntryListHead;
	ULONGLONG DisownedOwnerEntryListLock;
	LIST_ENTRY DisownedOwnerEntryListHead;
	KLOCK_ENTRY LockEntries[6];
	PVOID CmThreadInfo;
	PVOID FlsData;
} ETHREAD, *PETHREAD;

typedef struct {
	ULONGLONG SecureProcess : 1;
	ULONGLONG Unused : 1;
} KPROCESS_SECURE_STATE_FLAGS;

typedef union {
	ULONGLONG SecureHandle;
	KPROCESS_SECURE_STATE_FLAGS Flags;
} KPROCESS_SECURE_STATE;

typedef struct _KPROCESS {
	DISPATCHER_HEADER Header;
	LIST_ENTRY ProfileListHead;
	ULONGLONG DirectoryTableBase;
	LIST_ENTRY ThreadListHead;
	ULONG ProcessLock;
	ULONG ProcessTimerDelay;
	ULONGLONG DeepFreezeStartTime;
	KAFFINITY_EX Affinity;
	LIST_ENTRY ReadyListHead;
	SINGLE_LIST_ENTRY SwapListEntry;
	KAFFINITY_EX ActiveProcessors;
	union {
		struct {
			ULONG AutoAlignment : 1;
			ULONG DisableBoost : 1;
			ULONG DisableQuantum : 1;
			ULONG DeepFreeze : 1;
			ULONG TimerVirtualization : 1;
			ULONG CheckStackExtents : 1;
			ULONG CacheIsolationEnabled : 1;
			ULONG PpmPolicy : 4;
			ULONG VaSpaceDeleted : 1;
			ULONG MultiGroup : 1;
			ULONG ReservedFlags : 19;
		};
		LONG ProcessFlags;
	};
	ULONG ActiveGroupsMask;
	CHAR BasePriority;
	CHAR QuantumReset;
	CHAR Visited;
	KEXECUTE_OPTIONS Flags;
	USHORT ThreadSeed[32];
	USHORT IdealProcessor[32];
	USHORT IdealNode[32];
	USHORT IdealGlobalNode;
	USHORT Spare1;
	KSTACK_COUNT StackCount;
	LIST_ENTRY ProcessListEntry;
	ULONGLONG CycleTime;
	ULONGLONG ContextSwitches;
	struct _KSCHEDULING_GROUP *SchedulingGroup;
	ULONG FreezeCount;
	ULONG KernelTime;
	ULONG UserTime;
	ULONG ReadyTime;
	ULONGLONG UserDirectoryTableBase;
	UCHAR AddressPolicy;
	UCHAR Spare2[71];
	PVOID InstrumentationCallback;
	KPROCESS_SECURE_STATE SecureState;
	ULONGLONG KernelWaitTime;
	ULONGLONG UserWaitTime;
	ULONGLONG LastRebalanceQpc;
	PVOID PerProcessorCycleTimes;
	ULONGLONG ExtendedFeatureDisableMask;
	USHORT PrimaryGroup;
	USHORT Spare3[3];
	PVOID UserCetLogging;
	LIST_ENTRY CpuPartitionList;
	ULONGLONG EndPadding[1];
} KPROCESS, *PKPROCESS;

typedef struct _ALPC_PROCESS_CONTEXT {
	EX_PUSH_LOCK Lock;
	LIST_ENTRY ViewListHead;
	ULONGLONG PagedPoolQuotaCache;
} ALPC_PROCESS_CONTEXT, *PALPC_PROCESS_CONTEXT;

typedef struct _PS_DYNAMIC_ENFORCED_ADDRESS_RANGES {
	RTL_AVL_TREE Tree;
	EX_PUSH_LOCK Lock;
} PS_DYNAMIC_ENFORCED_ADDRESS_RANGES, *PPS_DYNAMIC_ENFORCED_ADDRESS_RANGES;

typedef union _KE_PROCESS_CONCURRENCY_COUNT {
	struct {
		ULONG Fraction : 20;
		ULONG Count : 12;
	};
	ULONG AllFields;
} KE_PROCESS_CONCURRENCY_COUNT, *PKE_PROCESS_CONCURRENCY_COUNT;

typedef struct _KE_IDEAL_PROCESSOR_SET_BREAKPOINTS {
	KE_PROCESS_CONCURRENCY_COUNT Low;
	KE_PROCESS_CONCURRENCY_COUNT High;
} KE_IDEAL_PROCESSOR_SET_BREAKPOINTS, *PKE_IDEAL_PROCESSOR_SET_BREAKPOINTS;

typedef union {
	ULONG AllFlags;
	ULONG ConcurrencyCountFixed : 1;
} KE_IDEAL_PROCESSOR_ASSIGNMENT_BLOCK_ASSIGNMENT_FLAGS;

typedef struct _KE_IDEAL_PROCESSOR_ASSIGNMENT_BLOCK {
	KE_PROCESS_CONCURRENCY_COUNT ExpectedConcurrencyCount;
	KE_IDEAL_PROCESSOR_SET_BREAKPOINTS Breakpoints;
	KE_IDEAL_PROCESSOR_ASSIGNMENT_BLOCK_ASSIGNMENT_FLAGS AssignmentFlags;
	KAFFINITY_EX IdealProcessorSets;
} KE_IDEAL_PROCESSOR_ASSIGNMENT_BLOCK, *PKE_IDEAL_PROCESSOR_ASSIGNMENT_BLOCK;

typedef union _PS_INTERLOCKED_TIMER_DELAY_VALUES {
	struct {
		ULONGLONG DelayMs : 30;
		ULONGLONG CoalescingWindowMs : 30;
		ULONGLONG Reserved : 1;
		ULONGLONG NewTimerWheel : 1;
		ULONGLONG Retry : 1;
		ULONGLONG Locked : 1;
	};
	ULONGLONG All;
} PS_INTERLOCKED_TIMER_DELAY_VALUES, *PPS_INTERLOCKED_TIMER_DELAY_VALUES;

typedef struct _PS_PROTECTION {
	union {
		UCHAR Level;
		struct {
			UCHAR Type : 3;
			UCHAR Audit : 1;
			UCHAR Signer : 4;
		};
	};
} PS_PROTECTION, *PPS_PROTECTION;

typedef struct _PSP_SYSCALL_PROVIDER_DISPATCH_CONTEXT {
	ULONG Level;
	ULONG Slot;
} PSP_SYSCALL_PROVIDER_DISPATCH_CONTEXT, *PPSP_SYSCALL_PROVIDER_DISPATCH_CONTEXT;

typedef struct _WNF_STATE_NAME {
	ULONG Data[2];
} WNF_STATE_NAME, *PWNF_STATE_NAME;

typedef struct _JOBOBJECT_WAKE_FILTER {
	ULONG HighEdgeFilter;
	ULONG LowEdgeFilter;
} JOBOBJECT_WAKE_FILTER, *PJOBOBJECT_WAKE_FILTER;

typedef struct _PS_PROCESS_WAKE_INFORMATION {
	ULONGLONG NotificationChannel;
	ULONG WakeCounters[7];
	JOBOBJECT_WAKE_FILTER WakeFilter;
	ULONG NoWakeCounter;
} PS_PROCESS_WAKE_INFORMATION, *PPS_PROCESS_WAKE_INFORMATION;

typedef struct {
	ULONG ControlFlowGuardEnabled : 1;
	ULONG ControlFlowGuardExportSuppressionEnabled : 1;
	ULONG ControlFlowGuardStrict : 1;
	ULONG DisallowStrippedImages : 1;
	ULONG ForceRelocateImages : 1;
	ULONG HighEntropyASLREnabled : 1;
	ULONG StackRandomizationDisabled : 1;
	ULONG ExtensionPointDisable : 1;
	ULONG DisableDynamicCode : 1;
	ULONG DisableDynamicCodeAllowOptOut : 1;
	ULONG DisableDynamicCodeAllowRemoteDowngrade : 1;
	ULONG AuditDisableDynamicCode : 1;
	ULONG DisallowWin32kSystemCalls : 1;
	ULONG AuditDisallowWin32kSystemCalls : 1;
	ULONG EnableFilteredWin32kAPIs : 1;
	ULONG AuditFilteredWin32kAPIs : 1;
	ULONG DisableNonSystemFonts : 1;
	ULONG AuditNonSystemFontLoading : 1;
	ULONG PreferSystem32Images : 1;
	ULONG ProhibitRemoteImageMap : 1;
	ULONG AuditProhibitRemoteImageMap : 1;
	ULONG ProhibitLowILImageMap : 1;
	ULONG AuditProhibitLowILImageMap : 1;
	ULONG SignatureMitigationOptIn : 1;
	ULONG AuditBlockNonMicrosoftBinaries : 1;
	ULONG AuditBlockNonMicrosoftBinariesAllowStore : 1;
	ULONG LoaderIntegrityContinuityEnabled : 1;
	ULONG AuditLoaderIntegrityContinuity : 1;
	ULONG EnableModuleTamperingProtection : 1;
	ULONG EnableModuleTamperingProtectionNoInherit : 1;
	ULONG RestrictIndirectBranchPrediction : 1;
	ULONG IsolateSecurityDomain : 1;
} EPROCESS_MITIGATION_FLAGS_VALUES;

typedef struct {
	ULONG EnableExportAddressFilter : 1;
	ULONG AuditExportAddressFilter : 1;
	ULONG EnableExportAddressFilterPlus : 1;
	ULONG AuditExportAddressFilterPlus : 1;
	ULONG EnableRopStackPivot : 1;
	ULONG AuditRopStackPivot : 1;
	ULONG EnableRopCallerCheck : 1;
	ULONG AuditRopCallerCheck : 1;
	ULONG EnableRopSimExec : 1;
	ULONG AuditRopSimExec : 1;
	ULONG EnableImportAddressFilter : 1;
	ULONG AuditImportAddressFilter : 1;
	ULONG DisablePageCombine : 1;
	ULONG SpeculativeStoreBypassDisable : 1;
	ULONG CetUserShadowStacks : 1;
	ULONG AuditCetUserShadowStacks : 1;
	ULONG AuditCetUserShadowStacksLogged : 1;
	ULONG UserCetSetContextIpValidation : 1;
	ULONG AuditUserCetSetContextIpValidation : 1;
	ULONG AuditUserCetSetContextIpValidationLogged : 1;
	ULONG CetUserShadowStacksStrictMode : 1;
	ULONG BlockNonCetBinaries : 1;
	ULONG BlockNonCetBinariesNonEhcont : 1;
	ULONG AuditBlockNonCetBinaries : 1;
	ULONG AuditBlockNonCetBinariesLogged : 1;
	ULONG XtendedControlFlowGuard : 1;
	ULONG AuditXtendedControlFlowGuard : 1;
	ULONG PointerAuthUserIp : 1;
	ULONG AuditPointerAuthUserIp : 1;
	ULONG AuditPointerAuthUserIpLogged : 1;
	ULONG CetDynamicApisOutOfProcOnly : 1;
	ULONG UserCetSetContextIpValidationRelaxedMode : 1;
} EPROCESS_MITIGATION_FLAGS2_VALUES;

typedef struct {
	ULONG RestrictCoreSharing : 1;
	ULONG MitigationFlags3Spare : 31;
} EPROCESS_MITIGATION_FLAGS3_VALUES;

typedef struct DECLSPEC_ALIGN(16) _EPROCESS {
	KPROCESS Pcb;
	EX_PUSH_LOCK ProcessLock;
	PVOID UniqueProcessId;
	LIST_ENTRY ActiveProcessLinks;
	EX_RUNDOWN_REF RundownProtect;
	union {
		ULONG Flags2;
		struct {
			ULONG JobNotReallyActive : 1;
			ULONG AccountingFolded : 1;
			ULONG NewProcessReported : 1;
			ULONG ExitProcessReported : 1;
			ULONG ReportCommitChanges : 1;
			ULONG LastReportMemory : 1;
			ULONG ForceWakeCharge : 1;
			ULONG CrossSessionCreate : 1;
			ULONG NeedsHandleRundown : 1;
			ULONG RefTraceEnabled : 1;
			ULONG PicoCreated : 1;
			ULONG EmptyJobEvaluated : 1;
			ULONG DefaultPagePriority : 3;
			ULONG PrimaryTokenFrozen : 1;
			ULONG ProcessVerifierTarget : 1;
			ULONG RestrictSetThreadContext : 1;
			ULONG AffinityPermanent : 1;
			ULONG AffinityUpdateEnable : 1;
			ULONG PropagateNode : 1;
			ULONG ExplicitAffinity : 1;
			ULONG ProcessExecutionState : 2;
			ULONG EnableReadVmLogging : 1;
			ULONG EnableWriteVmLogging : 1;
			ULONG FatalAccessTerminationRequested : 1;
			ULONG DisableSystemAllowedCpuSet : 1;
			ULONG ProcessStateChangeRequest : 2;
			ULONG ProcessStateChangeInProgress : 1;
			ULONG InPrivate : 1;
		};
	};
	union {
		ULONG Flags;
		struct {
			ULONG CreateReported : 1;
			ULONG NoDebugInherit : 1;
			ULONG ProcessExiting : 1;
			ULONG ProcessDelete : 1;
			ULONG ManageExecutableMemoryWrites : 1;
			ULONG VmDeleted : 1;
			ULONG OutswapEnabled : 1;
			ULONG Outswapped : 1;
			ULONG FailFastOnCommitFail : 1;
			ULONG Wow64VaSpace4Gb : 1;
			ULONG AddressSpaceInitialized : 2;
			ULONG SetTimerResolution : 1;
			ULONG BreakOnTermination : 1;
			ULONG DeprioritizeViews : 1;
			ULONG WriteWatch : 1;
			ULONG ProcessInSession : 1;
			ULONG OverrideAddressSpace : 1;
			ULONG HasAddressSpace : 1;
			ULONG LaunchPrefetched : 1;
			ULONG Reserved : 1;
			ULONG VmTopDown : 1;
			ULONG ImageNotifyDone : 1;
			ULONG PdeUpdateNeeded : 1;
			ULONG VdmAllowed : 1;
			ULONG ProcessRundown : 1;
			ULONG ProcessInserted : 1;
			ULONG DefaultIoPriority : 3;
			ULONG ProcessSelfDelete : 1;
			ULONG SetTimerResolutionLink : 1;
		};
	};
	LARGE_INTEGER CreateTime;
	ULONGLONG ProcessQuotaUsage[2];
	ULONGLONG ProcessQuotaPeak[2];
	ULONGLONG PeakVirtualSize;
	ULONGLONG VirtualSize;
	LIST_ENTRY SessionProcessLinks;
	union {
		PVOID ExceptionPortData;
		ULONGLONG ExceptionPortValue;
		ULONGLONG ExceptionPortState : 3;
	};
	EX_FAST_REF Token;
	ULONGLONG MmReserved;
	EX_PUSH_LOCK AddressCreationLock;
	EX_PUSH_LOCK PageTableCommitmentLock;
	struct _ETHREAD *RotateInProgress;
	struct _ETHREAD *ForkInProgress;
	struct _EJOB *CommitChargeJob;
	RTL_AVL_TREE CloneRoot;
	ULONGLONG NumberOfPrivatePages;
	ULONGLONG NumberOfLockedPages;
	PVOID Win32Process;
	struct _EJOB *Job;
	PVOID SectionObject;
	PVOID SectionBaseAddress;
	ULONG Cookie;
	struct _PAGEFAULT_HISTORY *WorkingSetWatch;
	PVOID Win32WindowStation;
	PVOID InheritedFromUniqueProcessId;
	ULONGLONG OwnerProcessId;
	struct _PEB *Peb;
	struct _MM_SESSION_SPACE *Session;
	PVOID Spare1;
	struct _EPROCESS_QUOTA_BLOCK *QuotaBlock;
	struct _HANDLE_TABLE *ObjectTable;
	PVOID DebugPort;
	struct _EWOW64PROCESS *WoW64Process;
	EX_FAST_REF DeviceMap;
	PVOID EtwDataSource;
	ULONGLONG PageDirectoryPte;
	struct _FILE_OBJECT *ImageFilePointer;
	UCHAR ImageFileName[15];
	UCHAR PriorityClass;
	PVOID SecurityPort;
	SE_AUDIT_PROCESS_CREATION_INFO SeAuditProcessCreationInfo;
	LIST_ENTRY JobLinks;
	PVOID HighestUserAddress;
	LIST_ENTRY ThreadListHead;
	ULONG ActiveThreads;
	ULONG ImagePathHash;
	ULONG DefaultHardErrorProcessing;
	LONG LastThreadExitStatus;
	EX_FAST_REF PrefetchTrace;
	PVOID LockedPagesList;
	LARGE_INTEGER ReadOperationCount;
	LARGE_INTEGER WriteOperationCount;
	LARGE_INTEGER OtherOperationCount;
	LARGE_INTEGER ReadTransferCount;
	LARGE_INTEGER WriteTransferCount;
	LARGE_INTEGER OtherTransferCount;
	ULONGLONG CommitChargeLimit;
	ULONGLONG CommitCharge;
	ULONGLONG CommitChargePeak;
	MMSUPPORT_FULL Vm;
	LIST_ENTRY MmProcessLinks;
	ULONG ModifiedPageCount;
	LONG ExitStatus;
	RTL_AVL_TREE VadRoot;
	PVOID VadHint;
	ULONGLONG VadCount;
	ULONGLONG VadPhysicalPages;
	ULONGLONG VadPhysicalPagesLimit;
	ALPC_PROCESS_CONTEXT AlpcContext;
	LIST_ENTRY TimerResolutionLink;
	struct _PO_DIAG_STACK_RECORD *TimerResolutionStackRecord;
	ULONG RequestedTimerResolution;
	ULONG SmallestTimerResolution;
	LARGE_INTEGER ExitTime;
	struct _INVERTED_FUNCTION_TABLE_KERNEL_MODE *InvertedFunctionTable;
	EX_PUSH_LOCK InvertedFunctionTableLock;
	ULONG ActiveThreadsHighWatermark;
	ULONG LargePrivateVadCount;
	EX_PUSH_LOCK ThreadListLock;
	PVOID WnfContext;
	struct _EJOB *ServerSilo;
	UCHAR SignatureLevel;
	UCHAR SectionSignatureLevel;
	PS_PROTECTION Protection;
	UCHAR HangCount : 3;
	UCHAR GhostCount : 3;
	UCHAR PrefilterException : 1;
	union {
		ULONG Flags3;
		struct {
			ULONG Minimal : 1;
			ULONG ReplacingPageRoot : 1;
			ULONG Crashed : 1;
			ULONG JobVadsAreTracked : 1;
			ULONG VadTrackingDisabled : 1;
			ULONG AuxiliaryProcess : 1;
			ULONG SubsystemProcess : 1;
			ULONG IndirectCpuSets : 1;
			ULONG RelinquishedCommit : 1;
			ULONG HighGraphicsPriority : 1;
			ULONG CommitFailLogged : 1;
			ULONG ReserveFailLogged : 1;
			ULONG SystemProcess : 1;
			ULONG HideImageBaseAddresses : 1;
			ULONG AddressPolicyFrozen : 1;
			ULONG ProcessFirstResume : 1;
			ULONG ForegroundExternal : 1;
			ULONG ForegroundSystem : 1;
			ULONG HighMemoryPriority : 1;
			ULONG EnableProcessSuspendResumeLogging : 1;
			ULONG EnableThreadSuspendResumeLogging : 1;
			ULONG SecurityDomainChanged : 1;
			ULONG SecurityFreezeComplete : 1;
			ULONG VmProcessorHost : 1;
			ULONG VmProcessorHostTransition : 1;
			ULONG AltSyscall : 1;
			ULONG TimerResolutionIgnore : 1;
			ULONG DisallowUserTerminate : 1;
			ULONG EnableProcessRemoteExecProtectVmLogging : 1;
			ULONG EnableProcessLocalExecProtectVmLogging : 1;
			ULONG MemoryCompressionProcess : 1;
		};
	};
	LONG DeviceAsid;
	PVOID SvmData;
	EX_PUSH_LOCK SvmProcessLock;
	ULONGLONG SvmLock;
	LIST_ENTRY SvmProcessDeviceListHead;
	ULONGLONG LastFreezeInterruptTime;
	struct _PROCESS_DISK_COUNTERS *DiskCounters;
	PVOID PicoContext;
	PVOID EnclaveTable;
	ULONGLONG EnclaveNumber;
	EX_PUSH_LOCK EnclaveLock;
	ULONG HighPriorityFaultsAllowed;
	struct _PO_PROCESS_ENERGY_CONTEXT *EnergyContext;
	PVOID VmContext;
	ULONGLONG SequenceNumber;
	ULONGLONG CreateInterruptTime;
	ULONGLONG CreateUnbiasedInterruptTime;
	ULONGLONG TotalUnbiasedFrozenTime;
	ULONGLONG LastAppStateUpdateTime;
	ULONGLONG LastAppStateUptime : 61;
	ULONGLONG LastAppState : 3;
	ULONGLONG SharedCommitCharge;
	EX_PUSH_LOCK SharedCommitLock;
	LIST_ENTRY SharedCommitLinks;
	union {
		ULONGLONG AllowedCpuSets;
		PULONGLONG AllowedCpuSetsIndirect;
	};
	union {
		ULONGLONG DefaultCpuSets;
		PULONGLONG DefaultCpuSetsIndirect;
	};
	PVOID DiskIoAttribution;
	PVOID DxgProcess;
	ULONG Win32KFilterSet;
	USHORT Machine;
	USHORT Spare0;
	PS_INTERLOCKED_TIMER_DELAY_VALUES ProcessTimerDelay;
	ULONG KTimerSets;
	ULONG KTimer2Sets;
	ULONG ThreadTimerSets;
	ULONGLONG VirtualTimerListLock;
	LIST_ENTRY VirtualTimerListHead;
	union {
		WNF_STATE_NAME WakeChannel;
		PS_PROCESS_WAKE_INFORMATION WakeInfo;
	};
	union {
		ULONG MitigationFlags;
		EPROCESS_MITIGATION_FLAGS_VALUES MitigationFlagsValues;
	};
	union {
		ULONG MitigationFlags2;
		EPROCESS_MITIGATION_FLAGS2_VALUES MitigationFlags2Values;
	};
	PVOID PartitionObject;
	ULONGLONG SecurityDomain;
	ULONGLONG ParentSecurityDomain;
	PVOID CoverageSamplerContext;
	PVOID MmHotPatchContext;
	KE_IDEAL_PROCESSOR_ASSIGNMENT_BLOCK IdealProcessorAssignmentBlock;
	RTL_AVL_TREE DynamicEHContinuationTargetsTree;
	EX_PUSH_LOCK DynamicEHContinuationTargetsLock;
	PS_DYNAMIC_ENFORCED_ADDRESS_RANGES DynamicEnforcedCetCompatibleRanges;
	ULONG DisabledComponentFlags;
	LONG PageCombineSequence;
	EX_PUSH_LOCK EnableOptionalXStateFeaturesLock;
	PULONG PathRedirectionHashes;
	struct _PS_SYSCALL_PROVIDER *SyscallProvider;
	LIST_ENTRY SyscallProviderProcessLinks;
	PSP_SYSCALL_PROVIDER_DISPATCH_CONTEXT SyscallProviderDispatchContext;
	union {
		ULONG MitigationFlags3;
		EPROCESS_MITIGATION_FLAGS3_VALUES MitigationFlags3Values;
	};
} EPROCESS, *PEPROCESS;
