/*
 * Processes and threads: creation, lookup, exit. Scheduling is ke.h's.
 */
#ifndef PS_H
#define PS_H

#include "nt.h"

/*
 * Executive-internal: called once by KiSystemStartup after ObInitSystem and ExInitSystem. Makes the Process and Thread types, enters
 * the Idle process, creates System (PID 4) and its first thread, Phase1Initialization; fills PsLoadedModuleList from the loader
 * block. Does not wait. FALSE: no memory.
 */
BOOLEAN PsInitSystem(PLOADER_PARAMETER_BLOCK LoaderBlock);

/* ps/init.c: a processor's idle thread, which is no object, enters the Idle process. Before the processor starts. */
VOID PspInsertIdleThread(PETHREAD Thread);

extern NTKERNELAPI POBJECT_TYPE PsProcessType;
extern NTKERNELAPI POBJECT_TYPE PsThreadType;
extern NTKERNELAPI PEPROCESS PsInitialSystemProcess;
extern PEPROCESS PsIdleProcess;
extern LIST_ENTRY PsActiveProcessHead;
extern NTKERNELAPI LIST_ENTRY PsLoadedModuleList;
extern KSPIN_LOCK PsLoadedModuleSpinLock; /* taken by KiLockBriefly: faults are looked at under any IRQL */
extern PHANDLE_TABLE PspCidTable;

NTKERNELAPI PVOID MmGetSystemRoutineAddress(PUNICODE_STRING SystemRoutineName);

/* Threads (ps/thread.c, ps/exit.c). */
NTKERNELAPI NTSTATUS PsCreateSystemThread(PHANDLE ThreadHandle, ULONG DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, HANDLE ProcessHandle,
					  PCLIENT_ID ClientId, PKSTART_ROUTINE StartRoutine, PVOID StartContext);
NTKERNELAPI NTSTATUS PsTerminateSystemThread(NTSTATUS ExitStatus);
NTKERNELAPI BOOLEAN PsIsSystemThread(PETHREAD Thread);
NTKERNELAPI BOOLEAN PsIsThreadTerminating(PETHREAD Thread);

/* The first C frame of every system thread; KiStartSystemThread calls it with the start routine and context. Does not return. */
VOID PspSystemThreadStartup(PKSTART_ROUTINE StartRoutine, PVOID StartContext);

/*
 * A process without user address space (as minimal processes are): Parent may be NULL, ImageFileName is the full NT name.
 * *Process is referenced for the caller. PspExitProcess: last thread gone or process never had one; closes handles and leaves
 * PsActiveProcessHead and PspCidTable when the last reference goes, so that a referenced process that exited stays as a zombie.
 */
NTSTATUS PspCreateProcess(PEPROCESS Parent, PCUNICODE_STRING ImageFileName, PEPROCESS *Process);
VOID PspExitProcess(PEPROCESS Process, NTSTATUS ExitStatus);
NTKERNELAPI NTSTATUS PsCreateSystemProcess(PHANDLE ProcessHandle, ULONG DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);

/* Lookup (ps/query.c). */
NTKERNELAPI PETHREAD PsGetCurrentThread(VOID);
NTKERNELAPI PEPROCESS PsGetCurrentProcess(VOID);
NTKERNELAPI PEPROCESS IoGetCurrentProcess(VOID);
NTKERNELAPI HANDLE PsGetCurrentThreadId(VOID);
NTKERNELAPI HANDLE PsGetCurrentProcessId(VOID);
NTKERNELAPI HANDLE PsGetThreadId(PETHREAD Thread);
NTKERNELAPI HANDLE PsGetThreadProcessId(PETHREAD Thread);
NTKERNELAPI PEPROCESS PsGetCurrentThreadProcess(VOID);
NTKERNELAPI HANDLE PsGetCurrentThreadProcessId(VOID);
NTKERNELAPI KPROCESSOR_MODE PsGetCurrentThreadPreviousMode(VOID);
NTKERNELAPI PVOID PsGetCurrentThreadStackBase(VOID);
NTKERNELAPI PVOID PsGetCurrentThreadStackLimit(VOID);
NTKERNELAPI HANDLE PsGetProcessInheritedFromUniqueProcessId(PEPROCESS Process);
NTKERNELAPI BOOLEAN PsIsSystemProcess(PEPROCESS Process);
NTKERNELAPI PEPROCESS PsGetThreadProcess(PETHREAD Thread);
NTKERNELAPI PEPROCESS IoThreadToProcess(PETHREAD Thread);
NTKERNELAPI HANDLE PsGetProcessId(PEPROCESS Process);
NTKERNELAPI PCHAR PsGetProcessImageFileName(PEPROCESS Process);
NTKERNELAPI LONGLONG PsGetProcessCreateTimeQuadPart(PEPROCESS Process);
NTKERNELAPI LONGLONG PsGetThreadCreateTime(PETHREAD Thread);
NTKERNELAPI NTSTATUS PsGetProcessExitStatus(PEPROCESS Process);
NTKERNELAPI NTSTATUS PsGetThreadExitStatus(PETHREAD Thread);
NTKERNELAPI NTSTATUS PsLookupProcessByProcessId(HANDLE ProcessId, PEPROCESS *Process);
NTKERNELAPI NTSTATUS PsLookupThreadByThreadId(HANDLE ThreadId, PETHREAD *Thread);
NTKERNELAPI BOOLEAN PsGetVersion(PULONG MajorVersion, PULONG MinorVersion, PULONG BuildNumber, PUNICODE_STRING CSDVersion);

/*
 * Walks: pass NULL to begin, then the last result. Each gives a referenced object and drops the reference of the one passed in, so
 * that a walk to the end leaves nothing behind; who stops early dereferences the last one.
 */
PEPROCESS PsGetNextProcess(PEPROCESS Process);
PETHREAD PsGetNextProcessThread(PEPROCESS Process, PETHREAD Thread);

#endif
