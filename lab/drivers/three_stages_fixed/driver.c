/* The healthy twin of three_stages: a stage lets go of its own lock before it hands on under that of the next one. */
#include "../common/threads.h"

/* Exported by ntoskrnl.exe, but in no header of the DDK. */
NTKERNELAPI VOID FASTCALL ExfAcquirePushLockExclusive(PEX_PUSH_LOCK PushLock);
NTKERNELAPI VOID FASTCALL ExfReleasePushLockExclusive(PEX_PUSH_LOCK PushLock);

DRIVER_INITIALIZE DriverEntry;

#define ROUNDS 1000

static KMUTEX Input;
static FAST_MUTEX Cache;
static EX_PUSH_LOCK Output;
static ULONG Read, Translated, Written;
static THREADS Threads;

static VOID CountInput(VOID)
{
	KeWaitForSingleObject(&Input, Executive, KernelMode, FALSE, NULL);
	Read++;
	KeReleaseMutex(&Input, FALSE);
}

static VOID CountCache(VOID)
{
	ExAcquireFastMutex(&Cache);
	Translated++;
	ExReleaseFastMutex(&Cache);
}

static VOID CountOutput(VOID)
{
	KeEnterCriticalRegion();
	ExfAcquirePushLockExclusive(&Output);
	Written++;
	ExfReleasePushLockExclusive(&Output);
	KeLeaveCriticalRegion();
}

static VOID ReadStage(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	for (ULONG i = 0; i < ROUNDS; i++) {
		CountInput();
		CountCache();
	}
}

static VOID TranslateStage(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	for (ULONG i = 0; i < ROUNDS; i++) {
		CountCache();
		CountOutput();
	}
}

static VOID WriteStage(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	for (ULONG i = 0; i < ROUNDS; i++) {
		CountOutput();
		CountInput();
	}
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
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
