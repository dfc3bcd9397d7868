/*
 * The crash-dump header (DUMP_HEADER64) that QEMU's `dump-guest-memory -w` copies in front of memory. It lies in guest memory behind an
 * ELF note header, whose place QEMU knows through fw_cfg's "etc/vmcoreinfo" (QEMU docs/specs/vmcoreinfo, dump/win_dump.c).
 */
#include "hal.h"
#include "kd.h"
#include "ke.h"
#include "mm.h"
#include "ps.h"
#include "rtl.h"

#define DUMP_MAJOR_VERSION           15 /* a free build */
#define DUMP_MINOR_VERSION           22621
#define KD_SECONDARY_VERSION_CONTEXT 2
#define MACHINE_AMD64                0x8664
#define PRODUCT_WORKSTATION          1
#define SUITE_TERMINAL_SERVER        0x10
#define SUITE_SINGLE_USER_TS         0x100
#define VMCOREINFO_FORMAT_ELF        1

/* The note as QEMU wants it: exactly 24 bytes, then the header. */
typedef struct _KD_DUMP_NOTE {
	ULONG NameSize;
	ULONG DescriptorSize;
	ULONG Type;
	CHAR Name[12];
	DUMP_HEADER64 Header;
} KD_DUMP_NOTE, *PKD_DUMP_NOTE;
_Static_assert(FIELD_OFFSET(KD_DUMP_NOTE, Header) == 24 && sizeof(KD_DUMP_NOTE) == 24 + 8192, "QEMU's note");

/* struct FWCfgVMCoreInfo */
typedef struct _KD_VMCOREINFO {
	USHORT HostFormat;
	USHORT GuestFormat;
	ULONG Size;
	ULONG64 PhysicalAddress;
} KD_VMCOREINFO;

static PKD_DUMP_NOTE KdpDumpNote;

VOID KdpUpdateDumpHeaderTime(VOID)
{
	if (!KdpDumpNote)
		return;
	KeQuerySystemTime(&KdpDumpNote->Header.SystemTime);
	KdpDumpNote->Header.SystemUpTime.QuadPart = (LONGLONG)KeQueryInterruptTime();
}

VOID KdpUpdateDumpHeaderProcessors(VOID)
{
	if (KdpDumpNote)
		KdpDumpNote->Header.NumberProcessors = (ULONG)KeNumberProcessors;
}

VOID KdpRecordBugCheck(const ULONG64 Data[5], PEXCEPTION_RECORD Exception, PCONTEXT Context)
{
	PDUMP_HEADER64 Header;

	if (!KdpDumpNote)
		return;
	Header = &KdpDumpNote->Header;
	Header->BugCheckCode = (ULONG)Data[0];
	Header->BugCheckParameter1 = Data[1];
	Header->BugCheckParameter2 = Data[2];
	Header->BugCheckParameter3 = Data[3];
	Header->BugCheckParameter4 = Data[4];
	memcpy(Header->ContextRecord, Context, sizeof(*Context));
	if (Exception) {
		Header->Exception.ExceptionCode = Exception->ExceptionCode;
		Header->Exception.ExceptionFlags = Exception->ExceptionFlags;
		Header->Exception.ExceptionRecord = (ULONG64)Exception->ExceptionRecord;
		Header->Exception.ExceptionAddress = (ULONG64)Exception->ExceptionAddress;
		Header->Exception.NumberParameters = Exception->NumberParameters;
		memcpy(Header->Exception.ExceptionInformation, Exception->ExceptionInformation, sizeof(Header->Exception.ExceptionInformation));
	}
	KdpUpdateDumpHeaderTime();
}

static VOID KdpFillMemoryRuns(PDUMP_HEADER64 Header)
{
	ULONG Fit = (sizeof(Header->PhysicalMemoryBlockBuffer) - FIELD_OFFSET(PHYSICAL_MEMORY_DESCRIPTOR64, Run)) / sizeof(PHYSICAL_MEMORY_RUN64);

	for (ULONG i = 0; i < MmPhysicalMemoryBlock->NumberOfRuns && i < Fit; i++) {
		Header->PhysicalMemoryBlock.Run[i].BasePage = MmPhysicalMemoryBlock->Run[i].BasePage;
		Header->PhysicalMemoryBlock.Run[i].PageCount = MmPhysicalMemoryBlock->Run[i].PageCount;
		Header->PhysicalMemoryBlock.NumberOfRuns++;
		Header->PhysicalMemoryBlock.NumberOfPages += MmPhysicalMemoryBlock->Run[i].PageCount;
	}
}

static VOID KdpFillHeader(PDUMP_HEADER64 Header, PLOADER_PARAMETER_BLOCK LoaderBlock)
{
	CONTEXT Context;

	/* Fields that nobody fills say so, in NT's way. */
	for (ULONG i = 0; i < sizeof(*Header) / sizeof(ULONG); i++)
		((PULONG)Header)[i] = DUMP_SIGNATURE64;
	Header->Signature = DUMP_SIGNATURE64;
	Header->ValidDump = DUMP_VALID_DUMP64;
	Header->MajorVersion = DUMP_MAJOR_VERSION;
	Header->MinorVersion = DUMP_MINOR_VERSION;
	Header->DirectoryTableBase = LoaderBlock->DirectoryTable;
	Header->PfnDataBase = (ULONG64)MmPfnDatabase;
	Header->PsLoadedModuleList = (ULONG64)&PsLoadedModuleList;
	Header->PsActiveProcessHead = (ULONG64)&PsActiveProcessHead;
	Header->MachineImageType = MACHINE_AMD64;
	Header->NumberProcessors = (ULONG)KeNumberProcessors;
	Header->BugCheckCode = 0;
	Header->BugCheckParameter1 = Header->BugCheckParameter2 = 0;
	Header->BugCheckParameter3 = Header->BugCheckParameter4 = 0;
	memset(Header->VersionUser, 0, sizeof(Header->VersionUser));
	Header->KdDebuggerDataBlock = (ULONG64)&KdDebuggerDataBlock;
	memset(Header->PhysicalMemoryBlockBuffer, 0, sizeof(Header->PhysicalMemoryBlockBuffer));
	KdpFillMemoryRuns(Header);
	/* As NT's KeInitializeCrashDumpHeader: a valid context from now; QEMU puts the true ones into the PRCBs' Context. */
	memset(Header->ContextRecord, 0, sizeof(Header->ContextRecord));
	RtlCaptureContext(&Context);
	memcpy(Header->ContextRecord, &Context, sizeof(Context));
	memset(&Header->Exception, 0, sizeof(Header->Exception));
	Header->DumpType = DUMP_TYPE_FULL;
	Header->RequiredDumpSpace.QuadPart = (LONGLONG)(sizeof(*Header) + Header->PhysicalMemoryBlock.NumberOfPages * PAGE_SIZE);
	memset(Header->Comment, 0, sizeof(Header->Comment));
	strncpy(Header->Comment, "Impasse lab", sizeof(Header->Comment) - 1);
	Header->MiniDumpFields = 0;
	Header->SecondaryDataState = 0;
	Header->ProductType = PRODUCT_WORKSTATION;
	Header->SuiteMask = SUITE_TERMINAL_SERVER | SUITE_SINGLE_USER_TS;
	Header->WriterStatus = 0;
	Header->KdSecondaryVersion = KD_SECONDARY_VERSION_CONTEXT;
	Header->Attributes = 0;
	Header->BootId = 0;
	memset(Header->_reserved0, 0, sizeof(Header->_reserved0));
}

/* Without the device the kernel runs as well; only dumps of it cannot be taken, and the console says so. */
VOID KdpInitializeDumpHeader(PLOADER_PARAMETER_BLOCK LoaderBlock)
{
	PHYSICAL_ADDRESS Highest = { .QuadPart = -1 };
	KD_VMCOREINFO Info = { .GuestFormat = VMCOREINFO_FORMAT_ELF, .Size = sizeof(KD_DUMP_NOTE) };
	PKD_DUMP_NOTE Note = MmAllocateContiguousMemory(sizeof(*Note), Highest);

	if (!Note)
		KeBugCheckEx(MEMORY_MANAGEMENT, 0x1017, sizeof(*Note), 0, 0);
	Note->NameSize = sizeof("VMCOREINFO");
	Note->DescriptorSize = sizeof(Note->Header);
	Note->Type = 0;
	memcpy(Note->Name, "VMCOREINFO\0", sizeof(Note->Name));
	KdpFillHeader(&Note->Header, LoaderBlock);
	KdpDumpNote = Note;
	KdpUpdateDumpHeaderTime();
	Info.PhysicalAddress = (ULONG64)MmGetPhysicalAddress(Note).QuadPart;
	if (!HalpWriteFwCfgFile("etc/vmcoreinfo", &Info, sizeof(Info)))
		DbgPrint("KD: no vmcoreinfo device; dumps of this machine cannot be taken\n");
}
