/* Threads of the kernel: creation, their first frame, deletion of the object. How one ends is exit.c's. */
#include "psp.h"
#include "seh.h"

POBJECT_TYPE PsThreadType;

static VOID PspInitializeThread(PETHREAD thread, PEPROCESS process, PKSTART_ROUTINE start)
{
	InitializeListHead(&thread->ActiveTimerListHead);
	InitializeListHead(&thread->IrpList);
	InitializeListHead(&thread->AlpcWaitListEntry);
	InitializeListHead(&thread->BoostList);
	InitializeListHead(&thread->DeboostList);
	InitializeListHead(&thread->OwnerEntryListHead);
	InitializeListHead(&thread->DisownedOwnerEntryListHead);
	InitializeListHead(&thread->PropertySet.ListHead);
	InitializeListHead(&thread->ThreadListEntry);
	KeInitializeSemaphore(&thread->AlpcWaitSemaphore, 0, 1);
	ExInitializeRundownProtection(&thread->RundownProtect);
	thread->Cid.UniqueProcess = process->UniqueProcessId;
	thread->StartAddress = (PVOID)start;
	thread->Win32StartAddress = (PVOID)start;
	thread->ExitStatus = STATUS_PENDING;
	thread->ThreadPagePriority = 5; /* MEMORY_PRIORITY_NORMAL */
	thread->ThreadIoPriority = 2;   /* IoPriorityNormal */
	KeQuerySystemTime(&thread->CreateTime);
}

/* Enters the thread in its process. FALSE: the process is exiting. */
static BOOLEAN PspInsertThread(PETHREAD thread, PEPROCESS process)
{
	BOOLEAN inserted = FALSE;

	KeEnterCriticalRegion();
	ExfAcquirePushLockExclusive(&process->ThreadListLock);
	if (!(process->Flags & PS_PROCESS_FLAGS_PROCESS_EXITING)) {
		InsertTailList(&process->ThreadListHead, &thread->ThreadListEntry);
		process->ActiveThreads++;
		if (process->ActiveThreads > process->ActiveThreadsHighWatermark)
			process->ActiveThreadsHighWatermark = process->ActiveThreads;
		__atomic_or_fetch(&thread->CrossThreadFlags, PS_CROSS_THREAD_FLAGS_INSERTED, __ATOMIC_RELEASE);
		inserted = TRUE;
	}
	ExfReleasePushLockExclusive(&process->ThreadListLock);
	KeLeaveCriticalRegion();
	return inserted;
}

/* Everything but the start: a thread object with stack and ID that refers to its process. */
static NTSTATUS PspMakeThread(PEPROCESS process, POBJECT_ATTRIBUTES attributes, PKSTART_ROUTINE start, PVOID context, PETHREAD *result)
{
	PETHREAD thread;
	NTSTATUS status;

	status = ObCreateObject(KernelMode, PsThreadType, attributes, KernelMode, NULL, sizeof(*thread), 0, 0, (PVOID *)&thread);
	if (!NT_SUCCESS(status))
		return status;
	PspInitializeThread(thread, process, start);
	status = KeInitThread(&thread->Tcb, NULL, PspSystemThreadStartup, start, context, NULL, NULL, &process->Pcb);
	if (!NT_SUCCESS(status)) {
		thread->Tcb.Process = NULL; /* nothing for PspThreadDelete to give back */
		ObfDereferenceObject(thread);
		return status;
	}
	/* From here on the deletion of the thread gives the reference back. */
	ObfReferenceObject(process);
	thread->Tcb.SystemThread = 1;
	thread->Cid.UniqueThread = PspAllocateCid(thread);
	if (thread->Cid.UniqueThread == NULL) {
		ObfDereferenceObject(thread);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	*result = thread;
	return STATUS_SUCCESS;
}

NTSTATUS PspCreateThread(PEPROCESS process, POBJECT_ATTRIBUTES attributes, ACCESS_MASK access, PKSTART_ROUTINE start, PVOID context, PHANDLE handle,
			 PETHREAD *result)
{
	PETHREAD thread;
	NTSTATUS status;

	*result = NULL;
	status = PspMakeThread(process, attributes, start, context, &thread);
	if (!NT_SUCCESS(status))
		return status;
	/* One for the caller, one that the running thread itself is; ObInsertObject takes that of the creation. */
	ObfReferenceObject(thread);
	if (handle != NULL) {
		status = ObInsertObject(thread, NULL, access, 0, NULL, handle);
	} else {
		ObDeleteCapturedInsertInfo(thread);
		OBJECT_TO_OBJECT_HEADER(thread)->NewObject = 0;
		ObfDereferenceObject(thread);
	}
	if (NT_SUCCESS(status) && !PspInsertThread(thread, process)) {
		status = STATUS_PROCESS_IS_TERMINATING;
		if (handle != NULL)
			ObCloseHandle(*handle, KernelMode);
	}
	if (!NT_SUCCESS(status)) {
		ObfDereferenceObject(thread);
		return status;
	}
	ObfReferenceObject(thread);
	KeStartThread(&thread->Tcb);
	*result = thread;
	return STATUS_SUCCESS;
}

/*
 * ProcessHandle NULL: the System process. ObjectAttributes may be NULL; OBJ_KERNEL_HANDLE in them makes the handle usable in any
 * process. DesiredAccess is what the handle grants.
 */
NTSTATUS PsCreateSystemThread(PHANDLE ThreadHandle, ULONG DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, HANDLE ProcessHandle,
			      PCLIENT_ID ClientId, PKSTART_ROUTINE StartRoutine, PVOID StartContext)
{
	PEPROCESS process = PsInitialSystemProcess;
	PETHREAD thread;
	NTSTATUS status;

	*ThreadHandle = NULL;
	if (ProcessHandle != NULL) {
		status = ObReferenceObjectByHandle(ProcessHandle, 0, PsProcessType, KernelMode, (PVOID *)&process, NULL);
		if (!NT_SUCCESS(status))
			return status;
	}
	status = PspCreateThread(process, ObjectAttributes, DesiredAccess, StartRoutine, StartContext, ThreadHandle, &thread);
	if (NT_SUCCESS(status)) {
		if (ClientId != NULL)
			*ClientId = thread->Cid;
		ObfDereferenceObject(thread);
	}
	if (ProcessHandle != NULL)
		ObfDereferenceObject(process);
	return status;
}

static LONG PspUnhandledExceptionInSystemThread(PEXCEPTION_POINTERS ExceptionPointers)
{
	KiBugCheckException(SYSTEM_THREAD_EXCEPTION_NOT_HANDLED, ExceptionPointers);
}

/* Returning from the start routine is PsTerminateSystemThread(STATUS_SUCCESS). */
DECLSPEC_NOINLINE VOID PspSystemThreadStartup(PKSTART_ROUTINE StartRoutine, PVOID StartContext)
{
	__try {
		StartRoutine(StartContext);
	} __except (PspUnhandledExceptionInSystemThread(GetExceptionInformation())) {
		__builtin_unreachable();
	}
	PspExitThread(STATUS_SUCCESS);
}

/* Of the Thread type. The reaper has taken the stack of a thread that ran. */
VOID PspThreadDelete(PVOID object)
{
	PETHREAD thread = object;
	PEPROCESS process = (PEPROCESS)thread->Tcb.Process;

	PspFreeCid(thread->Cid.UniqueThread);
	if (process == NULL)
		return;
	if (thread->CrossThreadFlags & PS_CROSS_THREAD_FLAGS_INSERTED) {
		KeEnterCriticalRegion();
		ExfAcquirePushLockExclusive(&process->ThreadListLock);
		RemoveEntryList(&thread->ThreadListEntry);
		ExfReleasePushLockExclusive(&process->ThreadListLock);
		KeLeaveCriticalRegion();
	} else {
		KeUninitThread(&thread->Tcb);
	}
	ObfDereferenceObject(process);
}
