/* Makes processes that end in different ways: two that ended while a handle to them is open (zombies), one that ended and is gone, one that runs until
 * the driver is unloaded. tests/e2e/processes.sh looks at them from outside.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;

/* Exported by ntoskrnl.exe, but in no header of the DDK. */
NTKERNELAPI NTSTATUS NTAPI PsCreateSystemProcess(PHANDLE ProcessHandle, ULONG DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);
NTKERNELAPI NTSTATUS NTAPI PsGetProcessExitStatus(PEPROCESS Process);

#define EXIT_STATUS ((NTSTATUS)0xc0000123) /* STATUS_FILE_DELETED, as good as any */

static HANDLE Zombies[2], Running;
static KEVENT Stop;

static VOID EndingThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	PsTerminateSystemThread(EXIT_STATUS);
}

static VOID RunningThread(PVOID Context)
{
	KeWaitForSingleObject(Context, Executive, KernelMode, FALSE, NULL);
	PsTerminateSystemThread(STATUS_SUCCESS);
}

/* The driver's code must be there until the thread is out of it: waits for the thread itself. */
static PETHREAD MakeProcess(PHANDLE Process, PKSTART_ROUTINE Routine, PVOID Context)
{
	HANDLE Handle;
	PETHREAD Thread = NULL;

	CHECK_STATUS(PsCreateSystemProcess(Process, PROCESS_ALL_ACCESS, NULL), STATUS_SUCCESS);
	CHECK_STATUS(PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, *Process, NULL, Routine, Context), STATUS_SUCCESS);
	CHECK_STATUS(ObReferenceObjectByHandle(Handle, THREAD_ALL_ACCESS, *PsThreadType, KernelMode, (PVOID *)&Thread, NULL), STATUS_SUCCESS);
	ZwClose(Handle);
	return Thread;
}

static VOID MakeEnded(PHANDLE Process)
{
	PETHREAD Thread = MakeProcess(Process, EndingThread, NULL);
	PEPROCESS Object;

	KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, NULL);
	CHECK(PsIsThreadTerminating(Thread));
	ObDereferenceObject(Thread);
	/* A process is signalled when its last thread has ended. */
	CHECK_STATUS(ObReferenceObjectByHandle(*Process, SYNCHRONIZE, *PsProcessType, KernelMode, (PVOID *)&Object, NULL), STATUS_SUCCESS);
	CHECK_STATUS(KeWaitForSingleObject(Object, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
	CHECK_STATUS(PsGetProcessExitStatus(Object), EXIT_STATUS);
	ObDereferenceObject(Object);
}

static PETHREAD RunningThreadObject;

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	KeSetEvent(&Stop, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(RunningThreadObject, Executive, KernelMode, FALSE, NULL);
	ObDereferenceObject(RunningThreadObject);
	ZwClose(Running);
	ZwClose(Zombies[0]);
	ZwClose(Zombies[1]);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	HANDLE Gone, Late, Thread;

	UNREFERENCED_PARAMETER(RegistryPath);
	KeInitializeEvent(&Stop, NotificationEvent, FALSE);
	MakeEnded(&Zombies[0]);
	MakeEnded(&Zombies[1]);
	MakeEnded(&Gone);
	/* Nothing runs any more in a process that has ended. */
	CHECK_STATUS(PsCreateSystemThread(&Late, THREAD_ALL_ACCESS, NULL, Gone, NULL, EndingThread, NULL), STATUS_PROCESS_IS_TERMINATING);
	CHECK_STATUS(PsCreateSystemThread(&Thread, THREAD_ALL_ACCESS, NULL, (HANDLE)0x7ffc, NULL, EndingThread, NULL), STATUS_INVALID_HANDLE);
	ZwClose(Gone);
	RunningThreadObject = MakeProcess(&Running, RunningThread, &Stop);
	DriverObject->DriverUnload = Unload;
	return CheckResult("processes");
}
