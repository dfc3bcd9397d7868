/*
 * The end of an exception: the handlers of the frames are asked, and where none of them wants it the machine stops with NT's code for the
 * place: a system thread, an interrupt routine, a DPC. What became an exception at all is trap.c's.
 */
#include "kd.h"
#include "ki.h"
#include "rtl.h"
#include "seh.h"

DECLSPEC_NORETURN VOID KiUnhandledException(PEXCEPTION_RECORD Record, PCONTEXT Context)
{
	ULONG64 Data[5] = { KMODE_EXCEPTION_NOT_HANDLED, (ULONG64)(LONG64)Record->ExceptionCode, (ULONG64)Record->ExceptionAddress,
			    Record->ExceptionInformation[0], Record->ExceptionInformation[1] };

	KiBugCheckTrap(Data, Record, Context);
}

DECLSPEC_NOINLINE VOID KiDispatchException(PEXCEPTION_RECORD Record, PCONTEXT Context)
{
	if (RtlDispatchException(Record, Context))
		RtlRestoreContext(Context, Record);
	KiUnhandledException(Record, Context);
}

/* The bugchecks whose parameters are an exception: its record and its context are what debuggers show by .exr and .cxr. */
DECLSPEC_NORETURN VOID KiBugCheckException(ULONG Code, PEXCEPTION_POINTERS Pointers)
{
	PEXCEPTION_RECORD Record = Pointers->ExceptionRecord;
	ULONG64 Data[5] = { Code, (ULONG64)Record, (ULONG64)Pointers->ContextRecord, 0, 0 };

	if (Code == SYSTEM_THREAD_EXCEPTION_NOT_HANDLED) {
		Data[1] = (ULONG64)(LONG64)Record->ExceptionCode;
		Data[2] = (ULONG64)Record->ExceptionAddress;
		Data[3] = (ULONG64)Record;
		Data[4] = (ULONG64)Pointers->ContextRecord;
	}
	KiBugCheckTrap(Data, Record, Pointers->ContextRecord);
}

/* The filter below a DPC's routine: the thread that it interrupted must not see the exception. */
LONG KiUnhandledDpcException(PEXCEPTION_POINTERS Pointers)
{
	KiUnhandledException(Pointers->ExceptionRecord, Pointers->ContextRecord);
}

/*
 * The handler of KiInterruptDispatch: what an interrupt routine raises is not for the code that it interrupted. An APC that the end of an
 * interrupt delivers is that thread's own.
 */
EXCEPTION_DISPOSITION KiInterruptHandler(PEXCEPTION_RECORD ExceptionRecord, PVOID EstablisherFrame, PCONTEXT ContextRecord,
					 PDISPATCHER_CONTEXT DispatcherContext)
{
	EXCEPTION_POINTERS Pointers = { .ExceptionRecord = ExceptionRecord, .ContextRecord = ContextRecord };

	UNREFERENCED_PARAMETER(EstablisherFrame);
	UNREFERENCED_PARAMETER(DispatcherContext);
	if (KeGetCurrentIrql() < DISPATCH_LEVEL)
		return ExceptionContinueSearch;
	KiBugCheckException(ExceptionRecord->ExceptionFlags & EXCEPTION_UNWIND ? INTERRUPT_UNWIND_ATTEMPTED : INTERRUPT_EXCEPTION_NOT_HANDLED,
			    &Pointers);
}
