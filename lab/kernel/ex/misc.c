/* Small services: the previous mode, local time, raising exceptions. */
#include "ex.h"
#include "kd.h"
#include "ke.h"

KPROCESSOR_MODE ExGetPreviousMode(VOID)
{
	return KeGetCurrentThread()->PreviousMode;
}

/* SharedUserData's TimeZoneBias: 100-ns units to subtract from UTC. Its high part is written twice, so that a torn read shows. */
static LONGLONG ExpTimeZoneBias(VOID)
{
	volatile KSYSTEM_TIME *bias = &SharedUserData->TimeZoneBias;
	LARGE_INTEGER value;

	do {
		value.HighPart = bias->High1Time;
		value.LowPart = bias->LowPart;
	} while (value.HighPart != bias->High2Time);
	return value.QuadPart;
}

VOID ExSystemTimeToLocalTime(PLARGE_INTEGER SystemTime, PLARGE_INTEGER LocalTime)
{
	LocalTime->QuadPart = SystemTime->QuadPart - ExpTimeZoneBias();
}

VOID ExLocalTimeToSystemTime(PLARGE_INTEGER LocalTime, PLARGE_INTEGER SystemTime)
{
	SystemTime->QuadPart = LocalTime->QuadPart + ExpTimeZoneBias();
}

/* No exception handler is ever run in the lab: what raises one stops the machine, with the status and who raised it. */
VOID ExRaiseStatus(NTSTATUS Status)
{
	KeBugCheckEx(KMODE_EXCEPTION_NOT_HANDLED, (ULONG_PTR)(LONG_PTR)Status, (ULONG_PTR)__builtin_return_address(0), 0, 0);
}

VOID ExRaiseAccessViolation(VOID)
{
	KeBugCheckEx(KMODE_EXCEPTION_NOT_HANDLED, (ULONG_PTR)(LONG_PTR)STATUS_ACCESS_VIOLATION, (ULONG_PTR)__builtin_return_address(0), 0, 0);
}

VOID ExRaiseDatatypeMisalignment(VOID)
{
	KeBugCheckEx(KMODE_EXCEPTION_NOT_HANDLED, (ULONG_PTR)(LONG_PTR)STATUS_DATATYPE_MISALIGNMENT, (ULONG_PTR)__builtin_return_address(0), 0, 0);
}

/*
 * The language handler that a driver's __try blocks name in their unwind data. A driver that has them loads; an exception in it is a
 * bugcheck before any handler is asked, and so it is where one is called directly.
 */
LONG __C_specific_handler(PEXCEPTION_RECORD ExceptionRecord, PVOID EstablisherFrame, PCONTEXT ContextRecord, PVOID DispatcherContext)
{
	UNREFERENCED_PARAMETER(EstablisherFrame);
	UNREFERENCED_PARAMETER(ContextRecord);
	UNREFERENCED_PARAMETER(DispatcherContext);
	KeBugCheckEx(KMODE_EXCEPTION_NOT_HANDLED, (ULONG_PTR)(LONG_PTR)ExceptionRecord->ExceptionCode, (ULONG_PTR)ExceptionRecord->ExceptionAddress,
		     ExceptionRecord->ExceptionInformation[0], ExceptionRecord->ExceptionInformation[1]);
}
