/* A pipeline of three stages: each works under its own lock and hands on under the lock of the next one, the last one to the first. */
#include "../common/threads.h"

/* Exported by ntoskrnl.exe, but in no header of the DDK. */
NTKERNELAPI VOID FASTCALL ExfAcquirePushLockExclusive(PEX_PUSH_LOCK PushLock);
NTKERNELAPI VOID FASTCALL ExfReleasePushLockExclusive(PEX_PUSH_LOCK PushLock);

DRIVER_INITIALIZE DriverEntry;

static KMUTEX Input;
static FAST_MUTEX Cache;
static EX_PUSH_LOCK Output;
static volatile LONG Ready; /* stages that hold their lock */
static KEVENT AllReady;
static THREADS Threads;

/* Every stage has begun before one of them hands on. */
static VOID Begin(VOID)
{
	if (InterlockedIncrement(&Ready) == 3)
		KeSetEvent(&AllReady, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(&AllReady, Executive, KernelMode, FALSE, NULL);
}

static VOID ReadStage(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Input, Executive, KernelMode, FALSE, NULL);
	Begin();
	ExAcquireFastMutex(&Cache); /* [A] */
	ExReleaseFastMutex(&Cache);
	KeReleaseMutex(&Input, FALSE);
}

static VOID TranslateStage(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	ExAcquireFastMutex(&Cache);
	Begin();
	ExfAcquirePushLockExclusive(&Output); /* [B] */
	ExfReleasePushLockExclusive(&Output);
	ExReleaseFastMutex(&Cache);
}

static VOID WriteStage(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeEnterCriticalRegion();
	ExfAcquirePushLockExclusive(&Output);
	Begin();
	KeWaitForSingleObject(&Input, Executive, KernelMode, FALSE, NULL); /* [C] */
	KeReleaseMutex(&Input, FALSE);
	ExfReleasePushLockExclusive(&Output);
	KeLeaveCriticalRegion();
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	JoinThreads(&Threads);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { ReadStage, TranslateStage, WriteStage };

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	KeInitializeMutex(&Input, 0);
	ExInitializeFastMutex(&Cache);
	KeInitializeEvent(&AllReady, NotificationEvent, FALSE);
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
