/* Process objects: making them, their exit, and their deletion when the last reference goes. Threads are thread.c's. */
#include "psp.h"

#define PSP_AUDIT_TAG             'nPeS' /* "SePn" */
#define PSP_BASE_PRIORITY         8
#define PSP_PRIORITY_CLASS_NORMAL 2

LIST_ENTRY PsActiveProcessHead = { &PsActiveProcessHead, &PsActiveProcessHead };
static EX_PUSH_LOCK PspActiveProcessLock;
PEPROCESS PsInitialSystemProcess;
PEPROCESS PsIdleProcess;
POBJECT_TYPE PsProcessType;

VOID PspLockProcessList(VOID)
{
	KeEnterCriticalRegion();
	ExfAcquirePushLockExclusive(&PspActiveProcessLock);
}

VOID PspUnlockProcessList(VOID)
{
	ExfReleasePushLockExclusive(&PspActiveProcessLock);
	KeLeaveCriticalRegion();
}

/* The last component of the path, as much of it as EPROCESS holds, in ASCII as on Windows. */
static VOID PspSetImageFileName(PEPROCESS process, PCUNICODE_STRING path)
{
	USHORT units = path->Length / sizeof(WCHAR);
	USHORT start = units;
	ULONG i;

	while (start > 0 && path->Buffer[start - 1] != L'\\')
		start--;
	for (i = 0; i + 1 < sizeof(process->ImageFileName) && start + i < units; i++)
		process->ImageFileName[i] = (UCHAR)path->Buffer[start + i];
	process->ImageFileName[i] = 0;
}

static NTSTATUS PspSetAuditName(PEPROCESS process, PCUNICODE_STRING path)
{
	SIZE_T size = sizeof(OBJECT_NAME_INFORMATION) + path->Length + sizeof(WCHAR);
	POBJECT_NAME_INFORMATION name = ExAllocatePoolWithTag(NonPagedPool, size, PSP_AUDIT_TAG);

	if (name == NULL)
		return STATUS_INSUFFICIENT_RESOURCES;
	name->Name.Buffer = (PWSTR)(name + 1);
	name->Name.Length = path->Length;
	name->Name.MaximumLength = path->Length + (USHORT)sizeof(WCHAR);
	memcpy(name->Name.Buffer, path->Buffer, path->Length);
	name->Name.Buffer[path->Length / sizeof(WCHAR)] = 0;
	process->SeAuditProcessCreationInfo.ImageFileName = name;
	return STATUS_SUCCESS;
}

/*
 * Fields of a fresh, zeroed EPROCESS. Token stays NULL: the lab has no security reference monitor, and no code runs that one could
 * refuse anything. There is no user address space either: Peb, VADs and working set are empty, and the page tables are the kernel's.
 */
static VOID PspInitializeProcess(PEPROCESS process, PEPROCESS parent)
{
	PLIST_ENTRY lists[] = { &process->ThreadListHead,
				&process->ActiveProcessLinks,
				&process->SessionProcessLinks,
				&process->MmProcessLinks,
				&process->JobLinks,
				&process->TimerResolutionLink,
				&process->SharedCommitLinks,
				&process->VirtualTimerListHead,
				&process->AlpcContext.ViewListHead,
				&process->SvmProcessDeviceListHead };

	for (ULONG i = 0; i < RTL_NUMBER_OF(lists); i++)
		InitializeListHead(lists[i]);
	ExInitializeRundownProtection(&process->RundownProtect);
	KeInitializeProcess(&process->Pcb, PSP_BASE_PRIORITY, KeQueryActiveProcessors(), KiInitialProcess.Pcb.DirectoryTableBase, FALSE);
	process->InheritedFromUniqueProcessId = parent != NULL ? parent->UniqueProcessId : NULL;
	process->ExitStatus = STATUS_PENDING;
	process->PriorityClass = PSP_PRIORITY_CLASS_NORMAL;
	process->Minimal = 1;
	KeQuerySystemTime(&process->CreateTime);
	process->CreateInterruptTime = KeQueryInterruptTime();
	process->CreateUnbiasedInterruptTime = KeQueryUnbiasedInterruptTime();
}

static VOID PspInsertProcess(PEPROCESS process)
{
	PspLockProcessList();
	InsertTailList(&PsActiveProcessHead, &process->ActiveProcessLinks);
	__atomic_or_fetch(&process->Flags, PS_PROCESS_FLAGS_PROCESS_INSERTED, __ATOMIC_RELEASE);
	PspUnlockProcessList();
}

/* table: handles; NULL makes one. */
static NTSTATUS PspMakeProcess(PEPROCESS parent, PCUNICODE_STRING name, PHANDLE_TABLE table, PEPROCESS *result)
{
	PEPROCESS process;
	NTSTATUS status;

	*result = NULL;
	status = ObCreateObject(KernelMode, PsProcessType, NULL, KernelMode, NULL, sizeof(*process), 0, 0, (PVOID *)&process);
	if (!NT_SUCCESS(status))
		return status;
	ObDeleteCapturedInsertInfo(process);
	OBJECT_TO_OBJECT_HEADER(process)->NewObject = 0;
	PspInitializeProcess(process, parent);
	PspSetImageFileName(process, name);
	status = PspSetAuditName(process, name);
	if (NT_SUCCESS(status)) {
		process->UniqueProcessId = PspAllocateCid(process);
		process->OwnerProcessId = (ULONG64)process->InheritedFromUniqueProcessId;
		process->ObjectTable = table != NULL ? table : ExCreateHandleTable(process);
		if (process->UniqueProcessId == NULL || process->ObjectTable == NULL)
			status = STATUS_INSUFFICIENT_RESOURCES;
	}
	if (!NT_SUCCESS(status)) {
		ObfDereferenceObject(process);
		return status;
	}
	PspInsertProcess(process);
	*result = process;
	return STATUS_SUCCESS;
}

NTSTATUS PspCreateProcess(PEPROCESS Parent, PCUNICODE_STRING ImageFileName, PEPROCESS *Process)
{
	return PspMakeProcess(Parent, ImageFileName, NULL, Process);
}

/*
 * A process that runs in kernel mode only, as System does: the threads that PsCreateSystemThread makes in it are all of it, and it ends with the last
 * of them. It has no image and so no name. Of ObjectAttributes the OBJ_ flags count.
 */
NTSTATUS PsCreateSystemProcess(PHANDLE ProcessHandle, ULONG DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
	UNICODE_STRING none = { 0 };
	PEPROCESS process;
	NTSTATUS status = PspCreateProcess(PsInitialSystemProcess, &none, &process);

	*ProcessHandle = NULL;
	if (!NT_SUCCESS(status))
		return status;
	status = ObOpenObjectByPointer(process, ObjectAttributes != NULL ? ObjectAttributes->Attributes : 0, NULL, DesiredAccess, PsProcessType,
				       KernelMode, ProcessHandle);
	if (!NT_SUCCESS(status))
		PspExitProcess(process, status);
	ObfDereferenceObject(process);
	return status;
}

NTSTATUS PspCreateSystemProcess(PHANDLE_TABLE table)
{
	UNICODE_STRING name;
	NTSTATUS status;

	RtlInitUnicodeString(&name, L"System");
	status = PspMakeProcess(NULL, &name, table, &PsInitialSystemProcess);
	if (!NT_SUCCESS(status))
		return status;
	PsInitialSystemProcess->SystemProcess = 1;
	PsInitialSystemProcess->OwnerProcessId = (ULONG64)PsInitialSystemProcess->UniqueProcessId;
	table->QuotaProcess = PsInitialSystemProcess;
	table->UniqueProcessId = (ULONG)(ULONG64)PsInitialSystemProcess->UniqueProcessId;
	return STATUS_SUCCESS;
}

VOID PspExitProcess(PEPROCESS Process, NTSTATUS ExitStatus)
{
	ULONG before = __atomic_fetch_or(&Process->Flags, PS_PROCESS_FLAGS_PROCESS_EXITING | PS_PROCESS_FLAGS_PROCESS_DELETE, __ATOMIC_ACQ_REL);

	if (before & PS_PROCESS_FLAGS_PROCESS_DELETE)
		return;
	Process->ExitStatus = ExitStatus;
	KeQuerySystemTime(&Process->ExitTime);
	ExWaitForRundownProtectionRelease(&Process->RundownProtect);
	ObKillProcess(Process);
	KeSetProcess(&Process->Pcb, 0);
}

/* Of the Process type: nobody refers to the process any more, so no thread of it exists. */
VOID PspProcessDelete(PVOID object)
{
	PEPROCESS process = object;

	if (process->Flags & PS_PROCESS_FLAGS_PROCESS_INSERTED) {
		PspLockProcessList();
		RemoveEntryList(&process->ActiveProcessLinks);
		PspUnlockProcessList();
	}
	PspFreeCid(process->UniqueProcessId);
	ObKillProcess(process);
	if (process->SeAuditProcessCreationInfo.ImageFileName != NULL)
		ExFreePoolWithTag(process->SeAuditProcessCreationInfo.ImageFileName, PSP_AUDIT_TAG);
	KeDeleteProcess(&process->Pcb);
}
