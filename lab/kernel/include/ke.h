/*
 * The kernel proper: dispatcher objects and waits, scheduling, DPCs, APCs, timers, spin locks, time. Routines that the DDK documents
 * have the documented behaviour; what is said here is who may call the others.
 */
#ifndef KE_H
#define KE_H

#include "nt.h"

/* Start of the system (ke/kernlini.c). After MmInitSystem, on the boot stack, at HIGH_LEVEL or DISPATCH_LEVEL with interrupts off. */
VOID KiInitSystem(VOID);

/* Where the boot thread ends: it is the idle thread from KiInitSystem on. At DISPATCH_LEVEL; does not return. */
DECLSPEC_NORETURN VOID KiIdleLoop(VOID);

extern EPROCESS KiInitialProcess;
extern ETHREAD KiInitialThread;
extern LIST_ENTRY KiProcessListHead;
extern NTKERNELAPI volatile CCHAR KeNumberProcessors;
#define KI_MAXIMUM_PROCESSORS 8
extern PKPRCB KiProcessorBlock[];

/* Events (ke/eventobj.c) and gates. */
NTKERNELAPI VOID KeInitializeEvent(PKEVENT Event, EVENT_TYPE Type, BOOLEAN State);
NTKERNELAPI LONG KeSetEvent(PKEVENT Event, KPRIORITY Increment, BOOLEAN Wait);
NTKERNELAPI LONG KeResetEvent(PKEVENT Event);
NTKERNELAPI VOID KeClearEvent(PKEVENT Event);
NTKERNELAPI LONG KePulseEvent(PKEVENT Event, KPRIORITY Increment, BOOLEAN Wait);
NTKERNELAPI LONG KeReadStateEvent(PKEVENT Event);

/* Semaphores (ke/semphobj.c) and mutants (ke/mutntobj.c). */
NTKERNELAPI VOID KeInitializeSemaphore(PKSEMAPHORE Semaphore, LONG Count, LONG Limit);
NTKERNELAPI LONG KeReleaseSemaphore(PKSEMAPHORE Semaphore, KPRIORITY Increment, LONG Adjustment, BOOLEAN Wait);
NTKERNELAPI LONG KeReadStateSemaphore(PKSEMAPHORE Semaphore);
NTKERNELAPI VOID KeInitializeMutant(PKMUTANT Mutant, BOOLEAN InitialOwner);
NTKERNELAPI VOID KeInitializeMutex(PKMUTEX Mutex, ULONG Level);
NTKERNELAPI LONG KeReleaseMutant(PKMUTANT Mutant, KPRIORITY Increment, BOOLEAN Abandoned, BOOLEAN Wait);
NTKERNELAPI LONG KeReleaseMutex(PKMUTEX Mutex, BOOLEAN Wait);
NTKERNELAPI LONG KeReadStateMutant(PKMUTANT Mutant);
NTKERNELAPI LONG KeReadStateMutex(PKMUTEX Mutex);

/* Guarded mutexes (ke/gmutex.c): fast mutexes held in a guarded region. */
NTKERNELAPI VOID KeInitializeGuardedMutex(PKGUARDED_MUTEX Mutex);
NTKERNELAPI VOID KeAcquireGuardedMutex(PKGUARDED_MUTEX Mutex);
NTKERNELAPI VOID KeReleaseGuardedMutex(PKGUARDED_MUTEX Mutex);
NTKERNELAPI BOOLEAN KeTryToAcquireGuardedMutex(PKGUARDED_MUTEX Mutex);
NTKERNELAPI VOID KeAcquireGuardedMutexUnsafe(PKGUARDED_MUTEX Mutex);
NTKERNELAPI VOID KeReleaseGuardedMutexUnsafe(PKGUARDED_MUTEX Mutex);

/*
 * Lock entries (ke/autobst.c), around the acquisition and before the release of a lock. KeAbCheckThreadExit: a thread that ends with an entry
 * in use has left a lock behind, and stops the machine.
 */
PKLOCK_ENTRY KeAbPreAcquire(PVOID Lock);
VOID KeAbPostAcquire(PKLOCK_ENTRY Entry);
VOID KeAbPostRelease(PVOID Lock);
VOID KeAbCheckThreadExit(PKTHREAD Thread);

/* Queues of worker threads (ke/queueobj.c, ke/priqueue.c). The remove routines return a status in the pointer when they time out. */
NTKERNELAPI VOID KeInitializeQueue(PKQUEUE Queue, ULONG Count);
NTKERNELAPI LONG KeInsertQueue(PKQUEUE Queue, PLIST_ENTRY Entry);
NTKERNELAPI LONG KeInsertHeadQueue(PKQUEUE Queue, PLIST_ENTRY Entry);
NTKERNELAPI PLIST_ENTRY KeRemoveQueue(PKQUEUE Queue, KPROCESSOR_MODE WaitMode, PLARGE_INTEGER Timeout);
NTKERNELAPI ULONG KeRemoveQueueEx(PKQUEUE Queue, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Timeout, PLIST_ENTRY *EntryArray,
				  ULONG Count);
NTKERNELAPI PLIST_ENTRY KeRundownQueue(PKQUEUE Queue);
NTKERNELAPI LONG KeReadStateQueue(PKQUEUE Queue);
VOID KeInitializePriQueue(PKPRIQUEUE Queue, ULONG MaximumCount);
LONG KeInsertPriQueue(PKPRIQUEUE Queue, PLIST_ENTRY Entry, KPRIORITY Priority);
PLIST_ENTRY KeRemovePriQueue(PKPRIQUEUE Queue, KPROCESSOR_MODE WaitMode, PLARGE_INTEGER Timeout);

/* Device queues (ke/devqueue.c). Those that take no lock's IRQL are called at DISPATCH_LEVEL. */
NTKERNELAPI VOID KeInitializeDeviceQueue(PKDEVICE_QUEUE DeviceQueue);
NTKERNELAPI BOOLEAN KeInsertDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry);
NTKERNELAPI BOOLEAN KeInsertByKeyDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry, ULONG SortKey);
NTKERNELAPI PKDEVICE_QUEUE_ENTRY KeRemoveDeviceQueue(PKDEVICE_QUEUE DeviceQueue);
NTKERNELAPI PKDEVICE_QUEUE_ENTRY KeRemoveByKeyDeviceQueue(PKDEVICE_QUEUE DeviceQueue, ULONG SortKey);
NTKERNELAPI BOOLEAN KeRemoveEntryDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry);

/* Waits (ke/wait.c). */
NTKERNELAPI NTSTATUS KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
					   PLARGE_INTEGER Timeout);
NTKERNELAPI NTSTATUS KeWaitForMultipleObjects(ULONG Count, PVOID Object[], WAIT_TYPE WaitType, KWAIT_REASON WaitReason,
					      KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
					      PKWAIT_BLOCK WaitBlockArray);
NTKERNELAPI NTSTATUS KeWaitForMutexObject(PVOID Mutex, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
					  PLARGE_INTEGER Timeout);
NTKERNELAPI NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Interval);

/* Timers (ke/timerobj.c). */
NTKERNELAPI VOID KeInitializeTimer(PKTIMER Timer);
NTKERNELAPI VOID KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type);
NTKERNELAPI BOOLEAN KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc);
NTKERNELAPI BOOLEAN KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc);
NTKERNELAPI BOOLEAN KeSetCoalescableTimer(PKTIMER Timer, LARGE_INTEGER DueTime, ULONG Period, ULONG TolerableDelay, PKDPC Dpc);
NTKERNELAPI BOOLEAN KeCancelTimer(PKTIMER Timer);
NTKERNELAPI BOOLEAN KeReadStateTimer(PKTIMER Timer);

/* DPCs (ke/dpc.c). KiDispatchInterrupt is what a software interrupt at DISPATCH_LEVEL runs: DPCs, quantum end, preemption. */
NTKERNELAPI VOID KeInitializeDpc(PKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext);
NTKERNELAPI VOID KeInitializeThreadedDpc(PKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext);
NTKERNELAPI BOOLEAN KeInsertQueueDpc(PKDPC Dpc, PVOID SystemArgument1, PVOID SystemArgument2);
NTKERNELAPI BOOLEAN KeRemoveQueueDpc(PKDPC Dpc);
NTKERNELAPI VOID KeSetImportanceDpc(PKDPC Dpc, KDPC_IMPORTANCE Importance);
NTKERNELAPI VOID KeSetTargetProcessorDpc(PKDPC Dpc, CCHAR Number);
NTKERNELAPI NTSTATUS KeSetTargetProcessorDpcEx(PKDPC Dpc, PPROCESSOR_NUMBER ProcNumber);
NTKERNELAPI VOID KeFlushQueuedDpcs(VOID);
VOID KiDispatchInterrupt(VOID);

/* APCs (ke/apc.c). KiDeliverApc is what a software interrupt at APC_LEVEL runs. */
NTKERNELAPI VOID KeInitializeApc(PKAPC Apc, PKTHREAD Thread, KAPC_ENVIRONMENT Environment, PKKERNEL_ROUTINE KernelRoutine,
				 PKRUNDOWN_ROUTINE RundownRoutine, PKNORMAL_ROUTINE NormalRoutine, KPROCESSOR_MODE ApcMode,
				 PVOID NormalContext);
NTKERNELAPI BOOLEAN KeInsertQueueApc(PKAPC Apc, PVOID SystemArgument1, PVOID SystemArgument2, KPRIORITY Increment);
NTKERNELAPI BOOLEAN KeRemoveQueueApc(PKAPC Apc);
NTKERNELAPI BOOLEAN KeAlertThread(PKTHREAD Thread, KPROCESSOR_MODE AlertMode);
NTKERNELAPI BOOLEAN KeTestAlertThread(KPROCESSOR_MODE AlertMode);
VOID KiDeliverApc(KPROCESSOR_MODE DeliveryMode, PVOID ExceptionFrame, PKTRAP_FRAME TrapFrame);

/* Regions without APCs (ke/region.c). */
NTKERNELAPI VOID KeEnterCriticalRegion(VOID);
NTKERNELAPI VOID KeLeaveCriticalRegion(VOID);
NTKERNELAPI VOID KeEnterGuardedRegion(VOID);
NTKERNELAPI VOID KeLeaveGuardedRegion(VOID);
NTKERNELAPI BOOLEAN KeAreApcsDisabled(VOID);
NTKERNELAPI BOOLEAN KeAreAllApcsDisabled(VOID);

/*
 * Threads (ke/thredobj.c). KeInitThread: KernelStack is the top of a stack from MmCreateKernelStack, or NULL to have one made;
 * STATUS_INSUFFICIENT_RESOURCES when there is none. SystemRoutine(StartRoutine, StartContext) runs at PASSIVE_LEVEL in the new thread
 * and must not return. KeStartThread enters the thread in its process and readies it. KeTerminateThread ends the current thread: it
 * becomes signalled and leaves its process; its stack may be freed once Thread->Running is 0. KeUninitThread frees the stack of a
 * thread that never started.
 */
NTSTATUS KeInitThread(PKTHREAD Thread, PVOID KernelStack, PKSYSTEM_ROUTINE SystemRoutine, PKSTART_ROUTINE StartRoutine,
		      PVOID StartContext, PCONTEXT Context, PVOID Teb, PKPROCESS Process);
VOID KeUninitThread(PKTHREAD Thread);
VOID KeStartThread(PKTHREAD Thread);
DECLSPEC_NORETURN VOID KeTerminateThread(KPRIORITY Increment);
NTKERNELAPI KPRIORITY KeSetPriorityThread(PKTHREAD Thread, KPRIORITY Priority);
NTKERNELAPI LONG KeSetBasePriorityThread(PKTHREAD Thread, LONG Increment);
NTKERNELAPI KPRIORITY KeQueryPriorityThread(PKTHREAD Thread);
NTKERNELAPI ULONG KeQueryRuntimeThread(PKTHREAD Thread, PULONG UserTime);
NTKERNELAPI NTSTATUS ZwYieldExecution(VOID);

/* Processes (ke/procobj.c). */
VOID KeInitializeProcess(PKPROCESS Process, KPRIORITY Priority, KAFFINITY Affinity, ULONG_PTR DirectoryTableBase,
			 BOOLEAN AutoAlignment);
/* The process ends: its object becomes signalled. Returns the state before. */
LONG KeSetProcess(PKPROCESS Process, KPRIORITY Increment);
/* It leaves KiProcessListHead; nothing may refer to it afterwards. */
VOID KeDeleteProcess(PKPROCESS Process);

/* Spin locks (ke/spinlock.c). */
NTKERNELAPI VOID KeInitializeSpinLock(PKSPIN_LOCK SpinLock);
NTKERNELAPI KIRQL KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock);
NTKERNELAPI KIRQL KeAcquireSpinLockRaiseToSynch(PKSPIN_LOCK SpinLock);
NTKERNELAPI VOID KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql);
NTKERNELAPI VOID KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
NTKERNELAPI VOID KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock);
NTKERNELAPI BOOLEAN KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
NTKERNELAPI BOOLEAN KeTestSpinLock(PKSPIN_LOCK SpinLock);
NTKERNELAPI KIRQL KeAcquireSpinLockForDpc(PKSPIN_LOCK SpinLock);
NTKERNELAPI VOID KeReleaseSpinLockForDpc(PKSPIN_LOCK SpinLock, KIRQL OldIrql);
NTKERNELAPI VOID KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle);
NTKERNELAPI VOID KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle);
NTKERNELAPI VOID KeAcquireInStackQueuedSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle);
NTKERNELAPI VOID KeReleaseInStackQueuedSpinLockFromDpcLevel(PKLOCK_QUEUE_HANDLE LockHandle);
#define KeAcquireSpinLock(SpinLock, OldIrql) (*(OldIrql) = KeAcquireSpinLockRaiseToDpc(SpinLock))

extern KSPIN_LOCK KiDispatcherLock; /* all waits, signals and scheduling */
/* Is a timer set that Matches, which is called under the dispatcher lock? */
BOOLEAN KiIsTimerSet(BOOLEAN (*Matches)(PKTIMER Timer, PVOID Context), PVOID Context);
VOID KiWaitBriefly(PKSPIN_LOCK SpinLock, BOOLEAN Enabled); /* ke/spinlock.c: takes it after another processor */

/*
 * A spin lock for a few instructions that signal nobody: interrupts are off in place of a raised IRQL, because each write of CR8 leaves
 * the emulator's translated code. For locks that no interrupt routine takes both ways may be mixed.
 */
FORCEINLINE BOOLEAN KiLockBriefly(PKSPIN_LOCK SpinLock)
{
	BOOLEAN Enabled = KeDisableInterrupts();

	if (__atomic_exchange_n(SpinLock, 1, __ATOMIC_ACQUIRE))
		KiWaitBriefly(SpinLock, Enabled);
	return Enabled;
}

FORCEINLINE VOID KiUnlockBriefly(PKSPIN_LOCK SpinLock, BOOLEAN Enabled)
{
	__atomic_store_n(SpinLock, 0, __ATOMIC_RELEASE);
	KeEnableInterrupts(Enabled);
}

/* IRQL (hal/irql.c). */
NTKERNELAPI KIRQL KfRaiseIrql(KIRQL NewIrql);
NTKERNELAPI VOID KfLowerIrql(KIRQL NewIrql);
NTKERNELAPI VOID KeLowerIrql(KIRQL NewIrql);
NTKERNELAPI KIRQL KeRaiseIrqlToDpcLevel(VOID);
#define KeRaiseIrql(NewIrql, OldIrql) (*(OldIrql) = KfRaiseIrql(NewIrql))

/* Time (ke/time.c). KeUpdateSystemTime and KeUpdateRunTime are called by the clock interrupt, at CLOCK_LEVEL. Increments: 100 ns. */
extern ULONG KeMaximumIncrement, KeMinimumIncrement, KeTimeIncrement;
extern LARGE_INTEGER KeBootTime;
extern NTKERNELAPI volatile KSYSTEM_TIME KeTickCount;
VOID KeUpdateSystemTime(PKTRAP_FRAME TrapFrame, ULONG Increment);
VOID KeUpdateRunTime(PKTRAP_FRAME TrapFrame, KIRQL Irql);
/* The clock's first reading, before the clock interrupt starts: fills SharedUserData's times. SystemTime: 100 ns since 1601, UTC. */
VOID KeSetBootTime(ULONGLONG SystemTime);
NTKERNELAPI VOID KeQuerySystemTime(PLARGE_INTEGER CurrentTime);
NTKERNELAPI VOID KeQuerySystemTimePrecise(PLARGE_INTEGER CurrentTime);
NTKERNELAPI VOID KeQueryTickCount(PLARGE_INTEGER TickCount);
NTKERNELAPI ULONGLONG KeQueryInterruptTime(VOID);
NTKERNELAPI ULONGLONG KeQueryInterruptTimePrecise(PULONG64 QpcTimeStamp);
NTKERNELAPI ULONGLONG KeQueryUnbiasedInterruptTime(VOID);
NTKERNELAPI ULONG KeQueryTimeIncrement(VOID);

/*
 * Requests between processors (ke/ipi.c). KiIpiRequest: Prcb's processor, another one, gets a software interrupt at APC_LEVEL or
 * DISPATCH_LEVEL. KeFlushRangeTb: no processor has a translation of these pages any more; to be called with no lock held for which others
 * wait with interrupts off. KiFreezeProcessors: the others stop with their contexts in their PRCBs, for good; KiFreezeExecution is where.
 */
VOID KiIpiRequest(PKPRCB Prcb, KIRQL Irql);
VOID KiInitializeIpi(VOID);
VOID KeFlushRangeTb(PVOID VirtualAddress, SIZE_T PageCount);
NTKERNELAPI ULONG_PTR KeIpiGenericCall(PKIPI_BROADCAST_WORKER BroadcastFunction, ULONG_PTR Context);
#define KI_TARGET_FREEZE 1 /* KPRCB.IpiFrozen */
#define KI_TARGET_FROZEN 2
#define KI_FREEZE_OWNER 4
VOID KiFreezeProcessors(VOID);
DECLSPEC_NORETURN VOID KiFreezeExecution(const CONTEXT *Context);

/* ke/seed.c: where a seed makes the schedule, a thread that waits for the host keeps the others from running meanwhile. */
VOID KeHoldSchedule(VOID);
VOID KeReleaseSchedule(VOID);

/* ke/allproc.c: starts the processors besides the first; in a thread, at PASSIVE_LEVEL. */
VOID KeStartAllProcessors(VOID);

/* Affinity (ke/affinity.c). Masks without any active processor change nothing. */
NTKERNELAPI KAFFINITY KeSetAffinityThread(PKTHREAD Thread, KAFFINITY Affinity);
NTKERNELAPI VOID KeSetSystemAffinityThread(KAFFINITY Affinity);
NTKERNELAPI VOID KeRevertToUserAffinityThread(VOID);
NTKERNELAPI KAFFINITY KeSetSystemAffinityThreadEx(KAFFINITY Affinity);
NTKERNELAPI VOID KeRevertToUserAffinityThreadEx(KAFFINITY Affinity);
NTKERNELAPI VOID KeSetSystemGroupAffinityThread(PGROUP_AFFINITY Affinity, PGROUP_AFFINITY PreviousAffinity);
NTKERNELAPI VOID KeRevertToUserGroupAffinityThread(PGROUP_AFFINITY PreviousAffinity);

/* Processors (ke/procs.c). */
NTKERNELAPI KAFFINITY KeQueryActiveProcessors(VOID);
NTKERNELAPI ULONG KeQueryActiveProcessorCount(PKAFFINITY ActiveProcessors);
NTKERNELAPI ULONG KeQueryActiveProcessorCountEx(USHORT GroupNumber);
NTKERNELAPI ULONG KeQueryMaximumProcessorCount(VOID);
NTKERNELAPI ULONG KeQueryMaximumProcessorCountEx(USHORT GroupNumber);
NTKERNELAPI USHORT KeQueryActiveGroupCount(VOID);
NTKERNELAPI ULONG KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber);
NTKERNELAPI USHORT KeQueryMaximumGroupCount(VOID);
NTKERNELAPI KAFFINITY KeQueryGroupAffinity(USHORT GroupNumber);
NTKERNELAPI NTSTATUS KeGetProcessorNumberFromIndex(ULONG ProcIndex, PPROCESSOR_NUMBER ProcNumber);
NTKERNELAPI ULONG KeGetProcessorIndexFromNumber(PPROCESSOR_NUMBER ProcNumber);

#endif
