/*
 * Per-processor state: KPCR, KPRCB and what they embed. The public symbols of build 22621 end at offset 0x700 of KPRCB; from there on
 * the layout is that of build 22000, whose symbols are complete.
 */

#pragma once

typedef struct _PROC_PERF_CHECK_CONTEXT {
	struct _PROC_PERF_DOMAIN *Domain;
	struct _PROC_PERF_CONSTRAINT *Constraint;
	struct _PROC_PERF_CHECK *PerfCheck;
	struct _PROC_PERF_LOAD *Load;
	struct _PROC_PERF_HISTORY *PerfHistory;
	ULONG Utility;
	ULONG AffinitizedUtility;
	ULONG MediaUtility;
	ULONG ImportantUtility;
	USHORT LatestAffinitizedPercent;
	USHORT AveragePerformancePercent;
	ULONG RelativePerformance;
	UCHAR NtProcessor;
} PROC_PERF_CHECK_CONTEXT, *PPROC_PERF_CHECK_CONTEXT;

typedef struct _PPM_FFH_THROTTLE_STATE_INFO {
	UCHAR EnableLogging;
	ULONG MismatchCount;
	UCHAR Initialized;
	ULONGLONG LastValue;
	LARGE_INTEGER LastLogTickCount;
} PPM_FFH_THROTTLE_STATE_INFO, *PPPM_FFH_THROTTLE_STATE_INFO;

typedef struct _PROC_IDLE_SNAP {
	ULONGLONG Time;
	ULONGLONG Idle;
} PROC_IDLE_SNAP, *PPROC_IDLE_SNAP;

typedef struct _PROC_IDLE_POLICY {
	UCHAR PromotePercent;
	UCHAR DemotePercent;
	UCHAR PromotePercentBase;
	UCHAR DemotePercentBase;
	UCHAR AllowScaling;
	UCHAR ForceLightIdle;
} PROC_IDLE_POLICY, *PPROC_IDLE_POLICY;

typedef struct _PROC_FEEDBACK {
	ULONGLONG Lock;
	ULONGLONG CyclesLast;
	ULONGLONG CyclesActive;
	struct _PROC_FEEDBACK_COUNTER *Counters[2];
	ULONGLONG LastUpdateTime;
	ULONGLONG UnscaledTime;
	LONGLONG UnaccountedTime;
	ULONGLONG ScaledTime[2];
	ULONGLONG UnaccountedKernelTime;
	ULONGLONG PerformanceScaledKernelTime;
	ULONG UserTimeLast;
	ULONG KernelTimeLast;
	ULONGLONG IdleGenerationNumberLast;
	ULONGLONG HvActiveTimeLast;
	ULONGLONG StallCyclesLast;
	ULONGLONG StallTime;
	UCHAR KernelTimesIndex;
	UCHAR CounterDiscardsIdleTime;
	UCHAR CounterReadOptimize;
} PROC_FEEDBACK, *PPROC_FEEDBACK;

typedef union _PPM_IDLE_SYNCHRONIZATION_STATE {
	LONG AsLong;
	struct {
		LONG RefCount : 24;
		ULONG State : 8;
	};
} PPM_IDLE_SYNCHRONIZATION_STATE, *PPPM_IDLE_SYNCHRONIZATION_STATE;

typedef struct _PROCESSOR_POWER_STATE {
	struct _PPM_IDLE_STATES *IdleStates;
	struct _PROC_IDLE_ACCOUNTING *IdleAccounting;
	ULONGLONG IdleTimeLast;
	ULONGLONG IdleTimeTotal;
	ULONGLONG IdleSequenceNumber;
	ULONGLONG IdleTimeEntry;
	ULONGLONG IdleTimeExpiration;
	UCHAR NonInterruptibleTransition;
	UCHAR PepWokenTransition;
	UCHAR HvTargetState;
	UCHAR SoftParked;
	ULONG TargetIdleState;
	PROC_IDLE_POLICY IdlePolicy;
	PPM_IDLE_SYNCHRONIZATION_STATE Synchronization;
	PROC_FEEDBACK PerfFeedback;
	enum _PROC_HYPERVISOR_STATE Hypervisor;
	ULONG LastSysTime;
	ULONGLONG WmiDispatchPtr;
	LONG WmiInterfaceEnabled;
	PPM_FFH_THROTTLE_STATE_INFO FFHThrottleStateInfo;
	KDPC PerfActionDpc;
	LONG PerfActionMask;
	PROC_IDLE_SNAP HvIdleCheck;
	PROC_PERF_CHECK_CONTEXT CheckContext;
	struct _PPM_CONCURRENCY_ACCOUNTING *Concurrency;
	struct _PPM_CONCURRENCY_ACCOUNTING *ClassConcurrency;
	UCHAR ArchitecturalEfficiencyClass;
	UCHAR PerformanceSchedulingClass;
	UCHAR EfficiencySchedulingClass;
	UCHAR EarlyBootArchitecturalEfficiencyClass;
	UCHAR Parked;
	UCHAR LongPriorQosPeriod;
	union {
		ULONGLONG SnapTimeLast;
		ULONGLONG EnergyConsumed;
	};
	ULONGLONG ActiveTime;
	ULONGLONG TotalTime;
	struct _POP_FX_DEVICE *FxDevice;
	ULONGLONG LastQosTranstionTsc;
	ULONGLONG QosTransitionHysteresis;
	enum _KHETERO_CPU_QOS RequestedQosClass;
	enum _KHETERO_CPU_QOS ResolvedQosClass;
	USHORT QosEquivalencyMask;
	USHORT HwFeedbackTableOffset;
	UCHAR HwFeedbackParkHint;
	UCHAR HeteroCoreType;
	USHORT HwFeedbackTableIndex;
	struct _KHETRO_HWFEEDBACK_TYPE *HwFeedbackClassList;
	struct _PROCESSOR_CYCLES_WORKLOAD_CLASS *EeCyclesWorkloadClassList;
	struct _PROCESSOR_CYCLES_WORKLOAD_CLASS *PerfCyclesWorkloadClassList;
	UCHAR NotUsed;
} PROCESSOR_POWER_STATE, *PPROCESSOR_POWER_STATE;

typedef union _KHETERO_STATE {
	struct {
		UCHAR Qos : 3;
		UCHAR WorkloadClass : 3;
		UCHAR RunningType : 1;
	};
	UCHAR AllFields;
} KHETERO_STATE, *PKHETERO_STATE;

typedef union _KPRIORITY_STATE {
	struct {
		UCHAR Priority : 7;
		UCHAR IsolationWidth : 1;
	};
	UCHAR AllFields;
} KPRIORITY_STATE, *PKPRIORITY_STATE;

typedef struct _KSHARED_READY_QUEUE {
	ULONGLONG Lock;
	ULONG ReadySummary;
	LIST_ENTRY ReadyListHead[32];
	KPRIORITY_STATE RunningSummary[64];
	KHETERO_STATE HeteroRunningSummary[64];
	UCHAR Span;
	UCHAR LowProcIndex;
	UCHAR QueueIndex;
	UCHAR NormalPriorityQueueIndex;
	UCHAR ProcCount;
	UCHAR ScanOwner;
	UCHAR Spare[2];
	ULONGLONG Affinity;
	ULONG ReadyThreadCount;
	ULONGLONG ReadyQueueExpectedRunTime;
} KSHARED_READY_QUEUE, *PKSHARED_READY_QUEUE;

typedef struct _CACHE_DESCRIPTOR {
	UCHAR Level;
	UCHAR Associativity;
	USHORT LineSize;
	ULONG Size;
	enum _PROCESSOR_CACHE_TYPE Type;
} CACHE_DESCRIPTOR, *PCACHE_DESCRIPTOR;

typedef struct _KCLOCK_INCREMENT_TRACE {
	ULONG ActualIncrement;
	ULONG RequestedIncrement;
	ULONGLONG InterruptTime;
	ULONGLONG PerformanceCounter;
	UCHAR OneShot;
} KCLOCK_INCREMENT_TRACE, *PKCLOCK_INCREMENT_TRACE;

typedef struct _KCLOCK_TICK_TRACE {
	ULONGLONG PerformanceCounter;
	ULONGLONG PreInterruptTime;
	ULONGLONG PostInterruptTime;
	ULONGLONG TimeStampCounter;
	UCHAR IsClockOwner;
} KCLOCK_TICK_TRACE, *PKCLOCK_TICK_TRACE;

typedef struct _KCLOCK_TIMER_DEADLINE_ENTRY {
	ULONGLONG DueTime;
	ULONG TolerableDelay;
	union {
		UCHAR TypeFlags;
		struct {
			UCHAR Valid : 1;
			UCHAR NoWake : 1;
			UCHAR Unused : 6;
		};
	};
} KCLOCK_TIMER_DEADLINE_ENTRY, *PKCLOCK_TIMER_DEADLINE_ENTRY;

typedef struct _KCLOCK_TIMER_STATE {
	ULONGLONG NextTickDueTime;
	ULONG TimeIncrement;
	ULONG LastRequestedTimeIncrement;
	enum _KCLOCK_TIMER_ONE_SHOT_STATE OneShotState;
	enum _KCLOCK_TIMER_DEADLINE_TYPE ExpectedWakeReason;
	KCLOCK_TIMER_DEADLINE_ENTRY ClockTimerEntries[7];
	UCHAR ClockActive;
	ULONG ClockTickTraceIndex;
	ULONG ClockIncrementTraceIndex;
	KCLOCK_TICK_TRACE ClockTickTraces[16];
	KCLOCK_INCREMENT_TRACE ClockIncrementTraces[16];
} KCLOCK_TIMER_STATE, *PKCLOCK_TIMER_STATE;

typedef struct _KSOFTWARE_INTERRUPT_BATCH {
	UCHAR Level;
	UCHAR TargetType;
	UCHAR ReservedBatchInProgress;
	UCHAR Spare;
	ULONG SingleTargetIndex;
	KAFFINITY_EX MultipleTargetAffinity;
} KSOFTWARE_INTERRUPT_BATCH, *PKSOFTWARE_INTERRUPT_BATCH;

typedef struct _KENTROPY_TIMING_STATE {
	ULONG EntropyCount;
	ULONG Buffer[64];
	KDPC Dpc;
	ULONG LastDeliveredBuffer;
	PVOID ReservedRawDataBuffer;
} KENTROPY_TIMING_STATE, *PKENTROPY_TIMING_STATE;

typedef struct _FILESYSTEM_DISK_COUNTERS {
	ULONGLONG FsBytesRead;
	ULONGLONG FsBytesWritten;
} FILESYSTEM_DISK_COUNTERS, *PFILESYSTEM_DISK_COUNTERS;

typedef struct _IOP_IRP_STACK_PROFILER {
	ULONG Profile[20];
	ULONG TotalIrps;
} IOP_IRP_STACK_PROFILER, *PIOP_IRP_STACK_PROFILER;

typedef struct _KCORE_CONTROL_BLOCK {
	UCHAR ProcessorCount;
	UCHAR Spare[7];
	struct _KPRCB *Prcbs[8];
} KCORE_CONTROL_BLOCK, *PKCORE_CONTROL_BLOCK;

typedef struct _MACHINE_CHECK_CONTEXT {
	MACHINE_FRAME MachineFrame;
	ULONGLONG Rax;
	ULONGLONG Rcx;
	ULONGLONG Rdx;
	ULONGLONG GsBase;
	ULONGLONG Cr3;
} MACHINE_CHECK_CONTEXT, *PMACHINE_CHECK_CONTEXT;

typedef union _KPRCBFLAG {
	LONG PrcbFlags;
	struct {
		ULONG BamQosLevel : 8;
		ULONG PendingQosUpdate : 2;
		ULONG CacheIsolationEnabled : 1;
		ULONG TracepointActive : 1;
		ULONG LongDpcRunning : 1;
		ULONG PrcbFlagsReserved : 19;
	};
} KPRCBFLAG, *PKPRCBFLAG;

typedef struct _KREQUEST_PACKET {
	PVOID CurrentPacket[3];
	VOID (*WorkerRoutine)(VOID);
} KREQUEST_PACKET, *PKREQUEST_PACKET;

typedef struct _REQUEST_MAILBOX {
	struct _REQUEST_MAILBOX *Next;
	ULONGLONG RequestSummary;
	KREQUEST_PACKET RequestPacket;
	PLONG SubNodeTargetCountAddr;
	LONG SubNodeTargetCount;
} REQUEST_MAILBOX, *PREQUEST_MAILBOX;

typedef struct _KSECURE_FAULT_INFORMATION {
	ULONGLONG FaultCode;
	ULONGLONG FaultVa;
	ULONGLONG FaultPa;
} KSECURE_FAULT_INFORMATION, *PKSECURE_FAULT_INFORMATION;

typedef struct _KSTATIC_AFFINITY_BLOCK {
	union {
		KAFFINITY_EX KeFlushTbAffinity;
		KAFFINITY_EX KeFlushWbAffinity;
		KAFFINITY_EX KeSyncContextAffinity;
	};
	KAFFINITY_EX KeFlushTbDeepIdleAffinity;
	KAFFINITY_EX KeIpiSendAffinity;
	KAFFINITY_EX KeIpiSendIpiSet;
} KSTATIC_AFFINITY_BLOCK, *PKSTATIC_AFFINITY_BLOCK;

typedef struct _SYNCH_COUNTERS {
	ULONG SpinLockAcquireCount;
	ULONG SpinLockContentionCount;
	ULONG SpinLockSpinCount;
	ULONG IpiSendRequestBroadcastCount;
	ULONG IpiSendRequestRoutineCount;
	ULONG IpiSendSoftwareInterruptCount;
	ULONG ExInitializeResourceCount;
	ULONG ExReInitializeResourceCount;
	ULONG ExDeleteResourceCount;
	ULONG ExecutiveResourceAcquiresCount;
	ULONG ExecutiveResourceContentionsCount;
	ULONG ExecutiveResourceReleaseExclusiveCount;
	ULONG ExecutiveResourceReleaseSharedCount;
	ULONG ExecutiveResourceConvertsCount;
	ULONG ExAcqResExclusiveAttempts;
	ULONG ExAcqResExclusiveAcquiresExclusive;
	ULONG ExAcqResExclusiveAcquiresExclusiveRecursive;
	ULONG ExAcqResExclusiveWaits;
	ULONG ExAcqResExclusiveNotAcquires;
	ULONG ExAcqResSharedAttempts;
	ULONG ExAcqResSharedAcquiresExclusive;
	ULONG ExAcqResSharedAcquiresShared;
	ULONG ExAcqResSharedAcquiresSharedRecursive;
	ULONG ExAcqResSharedWaits;
	ULONG ExAcqResSharedNotAcquires;
	ULONG ExAcqResSharedStarveExclusiveAttempts;
	ULONG ExAcqResSharedStarveExclusiveAcquiresExclusive;
	ULONG ExAcqResSharedStarveExclusiveAcquiresShared;
	ULONG ExAcqResSharedStarveExclusiveAcquiresSharedRecursive;
	ULONG ExAcqResSharedStarveExclusiveWaits;
	ULONG ExAcqResSharedStarveExclusiveNotAcquires;
	ULONG ExAcqResSharedWaitForExclusiveAttempts;
	ULONG ExAcqResSharedWaitForExclusiveAcquiresExclusive;
	ULONG ExAcqResSharedWaitForExclusiveAcquiresShared;
	ULONG ExAcqResSharedWaitForExclusiveAcquiresSharedRecursive;
	ULONG ExAcqResSharedWaitForExclusiveWaits;
	ULONG ExAcqResSharedWaitForExclusiveNotAcquires;
	ULONG ExSetResOwnerPointerExclusive;
	ULONG ExSetResOwnerPointerSharedNew;
	ULONG ExSetResOwnerPointerSharedOld;
	ULONG ExTryToAcqExclusiveAttempts;
	ULONG ExTryToAcqExclusiveAcquires;
	ULONG ExBoostExclusiveOwner;
	ULONG ExBoostSharedOwners;
	ULONG ExEtwSynchTrackingNotificationsCount;
	ULONG ExEtwSynchTrackingNotificationsAccountedCount;
} SYNCH_COUNTERS, *PSYNCH_COUNTERS;

typedef struct _KTIMER_EXPIRATION_TRACE {
	ULONGLONG InterruptTime;
	LARGE_INTEGER PerformanceCounter;
} KTIMER_EXPIRATION_TRACE, *PKTIMER_EXPIRATION_TRACE;

typedef struct {
	ULONG UpdateCycle;
	union {
		SHORT PairLocal;
		struct {
			UCHAR PairLocalLow;
			UCHAR PairLocalForceStibp : 1;
			UCHAR Reserved : 4;
			UCHAR Frozen : 1;
			UCHAR ForceUntrusted : 1;
			UCHAR SynchIpi : 1;
		};
	};
	union {
		SHORT PairRemote;
		struct {
			UCHAR PairRemoteLow;
			UCHAR Reserved2;
		};
	};
	UCHAR Trace[24];
	ULONGLONG LocalDomain;
	ULONGLONG RemoteDomain;
	struct _KTHREAD *Thread;
} KPRCB_STIBP_PAIRING_TRACE;

typedef struct _KPRCB {
	ULONG MxCsr;
	UCHAR LegacyNumber;
	UCHAR ReservedMustBeZero;
	UCHAR InterruptRequest;
	UCHAR IdleHalt;
	struct _KTHREAD *CurrentThread;
	struct _KTHREAD *NextThread;
	struct _KTHREAD *IdleThread;
	UCHAR NestingLevel;
	UCHAR ClockOwner;
	union {
		UCHAR PendingTickFlags;
		struct {
			UCHAR PendingTick : 1;
			UCHAR PendingBackupTick : 1;
		};
	};
	UCHAR IdleState;
	ULONG Number;
	ULONGLONG RspBase;
	ULONGLONG PrcbLock;
	union _KPRIORITY_STATE *PriorityState;
	CHAR CpuType;
	CHAR CpuID;
	union {
		USHORT CpuStep;
		struct {
			UCHAR CpuStepping;
			UCHAR CpuModel;
		};
	};
	ULONG MHz;
	ULONGLONG HalReserved[8];
	USHORT MinorVersion;
	USHORT MajorVersion;
	UCHAR BuildType;
	UCHAR CpuVendor;
	UCHAR LegacyCoresPerPhysicalProcessor;
	UCHAR LegacyLogicalProcessorsPerCore;
	ULONGLONG TscFrequency;
	struct _KPRCB_TRACEPOINT_LOG *TracepointLog;
	ULONG CoresPerPhysicalProcessor;
	ULONG LogicalProcessorsPerCore;
	ULONGLONG PrcbPad04[3];
	struct _KSCHEDULER_SUBNODE *SchedulerSubNode;
	ULONGLONG GroupSetMember;
	UCHAR Group;
	UCHAR GroupIndex;
	UCHAR PrcbPad05[2];
	ULONG InitialApicId;
	ULONG ScbOffset;
	ULONG ApicMask;
	PVOID AcpiReserved;
	ULONG CFlushSize;
	KPRCBFLAG PrcbFlags;
	union {
		struct {
			ULONGLONG TrappedSecurityDomain;
			union {
				UCHAR BpbState;
				struct {
					UCHAR BpbCpuIdle : 1;
					UCHAR BpbFlushRsbOnTrap : 1;
					UCHAR BpbIbpbOnReturn : 1;
					UCHAR BpbIbpbOnTrap : 1;
					UCHAR BpbIbpbOnRetpolineExit : 1;
					UCHAR BpbFlushRsbOnReturn : 1;
					UCHAR BpbFlushRsbOnRetpolineExit : 1;
					UCHAR BpbStateReserved : 1;
				};
			};
			union {
				UCHAR BpbFeatures;
				struct {
					UCHAR BpbClearOnIdle : 1;
					UCHAR BpbEnabled : 1;
					UCHAR BpbSmep : 1;
					UCHAR BpbKCet : 1;
					UCHAR BpbFeaturesReserved : 4;
				};
			};
			UCHAR BpbCurrentSpecCtrl;
			UCHAR BpbKernelSpecCtrl;
			UCHAR BpbNmiSpecCtrl;
			UCHAR BpbUserSpecCtrl;
			SHORT PairRegister;
		};
		ULONGLONG PrcbPad11[2];
	};
	KPROCESSOR_STATE ProcessorState;
	struct _XSAVE_AREA_HEADER *ExtendedSupervisorState;
	ULONG ProcessorSignature;
	ULONG ProcessorFlags;
	union {
		struct {
			UCHAR BpbRetpolineExitSpecCtrl;
			UCHAR BpbTrappedRetpolineExitSpecCtrl;
			union {
				UCHAR BpbTrappedBpbState;
				struct {
					UCHAR BpbTrappedCpuIdle : 1;
					UCHAR BpbTrappedFlushRsbOnTrap : 1;
					UCHAR BpbTrappedIbpbOnReturn : 1;
					UCHAR BpbTrappedIbpbOnTrap : 1;
					UCHAR BpbTrappedIbpbOnRetpolineExit : 1;
					UCHAR BpbTrappedFlushRsbOnReturn : 1;
					UCHAR BpbTrappedFlushRsbOnRetpolineExit : 1;
					UCHAR BpbTrappedBpbStateReserved : 1;
				};
			};
			union {
				UCHAR BpbRetpolineState;
				struct {
					UCHAR BpbRunningNonRetpolineCode : 1;
					UCHAR BpbIndirectCallsSafe : 1;
					UCHAR BpbRetpolineEnabled : 1;
					UCHAR BpbRetpolineStateReserved : 5;
				};
			};
			ULONG PrcbPad12b;
		};
		ULONGLONG PrcbPad12a;
	};
	ULONGLONG PrcbPad12[3];
	KSPIN_LOCK_QUEUE LockQueue[17];
	PP_LOOKASIDE_LIST PPLookasideList[16];
	GENERAL_LOOKASIDE_POOL PPNxPagedLookasideList[32];
	GENERAL_LOOKASIDE_POOL PPNPagedLookasideList[32];
	GENERAL_LOOKASIDE_POOL PPPagedLookasideList[32];
	ULONGLONG MsrIa32TsxCtrl;
	SINGLE_LIST_ENTRY DeferredReadyListHead;
	LONG MmPageFaultCount;
	LONG MmCopyOnWriteCount;
	LONG MmTransitionCount;
	LONG MmDemandZeroCount;
	LONG MmPageReadCount;
	LONG MmPageReadIoCount;
	LONG MmDirtyPagesWriteCount;
	LONG MmDirtyWriteIoCount;
	LONG MmMappedPagesWriteCount;
	LONG MmMappedWriteIoCount;
	ULONG KeSystemCalls;
	ULONG KeContextSwitches;
	ULONG PrcbPad40;
	ULONG CcFastReadNoWait;
	ULONG CcFastReadWait;
	ULONG CcFastReadNotPossible;
	ULONG CcCopyReadNoWait;
	ULONG CcCopyReadWait;
	ULONG CcCopyReadNoWaitMiss;
	LONG IoReadOperationCount;
	LONG IoWriteOperationCount;
	LONG IoOtherOperationCount;
	LARGE_INTEGER IoReadTransferCount;
	LARGE_INTEGER IoWriteTransferCount;
	LARGE_INTEGER IoOtherTransferCount;
	LONG PacketBarrier;
	LONG TargetCount;
	ULONG IpiFrozen;
	ULONG PrcbPad30;
	PVOID IsrDpcStats;
	ULONG DeviceInterrupts;
	LONG LookasideIrpFloat;
	ULONG InterruptLastCount;
	ULONG InterruptRate;
	ULONGLONG PrcbPad31;
	struct _KPRCB *PairPrcb;
	KSTATIC_AFFINITY_BLOCK StaticAffinity;
	KSOFTWARE_INTERRUPT_BATCH DeferredDispatchInterrupts;
	ULONGLONG PrcbPad35[3];
	SLIST_HEADER InterruptObjectPool;
	struct _RTL_HASH_TABLE *DpcRuntimeHistoryHashTable;
	struct _KDPC *DpcRuntimeHistoryHashTableCleanupDpc;
	PKDEFERRED_ROUTINE CurrentDpcRoutine;
	ULONGLONG CurrentDpcRuntimeHistoryCached;
	ULONGLONG CurrentDpcStartTime;
	struct _KTHREAD *DpcDelegateThread;
	KDPC_DATA DpcData[2];
	PVOID DpcStack;
	LONG MaximumDpcQueueDepth;
	ULONG DpcRequestRate;
	ULONG MinimumDpcRate;
	ULONG DpcLastCount;
	UCHAR ThreadDpcEnable;
	UCHAR QuantumEnd;
	UCHAR DpcRoutineActive;
	UCHAR IdleSchedule;
	union {
		LONG DpcRequestSummary;
		SHORT DpcRequestSlot[2];
		struct {
			SHORT NormalDpcState;
			SHORT ThreadDpcState;
		};
		struct {
			ULONG DpcNormalProcessingActive : 1;
			ULONG DpcNormalProcessingRequested : 1;
			ULONG DpcNormalThreadSignal : 1;
			ULONG DpcNormalTimerExpiration : 1;
			ULONG DpcNormalDpcPresent : 1;
			ULONG DpcNormalLocalInterrupt : 1;
			ULONG DpcNormalPriorityAntiStarvation : 1;
			ULONG DpcNormalSwapToDpcDelegate : 1;
			ULONG DpcNormalSpare : 8;
			ULONG DpcThreadActive : 1;
			ULONG DpcThreadRequested : 1;
			ULONG DpcThreadSpare : 14;
		};
	};
	ULONG LastTick;
	ULONG ClockInterrupts;
	ULONG ReadyScanTick;
	ULONG SingleDpcSoftTimeLimitTicks;
	struct _KSINGLE_DPC_SOFT_TIMEOUT_EVENT_INFO *SingleDpcSoftTimeoutEventInfo;
	ULONG CumulativeDpcSoftTimeLimitTicks;
	ULONG PrcbPad93[9];
	PVOID InterruptObject[256];
	KTIMER_TABLE TimerTable;
	ULONG PrcbPad92[10];
	KGATE DpcGate;
	PVOID PrcbPad52;
	KDPC CallDpc;
	LONG ClockKeepAlive;
	UCHAR PrcbPad60[2];
	union {
		USHORT CombinedNmiMceActive;
		struct {
			UCHAR NmiActive;
			UCHAR MceActive;
		};
	};
	LONG DpcWatchdogPeriodTicks;
	LONG DpcWatchdogCount;
	LONG KeSpinLockOrdering;
	ULONG DpcWatchdogProfileCumulativeDpcThresholdTicks;
	PVOID CachedPtes;
	LIST_ENTRY WaitListHead;
	ULONGLONG WaitLock;
	ULONG ReadySummary;
	LONG AffinitizedSelectionMask;
	ULONG QueueIndex;
	ULONG NormalPriorityQueueIndex;
	ULONG NormalPriorityReadyScanTick;
	ULONG DpcWatchdogSequenceNumber;
	KDPC TimerExpirationDpc;
	RTL_RB_TREE ScbQueue;
	LIST_ENTRY DispatcherReadyListHead[32];
	ULONG InterruptCount;
	ULONG KernelTime;
	ULONG UserTime;
	ULONG DpcTime;
	ULONG InterruptTime;
	ULONG AdjustDpcThreshold;
	UCHAR DebuggerSavedIRQL;
	UCHAR GroupSchedulingOverQuota;
	UCHAR DeepSleep;
	UCHAR PrcbPad80;
	ULONG DpcTimeCount;
	ULONG DpcTimeLimitTicks;
	ULONG PeriodicCount;
	ULONG PeriodicBias;
	ULONG AvailableTime;
	ULONG KeExceptionDispatchCount;
	ULONG ReadyThreadCount;
	ULONGLONG ReadyQueueExpectedRunTime;
	ULONGLONG StartCycles;
	ULONGLONG TaggedCycles[4];
	ULONGLONG AffinitizedCycles;
	PULONGLONG CyclesByThreadType;
	ULONG CpuCycleScalingFactor;
	USHORT PerformanceScoreByClass[8];
	USHORT EfficiencyScoreByClass[8];
	ULONG PrcbPad83[25];
	ULONG DpcWatchdogProfileSingleDpcThresholdTicks;
	LONG PrcbPad82;
	PVOID CachedStack;
	ULONG PageColor;
	ULONG NodeColor;
	ULONG NodeShiftedColor;
	ULONG SecondaryColorMask;
	UCHAR PrcbPad81[5];
	UCHAR SystemWorkKickInProgress;
	UCHAR ExceptionStackActive;
	UCHAR TbFlushListActive;
	PVOID ExceptionStack;
	LONGLONG MmSpinLockOrdering;
	ULONGLONG CycleTime;
	ULONGLONG Cycles[4][2];
	ULONG CcFastMdlReadNoWait;
	ULONG CcFastMdlReadWait;
	ULONG CcFastMdlReadNotPossible;
	ULONG CcMapDataNoWait;
	ULONG CcMapDataWait;
	ULONG CcPinMappedDataCount;
	ULONG CcPinReadNoWait;
	ULONG CcPinReadWait;
	ULONG CcMdlReadNoWait;
	ULONG CcMdlReadWait;
	ULONG CcLazyWriteHotSpots;
	ULONG CcLazyWriteIos;
	ULONG CcLazyWritePages;
	ULONG CcDataFlushes;
	ULONG CcDataPages;
	ULONG CcLostDelayedWrites;
	ULONG CcFastReadResourceMiss;
	ULONG CcCopyReadWaitMiss;
	ULONG CcFastMdlReadResourceMiss;
	ULONG CcMapDataNoWaitMiss;
	ULONG CcMapDataWaitMiss;
	ULONG CcPinReadNoWaitMiss;
	ULONG CcPinReadWaitMiss;
	ULONG CcMdlReadNoWaitMiss;
	ULONG CcMdlReadWaitMiss;
	ULONG CcReadAheadIos;
	LONG MmCacheTransitionCount;
	LONG MmCacheReadCount;
	LONG MmCacheIoCount;
	ULONG PrcbPad91;
	PVOID MmInternal;
	PROCESSOR_POWER_STATE PowerState;
	ULONGLONG PrcbPad96[2];
	PVOID HyperPte;
	LIST_ENTRY ScbList;
	KDPC ForceIdleDpc;
	KDPC DpcWatchdogDpc;
	KTIMER DpcWatchdogTimer;
	CACHE_DESCRIPTOR Cache[5];
	ULONG CacheCount;
	ULONG CachedCommit;
	ULONG CachedResidentAvailable;
	PVOID WheaInfo;
	PVOID EtwSupport;
	PVOID ExSaPageArray;
	ULONG KeAlignmentFixupCount;
	ULONG PrcbPad95;
	SLIST_HEADER HypercallPageList;
	PULONGLONG StatisticsPage;
	ULONGLONG GenerationTarget;
	ULONGLONG PrcbPad85[4];
	PVOID HypercallCachedPages;
	PVOID VirtualApicAssist;
	KAFFINITY_EX PackageProcessorSet;
	ULONG PackageId;
	ULONG DieId;
	ULONG PrcbPad87[8];
	ULONGLONG SharedReadyQueueMask;
	struct _KSHARED_READY_QUEUE *SharedReadyQueue;
	ULONG SharedQueueScanOwner;
	ULONG ScanSiblingIndex;
	struct _KCORE_CONTROL_BLOCK *CoreControlBlock;
	ULONGLONG CoreProcessorSet;
	ULONGLONG ScanSiblingMask;
	ULONGLONG LLCMask;
	ULONGLONG GroupModuleProcessorSet;
	ULONGLONG PrcbPad97[3];
	struct _PROCESSOR_PROFILE_CONTROL_AREA *ProcessorProfileControlArea;
	PVOID ProfileEventIndexAddress;
	PVOID *DpcWatchdogProfile;
	PVOID *DpcWatchdogProfileCurrentEmptyCapture;
	PVOID SchedulerAssist;
	SYNCH_COUNTERS SynchCounters;
	ULONGLONG PrcbPad94;
	FILESYSTEM_DISK_COUNTERS FsCounters;
	UCHAR VendorString[13];
	UCHAR PrcbPad100[3];
	ULONGLONG FeatureBits;
	LARGE_INTEGER UpdateSignature;
	ULONGLONG PteBitCache;
	ULONG PteBitOffset;
	ULONG PrcbPad105;
	struct _CONTEXT *Context;
	ULONG ContextFlagsInit;
	ULONG PrcbPad115;
	struct _XSAVE_AREA *ExtendedState;
	PVOID IsrStack;
	KENTROPY_TIMING_STATE EntropyTimingState;
	KPRCB_STIBP_PAIRING_TRACE StibpPairingTrace;
	SINGLE_LIST_ENTRY AbSelfIoBoostsList;
	SINGLE_LIST_ENTRY AbPropagateBoostsList;
	KDPC AbDpc;
	IOP_IRP_STACK_PROFILER IoIrpStackProfilerCurrent;
	IOP_IRP_STACK_PROFILER IoIrpStackProfilerPrevious;
	KSECURE_FAULT_INFORMATION SecureFault;
	KSHARED_READY_QUEUE LocalSharedReadyQueue;
	ULONGLONG PrcbPad125[2];
	ULONG TimerExpirationTraceCount;
	ULONG PrcbPad127;
	KTIMER_EXPIRATION_TRACE TimerExpirationTrace[16];
	ULONGLONG PrcbPad128[7];
	KCLOCK_TIMER_STATE ClockTimerState;
	UCHAR PrcbPad129[40];
	struct _REQUEST_MAILBOX *Mailbox;
	ULONGLONG PrcbPad130[7];
	MACHINE_CHECK_CONTEXT McheckContext[2];
	ULONGLONG TransitionShadowStack;
	ULONGLONG KernelShadowStackInitial;
	PULONGLONG IstShadowStacksTable;
	PVOID CachedShadowStack;
	KLOCK_QUEUE_HANDLE SelfmapLockHandle[4];
	ULONGLONG PrcbPad134a[4];
	KAFFINITY_EX DieProcessorSet;
	ULONG CoresPerPhysicalDie;
	ULONG LogicalProcessorsPerModule;
	KDPC FreezeForRecoveryDpc;
	KAFFINITY_EX ModuleProcessorSet;
	KCORE_CONTROL_BLOCK LocalCoreControlBlock;
	UCHAR PrcbPad138[1120];
	UCHAR PrcbPad138a[64];
	ULONGLONG KernelDirectoryTableBase;
	ULONGLONG RspBaseShadow;
	ULONGLONG UserRspShadow;
	ULONG ShadowFlags;
	ULONG PrcbPad138b;
	ULONGLONG PrcbPad138c;
	USHORT PrcbPad138d;
	USHORT VerwSelector;
	ULONG DbgMceNestingLevel;
	ULONG DbgMceFlags;
	ULONG PrcbPad139b;
	KAFFINITY_EX CacheProcessorSet[5];
	ULONGLONG PrcbPad140[340];
	ULONGLONG PrcbPad140a[8];
	ULONGLONG PrcbPad141[504];
	UCHAR PrcbPad141a[64];
	REQUEST_MAILBOX RequestMailbox[1];
} KPRCB, *PKPRCB;

typedef struct _KPCR {
	union {
		NT_TIB NtTib;
		struct {
			union _KGDTENTRY64 *GdtBase;
			struct _KTSS64 *TssBase;
			ULONGLONG UserRsp;
			struct _KPCR *Self;
			struct _KPRCB *CurrentPrcb;
			struct _KSPIN_LOCK_QUEUE *LockArray;
			PVOID Used_Self;
		};
	};
	union _KIDTENTRY64 *IdtBase;
	ULONGLONG Unused[2];
	UCHAR Irql;
	UCHAR SecondLevelCacheAssociativity;
	UCHAR ObsoleteNumber;
	UCHAR Fill0;
	ULONG Unused0[3];
	USHORT MajorVersion;
	USHORT MinorVersion;
	ULONG StallScaleFactor;
	PVOID Unused1[3];
	ULONG KernelReserved[15];
	ULONG SecondLevelCacheSize;
	ULONG HalReserved[16];
	ULONG Unused2;
	PVOID KdVersionBlock;
	PVOID Unused3;
	ULONG PcrAlign1[24];
	KPRCB Prcb;
} KPCR, *PKPCR;
