/* The healthy twin of buffer_pool: a copy that cannot have both buffers at once gives back the one it has, and tries again. */
#include "../common/threads.h"

#define BUFFERS 2
#define COPIES  100

static KSEMAPHORE Free; /* a permit for each buffer */
static volatile LONG Copied;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

static BOOLEAN TryBoth(VOID)
{
	LARGE_INTEGER Short = { .QuadPart = -10000 };

	KeWaitForSingleObject(&Free, Executive, KernelMode, FALSE, NULL);
	if (KeWaitForSingleObject(&Free, Executive, KernelMode, FALSE, &Short) == STATUS_SUCCESS)
		return TRUE;
	KeReleaseSemaphore(&Free, IO_NO_INCREMENT, 1, FALSE);
	return FALSE;
}

static VOID CopyThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	for (ULONG i = 0; i < COPIES; i++) {
		while (!TryBoth())
			continue;
		InterlockedIncrement(&Copied);
		KeReleaseSemaphore(&Free, IO_NO_INCREMENT, 2, FALSE);
	}
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	JoinThreads(&Threads);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { CopyThread, CopyThread };

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	KeInitializeSemaphore(&Free, BUFFERS, BUFFERS);
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
