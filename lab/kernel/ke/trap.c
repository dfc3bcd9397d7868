/*
 * What a trap means: page faults are judged by IRQL, address and page-table entry; other exceptions become an EXCEPTION_RECORD and a
 * CONTEXT, which are dispatched to the handlers of the code that ran (except.c).
 */
#include "ex.h"
#include "hal.h"
#include "kd.h"
#include "ke.h"
#include "mm.h"
#include "rtl.h"
#include "seh.h"
#include "../hal/x64.h"
#include "../mm/mi.h"

#define MACHINE_CHECK_EXCEPTION 0x9C
#define MM_HIGHEST_USER_ADDRESS 0x00007FFFFFFEFFFFULL

/* Page-fault error code (Intel SDM vol. 3, 4.7). */
#define FAULT_PRESENT 0x01
#define FAULT_WRITE   0x02
#define FAULT_FETCH   0x10

#define TRAP_NMI                2
#define TRAP_BREAKPOINT         3
#define TRAP_DOUBLE_FAULT       8
#define TRAP_GENERAL_PROTECTION 13
#define TRAP_PAGE_FAULT         14
#define TRAP_MACHINE_CHECK      18
#define TRAP_FAST_FAIL          0x29
#define TRAP_DEBUG_SERVICE      0x2D

typedef struct _KI_TRAP_STATUS {
	UCHAR Vector;
	NTSTATUS Status;
} KI_TRAP_STATUS;

/* Vectors that are exceptions of the code that ran; others (7, 9, 10, 11) are UNEXPECTED_KERNEL_MODE_TRAP. */
static const KI_TRAP_STATUS KiTrapStatuses[] = {
	{ 0, (NTSTATUS)0xC0000094 },                                  /* STATUS_INTEGER_DIVIDE_BY_ZERO */
	{ 1, (NTSTATUS)0x80000004 },                                  /* STATUS_SINGLE_STEP */
	{ 3, (NTSTATUS)0x80000003 },                                  /* STATUS_BREAKPOINT */
	{ 4, (NTSTATUS)0xC0000095 },                                  /* STATUS_INTEGER_OVERFLOW */
	{ 5, (NTSTATUS)0xC000008C },                                  /* STATUS_ARRAY_BOUNDS_EXCEEDED */
	{ 6, (NTSTATUS)0xC000001D },                                  /* STATUS_ILLEGAL_INSTRUCTION */
	{ 12, (NTSTATUS)0xC0000005 },                                 /* STATUS_ACCESS_VIOLATION */
	{ 13, (NTSTATUS)0xC0000005 },   { 16, (NTSTATUS)0xC000008E }, /* STATUS_FLOAT_DIVIDE_BY_ZERO; the status word tells more */
	{ 17, (NTSTATUS)0x80000002 },                                 /* STATUS_DATATYPE_MISALIGNMENT */
	{ 19, (NTSTATUS)0xC00002B5 },                                 /* STATUS_FLOAT_MULTIPLE_TRAPS */
	{ 0x29, (NTSTATUS)0xC0000409 },                               /* STATUS_STACK_BUFFER_OVERRUN: fast fail */
	{ 0x2C, (NTSTATUS)0xC0000420 },                               /* STATUS_ASSERTION_FAILURE */
};

static VOID KiTrapToContext(PKTRAP_FRAME Trap, PKEXCEPTION_FRAME Exception, PCONTEXT Context)
{
	memset(Context, 0, sizeof(*Context));
	Context->ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS;
	Context->Rax = Trap->Rax;
	Context->Rcx = Trap->Rcx;
	Context->Rdx = Trap->Rdx;
	Context->Rbx = Exception->Rbx;
	Context->Rsp = Trap->Rsp;
	Context->Rbp = Trap->Rbp;
	Context->Rsi = Exception->Rsi;
	Context->Rdi = Exception->Rdi;
	Context->R8 = Trap->R8;
	Context->R9 = Trap->R9;
	Context->R10 = Trap->R10;
	Context->R11 = Trap->R11;
	Context->R12 = Exception->R12;
	Context->R13 = Exception->R13;
	Context->R14 = Exception->R14;
	Context->R15 = Exception->R15;
	Context->Rip = Trap->Rip;
	Context->EFlags = Trap->EFlags;
	Context->SegCs = Trap->SegCs;
	Context->SegSs = Trap->SegSs;
	Context->SegDs = Context->SegEs = Context->SegGs = KGDT64_R3_DATA | 3;
	Context->SegFs = KGDT64_R3_CMTEB | 3;
	Context->MxCsr = Context->FltSave.MxCsr = Trap->MxCsr;
	memcpy(&Context->Xmm0, &Trap->Xmm0, 6 * sizeof(M128A));
	memcpy(&Context->Xmm6, &Exception->Xmm6, 10 * sizeof(M128A));
}

static BOOLEAN KiIsInKernelImage(ULONG64 Address)
{
	return Address - KeLoaderBlock->Modules[0].DllBase < KeLoaderBlock->Modules[0].SizeOfImage;
}

static BOOLEAN KiMayPage(PKTRAP_FRAME Trap)
{
	return KeGetCurrentIrql() < DISPATCH_LEVEL && (Trap->EFlags & RFLAGS_IF);
}

/* The four parameters of the bugcheck for a page fault; 0 in Data[0]: an access violation, for the code to handle. */
static VOID KiJudgePageFault(PKTRAP_FRAME Trap, ULONG64 Data[5])
{
	ULONG64 Address = Trap->FaultAddress;
	ULONG Error = (ULONG)Trap->ErrorCode;
	ULONG64 Operation = Error & FAULT_FETCH ? 8 : Error & FAULT_WRITE ? 1 : 0;

	Data[0] = 0;
	Data[1] = Address;
	if (!(Error & FAULT_PRESENT) && KiFindUnloadedDriver(Address)) {
		Data[0] = DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS;
		Data[2] = Error & FAULT_FETCH ? 0x10 : Operation;
		Data[3] = Trap->Rip;
		Data[4] = 0;
	} else if (!KiMayPage(Trap) && !MmIsSpecialPoolAddress((PVOID)Address)) {
		Data[0] = KiIsInKernelImage(Trap->Rip) ? IRQL_NOT_LESS_OR_EQUAL : DRIVER_IRQL_NOT_LESS_OR_EQUAL;
		Data[2] = KeGetCurrentIrql();
		Data[3] = Operation;
		Data[4] = Trap->Rip;
	} else if (Address <= MM_HIGHEST_USER_ADDRESS) {
		return;
	} else if (Error & FAULT_PRESENT) {
		Data[0] = Error & FAULT_FETCH ? ATTEMPTED_EXECUTE_OF_NOEXECUTE_MEMORY : ATTEMPTED_WRITE_TO_READONLY_MEMORY;
		Data[2] = MmIsAddressValid((PVOID)Address) ? MiGetPteAddress(Address)->u.Long : 0;
		Data[3] = (ULONG64)Trap;
		Data[4] = 0xA;
	} else {
		/* Parameters as since Windows 10 1507: 0 read, 2 write, 0x10 execute; 2: no page table, 0: no page. */
		BOOLEAN Table = MmIsAddressValid(MiGetPteAddress(Address));

		Data[0] = PAGE_FAULT_IN_NONPAGED_AREA;
		Data[2] = Error & (FAULT_WRITE | FAULT_FETCH);
		Data[3] = Trap->Rip;
		Data[4] = Table ? 0 : 2;
	}
}

/*
 * Did ExpInterlockedPopEntrySList read the link of an entry that somebody else took and freed meanwhile? Then the header (r8) is not
 * what it found there (rax, rdx) any more, and it can begin anew; a list that really is damaged looks the same and faults for good.
 */
static BOOLEAN KiIsSListFault(PKTRAP_FRAME Trap)
{
	const SLIST_HEADER *Header = (const SLIST_HEADER *)Trap->R8;

	return Trap->Rip == (ULONG64)ExpInterlockedPopEntrySListFault && (__atomic_load_n(&Header->Alignment, __ATOMIC_ACQUIRE) != Trap->Rax ||
									  __atomic_load_n(&Header->Region, __ATOMIC_ACQUIRE) != Trap->Rdx);
}

static NTSTATUS KiStatusOfTrap(ULONG Vector)
{
	for (ULONG i = 0; i < RTL_NUMBER_OF(KiTrapStatuses); i++) {
		if (KiTrapStatuses[i].Vector == Vector)
			return KiTrapStatuses[i].Status;
	}
	return STATUS_SUCCESS;
}

VOID KiDispatchTrap(ULONG Vector, PKTRAP_FRAME Trap, PKEXCEPTION_FRAME Exception)
{
	EXCEPTION_RECORD Record = { 0 };
	CONTEXT Context;
	ULONG64 Data[5] = { UNEXPECTED_KERNEL_MODE_TRAP, Vector, 0, 0, 0 };

	Trap->PreviousIrql = KeGetCurrentIrql();
	if (Vector == TRAP_DEBUG_SERVICE) {
		Trap->Rip++; /* the service's int3, which a kernel debugger would step over */
		return;
	}
	if (Vector == TRAP_PAGE_FAULT && KiIsSListFault(Trap)) {
		Trap->Rip = (ULONG64)ExpInterlockedPopEntrySListResume;
		return;
	}
	if (Vector == TRAP_BREAKPOINT)
		Trap->Rip--;
	KiTrapToContext(Trap, Exception, &Context);
	if (Vector == TRAP_NMI && KeBugCheckActive)
		KiFreezeExecution(&Context);
	Record.ExceptionCode = KiStatusOfTrap(Vector);
	Record.ExceptionAddress = (PVOID)Trap->Rip;

	switch (Vector) {
	case TRAP_PAGE_FAULT:
		KiJudgePageFault(Trap, Data);
		Record.ExceptionCode = STATUS_ACCESS_VIOLATION;
		Record.NumberParameters = 2;
		Record.ExceptionInformation[0] = Trap->ErrorCode & FAULT_FETCH ? 8 : Trap->ErrorCode & FAULT_WRITE ? 1 : 0;
		Record.ExceptionInformation[1] = Trap->FaultAddress;
		if (Data[0])
			KiBugCheckTrap(Data, &Record, &Context);
		break;
	case TRAP_GENERAL_PROTECTION:
		Record.NumberParameters = 2;
		Record.ExceptionInformation[1] = ~0ULL;
		break;
	case TRAP_FAST_FAIL:
		/* By its meaning nobody is asked. */
		Record.ExceptionFlags = EXCEPTION_NONCONTINUABLE;
		Record.NumberParameters = 1;
		Record.ExceptionInformation[0] = Trap->Rcx;
		Data[0] = KERNEL_SECURITY_CHECK_FAILURE;
		Data[1] = Trap->Rcx;
		Data[2] = (ULONG64)Trap;
		Data[3] = (ULONG64)&Record;
		KiBugCheckTrap(Data, &Record, &Context);
	case TRAP_DOUBLE_FAULT:
		Data[2] = (ULONG64)Trap;
		Data[3] = Trap->Rsp;
		Data[4] = Trap->Rip;
		break;
	case TRAP_NMI:
		Data[0] = NMI_HARDWARE_FAILURE;
		Data[1] = 0x4F4454; /* as Microsoft documents it */
		break;
	case TRAP_MACHINE_CHECK:
		Data[0] = MACHINE_CHECK_EXCEPTION;
		break;
	}
	if (!Record.ExceptionCode)
		KiBugCheckTrap(Data, NULL, &Context);
	if (Trap->EFlags & RFLAGS_IF)
		HalpEnableInterrupts();
	KiDispatchException(&Record, &Context);
}
