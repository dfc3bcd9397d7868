/* Messages and break points for a debugger. The lab's debugger reads dumps, so a message goes to the console and a break is a bugcheck. */
#include "format.h"
#include "hal.h"

/* The longest message that NT passes on, in bytes. */
#define RTL_DEBUG_MESSAGE_BYTES 512

/* No debugger is attached to a running lab; drivers test these. */
NTKERNELAPI BOOLEAN KdDebuggerEnabled = FALSE;
NTKERNELAPI BOOLEAN KdDebuggerNotPresent = TRUE;

static ULONG RtlpDebugPrint(PCSTR prefix, PCSTR format, va_list arguments)
{
	CHAR text[RTL_DEBUG_MESSAGE_BYTES];
	struct rtl_output output = { .buffer = text, .capacity = sizeof(text), .wide = FALSE };

	output.length = strnlen(prefix, sizeof(text));
	memcpy(text, prefix, output.length);
	RtlpFormat(&output, format, arguments);
	HalpConsoleWrite(text, output.length < sizeof(text) ? output.length : sizeof(text));
	return STATUS_SUCCESS;
}

/*
 * ComponentId and Level select messages on Windows, where by default most components' messages below error level are dropped. The
 * lab shows all: who runs a driver here wants to see what it says.
 */
ULONG vDbgPrintExWithPrefix(PCSTR Prefix, ULONG ComponentId, ULONG Level, PCSTR Format, va_list Arguments)
{
	UNREFERENCED_PARAMETER(ComponentId);
	UNREFERENCED_PARAMETER(Level);
	return RtlpDebugPrint(Prefix, Format, Arguments);
}

ULONG vDbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, va_list Arguments)
{
	return vDbgPrintExWithPrefix("", ComponentId, Level, Format, Arguments);
}

ULONG DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...)
{
	va_list arguments;
	ULONG status;

	va_start(arguments, Format);
	status = vDbgPrintExWithPrefix("", ComponentId, Level, Format, arguments);
	va_end(arguments);
	return status;
}

ULONG DbgPrint(PCSTR Format, ...)
{
	va_list arguments;
	ULONG status;

	va_start(arguments, Format);
	status = RtlpDebugPrint("", Format, arguments);
	va_end(arguments);
	return status;
}

VOID DbgBreakPoint(VOID)
{
	__asm__ volatile("int3");
}

VOID DbgBreakPointWithStatus(ULONG Status)
{
	__asm__ volatile("int3" : : "c"(Status));
}

VOID RtlAssert(PVOID FailedAssertion, PVOID FileName, ULONG LineNumber, PCHAR Message)
{
	DbgPrint("*** Assertion failed: %s%s\n***   Source File: %s, line %u\n", Message != NULL ? Message : "", (const CHAR *)FailedAssertion,
		 (const CHAR *)FileName, LineNumber);
	DbgBreakPoint();
}
