/* KeWaitForSingleObject, KeWaitForMultipleObjects, KeDelayExecutionThread: how a thread comes to wait. */

#include "hal.h"
#include "ki.h"

VOID KiInitializeWait(PKI_WAIT Wait, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
	Wait->Thread = KeGetCurrentThread();
	Wait->Timeout = Timeout;
	Wait->DueTime = Timeout ? KiComputeDueTime(*Timeout) : 0;
	Wait->WaitReason = WaitReason;
	Wait->WaitMode = WaitMode;
	Wait->Alertable = Alertable;
	Wait->ForQueue = FALSE;
}

BOOLEAN KiBeginThreadWait(PKI_WAIT Wait)
{
	PKTHREAD Thread = Wait->Thread;

	/* After KeSetEvent(.., Wait = TRUE) and its like the processor is still at DISPATCH_LEVEL. */
	if (Thread->WaitNext) {
		Thread->WaitNext = 0;
		KiAcquireSpinLock(&KiDispatcherLock);
		return TRUE;
	}
	Thread->WaitIrql = KiLockDispatcherDatabase();
	if (!KiIsKernelApcDeliverable(Thread, Thread->WaitIrql))
		return TRUE;
	HalRequestSoftwareInterrupt(APC_LEVEL);
	KiEndThreadWait(Wait);
	return FALSE;
}

VOID KiEndThreadWait(PKI_WAIT Wait)
{
	KiExitDispatcher(Wait->Thread->WaitIrql);
}

NTSTATUS KiTestWaitAbort(PKI_WAIT Wait)
{
	PKTHREAD Thread = Wait->Thread;

	if (Wait->Alertable) {
		if (Thread->Alerted[(UCHAR)Wait->WaitMode]) {
			Thread->Alerted[(UCHAR)Wait->WaitMode] = FALSE;
			return STATUS_ALERTED;
		}
		if (Wait->WaitMode == UserMode && !IsListEmpty(&Thread->ApcState.ApcListHead[UserMode])) {
			Thread->ApcState.UserApcPending = 1;
			return STATUS_USER_APC;
		}
		if (Thread->Alerted[KernelMode]) {
			Thread->Alerted[KernelMode] = FALSE;
			return STATUS_ALERTED;
		}
	} else if (Wait->WaitMode == UserMode && Thread->ApcState.UserApcPending) {
		return STATUS_USER_APC;
	}
	if (Wait->Timeout && (!Wait->Timeout->QuadPart || Wait->DueTime <= KeQueryInterruptTime()))
		return STATUS_TIMEOUT;
	return STATUS_PENDING;
}

/* A wait that has to give up the processor is a caller's error where the processor may not be given up. */
static VOID KiCheckWaitIrql(PKI_WAIT Wait, PVOID Object, PVOID Caller)
{
	PKPRCB Prcb = KeGetCurrentPrcb();

	if (Prcb->DpcRoutineActive)
		KeBugCheckEx(ATTEMPTED_SWITCH_FROM_DPC, (ULONG_PTR)Wait->Thread, (ULONG_PTR)Prcb->NextThread, (ULONG_PTR)Wait->Thread->InitialStack,
			     0);
	if (Wait->Thread->WaitIrql >= DISPATCH_LEVEL)
		KeBugCheckEx(IRQL_NOT_LESS_OR_EQUAL, (ULONG_PTR)Object, Wait->Thread->WaitIrql, 0, (ULONG_PTR)Caller);
}

DECLSPEC_NOINLINE NTSTATUS KiCommitThreadWait(PKI_WAIT Wait, PKWAIT_BLOCK WaitBlocks, ULONG Count)
{
	PKTHREAD Thread = Wait->Thread;

	KiCheckWaitIrql(Wait, WaitBlocks->Object, __builtin_return_address(0));
	Thread->WaitBlockList = WaitBlocks;
	Thread->WaitBlockCount = (UCHAR)Count;
	Thread->WaitReason = (UCHAR)Wait->WaitReason;
	Thread->WaitMode = Wait->WaitMode;
	Thread->Alertable = Wait->Alertable;
	Thread->WaitTime = KeTickCount.LowPart;
	Thread->WaitRegister.State = WaitCommitted;
	Thread->State = Waiting;
	if (Wait->Timeout) {
		Thread->TimerActive = 1;
		KiInsertTimer(&Thread->Timer, Wait->DueTime);
		if (WaitBlocks != &Thread->WaitBlock[TIMER_WAIT_BLOCK])
			KiLinkWaitBlock(&Thread->WaitBlock[TIMER_WAIT_BLOCK], Thread, &Thread->Timer, WaitAny, (USHORT)STATUS_TIMEOUT);
	}
	if (Thread->Queue && !Wait->ForQueue)
		KiSuspendQueueThread(Thread);
	return (NTSTATUS)KiSwapThread(Thread, KeGetCurrentPrcb());
}

/* What is signalled can be taken without the dispatcher. STATUS_PENDING: it is not. */
static NTSTATUS KiTryTakeObject(PDISPATCHER_HEADER Header, PKTHREAD Thread)
{
	NTSTATUS Status = STATUS_PENDING;
	BOOLEAN Enabled;

	if (Header->SignalState <= 0)
		return Status;
	Enabled = KiLockBriefly(&KiDispatcherLock);
	if (Header->SignalState > 0)
		Status = KiSatisfyObject(Header, Thread);
	KiUnlockBriefly(&KiDispatcherLock, Enabled);
	return Status;
}

DECLSPEC_NOINLINE NTKERNELAPI NTSTATUS KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
							     PLARGE_INTEGER Timeout)
{
	PDISPATCHER_HEADER Header = Object;
	NTSTATUS Status;
	KI_WAIT Wait;

	if (!KeGetCurrentThread()->WaitNext && !KiSeeded) {
		Status = KiTryTakeObject(Header, KeGetCurrentThread());
		if (Status != STATUS_PENDING)
			return Status;
	}
	KiInitializeWait(&Wait, WaitReason, WaitMode, Alertable, Timeout);
	for (;;) {
		if (!KiBeginThreadWait(&Wait))
			continue;
		if (KiIsObjectSignalled(Header, Wait.Thread)) {
			Status = KiSatisfyObject(Header, Wait.Thread);
			if (KiSeeded)
				KiSeedTrace(Wait.Thread, "takes", Header);
			break;
		}
		Status = KiTestWaitAbort(&Wait);
		if (Status != STATUS_PENDING)
			break;
		if (KiSeeded)
			KiSeedTrace(Wait.Thread, "waits for", Header);
		KiLinkWaitBlock(&Wait.Thread->WaitBlock[0], Wait.Thread, Object, WaitAny, STATUS_WAIT_0);
		Status = KiCommitThreadWait(&Wait, &Wait.Thread->WaitBlock[0], 1);
		if (Status != STATUS_KERNEL_APC)
			return Status;
	}
	KiEndThreadWait(&Wait);
	return Status;
}

/* Takes what the wait asks for, if it can be had now. STATUS_PENDING: it cannot. */
static NTSTATUS KiTryTakeObjects(PKTHREAD Thread, ULONG Count, PVOID Object[], WAIT_TYPE WaitType)
{
	NTSTATUS Status = STATUS_SUCCESS;

	for (ULONG i = 0; i < Count; i++) {
		BOOLEAN Signalled = KiIsObjectSignalled(Object[i], Thread);

		if (WaitType == WaitAny && Signalled)
			return (NTSTATUS)i | KiSatisfyObject(Object[i], Thread);
		if (WaitType == WaitAll && !Signalled)
			return STATUS_PENDING;
	}
	if (WaitType == WaitAny)
		return STATUS_PENDING;
	for (ULONG i = 0; i < Count; i++)
		Status |= KiSatisfyObject(Object[i], Thread);
	return Status;
}

DECLSPEC_NOINLINE NTKERNELAPI NTSTATUS KeWaitForMultipleObjects(ULONG Count, PVOID Object[], WAIT_TYPE WaitType, KWAIT_REASON WaitReason,
								KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
								PKWAIT_BLOCK WaitBlockArray)
{
	NTSTATUS Status;
	KI_WAIT Wait;

	KiInitializeWait(&Wait, WaitReason, WaitMode, Alertable, Timeout);
	if (!Count || Count > (WaitBlockArray ? MAXIMUM_WAIT_OBJECTS : THREAD_WAIT_OBJECTS))
		KeBugCheckEx(MAXIMUM_WAIT_OBJECTS_EXCEEDED, Count, (ULONG_PTR)WaitBlockArray, 0, 0);
	if (!WaitBlockArray)
		WaitBlockArray = Wait.Thread->WaitBlock;
	for (;;) {
		if (!KiBeginThreadWait(&Wait))
			continue;
		Status = KiTryTakeObjects(Wait.Thread, Count, Object, WaitType);
		if (Status != STATUS_PENDING)
			break;
		Status = KiTestWaitAbort(&Wait);
		if (Status != STATUS_PENDING)
			break;
		for (ULONG i = 0; KiSeeded && i < Count; i++)
			KiSeedTrace(Wait.Thread, WaitType == WaitAny ? "waits for any of" : "waits for all of", Object[i]);
		for (ULONG i = 0; i < Count; i++)
			KiLinkWaitBlock(&WaitBlockArray[i], Wait.Thread, Object[i], WaitType, (USHORT)i);
		Status = KiCommitThreadWait(&Wait, WaitBlockArray, Count);
		if (Status != STATUS_KERNEL_APC)
			return Status;
	}
	KiEndThreadWait(&Wait);
	return Status;
}

NTKERNELAPI NTSTATUS KeWaitForMutexObject(PVOID Mutex, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
	return KeWaitForSingleObject(Mutex, WaitReason, WaitMode, Alertable, Timeout);
}

/* The thread waits for its own timer alone. An interval of 0 gives the processor to whoever is ready at this priority. */
DECLSPEC_NOINLINE NTKERNELAPI NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Interval)
{
	PKWAIT_BLOCK WaitBlock;
	NTSTATUS Status;
	KI_WAIT Wait;

	KiInitializeWait(&Wait, DelayExecution, WaitMode, Alertable, Interval);
	WaitBlock = &Wait.Thread->WaitBlock[TIMER_WAIT_BLOCK];
	for (;;) {
		if (!KiBeginThreadWait(&Wait))
			continue;
		Status = KiTestWaitAbort(&Wait);
		if (Status != STATUS_PENDING)
			break;
		KiLinkWaitBlock(WaitBlock, Wait.Thread, &Wait.Thread->Timer, WaitAny, (USHORT)STATUS_TIMEOUT);
		Status = KiCommitThreadWait(&Wait, WaitBlock, 1);
		if (Status != STATUS_KERNEL_APC)
			return Status == STATUS_TIMEOUT ? STATUS_SUCCESS : Status;
	}
	KiEndThreadWait(&Wait);
	if (Status != STATUS_TIMEOUT)
		return Status;
	ZwYieldExecution();
	return STATUS_SUCCESS;
}
