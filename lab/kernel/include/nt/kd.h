/*
 * What debuggers and dump writers read: KDDEBUGGER_DATA64 (wdbgexts.h), the crash-dump header (documented layouts; the ones that
 * QEMU's dump writer checks are asserted in ke/layout_kd.c), and the list of unloaded drivers.
 */

#pragma once

typedef struct _DBGKD_DEBUG_DATA_HEADER64 {
	LIST_ENTRY64 List;
	ULONG OwnerTag;
	ULONG Size;
} DBGKD_DEBUG_DATA_HEADER64, *PDBGKD_DEBUG_DATA_HEADER64;

typedef struct _KDDEBUGGER_DATA64 {
	DBGKD_DEBUG_DATA_HEADER64 Header;
	ULONG64 KernBase;
	ULONG64 BreakpointWithStatus;
	ULONG64 SavedContext;
	USHORT ThCallbackStack;
	USHORT NextCallback;
	USHORT FramePointer;
	USHORT PaeEnabled : 1;
	ULONG64 KiCallUserMode;
	ULONG64 KeUserCallbackDispatcher;
	ULONG64 PsLoadedModuleList;
	ULONG64 PsActiveProcessHead;
	ULONG64 PspCidTable;
	ULONG64 ExpSystemResourcesList;
	ULONG64 ExpPagedPoolDescriptor;
	ULONG64 ExpNumberOfPagedPools;
	ULONG64 KeTimeIncrement;
	ULONG64 KeBugCheckCallbackListHead;
	ULONG64 KiBugcheckData;
	ULONG64 IopErrorLogListHead;
	ULONG64 ObpRootDirectoryObject;
	ULONG64 ObpTypeObjectType;
	ULONG64 MmSystemCacheStart;
	ULONG64 MmSystemCacheEnd;
	ULONG64 MmSystemCacheWs;
	ULONG64 MmPfnDatabase;
	ULONG64 MmSystemPtesStart;
	ULONG64 MmSystemPtesEnd;
	ULONG64 MmSubsectionBase;
	ULONG64 MmNumberOfPagingFiles;
	ULONG64 MmLowestPhysicalPage;
	ULONG64 MmHighestPhysicalPage;
	ULONG64 MmNumberOfPhysicalPages;
	ULONG64 MmMaximumNonPagedPoolInBytes;
	ULONG64 MmNonPagedSystemStart;
	ULONG64 MmNonPagedPoolStart;
	ULONG64 MmNonPagedPoolEnd;
	ULONG64 MmPagedPoolStart;
	ULONG64 MmPagedPoolEnd;
	ULONG64 MmPagedPoolInformation;
	ULONG64 MmPageSize;
	ULONG64 MmSizeOfPagedPoolInBytes;
	ULONG64 MmTotalCommitLimit;
	ULONG64 MmTotalCommittedPages;
	ULONG64 MmSharedCommit;
	ULONG64 MmDriverCommit;
	ULONG64 MmProcessCommit;
	ULONG64 MmPagedPoolCommit;
	ULONG64 MmExtendedCommit;
	ULONG64 MmZeroedPageListHead;
	ULONG64 MmFreePageListHead;
	ULONG64 MmStandbyPageListHead;
	ULONG64 MmModifiedPageListHead;
	ULONG64 MmModifiedNoWritePageListHead;
	ULONG64 MmAvailablePages;
	ULONG64 MmResidentAvailablePages;
	ULONG64 PoolTrackTable;
	ULONG64 NonPagedPoolDescriptor;
	ULONG64 MmHighestUserAddress;
	ULONG64 MmSystemRangeStart;
	ULONG64 MmUserProbeAddress;
	ULONG64 KdPrintCircularBuffer;
	ULONG64 KdPrintCircularBufferEnd;
	ULONG64 KdPrintWritePointer;
	ULONG64 KdPrintRolloverCount;
	ULONG64 MmLoadedUserImageList;
	ULONG64 NtBuildLab;
	ULONG64 KiNormalSystemCall;
	ULONG64 KiProcessorBlock;
	ULONG64 MmUnloadedDrivers;
	ULONG64 MmLastUnloadedDriver;
	ULONG64 MmTriageActionTaken;
	ULONG64 MmSpecialPoolTag;
	ULONG64 KernelVerifier;
	ULONG64 MmVerifierData;
	ULONG64 MmAllocatedNonPagedPool;
	ULONG64 MmPeakCommitment;
	ULONG64 MmTotalCommitLimitMaximum;
	ULONG64 CmNtCSDVersion;
	ULONG64 MmPhysicalMemoryBlock;
	ULONG64 MmSessionBase;
	ULONG64 MmSessionSize;
	ULONG64 MmSystemParentTablePage;
	ULONG64 MmVirtualTranslationBase;
	USHORT OffsetKThreadNextProcessor;
	USHORT OffsetKThreadTeb;
	USHORT OffsetKThreadKernelStack;
	USHORT OffsetKThreadInitialStack;
	USHORT OffsetKThreadApcProcess;
	USHORT OffsetKThreadState;
	USHORT OffsetKThreadBStore;
	USHORT OffsetKThreadBStoreLimit;
	USHORT SizeEProcess;
	USHORT OffsetEprocessPeb;
	USHORT OffsetEprocessParentCID;
	USHORT OffsetEprocessDirectoryTableBase;
	USHORT SizePrcb;
	USHORT OffsetPrcbDpcRoutine;
	USHORT OffsetPrcbCurrentThread;
	USHORT OffsetPrcbMhz;
	USHORT OffsetPrcbCpuType;
	USHORT OffsetPrcbVendorString;
	USHORT OffsetPrcbProcStateContext;
	USHORT OffsetPrcbNumber;
	USHORT SizeEThread;
	UCHAR L1tfHighPhysicalBitIndex;
	UCHAR L1tfSwizzleBitIndex;
	ULONG Padding0;
	ULONG64 KdPrintCircularBufferPtr;
	ULONG64 KdPrintBufferSize;
	ULONG64 KeLoaderBlock;
	USHORT SizePcr;
	USHORT OffsetPcrSelfPcr;
	USHORT OffsetPcrCurrentPrcb;
	USHORT OffsetPcrContainedPrcb;
	USHORT OffsetPcrInitialBStore;
	USHORT OffsetPcrBStoreLimit;
	USHORT OffsetPcrInitialStack;
	USHORT OffsetPcrStackLimit;
	USHORT OffsetPrcbPcrPage;
	USHORT OffsetPrcbProcStateSpecialReg;
	USHORT GdtR0Code;
	USHORT GdtR0Data;
	USHORT GdtR0Pcr;
	USHORT GdtR3Code;
	USHORT GdtR3Data;
	USHORT GdtR3Teb;
	USHORT GdtLdt;
	USHORT GdtTss;
	USHORT Gdt64R3CmCode;
	USHORT Gdt64R3CmTeb;
	ULONG64 IopNumTriageDumpDataBlocks;
	ULONG64 IopTriageDumpDataBlocks;
	ULONG64 VfCrashDataBlock;
	ULONG64 MmBadPagesDetected;
	ULONG64 MmZeroedPageSingleBitErrorsDetected;
	ULONG64 EtwpDebuggerData;
	USHORT OffsetPrcbContext;
	USHORT OffsetPrcbMaxBreakpoints;
	USHORT OffsetPrcbMaxWatchpoints;
	ULONG OffsetKThreadStackLimit;
	ULONG OffsetKThreadStackBase;
	ULONG OffsetKThreadQueueListEntry;
	ULONG OffsetEThreadIrpList;
	USHORT OffsetPrcbIdleThread;
	USHORT OffsetPrcbNormalDpcState;
	USHORT OffsetPrcbDpcStack;
	USHORT OffsetPrcbIsrStack;
	USHORT SizeKDPC_STACK_FRAME;
	USHORT OffsetKPriQueueThreadListHead;
	USHORT OffsetKThreadWaitReason;
	USHORT Padding1;
	ULONG64 PteBase;
	ULONG64 RetpolineStubFunctionTable;
	ULONG64 RetpolineStubFunctionTableSize;
	ULONG64 RetpolineStubOffset;
	ULONG64 RetpolineStubSize;
} KDDEBUGGER_DATA64, *PKDDEBUGGER_DATA64;

#define KDBG_TAG 0x4742444bu /* "KDBG" */

typedef struct _DBGKD_GET_VERSION64 {
	USHORT MajorVersion;
	USHORT MinorVersion;
	UCHAR ProtocolVersion;
	UCHAR KdSecondaryVersion;
	USHORT Flags;
	USHORT MachineType;
	UCHAR MaxPacketType;
	UCHAR MaxStateChange;
	UCHAR MaxManipulate;
	UCHAR Simulation;
	USHORT Unused[1];
	ULONG64 KernBase;
	ULONG64 PsLoadedModuleList;
	ULONG64 DebuggerDataList;
} DBGKD_GET_VERSION64, *PDBGKD_GET_VERSION64;

typedef struct _EXCEPTION_RECORD64 {
	LONG ExceptionCode;
	ULONG ExceptionFlags;
	ULONG64 ExceptionRecord;
	ULONG64 ExceptionAddress;
	ULONG NumberParameters;
	ULONG __unusedAlignment;
	ULONG64 ExceptionInformation[15];
} EXCEPTION_RECORD64, *PEXCEPTION_RECORD64;

typedef struct _PHYSICAL_MEMORY_RUN64 {
	ULONG64 BasePage;
	ULONG64 PageCount;
} PHYSICAL_MEMORY_RUN64, *PPHYSICAL_MEMORY_RUN64;

typedef struct _PHYSICAL_MEMORY_DESCRIPTOR64 {
	ULONG NumberOfRuns;
	ULONG64 NumberOfPages;
	PHYSICAL_MEMORY_RUN64 Run[1];
} PHYSICAL_MEMORY_DESCRIPTOR64, *PPHYSICAL_MEMORY_DESCRIPTOR64;

#define DUMP_SIGNATURE64 0x45474150u /* "PAGE" */
#define DUMP_VALID_DUMP64 0x34365544u /* "DU64" */
#define DUMP_TYPE_FULL 1u
#define DUMP_TYPE_SUMMARY 2u
#define DUMP_TYPE_BITMAP_FULL 5u
#define DUMP_TYPE_BITMAP_KERNEL 6u

typedef struct _DUMP_HEADER64 {
	ULONG Signature;
	ULONG ValidDump;
	ULONG MajorVersion;
	ULONG MinorVersion;
	ULONG64 DirectoryTableBase;
	ULONG64 PfnDataBase;
	ULONG64 PsLoadedModuleList;
	ULONG64 PsActiveProcessHead;
	ULONG MachineImageType;
	ULONG NumberProcessors;
	ULONG BugCheckCode;
	ULONG64 BugCheckParameter1;
	ULONG64 BugCheckParameter2;
	ULONG64 BugCheckParameter3;
	ULONG64 BugCheckParameter4;
	CHAR VersionUser[32];
	ULONG64 KdDebuggerDataBlock;
	union {
		PHYSICAL_MEMORY_DESCRIPTOR64 PhysicalMemoryBlock;
		UCHAR PhysicalMemoryBlockBuffer[700];
	};
	UCHAR ContextRecord[3000];
	EXCEPTION_RECORD64 Exception;
	ULONG DumpType;
	LARGE_INTEGER RequiredDumpSpace;
	LARGE_INTEGER SystemTime;
	CHAR Comment[128];
	LARGE_INTEGER SystemUpTime;
	ULONG MiniDumpFields;
	ULONG SecondaryDataState;
	ULONG ProductType;
	ULONG SuiteMask;
	ULONG WriterStatus;
	UCHAR Unused1;
	UCHAR KdSecondaryVersion;
	UCHAR Unused[2];
	ULONG Attributes;
	ULONG BootId;
	UCHAR _reserved0[4008];
} DUMP_HEADER64, *PDUMP_HEADER64;

/* MmUnloadedDrivers points to an array of MI_UNLOADED_DRIVERS of these, used as a ring. */
typedef struct _UNLOADED_DRIVERS {
	UNICODE_STRING Name;
	PVOID StartAddress;
	PVOID EndAddress;
	LARGE_INTEGER CurrentTime;
} UNLOADED_DRIVERS, *PUNLOADED_DRIVERS;
