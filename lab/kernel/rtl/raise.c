/* Raising exceptions: each routine's caller is where the exception happened, and where it goes on if a filter says so. */
#include "ke.h"
#include "unwindp.h"

FORCEINLINE VOID RtlpRaise(PEXCEPTION_RECORD record)
{
	PRUNTIME_FUNCTION function;
	RTL_STACK_LIMITS limits;
	CONTEXT context;
	RTL_FRAME frame;
	ULONG64 base;

	RtlpGetStackLimits(&limits);
	RtlCaptureContext(&context);
	function = RtlLookupFunctionEntry(context.Rip, &base, NULL);
	RtlpVirtualUnwind(UNW_FLAG_NHANDLER, base, context.Rip, function, &context, &limits, &frame, NULL);
	record->ExceptionAddress = (PVOID)context.Rip;
	KiDispatchException(record, &context);
}

FORCEINLINE DECLSPEC_NORETURN VOID RtlpRaiseStatus(NTSTATUS status)
{
	EXCEPTION_RECORD record = { .ExceptionCode = status, .ExceptionFlags = EXCEPTION_NONCONTINUABLE };

	RtlpRaise(&record);
	__builtin_trap();
}

/* Returns when a filter says so. */
DECLSPEC_NOINLINE VOID RtlRaiseException(PEXCEPTION_RECORD ExceptionRecord)
{
	RtlpRaise(ExceptionRecord);
}

DECLSPEC_NOINLINE VOID RtlRaiseStatus(NTSTATUS Status)
{
	RtlpRaiseStatus(Status);
}

/* The executive's names of the same two. */
NTKERNELAPI VOID ExRaiseException(PEXCEPTION_RECORD ExceptionRecord) __attribute__((alias("RtlRaiseException")));
NTKERNELAPI VOID ExRaiseStatus(NTSTATUS Status) __attribute__((alias("RtlRaiseStatus")));

DECLSPEC_NOINLINE VOID ExRaiseAccessViolation(VOID)
{
	RtlpRaiseStatus(STATUS_ACCESS_VIOLATION);
}

DECLSPEC_NOINLINE VOID ExRaiseDatatypeMisalignment(VOID)
{
	RtlpRaiseStatus(STATUS_DATATYPE_MISALIGNMENT);
}
