/* How a thread ends: its last act, and the reaper that frees the stack on which that act ran. */
#include "psp.h"
#include "kd.h"

/* Threads that have ended or are about to, linked by ReaperLink. */
static PETHREAD PspReaperList;
static VOID PspReaper(PVOID parameter);
static WORK_QUEUE_ITEM PspReaperWorkItem = { .WorkerRoutine = PspReaper };

/* The thread is off its stack for good when it is signalled and no processor runs it. */
static VOID PspReapThread(PETHREAD thread)
{
	KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
	while (__atomic_load_n(&thread->Tcb.Running, __ATOMIC_ACQUIRE))
		KeYieldProcessor();
	MmDeleteKernelStack(thread->Tcb.StackBase);
	thread->Tcb.KernelStackResident = 0;
	thread->Tcb.InitialStack = thread->Tcb.StackBase = thread->Tcb.StackLimit = thread->Tcb.KernelStack = NULL;
	ObfDereferenceObject(thread);
}

static VOID PspReaper(PVOID parameter)
{
	PETHREAD thread = __atomic_exchange_n(&PspReaperList, NULL, __ATOMIC_ACQ_REL);

	UNREFERENCED_PARAMETER(parameter);
	while (thread != NULL) {
		PETHREAD next = thread->ReaperLink;

		thread->ReaperLink = NULL;
		PspReapThread(thread);
		thread = next;
	}
}

/* Whoever finds the list empty queues the work item, which empties the list once. */
static VOID PspQueueForReaping(PETHREAD thread)
{
	PETHREAD first = __atomic_load_n(&PspReaperList, __ATOMIC_RELAXED);

	do {
		thread->ReaperLink = first;
	} while (!__atomic_compare_exchange_n(&PspReaperList, &first, thread, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	if (first == NULL)
		ExQueueWorkItem(&PspReaperWorkItem, HyperCriticalWorkQueue);
}

static VOID PspLeaveProcess(PETHREAD thread, NTSTATUS status)
{
	PEPROCESS process = (PEPROCESS)thread->Tcb.Process;
	ULONG left;

	KeEnterCriticalRegion();
	ExfAcquirePushLockExclusive(&process->ThreadListLock);
	left = --process->ActiveThreads;
	process->LastThreadExitStatus = status;
	if (left == 0)
		__atomic_or_fetch(&process->Flags, PS_PROCESS_FLAGS_PROCESS_EXITING, __ATOMIC_RELEASE);
	ExfReleasePushLockExclusive(&process->ThreadListLock);
	KeLeaveCriticalRegion();
	if (left == 0)
		PspExitProcess(process, status);
}

/* The end of the current thread. A thread that still holds off APCs would leave a lock behind: that is a bugcheck, as on NT. */
VOID PspExitThread(NTSTATUS status)
{
	PETHREAD thread = PsGetCurrentThread();

	if (KeGetCurrentIrql() != PASSIVE_LEVEL || thread->Tcb.CombinedApcDisable != 0)
		KeBugCheckEx(KERNEL_APC_PENDING_DURING_EXIT, 0, thread->Tcb.CombinedApcDisable, KeGetCurrentIrql(), 0);
	__atomic_or_fetch(&thread->CrossThreadFlags, PS_CROSS_THREAD_FLAGS_TERMINATED, __ATOMIC_RELEASE);
	ExWaitForRundownProtectionRelease(&thread->RundownProtect);
	thread->ExitStatus = status;
	KeQuerySystemTime(&thread->ExitTime);
	PspLeaveProcess(thread, status);
	KeAbCheckThreadExit(&thread->Tcb);
	PspQueueForReaping(thread);
	KeTerminateThread(0);
}

/* Does not return, but for a thread that is not the system's: STATUS_INVALID_PARAMETER. */
NTSTATUS PsTerminateSystemThread(NTSTATUS ExitStatus)
{
	if (!PsIsSystemThread(PsGetCurrentThread()))
		return STATUS_INVALID_PARAMETER;
	PspExitThread(ExitStatus);
}
