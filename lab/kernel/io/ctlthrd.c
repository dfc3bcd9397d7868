/*
 * The control channel's verbs for threads: threads and wait.blocked. Both look at the dispatcher's own state.
 */
#include "control.h"

/* How often wait.blocked looks, in 100 ns. */
#define CONTROL_LOOK 50000LL

static const CHAR *const ControlStates[] = {
	"Initialized", "Ready", "Running", "Standby", "Terminated", "Waiting", "Transition", "DeferredReady", "GateWait", "WaitingForProcessInSwap",
};

static const CHAR *const ControlReasons[] = {
	"Executive",        "FreePage",          "PageIn",
	"PoolAllocation",   "DelayExecution",    "Suspended",
	"UserRequest",      "WrExecutive",       "WrFreePage",
	"WrPageIn",         "WrPoolAllocation",  "WrDelayExecution",
	"WrSuspended",      "WrUserRequest",     "WrSpare0",
	"WrQueue",          "WrLpcReceive",      "WrLpcReply",
	"WrVirtualMemory",  "WrPageOut",         "WrRendezvous",
	"WrKeyedEvent",     "WrTerminated",      "WrProcessInSwap",
	"WrCpuRateControl", "WrCalloutStack",    "WrKernel",
	"WrResource",       "WrPushLock",        "WrMutex",
	"WrQuantumEnd",     "WrDispatchInt",     "WrPreempted",
	"WrYieldExecution", "WrFastMutex",       "WrGuardedMutex",
	"WrRundown",        "WrAlertByThreadId", "WrDeferredPreempt",
	"WrPhysicalFault",  "WrIoRing",
};

/* A thread at one moment. */
typedef struct _CONTROL_SNAPSHOT {
	UCHAR State;
	UCHAR Reason;
	BOOLEAN Timed; /* the wait has a time limit */
	BOOLEAN InFileSystem;
	PVOID Object;
	ULONG Switches;
} CONTROL_SNAPSHOT;

/* No thread begins or ends a wait meanwhile. */
static VOID ControlLook(PETHREAD Thread, CONTROL_SNAPSHOT *Snapshot)
{
	BOOLEAN enabled = KiLockBriefly(&KiDispatcherLock);

	Snapshot->State = Thread->Tcb.State;
	Snapshot->Reason = Thread->Tcb.WaitReason;
	Snapshot->Timed = Snapshot->State == Waiting && Thread->Tcb.TimerActive;
	Snapshot->InFileSystem = Thread->TopLevelIrp != 0;
	Snapshot->Object = Snapshot->State == Waiting && Thread->Tcb.WaitBlockList ? Thread->Tcb.WaitBlockList->Object : NULL;
	Snapshot->Switches = Thread->Tcb.ContextSwitches;
	KiUnlockBriefly(&KiDispatcherLock, enabled);
}

static BOOLEAN ControlIsInside(PVOID Address, PVOID Base, ULONG64 Size)
{
	return (ULONG64)Address - (ULONG64)Base < Size;
}

static BOOLEAN ControlIsDriversThread(PETHREAD Thread, PDRIVER_OBJECT Driver)
{
	return ControlIsInside(Thread->StartAddress, Driver->DriverStart, Driver->DriverSize);
}

/* The next thread of all processes; NULL begins and ends. *Process goes along, NULL at first. */
static PETHREAD ControlNextThread(PEPROCESS *Process, PETHREAD Thread)
{
	if (!*Process)
		*Process = PsGetNextProcess(NULL);
	while (*Process) {
		Thread = PsGetNextProcessThread(*Process, Thread);
		if (Thread)
			return Thread;
		*Process = PsGetNextProcess(*Process);
	}
	return NULL;
}

ULONG ControlCountThreads(PDRIVER_OBJECT Driver)
{
	PEPROCESS process = NULL;
	PETHREAD thread = NULL;
	ULONG count = 0;

	while ((thread = ControlNextThread(&process, thread)))
		count += ControlIsDriversThread(thread, Driver);
	return count;
}

/* Whose code the thread started in: a loaded module, or one that is gone, in the debuggers' spelling. */
static VOID ControlRowDriver(PCONTROL_REQUEST Request, PVOID Start)
{
	UNICODE_STRING name = { 0 };
	CHAR text[160] = "";
	ULONG written;

	for (PLIST_ENTRY link = PsLoadedModuleList.Flink; link != &PsLoadedModuleList && !name.Buffer; link = link->Flink) {
		PKLDR_DATA_TABLE_ENTRY entry = CONTAINING_RECORD(link, KLDR_DATA_TABLE_ENTRY, InLoadOrderLinks);

		if (ControlIsInside(Start, entry->DllBase, entry->SizeOfImage))
			name = entry->BaseDllName;
	}
	if (name.Buffer) {
		ControlRowString(Request, "driver", &name);
		return;
	}
	for (ULONG i = 0; MmUnloadedDrivers && i < MI_UNLOADED_DRIVERS; i++) {
		PUNLOADED_DRIVERS unloaded = &MmUnloadedDrivers[i];

		if (!unloaded->Name.Buffer ||
		    !ControlIsInside(Start, unloaded->StartAddress, (ULONG64)unloaded->EndAddress - (ULONG64)unloaded->StartAddress))
			continue;
		RtlUnicodeToUTF8N(text, sizeof(text) - 1, &written, unloaded->Name.Buffer, unloaded->Name.Length);
		text[written] = 0;
		break;
	}
	ControlRowField(Request, "driver", text[0] ? "<Unloaded_%s>" : "", text);
}

static VOID ControlThreadRow(PCONTROL_REQUEST Request, PETHREAD Thread)
{
	CONTROL_SNAPSHOT snapshot;

	ControlLook(Thread, &snapshot);
	ControlRowField(Request, "thread", "0x%I64x", (ULONG64)Thread);
	ControlRowField(Request, "pid", "0x%I64x", (ULONG64)Thread->Cid.UniqueProcess);
	ControlRowField(Request, "tid", "0x%I64x", (ULONG64)Thread->Cid.UniqueThread);
	ControlRowField(Request, "state", "%s", snapshot.State < RTL_NUMBER_OF(ControlStates) ? ControlStates[snapshot.State] : "?");
	ControlRowField(Request, "wait_reason", "%s", snapshot.Reason < RTL_NUMBER_OF(ControlReasons) ? ControlReasons[snapshot.Reason] : "?");
	ControlRowField(Request, "start", "0x%I64x", (ULONG64)Thread->StartAddress);
	ControlRowDriver(Request, Thread->StartAddress);
	ControlRowField(Request, "object", "0x%I64x", (ULONG64)snapshot.Object);
	ControlRowField(Request, "timeout", "%u", snapshot.Timed);
	ControlRowField(Request, "switches", "%u", snapshot.Switches);
	ControlRow(Request);
}

/* The driver that the request names; *Driver is NULL when it names none. */
static NTSTATUS ControlDriverField(PCONTROL_REQUEST Request, PDRIVER_OBJECT *Driver)
{
	UNICODE_STRING service;
	NTSTATUS status;

	*Driver = NULL;
	if (!ControlField(Request, "service"))
		return STATUS_SUCCESS;
	status = ControlStringField(Request, "service", &service);
	if (!NT_SUCCESS(status))
		return status;
	*Driver = IopFindDriver(&service);
	RtlFreeUnicodeString(&service);
	return *Driver ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
}

NTSTATUS ControlThreads(PCONTROL_REQUEST Request)
{
	PEPROCESS process = NULL;
	PETHREAD thread = NULL;
	PDRIVER_OBJECT driver;
	NTSTATUS status;

	status = ControlDriverField(Request, &driver);
	if (!NT_SUCCESS(status))
		return status;
	while ((thread = ControlNextThread(&process, thread)))
		if (!driver || ControlIsDriversThread(thread, driver))
			ControlThreadRow(Request, thread);
	if (driver)
		ObDereferenceObject(driver);
	return STATUS_SUCCESS;
}

/* Compares addresses only: what a thread waits for may be gone, with the driver it was in. */
static BOOLEAN ControlIsWaitedFor(PKTIMER Timer, PVOID Context)
{
	PKTHREAD thread = Context;

	for (ULONG i = 0; thread->State == Waiting && thread->WaitBlockList && i < thread->WaitBlockCount; i++)
		if (thread->WaitBlockList[i].Object == Timer)
			return TRUE;
	return FALSE;
}

static BOOLEAN ControlIsDriversTimer(PKTIMER Timer, PVOID Context)
{
	PDRIVER_OBJECT driver = Context;

	return Timer->Dpc && ControlIsInside((PVOID)Timer->Dpc->DeferredRoutine, driver->DriverStart, driver->DriverSize);
}

/*
 * Are all of the driver's threads in waits without time-out, which no timer will end either? One inside the file system waits for the host, and will go on.
 * *Switches sums up their context switches: as long as it changes, they are moving.
 */
static BOOLEAN ControlAllBlocked(PDRIVER_OBJECT Driver, PULONG Threads, PULONG64 Switches)
{
	PEPROCESS process = NULL;
	PETHREAD thread = NULL;
	BOOLEAN blocked = TRUE;

	*Threads = 0;
	*Switches = 0;
	while ((thread = ControlNextThread(&process, thread))) {
		CONTROL_SNAPSHOT snapshot;

		if (!ControlIsDriversThread(thread, Driver))
			continue;
		ControlLook(thread, &snapshot);
		if (snapshot.State == Terminated)
			continue;
		++*Threads;
		*Switches += snapshot.Switches;
		if (snapshot.State != Waiting || snapshot.Timed || snapshot.InFileSystem || KiIsTimerSet(ControlIsWaitedFor, &thread->Tcb))
			blocked = FALSE;
	}
	return blocked && !KiIsTimerSet(ControlIsDriversTimer, Driver);
}

/* Blocked at two looks in a row, without having run in between. */
NTSTATUS ControlWaitBlocked(PCONTROL_REQUEST Request)
{
	const CHAR *limit = ControlField(Request, "timeout_ms");
	LARGE_INTEGER interval = { .QuadPart = -CONTROL_LOOK };
	ULONG64 end, switches, before = 0;
	BOOLEAN was = FALSE, blocked;
	PDRIVER_OBJECT driver;
	NTSTATUS status;
	ULONG threads;

	if (!limit)
		return STATUS_INVALID_PARAMETER;
	status = ControlDriverField(Request, &driver);
	if (!NT_SUCCESS(status) || !driver)
		return NT_SUCCESS(status) ? STATUS_INVALID_PARAMETER : status;
	end = KeQueryInterruptTime() + (ULONG64)strtoul(limit, NULL, 0) * 10000;
	for (;;) {
		blocked = ControlAllBlocked(driver, &threads, &switches);
		if (blocked && (!threads || (was && switches == before)))
			break;
		was = blocked;
		before = switches;
		if (KeQueryInterruptTime() >= end) {
			status = STATUS_TIMEOUT;
			break;
		}
		KeDelayExecutionThread(KernelMode, FALSE, &interval);
	}
	ControlResult(Request, "threads", "%u", threads);
	ObDereferenceObject(driver);
	return status;
}
