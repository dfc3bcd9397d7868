/* Enumerations of build 22621, with all their values. */

#pragma once

typedef enum _KINTERRUPT_MODE {
	LevelSensitive,
	Latched,
} KINTERRUPT_MODE, *PKINTERRUPT_MODE;

typedef enum _KINTERRUPT_POLARITY {
	InterruptPolarityUnknown,
	InterruptActiveHigh,
	InterruptRisingEdge = 1,
	InterruptActiveLow,
	InterruptFallingEdge = 2,
	InterruptActiveBoth,
	InterruptActiveBothTriggerLow = 3,
	InterruptActiveBothTriggerHigh,
} KINTERRUPT_POLARITY, *PKINTERRUPT_POLARITY;

typedef enum _EXQUEUEINDEX {
	ExPoolUntrusted,
	IoPoolUntrusted,
	ExPoolMax = 8,
} EXQUEUEINDEX, *PEXQUEUEINDEX;

typedef enum _POOL_TYPE {
	NonPagedPool,
	NonPagedPoolBase = 0,
	NonPagedPoolExecute = 0,
	PagedPool,
	NonPagedPoolBaseMustSucceed,
	NonPagedPoolMustSucceed = 2,
	DontUseThisType,
	NonPagedPoolBaseCacheAligned,
	NonPagedPoolCacheAligned = 4,
	PagedPoolCacheAligned,
	NonPagedPoolBaseCacheAlignedMustS,
	NonPagedPoolCacheAlignedMustS = 6,
	MaxPoolType,
	NonPagedPoolSession = 32,
	PagedPoolSession,
	NonPagedPoolMustSucceedSession,
	DontUseThisTypeSession,
	NonPagedPoolCacheAlignedSession,
	PagedPoolCacheAlignedSession,
	NonPagedPoolCacheAlignedMustSSession,
	NonPagedPoolNx = 512,
	NonPagedPoolNxCacheAligned = 516,
	NonPagedPoolSessionNx = 544,
} POOL_TYPE, *PPOOL_TYPE;

typedef enum _SECURITY_IMPERSONATION_LEVEL {
	SecurityAnonymous,
	SecurityIdentification,
	SecurityImpersonation,
	SecurityDelegation,
} SECURITY_IMPERSONATION_LEVEL, *PSECURITY_IMPERSONATION_LEVEL;

typedef enum _PROC_HYPERVISOR_STATE {
	ProcHypervisorNone,
	ProcHypervisorPresent,
	ProcHypervisorPower,
	ProcHypervisorHvCounters,
} PROC_HYPERVISOR_STATE, *PPROC_HYPERVISOR_STATE;

typedef enum _KHETERO_CPU_QOS {
	KHeteroCpuQosDefault,
	KHeteroCpuQosHigh = 0,
	KHeteroCpuQosMedium,
	KHeteroCpuQosLow,
	KHeteroCpuQosMultimedia,
	KHeteroCpuQosDeadline,
	KHeteroCpuQosEco,
	KHeteroCpuQosDynamic,
	KHeteroCpuQosMax = 6,
} KHETERO_CPU_QOS, *PKHETERO_CPU_QOS;

typedef enum _PROCESSOR_CACHE_TYPE {
	CacheUnified,
	CacheInstruction,
	CacheData,
	CacheTrace,
} PROCESSOR_CACHE_TYPE, *PPROCESSOR_CACHE_TYPE;

typedef enum _KCLOCK_TIMER_DEADLINE_TYPE {
	KClockTimerKTimerExpirationNonHr,
	KClockTimerKTimerExpirationPseudoHr,
	KClockTimerKTimer2ExpirationHr,
	KClockTimerKTimersMax = 2,
	KClockTimerQuantumEnd,
	KClockTimerGroupSchedulingGenerationEnd,
	KClockTimerIdlePromotion,
	KClockTimerBamQosHysteresisEnd,
	KClockTimerMax,
} KCLOCK_TIMER_DEADLINE_TYPE, *PKCLOCK_TIMER_DEADLINE_TYPE;

typedef enum _KCLOCK_TIMER_ONE_SHOT_STATE {
	KClockTimerOneShotUnarmed,
	KClockTimerOneShotArmed,
	KClockTimerOneShotRearmRequired,
	KClockTimerOneShotInvalid,
} KCLOCK_TIMER_ONE_SHOT_STATE, *PKCLOCK_TIMER_ONE_SHOT_STATE;

typedef enum _DEVICE_POWER_STATE {
	PowerDeviceUnspecified,
	PowerDeviceD0,
	PowerDeviceD1,
	PowerDeviceD2,
	PowerDeviceD3,
	PowerDeviceMaximum,
} DEVICE_POWER_STATE, *PDEVICE_POWER_STATE;

typedef enum _SYSTEM_POWER_STATE {
	PowerSystemUnspecified,
	PowerSystemWorking,
	PowerSystemSleeping1,
	PowerSystemSleeping2,
	PowerSystemSleeping3,
	PowerSystemHibernate,
	PowerSystemShutdown,
	PowerSystemMaximum,
} SYSTEM_POWER_STATE, *PSYSTEM_POWER_STATE;

typedef enum _DIRECTORY_NOTIFY_INFORMATION_CLASS {
	DirectoryNotifyInformation = 1,
	DirectoryNotifyExtendedInformation,
} DIRECTORY_NOTIFY_INFORMATION_CLASS, *PDIRECTORY_NOTIFY_INFORMATION_CLASS;

typedef enum POWER_ACTION {
	PowerActionNone,
	PowerActionReserved,
	PowerActionSleep,
	PowerActionHibernate,
	PowerActionShutdown,
	PowerActionShutdownReset,
	PowerActionShutdownOff,
	PowerActionWarmEject,
	PowerActionDisplayOff,
} POWER_ACTION;

typedef enum _POWER_STATE_TYPE {
	SystemPowerState,
	DevicePowerState,
} POWER_STATE_TYPE, *PPOWER_STATE_TYPE;

typedef enum _DEVICE_RELATION_TYPE {
	BusRelations,
	EjectionRelations,
	PowerRelations,
	RemovalRelations,
	TargetDeviceRelation,
	SingleBusRelations,
	TransportRelations,
} DEVICE_RELATION_TYPE, *PDEVICE_RELATION_TYPE;

typedef enum DEVICE_TEXT_TYPE {
	DeviceTextDescription,
	DeviceTextLocationInformation,
} DEVICE_TEXT_TYPE;

typedef enum _FILE_INFORMATION_CLASS {
	FileDirectoryInformation = 1,
	FileFullDirectoryInformation,
	FileBothDirectoryInformation,
	FileBasicInformation,
	FileStandardInformation,
	FileInternalInformation,
	FileEaInformation,
	FileAccessInformation,
	FileNameInformation,
	FileRenameInformation,
	FileLinkInformation,
	FileNamesInformation,
	FileDispositionInformation,
	FilePositionInformation,
	FileFullEaInformation,
	FileModeInformation,
	FileAlignmentInformation,
	FileAllInformation,
	FileAllocationInformation,
	FileEndOfFileInformation,
	FileAlternateNameInformation,
	FileStreamInformation,
	FilePipeInformation,
	FilePipeLocalInformation,
	FilePipeRemoteInformation,
	FileMailslotQueryInformation,
	FileMailslotSetInformation,
	FileCompressionInformation,
	FileObjectIdInformation,
	FileCompletionInformation,
	FileMoveClusterInformation,
	FileQuotaInformation,
	FileReparsePointInformation,
	FileNetworkOpenInformation,
	FileAttributeTagInformation,
	FileTrackingInformation,
	FileIdBothDirectoryInformation,
	FileIdFullDirectoryInformation,
	FileValidDataLengthInformation,
	FileShortNameInformation,
	FileIoCompletionNotificationInformation,
	FileIoStatusBlockRangeInformation,
	FileIoPriorityHintInformation,
	FileSfioReserveInformation,
	FileSfioVolumeInformation,
	FileHardLinkInformation,
	FileProcessIdsUsingFileInformation,
	FileNormalizedNameInformation,
	FileNetworkPhysicalNameInformation,
	FileIdGlobalTxDirectoryInformation,
	FileIsRemoteDeviceInformation,
	FileUnusedInformation,
	FileNumaNodeInformation,
	FileStandardLinkInformation,
	FileRemoteProtocolInformation,
	FileRenameInformationBypassAccessCheck,
	FileLinkInformationBypassAccessCheck,
	FileVolumeNameInformation,
	FileIdInformation,
	FileIdExtdDirectoryInformation,
	FileReplaceCompletionInformation,
	FileHardLinkFullIdInformation,
	FileIdExtdBothDirectoryInformation,
	FileDispositionInformationEx,
	FileRenameInformationEx,
	FileRenameInformationExBypassAccessCheck,
	FileDesiredStorageClassInformation,
	FileStatInformation,
	FileMemoryPartitionInformation,
	FileStatLxInformation,
	FileCaseSensitiveInformation,
	FileLinkInformationEx,
	FileLinkInformationExBypassAccessCheck,
	FileStorageReserveIdInformation,
	FileCaseSensitiveInformationForceAccessCheck,
	FileKnownFolderInformation,
	FileMaximumInformation,
} FILE_INFORMATION_CLASS, *PFILE_INFORMATION_CLASS;

typedef enum BUS_QUERY_ID_TYPE {
	BusQueryDeviceID,
	BusQueryHardwareIDs,
	BusQueryCompatibleIDs,
	BusQueryInstanceID,
	BusQueryDeviceSerialNumber,
	BusQueryContainerID,
} BUS_QUERY_ID_TYPE;

typedef enum _FSINFOCLASS {
	FileFsVolumeInformation = 1,
	FileFsLabelInformation,
	FileFsSizeInformation,
	FileFsDeviceInformation,
	FileFsAttributeInformation,
	FileFsControlInformation,
	FileFsFullSizeInformation,
	FileFsObjectIdInformation,
	FileFsDriverPathInformation,
	FileFsVolumeFlagsInformation,
	FileFsSectorSizeInformation,
	FileFsDataCopyInformation,
	FileFsMetadataSizeInformation,
	FileFsFullSizeInformationEx,
	FileFsMaximumInformation,
} FSINFOCLASS, *PFSINFOCLASS;

typedef enum _DEVICE_USAGE_NOTIFICATION_TYPE {
	DeviceUsageTypeUndefined,
	DeviceUsageTypePaging,
	DeviceUsageTypeHibernation,
	DeviceUsageTypeDumpFile,
	DeviceUsageTypeBoot,
	DeviceUsageTypePostDisplay,
	DeviceUsageTypeGuestAssigned,
} DEVICE_USAGE_NOTIFICATION_TYPE, *PDEVICE_USAGE_NOTIFICATION_TYPE;

typedef enum _LDR_HOT_PATCH_STATE {
	LdrHotPatchBaseImage,
	LdrHotPatchNotApplied,
	LdrHotPatchAppliedReverse,
	LdrHotPatchAppliedForward,
	LdrHotPatchFailedToPatch,
	LdrHotPatchStateMax,
} LDR_HOT_PATCH_STATE, *PLDR_HOT_PATCH_STATE;

typedef enum _LDR_DLL_LOAD_REASON {
	LoadReasonUnknown = -1,
	LoadReasonStaticDependency,
	LoadReasonStaticForwarderDependency,
	LoadReasonDynamicForwarderDependency,
	LoadReasonDelayloadDependency,
	LoadReasonDynamicLoad,
	LoadReasonAsImageLoad,
	LoadReasonAsDataLoad,
	LoadReasonEnclavePrimary,
	LoadReasonEnclaveDependency,
	LoadReasonPatchImage,
} LDR_DLL_LOAD_REASON, *PLDR_DLL_LOAD_REASON;

typedef enum _ALTERNATIVE_ARCHITECTURE_TYPE {
	StandardDesign,
	NEC98x86,
	EndAlternatives,
} ALTERNATIVE_ARCHITECTURE_TYPE, *PALTERNATIVE_ARCHITECTURE_TYPE;

typedef enum _NT_PRODUCT_TYPE {
	NtProductWinNt = 1,
	NtProductLanManNt,
	NtProductServer,
} NT_PRODUCT_TYPE, *PNT_PRODUCT_TYPE;

typedef enum _KWAIT_REASON {
	Executive,
	FreePage,
	PageIn,
	PoolAllocation,
	DelayExecution,
	Suspended,
	UserRequest,
	WrExecutive,
	WrFreePage,
	WrPageIn,
	WrPoolAllocation,
	WrDelayExecution,
	WrSuspended,
	WrUserRequest,
	WrSpare0,
	WrQueue,
	WrLpcReceive,
	WrLpcReply,
	WrVirtualMemory,
	WrPageOut,
	WrRendezvous,
	WrKeyedEvent,
	WrTerminated,
	WrProcessInSwap,
	WrCpuRateControl,
	WrCalloutStack,
	WrKernel,
	WrResource,
	WrPushLock,
	WrMutex,
	WrQuantumEnd,
	WrDispatchInt,
	WrPreempted,
	WrYieldExecution,
	WrFastMutex,
	WrGuardedMutex,
	WrRundown,
	WrAlertByThreadId,
	WrDeferredPreempt,
	WrPhysicalFault,
	WrIoRing,
	MaximumWaitReason,
} KWAIT_REASON, *PKWAIT_REASON;

typedef enum _EVENT_TYPE {
	NotificationEvent,
	SynchronizationEvent,
} EVENT_TYPE, *PEVENT_TYPE;

typedef enum _KTHREAD_STATE {
	Initialized,
	Ready,
	Running,
	Standby,
	Terminated,
	Waiting,
	Transition,
	DeferredReady,
	GateWaitObsolete,
	WaitingForProcessInSwap,
} KTHREAD_STATE, *PKTHREAD_STATE;

typedef enum _KOBJECTS {
	EventNotificationObject,
	EventSynchronizationObject,
	MutantObject,
	ProcessObject,
	QueueObject,
	SemaphoreObject,
	ThreadObject,
	GateObject,
	TimerNotificationObject,
	TimerSynchronizationObject,
	Spare2Object,
	Spare3Object,
	Spare4Object,
	Spare5Object,
	Spare6Object,
	Spare7Object,
	Spare8Object,
	ProfileCallbackObject,
	ApcObject,
	DpcObject,
	DeviceQueueObject,
	PriQueueObject,
	InterruptObject,
	ProfileObject,
	Timer2NotificationObject,
	Timer2SynchronizationObject,
	ThreadedDpcObject,
	MaximumKernelObject,
} KOBJECTS, *PKOBJECTS;

typedef enum _MODE {
	KernelMode,
	UserMode,
	MaximumMode,
} MODE, *PMODE;

typedef enum _MEMORY_CACHING_TYPE {
	MmNotMapped = -1,
	MmNonCached,
	MmCached,
	MmWriteCombined,
	MmHardwareCoherentCached,
	MmNonCachedUnordered,
	MmUSWCCached,
	MmMaximumCacheType,
} MEMORY_CACHING_TYPE, *PMEMORY_CACHING_TYPE;

typedef enum _LOCK_OPERATION {
	IoReadAccess,
	IoWriteAccess,
	IoModifyAccess,
} LOCK_OPERATION, *PLOCK_OPERATION;

typedef enum _SECURITY_OPERATION_CODE {
	SetSecurityDescriptor,
	QuerySecurityDescriptor,
	DeleteSecurityDescriptor,
	AssignSecurityDescriptor,
} SECURITY_OPERATION_CODE, *PSECURITY_OPERATION_CODE;

typedef enum _OB_OPEN_REASON {
	ObCreateHandle,
	ObOpenHandle,
	ObDuplicateHandle,
	ObInheritHandle,
	ObMaxOpenReason,
} OB_OPEN_REASON, *POB_OPEN_REASON;

typedef enum _IO_PRIORITY_HINT {
	IoPriorityVeryLow,
	IoPriorityLow,
	IoPriorityNormal,
	IoPriorityHigh,
	IoPriorityCritical,
	MaxIoPriorityTypes,
} IO_PRIORITY_HINT, *PIO_PRIORITY_HINT;

typedef enum _KPROCESS_STATE {
	ProcessInMemory,
	ProcessOutOfMemory,
	ProcessInTransition,
	ProcessOutTransition,
	ProcessInSwap,
	ProcessOutSwap,
	ProcessRetryOutSwap,
	ProcessAllSwapStates,
} KPROCESS_STATE, *PKPROCESS_STATE;

typedef enum _EX_POOL_PRIORITY {
	LowPoolPriority,
	LowPoolPrioritySpecialPoolOverrun = 8,
	LowPoolPrioritySpecialPoolUnderrun,
	NormalPoolPriority = 16,
	NormalPoolPrioritySpecialPoolOverrun = 24,
	NormalPoolPrioritySpecialPoolUnderrun,
	HighPoolPriority = 32,
	HighPoolPrioritySpecialPoolOverrun = 40,
	HighPoolPrioritySpecialPoolUnderrun,
} EX_POOL_PRIORITY, *PEX_POOL_PRIORITY;

typedef enum _MMLISTS {
	ZeroedPageList,
	FreePageList,
	StandbyPageList,
	ModifiedPageList,
	ModifiedNoWritePageList,
	BadPageList,
	ActiveAndValid,
	TransitionPage,
} MMLISTS, *PMMLISTS;

typedef enum _OBJECT_INFORMATION_CLASS {
	ObjectBasicInformation,
	ObjectNameInformation,
	ObjectTypeInformation,
	ObjectTypesInformation,
	ObjectHandleFlagInformation,
	ObjectSessionInformation,
	ObjectSessionObjectInformation,
	MaxObjectInfoClass,
} OBJECT_INFORMATION_CLASS, *POBJECT_INFORMATION_CLASS;

typedef enum _IO_ALLOCATION_ACTION {
	KeepObject = 1,
	DeallocateObject,
	DeallocateObjectKeepRegisters,
} IO_ALLOCATION_ACTION, *PIO_ALLOCATION_ACTION;

typedef enum _KWAIT_STATE {
	WaitInProgress,
	WaitCommitted,
	WaitAborted,
	WaitFirstSuspendState,
	WaitSuspendInProgress = 3,
	WaitSuspended,
	WaitResumeInProgress,
	WaitLastSuspendState,
	WaitResumeAborted = 6,
	MaximumWaitState,
} KWAIT_STATE, *PKWAIT_STATE;

typedef enum _KWAIT_BLOCK_STATE {
	WaitBlockBypassStart,
	WaitBlockBypassComplete,
	WaitBlockSuspendBypassStart,
	WaitBlockSuspendBypassComplete,
	WaitBlockActive,
	WaitBlockInactive,
	WaitBlockSuspended,
	WaitBlockAllStates,
} KWAIT_BLOCK_STATE, *PKWAIT_BLOCK_STATE;
