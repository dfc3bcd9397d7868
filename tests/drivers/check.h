/* For drivers that test the kernel from inside: each CHECK that fails is a line on the console, and DriverEntry fails with it. */
#pragma once

#include <ntifs.h>

static LONG Checks, Failures;

#define CHECK(expression)                  Check((expression) != 0, #expression, __LINE__)
#define CHECK_STATUS(expression, expected) CheckStatus((expression), (expected), #expression, __LINE__)

static inline VOID Check(BOOLEAN Holds, PCSTR Text, ULONG Line)
{
	InterlockedIncrement(&Checks);
	if (Holds)
		return;
	InterlockedIncrement(&Failures);
	DbgPrint("CHECK failed at line %lu: %s\n", Line, Text);
}

static inline VOID CheckStatus(NTSTATUS Found, NTSTATUS Expected, PCSTR Text, ULONG Line)
{
	InterlockedIncrement(&Checks);
	if (Found == Expected)
		return;
	InterlockedIncrement(&Failures);
	DbgPrint("CHECK failed at line %lu: %s is %08lx, expected %08lx\n", Line, Text, Found, Expected);
}

/* The status for DriverEntry to return; prints the sum. A driver without DriverUnload cannot be stopped, so tests set one. */
static inline NTSTATUS CheckResult(PCSTR Name)
{
	DbgPrint("%s: %ld checks, %ld failed\n", Name, Checks, Failures);
	return Failures ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
}

static inline VOID CheckUnload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
}
