/*
 * Structured exceptions inside the guest: which handler runs, in which order, with which registers; what filters may answer; what is left
 * of a frame that is unwound. Compiled by clang, for both of its Windows targets.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;

#define NOINLINE     __attribute__((noinline))
#define USER_ADDRESS ((volatile ULONG *)(ULONG_PTR)0x10000)

NTKERNELAPI VOID NTAPI ExRaiseAccessViolation(VOID);
NTKERNELAPI VOID NTAPI ExRaiseDatatypeMisalignment(VOID);
NTKERNELAPI VOID NTAPI RtlRaiseException(PEXCEPTION_RECORD ExceptionRecord);
NTKERNELAPI VOID NTAPI RtlUnwind(PVOID TargetFrame, PVOID TargetIp, PEXCEPTION_RECORD ExceptionRecord, PVOID ReturnValue);

/* What happened, in order, one letter each. */
static CHAR Trace[64];
static ULONG TraceLength;

static VOID Mark(CHAR Letter)
{
	if (TraceLength < sizeof(Trace) - 1)
		Trace[TraceLength++] = Letter;
}

static VOID CheckTrace(PCSTR Expected, ULONG Line)
{
	Trace[TraceLength] = 0;
	Check(strcmp(Trace, Expected) == 0, Expected, Line);
	if (strcmp(Trace, Expected) != 0)
		DbgPrint("  it was %s\n", Trace);
	TraceLength = 0;
}

#define CHECK_TRACE(Expected) CheckTrace(Expected, __LINE__)

/* The causes. Each is a function of its own, so that the exception passes a frame. */
static NOINLINE VOID WriteToNothing(VOID)
{
	*USER_ADDRESS = 1;
}

static NOINLINE VOID ReadFromNull(VOID)
{
	(VOID) * (volatile ULONG *)NULL;
}

static NOINLINE VOID CallNull(VOID)
{
	VOID (*volatile Routine)(VOID) = NULL;

	Routine();
}

static NOINLINE VOID ReadNonCanonical(VOID)
{
	(VOID) * (volatile ULONG *)0x8000000000000000ull;
}

static NOINLINE VOID Divide(VOID)
{
	volatile LONG Zero = 0, One = 1;

	One = One / Zero;
}

static NOINLINE VOID Breakpoint(VOID)
{
	DbgBreakPoint();
}

static NOINLINE VOID Illegal(VOID)
{
	__asm__ volatile("ud2");
}

static NOINLINE VOID RaiseStatus(VOID)
{
	ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
}

static NOINLINE VOID RaiseViolation(VOID)
{
	ExRaiseAccessViolation();
}

static NOINLINE VOID RaiseMisalignment(VOID)
{
	ExRaiseDatatypeMisalignment();
}

static NOINLINE VOID ProbeKernel(VOID)
{
	ProbeForRead(&Trace, sizeof(Trace), 1);
}

static NOINLINE VOID ProbeMisaligned(VOID)
{
	ProbeForRead((PVOID)0x10001, 4, 4);
}

static NOINLINE VOID ProbeUnmapped(VOID)
{
	ProbeForWrite((PVOID)0x10000, 0x2000, 4);
}

static NOINLINE VOID ProbeNothing(VOID)
{
	ProbeForRead(&Trace, 0, 1);
	ExRaiseStatus(STATUS_SUCCESS + 1);
}

typedef struct _CAUSE {
	VOID (*Routine)(VOID);
	NTSTATUS Code;
	ULONG Parameters;
	ULONG_PTR Information[2];
	BOOLEAN InRoutine; /* the exception's address lies in Routine itself, within its first bytes */
} CAUSE;

static const CAUSE Causes[] = {
	{ WriteToNothing, STATUS_ACCESS_VIOLATION, 2, { 1, 0x10000 }, TRUE },
	{ ReadFromNull, STATUS_ACCESS_VIOLATION, 2, { 0, 0 }, TRUE },
	{ CallNull, STATUS_ACCESS_VIOLATION, 2, { 8, 0 }, FALSE },
	{ ReadNonCanonical, STATUS_ACCESS_VIOLATION, 2, { 0, ~(ULONG_PTR)0 }, TRUE },
	{ Divide, STATUS_INTEGER_DIVIDE_BY_ZERO, 0, { 0, 0 }, TRUE },
	{ Breakpoint, STATUS_BREAKPOINT, 0, { 0, 0 }, FALSE },
	{ Illegal, STATUS_ILLEGAL_INSTRUCTION, 0, { 0, 0 }, TRUE },
	{ RaiseStatus, STATUS_INSUFFICIENT_RESOURCES, 0, { 0, 0 }, TRUE },
	{ RaiseViolation, STATUS_ACCESS_VIOLATION, 0, { 0, 0 }, TRUE },
	{ RaiseMisalignment, STATUS_DATATYPE_MISALIGNMENT, 0, { 0, 0 }, TRUE },
	{ ProbeKernel, STATUS_ACCESS_VIOLATION, 0, { 0, 0 }, FALSE },
	{ ProbeMisaligned, STATUS_DATATYPE_MISALIGNMENT, 0, { 0, 0 }, FALSE },
	{ ProbeUnmapped, STATUS_ACCESS_VIOLATION, 2, { 0, 0x10000 }, FALSE },
	{ ProbeNothing, STATUS_SUCCESS + 1, 0, { 0, 0 }, TRUE },
};

static NOINLINE LONG CheckCause(const CAUSE *Cause, NTSTATUS Code, PEXCEPTION_POINTERS Pointers)
{
	PEXCEPTION_RECORD Record = Pointers->ExceptionRecord;

	CHECK_STATUS(Code, Cause->Code);
	CHECK((NTSTATUS)Record->ExceptionCode == Code);
	CHECK(Record->NumberParameters == Cause->Parameters);
	for (ULONG i = 0; i < Cause->Parameters; i++)
		CHECK(Record->ExceptionInformation[i] == Cause->Information[i]);
	CHECK((ULONG_PTR)Record->ExceptionAddress == Pointers->ContextRecord->Rip);
	if (Cause->InRoutine)
		CHECK((ULONG_PTR)Record->ExceptionAddress - (ULONG_PTR)Cause->Routine < 0x40);
	return EXCEPTION_EXECUTE_HANDLER;
}

static VOID EachCauseReachesItsHandler(VOID)
{
	for (ULONG i = 0; i < RTL_NUMBER_OF(Causes); i++) {
		volatile NTSTATUS Code = 0;

		__try {
			Causes[i].Routine();
			CHECK(!"the cause has returned");
		} __except (CheckCause(&Causes[i], GetExceptionCode(), GetExceptionInformation())) {
			Code = GetExceptionCode();
		}
		CHECK_STATUS(Code, Causes[i].Code);
		CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
	}
}

static NOINLINE LONG Answer(CHAR Letter, LONG Value)
{
	Mark(Letter);
	return Value;
}

/* Filters from the inside out, then termination handlers from the inside out, then the handler. */
static VOID FiltersGoFirst(VOID)
{
	__try {
		__try {
			__try {
				Mark('a');
				WriteToNothing();
				Mark('x');
			} __finally {
				Mark(AbnormalTermination() ? 'f' : 'n');
			}
		} __except (Answer('1', EXCEPTION_CONTINUE_SEARCH)) {
			Mark('x');
		}
	} __except (Answer('2', EXCEPTION_EXECUTE_HANDLER)) {
		Mark('h');
	}
	CHECK_TRACE("a12fh");
}

static NOINLINE VOID LeaveNormally(VOID)
{
	__try {
		Mark('b');
		if (TraceLength)
			__leave;
		Mark('x');
	} __finally {
		Mark(AbnormalTermination() ? 'f' : 'n');
	}
	Mark('c');
}

static NOINLINE LONG ReturnFromTry(VOID)
{
	__try {
		Mark('b');
		return 5;
	} __finally {
		Mark('f');
	}
	return 6;
}

static VOID TerminationHandlersRunOnEveryWayOut(VOID)
{
	LeaveNormally();
	CHECK_TRACE("bnc");
	CHECK(ReturnFromTry() == 5);
	CHECK_TRACE("bf");
	for (ULONG i = 0; i < 3; i++) {
		__try {
			if (i == 1)
				continue;
			Mark((CHAR)('0' + i));
		} __finally {
			Mark('f');
		}
	}
	CHECK_TRACE("0ff2f");
}

/* The filter mends the cause: execution goes on with the instruction that failed, or with what the filter makes of the context. */
static volatile ULONG Mended;

static NOINLINE LONG Mend(PEXCEPTION_POINTERS Pointers)
{
	Mark('m');
	if (Pointers->ExceptionRecord->ExceptionCode == (ULONG)STATUS_BREAKPOINT) {
		Pointers->ContextRecord->Rip++;
	} else {
		CHECK(Pointers->ContextRecord->Rbx == 0x10000);
		Pointers->ContextRecord->Rbx = (ULONG_PTR)&Mended;
	}
	return EXCEPTION_CONTINUE_EXECUTION;
}

static NOINLINE VOID WriteByRbx(VOID)
{
	__asm__ volatile("movl $7, (%%rbx)" : : "b"(0x10000ull) : "memory");
	Mark('c');
}

static VOID FiltersMayContinue(VOID)
{
	Mended = 0;
	__try {
		WriteByRbx();
		DbgBreakPoint();
		Mark('d');
	} __except (Mend(GetExceptionInformation())) {
		Mark('x');
	}
	CHECK(Mended == 7);
	CHECK_TRACE("mcmd");
}

static NOINLINE LONG ContinueRaised(PEXCEPTION_POINTERS Pointers)
{
	CHECK(Pointers->ExceptionRecord->NumberParameters == 2);
	CHECK(Pointers->ExceptionRecord->ExceptionInformation[1] == 22);
	return EXCEPTION_CONTINUE_EXECUTION;
}

static VOID RaisedExceptionsMayContinue(VOID)
{
	EXCEPTION_RECORD Record = { 0 };

	Record.ExceptionCode = 0xE0001234;
	Record.NumberParameters = 2;
	Record.ExceptionInformation[0] = 11;
	Record.ExceptionInformation[1] = 22;
	__try {
		RtlRaiseException(&Record);
		Mark('c');
	} __except (ContinueRaised(GetExceptionInformation())) {
		Mark('x');
	}
	CHECK_TRACE("c");
}

/* A status cannot be continued: the attempt is an exception of its own, and its record points to the first. */
static NOINLINE LONG Refused(PEXCEPTION_POINTERS Pointers)
{
	PEXCEPTION_RECORD Record = Pointers->ExceptionRecord;

	if (Record->ExceptionCode == (ULONG)STATUS_INSUFFICIENT_RESOURCES)
		return EXCEPTION_CONTINUE_EXECUTION;
	CHECK_STATUS((NTSTATUS)Record->ExceptionCode, STATUS_NONCONTINUABLE_EXCEPTION);
	CHECK(Record->ExceptionRecord && Record->ExceptionRecord->ExceptionCode == (ULONG)STATUS_INSUFFICIENT_RESOURCES);
	Mark('n');
	return EXCEPTION_EXECUTE_HANDLER;
}

static VOID StatusesCannotContinue(VOID)
{
	__try {
		RaiseStatus();
	} __except (Refused(GetExceptionInformation())) {
		Mark('h');
	}
	CHECK_TRACE("nh");
}

/* An exception inside of a filter goes to the filters that follow, as a nested one. */
static NOINLINE LONG FaultyFilter(NTSTATUS Code)
{
	Mark('1');
	if (Code == STATUS_INTEGER_DIVIDE_BY_ZERO)
		return EXCEPTION_CONTINUE_SEARCH;
	Divide();
	Mark('x');
	return EXCEPTION_EXECUTE_HANDLER;
}

static NOINLINE LONG OuterFilter(NTSTATUS Code, PEXCEPTION_POINTERS Pointers)
{
	Mark(Code == STATUS_INTEGER_DIVIDE_BY_ZERO ? 'd' : 'w');
	CHECK(Pointers->ExceptionRecord->ExceptionFlags & 0x10); /* EXCEPTION_NESTED_CALL */
	return EXCEPTION_EXECUTE_HANDLER;
}

static VOID FaultyFiltersNest(VOID)
{
	__try {
		__try {
			WriteToNothing();
		} __except (FaultyFilter(GetExceptionCode())) {
			Mark('x');
		}
	} __except (OuterFilter(GetExceptionCode(), GetExceptionInformation())) {
		Mark('h');
	}
	CHECK_TRACE("11dh");
}

/* An exception in a handler, and one that is handled while another is: each its own. */
static VOID HandlersMayFail(VOID)
{
	__try {
		__try {
			WriteToNothing();
		} __except (EXCEPTION_EXECUTE_HANDLER) {
			Mark('1');
			__try {
				Divide();
			} __except (EXCEPTION_EXECUTE_HANDLER) {
				Mark('2');
			}
			RaiseStatus();
		}
	} __except (GetExceptionCode() == STATUS_INSUFFICIENT_RESOURCES) {
		Mark('3');
	}
	CHECK_TRACE("123");
}

/* A termination handler that fails: the unwind that called it is left, and the new one does not call it again. */
static NOINLINE VOID FailingTermination(VOID)
{
	__try {
		__try {
			WriteToNothing();
			Mark('x'); /* clang before 21 lets the scopes of two neighbouring calls overlap */
		} __finally {
			Mark('f');
			Divide();
			Mark('x');
		}
	} __finally {
		Mark('g');
	}
}

static VOID UnwindsCollide(VOID)
{
	__try {
		__try {
			FailingTermination();
		} __except (GetExceptionCode() == STATUS_ACCESS_VIOLATION ? Answer('a', EXCEPTION_EXECUTE_HANDLER) : Answer('s', 0)) {
			Mark('x');
		}
	} __except (GetExceptionCode() == STATUS_INTEGER_DIVIDE_BY_ZERO ? Answer('d', EXCEPTION_EXECUTE_HANDLER) : Answer('t', 0)) {
		Mark('h');
	}
	CHECK_TRACE("afsdgh");
}

/* The same, with the new exception taken below the target of the first unwind, which then goes on. */
static VOID UnwindsGoOn(VOID)
{
	__try {
		__try {
			WriteToNothing();
		} __finally {
			Mark('f');
			__try {
				Divide();
			} __except (EXCEPTION_EXECUTE_HANDLER) {
				Mark('d');
			}
			Mark('e');
		}
	} __except (EXCEPTION_EXECUTE_HANDLER) {
		Mark('h');
	}
	CHECK_TRACE("fdeh");
}

/* The nonvolatile registers, xmm6 to xmm15 among them, are those of the frame that handles; deep frames are left by the hundred. */
static NOINLINE VOID Deep(ULONG Depth)
{
	volatile UCHAR Buffer[40];

	Buffer[Depth % sizeof(Buffer)] = (UCHAR)Depth;
	__asm__ volatile("xorl %%ebx, %%ebx; xorl %%esi, %%esi; xorl %%edi, %%edi; xorl %%r12d, %%r12d; xorl %%r13d, %%r13d; xorl %%r14d, %%r14d;"
			 "xorl %%r15d, %%r15d; pxor %%xmm6, %%xmm6; pxor %%xmm10, %%xmm10; pxor %%xmm15, %%xmm15"
			 :
			 :
			 : "rbx", "rsi", "rdi", "r12", "r13", "r14", "r15", "xmm6", "xmm10", "xmm15");
	if (Depth)
		Deep(Depth - 1);
	else
		Divide();
	Buffer[0]++;
}

static NOINLINE BOOLEAN TryDeep(ULONG Depth)
{
	__try {
		Deep(Depth);
	} __except (EXCEPTION_EXECUTE_HANDLER) {
		return TRUE;
	}
	return FALSE;
}

static VOID RegistersComeBack(VOID)
{
	ULONG64 Found[10] = { 0 };
	ULONG64 Result = 0;

	__asm__ volatile("movq $0x11, %%rbx; movq $0x12, %%rsi; movq $0x13, %%rdi; movq $0x14, %%r12; movq $0x15, %%r13; movq $0x16, %%r14;"
			 "movq %%rbx, %%xmm6; movq %%rsi, %%xmm10; movq %%rdi, %%xmm15; movq %[found], %%r15;"
			 "subq $0x20, %%rsp; movl $20, %%ecx; call *%[routine]; addq $0x20, %%rsp;"
			 "movq %%rbx, (%%r15); movq %%rsi, 8(%%r15); movq %%rdi, 16(%%r15); movq %%r12, 24(%%r15); movq %%r13, 32(%%r15);"
			 "movq %%r14, 40(%%r15); movq %%xmm6, 48(%%r15); movq %%xmm10, 56(%%r15); movq %%xmm15, 64(%%r15)"
			 : "=a"(Result)
			 : [routine] "a"(TryDeep), [found] "d"(Found)
			 : "rbx", "rcx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
			   "xmm5", "xmm6", "xmm10", "xmm15", "memory", "cc");
	CHECK((UCHAR)Result == TRUE);
	for (ULONG i = 0; i < 9; i++)
		CHECK(Found[i] == 0x11 + (i < 6 ? i : i - 6));
}

/* At DISPATCH_LEVEL, where the handler runs too; and in a DPC, whose exceptions are its own. */
static VOID FaultingDpc(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	__try {
		Divide();
	} __except (EXCEPTION_EXECUTE_HANDLER) {
		Mark('d');
	}
	KeSetEvent(Context, IO_NO_INCREMENT, FALSE);
}

static VOID HandlersKeepTheIrql(VOID)
{
	KIRQL OldIrql;
	KEVENT Done;
	KDPC Dpc;

	KeRaiseIrql(DISPATCH_LEVEL, &OldIrql);
	__try {
		Divide();
	} __except (EXCEPTION_EXECUTE_HANDLER) {
		CHECK(KeGetCurrentIrql() == DISPATCH_LEVEL);
		Mark('h');
	}
	KeLowerIrql(OldIrql);
	KeInitializeEvent(&Done, NotificationEvent, FALSE);
	KeInitializeDpc(&Dpc, FaultingDpc, &Done);
	__try {
		KeInsertQueueDpc(&Dpc, NULL, NULL);
		KeWaitForSingleObject(&Done, Executive, KernelMode, FALSE, NULL);
	} __except (EXCEPTION_EXECUTE_HANDLER) {
		Mark('x');
	}
	CHECK_TRACE("hd");
}

/* The pool's own exceptions. */
static VOID PoolRaises(VOID)
{
	volatile NTSTATUS Code = 0;

	__try {
		ExAllocatePoolWithQuotaTag(NonPagedPool, (SIZE_T)1 << 40, 'tseT');
	} __except (EXCEPTION_EXECUTE_HANDLER) {
		Code = GetExceptionCode();
	}
	CHECK_STATUS(Code, STATUS_INSUFFICIENT_RESOURCES);
}

static VOID ManyTimes(VOID)
{
	volatile ULONG Caught = 0;

	for (ULONG i = 0; i < 2000; i++) {
		__try {
			if (i & 1)
				WriteToNothing();
			else
				RaiseStatus();
		} __except (EXCEPTION_EXECUTE_HANDLER) {
			Caught++;
		}
	}
	CHECK(Caught == 2000);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = CheckUnload;
	EachCauseReachesItsHandler();
	FiltersGoFirst();
	TerminationHandlersRunOnEveryWayOut();
	FiltersMayContinue();
	RaisedExceptionsMayContinue();
	StatusesCannotContinue();
	FaultyFiltersNest();
	HandlersMayFail();
	UnwindsCollide();
	UnwindsGoOn();
	RegistersComeBack();
	HandlersKeepTheIrql();
	PoolRaises();
	ManyTimes();
	return CheckResult("seh");
}
