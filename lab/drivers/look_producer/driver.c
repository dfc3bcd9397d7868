/* Looks like a hang, but is none: a bounded buffer that is full, since what is taken out of it takes long to use up. */
#include "../common/threads.h"

#define ROOM 4

static KSEMAPHORE Room, Filled;
static volatile LONG Stop;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

static VOID ProduceThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	while (!Stop) {
		KeWaitForSingleObject(&Room, Executive, KernelMode, FALSE, NULL);
		KeReleaseSemaphore(&Filled, IO_NO_INCREMENT, 1, FALSE);
	}
}

/* Goes on a little longer than the producer, which may be waiting for room. */
static VOID ConsumeThread(PVOID Context)
{
	LARGE_INTEGER Work = { .QuadPart = -5 * 10000 };

	UNREFERENCED_PARAMETER(Context);
	for (ULONG Left = ROOM; Left; Left -= Stop ? 1 : 0) {
		KeWaitForSingleObject(&Filled, Executive, KernelMode, FALSE, NULL);
		KeDelayExecutionThread(KernelMode, FALSE, &Work);
		KeReleaseSemaphore(&Room, IO_NO_INCREMENT, 1, FALSE);
	}
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	Stop = TRUE;
	JoinThreads(&Threads);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { ProduceThread, ConsumeThread };

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	KeInitializeSemaphore(&Room, ROOM, ROOM);
	KeInitializeSemaphore(&Filled, 0, ROOM);
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
