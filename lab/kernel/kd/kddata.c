/*
 * KdDebuggerDataBlock: where in this kernel everything is that a debugger asks for by this block (KDDEBUGGER_DATA64, wdbgexts.h). A
 * field of zero means that the lab has no such thing.
 */
#include "ex.h"
#include "hal.h"
#include "io.h"
#include "kd.h"
#include "ke.h"
#include "ob.h"
#include "ps.h"
#include "rtl.h"
#include "../mm/mi.h"

#define KDBG_VERSION_FLAGS  0x0007 /* MP kernel, DebuggerDataList valid, 64-bit pointers */
#define MACHINE_AMD64       0x8664
#define MAXIMUM_BREAKPOINTS 4

KDDEBUGGER_DATA64 KdDebuggerDataBlock;
LIST_ENTRY KdpDebuggerDataListHead;
DBGKD_GET_VERSION64 KdVersionBlock;
ULONG KernelVerifier;
PHYSICAL_ADDRESS WmipSMBiosTablePhysicalAddress;
ULONG WmipSMBiosTableLength;
USHORT WmipSMBiosVersionInfo;
ULONG64 MmNonPagedPoolStart = MI_NONPAGED_POOL_START;
ULONG64 MmNonPagedPoolEnd = MI_NONPAGED_POOL_START + MI_NONPAGED_POOL_PAGES * PAGE_SIZE;
ULONG64 MmMaximumNonPagedPoolInBytes = MI_NONPAGED_POOL_PAGES * PAGE_SIZE;
ULONG64 MmSystemPtesStart = MI_PTE_BASE + (MI_SYSTEM_PTE_START >> 9 & 0x7FFFFFFFF8ULL);
ULONG64 MmSystemPtesEnd = MI_PTE_BASE + ((MI_SYSTEM_PTE_START + MI_SYSTEM_PTE_PAGES * PAGE_SIZE) >> 9 & 0x7FFFFFFFF8ULL);
NTKERNELAPI ULONG64 MmHighestUserAddress = 0x00007FFFFFFEFFFFULL;
NTKERNELAPI ULONG64 MmSystemRangeStart = 0xFFFF800000000000ULL;
NTKERNELAPI ULONG64 MmUserProbeAddress = 0x00007FFFFFFF0000ULL;

extern LIST_ENTRY KeBugCheckCallbackListHead;
extern ULONG CmNtCSDVersion;
extern PVOID PoolTrackTable;
extern VOID DbgBreakPointWithStatus(ULONG Status);

#define ADDRESS_OF(Symbol) ((ULONG64) & (Symbol))

static VOID KdpFillAddresses(PKDDEBUGGER_DATA64 Data)
{
	Data->BreakpointWithStatus = (ULONG64)DbgBreakPointWithStatus;
	Data->SavedContext = ADDRESS_OF(KiInitialPCR.Prcb.ProcessorState.ContextFrame);
	Data->PsLoadedModuleList = ADDRESS_OF(PsLoadedModuleList);
	Data->PsActiveProcessHead = ADDRESS_OF(PsActiveProcessHead);
	Data->PspCidTable = ADDRESS_OF(PspCidTable);
	Data->KeTimeIncrement = ADDRESS_OF(KeTimeIncrement);
	Data->KeBugCheckCallbackListHead = ADDRESS_OF(KeBugCheckCallbackListHead);
	Data->KiBugcheckData = ADDRESS_OF(KiBugCheckData);
	Data->ObpRootDirectoryObject = ADDRESS_OF(ObpRootDirectoryObject);
	Data->ObpTypeObjectType = ADDRESS_OF(ObpTypeObjectType);
	Data->MmPfnDatabase = ADDRESS_OF(MmPfnDatabase);
	Data->MmSystemPtesStart = ADDRESS_OF(MmSystemPtesStart);
	Data->MmSystemPtesEnd = ADDRESS_OF(MmSystemPtesEnd);
	Data->MmLowestPhysicalPage = ADDRESS_OF(MmLowestPhysicalPage);
	Data->MmHighestPhysicalPage = ADDRESS_OF(MmHighestPhysicalPage);
	Data->MmNumberOfPhysicalPages = ADDRESS_OF(MmNumberOfPhysicalPages);
	Data->MmMaximumNonPagedPoolInBytes = ADDRESS_OF(MmMaximumNonPagedPoolInBytes);
	Data->MmNonPagedPoolStart = ADDRESS_OF(MmNonPagedPoolStart);
	Data->MmNonPagedPoolEnd = ADDRESS_OF(MmNonPagedPoolEnd);
	Data->MmPageSize = PAGE_SIZE;
	Data->MmFreePageListHead = ADDRESS_OF(MmFreePageListHead);
	Data->MmAvailablePages = ADDRESS_OF(MmAvailablePages);
	Data->PoolTrackTable = ADDRESS_OF(PoolTrackTable);
	Data->MmHighestUserAddress = ADDRESS_OF(MmHighestUserAddress);
	Data->MmSystemRangeStart = ADDRESS_OF(MmSystemRangeStart);
	Data->MmUserProbeAddress = ADDRESS_OF(MmUserProbeAddress);
	Data->NtBuildLab = ADDRESS_OF(NtBuildLab);
	Data->KiProcessorBlock = ADDRESS_OF(KiProcessorBlock);
	Data->MmUnloadedDrivers = ADDRESS_OF(MmUnloadedDrivers);
	Data->MmLastUnloadedDriver = ADDRESS_OF(MmLastUnloadedDriver);
	Data->KernelVerifier = ADDRESS_OF(KernelVerifier);
	Data->CmNtCSDVersion = ADDRESS_OF(CmNtCSDVersion);
	Data->MmPhysicalMemoryBlock = ADDRESS_OF(MmPhysicalMemoryBlock);
	Data->KeLoaderBlock = ADDRESS_OF(KeLoaderBlock);
	Data->ExpSystemResourcesList = ADDRESS_OF(ExpSystemResourcesList);
	Data->PteBase = MI_PTE_BASE;
}

static VOID KdpFillOffsets(PKDDEBUGGER_DATA64 Data)
{
	Data->OffsetKThreadNextProcessor = (USHORT)FIELD_OFFSET(KTHREAD, NextProcessor);
	Data->OffsetKThreadTeb = (USHORT)FIELD_OFFSET(KTHREAD, Teb);
	Data->OffsetKThreadKernelStack = (USHORT)FIELD_OFFSET(KTHREAD, KernelStack);
	Data->OffsetKThreadInitialStack = (USHORT)FIELD_OFFSET(KTHREAD, InitialStack);
	Data->OffsetKThreadApcProcess = (USHORT)FIELD_OFFSET(KTHREAD, ApcState.Process);
	Data->OffsetKThreadState = (USHORT)FIELD_OFFSET(KTHREAD, State);
	Data->OffsetKThreadStackLimit = (ULONG)FIELD_OFFSET(KTHREAD, StackLimit);
	Data->OffsetKThreadStackBase = (ULONG)FIELD_OFFSET(KTHREAD, StackBase);
	Data->OffsetKThreadQueueListEntry = (ULONG)FIELD_OFFSET(KTHREAD, QueueListEntry);
	Data->OffsetKThreadWaitReason = (USHORT)FIELD_OFFSET(KTHREAD, WaitReason);
	Data->OffsetEThreadIrpList = (ULONG)FIELD_OFFSET(ETHREAD, IrpList);
	Data->OffsetKPriQueueThreadListHead = (USHORT)FIELD_OFFSET(KPRIQUEUE, ThreadListHead);
	Data->SizeEThread = sizeof(ETHREAD);
	Data->SizeEProcess = sizeof(EPROCESS);
	Data->OffsetEprocessPeb = (USHORT)FIELD_OFFSET(EPROCESS, Peb);
	Data->OffsetEprocessParentCID = (USHORT)FIELD_OFFSET(EPROCESS, InheritedFromUniqueProcessId);
	Data->OffsetEprocessDirectoryTableBase = (USHORT)FIELD_OFFSET(EPROCESS, Pcb.DirectoryTableBase);
	Data->SizePrcb = (USHORT)sizeof(KPRCB);
	Data->OffsetPrcbCurrentThread = (USHORT)FIELD_OFFSET(KPRCB, CurrentThread);
	Data->OffsetPrcbIdleThread = (USHORT)FIELD_OFFSET(KPRCB, IdleThread);
	Data->OffsetPrcbMhz = (USHORT)FIELD_OFFSET(KPRCB, MHz);
	Data->OffsetPrcbCpuType = (USHORT)FIELD_OFFSET(KPRCB, CpuType);
	Data->OffsetPrcbVendorString = (USHORT)FIELD_OFFSET(KPRCB, VendorString);
	Data->OffsetPrcbProcStateContext = (USHORT)FIELD_OFFSET(KPRCB, ProcessorState.ContextFrame);
	Data->OffsetPrcbProcStateSpecialReg = (USHORT)FIELD_OFFSET(KPRCB, ProcessorState.SpecialRegisters);
	Data->OffsetPrcbNumber = (USHORT)FIELD_OFFSET(KPRCB, Number);
	Data->OffsetPrcbContext = (USHORT)FIELD_OFFSET(KPRCB, Context);
	Data->OffsetPrcbDpcRoutine = (USHORT)FIELD_OFFSET(KPRCB, DpcRoutineActive);
	Data->OffsetPrcbNormalDpcState = (USHORT)FIELD_OFFSET(KPRCB, NormalDpcState);
	Data->OffsetPrcbDpcStack = (USHORT)FIELD_OFFSET(KPRCB, DpcStack);
	Data->OffsetPrcbIsrStack = (USHORT)FIELD_OFFSET(KPRCB, IsrStack);
	Data->OffsetPrcbMaxBreakpoints = MAXIMUM_BREAKPOINTS;
	Data->OffsetPrcbMaxWatchpoints = 0;
	Data->SizePcr = (USHORT)sizeof(KPCR);
	Data->OffsetPcrSelfPcr = (USHORT)FIELD_OFFSET(KPCR, Self);
	Data->OffsetPcrCurrentPrcb = (USHORT)FIELD_OFFSET(KPCR, CurrentPrcb);
	Data->OffsetPcrContainedPrcb = (USHORT)FIELD_OFFSET(KPCR, Prcb);
	Data->GdtR0Code = KGDT64_R0_CODE;
	Data->GdtR0Data = KGDT64_R0_DATA;
	Data->GdtR0Pcr = 0;
	Data->GdtR3Code = KGDT64_R3_CODE | 3;
	Data->GdtR3Data = KGDT64_R3_DATA | 3;
	Data->GdtR3Teb = KGDT64_R3_CMTEB | 3;
	Data->GdtTss = KGDT64_SYS_TSS;
	Data->Gdt64R3CmCode = KGDT64_R3_CMCODE | 3;
	Data->Gdt64R3CmTeb = KGDT64_R3_CMTEB | 3;
}

static VOID KdpFillVersion(ULONG64 KernBase)
{
	KdVersionBlock.MajorVersion = 15;
	KdVersionBlock.MinorVersion = (USHORT)NtBuildNumber;
	KdVersionBlock.ProtocolVersion = 6;
	KdVersionBlock.KdSecondaryVersion = 2;
	KdVersionBlock.Flags = KDBG_VERSION_FLAGS;
	KdVersionBlock.MachineType = MACHINE_AMD64;
	KdVersionBlock.KernBase = KernBase;
	KdVersionBlock.PsLoadedModuleList = ADDRESS_OF(PsLoadedModuleList);
	KdVersionBlock.DebuggerDataList = ADDRESS_OF(KdpDebuggerDataListHead);
	KeGetPcr()->KdVersionBlock = &KdVersionBlock;
}

static VOID KdpFillSharedData(VOID)
{
	SharedUserData->NtBuildNumber = NtBuildNumber & 0xFFFF;
	SharedUserData->NtMajorVersion = NtMajorVersion;
	SharedUserData->NtMinorVersion = NtMinorVersion;
	SharedUserData->NtProductType = NtProductWinNt;
	SharedUserData->ProductTypeIsValid = TRUE;
	SharedUserData->SuiteMask = 0x110;               /* terminal server, single user */
	SharedUserData->NativeProcessorArchitecture = 9; /* PROCESSOR_ARCHITECTURE_AMD64 */
	SharedUserData->NumberOfPhysicalPages = (ULONG)MmNumberOfPhysicalPages;
	SharedUserData->ActiveProcessorCount = (ULONG)KeNumberProcessors;
	SharedUserData->ActiveGroupCount = 1;
	memcpy(SharedUserData->NtSystemRoot, L"C:\\Windows", sizeof(L"C:\\Windows"));
}

VOID KdInitSystem(PLOADER_PARAMETER_BLOCK LoaderBlock)
{
	ULONG64 KernBase = LoaderBlock->Modules[0].DllBase;

	KdpSetBuildLab(LoaderBlock->Modules[0].TimeDateStamp);
	WmipSMBiosTablePhysicalAddress.QuadPart = (LONGLONG)LoaderBlock->SmbiosTable;
	WmipSMBiosTableLength = LoaderBlock->SmbiosLength;
	WmipSMBiosVersionInfo = (USHORT)(LoaderBlock->SmbiosMajor << 8 | LoaderBlock->SmbiosMinor);
	KdpFillVersion(KernBase);
	KdpFillSharedData();
	InitializeListHead(&KdpDebuggerDataListHead);
	KdDebuggerDataBlock.Header.OwnerTag = KDBG_TAG;
	KdDebuggerDataBlock.Header.Size = sizeof(KdDebuggerDataBlock);
	KdDebuggerDataBlock.KernBase = KernBase;
	KdpFillAddresses(&KdDebuggerDataBlock);
	KdpFillOffsets(&KdDebuggerDataBlock);
	InsertTailList(&KdpDebuggerDataListHead, (PLIST_ENTRY)&KdDebuggerDataBlock.Header.List);
	KdpInitializeDumpHeader(LoaderBlock);
}
