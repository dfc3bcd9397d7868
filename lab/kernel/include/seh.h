/*
 * Structured exceptions: raising them, finding who handles them, leaving frames. What compilers and handlers know of each other is
 * nt/except.h's.
 */
#ifndef SEH_H
#define SEH_H

#include "nt.h"

/* rtl/unwind.c */
NTKERNELAPI PEXCEPTION_ROUTINE RtlVirtualUnwind(ULONG HandlerType, ULONG64 ImageBase, ULONG64 ControlPc, PRUNTIME_FUNCTION FunctionEntry,
						PCONTEXT ContextRecord, PVOID *HandlerData, PULONG64 EstablisherFrame,
						PKNONVOLATILE_CONTEXT_POINTERS ContextPointers);

/* rtl/context.S, exported there. Does not return; ExceptionRecord is what led to it, or NULL. */
VOID RtlRestoreContext(PCONTEXT ContextRecord, PEXCEPTION_RECORD ExceptionRecord);

/* rtl/except.c, rtl/cspecific.c: structured exceptions */
BOOLEAN RtlDispatchException(PEXCEPTION_RECORD ExceptionRecord, PCONTEXT ContextRecord);
NTKERNELAPI VOID RtlUnwindEx(PVOID TargetFrame, PVOID TargetIp, PEXCEPTION_RECORD ExceptionRecord, PVOID ReturnValue, PCONTEXT ContextRecord,
			     PVOID HistoryTable);
NTKERNELAPI VOID RtlUnwind(PVOID TargetFrame, PVOID TargetIp, PEXCEPTION_RECORD ExceptionRecord, PVOID ReturnValue);
NTKERNELAPI EXCEPTION_ROUTINE __C_specific_handler;
NTKERNELAPI VOID _local_unwind(PVOID TargetFrame, PVOID TargetIp);

/* rtl/raise.c. ExRaiseStatus and ExRaiseException are the first two by other names. */
NTKERNELAPI DECLSPEC_NORETURN VOID RtlRaiseStatus(NTSTATUS Status);
NTKERNELAPI VOID RtlRaiseException(PEXCEPTION_RECORD ExceptionRecord);
NTKERNELAPI DECLSPEC_NORETURN VOID ExRaiseStatus(NTSTATUS Status);
NTKERNELAPI VOID ExRaiseException(PEXCEPTION_RECORD ExceptionRecord);
NTKERNELAPI DECLSPEC_NORETURN VOID ExRaiseAccessViolation(VOID);
NTKERNELAPI DECLSPEC_NORETURN VOID ExRaiseDatatypeMisalignment(VOID);

/* Exceptions of kernel code (ke/except.c). KiDispatchException does not return; what it does may be to go on where Context says. */
VOID KiDispatchException(PEXCEPTION_RECORD Record, PCONTEXT Context);
DECLSPEC_NORETURN VOID KiUnhandledException(PEXCEPTION_RECORD Record, PCONTEXT Context);
DECLSPEC_NORETURN VOID KiBugCheckException(ULONG Code, PEXCEPTION_POINTERS Pointers);
LONG KiUnhandledDpcException(PEXCEPTION_POINTERS Pointers);

#endif
