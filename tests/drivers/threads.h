/* For drivers that test the kernel from inside: threads to play the other party, and waiting until something has come about. */
#pragma once

#include "check.h"

#define MILLISECONDS(n) (-(LONGLONG)(n) * 10000)

static inline VOID Sleep(LONG Milliseconds)
{
	LARGE_INTEGER Interval;

	Interval.QuadPart = MILLISECONDS(Milliseconds);
	KeDelayExecutionThread(KernelMode, FALSE, &Interval);
}

static inline NTSTATUS WaitFor(PVOID Object, LONG Milliseconds)
{
	LARGE_INTEGER Timeout;

	Timeout.QuadPart = MILLISECONDS(Milliseconds);
	return KeWaitForSingleObject(Object, Executive, KernelMode, FALSE, &Timeout);
}

/* Waits until `*Count` is `Expected`, at most five seconds, and a little longer to see that it does not go past it. */
static inline VOID Settle(volatile LONG *Count, LONG Expected)
{
	for (ULONG i = 0; i < 500 && *Count < Expected; i++)
		Sleep(10);
	Sleep(20);
}

/* The object of a new thread, referenced; JoinThread waits for its end and gives the reference back. */
static inline PVOID StartThread(PKSTART_ROUTINE Routine, PVOID Context)
{
	PVOID Thread = NULL;
	HANDLE Handle;

	CHECK_STATUS(PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, Routine, Context), STATUS_SUCCESS);
	CHECK_STATUS(ObReferenceObjectByHandle(Handle, SYNCHRONIZE, *PsThreadType, KernelMode, &Thread, NULL), STATUS_SUCCESS);
	ZwClose(Handle);
	return Thread;
}

static inline VOID JoinThread(PVOID Thread)
{
	CHECK_STATUS(WaitFor(Thread, 10000), STATUS_SUCCESS);
	ObDereferenceObject(Thread);
}
