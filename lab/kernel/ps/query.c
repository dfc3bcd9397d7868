/* Questions about processes and threads: who runs, what their numbers and names are, who comes next. */
#include "psp.h"
#include "kd.h"

PETHREAD PsGetCurrentThread(VOID)
{
	return (PETHREAD)KeGetCurrentThread();
}

PEPROCESS PsGetCurrentProcess(VOID)
{
	return (PEPROCESS)KeGetCurrentThread()->ApcState.Process;
}

PEPROCESS IoGetCurrentProcess(VOID)
{
	return PsGetCurrentProcess();
}

HANDLE PsGetCurrentThreadId(VOID)
{
	return PsGetCurrentThread()->Cid.UniqueThread;
}

HANDLE PsGetCurrentProcessId(VOID)
{
	return PsGetCurrentThread()->Cid.UniqueProcess;
}

HANDLE PsGetThreadId(PETHREAD Thread)
{
	return Thread->Cid.UniqueThread;
}

HANDLE PsGetThreadProcessId(PETHREAD Thread)
{
	return Thread->Cid.UniqueProcess;
}

PEPROCESS PsGetThreadProcess(PETHREAD Thread)
{
	return (PEPROCESS)Thread->Tcb.Process;
}

PEPROCESS PsGetCurrentThreadProcess(VOID)
{
	return (PEPROCESS)KeGetCurrentThread()->Process;
}

HANDLE PsGetCurrentThreadProcessId(VOID)
{
	return PsGetCurrentThread()->Cid.UniqueProcess;
}

KPROCESSOR_MODE PsGetCurrentThreadPreviousMode(VOID)
{
	return KeGetCurrentThread()->PreviousMode;
}

PVOID PsGetCurrentThreadStackBase(VOID)
{
	return KeGetCurrentThread()->StackBase;
}

PVOID PsGetCurrentThreadStackLimit(VOID)
{
	return KeGetCurrentThread()->StackLimit;
}

HANDLE PsGetProcessInheritedFromUniqueProcessId(PEPROCESS Process)
{
	return Process->InheritedFromUniqueProcessId;
}

BOOLEAN PsIsSystemProcess(PEPROCESS Process)
{
	return Process == PsInitialSystemProcess;
}

PEPROCESS IoThreadToProcess(PETHREAD Thread)
{
	return (PEPROCESS)Thread->Tcb.Process;
}

HANDLE PsGetProcessId(PEPROCESS Process)
{
	return Process->UniqueProcessId;
}

PCHAR PsGetProcessImageFileName(PEPROCESS Process)
{
	return (PCHAR)Process->ImageFileName;
}

LONGLONG PsGetProcessCreateTimeQuadPart(PEPROCESS Process)
{
	return Process->CreateTime.QuadPart;
}

LONGLONG PsGetThreadCreateTime(PETHREAD Thread)
{
	return Thread->CreateTime.QuadPart;
}

NTSTATUS PsGetProcessExitStatus(PEPROCESS Process)
{
	return Process->ExitStatus;
}

NTSTATUS PsGetThreadExitStatus(PETHREAD Thread)
{
	return Thread->ExitStatus;
}

BOOLEAN PsIsSystemThread(PETHREAD Thread)
{
	return Thread->Tcb.SystemThread;
}

BOOLEAN PsIsThreadTerminating(PETHREAD Thread)
{
	return (Thread->CrossThreadFlags & PS_CROSS_THREAD_FLAGS_TERMINATED) != 0;
}

/* FALSE: a free build. Any pointer may be NULL; CSDVersion becomes empty, as no service pack is installed. */
BOOLEAN PsGetVersion(PULONG MajorVersion, PULONG MinorVersion, PULONG BuildNumber, PUNICODE_STRING CSDVersion)
{
	if (MajorVersion != NULL)
		*MajorVersion = NtMajorVersion;
	if (MinorVersion != NULL)
		*MinorVersion = NtMinorVersion;
	if (BuildNumber != NULL)
		*BuildNumber = NtBuildNumber & 0xffff;
	if (CSDVersion != NULL)
		*CSDVersion = (UNICODE_STRING){ 0 };
	return FALSE;
}

PEPROCESS PsGetNextProcess(PEPROCESS Process)
{
	PEPROCESS next = NULL;
	PLIST_ENTRY link;

	PspLockProcessList();
	link = Process != NULL ? Process->ActiveProcessLinks.Flink : PsActiveProcessHead.Flink;
	for (; link != &PsActiveProcessHead && next == NULL; link = link->Flink) {
		PEPROCESS candidate = CONTAINING_RECORD(link, EPROCESS, ActiveProcessLinks);

		if (ObReferenceObjectSafe(candidate))
			next = candidate;
	}
	PspUnlockProcessList();
	if (Process != NULL)
		ObfDereferenceObject(Process);
	return next;
}

PETHREAD PsGetNextProcessThread(PEPROCESS Process, PETHREAD Thread)
{
	PETHREAD next = NULL;
	PLIST_ENTRY link;

	KeEnterCriticalRegion();
	ExfAcquirePushLockShared(&Process->ThreadListLock);
	link = Thread != NULL ? Thread->ThreadListEntry.Flink : Process->ThreadListHead.Flink;
	for (; link != &Process->ThreadListHead && next == NULL; link = link->Flink) {
		PETHREAD candidate = CONTAINING_RECORD(link, ETHREAD, ThreadListEntry);

		if (ObReferenceObjectSafe(candidate))
			next = candidate;
	}
	ExfReleasePushLockShared(&Process->ThreadListLock);
	KeLeaveCriticalRegion();
	if (Thread != NULL)
		ObfDereferenceObject(Thread);
	return next;
}
