/* Breaks one rule of the synchronization family, the one that the service is called after, and so ends the machine. */
#include <ntifs.h>

DRIVER_INITIALIZE DriverEntry;

NTKERNELAPI VOID NTAPI ExAcquirePushLockExclusiveEx(PEX_PUSH_LOCK PushLock, ULONG Flags);
NTKERNELAPI VOID NTAPI ExReleasePushLockExclusiveEx(PEX_PUSH_LOCK PushLock, ULONG Flags);

static KMUTEX Mutex;
static KEVENT Never;
static ERESOURCE Resource;
static FAST_MUTEX FastMutex;
static EX_PUSH_LOCK PushLock;

static VOID Wait(VOID)
{
	KeWaitForSingleObject(&Never, Executive, KernelMode, FALSE, NULL);
}

static VOID RunThread(PKSTART_ROUTINE Routine)
{
	HANDLE Handle;

	if (NT_SUCCESS(PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, Routine, NULL)))
		Wait();
}

static VOID ReleaseMutex(VOID)
{
	KeReleaseMutex(&Mutex, FALSE);
}

static VOID OverReleaseSemaphore(VOID)
{
	KSEMAPHORE Semaphore;

	KeInitializeSemaphore(&Semaphore, 1, 1);
	KeReleaseSemaphore(&Semaphore, IO_NO_INCREMENT, 1, FALSE);
}

static VOID ReleaseResource(VOID)
{
	KeEnterCriticalRegion();
	ExReleaseResourceLite(&Resource);
}

static VOID ReleaseFastMutex(VOID)
{
	ExReleaseFastMutex(&FastMutex);
}

static VOID ReleasePushLock(VOID)
{
	ExReleasePushLockExclusiveEx(&PushLock, 0);
}

static VOID LeakThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeEnterCriticalRegion();
	ExAcquirePushLockExclusiveEx(&PushLock, 0);
	KeLeaveCriticalRegion();
}

static VOID LeakPushLock(VOID)
{
	RunThread(LeakThread);
}

static VOID CriticalThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeEnterCriticalRegion();
	ExAcquireResourceExclusiveLite(&Resource, TRUE);
}

static VOID ExitInCriticalRegion(VOID)
{
	RunThread(CriticalThread);
}

static VOID MutexWork(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Mutex, Executive, KernelMode, FALSE, NULL);
}

static VOID KeepMutexInWorkItem(VOID)
{
	static WORK_QUEUE_ITEM Item;

	ExInitializeWorkItem(&Item, MutexWork, NULL);
	ExQueueWorkItem(&Item, DelayedWorkQueue);
	Wait();
}

static VOID WaitAtDispatch(VOID)
{
	KIRQL Irql;

	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	Wait();
}

static VOID WaitingDpc(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(Context);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	Wait();
}

static VOID WaitInDpc(VOID)
{
	static KDPC Dpc;

	KeInitializeDpc(&Dpc, WaitingDpc, NULL);
	KeInsertQueueDpc(&Dpc, NULL, NULL);
	Wait();
}

static const struct {
	PCWSTR Name;
	VOID (*Break)(VOID);
} Rules[] = {
	{ L"mutex", ReleaseMutex },
	{ L"semaphore", OverReleaseSemaphore },
	{ L"resource", ReleaseResource },
	{ L"fastmutex", ReleaseFastMutex },
	{ L"pushlock", ReleasePushLock },
	{ L"leak", LeakPushLock },
	{ L"critical", ExitInCriticalRegion },
	{ L"workitem", KeepMutexInWorkItem },
	{ L"dispatch", WaitAtDispatch },
	{ L"dpc", WaitInDpc },
};

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(DriverObject);
	KeInitializeMutex(&Mutex, 0);
	KeInitializeEvent(&Never, NotificationEvent, FALSE);
	ExInitializeResourceLite(&Resource);
	ExInitializeFastMutex(&FastMutex);
	for (ULONG i = 0; i < RTL_NUMBER_OF(Rules); i++) {
		UNICODE_STRING Name, End;

		RtlInitUnicodeString(&Name, Rules[i].Name);
		if (RegistryPath->Length < Name.Length)
			continue;
		End = (UNICODE_STRING){ Name.Length, Name.Length, RegistryPath->Buffer + (RegistryPath->Length - Name.Length) / sizeof(WCHAR) };
		if (RegistryPath->Buffer[(RegistryPath->Length - Name.Length) / sizeof(WCHAR) - 1] == L'\\' &&
		    RtlEqualUnicodeString(&Name, &End, TRUE))
			Rules[i].Break();
	}
	return STATUS_INVALID_PARAMETER;
}
